/*
 * What the type checker lets pass and what is wrong all the same: calls whose
 * promise nobody waits for.
 */
#include "isolate/preparation.h"

#include "base/json.h"
#include "isolate/bindings.h"

#define LINTS_MAX 32

struct lint_list {
    struct preparation *p;
    struct buf *out;
    struct name_set declared; /* names that the script gives a meaning of its own */
    unsigned count;
};

static void write_lint(
    struct lint_list *list, const char *rule, struct node at, struct span name, const char *message)
{
    struct text_position start = text_position(list->p->code, node_start(at));
    struct text_position end = text_position(list->p->code, node_end(at));
    struct buf *out = list->out;

    if (++list->count > LINTS_MAX)
        return;
    json_write_comma(out);
    buf_add_char(out, '{');
    json_write_member_string(out, "rule", span_of(rule));
    json_write_member_int(out, "line", start.line);
    json_write_member_int(out, "column", start.column);
    json_write_member_int(out, "end_column",
                          start.line == end.line ? end.column : start.column + 1);
    json_write_member_string(out, "name", name);
    json_write_member_string(out, "message", span_of(message));
    buf_add_char(out, '}');
}

/* The innermost callee of a chain such as a.b(...).then(...): the node of `a.b`; none when the
 * chain does not begin with a member of a plain name. */
static struct node first_callee(struct node call)
{
    struct node none = NO_NODE, node = call, callee = none;

    for (;;) {
        enum kind kind = node_kind(node);

        if (kind == KIND_CALL) {
            node = node_field(node, "function");
            callee = node;
        } else if (kind == KIND_MEMBER || kind == KIND_SUBSCRIPT) {
            struct node object =
                kind == KIND_NON_NULL ? node_named_child(node, 0) : node_field(node, "object");

            if (node_exists(object) && node_kind(object) == KIND_IDENTIFIER)
                return node_exists(callee) && node_same(callee, node) ? node : none;
            node = object;
        } else {
            return none;
        }
        if (!node_exists(node))
            return none;
    }
}

/* `server.tool({...});` as a statement: nobody sees whether it worked. */
static void lint_floating(struct lint_list *list, struct node statement)
{
    struct node call = node_named_child(statement, 0);
    struct node callee, object;

    if (node_kind(call) != KIND_CALL)
        return;
    callee = first_callee(call);
    if (!node_exists(callee))
        return;
    object = node_field(callee, "object");
    if (name_set_has(&list->declared, node_text(object, list->p->code)))
        return;
    write_lint(
        list, "floating-call", call, node_text(callee, list->p->code),
        "this call is not awaited: the script may end before it does, and its error is lost");
}

static bool is_async(struct node function)
{
    enum kind kind = node_kind(function);

    return (kind == KIND_ARROW || kind == KIND_FUNCTION_EXPRESSION) &&
           node_has(function, KIND_WORD_ASYNC);
}

/* list.forEach(async ...): forEach ignores the promises it gets. */
static void lint_for_each(struct lint_list *list, struct node call)
{
    struct node function = node_field(call, "function"), arguments = node_field(call, "arguments");
    struct node property;

    if (!node_exists(function) || node_kind(function) != KIND_MEMBER || !node_exists(arguments) ||
        node_named_count(arguments) == 0)
        return;
    property = node_field(function, "property");
    if (!node_exists(property) || !span_is(node_text(property, list->p->code), "forEach") ||
        !is_async(node_named_child(arguments, 0)))
        return;
    write_lint(list, "async-for-each", property, SPAN("forEach"),
               "forEach does not wait for an async function: use for (const x of list), or await "
               "Promise.all(list.map(async ...))");
}

static bool only_names(struct node sequence)
{
    CLEANUP(children) struct children it = children_of(sequence);

    while (children_next(&it)) {
        if (it.kind != KIND_IDENTIFIER && it.kind != KIND_COMMA && it.kind != KIND_SEQUENCE)
            return false;
    }
    return true;
}

/* True for `{ a, b }` as a statement: an object was meant, but it is a block. */
static bool looks_like_object(struct node block)
{
    struct node statement, expression;

    if (node_named_count(block) != 1)
        return false;
    statement = node_named_child(block, 0);
    if (node_kind(statement) != KIND_EXPRESSION_STATEMENT)
        return false;
    expression = node_named_child(statement, 0);
    if (node_kind(expression) == KIND_IDENTIFIER)
        return true;
    if (node_kind(expression) != KIND_SEQUENCE)
        return false;
    return only_names(expression);
}

/* The code ends with a block that was meant as its result. */
static void lint_last(struct lint_list *list)
{
    uint32_t count = node_named_count(list->p->root);
    struct node last;

    if (count == 0)
        return;
    last = node_named_child(list->p->root, count - 1);
    if (node_kind(last) == KIND_STATEMENT_BLOCK && looks_like_object(last))
        write_lint(list, "block-result", last, SPAN_NONE,
                   "this is a block, not an object: write return { ... } or ({ ... })");
}

void find_lints(struct preparation *p, struct buf *out)
{
    struct lint_list list = { .p = p, .out = out };
    CLEANUP(walk) struct walk walk = walk_of(p->root);

    bound_names(p->root, p->code, &list.declared);
    buf_add_char(out, '[');
    while (list.count < LINTS_MAX && walk_next(&walk)) {
        if (walk.kind == KIND_CALL)
            lint_for_each(&list, walk.node);
        else if (walk.kind == KIND_EXPRESSION_STATEMENT &&
                 (!node_exists(p->result) || !node_same(walk.node, p->result)))
            lint_floating(&list, walk.node);
    }
    lint_last(&list);
    buf_add_char(out, ']');
    name_set_done(&list.declared);
}

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

/* The object of a member: of `a.b`, `a["b"]`, `a!`. */
static struct node object_of(struct node node)
{
    return node_kind(node) == KIND_NON_NULL ? node_named_child(node, 0)
                                            : node_field(node, "object");
}

/* The innermost callee of a chain such as a.b(...).then(...): the node of `a.b`; none when the
 * chain does not begin with a member of a plain name. */
static struct node first_callee(struct node node)
{
    struct node callee = NO_NODE;

    for (;;) {
        enum kind kind = node_kind(node);

        if (kind == KIND_CALL) {
            node = node_field(node, "function");
            callee = node;
        } else if (kind == KIND_MEMBER || kind == KIND_SUBSCRIPT || kind == KIND_NON_NULL) {
            if (node_kind(object_of(node)) == KIND_IDENTIFIER)
                return node_same(callee, node) ? node : NO_NODE;
            node = object_of(node);
        } else {
            return NO_NODE;
        }
    }
}

/* The callee `server.tool` of a call or a chain that begins with one, unless the script means
 * something of its own by `server`. */
static struct node tool_callee(struct lint_list *list, struct node call)
{
    struct node callee = node_kind(call) == KIND_CALL ? first_callee(call) : NO_NODE;

    if (name_set_has(&list->declared, node_text(object_of(callee), list->p->code)))
        return NO_NODE;
    return callee;
}

/* The name of the method that a call calls, such as `map`; empty when it calls none. */
static struct span method_of(struct lint_list *list, struct node call)
{
    struct node function = node_field(call, "function");

    if (node_kind(call) != KIND_CALL || node_kind(function) != KIND_MEMBER)
        return SPAN_NONE;
    return node_text(node_field(function, "property"), list->p->code);
}

static bool is_one_of(struct span name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (span_is(name, names[i]))
            return true;
    }
    return false;
}

static struct node first_argument(struct node call)
{
    return node_named_child(node_field(call, "arguments"), 0);
}

static bool is_async(struct node function)
{
    enum kind kind = node_kind(function);

    return (kind == KIND_ARROW || kind == KIND_FUNCTION_EXPRESSION) &&
           node_has(function, KIND_WORD_ASYNC);
}

/* Promise.all([...]) and its like, also with .then(...) behind. */
static bool makes_joint_promise(struct lint_list *list, struct node call)
{
    static const char *const joints[] = { "all", "allSettled", "any", "race" };
    struct node callee = first_callee(call);

    return span_is(node_text(object_of(callee), list->p->code), "Promise") &&
           is_one_of(node_text(node_field(callee, "property"), list->p->code), joints,
                     ARRAY_COUNT(joints));
}

/* Methods that only give a new value, called with a function that only gives a value. */
static bool is_unused_result(struct lint_list *list, struct node call)
{
    struct node function = first_argument(call);

    return span_is(method_of(list, call), "filter") && node_kind(function) == KIND_ARROW &&
           node_kind(node_field(function, "body")) == KIND_BINARY;
}

/* A call that stands as a statement. */
static void lint_statement(struct lint_list *list, struct node statement)
{
    struct node call = node_named_child(statement, 0);
    struct node callee = tool_callee(list, call);
    struct span method = method_of(list, call);

    if (makes_joint_promise(list, call))
        write_lint(list, "floating-promise", call, SPAN("Promise"),
                   "this promise is not awaited: the script may end before the calls in it do, and "
                   "their errors are lost; put await before it");
    else if (span_is(method, "map") && is_async(first_argument(call)))
        write_lint(list, "async-map", node_field(node_field(call, "function"), "property"), method,
                   "the promises that this makes are not awaited: write await "
                   "Promise.all(list.map(async ...)), or for (const x of list)");
    else if (is_unused_result(list, call))
        write_lint(
            list, "unused-result", call, method,
            "filter does not change the list, and its result is not used: write const some = "
            "list.filter(...)");
    else if (node_exists(callee))
        write_lint(
            list, "floating-call", call, node_text(callee, list->p->code),
            "this call is not awaited: the script may end before it does, and its error is lost");
}

/* list.forEach(...) with a function that makes promises: forEach ignores them. */
static void lint_for_each(struct lint_list *list, struct node call)
{
    struct node function = first_argument(call);
    struct node property = node_field(node_field(call, "function"), "property");
    struct node callee = tool_callee(list, node_field(function, "body"));
    static const char advice[] =
        "forEach does not wait for an async function: use for (const x of list), or await "
        "Promise.all(list.map(async ...))";

    if (!span_is(method_of(list, call), "forEach"))
        return;
    if (is_async(function))
        write_lint(list, "async-for-each", property, SPAN("forEach"), advice);
    else if (node_kind(function) == KIND_ARROW && node_exists(callee))
        write_lint(list, "floating-call", property, node_text(callee, list->p->code), advice);
}

/* list.filter(async ...): the promise that the function gives counts as true. */
static void lint_async_test(struct lint_list *list, struct node call)
{
    static const char *const methods[] = { "filter", "find",  "findIndex", "findLast",
                                           "some",   "every", "sort",      "toSorted" };

    if (is_one_of(method_of(list, call), methods, ARRAY_COUNT(methods)) &&
        is_async(first_argument(call)))
        write_lint(list, "async-test", node_field(node_field(call, "function"), "property"),
                   method_of(list, call),
                   "this does not wait for an async function, whose promise always counts as true: "
                   "await the answers first, by await Promise.all(list.map(async ...))");
}

/* JSON.stringify(...), console.log(...), String(...): they take a promise for a value. */
static bool takes_values(struct lint_list *list, struct node call)
{
    struct node function = node_field(call, "function");
    struct span text = node_text(function, list->p->code);

    return span_is(text, "JSON.stringify") || span_is(text, "String") ||
           (node_kind(function) == KIND_MEMBER && span_starts_with(text, SPAN("console.")));
}

static bool is_function(enum kind kind)
{
    return kind == KIND_ARROW || kind == KIND_FUNCTION_EXPRESSION || kind == KIND_METHOD ||
           kind == KIND_FUNCTION_DECLARATION || kind == KIND_GENERATOR ||
           kind == KIND_GENERATOR_DECLARATION;
}

/* True for what gives the script's result, not that of a function within it. */
static bool is_result(struct lint_list *list, struct node statement)
{
    bool in_function = !span_is(span_of(list->p->form), "statements");
    unsigned functions = 0;

    if (node_same(statement, list->p->result))
        return true;
    if (node_kind(statement) != KIND_RETURN)
        return false;
    for (; node_exists(statement); statement = node_parent(statement))
        functions += is_function(node_kind(statement));
    return functions <= in_function;
}

/* True when the value of a node ends up as text or in the result as it is, so that a promise there
 * shows as nothing. */
static bool is_shown(struct lint_list *list, struct node node)
{
    bool within = false; /* in an object or a list */
    enum kind kind;

    for (;;) {
        node = node_parent(node);
        kind = node_kind(node);
        within = within || kind == KIND_PAIR || kind == KIND_ARRAY;
        if (kind != KIND_PARENTHESIZED && kind != KIND_PAIR && kind != KIND_OBJECT &&
            kind != KIND_ARRAY)
            break;
    }
    if (kind == KIND_TEMPLATE_SUBSTITUTION)
        return true;
    if (kind == KIND_BINARY)
        return !within && node_has(node, KIND_PLUS);
    if (kind == KIND_ARGUMENTS)
        return takes_values(list, node_parent(node));
    return within && is_result(list, node);
}

/* The promise of a call where its value was meant. */
static void lint_shown(struct lint_list *list, struct node call)
{
    struct node callee = tool_callee(list, call);

    if (node_exists(callee) && is_shown(list, call))
        write_lint(
            list, "floating-call", call, node_text(callee, list->p->code),
            "this call is not awaited: here stands its promise, which shows as {} or [object "
            "Promise]; put await before it");
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

static void lint_call(struct lint_list *list, struct node call)
{
    lint_for_each(list, call);
    lint_async_test(list, call);
    lint_shown(list, call);
}

void find_lints(struct preparation *p, struct buf *out)
{
    struct lint_list list = { .p = p, .out = out };
    CLEANUP(walk) struct walk walk = walk_of(p->root);

    bound_names(p->root, p->code, &list.declared);
    buf_add_char(out, '[');
    while (list.count < LINTS_MAX && walk_next(&walk)) {
        if (walk.kind == KIND_CALL)
            lint_call(&list, walk.node);
        else if (walk.kind == KIND_EXPRESSION_STATEMENT &&
                 (!node_exists(p->result) || !node_same(walk.node, p->result)))
            lint_statement(&list, walk.node);
    }
    lint_last(&list);
    buf_add_char(out, ']');
    name_set_done(&list.declared);
}

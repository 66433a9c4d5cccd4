/*
 * The form of the code, and what its result is.
 *
 * Statements keep their place; the last expression gets `return (` at the end
 * of the line before it, where no column moves.  A function that nobody calls
 * is called.
 */
#include "isolate/preparation.h"

#include <stdlib.h>

enum role {
    ROLE_NOTHING,    /* types, comments */
    ROLE_FUNCTION,   /* a function declaration, which may stand anywhere */
    ROLE_EXPRESSION, /* a value */
    ROLE_DEFAULT,    /* export default, export = */
    ROLE_OTHER
};

struct statement {
    struct node node;
    enum role role;
};

struct statements {
    struct statement *list; /* owned */
    size_t count, capacity;
};

static void statements_cleanup(struct statements *statements)
{
    free(statements->list);
}

/* `using x = f()` and `await using x = f()`, which the grammar takes for assignments. */
static bool is_using(struct node statement)
{
    struct node value = node_named_child(statement, 0);

    if (node_kind(value) == KIND_AWAIT)
        value = node_named_child(value, 0);
    return node_has(value, KIND_WORD_USING);
}

static enum role role_of(struct node node)
{
    enum kind kind = node_kind(node);

    if (kind == KIND_EXPORT) {
        struct node declaration = node_field(node, "declaration");

        if (is_type_statement(declaration))
            return ROLE_NOTHING;
        if (node_has(node, KIND_WORD_DEFAULT) || node_has(node, KIND_EQUALS))
            return ROLE_DEFAULT;
        return !node_exists(declaration) ? ROLE_NOTHING : role_of(declaration);
    }
    if (is_type_statement(node) || kind == KIND_IMPORT || kind == KIND_HASH_BANG)
        return ROLE_NOTHING;
    if (kind == KIND_FUNCTION_DECLARATION || kind == KIND_GENERATOR_DECLARATION)
        return ROLE_FUNCTION;
    if (kind == KIND_EXPRESSION_STATEMENT && !node_exists(statement_namespace(node)) &&
        !is_using(node))
        return ROLE_EXPRESSION;
    return ROLE_OTHER;
}

static struct statements list_statements(struct node root)
{
    struct statements statements = { .list = NULL };
    CLEANUP(children) struct children it = children_of(root);

    while (children_next(&it)) {
        if (it.kind == KIND_COMMENT)
            continue;
        if (statements.count == statements.capacity) {
            statements.capacity = statements.capacity ? statements.capacity * 2 : 16;
            statements.list =
                xreallocarray(statements.list, statements.capacity, sizeof(*statements.list));
        }
        statements.list[statements.count++] =
            (struct statement){ .node = it.node, .role = role_of(it.node) };
    }
    return statements;
}

static bool is_function(struct node node)
{
    enum kind kind = node_kind(node);

    return kind == KIND_ARROW || kind == KIND_FUNCTION_EXPRESSION;
}

/* `x => x` has one bare parameter, every other function a list of them. */
static bool takes_input(struct node function)
{
    struct node parameters = node_field(function, "parameters");

    if (node_exists(node_field(function, "parameter")))
        return true;
    return node_exists(parameters) && node_named_count(parameters) > 0;
}

/* What calls a function: with the script's input when it takes something. */
static const char *call_of(struct node function)
{
    return takes_input(function) ? "(input)" : "()";
}

static const char *form_of(struct node function)
{
    return node_kind(function) == KIND_ARROW ? "arrow" : "function";
}

/* The end of a statement without the comments that the tree counts in with it. */
static size_t code_end(struct node statement)
{
    CLEANUP(children) struct children it = children_of(statement);
    size_t end = 0;

    while (children_next(&it)) {
        if (it.kind != KIND_COMMENT && node_end(it.node) > node_start(it.node))
            end = node_end(it.node);
    }
    return end ? end : node_end(statement);
}

/* Puts `prefix` before a statement: at the end of the line before where there is one.  With
 * `exact`, only where no column moves.  Returns whether it was put. */
static bool put_before(struct edits *edits,
                       struct buf *head,
                       const struct statements *statements,
                       size_t index,
                       const char *prefix,
                       bool exact)
{
    size_t start = node_start(statements->list[index].node);
    size_t previous;

    if (index == 0) {
        buf_add_str(head, prefix);
        return true;
    }
    previous = code_end(statements->list[index - 1].node);
    if (has_line_end(edits->code, previous, start)) {
        edits_insert(edits, previous, ";%s", prefix);
        return true;
    }
    if (!exact)
        edits_insert(edits, start, "%s", prefix);
    return !exact;
}

/* Makes the value of a statement the result; `call` is what calls it when it is a function. */
static void return_value(struct preparation *p,
                         const struct statements *statements,
                         size_t index,
                         struct node value,
                         const char *call)
{
    put_before(&p->run, &p->run_head, statements, index, "return (", false);
    edits_insert(&p->run, node_end(value), ")%s", call);
    /* In parentheses a function needs no name, and the checker knows what it is called with. */
    if (*call && put_before(&p->check, &p->check_head, statements, index, "(", true))
        edits_insert(&p->check, node_end(value), ")%s", call);
    p->result = statements->list[index].node;
}

static void use_expression(struct preparation *p, const struct statements *statements, size_t index)
{
    struct node value = node_named_child(statements->list[index].node, 0);
    struct node bare = node_unparenthesized(value);

    if (is_function(bare)) {
        p->form = form_of(bare);
        return_value(p, statements, index, value, call_of(bare));
    } else {
        return_value(p, statements, index, value, "");
    }
}

/* The function that a statement declares: `function f() {}` or `const f = () => {}`. */
struct declared {
    struct node name, function; /* none when there is none */
};

static struct declared declared_function(struct node statement)
{
    struct declared none = { .name = NO_NODE };
    struct node declarator, value;

    if (node_kind(statement) == KIND_EXPORT)
        statement = node_field(statement, "declaration");
    if (!node_exists(statement))
        return none;
    if (node_kind(statement) == KIND_FUNCTION_DECLARATION)
        return (struct declared){ .name = node_field(statement, "name"), .function = statement };
    if (node_kind(statement) != KIND_LEXICAL || node_named_count(statement) != 1)
        return none;
    declarator = node_named_child(statement, 0);
    value = node_field(declarator, "value");
    if (!node_exists(value) || !is_function(value))
        return none;
    return (struct declared){ .name = node_field(declarator, "name"), .function = value };
}

static struct declared
find_function(struct preparation *p, const struct statements *statements, struct span name)
{
    for (size_t i = 0; i < statements->count; i++) {
        struct declared found = declared_function(statements->list[i].node);

        if (node_exists(found.name) && span_equal(node_text(found.name, p->code), name))
            return found;
    }
    return (struct declared){ .name = NO_NODE };
}

static void put_word(struct edits *edits, size_t at, const char *word)
{
    for (; *word; word++, at++)
        edits_put(edits, at, *word);
}

/*
 * `export default VALUE`: `default` is as long as `return(` and as `_entry=`,
 * so nothing moves.
 */
static void use_default_value(
    struct preparation *p, struct node node, struct node value, const char *call, bool last)
{
    struct node export = node_child(node, KIND_WORD_EXPORT);
    struct node word = node_child(node, KIND_WORD_DEFAULT);

    put_word(&p->run, node_start(export), last ? ";     " : "const ");
    put_word(&p->check, node_start(export), "void  ");
    if (!node_exists(word)) {
        fault_at(p, node_start(node), "a script is no module: write export default, or return");
        return;
    }
    put_word(&p->run, node_start(word), last ? "return(" : "_entry=");
    put_word(&p->check, node_start(word), "      (");
    edits_insert(&p->check, node_end(value), ")%s", call);
    if (last)
        edits_insert(&p->run, node_end(value), ")%s", call);
    else
        buf_printf(&p->run_foot, "return _entry%s;", call);
}

static void call_by_name(struct preparation *p, struct declared entry)
{
    struct span name = node_text(entry.name, p->code);

    buf_printf(&p->run_foot, ";return %.*s%s;", SPAN_ARG(name), call_of(entry.function));
    if (takes_input(entry.function))
        buf_printf(&p->check_foot, ";%.*s%s;", SPAN_ARG(name), call_of(entry.function));
}

/* `export default function name() {}` stays a declaration and is called behind the code. */
static void
use_default_declaration(struct preparation *p, struct node node, struct node declaration)
{
    size_t end = node_start(declaration);
    struct declared entry = declared_function(declaration);

    edits_blank(&p->run, node_start(node), end);
    edits_blank(&p->check, node_start(node), end);
    if (node_exists(entry.name))
        call_by_name(p, entry);
}

static void use_default(struct preparation *p, const struct statements *statements, size_t index)
{
    struct node node = statements->list[index].node;
    struct node declaration = node_field(node, "declaration");
    struct node value = node_field(node, "value");
    const char *call = "";
    struct declared named;

    p->form = "default";
    if (node_exists(declaration)) {
        use_default_declaration(p, node, declaration);
        return;
    }
    if (!node_exists(value))
        value = node_named_child(node, 0);
    if (!node_exists(value))
        return;
    named = find_function(p, statements, node_text(value, p->code));
    if (is_function(node_unparenthesized(value)))
        call = call_of(node_unparenthesized(value));
    else if (node_exists(named.name))
        call = call_of(named.function);
    use_default_value(p, node, value, call, index + 1 == statements->count);
}

/* True when a name is used anywhere but within the node that declares it. */
static bool is_used(struct preparation *p, struct node declaration, struct span name)
{
    CLEANUP(walk) struct walk walk = walk_of(p->root);

    while (walk_next(&walk)) {
        if (node_same(walk.node, declaration))
            walk_skip(&walk);
        else if ((walk.kind == KIND_IDENTIFIER || walk.kind == KIND_SHORTHAND_IDENTIFIER) &&
                 span_equal(node_text(walk.node, p->code), name))
            return true;
    }
    return false;
}

/* Calls a function that nobody calls: the only one there is, or one named main or run. */
static void use_entry(struct preparation *p, const struct statements *statements)
{
    size_t significant = 0;

    for (size_t i = 0; i < statements->count; i++)
        significant += statements->list[i].role != ROLE_NOTHING;
    for (size_t i = statements->count; i-- > 0;) {
        struct declared entry = declared_function(statements->list[i].node);
        struct span name;

        if (!node_exists(entry.name))
            continue;
        name = node_text(entry.name, p->code);
        if ((significant == 1 || span_is(name, "main") || span_is(name, "run")) &&
            !is_used(p, statements->list[i].node, name)) {
            p->form = "main";
            call_by_name(p, entry);
            return;
        }
    }
}

void find_form(struct preparation *p)
{
    CLEANUP(statements) struct statements statements = list_statements(p->root);
    size_t last = statements.count;

    p->form = "statements";
    for (size_t i = 0; i < statements.count; i++) {
        if (statements.list[i].role == ROLE_DEFAULT) {
            use_default(p, &statements, i);
            return;
        }
    }
    while (last > 0 && (statements.list[last - 1].role == ROLE_NOTHING ||
                        statements.list[last - 1].role == ROLE_FUNCTION))
        last--;
    if (last > 0 && statements.list[last - 1].role == ROLE_EXPRESSION)
        use_expression(p, &statements, last - 1);
    else
        use_entry(p, &statements);
}

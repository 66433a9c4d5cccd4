/*
 * Erasing types: whatever is TypeScript alone becomes spaces.  The care is for
 * line ends, where JavaScript takes a semicolon for granted or doesn't, and
 * which an erased type may uncover.
 */
#include "isolate/preparation.h"

void erase_statement(struct preparation *p, struct node node)
{
    edits_put(&p->run, node_start(node), ';');
    edits_blank(&p->run, node_start(node), node_end(node));
}

void erase_statement_everywhere(struct preparation *p, struct node node)
{
    erase_statement(p, node);
    edits_put(&p->check, node_start(node), ';');
    edits_blank(&p->check, node_start(node), node_end(node));
}

static void blank_node(struct preparation *p, struct node node)
{
    edits_blank(&p->run, node_start(node), node_end(node));
}

static void blank_child(struct preparation *p, struct node node, enum kind kind)
{
    struct node child = node_child(node, kind);

    if (node_exists(child))
        blank_node(p, child);
}

/* The offset behind the comment at `at`, or `at` when there is none. */
static size_t skip_comment(struct span code, size_t at)
{
    struct span rest = span_skip(code, at);
    const char *end;

    if (span_starts_with(rest, SPAN("//"))) {
        while (at < code.len && !line_end_len(span_skip(code, at)))
            at++;
        return at;
    }
    if (!span_starts_with(rest, SPAN("/*")))
        return at;
    end = memmem(rest.data + 2, rest.len - 2, "*/", 2);
    return end ? (size_t)(end + 2 - code.data) : code.len;
}

static size_t skip_blank(struct span code, size_t at)
{
    for (;;) {
        size_t before = at;

        at = skip_comment(code, at);
        while (at < code.len && (code.data[at] == ' ' || code.data[at] == '\t'))
            at++;
        at += line_end_len(span_skip(code, at));
        if (at == before)
            return at;
    }
}

/* True when the text behind an erased type begins a new line that would run on from the one
 * before: with the type there, it could not. */
static bool runs_on(struct span code, size_t end)
{
    size_t next = skip_blank(code, end);

    if (next >= code.len || !has_line_end(code, end, next))
        return false;
    return code.data[next] == '(' || code.data[next] == '[' || code.data[next] == '`';
}

/* `value as Type` and `value satisfies Type`. */
static void strip_as(struct preparation *p, struct node node)
{
    struct node word = node_child(node, KIND_WORD_AS);

    if (!node_exists(word))
        word = node_child(node, KIND_WORD_SATISFIES);
    if (!node_exists(word))
        return;
    if (runs_on(p->code, node_end(node)))
        edits_put(&p->run, node_start(word), ';');
    edits_blank(&p->run, node_start(word), node_end(node));
}

static void strip_non_null(struct preparation *p, struct node node)
{
    edits_blank(&p->run, node_end(node) - 1, node_end(node));
}

/* `<Type>value`: in parentheses where a line end or a brace would come to the front. */
static void strip_assertion(struct preparation *p, struct node node)
{
    struct node types = node_child(node, KIND_TYPE_ARGUMENTS);
    struct node value = node_named_child(node, node_named_count(node) - 1);
    enum kind kind = node_kind(value);

    if (!node_exists(types))
        return;
    if (kind == KIND_OBJECT || kind == KIND_FUNCTION_EXPRESSION || kind == KIND_CLASS ||
        has_line_end(p->code, node_start(node), node_start(value))) {
        edits_put(&p->run, node_start(node), '(');
        edits_insert(&p->run, node_end(node), ")");
    }
    blank_node(p, types);
}

/* No line may end between `async` or `return` and the parenthesis, or between the parenthesis and
 * `=>`: where a type spans lines, the parenthesis moves to its far end. */
static void strip_arrow(struct preparation *p, struct node node)
{
    struct node types = node_field(node, "type_parameters");
    struct node parameters = node_field(node, "parameters");
    struct node result = node_field(node, "return_type");
    size_t close;

    if (!node_exists(parameters))
        return;
    if (node_exists(types) && has_line_end(p->code, node_start(types), node_start(parameters))) {
        edits_put(&p->run, node_start(types), '(');
        blank_node(p, types);
        edits_blank(&p->run, node_start(parameters), node_start(parameters) + 1);
    }
    close = node_end(parameters) - 1;
    if (node_exists(result) && has_line_end(p->code, close, node_end(result))) {
        edits_put(&p->run, node_end(result) - 1, ')');
        edits_blank(&p->run, close, close + 1);
    }
}

static void strip_parameter(struct preparation *p, struct node node)
{
    blank_child(p, node, KIND_ACCESSIBILITY);
    blank_child(p, node, KIND_OVERRIDE);
    blank_child(p, node, KIND_WORD_READONLY);
    blank_child(p, node, KIND_QUESTION);
}

/* The parameter `this` is a type alone; it goes with the comma behind it. */
static void strip_parameters(struct preparation *p, struct node node)
{
    CLEANUP(children) struct children it = children_of(node);
    bool after_this = false;

    while (children_next(&it)) {
        struct node pattern;

        if (after_this && it.kind == KIND_COMMA)
            blank_node(p, it.node);
        after_this = false;
        if (it.kind != KIND_REQUIRED_PARAMETER && it.kind != KIND_OPTIONAL_PARAMETER)
            continue;
        pattern = node_field(it.node, "pattern");
        after_this = node_exists(pattern) && node_kind(pattern) == KIND_THIS;
        if (after_this)
            blank_node(p, it.node);
    }
}

static void strip_declarator(struct preparation *p, struct node node)
{
    blank_child(p, node, KIND_BANG);
}

static bool is_modifier(enum kind kind)
{
    return kind == KIND_ACCESSIBILITY || kind == KIND_OVERRIDE || kind == KIND_WORD_READONLY ||
           kind == KIND_WORD_ABSTRACT || kind == KIND_WORD_DECLARE;
}

/* Modifiers of a class member.  An erased first one leaves a semicolon: `x = 1` may stand before
 * `private [key]`. */
static void strip_modifiers(struct preparation *p, struct node node)
{
    CLEANUP(children) struct children it = children_of(node);

    while (children_next(&it)) {
        if (is_modifier(it.kind)) {
            if (node_start(it.node) == node_start(node))
                edits_put(&p->run, node_start(it.node), ';');
            blank_node(p, it.node);
        } else if (it.kind == KIND_QUESTION || it.kind == KIND_BANG) {
            blank_node(p, it.node);
        } else if (it.kind == KIND_EQUALS || it.kind == KIND_FORMAL_PARAMETERS) {
            return;
        }
    }
}

/* A field named like a modifier, without a value: what follows must not become its name. */
static void keep_field_apart(struct preparation *p, struct node node)
{
    static const char *const words[] = { "get", "set", "static", "async", "accessor" };
    struct node name = node_field(node, "name");
    struct node type = node_field(node, "type");

    if (!node_exists(name) || !node_exists(type) || node_exists(node_field(node, "value")))
        return;
    for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
        if (!span_is(node_text(name, p->code), words[i]))
            continue;
        edits_put(&p->run, node_start(type), ';');
        blank_node(p, type);
    }
}

static void strip_field(struct preparation *p, struct node node)
{
    struct node accessor = node_child(node, KIND_WORD_ACCESSOR);

    if (node_has(node, KIND_WORD_DECLARE) || node_has(node, KIND_WORD_ABSTRACT)) {
        erase_statement(p, node);
        return;
    }
    if (node_exists(accessor))
        fault_at(p, node_start(accessor),
                 "accessor fields are not supported here: write a getter "
                 "and a setter");
    keep_field_apart(p, node);
    strip_modifiers(p, node);
}

static void strip_abstract_class(struct preparation *p, struct node node)
{
    blank_child(p, node, KIND_WORD_ABSTRACT);
}

static void strip_decorator(struct preparation *p, struct node node)
{
    fault_at(p, node_start(node), "decorators are not supported here: call the function itself");
}

/* tag<Type>`text`, which the grammar takes for two comparisons, where parsing could not mend it. */
static void refuse_tag_types(struct preparation *p, struct node node)
{
    if (node_kind(node_field(node, "right")) == KIND_TEMPLATE_STRING &&
        node_has(node, KIND_ANGLE_CLOSE) && node_has(node_field(node, "left"), KIND_ANGLE_OPEN))
        fault_at(p, node_start(node), "leave out the type arguments before this template");
}

static void strip_hash_bang(struct preparation *p, struct node node)
{
    edits_blank(&p->run, node_start(node), node_end(node));
    edits_blank(&p->check, node_start(node), node_end(node));
}

typedef void strip_fn(struct preparation *p, struct node node);

static strip_fn *const strip_by_kind[KIND_COUNT] = {
    [KIND_TYPE_ANNOTATION] = blank_node,
    [KIND_TYPE_PARAMETERS] = blank_node,
    [KIND_TYPE_ARGUMENTS] = blank_node,
    [KIND_ASSERTS_ANNOTATION] = blank_node,
    [KIND_PREDICATE_ANNOTATION] = blank_node,
    [KIND_IMPLEMENTS] = blank_node,
    [KIND_TYPE_ALIAS] = erase_statement,
    [KIND_INTERFACE] = erase_statement,
    [KIND_AMBIENT] = erase_statement,
    [KIND_FUNCTION_SIGNATURE] = erase_statement,
    [KIND_METHOD_SIGNATURE] = erase_statement,
    [KIND_ABSTRACT_METHOD] = erase_statement,
    [KIND_INDEX_SIGNATURE] = erase_statement,
    [KIND_AS] = strip_as,
    [KIND_SATISFIES] = strip_as,
    [KIND_NON_NULL] = strip_non_null,
    [KIND_TYPE_ASSERTION] = strip_assertion,
    [KIND_ARROW] = strip_arrow,
    [KIND_FORMAL_PARAMETERS] = strip_parameters,
    [KIND_REQUIRED_PARAMETER] = strip_parameter,
    [KIND_OPTIONAL_PARAMETER] = strip_parameter,
    [KIND_DECLARATOR] = strip_declarator,
    [KIND_FIELD] = strip_field,
    [KIND_METHOD] = strip_modifiers,
    [KIND_ABSTRACT_CLASS] = strip_abstract_class,
    [KIND_CLASS_BODY] = rewrite_class_body,
    [KIND_ENUM] = rewrite_enum,
    [KIND_NAMESPACE] = rewrite_namespace,
    [KIND_MODULE] = rewrite_namespace,
    [KIND_IMPORT_ALIAS] = rewrite_import_alias,
    [KIND_IMPORT] = prepare_import,
    [KIND_DECORATOR] = strip_decorator,
    [KIND_HASH_BANG] = strip_hash_bang,
    [KIND_BINARY] = refuse_tag_types,
    [KIND_IDENTIFIER] = qualify_name,
    [KIND_SHORTHAND_IDENTIFIER] = qualify_name,
};

struct node statement_namespace(struct node statement)
{
    struct node none = NO_NODE, child;

    if (node_kind(statement) != KIND_EXPRESSION_STATEMENT)
        return none;
    child = node_named_child(statement, 0);
    return node_kind(child) == KIND_NAMESPACE ? child : none;
}

static bool is_type_namespace(struct node node)
{
    CLEANUP(children) struct children it = children_of(node_field(node, "body"));

    while (children_next(&it)) {
        if (node_is_named(it.node) && !is_type_statement(it.node))
            return false;
    }
    return true;
}

/* Nodes without a value of their own at run time. */
bool is_type_statement(struct node node)
{
    enum kind kind = node_kind(node);
    struct node declaration;

    if (kind == KIND_EXPORT) {
        declaration = node_field(node, "declaration");
        return node_has(node, KIND_WORD_TYPE) ||
               (node_exists(declaration) && is_type_statement(declaration));
    }
    if (kind == KIND_EXPRESSION_STATEMENT && node_exists(statement_namespace(node)))
        return is_type_namespace(statement_namespace(node));
    if (kind == KIND_NAMESPACE || kind == KIND_MODULE)
        return is_type_namespace(node);
    return kind == KIND_TYPE_ALIAS || kind == KIND_INTERFACE || kind == KIND_AMBIENT ||
           kind == KIND_FUNCTION_SIGNATURE || kind == KIND_COMMENT || kind == KIND_EMPTY;
}

/* True for a node that was erased with what it stands in.  A parameter list counts by what is in
 * it, since its parentheses may move. */
static bool is_erased(const struct preparation *p, const struct walk *walk)
{
    return node_start(walk->node) < node_end(walk->node) && walk->kind != KIND_FORMAL_PARAMETERS &&
           edits_touched(&p->run, node_start(walk->node));
}

void strip_types(struct preparation *p)
{
    CLEANUP(walk) struct walk walk = walk_of(p->root);

    while (walk_next(&walk)) {
        if (is_erased(p, &walk)) {
            walk_skip(&walk);
        } else if (walk.kind == KIND_EXPORT) {
            prepare_export(p, walk.node, walk.depth == 1);
        } else if (strip_by_kind[walk.kind]) {
            strip_by_kind[walk.kind](p, walk.node);
        }
    }
}

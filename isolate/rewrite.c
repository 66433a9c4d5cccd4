/*
 * TypeScript that has values at run time: enums, properties made by
 * constructor parameters, import aliases.  Each becomes JavaScript in place, so
 * that its expressions stay on their lines.
 *
 *     enum E { A, B = 2 }     let E=(E=>{...;[__member("A"), __member("B", 2)];return E})({});
 */
#include "isolate/preparation.h"

#define ENUM_MEMBER                                                                    \
    "let __last=-1;const __member=(k,v=__last+1)=>{__last=v;if(typeof v!==\"string\")" \
    "%.*s[v]=k;%.*s[k]=v;};["

static void open_member(struct preparation *p, struct node name)
{
    enum kind kind = node_kind(name);

    if (kind == KIND_COMPUTED_NAME) {
        edits_blank(&p->run, node_start(name), node_start(name) + 1);
        edits_blank(&p->run, node_end(name) - 1, node_end(name));
    }
    if (kind == KIND_STRING || kind == KIND_COMPUTED_NAME) {
        edits_insert(&p->run, node_start(name), "__member(");
    } else {
        edits_insert(&p->run, node_start(name), "__member(\"");
        edits_insert(&p->run, node_end(name), "\"");
    }
}

static void rewrite_member(struct preparation *p, struct node member, enum kind kind)
{
    struct node name = member, equals = node_child(member, KIND_EQUALS);

    if (kind == KIND_ENUM_ASSIGNMENT)
        name = node_field(member, "name");
    if (!node_exists(name))
        return;
    open_member(p, name);
    if (kind == KIND_ENUM_ASSIGNMENT && node_exists(equals))
        edits_put(&p->run, node_start(equals), ',');
    edits_insert(&p->run, node_end(member), ")");
}

static void rewrite_enum_body(struct preparation *p, struct node body, struct span name)
{
    CLEANUP(children) struct children it = children_of(body);

    edits_insert(&p->run, node_start(body) + 1, ENUM_MEMBER, SPAN_ARG(name), SPAN_ARG(name));
    while (children_next(&it)) {
        if (node_is_named(it.node) && it.kind != KIND_COMMENT)
            rewrite_member(p, it.node, it.kind);
    }
    edits_insert(&p->run, node_end(body) - 1, "];return %.*s", SPAN_ARG(name));
}

void rewrite_enum(struct preparation *p, struct node node)
{
    struct node name = node_field(node, "name"), body = node_field(node, "body");

    if (!node_exists(name) || !node_exists(body))
        return;
    open_scopes(p, node);
    open_part(p, node, body, node_text(name, p->code));
    close_part(p, node, body, node_text(name, p->code));
    rewrite_enum_body(p, body, node_text(name, p->code));
}

/* The name of a parameter that makes a property, or nothing. */
static struct span property_parameter(struct node parameter, struct span code)
{
    struct node name;

    if (!node_has(parameter, KIND_ACCESSIBILITY) && !node_has(parameter, KIND_WORD_READONLY) &&
        !node_has(parameter, KIND_OVERRIDE))
        return SPAN_NONE;
    name = node_field(parameter, "pattern");
    if (!node_exists(name) || node_kind(name) != KIND_IDENTIFIER)
        return SPAN_NONE;
    return node_text(name, code);
}

/* The end of the statement `super(...)` among those of a body; its opening brace without one. */
static size_t behind_super(struct node body)
{
    CLEANUP(children) struct children it = children_of(body);

    while (children_next(&it)) {
        struct node call, function;

        if (it.kind != KIND_EXPRESSION_STATEMENT)
            continue;
        call = node_named_child(it.node, 0);
        if (node_kind(call) != KIND_CALL)
            continue;
        function = node_field(call, "function");
        if (node_exists(function) && node_kind(function) == KIND_SUPER)
            return node_end(it.node);
    }
    return node_start(body) + 1;
}

static void
rewrite_constructor(struct preparation *p, struct node class_body, struct node constructor)
{
    struct node parameters = node_field(constructor, "parameters");
    struct node body = node_field(constructor, "body");
    CLEANUP(buf) struct buf fields = BUF(2 * LIMIT_CODE_BYTES);
    CLEANUP(buf) struct buf assignments = BUF(4 * LIMIT_CODE_BYTES);

    if (!node_exists(parameters) || !node_exists(body))
        return;
    CLEANUP(children) struct children it = children_of(parameters);
    while (children_next(&it)) {
        struct span name = property_parameter(it.node, p->code);

        if (name.len == 0)
            continue;
        buf_printf(&fields, "%.*s;", SPAN_ARG(name));
        buf_printf(&assignments, ";this.%.*s=%.*s;", SPAN_ARG(name), SPAN_ARG(name));
    }
    if (fields.len == 0)
        return;
    edits_insert(&p->run, node_start(class_body) + 1, "%s", buf_str(&fields));
    edits_insert(&p->run, behind_super(body), "%s", buf_str(&assignments));
}

void rewrite_class_body(struct preparation *p, struct node node)
{
    CLEANUP(children) struct children it = children_of(node);

    while (children_next(&it)) {
        struct node name;

        if (it.kind != KIND_METHOD)
            continue;
        name = node_field(it.node, "name");
        if (node_exists(name) && span_is(node_text(name, p->code), "constructor"))
            rewrite_constructor(p, node, it.node);
    }
}

/* `import x = N.y`: `const ` is as long as `import`. */
void rewrite_import_alias(struct preparation *p, struct node node)
{
    static const char word[] = "const ";

    for (size_t i = 0; i < sizeof(word) - 1; i++)
        edits_put(&p->run, node_start(node) + i, word[i]);
}

/*
 * TypeScript that has values at run time: enums, namespaces, properties made
 * by constructor parameters, import aliases.  Each becomes JavaScript in
 * place, so that its expressions stay on their lines.
 *
 *     enum E { A, B = 2 }     let E=(E=>{...;[__member("A"), __member("B", 2)];return E})({});
 *     namespace N { ... }     let N=(N=>{<getters of what it exports> ...;return N})({});
 */
#include "isolate/preparation.h"

#include <string.h>

#include "isolate/name_set.h"

#define ENUM_MEMBER                                                                    \
    "let __last=-1;const __member=(k,v=__last+1)=>{__last=v;if(typeof v!==\"string\")" \
    "%.*s[v]=k;%.*s[k]=v;};["

/* The statement that a declaration is: itself, or the statement around it (`export`, or what the
 * grammar takes a namespace for at times). */
static struct node outer_statement(struct node node)
{
    struct node parent = node_parent(node);

    return node_kind(parent) == KIND_EXPORT || node_kind(parent) == KIND_EXPRESSION_STATEMENT
               ? parent
               : node;
}

/* The declaration that a statement holds: itself, or what it exports. */
static struct node inner_declaration(struct node statement)
{
    struct node declaration = statement_namespace(statement);

    if (node_kind(statement) == KIND_EXPORT)
        declaration = node_field(statement, "declaration");
    return !node_exists(declaration) ? statement : declaration;
}

static bool declares_value(enum kind kind)
{
    return kind == KIND_ENUM || kind == KIND_NAMESPACE || kind == KIND_MODULE ||
           kind == KIND_CLASS_DECLARATION || kind == KIND_ABSTRACT_CLASS ||
           kind == KIND_FUNCTION_DECLARATION;
}

/* The declaration of the same name that stands before `node` in its block and that it adds to;
 * none when it is the first. */
static struct node earlier_declaration(struct preparation *p, struct node node, struct span name)
{
    struct node outer = outer_statement(node);
    CLEANUP(children) struct children it = children_of(node_parent(outer));

    while (children_next(&it) && node_start(it.node) < node_start(outer)) {
        struct node declaration = inner_declaration(it.node);
        struct node other;

        if (!declares_value(node_kind(declaration)) || is_type_statement(declaration))
            continue;
        other = node_field(declaration, "name");
        if (node_exists(other) && span_equal(node_text(other, p->code), name))
            return declaration;
    }
    return NO_NODE;
}

/* Puts what opens and closes `let NAME=(NAME=>{...})({})` around the body of a declaration. */
static void wrap_body(struct preparation *p,
                      struct node node,
                      struct node body,
                      struct span name,
                      bool adds_to_earlier)
{
    edits_blank(&p->run, node_start(node), node_start(body));
    if (adds_to_earlier) {
        edits_insert(&p->run, node_start(node), ";(%.*s=>", SPAN_ARG(name));
        edits_insert(&p->run, node_end(body), ")(%.*s);", SPAN_ARG(name));
    } else {
        edits_insert(&p->run, node_start(node), "let %.*s=(%.*s=>", SPAN_ARG(name), SPAN_ARG(name));
        edits_insert(&p->run, node_end(body), ")({});");
    }
}

/* The text of a member's name without quotes and brackets. */
static struct span member_name(struct node name, struct span code)
{
    struct span text = node_text(name, code);

    if (node_kind(name) == KIND_COMPUTED_NAME && text.len >= 2)
        text = span_trim(span_make(text.data + 1, text.len - 2));
    if (text.len >= 2 && (text.data[0] == '"' || text.data[0] == '\'' || text.data[0] == '`'))
        text = span_make(text.data + 1, text.len - 2);
    return text;
}

/* An enum that is being rewritten. */
struct enumeration {
    struct span name;
    struct name_set members;
};

static void list_members(struct node body, struct span code, struct name_set *ret_members)
{
    CLEANUP(children) struct children it = children_of(body);

    while (children_next(&it)) {
        struct node member =
            it.kind == KIND_ENUM_ASSIGNMENT ? node_field(it.node, "name") : it.node;

        if (node_exists(member) && node_is_named(member) && it.kind != KIND_COMMENT)
            name_set_add(ret_members, member_name(member, code));
    }
}

/* In a member's value, other members stand by their bare names. */
static void qualify_members(struct preparation *p, struct node value, struct enumeration *of)
{
    CLEANUP(walk) struct walk walk = walk_of(value);

    while (walk_next(&walk)) {
        if (walk.kind == KIND_IDENTIFIER &&
            name_set_has(&of->members, node_text(walk.node, p->code)))
            edits_insert(&p->run, node_start(walk.node), "%.*s.", SPAN_ARG(of->name));
    }
}

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

static void
rewrite_member(struct preparation *p, struct node member, enum kind kind, struct enumeration *of)
{
    struct node name = member, value, equals;

    if (kind == KIND_ENUM_ASSIGNMENT)
        name = node_field(member, "name");
    if (!node_exists(name))
        return;
    open_member(p, name);
    if (kind == KIND_ENUM_ASSIGNMENT) {
        equals = node_child(member, KIND_EQUALS);
        value = node_field(member, "value");
        if (node_exists(equals))
            edits_put(&p->run, node_start(equals), ',');
        if (node_exists(value))
            qualify_members(p, value, of);
    }
    edits_insert(&p->run, node_end(member), ")");
}

static void rewrite_enum_body(struct preparation *p, struct node body, struct enumeration *of)
{
    CLEANUP(children) struct children it = children_of(body);

    edits_insert(&p->run, node_start(body) + 1, ENUM_MEMBER, SPAN_ARG(of->name),
                 SPAN_ARG(of->name));
    while (children_next(&it)) {
        if (node_is_named(it.node) && it.kind != KIND_COMMENT)
            rewrite_member(p, it.node, it.kind, of);
    }
    edits_insert(&p->run, node_end(body) - 1, "];return %.*s", SPAN_ARG(of->name));
}

void rewrite_enum(struct preparation *p, struct node node)
{
    struct node name = node_field(node, "name"), body = node_field(node, "body");
    struct enumeration of = { .members = NAME_SET_INIT };

    if (!node_exists(name) || !node_exists(body))
        return;
    of.name = node_text(name, p->code);
    list_members(body, p->code, &of.members);
    wrap_body(p, node, body, of.name, node_exists(earlier_declaration(p, node, of.name)));
    rewrite_enum_body(p, body, &of);
    name_set_done(&of.members);
}

/* Writes `get name(){return name},`, with a setter for what may be assigned. */
static void write_getter(struct buf *out, struct span name, bool assignable)
{
    buf_printf(out, "get %.*s(){return %.*s},", SPAN_ARG(name), SPAN_ARG(name));
    if (assignable)
        buf_printf(out, "set %.*s(v){%.*s=v},", SPAN_ARG(name), SPAN_ARG(name));
}

/* Getters of all names that a variable declaration binds. */
static void write_variable_getters(struct preparation *p, struct node declaration, struct buf *out)
{
    bool assignable = !node_has(declaration, KIND_WORD_CONST);
    CLEANUP(children) struct children it = children_of(declaration);

    while (children_next(&it)) {
        struct node name;

        if (it.kind != KIND_DECLARATOR)
            continue;
        name = node_field(it.node, "name");
        CLEANUP(walk) struct walk walk = walk_of(name);
        while (walk_next(&walk)) {
            if (walk.kind == KIND_IDENTIFIER || walk.kind == KIND_SHORTHAND_PATTERN)
                write_getter(out, node_text(walk.node, p->code), assignable);
        }
    }
}

static void write_export_getters(struct preparation *p, struct node statement, struct buf *out)
{
    struct node declaration = node_field(statement, "declaration");
    struct node name;

    if (!node_exists(declaration) || is_type_statement(declaration))
        return;
    if (node_kind(declaration) == KIND_LEXICAL || node_kind(declaration) == KIND_VARIABLE) {
        write_variable_getters(p, declaration, out);
        return;
    }
    name = node_field(declaration, "name");
    if (node_exists(name))
        write_getter(out, node_text(name, p->code), false);
}

/* The getters through which what a namespace exports is seen from outside. */
static void insert_getters(struct preparation *p, struct node body, struct span name)
{
    CLEANUP(buf) struct buf getters = BUF(8 * LIMIT_CODE_BYTES);
    CLEANUP(children) struct children it = children_of(body);

    while (children_next(&it)) {
        if (it.kind == KIND_EXPORT)
            write_export_getters(p, it.node, &getters);
    }
    edits_insert(&p->run, node_start(body) + 1,
                 "Object.defineProperties(%.*s,Object.getOwnPropertyDescriptors({%s}));",
                 SPAN_ARG(name), buf_str(&getters));
    edits_insert(&p->run, node_end(body) - 1, ";return %.*s", SPAN_ARG(name));
}

/* `namespace A.B { }`: each further name is a namespace in the one before. */
static void
wrap_dotted(struct preparation *p, struct node node, struct node body, struct span dotted)
{
    struct span outer = dotted, rest = dotted;
    const char *dot;
    CLEANUP(buf) struct buf close = BUF(8 * LIMIT_CODE_BYTES);

    outer.len = (size_t)((const char *)memchr(dotted.data, '.', dotted.len) - dotted.data);
    edits_blank(&p->run, node_start(node), node_start(body));
    edits_insert(&p->run, node_start(node), "let %.*s=(%.*s=>", SPAN_ARG(outer), SPAN_ARG(outer));
    buf_add_str(&close, ")({});");
    while ((dot = memchr(rest.data, '.', rest.len)) != NULL) {
        struct span last = span_make(rest.data, (size_t)(dot - rest.data));
        struct span inner;

        rest = span_make(dot + 1, (size_t)(rest.data + rest.len - dot - 1));
        inner = rest;
        if ((dot = memchr(rest.data, '.', rest.len)) != NULL)
            inner.len = (size_t)(dot - rest.data);
        edits_insert(&p->run, node_start(node), "{%.*s.%.*s=(%.*s=>", SPAN_ARG(last),
                     SPAN_ARG(inner), SPAN_ARG(inner));
        CLEANUP(str)
        char *tail = xasprintf(")({});return %.*s}%s", SPAN_ARG(last), buf_str(&close));
        buf_clear(&close);
        buf_add_str(&close, tail);
    }
    edits_insert(&p->run, node_end(body), "%s", buf_str(&close));
    insert_getters(p, body, rest);
}

void rewrite_namespace(struct preparation *p, struct node node)
{
    struct node name_node = node_field(node, "name"), body = node_field(node, "body");
    struct node earlier;
    struct span name;

    if (is_type_statement(node)) {
        erase_statement(p, node);
        return;
    }
    if (!node_exists(name_node) || !node_exists(body))
        return;
    name = node_text(name_node, p->code);
    earlier = earlier_declaration(p, node, name);
    if (node_exists(earlier) && node_kind(earlier) != KIND_FUNCTION_DECLARATION &&
        node_kind(earlier) != KIND_CLASS_DECLARATION) {
        fault_at(p, node_start(name_node),
                 "a namespace in several parts is not supported here: "
                 "write it as one, or as an object");
        return;
    }
    if (memchr(name.data, '.', name.len)) {
        wrap_dotted(p, node, body, name);
        return;
    }
    wrap_body(p, node, body, name, node_exists(earlier));
    insert_getters(p, body, name);
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

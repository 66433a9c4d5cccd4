/*
 * Enums and namespaces may be declared in several parts, and within any part
 * the members of all stand by their bare names.
 */
#include "isolate/preparation.h"

#include <stdlib.h>
#include <string.h>

#include "isolate/bindings.h"

/* How deep namespaces may be in each other. */
#define PATH_MAX_NAMES 16

/* Where bare names mean members of an object. */
struct member_scope {
    size_t start, end;                 /* bytes of the code */
    struct span object;                /* its name there */
    struct name_set members;           /* of it */
    struct name_set own, own_or_inner; /* names bound in the part itself, or anywhere within */
};

/* A namespace's name in those around it, outermost first. */
struct path {
    struct span names[PATH_MAX_NAMES];
    size_t count;
    size_t around;     /* how many of them are those of namespaces around */
    struct node block; /* the block that the outermost stands in */
};

struct node outer_statement(struct node node)
{
    struct node parent = node_parent(node);

    return node_kind(parent) == KIND_EXPORT || node_kind(parent) == KIND_EXPRESSION_STATEMENT
               ? parent
               : node;
}

struct node inner_declaration(struct node statement)
{
    struct node declaration = statement_namespace(statement);

    if (node_kind(statement) == KIND_EXPORT)
        declaration = node_field(statement, "declaration");
    return node_exists(declaration) ? declaration : statement;
}

struct span first_name(struct span dotted)
{
    const char *dot = dotted.len ? memchr(dotted.data, '.', dotted.len) : NULL;

    if (dot)
        dotted.len = (size_t)(dot - dotted.data);
    return dotted;
}

struct span further_names(struct span dotted)
{
    return span_skip(dotted, first_name(dotted).len + 1);
}

static bool is_namespace(enum kind kind)
{
    return kind == KIND_NAMESPACE || kind == KIND_MODULE;
}

struct node namespace_around(struct node statement)
{
    struct node block = node_parent(statement), owner = node_parent(block);

    return node_kind(block) == KIND_STATEMENT_BLOCK && is_namespace(node_kind(owner)) ? owner
                                                                                      : NO_NODE;
}

static bool declares_object(enum kind kind)
{
    return kind == KIND_ENUM || is_namespace(kind) || kind == KIND_CLASS_DECLARATION ||
           kind == KIND_ABSTRACT_CLASS || kind == KIND_FUNCTION_DECLARATION;
}

bool has_earlier_part(struct preparation *p, struct node node)
{
    struct node outer = outer_statement(node);
    struct span name = first_name(node_text(node_field(node, "name"), p->code));
    CLEANUP(children) struct children it = children_of(node_parent(outer));

    while (children_next(&it) && node_start(it.node) < node_start(outer)) {
        struct node declaration = inner_declaration(it.node);
        struct node other = node_field(declaration, "name");

        if (declares_object(node_kind(declaration)) && !is_type_statement(declaration) &&
            span_equal(first_name(node_text(other, p->code)), name))
            return true;
    }
    return false;
}

/* The text of an enum member's name without quotes and brackets. */
static struct span member_name(struct node name, struct span code)
{
    struct span text = node_text(name, code);

    if (node_kind(name) == KIND_COMPUTED_NAME && text.len >= 2)
        text = span_trim(span_make(text.data + 1, text.len - 2));
    if (text.len >= 2 && (text.data[0] == '"' || text.data[0] == '\'' || text.data[0] == '`'))
        text = span_make(text.data + 1, text.len - 2);
    return text;
}

static void enum_members(struct node declaration, struct span code, struct name_set *set)
{
    CLEANUP(children) struct children it = children_of(node_field(declaration, "body"));

    while (children_next(&it)) {
        struct node member =
            it.kind == KIND_ENUM_ASSIGNMENT ? node_field(it.node, "name") : it.node;

        if (node_is_named(member) && it.kind != KIND_COMMENT)
            name_set_add(set, member_name(member, code));
    }
}

static void exported_members(struct node declaration, struct span code, struct name_set *set)
{
    CLEANUP(children) struct children it = children_of(node_field(declaration, "body"));

    while (children_next(&it)) {
        if (it.kind == KIND_EXPORT)
            statement_names(it.node, code, set);
    }
}

static void members_at(struct node block,
                       const struct span *path,
                       size_t count,
                       struct span code,
                       struct name_set *set);

/* Adds the members at a path that the parts within one declaration give it. */
static void members_in(struct node declaration,
                       const struct span *path,
                       size_t count,
                       struct span code,
                       struct name_set *set)
{
    struct span rest = node_text(node_field(declaration, "name"), code);
    size_t same = 0;

    while (rest.len && same < count && span_equal(first_name(rest), path[same])) {
        rest = further_names(rest);
        same++;
    }
    if (same == count && rest.len)
        name_set_add(set, first_name(rest));
    else if (same == count && node_kind(declaration) == KIND_ENUM)
        enum_members(declaration, code, set);
    else if (same == count)
        exported_members(declaration, code, set);
    else if (!rest.len)
        members_at(node_field(declaration, "body"), path + same, count - same, code, set);
}

/* Adds the members of the object that is at a path in a block, from all its parts. */
static void members_at(struct node block,
                       const struct span *path,
                       size_t count,
                       struct span code,
                       struct name_set *set)
{
    CLEANUP(children) struct children it = children_of(block);

    while (children_next(&it)) {
        struct node declaration = inner_declaration(it.node);
        enum kind kind = node_kind(declaration);

        if (kind == KIND_ENUM || is_namespace(kind))
            members_in(declaration, path, count, code, set);
    }
}

/* Puts the names of a declaration before those of a path; false when there are too many. */
static bool add_before(struct path *path, struct span dotted)
{
    struct span names[PATH_MAX_NAMES] = { SPAN_NONE };
    size_t count = 0;

    for (; dotted.len; dotted = further_names(dotted)) {
        if (count + path->count == PATH_MAX_NAMES)
            return false;
        names[count++] = first_name(dotted);
    }
    memmove(path->names + count, path->names, path->count * sizeof(*path->names));
    memcpy(path->names, names, count * sizeof(*names));
    path->count += count;
    return true;
}

static bool find_path(struct preparation *p, struct node declaration, struct path *ret_path)
{
    size_t own;

    *ret_path = (struct path){ .count = 0 };
    if (!add_before(ret_path, node_text(node_field(declaration, "name"), p->code)))
        return false;
    own = ret_path->count;
    for (;;) {
        struct node statement = outer_statement(declaration);

        ret_path->block = node_parent(statement);
        declaration = namespace_around(statement);
        if (!node_exists(declaration) || node_kind(statement) != KIND_EXPORT)
            break;
        if (!add_before(ret_path, node_text(node_field(declaration, "name"), p->code)))
            return false;
    }
    ret_path->around = ret_path->count - own;
    return true;
}

static struct member_scope *add_scope(struct preparation *p, struct node body, struct span object)
{
    struct member_scopes *scopes = &p->scopes;

    if (scopes->count == scopes->capacity) {
        scopes->capacity = scopes->capacity ? scopes->capacity * 2 : 8;
        scopes->list = xreallocarray(scopes->list, scopes->capacity, sizeof(*scopes->list));
    }
    scopes->list[scopes->count] = (struct member_scope){
        .start = node_start(body),
        .end = node_end(body),
        .object = object,
        .members = NAME_SET_INIT,
        .own = NAME_SET_INIT,
        .own_or_inner = NAME_SET_INIT,
    };
    return &scopes->list[scopes->count++];
}

void open_scopes(struct preparation *p, struct node declaration)
{
    struct node body = node_field(declaration, "body");
    struct path path;

    if (!find_path(p, declaration, &path)) {
        fault_at(p, node_start(declaration),
                 "namespaces are too deep in each other here (limit: %d)", PATH_MAX_NAMES);
        return;
    }
    for (size_t i = path.around; i < path.count; i++) {
        struct member_scope *scope = add_scope(p, body, path.names[i]);

        members_at(path.block, path.names, i + 1, p->code, &scope->members);
        if (i + 1 < path.count) {
            name_set_add(&scope->own, path.names[i + 1]);
        } else if (node_kind(declaration) != KIND_ENUM) {
            CLEANUP(children) struct children it = children_of(body);
            while (children_next(&it))
                statement_names(it.node, p->code, &scope->own);
        }
        if (node_kind(declaration) != KIND_ENUM)
            bound_names(body, p->code, &scope->own_or_inner);
    }
}

/* The innermost scope around a name whose object has it as a member; NULL when the name is no
 * member. */
static struct member_scope *scope_of(struct preparation *p, struct node node, struct span name)
{
    for (size_t i = p->scopes.count; i-- > 0;) {
        struct member_scope *scope = &p->scopes.list[i];

        if (node_start(node) < scope->start || node_end(node) > scope->end)
            continue;
        if (name_set_has(&scope->own, name))
            return NULL;
        if (name_set_has(&scope->members, name))
            return scope;
    }
    return NULL;
}

void qualify_name(struct preparation *p, struct node node)
{
    struct span name = node_text(node, p->code);
    struct member_scope *scope = p->scopes.count ? scope_of(p, node, name) : NULL;

    if (!scope)
        return;
    if (name_set_has(&scope->own_or_inner, name))
        fault_at(
            p, node_start(node),
            "%.*s is also exported by another part of the namespace %.*s: give it another name",
            SPAN_ARG(name), SPAN_ARG(scope->object));
    else if (node_kind(node) == KIND_SHORTHAND_IDENTIFIER)
        edits_insert(&p->run, node_start(node), "%.*s:%.*s.", SPAN_ARG(name),
                     SPAN_ARG(scope->object));
    else
        edits_insert(&p->run, node_start(node), "%.*s.", SPAN_ARG(scope->object));
}

void member_scopes_done(struct member_scopes *scopes)
{
    for (size_t i = 0; i < scopes->count; i++) {
        name_set_done(&scopes->list[i].members);
        name_set_done(&scopes->list[i].own);
        name_set_done(&scopes->list[i].own_or_inner);
    }
    free(scopes->list);
    *scopes = (struct member_scopes){ .list = NULL };
}

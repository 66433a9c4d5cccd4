#include "isolate/bindings.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "isolate/preparation.h"

static bool is_class(enum kind kind)
{
    return kind == KIND_CLASS_DECLARATION || kind == KIND_ABSTRACT_CLASS || kind == KIND_CLASS;
}

static bool names_its_parent(enum kind parent)
{
    return parent == KIND_DECLARATOR || parent == KIND_REQUIRED_PARAMETER ||
           parent == KIND_OPTIONAL_PARAMETER || parent == KIND_FUNCTION_DECLARATION ||
           parent == KIND_GENERATOR_DECLARATION || parent == KIND_FUNCTION_EXPRESSION ||
           parent == KIND_GENERATOR || parent == KIND_ARROW || parent == KIND_CATCH ||
           parent == KIND_FOR_IN || parent == KIND_ENUM || parent == KIND_NAMESPACE ||
           parent == KIND_MODULE || parent == KIND_ASSIGNMENT_PATTERN ||
           parent == KIND_OBJECT_ASSIGNMENT_PATTERN;
}

/* True for a field in which a node binds a name. */
static bool is_name_field(const char *field)
{
    static const char *const fields[] = { "name", "pattern", "parameter", "left" };

    for (size_t i = 0; field && i < ARRAY_COUNT(fields); i++) {
        if (strcmp(field, fields[i]) == 0)
            return true;
    }
    return false;
}

static bool is_binding(enum kind kind, enum kind parent, const char *field)
{
    if (kind == KIND_SHORTHAND_PATTERN)
        return true;
    if (kind == KIND_TYPE_IDENTIFIER)
        return is_class(parent) && is_name_field(field);
    if (kind != KIND_IDENTIFIER)
        return false;
    if (parent == KIND_ARRAY_PATTERN || parent == KIND_REST_PATTERN ||
        parent == KIND_PAIR_PATTERN || parent == KIND_IMPORT_CLAUSE)
        return true;
    return names_its_parent(parent) && is_name_field(field);
}

void bound_names(struct node root, struct span code, struct name_set *set)
{
    enum kind *parents = xcalloc(LIMIT_CODE_DEPTH + 2, sizeof(*parents)); /* by depth */
    CLEANUP(walk) struct walk walk = walk_of(root);

    while (walk_next(&walk) && walk.depth <= LIMIT_CODE_DEPTH) {
        bool is_root = walk.depth == 0 && walk.kind == KIND_IDENTIFIER;

        parents[walk.depth + 1] = walk.kind;
        if (is_root || is_binding(walk.kind, parents[walk.depth], walk_field(&walk)))
            name_set_add(set, node_text(walk.node, code));
    }
    free(parents);
}

static void variable_names(struct node declaration, struct span code, struct name_set *set)
{
    CLEANUP(children) struct children it = children_of(declaration);

    while (children_next(&it)) {
        if (it.kind == KIND_DECLARATOR)
            bound_names(node_field(it.node, "name"), code, set);
    }
}

void statement_names(struct node statement, struct span code, struct name_set *set)
{
    struct node declaration = inner_declaration(statement), name;
    enum kind kind = node_kind(declaration);

    if (is_type_statement(declaration))
        return;
    if (kind == KIND_LEXICAL || kind == KIND_VARIABLE) {
        variable_names(declaration, code, set);
        return;
    }
    name = kind == KIND_IMPORT_ALIAS ? node_named_child(declaration, 0)
                                     : node_field(declaration, "name");
    if (node_exists(name))
        name_set_add(set, first_name(node_text(name, code)));
}

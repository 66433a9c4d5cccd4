/*
 * Imports and exports.  A script is no module and there is nothing to import:
 * what is types alone is erased, the rest is an error that says what to do.
 */
#include "isolate/preparation.h"

/* Modules that models make up for what are global variables here. */
static const char *const invented_modules[] = {
    "mcp", "mcpfold", "tools", "servers", "./mcp", "./mcpfold", "./tools", "./servers",
};

static struct span unquoted(struct span text)
{
    return text.len >= 2 ? span_make(text.data + 1, text.len - 2) : text;
}

static bool is_invented(struct span source)
{
    for (size_t i = 0; i < ARRAY_COUNT(invented_modules); i++) {
        if (span_is(source, invented_modules[i]))
            return true;
    }
    return false;
}

/* What the specifiers in braces have in common. */
struct specifiers {
    bool any, all_types, all_plain; /* plain: not renamed */
};

static struct specifiers look_at_specifiers(struct node named)
{
    struct specifiers result = { .all_types = true, .all_plain = true };
    CLEANUP(children) struct children it = children_of(named);

    while (children_next(&it)) {
        if (it.kind != KIND_IMPORT_SPECIFIER)
            continue;
        result.any = true;
        if (!node_has(it.node, KIND_WORD_TYPE))
            result.all_types = false;
        if (node_exists(node_field(it.node, "alias")))
            result.all_plain = false;
    }
    return result;
}

/* True when an import may go: of types alone, or of globals by their own names. */
static bool may_go(struct node node, struct span source)
{
    struct node clause = node_child(node, KIND_IMPORT_CLAUSE);
    struct node named;
    struct specifiers specifiers;

    if (node_has(node, KIND_WORD_TYPE))
        return true;
    if (!node_exists(clause))
        return false;
    named = node_child(clause, KIND_NAMED_IMPORTS);
    if (!node_exists(named) || node_named_count(clause) != 1)
        return false;
    specifiers = look_at_specifiers(named);
    return specifiers.any &&
           (specifiers.all_types || (specifiers.all_plain && is_invented(source)));
}

static void refuse_module(struct preparation *p, size_t at, struct span source)
{
    if (source.len > 80)
        source.len = 80;
    fault_at(p, at,
             "\"%.*s\" can't be imported: there are no modules here. Tools are global variables, "
             "such as await server.tool({...}); mcp.servers() lists the servers",
             SPAN_ARG(source));
}

void prepare_import(struct preparation *p, struct node node)
{
    struct node source = node_field(node, "source");
    struct node require = node_child(node, KIND_IMPORT_REQUIRE);
    struct span name;

    if (!node_exists(source) && node_exists(require))
        source = node_field(require, "source");
    name = !node_exists(source) ? SPAN_NONE : unquoted(node_text(source, p->code));
    if (may_go(node, name))
        erase_statement_everywhere(p, node);
    else
        refuse_module(p, node_start(node), name);
}

/* Erases the word `export` where it may not stand: in the text to run everywhere, in the checker's
 * only in the program itself. */
static void drop_word(struct preparation *p, struct node word, bool top)
{
    if (!node_exists(word))
        return;
    edits_blank(&p->run, node_start(word), node_end(word));
    if (top)
        edits_blank(&p->check, node_start(word), node_end(word));
}

static void drop_words(struct preparation *p, struct node node, bool top)
{
    drop_word(p, node_child(node, KIND_WORD_EXPORT), top);
    drop_word(p, node_child(node, KIND_WORD_DEFAULT), top);
}

void prepare_export(struct preparation *p, struct node node, bool top)
{
    struct node source = node_field(node, "source");

    if (is_type_statement(node) || node_has(node, KIND_EXPORT_CLAUSE)) {
        if (node_exists(source) && !node_has(node, KIND_WORD_TYPE))
            refuse_module(p, node_start(node), unquoted(node_text(source, p->code)));
        else if (!node_exists(node_field(node, "declaration")))
            erase_statement_everywhere(p, node);
        else
            drop_words(p, node, top);
    } else if (node_exists(source)) {
        refuse_module(p, node_start(node), unquoted(node_text(source, p->code)));
    } else if (!node_has(node, KIND_WORD_DEFAULT) && !node_has(node, KIND_EQUALS)) {
        drop_words(p, node, top);
    }
}

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

static struct specifiers look_at_specifiers(TSNode named)
{
    struct specifiers result = { .all_types = true, .all_plain = true };
    CLEANUP(children) struct children it = children_of(named);

    while (children_next(&it)) {
        if (it.kind != KIND_IMPORT_SPECIFIER)
            continue;
        result.any = true;
        if (!node_has(it.node, KIND_WORD_TYPE))
            result.all_types = false;
        if (!ts_node_is_null(node_field(it.node, "alias")))
            result.all_plain = false;
    }
    return result;
}

/* True when an import may go: of types alone, or of globals by their own names. */
static bool may_go(TSNode node, struct span source)
{
    TSNode clause = node_child(node, KIND_IMPORT_CLAUSE);
    TSNode named;
    struct specifiers specifiers;

    if (node_has(node, KIND_WORD_TYPE))
        return true;
    if (ts_node_is_null(clause))
        return false;
    named = node_child(clause, KIND_NAMED_IMPORTS);
    if (ts_node_is_null(named) || ts_node_named_child_count(clause) != 1)
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

void prepare_import(struct preparation *p, TSNode node)
{
    TSNode source = node_field(node, "source");
    TSNode require = node_child(node, KIND_IMPORT_REQUIRE);
    struct span name;

    if (ts_node_is_null(source) && !ts_node_is_null(require))
        source = node_field(require, "source");
    name = ts_node_is_null(source) ? SPAN_NONE : unquoted(node_text(source, p->code));
    if (may_go(node, name))
        erase_statement_everywhere(p, node);
    else
        refuse_module(p, node_start(node), name);
}

/* Erases the word `export` where it may not stand: in the text to run everywhere, in the checker's
 * only in the program itself. */
static void drop_word(struct preparation *p, TSNode word, bool top)
{
    edits_blank(&p->run, node_start(word), node_end(word));
    if (top)
        edits_blank(&p->check, node_start(word), node_end(word));
}

void prepare_export(struct preparation *p, TSNode node, bool top)
{
    TSNode source = node_field(node, "source");
    TSNode word = node_child(node, KIND_WORD_EXPORT);

    if (is_type_statement(node) || node_has(node, KIND_EXPORT_CLAUSE)) {
        if (!ts_node_is_null(source) && !node_has(node, KIND_WORD_TYPE))
            refuse_module(p, node_start(node), unquoted(node_text(source, p->code)));
        else if (ts_node_is_null(node_field(node, "declaration")))
            erase_statement_everywhere(p, node);
        else
            drop_word(p, word, top);
    } else if (!ts_node_is_null(source)) {
        refuse_module(p, node_start(node), unquoted(node_text(source, p->code)));
    } else if (!node_has(node, KIND_WORD_DEFAULT) && !node_has(node, KIND_EQUALS)) {
        drop_word(p, word, top);
    }
}

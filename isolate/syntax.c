#include "isolate/syntax.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

/* From tree-sitter-typescript; its package has no header. */
const TSLanguage *tree_sitter_typescript(void);

#define SYMBOLS_MAX 1024

static const struct {
    const char *text;
    bool named;
} kind_names[KIND_COUNT] = {
    { "", false },
#define KIND(name, text, named) { text, named },
#include "isolate/syntax_kinds.def"
#undef KIND
};

struct syntax_tree {
    TSTree *tree; /* owned */
};

static unsigned char kind_of_symbol[SYMBOLS_MAX];
static bool kinds_known;

static enum kind kind_by_name(const char *text, bool named)
{
    for (unsigned kind = 1; kind < KIND_COUNT; kind++) {
        if (kind_names[kind].named == named && strcmp(kind_names[kind].text, text) == 0)
            return (enum kind)kind;
    }
    return KIND_OTHER;
}

static void learn_kinds(const TSLanguage *language)
{
    uint32_t count = ts_language_symbol_count(language);

    _Static_assert(KIND_COUNT < 256, "kinds are kept in bytes");
    BUG_ON(count > SYMBOLS_MAX);
    for (uint32_t symbol = 0; symbol < count; symbol++) {
        bool named = ts_language_symbol_type(language, (TSSymbol)symbol) == TSSymbolTypeRegular;
        const char *text = ts_language_symbol_name(language, (TSSymbol)symbol);

        kind_of_symbol[symbol] = (unsigned char)kind_by_name(text, named);
    }
    kinds_known = true;
}

struct syntax_tree *syntax_parse(struct span code, struct err *err)
{
    const TSLanguage *language = tree_sitter_typescript();
    TSParser *parser = ts_parser_new();
    struct syntax_tree *result;
    TSTree *tree;

    if (!kinds_known)
        learn_kinds(language);
    BUG_ON(!ts_parser_set_language(parser, language));
    ts_parser_set_timeout_micros(parser, (uint64_t)LIMIT_PARSE_TIMEOUT_MS * 1000);
    tree = ts_parser_parse_string(parser, NULL, code.data, (uint32_t)code.len);
    ts_parser_delete(parser);
    if (!tree) {
        err_set(err, ERR_LIMIT, "the code takes more than %d ms to parse; make it simpler",
                LIMIT_PARSE_TIMEOUT_MS);
        return NULL;
    }
    result = NEW(struct syntax_tree);
    result->tree = tree;
    return result;
}

void syntax_free(struct syntax_tree *tree)
{
    if (!tree)
        return;
    ts_tree_delete(tree->tree);
    free(tree);
}

static struct node node_of(TSNode raw)
{
    return (struct node){ .raw = raw };
}

struct node syntax_root(const struct syntax_tree *tree)
{
    return node_of(ts_tree_root_node(tree->tree));
}

enum kind node_kind(struct node node)
{
    TSSymbol symbol;

    if (!node_exists(node))
        return KIND_OTHER;
    symbol = ts_node_symbol(node.raw);
    if (symbol < SYMBOLS_MAX)
        return (enum kind)kind_of_symbol[symbol];
    return symbol == (TSSymbol)-1 ? KIND_ERROR : KIND_OTHER;
}

const char *node_type(struct node node)
{
    return node_exists(node) ? ts_node_type(node.raw) : "";
}

size_t node_start(struct node node)
{
    return node_exists(node) ? ts_node_start_byte(node.raw) : 0;
}

size_t node_end(struct node node)
{
    return node_exists(node) ? ts_node_end_byte(node.raw) : 0;
}

struct span node_text(struct node node, struct span code)
{
    if (!node_exists(node))
        return SPAN_NONE;
    return span_make(code.data + node_start(node), node_end(node) - node_start(node));
}

bool node_same(struct node a, struct node b)
{
    if (!node_exists(a) || !node_exists(b))
        return node_exists(a) == node_exists(b);
    return ts_node_eq(a.raw, b.raw);
}

bool node_is_named(struct node node)
{
    return node_exists(node) && ts_node_is_named(node.raw);
}

bool node_is_missing(struct node node)
{
    return node_exists(node) && ts_node_is_missing(node.raw);
}

bool node_has_error(struct node node)
{
    return node_exists(node) && ts_node_has_error(node.raw);
}

struct node node_parent(struct node node)
{
    return node_exists(node) ? node_of(ts_node_parent(node.raw)) : node;
}

struct node node_child_at(struct node node, uint32_t index)
{
    return node_exists(node) ? node_of(ts_node_child(node.raw, index)) : node;
}

struct node node_named_child(struct node node, uint32_t index)
{
    return node_exists(node) ? node_of(ts_node_named_child(node.raw, index)) : node;
}

uint32_t node_child_count(struct node node)
{
    return node_exists(node) ? ts_node_child_count(node.raw) : 0;
}

uint32_t node_named_count(struct node node)
{
    return node_exists(node) ? ts_node_named_child_count(node.raw) : 0;
}

struct node node_child(struct node node, enum kind kind)
{
    CLEANUP(children) struct children it = children_of(node);

    while (children_next(&it)) {
        if (it.kind == kind)
            return it.node;
    }
    return NO_NODE;
}

bool node_has(struct node node, enum kind kind)
{
    return node_exists(node_child(node, kind));
}

struct node node_field(struct node node, const char *field)
{
    if (!node_exists(node))
        return node;
    return node_of(ts_node_child_by_field_name(node.raw, field, (uint32_t)strlen(field)));
}

struct node node_unparenthesized(struct node node)
{
    while (node_kind(node) == KIND_PARENTHESIZED && node_named_count(node) == 1)
        node = node_named_child(node, 0);
    return node;
}

struct children children_of(struct node node)
{
    struct children it = { .none = !node_exists(node) };

    if (!it.none)
        it.cursor = ts_tree_cursor_new(node.raw);
    return it;
}

bool children_next(struct children *it)
{
    bool found;

    if (it->none)
        return false;
    found = it->started ? ts_tree_cursor_goto_next_sibling(&it->cursor)
                        : ts_tree_cursor_goto_first_child(&it->cursor);
    it->started = true;
    if (!found)
        return false;
    it->node = node_of(ts_tree_cursor_current_node(&it->cursor));
    it->kind = node_kind(it->node);
    return true;
}

void children_cleanup(struct children *it)
{
    if (!it->none)
        ts_tree_cursor_delete(&it->cursor);
}

struct walk walk_of(struct node root)
{
    struct walk walk = { .none = !node_exists(root) };

    if (!walk.none)
        walk.cursor = ts_tree_cursor_new(root.raw);
    return walk;
}

/* Moves to the node that follows in document order. */
static bool walk_on(struct walk *walk)
{
    if (!walk->skip && ts_tree_cursor_goto_first_child(&walk->cursor)) {
        walk->depth++;
        return true;
    }
    while (!ts_tree_cursor_goto_next_sibling(&walk->cursor)) {
        if (walk->depth == 0 || !ts_tree_cursor_goto_parent(&walk->cursor))
            return false;
        walk->depth--;
    }
    return walk->depth > 0;
}

bool walk_next(struct walk *walk)
{
    if (walk->none || (walk->started && !walk_on(walk)))
        return false;
    walk->started = true;
    walk->skip = false;
    walk->node = node_of(ts_tree_cursor_current_node(&walk->cursor));
    walk->kind = node_kind(walk->node);
    return true;
}

void walk_skip(struct walk *walk)
{
    walk->skip = true;
}

const char *walk_field(const struct walk *walk)
{
    return walk->none ? NULL : ts_tree_cursor_current_field_name(&walk->cursor);
}

void walk_cleanup(struct walk *walk)
{
    if (!walk->none)
        ts_tree_cursor_delete(&walk->cursor);
}

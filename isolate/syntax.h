/*
 * The syntax tree of a script: tree-sitter's, with node kinds as an enum, and
 * walks that need no recursion.
 */
#ifndef ISOLATE_SYNTAX_H
#define ISOLATE_SYNTAX_H

#include <stdbool.h>

#include <tree_sitter/api.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/span.h"

enum kind {
    KIND_OTHER,
#define KIND(name, text, named) KIND_##name,
#include "isolate/syntax_kinds.def"
#undef KIND
    KIND_COUNT
};

/* Parses `code` (valid UTF-8, no U+0000).  NULL with ERR_LIMIT when it takes too long.  The caller
 * frees the tree by ts_tree_delete. */
TSTree *syntax_parse(struct span code, struct err *err);

/* All of these take a null node: it is of no kind and has nothing in it. */
enum kind node_kind(TSNode node);

static inline size_t node_start(TSNode node)
{
    return ts_node_start_byte(node);
}

static inline size_t node_end(TSNode node)
{
    return ts_node_end_byte(node);
}

/* The bytes of a node, which is not null. */
struct span node_text(TSNode node, struct span code);

/* The first child of a kind, or a null node (ts_node_is_null). */
TSNode node_child(TSNode node, enum kind kind);
bool node_has(TSNode node, enum kind kind);
/* The child in a field of the grammar, or a null node. */
TSNode node_field(TSNode node, const char *field);

/* The expression without parentheses around it. */
TSNode node_unparenthesized(TSNode node);

/* Walks the children, in order:
 *     CLEANUP(children) struct children it = children_of(node);
 *     while (children_next(&it)) use(it.node, it.kind);
 */
struct children {
    TSTreeCursor cursor;
    bool none, started; /* none: of a null node */
    TSNode node;
    enum kind kind;
};
struct children children_of(TSNode node);
bool children_next(struct children *it);
void children_cleanup(struct children *it);

/* Walks all nodes under and including a root in document order. */
struct walk {
    TSTreeCursor cursor;
    bool none, started, skip; /* none: of a null node */
    unsigned depth;           /* of the node, 0 for the root */
    TSNode node;
    enum kind kind;
};
struct walk walk_of(TSNode root);
/* The next node; not into the one before when walk_skip was called for it. */
bool walk_next(struct walk *walk);
void walk_skip(struct walk *walk);
void walk_cleanup(struct walk *walk);

#endif

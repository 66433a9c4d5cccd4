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

struct syntax_tree;

/* Parses `code` (valid UTF-8, no U+0000).  NULL with ERR_LIMIT when it takes too long.  The caller
 * frees the tree by syntax_free. */
struct syntax_tree *syntax_parse(struct span code, struct err *err);
void syntax_free(struct syntax_tree *tree); /* takes NULL */
/* The node of the whole text; nodes are valid as long as their tree. */
struct node syntax_root(const struct syntax_tree *tree);

/*
 * A node, or none: a tree with errors lacks any part of itself.  tree-sitter
 * reads memory that isn't its own when it is asked about a node that is none,
 * so nobody else asks it (tests/lint sees to that): all functions here take
 * none, which is of no kind, ends where it starts, and has nothing in it.
 */
struct node {
    TSNode raw; /* used in syntax.c only */
};
#define NO_NODE ((struct node){ .raw = { .id = NULL } })

static inline bool node_exists(struct node node)
{
    return node.raw.id != NULL;
}

enum kind node_kind(struct node node);
/* The grammar's name of its kind; "" of none. */
const char *node_type(struct node node);

/* Bytes of the code; 0 of none. */
size_t node_start(struct node node);
size_t node_end(struct node node);
struct span node_text(struct node node, struct span code);

bool node_same(struct node a, struct node b); /* none is the same as none */
bool node_is_named(struct node node);
bool node_is_missing(struct node node); /* put in by the parser, which went on without it */
bool node_has_error(struct node node);  /* in it, at any depth */

/* Neighbours: none where there is none. */
struct node node_parent(struct node node);
struct node node_child_at(struct node node, uint32_t index);
struct node node_named_child(struct node node, uint32_t index);
uint32_t node_child_count(struct node node);
uint32_t node_named_count(struct node node);

/* The first child of a kind. */
struct node node_child(struct node node, enum kind kind);
bool node_has(struct node node, enum kind kind);
/* The child in a field of the grammar. */
struct node node_field(struct node node, const char *field);

/* The expression without parentheses around it. */
struct node node_unparenthesized(struct node node);

/* Walks the children, in order:
 *     CLEANUP(children) struct children it = children_of(node);
 *     while (children_next(&it)) use(it.node, it.kind);
 */
struct children {
    TSTreeCursor cursor;
    bool none, started; /* none: of no node */
    struct node node;
    enum kind kind;
};
struct children children_of(struct node node);
bool children_next(struct children *it);
void children_cleanup(struct children *it);

/* Walks all nodes under and including a root in document order. */
struct walk {
    TSTreeCursor cursor;
    bool none, started, skip; /* none: of no node */
    unsigned depth;           /* of the node, 0 for the root */
    struct node node;
    enum kind kind;
};
struct walk walk_of(struct node root);
/* The next node; not into the one before when walk_skip was called for it. */
bool walk_next(struct walk *walk);
void walk_skip(struct walk *walk);
/* The field of the grammar that the node stands in; NULL when in none. */
const char *walk_field(const struct walk *walk);
void walk_cleanup(struct walk *walk);

#endif

/*
 * What the files shape*.c share.
 */
#ifndef CODEGEN_SHAPE_INTERNAL_H
#define CODEGEN_SHAPE_INTERNAL_H

#include "base/json.h"
#include "codegen/shape.h"

static inline unsigned shape_bit(enum json_kind kind)
{
    return 1u << kind;
}

/* Counts a node; false when there is no room for one more. */
bool shape_grow(struct shape_root *root);

/* The property of that name, or NULL. */
struct shape_property *shape_find(const struct shape *shape, struct span name);

/* A new property at the end; NULL when there is no room. */
struct shape_property *
shape_add(struct shape_root *root, struct shape *shape, struct span name, bool optional);

/* The shape behind `*slot` (others, elements), made when there is none; NULL when there is no room.
 */
struct shape *shape_under(struct shape_root *root, struct shape **slot);

/* Frees what a node holds and the count of its nodes. */
void shape_drop(struct shape_root *root, struct shape *shape);

#endif

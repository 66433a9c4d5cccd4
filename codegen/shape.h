/*
 * The shape of JSON values that were seen: structure and kinds, never a value.
 *
 * A shape holds the names of properties, which kinds of value stood where, and
 * which properties were not always there.  No string, number or boolean of a
 * reply is kept, and no property name that looks like data (an id, an address,
 * a date): what stands under such names is gathered as the values of a map.
 *
 * Whatever is seen, a shape stays within SHAPE_NODES_MAX nodes,
 * SHAPE_DEPTH_MAX levels and SHAPE_NAMES_MAX names of one object; what is
 * beyond a bound is not described.
 */
#ifndef CODEGEN_SHAPE_H
#define CODEGEN_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "codegen/type.h"

#define SHAPE_DEPTH_MAX 10
#define SHAPE_NODES_MAX 600
/* Distinct names of one object; with more they are keys of a map. */
#define SHAPE_NAMES_MAX 64
/* The longest name that is kept. */
#define SHAPE_NAME_BYTES 48
/* Elements of one array that are looked at. */
#define SHAPE_ELEMENTS_MAX 64
/* Bytes of one reply that are walked over; what follows them is not looked at. */
#define SHAPE_LOOK_BYTES ((size_t)2 * 1024 * 1024)
/* A serialised shape is never longer. */
#define SHAPE_TEXT_BYTES ((size_t)128 * 1024)

/* One place in the values seen. */
struct shape {
    unsigned kinds;               /* bits of 1 << enum json_kind; 0: nothing was seen here */
    struct shape_property *names; /* owned; of objects */
    size_t name_count;
    struct shape *others;   /* owned; under names that are data; NULL when none were seen */
    struct shape *elements; /* owned; of arrays; NULL when all were empty */
};

struct shape_property {
    char *name; /* owned */
    struct shape shape;
    bool optional; /* was absent from an object */
    bool present;  /* in the object that is being looked at */
};

/* A shape and what it may still grow by. */
struct shape_root {
    struct shape shape;
    size_t nodes; /* in use */
};

/* Merges a value into a shape.  `value` is checked JSON.  True when the shape has changed. */
bool shape_see(struct shape_root *root, struct span value);

/* True when both describe the same. */
bool shape_equal(const struct shape *a, const struct shape *b);

/* True for a property name that is data rather than a name: no ASCII identifier (dashes and a
 * leading @ are allowed), too long, or made like an id. */
bool shape_name_is_data(struct span name);

/* The type of a shape, made in `set`: names not always there are optional, others are allowed. */
const struct type *shape_type(struct type_set *set, const struct shape *shape);

/* Appends a shape as JSON; -1 with ERR_LIMIT. */
int shape_write(const struct shape *shape, struct buf *out, struct err *err);

/* Reads what shape_write wrote into an empty root; -1 with ERR_INVALID (it is empty then too). */
int shape_read(struct span text, struct shape_root *root, struct err *err);

/* Frees what it holds; the root is empty then. */
void shape_done(struct shape_root *root);

#endif

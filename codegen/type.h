/*
 * TypeScript types as a graph: what codegen/schema makes of a JSON Schema and
 * codegen/type_print writes.
 *
 * Nodes are immutable once made, live in the arena of their type_set, and may
 * be shared.  A type stands for a set of JSON values; join and meet make a set
 * that holds at least the union and the intersection of two, so a value that
 * a schema accepts is never refused.
 */
#ifndef CODEGEN_TYPE_H
#define CODEGEN_TYPE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>
#include <uthash.h>

#include "base/buf.h"
#include "codegen/arena.h"

enum type_kind {
    TYPE_ANY,
    TYPE_UNKNOWN, /* of a property that is required without being described */
    TYPE_REMOTE,  /* described in another document, which is not read */
    TYPE_NEVER,
    TYPE_NULL,
    TYPE_BOOLEAN,
    TYPE_NUMBER,
    TYPE_STRING,
    TYPE_LITERAL,
    TYPE_ARRAY,
    TYPE_TUPLE,
    TYPE_OBJECT,
    TYPE_UNION,
    TYPE_INTERSECTION,
    TYPE_REFERENCE
};

struct type;

struct type_property {
    const char *name; /* of the schema or the arena */
    size_t name_len;
    const struct type *type;
    bool optional;
    bool weak;            /* seen only under a condition: yields to another description */
    const json_t *schema; /* for its documentation; may be NULL */
};

/* Keys that have a text in them, or at their start or end. */
struct type_pattern {
    const char *literal; /* of the arena; needs no escape in a template literal */
    size_t literal_len;
    bool starts, ends; /* keys start, end with it */
    const struct type *type;
};

/* A schema that is referred to; printed by name when it is recursive or large and used often. */
struct type_definition {
    UT_hash_handle hh;
    const json_t *target;    /* the key */
    const json_t *document;  /* that it is part of */
    const struct type *type; /* NULL while it is being made */
    struct type *reference;  /* the one TYPE_REFERENCE to it */
    const char *base_name;   /* what its name is made of */
    char *name;              /* when it is printed by name; of the arena */
    unsigned uses;
    bool recursive;
    bool counted;
};

struct type_list {
    const struct type **items;
    size_t count;
};

struct type {
    enum type_kind kind;
    union {
        const json_t *literal; /* a string, number or boolean */
        struct type_list list; /* members of UNION and INTERSECTION */
        struct {
            struct type_list list;
            size_t required;         /* how many of the list must be there */
            const struct type *rest; /* the element of an ARRAY, what follows in a TUPLE or NULL */
        } array;
        struct {
            struct type_property *properties;
            size_t count;
            const struct type_pattern *patterns;
            size_t pattern_count;
            const struct type *index; /* of other keys; NULL when none are described */
            bool closed;              /* no other keys */
        } object;
        struct type_definition *definition;
    };
};

/* Where types are made.  `budget` counts nodes down; at 0 everything new is TYPE_ANY. */
struct type_set {
    struct arena arena;
    size_t budget;
    bool exhausted;
    bool exact; /* objects take just the keys they say they take, when they are met too */
    struct type_definition *definitions;
};

/* The most members of a union of literals; a longer one becomes the literals' own type. */
#define TYPE_UNION_MAX 512
/* The most members that an intersection of unions may have when the compiler multiplies it out;
 * it refuses types of about 100,000. */
#define TYPE_PRODUCT_MAX 1024

void type_set_init(struct type_set *set, size_t budget);
void type_set_done(struct type_set *set);

/* False when the budget does not allow `count` more nodes; counts them otherwise. */
bool type_set_spend(struct type_set *set, size_t count);

/* As type_set_spend, for work that compares each of `a` names with each of `b`. */
bool type_set_spend_pairs(struct type_set *set, size_t a, size_t b);

/* The kinds without content: ANY to STRING. */
const struct type *type_simple(enum type_kind kind);

/* A node of `kind` to fill in; NULL when the budget is spent. */
struct type *type_new(struct type_set *set, enum type_kind kind);
const struct type *type_literal(struct type_set *set, const json_t *value);
const struct type *type_array(struct type_set *set, const struct type *element);
const struct type *
type_intersection(struct type_set *set, const struct type *a, const struct type *b);

/* An object with room for `count` properties (object.count is 0); NULL when the budget is spent. */
struct type *type_object(struct type_set *set, size_t count);

/* The type behind references that are not recursive. */
const struct type *type_resolve(const struct type *type);

/* True when an element must be there and can't. */
bool type_tuple_is_impossible(const struct type *tuple);

bool type_equal(const struct type *a, const struct type *b);

/* The union of `count` types: flattened, without doubles and members that others include. */
const struct type *type_join(struct type_set *set, const struct type *const *types, size_t count);

/* The intersection of two types: objects merged, unions filtered, what can't be both TYPE_NEVER. */
const struct type *type_meet(struct type_set *set, const struct type *a, const struct type *b);

bool type_pattern_matches(const struct type_pattern *pattern, const char *name, size_t name_len);

/* The type of a key that is no property of an object: by the patterns it matches, else by the
 * index; NULL when neither describes it. */
const struct type *type_of_other_key(struct type_set *set,
                                     const struct type *object,
                                     const char *name,
                                     size_t name_len);

/* The property of an object type, or NULL. */
const struct type_property *
type_property_find(const struct type *object, const char *name, size_t name_len);

#endif

/*
 * JSON Schema to types: draft-07 to 2020-12, and what real servers write.
 *
 * Where TypeScript can't say what a schema says, the type is the tightest that
 * still holds every valid value.  Nothing is fetched: a reference that leads
 * out of the document is `unknown`.  Work is bounded by the set's budget and by
 * LIMIT_SCHEMA_DEPTH, whatever a schema looks like.
 */
#ifndef CODEGEN_SCHEMA_H
#define CODEGEN_SCHEMA_H

#include "codegen/type.h"

enum schema_direction {
    SCHEMA_INPUT, /* a script writes the value: what has a default may be left out */
    SCHEMA_OUTPUT /* a script reads it: what is required is there */
};

struct schema_options {
    enum schema_direction direction;
    /*
     * By the letter: a schema without `type` also takes values its keywords don't speak of, and an
     * object without `additionalProperties` takes any others.  Without it (how servers mean it,
     * and what finds a script's mistakes) a schema with `properties` is an object with just those.
     */
    bool exact;
    const char *root_name; /* base of the name of a root that refers to itself */
};

/* What could not be said in full; for the documentation. */
struct schema_notes {
    bool remote;   /* a $ref leads nowhere within the document */
    bool too_deep; /* nested deeper than LIMIT_SCHEMA_DEPTH */
};

/* The type of `schema`, which must outlive `set`.  Definitions it refers to are added to the set.
 */
const struct type *schema_type(struct type_set *set,
                               const json_t *schema,
                               const struct schema_options *options,
                               struct schema_notes *ret_notes);

/* The type of a tool's input: always an object, or a union of objects. */
const struct type *schema_input_type(struct type_set *set,
                                     const json_t *schema,
                                     const char *root_name,
                                     struct schema_notes *ret_notes);

/* True when `{}` is a value of an input type, so that the argument may be left out. */
bool schema_input_is_optional(const struct type *type);

#endif

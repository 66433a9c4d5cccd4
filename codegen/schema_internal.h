/*
 * What the files schema_*.c share.
 */
#ifndef CODEGEN_SCHEMA_INTERNAL_H
#define CODEGEN_SCHEMA_INTERNAL_H

#include "codegen/schema.h"

/* Kinds of JSON values, as bits. */
enum {
    KIND_NULL = 1,
    KIND_BOOLEAN = 2,
    KIND_NUMBER = 4,
    KIND_STRING = 8,
    KIND_ARRAY = 16,
    KIND_OBJECT = 32,
    KIND_ALL = 63
};

/* One conversion. */
struct schema_reader {
    struct type_set *set;
    const json_t *root;
    const struct schema_options *options;
    struct schema_notes notes;
    unsigned depth;
    bool lone_references; /* draft-07 and before: what stands beside a $ref does not count */
};

/* The type of a schema or subschema. */
const struct type *schema_read(struct schema_reader *reader, const json_t *schema);

/* The kinds a schema allows: by `type`, else by its keywords; KIND_ALL when nothing tells. */
unsigned schema_kinds(const struct schema_reader *reader, const json_t *schema);

/* The type of a value of `const` or `enum`. */
const struct type *schema_literal(struct schema_reader *reader, const json_t *value);

/* By `enum` or `const`; NULL when the schema has neither. */
const struct type *schema_enumeration(struct schema_reader *reader, const json_t *schema);

/* By the keywords for objects and for arrays. */
const struct type *schema_object(struct schema_reader *reader, const json_t *schema);
const struct type *schema_array(struct schema_reader *reader, const json_t *schema);

/* `type` narrowed by allOf, anyOf, oneOf, not, and widened by what conditions add. */
const struct type *
schema_combine(struct schema_reader *reader, const json_t *schema, const struct type *type);

/* The type that a $ref or $dynamicRef of a schema leads to; NULL when it has none. */
const struct type *schema_reference(struct schema_reader *reader, const json_t *schema);

/* Follows a reference within `root`; NULL when it leads nowhere there. */
const json_t *schema_find(const json_t *root, const char *reference);

#endif

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

/* A document that is read, and how many of its values may still be looked at for anchors and
 * identifiers: what is not found then counts as being elsewhere. */
struct schema_document {
    const json_t *root;
    size_t search_left;
};

#define SCHEMA_SEARCH_MAX ((size_t)4 * 1000 * 1000)

/* One conversion. */
struct schema_reader {
    struct type_set *set;
    struct schema_document document;
    const json_t *resource; /* the root, or the embedded schema with an $id that is being read */
    const struct schema_options *options;
    struct schema_notes notes;
    unsigned depth;
    bool lone_references; /* draft-07 and before: what stands beside a $ref does not count */
};

/* The type of a schema or subschema. */
const struct type *schema_read(struct schema_reader *reader, const json_t *schema);

/* The kinds a schema allows: by `type`, else by its keywords; KIND_ALL when nothing tells. */
unsigned schema_kinds(const struct schema_reader *reader, const json_t *schema);

/* The kinds that a `type` names; 0 when it is missing or names nothing known. */
unsigned schema_kinds_named(const json_t *type);
/* True when a `type` is `name` or lists it. */
bool schema_names_type(const json_t *type, const char *name);

/* True when a keyword of a schema combines others with it. */
bool schema_has_combinations(const json_t *schema);

/* All values of some kinds. */
const struct type *schema_of_kinds(struct schema_reader *reader, unsigned kinds);
/* Objects with a property, and whatever others. */
const struct type *schema_with_property(struct schema_reader *reader,
                                        const char *name,
                                        const struct type *type,
                                        bool optional);

/* The type of a value of `const` or `enum`. */
const struct type *schema_literal(struct schema_reader *reader, const json_t *value);

/* By `enum` or `const`; NULL when the schema has neither. */
const struct type *schema_enumeration(struct schema_reader *reader, const json_t *schema);

/* The keys that a pattern of plain characters matches; false when the pattern is of another sort.
 */
bool schema_pattern(struct schema_reader *reader,
                    const char *text,
                    struct type_pattern *ret_pattern);

/* By the keywords for objects and for arrays. */
const struct type *schema_object(struct schema_reader *reader, const json_t *schema);
const struct type *schema_array(struct schema_reader *reader, const json_t *schema);

/* At least every value that a schema refuses. */
const struct type *schema_complement(struct schema_reader *reader, const json_t *schema);

/* `type` narrowed by if, then, else, dependentRequired, dependentSchemas and dependencies; without
 * schema_options.exact widened by the properties that they describe. */
const struct type *
schema_conditions(struct schema_reader *reader, const json_t *schema, const struct type *type);

/* `type` narrowed by unevaluatedProperties and unevaluatedItems. */
const struct type *
schema_unevaluated(struct schema_reader *reader, const json_t *schema, const struct type *type);

/* `type` with all of that. */
const struct type *
schema_combine(struct schema_reader *reader, const json_t *schema, const struct type *type);

/* The type that a $ref or $dynamicRef of a schema leads to; NULL when it has none. */
const struct type *schema_reference(struct schema_reader *reader, const json_t *schema);

/* Follows a reference within a document; NULL when it leads nowhere there. */
const json_t *schema_find(struct schema_document *document, const char *reference);

#endif

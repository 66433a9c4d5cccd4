/*
 * What a schema says that a type can't: limits, patterns, conditions, units,
 * defaults and examples, as tags of a documentation comment.
 */
#ifndef CODEGEN_CONSTRAINTS_H
#define CODEGEN_CONSTRAINTS_H

#include <jansson.h>

#include "base/buf.h"

struct schema_document;

/*
 * Appends one tag a line, the lines joined by line ends: `@minimum 1`.  What
 * is said of parts that have no comment of their own is one tag, in words:
 * `@items one tag, pattern ^a, maxLength 10`.  All text is escaped.  Returns
 * the description of the schema, else its title, as it was sent; empty when it
 * has none.  Counts what stands behind a schema that only refers, or only adds
 * null, as its own.
 */
struct span
constraints_tags(struct buf *out, struct schema_document *document, const json_t *schema);

/* Appends what is said of a whole input or output, which has no comment of its own, as one more
 * tag: `@input minProperties 1`.  Nothing when nothing is, or `schema` is NULL. */
void constraints_of_whole(struct buf *out, const char *tag, const json_t *schema);

#endif

/*
 * Documentation comments: what a schema says in words, and what of its
 * constraints a type can't say.
 */
#ifndef CODEGEN_DOCUMENTATION_H
#define CODEGEN_DOCUMENTATION_H

#include <jansson.h>

#include "base/buf.h"
#include "codegen/catalogue.h"

struct schema_document;

/*
 * Appends the JSDoc of a schema at `indent`, on one line when it is short;
 * nothing when there is nothing to say.  The document is for what stands
 * behind a $ref.
 */
void documentation_of_schema(struct buf *out,
                             struct schema_document *document,
                             const json_t *schema,
                             const char *indent);

/* Appends the JSDoc of a tool: title, description, its raw name when it has another in scripts,
 * hints, and `note` (may be NULL). */
void documentation_of_tool(struct buf *out,
                           const struct catalogue_server *server,
                           const struct tool *tool,
                           const char *note,
                           const char *indent);

/* Appends "read-only, idempotent" and so on; nothing when no hint was given. */
void documentation_hints(struct buf *out, const struct tool *tool);

#endif

/*
 * An example call of a tool, made of its schema.
 */
#ifndef CODEGEN_EXAMPLE_H
#define CODEGEN_EXAMPLE_H

#include "base/buf.h"
#include "codegen/catalogue.h"

/* Appends `await github.create_issue({ title: "…" })` with the required properties, valued by the
 * schema's own examples, defaults and lists where it has them. */
void example_call(struct buf *out, const struct catalogue_server *server, const struct tool *tool);

#endif

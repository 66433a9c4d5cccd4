/*
 * The types of one tool, and the names that its definitions have in its
 * server's namespace.
 */
#ifndef CODEGEN_TOOL_TYPES_H
#define CODEGEN_TOOL_TYPES_H

#include "codegen/catalogue.h"
#include "codegen/schema.h"
#include "codegen/type.h"

struct tool_types {
    struct type_set set;
    const struct type *input;
    const struct type *output;
    const json_t *input_schema, *output_schema; /* of the tool; the second may be NULL */
    bool input_optional;                        /* the argument may be left out */
    bool input_empty;                           /* there is nothing to give */
    bool observed;                  /* the output is what was seen, not what was promised */
    struct type_definition **named; /* those printed by name, in order; of the set's arena */
    size_t named_count;
    struct schema_notes input_notes, output_notes;
};

/* Reads a tool's schemas, which must outlive the types. */
void tool_types_init(struct tool_types *types, const struct tool *tool);
void tool_types_done(struct tool_types *types);

/* What could not be typed in full, for the documentation; NULL when all was. */
const char *tool_types_note(const struct tool_types *types);

#endif

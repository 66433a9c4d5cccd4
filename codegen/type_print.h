/*
 * Writes types as TypeScript, on one line or with documentation.
 */
#ifndef CODEGEN_TYPE_PRINT_H
#define CODEGEN_TYPE_PRINT_H

#include "base/buf.h"
#include "codegen/type.h"

struct type_style {
    /* Writes the JSDoc of a property, lines indented by `indent`; objects are then written one
     * property a line.  NULL: everything on one line, no documentation. */
    void (*document)(void *ctx,
                     const json_t *root,
                     const struct type_property *property,
                     const char *indent,
                     struct buf *out);
    void *ctx;
    const json_t *root;   /* the document that the properties' schemas are part of */
    bool strict;          /* other keys are `unknown`: to the compiler an array has `any` of them */
    bool brief;           /* leaves out that an object takes keys beside those it describes */
    unsigned literal_max; /* literals of a union that are written; 0 for all */
    unsigned depth_max;   /* objects within objects that are written out; 0 for all */
};

/* Appends a type.  Definitions that have a name are written by it; `prefix` (such as "Github.")
 * comes before it.  `indent_columns` is the indentation of the line the type begins on. */
void type_print(struct buf *out,
                const struct type *type,
                const struct type_style *style,
                const char *prefix,
                unsigned indent_columns);

/* How long a type is on one line, up to `max`: counting stops there. */
size_t type_length(const struct type *type, size_t max);

#endif

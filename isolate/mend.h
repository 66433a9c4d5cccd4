/*
 * What tree-sitter's grammar reads otherwise than TypeScript, mended in the
 * text to parse without a tree: a semicolon in place of a blank, blanks in
 * place of types that are erased anyway.  A mended text counts only where the
 * grammar then finds no error.
 */
#ifndef ISOLATE_MEND_H
#define ISOLATE_MEND_H

#include <stdbool.h>

#include "base/buf.h"

/* Ends the member before a line that begins with a call signature, or with a member named `in`: the
 * grammar reads on.  Returns whether the text changed. */
bool mend_signatures(struct buf *text);

/* Blanks the types in tag<Type>`text`.  Returns whether the text changed. */
bool mend_tag_types(struct buf *text);

#endif

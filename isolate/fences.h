/*
 * Markdown fences around code: everything outside the fenced blocks becomes
 * spaces, so that a block left in the text can't be taken for template
 * strings.
 */
#ifndef ISOLATE_FENCES_H
#define ISOLATE_FENCES_H

#include "isolate/edits.h"

/* Blanks what is outside the fenced blocks, which together are the code; does nothing when there is
 * no block.  A block opens with a line of three or more backticks or tildes that names a dialect of
 * JavaScript, or that is the first line with text; then later ones need no name either. */
void fences_blank(struct edits *edits);

#endif

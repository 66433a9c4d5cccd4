/*
 * Columns of the text that ran, back to columns of the code as it was sent.
 *
 * Preparing puts a few insertions into lines of the code and lists them in its
 * notes (isolate/prepare.h).  Needs base/ alone: the proxy uses it for
 * positions of errors at run time.
 */
#ifndef ISOLATE_SHIFTS_H
#define ISOLATE_SHIFTS_H

#include "base/span.h"

/* The column (from 1, UTF-16 units) in the code of `column` in `line` (from 1, of the code) of
 * run_text.  `notes` are prepare_result.notes; any bytes do no harm. */
unsigned shifts_column(struct span notes, unsigned line, unsigned column);

#endif

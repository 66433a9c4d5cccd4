/*
 * From the code a model sent to text that the checker and the engine take:
 * fences off, form found, wrapped, types stripped, every position kept.
 *
 * Runs in the worker (foreign text is parsed only there), with tree-sitter.
 *
 * Position rule: both texts have exactly one line before the first line of the
 * code, and every line of the code stands at its place.  In check_text every
 * character has its column too (in UTF-16 units).  In run_text it has, but
 * behind the few insertions that the notes list as "shifts" (a `return (` on
 * the line of the statement before, an enum's code): isolate/shifts.h takes a
 * column back.  What is erased becomes spaces.
 */
#ifndef ISOLATE_PREPARE_H
#define ISOLATE_PREPARE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* What stands around the code, on lines of its own, in run_text. */
#define PREPARE_RUN_HEAD "(async function () { \"use strict\"; "
#define PREPARE_RUN_FOOT "})()"

struct prepare_result {
    bool ok;
    /* TypeScript module text for the checker, types kept.  There also for code with a syntax error,
     * which the checker explains better than the error in the notes does; else empty when not ok.
     */
    struct buf check_text;
    struct buf
        run_text; /* JavaScript script text: an expression that yields a promise of the value */
    /*
     * JSON.  When ok: {"form": "statements" | "arrow" | "function" | "default" | "main",
     * "lints": [{"rule","line","column","end_column","name","message"}],
     * "shifts": [[line, column, by], ...]}; `name` is what is called, such as
     * "github.create_issue". Else one error: {"line","column","message","syntax"}, lines and
     * columns of the code from 1; "syntax" is true when the checker may say more (check_text is
     * set).
     */
    struct buf notes;
};

void prepare_result_init(struct prepare_result *result);
void prepare_result_done(struct prepare_result *result);

/* Prepares `code` (any bytes, at most LIMIT_CODE_BYTES).  -1 only when a limit or memory is
 * reached; a fault of the code is in the result. */
int prepare_code(struct span code, struct prepare_result *ret, struct err *err);

#endif

/*
 * The type check: a client of TypeScript's native compiler, kept as one
 * long-lived child that is killed and started anew at the first trouble
 * (crash-only), with a deadline and a memory limit.  It can reach nothing of
 * the machine but its own library (compiler_barrier.h).
 */
#ifndef PROXY_CHECK_CHECKER_H
#define PROXY_CHECK_CHECKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/span.h"
#include "codegen/catalogue.h"

struct checker;
struct checker_job;

struct checker_options {
    const char *tsc;         /* the compiler's binary */
    const char *library_dir; /* its lib.*.d.ts */
    bool
        sandbox_required; /* nothing is checked where a part of the compiler's barrier is refused */
};

/* Nothing is started before the first need or checker_start.  Strings are copied. */
struct checker *checker_new(struct loop *loop, const struct checker_options *options);

/* Starts the compiler and hands it the declarations, ahead of need. */
void checker_start(struct checker *checker, struct catalogue *catalogue);

/* One finding, in lines and columns of the code as it was sent (from 1, in UTF-16 units). */
struct diagnostic {
    int code; /* TypeScript's number, as in TS2345; 0 for a finding of our own */
    unsigned line, column, end_line, end_column;
    char *message;
    char *hint; /* the nearest names, a missing await, what to use instead; NULL when none */
};

struct check_report {
    struct diagnostic *diagnostics; /* eight at most */
    size_t count;
    size_t more; /* how many were left out */
};

/* Exactly one call follows a start: `report` is NULL when the check itself failed (`err`). */
typedef void checker_done_fn(void *ctx, const struct check_report *report, const struct err *err);

/*
 * Checks `text` (prepare_result.check_text) against the declarations of
 * `catalogue`, which it keeps a reference of.  `notes` are those of the same
 * preparation, of a failed one too: its place helps where the compiler knows
 * none.  Their lints become findings where they concern a tool of the
 * catalogue.  SPAN_NONE when there are none.  Both are copied.
 */
struct checker_job *checker_check(struct checker *checker,
                                  struct catalogue *catalogue,
                                  struct span text,
                                  struct span notes,
                                  checker_done_fn *fn,
                                  void *ctx);
/* fn is called with ERR_CANCELLED at the next turn. */
void checker_cancel(struct checker_job *job);

/*
 * Renders a report for a model: per finding the place, message, hint, a code
 * frame with a caret, and once per tool concerned its signature.
 */
int checker_render(const struct check_report *report,
                   struct span code,
                   const struct catalogue *catalogue,
                   struct buf *out,
                   struct err *err);

/* A code frame: the line with its neighbours and a caret under [column, end_column).  Used for
 * errors at run time too. */
int code_frame(
    struct span code, unsigned line, unsigned column, unsigned end_column, struct buf *out);

bool checker_ready(const struct checker *checker, const char **ret_why);
const char *checker_version(const struct checker *checker); /* "7.0.2", or NULL when unknown yet */
/* The parts of the compiler's barrier that this machine refuses, as "landlock, filter"; NULL as
 * long as none was started. */
const char *checker_lacks(const struct checker *checker);
int checker_pid(const struct checker *checker); /* 0 when not running */
void checker_free(struct checker *checker);     /* takes NULL; open jobs end with ERR_CANCELLED */

#endif

/*
 * Why an execution failed: what the client is told, whatever the source (a
 * limit, the checker, preparing, the script's own error).
 */
#ifndef PROXY_EXEC_FAILURE_H
#define PROXY_EXEC_FAILURE_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"
#include "proxy/exec/cache.h"
#include "proxy/exec/kinds.h"

struct failure {
    bool set;
    enum exec_kind kind;
    struct buf name;     /* the error's own class, such as "TypeError"; may be empty */
    struct buf message;  /* text */
    struct buf report;   /* the checker's rendering; stands for message and place when not empty */
    struct buf details;  /* raw JSON members `"key":value,...` for the outcome's JSON */
    struct buf frames;   /* "  from f, line 3, column 5\n" lines */
    char *server, *tool; /* owned; the tool concerned; NULL when none */
    unsigned line, column; /* in the code as it was sent, from 1; 0 when unknown */
};

void failure_init(struct failure *failure);
void failure_done(struct failure *failure);

/* Each sets a failure, once: a second one is ignored, since the first is the cause. */
void failure_set(struct failure *failure, enum exec_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void failure_vset(struct failure *failure, enum exec_kind kind, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
/* From the JSON of DONE error; `notes` are those of preparing, for columns. */
void failure_from_done(struct failure *failure, struct span json, struct span notes);
/* From the notes of a code that could not be prepared. */
void failure_from_notes(struct failure *failure, struct span notes);
/* From a check that found something. */
void failure_from_check(struct failure *failure,
                        enum exec_kind kind,
                        const struct checked *checked);

/* Appends {"kind","name"?,"message","line"?,"column"?,"server"?,"tool"?,...}. */
void failure_write_json(const struct failure *failure, struct buf *out);

#endif

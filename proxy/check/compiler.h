/*
 * One TypeScript compiler process: started, asked one question at a time,
 * killed.  It asks back for files; it is trusted with nothing, and the first
 * wrong message ends it (crash-only).
 *
 * Speaks to `tsc --api --async` of TypeScript 7.0: JSON-RPC 2.0 in frames.
 */
#ifndef PROXY_CHECK_COMPILER_H
#define PROXY_CHECK_COMPILER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/span.h"

struct compiler;

/* None is called before compiler_start or compiler_ask returns. */
struct compiler_events {
    /* The answer to compiler_ask: `result` is raw JSON, valid during the call; with `err` set the
     * compiler refused. */
    void (*on_answer)(void *ctx, struct span result, const struct err *err);
    /* It asks for a file: append the JSON answer to `answer`.  -1 when it is too large. */
    int (*on_file)(void *ctx, struct span method, struct span path, struct buf *answer);
    /* It ended or broke the protocol; called once, nothing follows.  End it still. */
    void (*on_gone)(void *ctx, const struct err *err);
};

struct compiler_program {
    const char *tsc;       /* the folder that it really lies in is all that it may read */
    bool sandbox_required; /* it isn't started where a part of its barrier is refused */
};

/* Starts a compiler.  NULL with err naming the program. */
struct compiler *compiler_start(struct loop *loop,
                                const struct compiler_program *program,
                                const struct compiler_events *events,
                                void *ctx,
                                struct err *err);

/* Asks; the one before must have been answered.  `params` is JSON.  -1 with err when it can't be
 * sent. */
int compiler_ask(struct compiler *compiler,
                 const char *method,
                 struct span params,
                 struct err *err);

int compiler_pid(const struct compiler *compiler);
/* What its barrier lacks (compiler_barrier_missing). */
const char *compiler_lacks(const struct compiler *compiler);

/* Kills it; no callback follows.  Frees it when that is safe: may be called within its callbacks.
 * Takes NULL. */
void compiler_end(struct compiler *compiler);

#endif

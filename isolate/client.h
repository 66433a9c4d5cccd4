/*
 * The proxy's end of the isolate: starts the zygote, keeps workers ready, and
 * leases one to each execution.
 *
 * Everything a worker sends is hostile: frames are checked by isolate/wire,
 * JSON bodies by json_check, ids must grow; the first wrong one kills that
 * worker and ends its lease with ERR_PROTOCOL.
 */
#ifndef ISOLATE_CLIENT_H
#define ISOLATE_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/loop.h"
#include "base/span.h"

struct isolate_pool;
struct isolate;

enum isolate_sandbox { ISOLATE_SANDBOX_REQUIRE, ISOLATE_SANDBOX_BEST_EFFORT };

/* Workers; 1 <= min <= spare <= max. */
struct isolate_pool_size {
    unsigned min;     /* ready ahead of demand, always */
    unsigned spare;   /* ready ahead of demand at most, when many executions come */
    unsigned max;     /* at work and ready together; who comes then waits */
    uint64_t idle_ms; /* after so long half of what nobody needed meanwhile is ended */
};

struct isolate_options {
    const char *loader;       /* the V8 prefix's own ld.so; NULL runs `program` directly */
    const char *library_path; /* for the loader */
    const char *program;      /* mcpfold-isolate */
    bool jit;
    enum isolate_sandbox sandbox;
    struct isolate_pool_size size;
    uint64_t heap_max_bytes; /* the largest heap any execution may ask for */
};

/* Makes a pool; nothing is started before isolate_pool_start or the first lease.  Strings are
 * copied. */
struct isolate_pool *isolate_pool_new(struct loop *loop, const struct isolate_options *options);

/* Starts the zygote and fills the pool; may be called again at any time. */
void isolate_pool_start(struct isolate_pool *pool);

/* True when the zygote runs and at least one worker is ready; else *ret_why (borrowed) says why. */
bool isolate_pool_ready(const struct isolate_pool *pool, const char **ret_why);

/* Figures for `check`, metrics and tests. */
struct isolate_pool_state {
    bool running;
    bool start_failed; /* of the zygote, the last time; it is started again after a while */
    unsigned idle, leased;
    unsigned wanted; /* workers to be ready ahead of demand, as demand is now */
    char engine_version[64];
    char layers_on[512], layers_off[512]; /* names of sandbox layers in force and refused */
    uint64_t started, crashed;            /* workers since the start */
};
void isolate_pool_state(const struct isolate_pool *pool, struct isolate_pool_state *ret_state);

/* Says what scripts find from now on, in place of what was said before: the JSON of
 * WIRE_ENVIRONMENT (copied).  Workers that wait are told ahead of their lease.  -1 with ERR_LIMIT
 * when it is too long; then all is as before. */
int isolate_pool_equip(struct isolate_pool *pool, struct span environment, struct err *err);

/* Kills everything and frees; leases still open end with ERR_CANCELLED first.  Not to be called
 * inside one of the callbacks below.  Takes NULL. */
void isolate_pool_free(struct isolate_pool *pool);

/* How an execution ended in the worker. */
enum isolate_end {
    ISOLATE_END_OK,       /* DONE ok: `json` is the value's frame */
    ISOLATE_END_ERROR,    /* DONE error: `json` is the error's frame */
    ISOLATE_END_MEMORY,   /* out of memory */
    ISOLATE_END_CPU,      /* processor time used up */
    ISOLATE_END_CRASH,    /* the worker died; `err` says how */
    ISOLATE_END_PROTOCOL, /* the worker broke the wire; it was killed */
    ISOLATE_END_FAILED    /* no worker could be had, or the lease was killed by us; see `err` */
};

/* Called for one lease; spans are valid during the call. */
struct isolate_events {
    /* A worker is leased: isolate_prepare or isolate_run may follow. */
    void (*on_leased)(void *ctx);
    /* The worker was killed by somebody else before the script began.  Another one is on its way:
     * on_leased or on_end follows, and nothing may be sent before. */
    void (*on_lost)(void *ctx);
    /* `status` "ok" or "error"; the parts of WIRE_PREPARED. */
    void (*on_prepared)(
        void *ctx, bool ok, struct span check_text, struct span run_text, struct span notes);
    /* A host call: answer with isolate_reply, in any order, now or later. */
    void (*on_call)(void *ctx, uint32_t id, struct span json);
    void (*on_log)(void *ctx, struct span json);
    void (*on_emit)(void *ctx, struct span json);
    void (*on_progress)(void *ctx, struct span json);
    /* The end, exactly once; the isolate is gone when it returns.  `json` may be empty. */
    void (*on_end)(void *ctx, enum isolate_end end, struct span json, const struct err *err);
};

/* Asks for a worker.  on_leased or on_end follows, never before this returns. */
struct isolate *
isolate_lease(struct isolate_pool *pool, const struct isolate_events *events, void *ctx);

/* Sends code to be prepared; on_prepared follows. */
void isolate_prepare(struct isolate *isolate, struct span code);

/* Sends prepared text to run, after isolate_pool_equip; `input` is JSON or empty.  on_end follows.
 */
void isolate_run(struct isolate *isolate, struct span run_text, struct span input);

/* Answers a host call.  `json` is the value, or {name?, message, ...} of an error. */
void isolate_reply(struct isolate *isolate, uint32_t id, bool ok, struct span json);

/* Kills the worker; on_end(ISOLATE_END_FAILED, ERR_CANCELLED) follows at the next turn. */
void isolate_kill(struct isolate *isolate);

#endif

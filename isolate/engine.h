/*
 * The JavaScript engine as the worker sees it: started once in the zygote,
 * then used once in each worker forked from it.
 *
 * engine_v8.cc is the only C++ and the only file that includes V8's headers;
 * engine_null.c has the same interface without an engine, so that all around
 * it can be tested under sanitizers.
 */
#ifndef ISOLATE_ENGINE_H
#define ISOLATE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "base/err.h"
#include "base/span.h"

struct engine;

struct engine_options {
    bool jit;
    uint64_t heap_max_bytes; /* upper bound; lowered per execution */
};

/* What the engine asks of the worker; all may be called while engine_run or engine_step runs. */
struct engine_host {
    /* Queues a frame: type is WIRE_CALL, _LOG, _EMIT, _PROGRESS, _DONE or _FATAL.  False when the
     * queue is full (the script gets a RangeError). */
    bool (*send)(void *ctx, int type, uint32_t id, struct span body);
    /* From a handler that must not return into the engine (out of memory): writes and exits. */
    void (*fatal)(void *ctx, const char *kind, const char *message) __attribute__((noreturn));
    void *ctx;
};

/* Starts the engine and loads the runtime; in the zygote, single-threaded.  NULL with err. */
struct engine *engine_start(const struct engine_options *options, struct err *err);

/* Runs a representative script once, in the zygote: what every execution runs is compiled then. */
void engine_warm_up(struct engine *engine);

/* The engine's name and version, such as "V8 13.6.233.17". */
const char *engine_version(void);

/* An address in the engine's own library (see huge_text.h); NULL when it has none. */
const void *engine_text(void);

/* A text to run that ends well and whose value is 2; for the self-test. */
const char *engine_probe_text(void);

/* A script to be run. */
struct engine_script {
    struct span run_text; /* prepared */
    struct span input;    /* JSON; empty for none */
};

/* An execution that does what executions have in common. */
struct engine_sample {
    struct span environment; /* for engine_equip */
    struct engine_script script;
    struct span reply; /* JSON: what each of its calls is answered with */
    unsigned calls;
};

/* The one that engine_warm_up runs.  It stays the engine's. */
void engine_sample(const struct engine *engine, struct engine_sample *ret);

/* Gives the next script its servers and limits, in place of those of before: `environment` is the
 * JSON of WIRE_ENVIRONMENT. */
void engine_equip(struct engine *engine, const struct engine_host *host, struct span environment);

/* Starts a script, after engine_equip.  The host's send gets WIRE_DONE when it ends, maybe during
 * this call. */
void engine_run(struct engine *engine,
                const struct engine_host *host,
                const struct engine_script *script);

/* Delivers the reply to host call `id`. */
void engine_reply(struct engine *engine, uint32_t id, bool ok, struct span json);

/* Milliseconds until engine_tick has something to do (a timer of the script); -1 for never. */
int64_t engine_next_ms(struct engine *engine);

/* Runs timers that are due and microtasks. */
void engine_tick(struct engine *engine);

/* True after WIRE_DONE was sent. */
bool engine_done(const struct engine *engine);

/* Ends the script from a signal handler: the next check point throws, uncatchably. */
void engine_terminate(struct engine *engine);

#ifdef __cplusplus
}
#endif

#endif

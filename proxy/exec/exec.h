/*
 * One execute_code, from admission to reply (DESIGN "The way of one
 * execute_code"), and the broker that decides each of its host calls.
 */
#ifndef PROXY_EXEC_EXEC_H
#define PROXY_EXEC_EXEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/span.h"
#include "isolate/client.h"
#include "proxy/check/checker.h"
#include "proxy/config/config.h"
#include "proxy/store/learned.h"
#include "proxy/upstream/upstreams.h"

struct exec_service; /* what all executions share: queue, caches, kept results */
struct exec;

struct exec_parts {
    struct loop *loop;
    const struct config *config;
    struct isolate_pool *isolates;
    struct checker *checker;
    struct upstreams *upstreams;
    struct learned *learned; /* where shapes of outputs are learned; NULL: nowhere */
};

struct exec_service *exec_service_new(const struct exec_parts *parts); /* parts outlive it */
/* Cancels what runs; `fn` is called when the last has ended. */
void exec_service_stop(struct exec_service *service, loop_fn *fn, void *ctx);
void exec_service_free(struct exec_service *service); /* takes NULL */
unsigned exec_service_running(const struct exec_service *service);

/* What an execution came to; spans are valid during the call. */
struct exec_outcome {
    bool ok;
    const char *kind;   /* of the error: "TypeCheckError", "ScriptError", ...; NULL when ok */
    struct span text;   /* what the model reads: value and console lines, or the rendered error */
    struct span blocks; /* emitted content blocks, raw, separated by commas; may be empty */
    struct span value;  /* the value as JSON (whole), or empty */
    struct span error;  /* {"kind","message",...} as JSON, or empty */
    struct span logs;   /* [{"level","text"}] as JSON */
    struct span meta;   /* {"run","calls":[...ledger...],"timings":{...},"kept"?} as JSON */
    unsigned calls;
    uint64_t duration_ms;
};

struct exec_events {
    /* Something to tell a client that asked for progress; total is NAN when unknown, message may be
     * empty.  Values grow.  May be NULL. */
    void (*on_progress)(void *ctx, double progress, double total, struct span message);
    /* A console line, as it comes: level "log", "info", "warn", "error", "debug".  May be NULL. */
    void (*on_log)(void *ctx, struct span level, struct span text);
    /* A log message of a server: raw params of notifications/message.  May be NULL. */
    void (*on_server_log)(void *ctx, const char *server, struct span params);
    /* A server asks the client; the clock of the execution stands still until the ask is answered,
     * refused or gone.  NULL: every question is refused. */
    void (*on_ask)(void *ctx, struct ask *ask);
    void (*on_ask_gone)(void *ctx, struct ask *ask);
    /* The end, exactly once, never before exec_start returns. */
    void (*on_done)(void *ctx, const struct exec_outcome *outcome);
};

struct exec_request {
    struct span code;
    struct span input;             /* raw JSON, or empty */
    struct upstream_caller caller; /* the client; the execution itself is the owner of its calls */
};

/* Starts an execution; the request is copied. */
struct exec *exec_start(struct exec_service *service,
                        const struct exec_request *request,
                        const struct exec_events *events,
                        void *ctx);

/* Answers a question of on_ask with a raw result object, and frees it. */
void exec_answer(struct exec *exec, struct ask *ask, struct span result);
/* Nobody can or will answer it: its server is told in its own way (ask_refuse), and when the call
 * then fails the script gets QuestionUnanswered with `why`.  Frees the ask. */
void exec_refuse(struct exec *exec, struct ask *ask, const char *why);

/* The client goes on with another request: further calls are made for this one; copied. */
void exec_set_caller(struct exec *exec, const struct upstream_caller *caller);

/* Nobody waits for it any more: on_done with kind "Cancelled" follows, whose message is `why`. */
void exec_cancel(struct exec *exec, const char *why);

/*
 * Kept results, behind the resource links of shortened ones.  Appends a page
 * of a kept value ("mcpfold://results/<id>?offset=N") as text; *ret_mime is a
 * constant.  ERR_NOT_FOUND when it is unknown or has been dropped.
 */
int exec_read_kept(struct exec_service *service,
                   struct span uri,
                   struct buf *out,
                   const char **ret_mime,
                   struct err *err);

#endif

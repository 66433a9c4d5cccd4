/*
 * All upstream servers: connections, their states, and the catalogue made of
 * them.
 *
 * Nothing starts before upstreams_start.  One upstream that is slow, dead or
 * broken delays and breaks nothing else.
 */
#ifndef PROXY_UPSTREAM_UPSTREAMS_H
#define PROXY_UPSTREAM_UPSTREAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/span.h"
#include "codegen/catalogue.h"
#include "proxy/config/config.h"
#include "proxy/rpc/protocol.h"

struct upstreams;

/* The catalogue has changed; fetch it with upstreams_catalogue. */
typedef void upstreams_change_fn(void *ctx);

/* Takes what it needs of `config`, which must outlive it. */
struct upstreams *upstreams_new(struct loop *loop,
                                const struct config *config,
                                upstreams_change_fn *on_catalogue_change,
                                void *ctx);

/* Connects to all that are not disabled, at the same time; does nothing when already started. */
void upstreams_start(struct upstreams *upstreams);

/* Calls `fn` once, at a later turn, when every upstream has answered or failed, or
 * `timeout_ms` after the start.  Starts if need be. */
void upstreams_when_settled(struct upstreams *upstreams,
                            uint64_t timeout_ms,
                            loop_fn *fn,
                            void *ctx);

/*
 * As upstreams_when_settled for those alone that `code` may want: the ones whose key or name in a
 * script stands in it, or all when the word "mcp" does, since what is found by it can't be told
 * from the text.
 */
void upstreams_when_wanted_settled(
    struct upstreams *upstreams, struct span code, uint64_t timeout_ms, loop_fn *fn, void *ctx);

/* True when every upstream has answered or failed. */
bool upstreams_settled(const struct upstreams *upstreams);

/* Forgets a wait that was asked for with this ctx. */
void upstreams_forget_wait(struct upstreams *upstreams, void *ctx);

/* The catalogue now; the caller takes a reference of its own if it keeps it. */
struct catalogue *upstreams_catalogue(struct upstreams *upstreams);

/* What `check --connect` and health tell of one. */
struct upstream_status {
    const char *key;
    enum server_state state;
    const char *problem; /* NULL when none */
    enum era era;
    const char *protocol; /* the revision in use; NULL when not connected */
    size_t tools;
    uint64_t connect_ms; /* time from start to ready */
    int pid;             /* of a stdio child; 0 otherwise */
};
size_t upstreams_count(const struct upstreams *upstreams);
void upstreams_status(const struct upstreams *upstreams,
                      size_t index,
                      struct upstream_status *ret_status);

/*
 * One request to one upstream.  Exactly one call of on_result or on_error
 * follows, never before upstreams_call returns, also after cancel
 * (ERR_CANCELLED).
 */
struct upstream_call;
struct upstream_call_events {
    /* `result` is the raw result object. */
    void (*on_result)(void *ctx, struct span result);
    /* ERR_REMOTE: the server's JSON-RPC error, with `code` and raw `data`; ERR_TIMEOUT,
     * ERR_UNAVAILABLE (not connected; nothing was sent), ERR_CLOSED (the connection was lost while
     * the request was on its way: it may or may not have been carried out), ERR_LIMIT,
     * ERR_CANCELLED. */
    void (*on_error)(void *ctx, const struct err *err, int64_t code, struct span data);
    /* notifications/progress of this request: raw params.  May be NULL. */
    void (*on_progress)(void *ctx, struct span params);
};
struct upstream_call *upstreams_call(struct upstreams *upstreams,
                                     struct span server_key,
                                     const char *method,
                                     struct span params, /* raw object without _meta, or empty */
                                     uint64_t timeout_ms,
                                     const struct upstream_call_events *events,
                                     void *ctx);
/* Cancels by the rule of the hop; on_error(ERR_CANCELLED) follows at the next turn. */
void upstream_call_cancel(struct upstream_call *call);

/* Ends every child (stdin closed, then SIGTERM, then SIGKILL) and connection; `fn` is called when
 * the last one is gone. */
void upstreams_stop(struct upstreams *upstreams, loop_fn *fn, void *ctx);
void upstreams_free(struct upstreams *upstreams); /* takes NULL; kills what is left at once */

#endif

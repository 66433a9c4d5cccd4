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
#include "proxy/upstream/ask.h"

struct upstreams;

/* The lists of a server, as bits. */
enum { UPSTREAM_TOOLS = 1, UPSTREAM_PROMPTS = 2, UPSTREAM_RESOURCES = 4 };

/* What happens outside of calls.  Each may be NULL.  `session` is that of upstream_caller when it
 * was told on the connection that a session has of its own, empty when on the shared one. */
struct upstreams_events {
    /* The catalogue has changed; fetch it with upstreams_catalogue. */
    void (*on_catalogue_change)(void *ctx);
    /* A resource that is watched has changed: raw params of notifications/resources/updated. */
    void (*on_resource_updated)(void *ctx,
                                const char *server_key,
                                struct span session,
                                struct span params);
    /* A server says that the user is done at a URL (2025-11-25, client/elicitation): of the
     * question that ask_note_visit gave this number, for the call of upstream_caller.session. */
    void (*on_visited)(void *ctx, struct span session, uint64_t number);
    /* A server says on a session's own connection that lists (bits) have changed.  What it has
     * there is not in the catalogue, for which the shared connection is asked again. */
    void (*on_session_lists)(void *ctx,
                             const char *server_key,
                             struct span session,
                             unsigned lists);
    /* False while nobody would hear what is told to a session: its connection is not kept for
     * resources that are watched.  NULL: always true. */
    bool (*is_heard)(void *ctx, struct span session);
};

/* `config` must outlive it. */
struct upstreams *upstreams_new(struct loop *loop,
                                const struct config *config,
                                const struct upstreams_events *events,
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

/* The catalogue now; the caller takes a reference of its own if it keeps it.  Lists whose `ttlMs`
 * is over are read again behind it. */
struct catalogue *upstreams_catalogue(struct upstreams *upstreams);

/* What `check --connect` and health tell of one. */
struct upstream_status {
    const char *key;
    enum server_state state;
    const char *problem; /* NULL when none */
    enum era era;
    const char *protocol; /* the revision in use; NULL when not connected */
    size_t tools;
    struct span capabilities; /* raw ServerCapabilities as it told them; empty when not connected */
    uint64_t connect_ms;      /* time from start to ready */
    int pid;                  /* of a stdio child; 0 otherwise */
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

/* On whose behalf a request is made.  Everything is optional and is copied. */
struct upstream_caller {
    /* Who gets the questions that a connection does not tie to a request: they are put only while
     * all requests under way there are of one owner. */
    const void *owner;
    /* Which connection, for a server with `isolation: session`: one for each value. */
    struct span session;
    /* Raw ClientCapabilities of the client that waits: which questions it can be asked. */
    struct span capabilities;
    /* Raw object: members of `_meta` that travel with the request.  Those of the hop
     * (progressToken, io.modelcontextprotocol/...) are left out, traceparent names a span of our
     * own below the one given. */
    struct span meta;
    /* The least level of log messages that is wanted, a constant; NULL: none. */
    const char *log_level;
    /* Results of type `input_required` go to on_result as they are, no question is put. */
    bool takes_input_required;
};

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
    /* notifications/message that belongs to this request: raw params.  May be NULL. */
    void (*on_log)(void *ctx, struct span params);
    /* The server asks; ask_answer or ask_refuse follows, now or at any time later, and the
     * request's deadline stands still meanwhile.  NULL: every question is refused. */
    void (*on_ask)(void *ctx, struct ask *ask);
    /* The server has taken the question back, or the request has ended: the ask is gone. */
    void (*on_ask_gone)(void *ctx, struct ask *ask);
};
struct upstream_call *upstreams_call(struct upstreams *upstreams,
                                     struct span server_key,
                                     const char *method,
                                     struct span params, /* raw object without _meta, or empty */
                                     uint64_t timeout_ms,
                                     const struct upstream_caller *caller, /* NULL: nobody */
                                     const struct upstream_call_events *events,
                                     void *ctx);
/* Cancels by the rule of the hop; on_error(ERR_CANCELLED) follows at the next turn. */
void upstream_call_cancel(struct upstream_call *call);

/*
 * Asks a server to tell of changes of a resource, until as many calls of upstreams_unwatch have
 * followed: `resources/subscribe` (legacy) or a filter of `subscriptions/listen` (modern), again
 * after each loss of the connection.  A server without subscriptions is not asked.
 *
 * With `isolation: session` that is done over the connection of `session`, which is begun if need
 * be and kept while is_heard; when it was away meanwhile, each resource is told as changed.  -1
 * with ERR_LIMIT when no connection can be had for it: nothing is watched then.
 */
int upstreams_watch(struct upstreams *upstreams,
                    struct span server_key,
                    struct span session,
                    struct span uri,
                    struct err *err);
void upstreams_unwatch(struct upstreams *upstreams,
                       struct span server_key,
                       struct span session,
                       struct span uri);

/* is_heard is true again for that session: its resources are watched as before. */
void upstreams_session_heard(struct upstreams *upstreams, struct span session);

/* Nobody makes requests for that upstream_caller.session any more: the connections of it end, and
 * on_visited does not come for it. */
void upstreams_session_gone(struct upstreams *upstreams, struct span session);

/* Ends every child (stdin closed, then SIGTERM, then SIGKILL) and connection; `fn` is called when
 * the last one is gone. */
void upstreams_stop(struct upstreams *upstreams, loop_fn *fn, void *ctx);
void upstreams_free(struct upstreams *upstreams); /* takes NULL; kills what is left at once */

#endif

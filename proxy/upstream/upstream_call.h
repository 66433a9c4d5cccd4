/*
 * One request of our caller to one upstream: it may wait for a connection that
 * is about to be made again, and is repeated once when it is certain that the
 * server did not carry it out.
 */
#ifndef PROXY_UPSTREAM_UPSTREAM_CALL_H
#define PROXY_UPSTREAM_UPSTREAM_CALL_H

#include <sys/queue.h>

#include "proxy/upstream/upstream.h"

TAILQ_HEAD(upstream_call_list, upstream_call);

/* The calls to one upstream that have not ended; a member of struct upstream. */
struct upstream_calls {
    struct loop *loop;         /* borrowed */
    struct upstream *upstream; /* borrowed; NULL: calls fail (upstream_call_explain) */
    bool of_session;           /* all are of one session of a client */
    struct upstream_call_list list;
};

void upstream_calls_init(struct upstream_calls *calls,
                         struct loop *loop,
                         struct upstream *upstream);

/* The upstream's gate has changed: calls that wait are sent, or told why not. */
void upstream_calls_release(struct upstream_calls *calls);

/* A legacy server asks, on the stream of that request (0: not known): the call that it belongs to
 * gets the question, or it is refused. */
void upstream_calls_put(struct upstream_calls *calls, struct ask *ask, uint64_t request_id);

/* A question is gone: the call that it was put to is told, and lets go of it. */
void upstream_call_lose(struct ask *ask);

/* notifications/message, notifications/elicitation/complete: raw params.  True when they belong to
 * a call. */
bool upstream_calls_log(struct upstream_calls *calls, struct span params, uint64_t request_id);
bool upstream_calls_complete(struct upstream_calls *calls, struct span params);

/* Forgets all calls, without a call of anything. */
void upstream_calls_done(struct upstream_calls *calls);

/* Why a call whose `calls` have no upstream fails. */
void upstream_call_explain(struct upstream_call *call, const struct err *err);

/* Starts a call; by the rules of upstreams_call. */
struct upstream_call *upstream_call_new(struct upstream_calls *calls,
                                        const char *method,
                                        struct span params,
                                        uint64_t timeout_ms,
                                        const struct upstream_caller *caller,
                                        const struct upstream_call_events *events,
                                        void *ctx);

#endif

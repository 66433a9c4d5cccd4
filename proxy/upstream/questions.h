/*
 * Requests that a legacy server sends over one connection: `ping` is answered,
 * what may be asked of a client becomes a struct ask, the rest is refused.
 */
#ifndef PROXY_UPSTREAM_QUESTIONS_H
#define PROXY_UPSTREAM_QUESTIONS_H

#include "base/span.h"
#include "proxy/config/config.h"
#include "proxy/rpc/message.h"
#include "proxy/upstream/ask_private.h"

struct questions;

struct questions_events {
    /* Sends an answer, a whole message. */
    void (*send)(void *ctx, struct span text);
    /* A question, on the stream of that request (0: not known).  It has to be answered, refused or
     * failed, now or later. */
    void (*on_ask)(void *ctx, struct ask *ask, uint64_t request_id);
    /* The server has taken a question back, or can't be told an answer any more; the ask is to be
     * let go of, and is freed behind this. */
    void (*on_ask_gone)(void *ctx, struct ask *ask);
};

/* `server` is borrowed. */
struct questions *
questions_new(const struct server_config *server, const struct questions_events *events, void *ctx);

/* A request of the server. */
void questions_take(struct questions *questions,
                    const struct rpc_message *request,
                    uint64_t request_id);

/* notifications/cancelled of the server: raw params. */
void questions_cancelled(struct questions *questions, struct span params);

/* The connection is lost: all questions are gone. */
void questions_end(struct questions *questions);

/* As questions_end without a call of anything.  Takes NULL. */
void questions_free(struct questions *questions);

#endif

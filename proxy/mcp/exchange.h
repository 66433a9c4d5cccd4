/*
 * One HTTP request as a channel: its messages go out as one JSON body, or as
 * an event stream from the first notification on.  Private to mcp/.
 */
#ifndef PROXY_MCP_EXCHANGE_H
#define PROXY_MCP_EXCHANGE_H

#include <sys/queue.h>

#include "base/buf.h"
#include "proxy/front/http_server.h"
#include "proxy/mcp/fault.h"
#include "proxy/mcp/server_private.h"

struct exchange {
    TAILQ_ENTRY(exchange) link; /* of those that are open */
    struct mcp_server *server;
    struct http_request *request;
    enum era era;
    bool accepts_json, accepts_stream;
    bool has_mode; /* the URL says what is offered */
    enum offer_mode mode;
    bool streaming;
    bool answered;        /* nothing more may be sent */
    bool batch;           /* the answers form an array */
    unsigned pending;     /* answers still to come */
    struct buf collected; /* those of a batch so far */
    uint64_t begun_ms;
    struct mcp_session *opened; /* by this request, an `initialize`, until it is answered */
    /* Of a legacy client, until it is answered: the session, and what keeps the events once they
     * are a stream. */
    struct mcp_session *session;
    struct event_stream *stream;
    bool resumed; /* a GET that goes on with a stream */
};

struct exchange *exchange_new(struct mcp_server *server, struct http_request *request);
/* To be called when the HTTP request is gone. */
void exchange_free(struct exchange *exchange);

struct mcp_channel exchange_channel(struct exchange *exchange);

/* Answers with a status and no body. */
void exchange_answer_empty(struct exchange *exchange, int status);
/* Answers with a JSON-RPC error; `id` may be SPAN_NONE. */
void exchange_answer_fault(struct exchange *exchange, const struct fault *fault, struct span id);

/* Answers one request of it, maybe of several, with an error. */
void exchange_fail_one(struct exchange *exchange, const struct fault *fault, struct span id);

/* Begins an event stream, once; one that a legacy client can resume, if its session has begun. */
void exchange_begin_stream(struct exchange *exchange);
/* Writes a message as an event (`ctx` is the exchange); the stream must have begun.  `number` is
 * that of the event in the exchange's stream, if it has one. */
void exchange_write_event(void *ctx, uint64_t number, struct span message);
/* A legacy answer that has been waited for since `before_ms` becomes a stream, so that it can be
 * resumed.  True while that is still to be done. */
bool exchange_make_resumable(struct exchange *exchange, uint64_t before_ms);
/* Keeps the stream alive; an answer that has been waited for since `before_ms` becomes one. */
void exchange_keep_alive(struct exchange *exchange, uint64_t before_ms);
/* Ends the stream. */
void exchange_end(struct exchange *exchange);

#endif

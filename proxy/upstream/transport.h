/*
 * A way to one server: messages out, messages in.  What is common to a child's
 * pipes, Streamable HTTP and HTTP+SSE.
 *
 * A transport knows nothing of eras and methods; it carries JSON-RPC texts, and
 * tells which request will get no answer when it can know.
 */
#ifndef PROXY_UPSTREAM_TRANSPORT_H
#define PROXY_UPSTREAM_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/span.h"
#include "proxy/config/config.h"
#include "proxy/upstream/headers.h"

struct transport;
struct http_client;

struct transport_message {
    struct span text;                  /* one JSON-RPC message on one line */
    uint64_t request_id;               /* 0: a notification or an answer */
    const struct header_list *headers; /* for HTTP; may be NULL */
    bool opens_session;                /* the answer may bring a session id (legacy `initialize`) */
    bool resumable;                    /* HTTP: an answer broken off may be gone on with by GET */
    bool holds_others;                 /* what follows is sent when this has been taken (HTTP has
                                        * no order of its own) */
};

/* Why a request gets no answer. */
struct transport_failure {
    struct err err;
    int http_status;  /* 0: there was no HTTP answer */
    struct span body; /* of the HTTP answer, as far as it was kept */
    bool not_done;    /* it was certainly not carried out */
};

/* None is called before the start function has returned, and none after transport_free. */
struct transport_events {
    void (*on_open)(void *ctx);
    /* `request_id` is the request whose answer's stream the message came on; 0 where messages come
     * on a stream of their own (stdio, HTTP+SSE, the stream for unsolicited messages). */
    void (*on_message)(void *ctx, struct span text, uint64_t request_id);
    /* A message over LIMIT_RPC_MESSAGE_BYTES was dropped; `part` is its head and tail. */
    void (*on_oversized)(void *ctx, struct span part);
    /* Whether a request still waits for its answer. */
    bool (*is_awaited)(void *ctx, uint64_t request_id);
    void (*on_request_failed)(void *ctx,
                              uint64_t request_id,
                              const struct transport_failure *failure);
    /* The server has forgotten our session: what is sent now goes without one, and a handshake has
     * to open the next.  Answers under way may still come. */
    void (*on_session_lost)(void *ctx, const struct err *err);
    /* The transport is of no more use.  Once; err is NULL after transport_close. */
    void (*on_closed)(void *ctx, const struct err *err);
};

struct transport_ops {
    int (*send)(struct transport *transport,
                const struct transport_message *message,
                struct err *err);
    void (*forget)(struct transport *transport, uint64_t request_id);
    void (*listen)(struct transport *transport, const struct header_list *headers);
    int (*pid)(struct transport *transport);
    void (*close)(struct transport *transport);
    void (*free)(struct transport *transport);
};

/* The first member of each kind of transport. */
struct transport {
    const struct transport_ops *ops;
    bool carries_headers; /* HTTP: headers mirror the message, closing the stream cancels */
};

struct transport_options {
    struct loop *loop;                  /* borrowed */
    const struct server_config *server; /* borrowed */
    struct http_client *http;           /* borrowed; may be NULL for stdio */
    const struct transport_events *events;
    void *ctx;
};

/* Each starts its kind, or returns NULL with err. */
struct transport *transport_stdio_new(const struct transport_options *options, struct err *err);
struct transport *transport_http_new(const struct transport_options *options, struct err *err);
struct transport *transport_sse_new(const struct transport_options *options, struct err *err);

/* Sends a copy of the message.  -1: it was not sent, and nothing follows. */
static inline int transport_send(struct transport *transport,
                                 const struct transport_message *message,
                                 struct err *err)
{
    return transport->ops->send(transport, message, err);
}

/* The answer of a request is no longer wanted: over HTTP its stream is closed. */
static inline void transport_forget(struct transport *transport, uint64_t request_id)
{
    transport->ops->forget(transport, request_id);
}

/* Opens the stream for unsolicited messages, where the transport has one of its own. */
static inline void transport_listen(struct transport *transport, const struct header_list *headers)
{
    transport->ops->listen(transport, headers);
}

/* The process of a stdio server; 0 otherwise. */
static inline int transport_pid(struct transport *transport)
{
    return transport->ops->pid(transport);
}

/* Ends it in order (a child gets its time); on_closed follows. */
static inline void transport_close(struct transport *transport)
{
    transport->ops->close(transport);
}

/* Ends it at once and frees.  Takes NULL. */
static inline void transport_free(struct transport *transport)
{
    if (transport)
        transport->ops->free(transport);
}

#endif

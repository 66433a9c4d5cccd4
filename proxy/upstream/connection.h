/*
 * One connection to one server, from its opening to its loss: transport,
 * handshake in the era that the server turns out to be of, traffic.
 */
#ifndef PROXY_UPSTREAM_CONNECTION_H
#define PROXY_UPSTREAM_CONNECTION_H

#include <stdbool.h>

#include "base/err.h"
#include "base/loop.h"
#include "proxy/config/config.h"
#include "proxy/upstream/ask.h"
#include "proxy/upstream/era.h"
#include "proxy/upstream/rpc_client.h"
#include "proxy/upstream/watches.h"

struct connection;
struct http_client;

/* How a server was reached the last time, so that the next time needs no probe. */
struct connection_hint {
    enum era era;  /* ERA_UNKNOWN: probe */
    bool http_sse; /* HTTP+SSE of 2024-11-05 */
};

struct connection_events {
    /* The handshake is done: connection_info is filled. */
    void (*on_ready)(void *ctx);
    /* The server has ended the session, and another is being opened: on_ready or on_lost follows.
     * Requests under way go on. */
    void (*on_renewing)(void *ctx, const struct err *err);
    /* The connection can't be made or is lost.  Once, and nothing follows; it is still to be
     * freed.  `repeat` says that another attempt with connection_hint may work at once (the server
     * has to be started anew after a probe).  err is NULL after connection_close. */
    void (*on_lost)(void *ctx, const struct err *err, bool repeat);
    /* A notification that is not progress of a request, on the stream of that request (0: on none
     * that belongs to one). */
    void (*on_notification)(void *ctx, struct span method, struct span params, uint64_t request_id);
    /* A legacy server asks, on the stream of that request (0: not known).  The ask has to be
     * answered, refused or failed. */
    void (*on_ask)(void *ctx, struct ask *ask, uint64_t request_id);
    /* Before the end of the ask: its server or the connection is gone. */
    void (*on_ask_gone)(void *ctx, struct ask *ask);
};

struct connection_options {
    struct loop *loop; /* borrowed, as all here */
    const struct server_config *server;
    struct http_client *http;
    struct connection_hint hint;
    const struct watches *watches;
    const struct connection_events *events;
    void *ctx;
};

/* Starts to connect, or returns NULL with err. */
struct connection *connection_new(const struct connection_options *options, struct err *err);

const struct server_info *connection_info(const struct connection *connection);
enum era connection_era(const struct connection *connection);
/* What is known now of how to reach the server. */
struct connection_hint connection_hint(const struct connection *connection);
/* True when requests carry headers that mirror them (modern, over HTTP). */
bool connection_mirrors_params(const struct connection *connection);
int connection_pid(const struct connection *connection);

/* One request, by the rules of rpc_client_call.  Only between on_ready and on_lost.  A legacy
 * server is told first to log as much as the request wants. */
struct rpc_call *connection_call(struct connection *connection,
                                 const struct rpc_request *request,
                                 const struct rpc_call_events *events,
                                 void *ctx);

/* Opens the stream for unsolicited messages, where the transport has one of its own, and asks to be
 * told of changes of the lists and of the resources that are watched, where the server tells. */
void connection_subscribe(struct connection *connection);

/* The watches have changed by that resource. */
void connection_watch(struct connection *connection, struct span uri, bool watched);

/* Ends it in order; waiting calls get `why` now, on_lost follows.  Once. */
void connection_close(struct connection *connection, const struct err *why);

/* Ends it at once; no callback follows, calls that wait are forgotten.  Takes NULL. */
void connection_free(struct connection *connection);

#endif

/*
 * HTTP requests on our loop, many at a time, with a pool of connections: what
 * the HTTP transports need, and the only part that knows libcurl.
 *
 * A request body is sent once: when a connection breaks after any of it went
 * out, the exchange fails rather than being sent again, since a tool call must
 * not be carried out twice.  Redirects that keep the method (307, 308) are followed within the same
 * origin; every other is an error, so that no credentials go elsewhere.
 */
#ifndef PROXY_UPSTREAM_HTTP_CLIENT_H
#define PROXY_UPSTREAM_HTTP_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/span.h"
#include "proxy/upstream/headers.h"

struct http_client;
struct http_exchange;

/* A client, with connections of its own. */
struct http_client *http_client_new(struct loop *loop) __attribute__((returns_nonnull));
/* Every exchange must have been freed.  Takes NULL. */
void http_client_free(struct http_client *client);

struct http_request {
    const char *method; /* "GET", "POST", "DELETE" */
    const char *url;
    const struct header_list *headers; /* copied */
    struct span body;                  /* copied */
    uint64_t timeout_ms;               /* of the whole; 0: none */
};

/* The head of an answer. */
struct http_head {
    int status;
    char *content_type; /* owned by the exchange; lower case, without parameters; "" when none */
    char *session_id;   /* Mcp-Session-Id; NULL when none */
    char *challenge;    /* WWW-Authenticate; NULL when none */
};

/* None is called before http_start returns, nor after http_exchange_free. */
struct http_events {
    void (*on_head)(void *ctx, const struct http_head *head);
    void (*on_body)(void *ctx, struct span bytes);
    /* The end; err is NULL when the answer is whole.  ERR_UNAVAILABLE: nothing was sent;
     * ERR_CLOSED: the connection broke; ERR_TIMEOUT.  Once; the exchange is still to be freed. */
    void (*on_end)(void *ctx, const struct err *err);
};

/* Starts an exchange, or returns NULL with err (a URL or a header that can't be used). */
struct http_exchange *http_start(struct http_client *client,
                                 const struct http_request *request,
                                 const struct http_events *events,
                                 void *ctx,
                                 struct err *err);

/* Ends it at once, closing its connection when an answer is under way, and frees it.  May be
 * called inside its callbacks.  Takes NULL. */
void http_exchange_free(struct http_exchange *exchange);

#endif

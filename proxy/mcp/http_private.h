/*
 * Streamable HTTP: what its files share.  http.c takes the events of the HTTP
 * server; http_head.c refuses by headers; http_session.c keeps the sessions
 * and streams of legacy clients; http_post.c takes messages.  Private to mcp/.
 */
#ifndef PROXY_MCP_HTTP_PRIVATE_H
#define PROXY_MCP_HTTP_PRIVATE_H

#include <sys/queue.h>

#include "proxy/mcp/exchange.h"

struct mcp_http {
    struct mcp_server *server;
    struct http_server *http;
    const struct config *config;
    bool (*ready)(void *ctx, const char **ret_why);
    void *ready_ctx;
    struct loop_timer *keep_alive;
    struct loop_timer *resumable; /* runs while legacy answers are waited for that are no streams */
    TAILQ_HEAD(exchange_list, exchange) open;
};

/* The value of a header, data NULL when it is absent. */
struct span mcp_http_header(const struct http_request *request, const char *name);

/* Answers a request that has no exchange yet with a JSON-RPC error; -1. */
int mcp_http_refuse(struct http_request *request,
                    int status,
                    const struct http_header *header,
                    const char *text);

/* Which bearer token a request carries; by guard_principal. */
int mcp_http_principal(const struct mcp_http *http, const struct http_request *request);

/* True for /healthz and /readyz. */
bool mcp_http_is_health(const struct http_request *request);

/* The event of a request whose headers have come: 0 to read its body, a status to refuse it with,
 * or -1 when it is refused and answered. */
int mcp_http_on_head(void *ctx, struct http_request *request);

/* Answers an exchange with a JSON-RPC error that belongs to no message. */
void mcp_http_answer_error(struct exchange *exchange, int status, const char *text);

/* The session that the request names; NULL when there is none, and that was answered. */
struct mcp_session *mcp_http_need_session(struct mcp_http *http, struct exchange *exchange);

/* A new session for an `initialize`; NULL when there is no room for one, and that was answered. */
struct mcp_session *mcp_http_open_session(struct mcp_http *http, struct exchange *exchange);

/* The connection of an exchange with a stream is gone: the stream waits for the client. */
void mcp_http_lose_stream(struct exchange *exchange);

/* GET: a stream of the session's messages, or behind Last-Event-ID the rest of any stream. */
void mcp_http_open_stream(struct mcp_http *http, struct exchange *exchange);

/* DELETE: ends the session. */
void mcp_http_delete_session(struct mcp_http *http, struct exchange *exchange);

/* POST: a message or, in one revision, a batch of them. */
void mcp_http_post(struct mcp_http *http, struct exchange *exchange);

#endif

/*
 * MCP over Streamable HTTP, both eras at one address, and the two pages that
 * say how we are.
 *
 * A request is refused by its headers before its body is read.  What passes
 * is a message, a stream, the end of a session, or a question how we are.
 */
#include "base/limits.h"
#include "proxy/mcp/http_private.h"

#define KEEP_ALIVE_MS 15000
/* A quick answer is plain JSON; one that takes longer is worth resuming. */
#define RESUMABLE_MS 1000

static const char *const headers[] = {
    "host",          "origin",     "authorization", "content-type",   "content-encoding",
    "accept",        "mcp-method", "mcp-name",      "mcp-session-id", "mcp-protocol-version",
    "last-event-id", NULL,
};

/* ---- health ---- */

static void answer_health(struct mcp_http *http, struct http_request *request)
{
    const char *why = "starting";
    bool is_ready = span_is(http_request_path(request), "/healthz") ||
                    (http->ready && http->ready(http->ready_ctx, &why));
    CLEANUP(str) char *text = xasprintf("%s\n", is_ready ? "ok" : why);

    http_respond(request, is_ready ? 200 : 503, "text/plain; charset=utf-8", NULL, span_of(text));
}

/* ---- a method that only legacy clients have ---- */

static void answer_not_allowed(struct exchange *exchange)
{
    const struct http_header allow[] = {
        { "allow", SPAN("POST") },
        { NULL, SPAN_NONE },
    };

    exchange->answered = true;
    mcp_http_refuse(exchange->request, 405, allow, "Method not allowed");
}

/* A modern client, or one that looks for the HTTP+SSE transport of 2024-11-05. */
static bool is_without_session(const struct http_request *request)
{
    struct span value;

    return !http_request_header(request, "mcp-session-id", &value) ||
           span_is(mcp_http_header(request, "mcp-protocol-version"), PROTOCOL_MODERN);
}

/* ---- events of the HTTP server ---- */

static void post(struct mcp_http *http, struct exchange *exchange)
{
    mcp_http_post(http, exchange);
    if (exchange->session && !loop_timer_active(http->resumable))
        loop_timer_start(http->resumable, RESUMABLE_MS);
}

static void on_request(void *ctx, struct http_request *request)
{
    struct mcp_http *http = ctx;
    struct exchange *exchange;
    enum http_method method = http_request_method(request);

    if (mcp_http_is_health(request)) {
        answer_health(http, request);
        return;
    }
    exchange = exchange_new(http->server, request);
    http_request_set_user(request, exchange);
    TAILQ_INSERT_TAIL(&http->open, exchange, link);
    if (method == HTTP_POST)
        post(http, exchange);
    else if (is_without_session(request))
        answer_not_allowed(exchange);
    else if (method == HTTP_GET)
        mcp_http_open_stream(http, exchange);
    else
        mcp_http_delete_session(http, exchange);
}

/* Closing the stream is how a modern client cancels; a legacy one sends a notification for that,
 * and its request goes on, on the stream that it had begun. */
static void on_close(void *ctx, struct http_request *request, bool finished)
{
    struct mcp_http *http = ctx;
    struct exchange *exchange = http_request_user(request);

    if (!exchange)
        return;
    TAILQ_REMOVE(&http->open, exchange, link);
    if (exchange->stream)
        mcp_http_lose_stream(exchange);
    if (!finished)
        server_channel_gone(http->server, exchange, exchange->era == ERA_MODERN);
    exchange_free(exchange);
}

static void on_keep_alive(void *ctx)
{
    struct mcp_http *http = ctx;
    struct exchange *exchange;
    uint64_t now = loop_now_ms(http->server->parts.loop);

    TAILQ_FOREACH(exchange, &http->open, link)
    exchange_keep_alive(exchange, now > KEEP_ALIVE_MS ? now - KEEP_ALIVE_MS : 0);
    event_store_expire(&http->server->sessions.events, now);
    loop_timer_start(http->keep_alive, KEEP_ALIVE_MS);
}

static void on_resumable(void *ctx)
{
    struct mcp_http *http = ctx;
    struct exchange *exchange;
    uint64_t now = loop_now_ms(http->server->parts.loop);
    bool waits = false;

    TAILQ_FOREACH(exchange, &http->open, link)
    waits |= exchange_make_resumable(exchange, now > RESUMABLE_MS ? now - RESUMABLE_MS : 0);
    if (waits)
        loop_timer_start(http->resumable, RESUMABLE_MS);
}

struct mcp_http *mcp_http_new(struct mcp_server *server, struct err *err)
{
    static const struct http_server_events events = {
        .on_head = mcp_http_on_head,
        .on_request = on_request,
        .on_close = on_close,
    };
    struct mcp_http *http = NEW(struct mcp_http);
    const struct config *config = server->parts.config;

    http->server = server;
    http->config = config;
    TAILQ_INIT(&http->open);
    http->http = http_server_new(server->parts.loop,
                                 &(const struct http_server_options){
                                     .host = config->listen_host,
                                     .port = config->listen_port,
                                     .max_body_bytes = LIMIT_HTTP_BODY_BYTES,
                                     .headers = headers,
                                 },
                                 &events, http, err);
    if (!http->http) {
        free(http);
        return NULL;
    }
    http->keep_alive = loop_timer_new(server->parts.loop, on_keep_alive, http);
    loop_timer_start(http->keep_alive, KEEP_ALIVE_MS);
    http->resumable = loop_timer_new(server->parts.loop, on_resumable, http);
    return http;
}

int mcp_http_port(const struct mcp_http *http)
{
    return http_server_port(http->http);
}

void mcp_http_set_ready(struct mcp_http *http,
                        bool (*fn)(void *ctx, const char **ret_why),
                        void *ctx)
{
    http->ready = fn;
    http->ready_ctx = ctx;
}

void mcp_http_free(struct mcp_http *http)
{
    if (!http)
        return;
    http_server_free(http->http);
    loop_timer_free(http->keep_alive);
    loop_timer_free(http->resumable);
    free(http);
}

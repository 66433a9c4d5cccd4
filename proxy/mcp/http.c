/*
 * MCP over Streamable HTTP, both eras at one address, and the two pages that
 * say how we are.
 *
 * A request is refused by its headers before its body is read.  What passes
 * is classified (body claim, initialize, header) and goes to the server.
 */
#include <sys/queue.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "proxy/front/http_server.h"
#include "proxy/mcp/exchange.h"
#include "proxy/mcp/http_guard.h"
#include "proxy/mcp/http_mirror.h"
#include "proxy/mcp/server_private.h"

#define KEEP_ALIVE_MS 15000

static const char *const headers[] = {
    "host",   "origin",     "authorization", "content-type",   "content-encoding",
    "accept", "mcp-method", "mcp-name",      "mcp-session-id", "mcp-protocol-version",
    NULL,
};

struct mcp_http {
    struct mcp_server *server;
    struct http_server *http;
    const struct config *config;
    bool (*ready)(void *ctx, const char **ret_why);
    void *ready_ctx;
    struct loop_timer *keep_alive;
    TAILQ_HEAD(exchange_list, exchange) open;
};

static struct span header_of(const struct http_request *request, const char *name)
{
    struct span value = SPAN_NONE;

    http_request_header(request, name, &value);
    return value;
}

/* ---- refusals by headers ---- */

static int
refuse(struct http_request *request, int status, const struct http_header *header, const char *text)
{
    CLEANUP(buf) struct buf body = BUF(1024);
    struct fault fault;

    fault_set(&fault, RPC_SERVER_ERROR, status, "%s", text);
    fault_write(&fault, SPAN_NONE, &body);
    http_respond(request, status, "application/json", header, buf_span(&body));
    return -1;
}

static int check_origin(const struct mcp_http *http, struct http_request *request)
{
    struct span host, origin;

    if (!http_request_header(request, "host", &host))
        return refuse(request, 400, NULL, "The Host header is missing");
    if (!guard_host(http->config, host))
        return refuse(request, 403, NULL, "This Host is not allowed; see allowed_hosts");
    if (http_request_header(request, "origin", &origin) &&
        !guard_origin(http->config, origin, host))
        return refuse(request, 403, NULL, "This Origin is not allowed; see allowed_hosts");
    return 0;
}

static int check_token(const struct mcp_http *http, struct http_request *request)
{
    const struct http_header challenge[] = {
        { "www-authenticate", SPAN("Bearer") },
        { NULL, SPAN_NONE },
    };

    if (guard_principal(http->config, header_of(request, "authorization")) < 0)
        return refuse(request, 401, challenge, "A bearer token is needed");
    return 0;
}

static int check_post(struct http_request *request)
{
    struct span accept = header_of(request, "accept");
    struct span encoding = header_of(request, "content-encoding");

    if (!guard_is_json(header_of(request, "content-type")))
        return refuse(request, 415, NULL, "Content-Type must be application/json");
    if (encoding.len && !span_is(encoding, "identity"))
        return refuse(request, 415, NULL, "An encoded body is not taken");
    if (!guard_accepts(accept, "application/json") && !guard_accepts(accept, "text/event-stream"))
        return refuse(request, 406, NULL,
                      "Accept must name application/json and text/event-stream");
    return 0;
}

static int check_method(struct http_request *request)
{
    const struct http_header allow[] = {
        { "allow", SPAN("POST, GET, DELETE") },
        { NULL, SPAN_NONE },
    };

    switch (http_request_method(request)) {
    case HTTP_POST:
        return check_post(request);
    case HTTP_GET:
    case HTTP_DELETE:
        return 0;
    case HTTP_OPTIONS:
    case HTTP_HEAD:
    case HTTP_OTHER:
        break;
    }
    return refuse(request, 405, allow, "Method not allowed");
}

static bool is_mcp(const struct http_request *request)
{
    return span_is(http_request_path(request), "/mcp");
}

static bool is_health(const struct http_request *request)
{
    struct span path = http_request_path(request);

    return span_is(path, "/healthz") || span_is(path, "/readyz");
}

static int on_head(void *ctx, struct http_request *request)
{
    struct mcp_http *http = ctx;
    enum http_method method = http_request_method(request);

    if (is_health(request))
        return method == HTTP_GET || method == HTTP_HEAD ? 0 : 405;
    if (!is_mcp(request))
        return 404;
    if (check_origin(http, request) < 0 || check_token(http, request) < 0)
        return -1;
    return check_method(request);
}

/* ---- health ---- */

static void answer_health(struct mcp_http *http, struct http_request *request)
{
    const char *why = "starting";
    bool is_ready = span_is(http_request_path(request), "/healthz") ||
                    (http->ready && http->ready(http->ready_ctx, &why));
    CLEANUP(str) char *text = xasprintf("%s\n", is_ready ? "ok" : why);

    http_respond(request, is_ready ? 200 : 503, "text/plain; charset=utf-8", NULL, span_of(text));
}

/* ---- legacy sessions ---- */

static int principal_of(const struct mcp_http *http, const struct http_request *request)
{
    return guard_principal(http->config, header_of(request, "authorization"));
}

static void answer_error(struct exchange *exchange, int status, const char *text)
{
    struct fault fault;

    fault_set(&fault, RPC_SERVER_ERROR, status, "%s", text);
    exchange_answer_fault(exchange, &fault, SPAN_NONE);
}

/* The session that the request names; NULL when it was refused. */
static struct mcp_session *need_session(struct mcp_http *http, struct exchange *exchange)
{
    struct mcp_server *server = http->server;
    struct mcp_session *session;
    struct span id, version = header_of(exchange->request, "mcp-protocol-version");

    if (version.data && !protocol_is_legacy(version)) {
        answer_error(exchange, 400, "Unsupported MCP-Protocol-Version");
        return NULL;
    }
    if (!http_request_header(exchange->request, "mcp-session-id", &id)) {
        answer_error(exchange, 400, "Mcp-Session-Id is missing; begin with initialize");
        return NULL;
    }
    session = session_store_find(&server->sessions, id, principal_of(http, exchange->request),
                                 loop_now_ms(server->parts.loop));
    if (!session)
        answer_error(exchange, 404, "Session not found; begin again with initialize");
    return session;
}

static bool notify_session(void *ctx, struct span message)
{
    struct exchange *stream = ctx;

    if (!stream || stream->answered)
        return false;
    exchange_send(stream, message);
    return true;
}

static struct mcp_session *open_session(struct mcp_http *http, struct exchange *exchange)
{
    struct mcp_server *server = http->server;
    struct err err = ERR_INIT;

    exchange->opened = session_store_add(&server->sessions, principal_of(http, exchange->request),
                                         loop_now_ms(server->parts.loop), &err);
    if (exchange->opened) {
        exchange->opened->notify = notify_session;
        return exchange->opened;
    }
    log_warn("mcp", "session_refused", LOG_ERR(&err));
    answer_error(exchange, 503, err.text);
    return NULL;
}

/* The session's newest stream other than this one takes its messages. */
static void leave_stream(struct mcp_http *http, struct exchange *exchange)
{
    struct mcp_session *session = exchange->stream_of;
    struct exchange *other;

    exchange->stream_of = NULL;
    session->streams--;
    if (session->notify_ctx != exchange)
        return;
    session->notify_ctx = NULL;
    TAILQ_FOREACH(other, &http->open, link)
    {
        if (other->stream_of == session)
            session->notify_ctx = other;
    }
}

static void close_session(struct mcp_http *http, struct mcp_session *session)
{
    struct exchange *exchange, *next;

    server_session_gone(http->server, session);
    for (exchange = TAILQ_FIRST(&http->open); exchange; exchange = next) {
        next = TAILQ_NEXT(exchange, link);
        if (exchange->stream_of == session) {
            leave_stream(http, exchange);
            exchange_end(exchange);
        }
    }
    session_store_remove(&http->server->sessions, session);
}

/* ---- GET and DELETE: legacy only ---- */

static void answer_not_allowed(struct exchange *exchange)
{
    const struct http_header allow[] = {
        { "allow", SPAN("POST") },
        { NULL, SPAN_NONE },
    };

    exchange->answered = true;
    refuse(exchange->request, 405, allow, "Method not allowed");
}

/* A modern client, or one that looks for the HTTP+SSE transport of 2024-11-05. */
static bool is_without_session(const struct http_request *request)
{
    struct span value;

    return !http_request_header(request, "mcp-session-id", &value) ||
           span_is(header_of(request, "mcp-protocol-version"), PROTOCOL_MODERN);
}

static void open_stream(struct mcp_http *http, struct exchange *exchange)
{
    struct mcp_session *session = need_session(http, exchange);

    if (!session)
        return;
    if (!guard_accepts(header_of(exchange->request, "accept"), "text/event-stream")) {
        answer_error(exchange, 406, "Accept must name text/event-stream");
        return;
    }
    if (session->streams >= LIMIT_SESSION_STREAMS) {
        answer_error(exchange, 409, "SESSION_STREAMS streams of this session are open");
        return;
    }
    session->streams++;
    session->notify_ctx = exchange;
    exchange->stream_of = session;
    exchange->accepts_stream = true;
    exchange_begin_stream(exchange);
    exchange_keep_alive(exchange, 0);
}

static void delete_session(struct mcp_http *http, struct exchange *exchange)
{
    struct mcp_session *session = need_session(http, exchange);

    if (!session)
        return;
    close_session(http, session);
    exchange_answer_empty(exchange, 200);
}

/* ---- POST ---- */

static struct inbound make_inbound(struct exchange *exchange,
                                   const struct rpc_message *message,
                                   struct span text,
                                   const struct envelope *envelope,
                                   struct mcp_session *session)
{
    return (struct inbound){ .message = *message,
                             .text = text,
                             .era = exchange->era,
                             .envelope = envelope,
                             .session = session,
                             .channel = exchange_channel(exchange) };
}

static void
post_modern(struct mcp_http *http, struct exchange *exchange, const struct rpc_message *message)
{
    struct span text = http_request_body(exchange->request);
    struct envelope envelope;
    struct fault fault = FAULT_INIT;
    struct inbound in;

    if (message->kind == RPC_NOTIFICATION) {
        exchange_answer_empty(exchange, 202);
        return;
    }
    if (message->kind != RPC_REQUEST)
        fault_set(&fault, RPC_INVALID_REQUEST, 400, "A client sends requests, not responses");
    else if (envelope_read_modern(message, &envelope, &fault) == 0 &&
             server_knows(ERA_MODERN, message->method))
        http_mirror_check(exchange->request, message, &fault);
    if (fault.code) {
        exchange_answer_fault(exchange, &fault, message->id);
        return;
    }
    in = make_inbound(exchange, message, text, &envelope, NULL);
    server_request(http->server, &in);
}

static bool is_initialize(const struct rpc_message *message)
{
    return message->kind == RPC_REQUEST && span_is(message->method, "initialize");
}

static void take_legacy(struct mcp_http *http,
                        struct exchange *exchange,
                        const struct rpc_message *message,
                        struct span text,
                        struct mcp_session *session)
{
    struct envelope envelope;
    struct fault fault;
    struct inbound in;

    if (message->kind == RPC_REQUEST && envelope_read_legacy(message, &envelope, &fault) < 0) {
        exchange_fail_one(exchange, &fault, message->id);
        return;
    }
    in = make_inbound(exchange, message, text, &envelope, session);
    if (message->kind == RPC_REQUEST)
        server_request(http->server, &in);
    else if (message->kind == RPC_NOTIFICATION)
        server_notification(http->server, &in);
}

/* A session whose `initialize` was refused is forgotten, now that this request, one of the
 * session's calls, has ended: it is answered at once. */
static void forget_refused(struct mcp_http *http, struct exchange *exchange)
{
    struct mcp_session *opened = TAKE(exchange->opened);

    if (opened && !opened->version)
        session_store_remove(&http->server->sessions, opened);
}

static void
post_legacy(struct mcp_http *http, struct exchange *exchange, const struct rpc_message *message)
{
    struct mcp_session *session =
        is_initialize(message) ? open_session(http, exchange) : need_session(http, exchange);

    if (!session)
        return;
    take_legacy(http, exchange, message, http_request_body(exchange->request), session);
    if (message->kind != RPC_REQUEST)
        exchange_answer_empty(exchange, 202);
    forget_refused(http, exchange);
}

/* 0 with the number of requests, or -1 with a fault that the whole batch gets. */
static int check_batch(struct span body, unsigned *ret_requests, struct fault *fault)
{
    struct json_iter it = json_iter(body);
    struct rpc_message message;
    struct err err = ERR_INIT;
    size_t count = 0;

    *ret_requests = 0;
    if (json_check(body, LIMIT_RPC_DEPTH, &err) < 0)
        return fault_set(fault, RPC_PARSE_ERROR, 400, "%s", err.text);
    for (; json_next(&it); count++) {
        if (rpc_read(it.value, &message, NULL, &err) < 0)
            return fault_set(fault, RPC_INVALID_REQUEST, 400, "In a batch: %s", err.text);
        if (envelope_claims(&message) || is_initialize(&message))
            return fault_set(fault, RPC_INVALID_REQUEST, 400,
                             "This message can't be part of a batch");
        *ret_requests += message.kind == RPC_REQUEST;
    }
    return count ? 0 : fault_set(fault, RPC_INVALID_REQUEST, 400, "An empty batch");
}

static void take_batch(struct mcp_http *http,
                       struct exchange *exchange,
                       struct mcp_session *session,
                       unsigned requests)
{
    struct json_iter it = json_iter(http_request_body(exchange->request));
    struct rpc_message message;
    struct err err = ERR_INIT;

    exchange->batch = true;
    exchange->pending = requests;
    while (json_next(&it)) {
        if (rpc_read(it.value, &message, NULL, &err) == 0)
            take_legacy(http, exchange, &message, it.value, session);
    }
    if (requests == 0)
        exchange_answer_empty(exchange, 202);
}

/* Several messages in one: 2025-03-26 alone has that. */
static void post_batch(struct mcp_http *http, struct exchange *exchange)
{
    struct fault fault = FAULT_INIT;
    struct mcp_session *session;
    unsigned requests;

    if (check_batch(http_request_body(exchange->request), &requests, &fault) < 0) {
        exchange_answer_fault(exchange, &fault, SPAN_NONE);
        return;
    }
    session = need_session(http, exchange);
    if (!session)
        return;
    if (!session->version || strcmp(session->version, "2025-03-26") != 0) {
        fault_set(&fault, RPC_INVALID_REQUEST, 400, "This revision has no batches");
        exchange_answer_fault(exchange, &fault, SPAN_NONE);
        return;
    }
    take_batch(http, exchange, session, requests);
}

static void post_one(struct mcp_http *http, struct exchange *exchange)
{
    struct span body = http_request_body(exchange->request);
    struct rpc_message message = { .kind = RPC_REQUEST };
    struct fault fault = FAULT_INIT;
    struct err err = ERR_INIT;
    int code = RPC_PARSE_ERROR;

    if (rpc_read(body, &message, &code, &err) < 0)
        fault_set(&fault, code, 400, "%s", err.text);
    else
        envelope_classify_http(&message, header_of(exchange->request, "mcp-protocol-version"),
                               &exchange->era, &fault);
    if (fault.code)
        exchange_answer_fault(exchange, &fault, message.id);
    else if (exchange->era == ERA_MODERN)
        post_modern(http, exchange, &message);
    else
        post_legacy(http, exchange, &message);
}

static void post(struct mcp_http *http, struct exchange *exchange)
{
    struct span accept = header_of(exchange->request, "accept");

    exchange->accepts_json = guard_accepts(accept, "application/json");
    exchange->accepts_stream = guard_accepts(accept, "text/event-stream");
    if (json_kind(span_trim(http_request_body(exchange->request))) == JSON_KIND_ARRAY)
        post_batch(http, exchange);
    else
        post_one(http, exchange);
}

/* ---- events of the HTTP server ---- */

static void on_request(void *ctx, struct http_request *request)
{
    struct mcp_http *http = ctx;
    struct exchange *exchange;
    enum http_method method = http_request_method(request);

    if (is_health(request)) {
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
        open_stream(http, exchange);
    else
        delete_session(http, exchange);
}

/* Closing the stream is how a modern client cancels; a legacy one sends a notification for that,
 * and its request goes on. */
static void on_close(void *ctx, struct http_request *request, bool finished)
{
    struct mcp_http *http = ctx;
    struct exchange *exchange = http_request_user(request);

    if (!exchange)
        return;
    TAILQ_REMOVE(&http->open, exchange, link);
    if (!finished)
        server_channel_gone(http->server, exchange, exchange->era == ERA_MODERN);
    if (exchange->stream_of)
        leave_stream(http, exchange);
    exchange_free(exchange);
}

static void on_keep_alive(void *ctx)
{
    struct mcp_http *http = ctx;
    struct exchange *exchange;
    uint64_t now = loop_now_ms(http->server->parts.loop);

    TAILQ_FOREACH(exchange, &http->open, link)
    exchange_keep_alive(exchange, now > KEEP_ALIVE_MS ? now - KEEP_ALIVE_MS : 0);
    loop_timer_start(http->keep_alive, KEEP_ALIVE_MS);
}

struct mcp_http *mcp_http_new(struct mcp_server *server, struct err *err)
{
    static const struct http_server_events events = {
        .on_head = on_head,
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
    free(http);
}

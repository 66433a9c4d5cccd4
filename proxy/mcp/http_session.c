/*
 * The sessions of legacy clients over Streamable HTTP, and their streams.
 */
#include "base/limits.h"
#include "base/log.h"
#include "proxy/mcp/http_guard.h"
#include "proxy/mcp/http_private.h"

static int principal_of(const struct mcp_http *http, const struct http_request *request)
{
    return guard_principal(http->config, mcp_http_header(request, "authorization"));
}

void mcp_http_answer_error(struct exchange *exchange, int status, const char *text)
{
    struct fault fault;

    fault_set(&fault, RPC_SERVER_ERROR, status, "%s", text);
    exchange_answer_fault(exchange, &fault, SPAN_NONE);
}

struct mcp_session *mcp_http_need_session(struct mcp_http *http, struct exchange *exchange)
{
    struct mcp_server *server = http->server;
    struct mcp_session *session;
    struct span id, version = mcp_http_header(exchange->request, "mcp-protocol-version");

    if (version.data && !protocol_is_legacy(version)) {
        mcp_http_answer_error(exchange, 400, "Unsupported MCP-Protocol-Version");
        return NULL;
    }
    if (!http_request_header(exchange->request, "mcp-session-id", &id)) {
        mcp_http_answer_error(exchange, 400, "Mcp-Session-Id is missing; begin with initialize");
        return NULL;
    }
    session = session_store_find(&server->sessions, id, principal_of(http, exchange->request),
                                 loop_now_ms(server->parts.loop));
    if (!session)
        mcp_http_answer_error(exchange, 404, "Session not found; begin again with initialize");
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

struct mcp_session *mcp_http_open_session(struct mcp_http *http, struct exchange *exchange)
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
    mcp_http_answer_error(exchange, 503, err.text);
    return NULL;
}

/* The session's newest stream other than this one takes its messages. */
void mcp_http_leave_stream(struct mcp_http *http, struct exchange *exchange)
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
            mcp_http_leave_stream(http, exchange);
            exchange_end(exchange);
        }
    }
    session_store_remove(&http->server->sessions, session);
}

/* ---- GET and DELETE ---- */

static void refuse_stream(struct exchange *exchange)
{
    CLEANUP(str)
    char *text = xasprintf("%d streams of this session are open; the limit is SESSION_STREAMS",
                           LIMIT_SESSION_STREAMS);

    mcp_http_answer_error(exchange, 409, text);
}

void mcp_http_open_stream(struct mcp_http *http, struct exchange *exchange)
{
    struct mcp_session *session = mcp_http_need_session(http, exchange);

    if (!session)
        return;
    if (!guard_accepts(mcp_http_header(exchange->request, "accept"), "text/event-stream")) {
        mcp_http_answer_error(exchange, 406, "Accept must name text/event-stream");
        return;
    }
    if (session->streams >= LIMIT_SESSION_STREAMS) {
        refuse_stream(exchange);
        return;
    }
    session->streams++;
    session->notify_ctx = exchange;
    exchange->stream_of = session;
    exchange->accepts_stream = true;
    exchange_begin_stream(exchange);
    exchange_keep_alive(exchange, 0);
}

void mcp_http_delete_session(struct mcp_http *http, struct exchange *exchange)
{
    struct mcp_session *session = mcp_http_need_session(http, exchange);

    if (!session)
        return;
    close_session(http, session);
    exchange_answer_empty(exchange, 200);
}

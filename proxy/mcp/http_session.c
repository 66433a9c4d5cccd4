/*
 * The sessions of legacy clients over Streamable HTTP, and their streams.
 */
#include "base/limits.h"
#include "base/log.h"
#include "proxy/mcp/http_guard.h"
#include "proxy/mcp/http_private.h"
#include "proxy/mcp/stream.h"

int mcp_http_principal(const struct mcp_http *http, const struct http_request *request)
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
    session = session_store_find(&server->sessions, id, mcp_http_principal(http, exchange->request),
                                 loop_now_ms(server->parts.loop));
    if (!session)
        mcp_http_answer_error(exchange, 404, "Session not found; begin again with initialize");
    return session;
}

/* Of the session's GET streams the newest that is read, else the newest that may be resumed. */
static struct event_stream *stream_for_messages(const struct mcp_session *session)
{
    struct event_stream *stream, *found = NULL;

    TAILQ_FOREACH(stream, &session->history.streams, link)
    {
        if (stream->of_session && (stream->connection || !found || !found->connection))
            found = stream;
    }
    return found;
}

static bool notify_session(void *ctx, struct span message)
{
    struct event_stream *stream = stream_for_messages(ctx);

    if (stream)
        stream_send(stream, EVENT_NOTIFICATION, message);
    return stream != NULL;
}

struct mcp_session *mcp_http_open_session(struct mcp_http *http, struct exchange *exchange)
{
    struct mcp_server *server = http->server;
    struct err err = ERR_INIT;

    exchange->opened =
        session_store_add(&server->sessions, mcp_http_principal(http, exchange->request),
                          loop_now_ms(server->parts.loop), &err);
    if (exchange->opened) {
        exchange->opened->notify = notify_session;
        exchange->opened->notify_ctx = exchange->opened;
        return exchange->opened;
    }
    log_warn("mcp", "session_refused", LOG_ERR(&err));
    mcp_http_answer_error(exchange, 503, err.text);
    return NULL;
}

/* ---- ends ---- */

/* Of the GET streams that nobody reads the oldest go. */
static void bound_unread(struct mcp_session *session)
{
    struct event_stream *stream, *previous;
    unsigned count = 0;

    for (stream = TAILQ_LAST(&session->history.streams, event_stream_list); stream;
         stream = previous) {
        previous = TAILQ_PREV(stream, event_stream_list, link);
        if (stream->of_session && stream->open && !stream->connection &&
            ++count > LIMIT_SESSION_STREAMS)
            event_stream_close(stream);
    }
}

void mcp_http_lose_stream(struct exchange *exchange)
{
    bool of_session = exchange->stream->of_session;

    stream_detach(exchange);
    if (!of_session)
        return;
    exchange->session->streams--;
    bound_unread(exchange->session);
}

static void close_session(struct mcp_http *http, struct mcp_session *session)
{
    struct exchange *exchange, *next;

    server_session_gone(http->server, session);
    for (exchange = TAILQ_FIRST(&http->open); exchange; exchange = next) {
        next = TAILQ_NEXT(exchange, link);
        if (exchange->session == session)
            exchange_end(exchange);
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

/* A GET stream more is read. */
static void count_stream(struct exchange *exchange, struct mcp_session *session)
{
    session->streams++;
    upstreams_session_heard(exchange->server->parts.upstreams, span_of(session->id));
}

static void new_stream(struct exchange *exchange, struct mcp_session *session)
{
    exchange->session = session;
    count_stream(exchange, session);
    stream_attach(event_stream_open(&session->history, true), exchange);
    exchange_begin_stream(exchange);
    exchange_keep_alive(exchange, 0);
}

/* Streams of requests are bounded by the requests. */
static bool is_one_more(const struct event_stream *stream)
{
    return stream->of_session && !stream->connection;
}

static void resume_stream(struct exchange *exchange, struct mcp_session *session, struct span id)
{
    uint64_t number;
    struct event_stream *stream = event_history_find(&session->history, id, &number);

    if (!stream) {
        mcp_http_answer_error(exchange, 400,
                              "Nothing is kept of the stream that Last-Event-ID names");
        return;
    }
    if (is_one_more(stream) && session->streams >= LIMIT_SESSION_STREAMS) {
        refuse_stream(exchange);
        return;
    }
    if (is_one_more(stream))
        count_stream(exchange, session);
    exchange->session = session;
    stream_resume(stream, exchange, number);
}

void mcp_http_open_stream(struct mcp_http *http, struct exchange *exchange)
{
    struct mcp_session *session = mcp_http_need_session(http, exchange);
    struct span last = mcp_http_header(exchange->request, "last-event-id");

    if (!session)
        return;
    if (!guard_accepts(mcp_http_header(exchange->request, "accept"), "text/event-stream")) {
        mcp_http_answer_error(exchange, 406, "Accept must name text/event-stream");
        return;
    }
    exchange->accepts_stream = true;
    if (last.len)
        resume_stream(exchange, session, last);
    else if (session->streams < LIMIT_SESSION_STREAMS)
        new_stream(exchange, session);
    else
        refuse_stream(exchange);
}

void mcp_http_delete_session(struct mcp_http *http, struct exchange *exchange)
{
    struct mcp_session *session = mcp_http_need_session(http, exchange);

    if (!session)
        return;
    close_session(http, session);
    exchange_answer_empty(exchange, 200);
}

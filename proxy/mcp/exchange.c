/*
 * JSON as long as there is nothing to tell but the answer; an event stream
 * from then on.
 */
#include "proxy/mcp/exchange.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "proxy/mcp/batch.h"
#include "proxy/mcp/stream.h"
#include "proxy/rpc/sse.h"

#define JSON_TYPE "application/json"
/* For a client to come back after its connection broke. */
#define RETRY_MS 1000

struct exchange *exchange_new(struct mcp_server *server, struct http_request *request)
{
    struct exchange *exchange = NEW(struct exchange);

    exchange->server = server;
    exchange->request = request;
    exchange->era = ERA_LEGACY;
    exchange->pending = 1;
    exchange->begun_ms = loop_now_ms(server->parts.loop);
    buf_init(&exchange->collected, LIMIT_RPC_MESSAGE_BYTES);
    return exchange;
}

void exchange_free(struct exchange *exchange)
{
    buf_done(&exchange->collected);
    free(exchange);
}

/* The new session's id goes out with the answer to its `initialize`, unless that was refused. */
static struct http_header session_header(const struct exchange *exchange)
{
    const struct mcp_session *opened = exchange->opened;
    const char *id = opened && opened->version ? opened->id : NULL;

    return (struct http_header){ .name = id ? "mcp-session-id" : NULL, .value = span_of(id) };
}

static void write_stream(struct exchange *exchange, struct span bytes)
{
    struct err err = ERR_INIT;

    if (http_stream_write(exchange->request, bytes, &err) == 0 || err.code == ERR_CLOSED)
        return;
    log_info("mcp", "stream_dropped", LOG_ERR(&err),
             LOG_SPAN("peer", http_request_peer(exchange->request)));
}

/* Tells a client that knows it (2025-11-25) from where to resume before anything has come. */
static void prime(struct exchange *exchange)
{
    CLEANUP(buf) struct buf event = BUF(256);
    CLEANUP(buf) struct buf id = BUF(64);

    if (exchange->stream->last > 0 || strcmp(exchange->session->version, "2025-11-25") < 0)
        return;
    event_write_id(exchange->stream, 0, &id);
    sse_write_priming(&event, buf_span(&id), RETRY_MS);
    write_stream(exchange, buf_span(&event));
}

void exchange_begin_stream(struct exchange *exchange)
{
    struct http_header headers[] = {
        { "cache-control", SPAN("no-cache, no-transform") },
        { "x-accel-buffering", SPAN("no") },
        session_header(exchange),
        { NULL, SPAN_NONE },
    };

    if (exchange->streaming)
        return;
    exchange->streaming = true;
    http_stream_begin(exchange->request, 200, "text/event-stream", headers);
    if (!exchange->session)
        return;
    if (!exchange->stream)
        stream_attach(event_stream_open(&exchange->session->history, false), exchange);
    prime(exchange);
}

void exchange_write_event(void *ctx, uint64_t number, struct span message)
{
    CLEANUP(buf) struct buf event = BUF(LIMIT_RPC_MESSAGE_BYTES + 64);
    CLEANUP(buf) struct buf id = BUF(64);
    struct exchange *exchange = ctx;

    if (exchange->stream)
        event_write_id(exchange->stream, number, &id);
    sse_write_event(&event, buf_span(&id), SPAN("message"), message);
    if (!buf_failed(&event))
        write_stream(exchange, buf_span(&event));
}

static void send_event(struct exchange *exchange, enum event_kind kind, struct span message)
{
    if (exchange->stream)
        stream_send(exchange->stream, kind, message);
    else
        exchange_write_event(exchange, 0, message);
}

/* What a batch has collected when it becomes a stream goes out as events. */
static void flush_collected(struct exchange *exchange)
{
    struct json_iter it;

    batch_end_answers(&exchange->collected);
    it = json_iter(buf_span(&exchange->collected));
    while (json_next(&it))
        send_event(exchange, EVENT_ANSWER, it.value);
    buf_clear(&exchange->collected);
}

static void start_streaming(struct exchange *exchange)
{
    if (exchange->streaming)
        return;
    exchange_begin_stream(exchange);
    flush_collected(exchange);
}

bool exchange_make_resumable(struct exchange *exchange, uint64_t before_ms)
{
    if (exchange->answered || exchange->streaming || !exchange->session ||
        !exchange->accepts_stream)
        return false;
    if (exchange->begun_ms > before_ms)
        return true;
    start_streaming(exchange);
    return false;
}

void exchange_keep_alive(struct exchange *exchange, uint64_t before_ms)
{
    CLEANUP(buf) struct buf comment = BUF(64);

    if (exchange->answered || !exchange->accepts_stream)
        return;
    if (!exchange->streaming && exchange->begun_ms > before_ms)
        return;
    start_streaming(exchange);
    sse_write_comment(&comment, "keep-alive");
    write_stream(exchange, buf_span(&comment));
}

/* Nothing more is sent, so nothing of the session is needed any more. */
static void let_go(struct exchange *exchange)
{
    struct event_stream *stream = TAKE(exchange->stream);

    exchange->answered = true;
    exchange->opened = NULL;
    exchange->session = NULL;
    if (!stream)
        return;
    stream->connection = NULL;
    if (!stream->of_session)
        event_stream_close(stream);
}

void exchange_end(struct exchange *exchange)
{
    if (exchange->answered)
        return;
    let_go(exchange);
    http_stream_end(exchange->request);
}

static void respond(struct exchange *exchange, int status, struct span body)
{
    struct http_header headers[] = { session_header(exchange), { NULL, SPAN_NONE } };

    let_go(exchange);
    http_respond(exchange->request, status, body.len ? JSON_TYPE : NULL, headers, body);
}

void exchange_answer_empty(struct exchange *exchange, int status)
{
    respond(exchange, status, SPAN_NONE);
}

void exchange_answer_fault(struct exchange *exchange, const struct fault *fault, struct span id)
{
    CLEANUP(buf) struct buf message = BUF(LIMIT_RPC_MESSAGE_BYTES);

    fault_write(fault, id, &message);
    respond(exchange, fault->http_status, buf_span(&message));
}

/* ---- as a channel ---- */

static void on_notify(void *ctx, struct span message)
{
    struct exchange *exchange = ctx;

    if (exchange->answered || !exchange->accepts_stream)
        return;
    start_streaming(exchange);
    send_event(exchange, EVENT_NOTIFICATION, message);
}

static void on_request(void *ctx, struct span message)
{
    struct exchange *exchange = ctx;

    if (exchange->answered || !exchange->accepts_stream)
        return;
    start_streaming(exchange);
    send_event(exchange, EVENT_REQUEST, message);
}

/* The last answer of a batch, or a request of one that was dropped. */
static void finish_batch(struct exchange *exchange)
{
    if (batch_end_answers(&exchange->collected) < 0)
        respond(exchange, 500, SPAN_NONE);
    else if (exchange->collected.len)
        respond(exchange, 200, buf_span(&exchange->collected));
    else
        respond(exchange, 202, SPAN_NONE);
}

static void one_less(struct exchange *exchange)
{
    if (--exchange->pending > 0)
        return;
    if (exchange->streaming)
        exchange_end(exchange);
    else
        finish_batch(exchange);
}

static void on_answer(void *ctx, int http_status, struct span message)
{
    struct exchange *exchange = ctx;

    if (!exchange->streaming && !exchange->accepts_json && http_status == 200)
        exchange_begin_stream(exchange);
    if (exchange->streaming) {
        send_event(exchange, EVENT_ANSWER, message);
        one_less(exchange);
    } else if (exchange->batch) {
        batch_add_answer(&exchange->collected, message);
        one_less(exchange);
    } else {
        respond(exchange, http_status, message);
    }
}

void exchange_fail_one(struct exchange *exchange, const struct fault *fault, struct span id)
{
    CLEANUP(buf) struct buf message = BUF(LIMIT_RPC_MESSAGE_BYTES);

    fault_write(fault, id, &message);
    on_answer(exchange, fault->http_status, buf_span(&message));
}

static void on_drop(void *ctx)
{
    one_less(ctx);
}

struct mcp_channel exchange_channel(struct exchange *exchange)
{
    return (struct mcp_channel){ .notify = on_notify,
                                 .request = on_request,
                                 .answer = on_answer,
                                 .drop = on_drop,
                                 .ctx = exchange,
                                 .streams = exchange->accepts_stream };
}

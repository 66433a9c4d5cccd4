/*
 * JSON as long as there is nothing to tell but the answer; an event stream
 * from then on.
 */
#include "proxy/mcp/exchange.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "proxy/rpc/sse.h"

#define JSON_TYPE "application/json"

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
}

static void write_stream(struct exchange *exchange, struct span bytes)
{
    struct err err = ERR_INIT;

    if (http_stream_write(exchange->request, bytes, &err) == 0 || err.code == ERR_CLOSED)
        return;
    log_info("mcp", "stream_dropped", LOG_ERR(&err),
             LOG_SPAN("peer", http_request_peer(exchange->request)));
}

void exchange_send(struct exchange *exchange, struct span message)
{
    CLEANUP(buf) struct buf event = BUF(LIMIT_RPC_MESSAGE_BYTES + 64);

    sse_write_event(&event, SPAN_NONE, SPAN("message"), message);
    if (!buf_failed(&event))
        write_stream(exchange, buf_span(&event));
}

void exchange_keep_alive(struct exchange *exchange, uint64_t before_ms)
{
    CLEANUP(buf) struct buf comment = BUF(64);

    if (exchange->answered || !exchange->accepts_stream)
        return;
    if (!exchange->streaming && exchange->begun_ms > before_ms)
        return;
    exchange_begin_stream(exchange);
    sse_write_comment(&comment, "keep-alive");
    write_stream(exchange, buf_span(&comment));
}

void exchange_end(struct exchange *exchange)
{
    if (exchange->answered)
        return;
    exchange->answered = true;
    http_stream_end(exchange->request);
}

static void respond(struct exchange *exchange, int status, struct span body)
{
    struct http_header headers[] = { session_header(exchange), { NULL, SPAN_NONE } };

    exchange->answered = true;
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

/* What a batch has collected when a notification makes a stream of it goes out as events. */
static void flush_collected(struct exchange *exchange)
{
    struct json_iter it = json_iter(buf_span(&exchange->collected));

    while (json_next(&it))
        exchange_send(exchange, it.value);
    buf_clear(&exchange->collected);
}

static void on_notify(void *ctx, struct span message)
{
    struct exchange *exchange = ctx;

    if (exchange->answered || !exchange->accepts_stream)
        return;
    if (!exchange->streaming) {
        exchange_begin_stream(exchange);
        buf_add_char(&exchange->collected, ']');
        flush_collected(exchange);
    }
    exchange_send(exchange, message);
}

static void collect(struct exchange *exchange, struct span message)
{
    if (exchange->collected.len == 0)
        buf_add_char(&exchange->collected, '[');
    json_write_comma(&exchange->collected);
    buf_add_span(&exchange->collected, message);
}

/* The last answer of a batch, or a request of one that was dropped. */
static void finish_batch(struct exchange *exchange)
{
    if (exchange->collected.len == 0) {
        respond(exchange, 202, SPAN_NONE);
        return;
    }
    buf_add_char(&exchange->collected, ']');
    if (buf_failed(&exchange->collected))
        respond(exchange, 500, SPAN_NONE);
    else
        respond(exchange, 200, buf_span(&exchange->collected));
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
        exchange_send(exchange, message);
        one_less(exchange);
    } else if (exchange->batch) {
        collect(exchange, message);
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
                                 .answer = on_answer,
                                 .drop = on_drop,
                                 .ctx = exchange,
                                 .streams = exchange->accepts_stream };
}

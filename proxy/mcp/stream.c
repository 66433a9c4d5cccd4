/*
 * The exchange is one reader of the stream; when it is gone its requests get
 * the stream itself as their channel.
 */
#include "proxy/mcp/stream.h"

void stream_send(struct event_stream *stream, enum event_kind kind, struct span message)
{
    uint64_t number = event_stream_add(stream, kind, message);

    if (stream->connection)
        exchange_write_event(stream->connection, number, message);
}

/* ---- as a channel ---- */

static void on_notify(void *ctx, struct span message)
{
    stream_send(ctx, EVENT_NOTIFICATION, message);
}

static void on_request(void *ctx, struct span message)
{
    stream_send(ctx, EVENT_REQUEST, message);
}

static void one_less(struct event_stream *stream)
{
    if (--stream->pending > 0)
        return;
    if (stream->connection)
        exchange_end(stream->connection);
    else
        event_stream_close(stream);
}

static void on_answer(void *ctx, int http_status, struct span message)
{
    (void)http_status;
    stream_send(ctx, EVENT_ANSWER, message);
    one_less(ctx);
}

static void on_drop(void *ctx)
{
    one_less(ctx);
}

static struct mcp_channel channel_of(struct event_stream *stream)
{
    return (struct mcp_channel){
        .notify = on_notify,
        .request = on_request,
        .answer = on_answer,
        .drop = on_drop,
        .ctx = stream,
        .streams = true,
    };
}

/* ---- connections ---- */

void stream_attach(struct event_stream *stream, struct exchange *exchange)
{
    stream->connection = exchange;
    exchange->stream = stream;
}

void stream_detach(struct exchange *exchange)
{
    struct event_stream *stream = TAKE(exchange->stream);
    struct mcp_channel channel = channel_of(stream);

    stream->connection = NULL;
    if (stream->of_session || exchange->resumed)
        return;
    stream->pending = exchange->pending;
    server_channel_moved(exchange->server, exchange, &channel);
}

void stream_resume(struct event_stream *stream, struct exchange *exchange, uint64_t number)
{
    struct exchange *before = stream->connection;

    /* The client knows better than we whether that one is dead. */
    if (before) {
        stream_detach(before);
        exchange_end(before);
    }
    exchange->resumed = true;
    stream_attach(stream, exchange);
    exchange_begin_stream(exchange);
    event_stream_replay(stream, number, exchange_write_event, exchange);
    if (!stream->open)
        exchange_end(exchange);
}

/*
 * HTTP+SSE of 2024-11-05: a stream of events by GET names an address, messages
 * go there by POST, and everything that comes back comes on the stream.
 */
#include "proxy/upstream/transport.h"

#include <stdlib.h>

#include "base/mem.h"
#include "proxy/upstream/event_stream.h"
#include "proxy/upstream/http_client.h"
#include "proxy/upstream/http_post.h"
#include "proxy/upstream/http_url.h"

#define ENDPOINT_TIMEOUT_MS 30000
#define ENDPOINT_MAX_BYTES  8192

struct sse_transport {
    struct transport base;
    struct transport_options options;
    struct transport_events events;
    struct header_list configured; /* owned; secret */
    struct event_stream *stream;   /* owned */
    char *endpoint;                /* owned: where messages go; NULL before the server has told */
    struct http_post_list posts;   /* owned */
    struct loop_timer *timer;      /* owned: how long the address may take */
    struct loop_task task;         /* tells on_closed after transport_close */
    bool closing, closed;
};

static struct sse_transport *sse_of(struct transport *transport)
{
    return CONTAINER_OF(transport, struct sse_transport, base);
}

static void drop_traffic(struct sse_transport *sse)
{
    while (!TAILQ_EMPTY(&sse->posts))
        http_post_free(TAILQ_FIRST(&sse->posts));
    event_stream_free(TAKE(sse->stream));
    loop_timer_stop(sse->timer);
}

static void close_with(struct sse_transport *sse, const struct err *err)
{
    struct err copy = *err;

    if (sse->closed || sse->closing)
        return;
    sse->closed = true;
    drop_traffic(sse);
    sse->events.on_closed(sse->options.ctx, &copy);
}

static void on_late(void *ctx)
{
    struct sse_transport *sse = ctx;
    CLEANUP(str) char *url = http_url_for_people(sse->options.server->url);
    struct err err = ERR_INIT;

    err_set(&err, ERR_TIMEOUT, "%s named no address for messages in %d ms", url,
            ENDPOINT_TIMEOUT_MS);
    close_with(sse, &err);
}

/* The address must be of the same origin: else a server could make us post anywhere. */
static void take_endpoint(struct sse_transport *sse, struct span data)
{
    CLEANUP(str) char *reference = span_dup(data);
    struct err err = ERR_INIT;

    if (sse->endpoint)
        return;
    if (data.len <= ENDPOINT_MAX_BYTES && strlen(reference) == data.len)
        sse->endpoint = http_same_origin_url(sse->options.server->url, reference);
    if (!sse->endpoint) {
        err_set(&err, ERR_PROTOCOL, "the server names an address of another origin for messages");
        close_with(sse, &err);
        return;
    }
    loop_timer_stop(sse->timer);
    sse->events.on_open(sse->options.ctx);
}

static void on_event(void *ctx, const struct sse_event *event)
{
    struct sse_transport *sse = ctx;

    if (span_is(event->type, "endpoint"))
        take_endpoint(sse, event->data);
    else if (event->data.len && span_is(event->type, "message"))
        sse->events.on_message(sse->options.ctx, event->data, 0);
}

static void on_stream_end(void *ctx, const struct err *err, int http_status)
{
    (void)http_status;
    close_with(ctx, err);
}

/* --- posts --- */

/* Answers come on the stream; some servers repeat them in the answer to the POST. */
static void on_post_message(void *ctx, struct http_post *post, struct span text)
{
    (void)ctx;
    (void)post;
    (void)text;
}

static void on_post_session(void *ctx, const char *session_id)
{
    (void)ctx;
    (void)session_id;
}

static bool is_awaited(void *ctx, uint64_t request_id)
{
    (void)ctx;
    (void)request_id;
    return false;
}

static void on_post_done(void *ctx, struct http_post *post, const struct http_post_end *end)
{
    struct sse_transport *sse = ctx;
    uint64_t request_id = http_post_request_id(post);

    if (end->failure.err.code != ERR_NONE && request_id)
        sse->events.on_request_failed(sse->options.ctx, request_id, &end->failure);
    http_post_free(post);
}

static int
sse_send(struct transport *transport, const struct transport_message *message, struct err *err)
{
    static const struct http_post_events events = {
        .on_message = on_post_message,
        .on_session = on_post_session,
        .on_done = on_post_done,
        .is_awaited = is_awaited,
    };
    struct sse_transport *sse = sse_of(transport);
    CLEANUP(header_list) struct header_list headers = { 0 };
    struct http_post_options options = {
        .loop = sse->options.loop,
        .http = sse->options.http,
        .url = sse->endpoint,
        .headers = &headers,
        .message = message,
        .answered_elsewhere = true,
        .list = &sse->posts,
    };

    if (sse->closed || sse->closing || !sse->endpoint)
        return err_set(err, ERR_UNAVAILABLE, "the connection is not open");
    header_list_add_all(&headers, &sse->configured);
    header_list_add_all(&headers, message->headers);
    return http_post_new(&options, &events, sse, err) ? 0 : -1;
}

/* The server is told by notifications/cancelled; a POST under way says nothing of the answer. */
static void sse_forget(struct transport *transport, uint64_t request_id)
{
    (void)transport;
    (void)request_id;
}

static void sse_listen(struct transport *transport, const struct header_list *headers)
{
    (void)transport;
    (void)headers;
}

static int sse_pid(struct transport *transport)
{
    (void)transport;
    return 0;
}

static void tell_closed(void *ctx)
{
    struct sse_transport *sse = ctx;

    sse->closed = true;
    sse->events.on_closed(sse->options.ctx, NULL);
}

static void sse_close(struct transport *transport)
{
    struct sse_transport *sse = sse_of(transport);

    if (sse->closed || sse->closing)
        return;
    sse->closing = true;
    drop_traffic(sse);
    loop_post(sse->options.loop, &sse->task, tell_closed, sse);
}

static void free_sse(void *object)
{
    struct sse_transport *sse = object;

    header_list_done(&sse->configured);
    free(sse->endpoint);
    free(sse);
}

static void sse_free(struct transport *transport)
{
    struct sse_transport *sse = sse_of(transport);

    sse->closed = true;
    drop_traffic(sse);
    loop_timer_free(sse->timer);
    loop_unpost(sse->options.loop, &sse->task);
    loop_reap(sse->options.loop, sse, free_sse);
}

static const struct transport_ops sse_ops = {
    .send = sse_send,
    .forget = sse_forget,
    .listen = sse_listen,
    .pid = sse_pid,
    .close = sse_close,
    .free = sse_free,
};

static int start(struct sse_transport *sse, struct err *err)
{
    static const struct event_stream_events events = { .on_event = on_event,
                                                       .on_end = on_stream_end };
    struct event_stream_options options = {
        .loop = sse->options.loop,
        .http = sse->options.http,
        .url = sse->options.server->url,
        .headers = &sse->configured,
    };

    if (header_list_add_configured(&sse->configured, sse->options.server, err) < 0)
        return -1;
    sse->stream = event_stream_new(&options, &events, sse);
    return 0;
}

struct transport *transport_sse_new(const struct transport_options *options, struct err *err)
{
    struct sse_transport *sse = NEW(struct sse_transport);

    sse->base = (struct transport){ .ops = &sse_ops, .carries_headers = true };
    sse->options = *options;
    sse->events = *options->events;
    sse->timer = loop_timer_new(options->loop, on_late, sse);
    TAILQ_INIT(&sse->posts);
    if (start(sse, err) < 0) {
        sse_free(&sse->base);
        return NULL;
    }
    loop_timer_start(sse->timer, ENDPOINT_TIMEOUT_MS);
    return &sse->base;
}

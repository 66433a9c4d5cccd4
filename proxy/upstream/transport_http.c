/*
 * Streamable HTTP: each message is a POST; its answer comes as JSON or as a
 * stream of events (http_post.h).  Legacy servers may give a session, which is
 * named in every request and ended by DELETE, and may have a stream of their
 * own for unsolicited messages.
 */
#include "proxy/upstream/transport.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/upstream/event_stream.h"
#include "proxy/upstream/http_client.h"
#include "proxy/upstream/http_post.h"

#define DELETE_TIMEOUT_MS 2000

/* A message that waits until the one before it has been taken. */
struct held {
    TAILQ_ENTRY(held) link;
    struct header_list headers;
    char *text;
    struct transport_message message;
};

struct streamable {
    struct transport base;
    struct transport_options options;
    struct transport_events events;
    struct header_list configured;  /* owned; secret */
    char *session_id;               /* owned; NULL when there is none */
    unsigned session;               /* counts them: a post may outlive the session it names */
    struct http_post_list posts;    /* owned */
    struct http_post *holder;       /* borrowed: what follows waits for it */
    TAILQ_HEAD(, held) held;        /* owned */
    unsigned held_notices;          /* of them: those that are no requests */
    struct event_stream *stream;    /* owned: unsolicited messages */
    struct http_exchange *farewell; /* owned: DELETE of the session */
    struct loop_task task;          /* tells on_open, later on_closed */
    bool closing, closed;
};

static struct streamable *streamable_of(struct transport *transport)
{
    return CONTAINER_OF(transport, struct streamable, base);
}

static void drop_held(struct streamable *http, struct held *held)
{
    TAILQ_REMOVE(&http->held, held, link);
    http->held_notices -= !held->message.request_id;
    header_list_done(&held->headers);
    free(held->text);
    free(held);
}

static void drop_traffic(struct streamable *http)
{
    while (!TAILQ_EMPTY(&http->held))
        drop_held(http, TAILQ_FIRST(&http->held));
    while (!TAILQ_EMPTY(&http->posts))
        http_post_free(TAILQ_FIRST(&http->posts));
    event_stream_free(TAKE(http->stream));
    http->holder = NULL;
}

static void close_with(struct streamable *http, const struct err *err)
{
    struct err copy;

    if (http->closed || http->closing)
        return;
    copy = *err;
    http->closed = true;
    drop_traffic(http);
    http->events.on_closed(http->options.ctx, &copy);
}

/* What is under way stays: the server may still answer it. */
static void lose_session(struct streamable *http, const struct err *err)
{
    free(TAKE(http->session_id));
    event_stream_free(TAKE(http->stream));
    http->events.on_session_lost(http->options.ctx, err);
}

/* --- headers --- */

/* The headers of any request: configured, of the session, of the message. */
static int add_headers(struct streamable *http,
                       struct header_list *list,
                       const struct header_list *own,
                       struct err *err)
{
    header_list_add_all(list, &http->configured);
    header_list_add_all(list, own);
    if (http->session_id)
        return header_list_add(list, "Mcp-Session-Id", span_of(http->session_id), err);
    return 0;
}

/* --- posts --- */

static void send_held(struct streamable *http);

static void forget_post(struct streamable *http, struct http_post *post)
{
    bool held_others = http->holder == post;

    http_post_free(post);
    if (!held_others)
        return;
    http->holder = NULL;
    send_held(http);
}

static void on_post_message(void *ctx, struct http_post *post, struct span text)
{
    struct streamable *http = ctx;

    http->events.on_message(http->options.ctx, text, http_post_request_id(post));
}

static bool is_awaited(void *ctx, uint64_t request_id)
{
    struct streamable *http = ctx;

    return http->events.is_awaited(http->options.ctx, request_id);
}

static void on_post_session(void *ctx, const char *session_id)
{
    struct streamable *http = ctx;

    free(http->session_id);
    http->session_id = xstrdup(session_id);
    http->session++;
}

/* The session must be known to be lost before the request fails, so that who repeats it waits for
 * the next one.  A server that can't be reached ends the connection, unless other answers are
 * under way. */
static void on_post_done(void *ctx, struct http_post *post, const struct http_post_end *end)
{
    struct streamable *http = ctx;
    uint64_t request_id = http_post_request_id(post);
    struct err err = end->failure.err;
    bool alone = TAILQ_FIRST(&http->posts) == post && !http_post_next(post);

    if (end->session_lost && http->session_id && http_post_session(post) == http->session)
        lose_session(http, &err);
    if (end->failure.err.code != ERR_NONE) {
        if (request_id)
            http->events.on_request_failed(http->options.ctx, request_id, &end->failure);
        else
            log_info("upstream", "message_refused", LOG_STR("server", http->options.server->key),
                     LOG_ERR(&err));
    }
    if (http->closed)
        return;
    forget_post(http, post);
    if (err.code == ERR_UNAVAILABLE && alone)
        close_with(http, &err);
}

static const struct http_post_events post_events = {
    .on_message = on_post_message,
    .on_session = on_post_session,
    .on_done = on_post_done,
    .is_awaited = is_awaited,
};

static int
post_now(struct streamable *http, const struct transport_message *message, struct err *err)
{
    CLEANUP(header_list) struct header_list headers = { 0 };
    struct http_post_options options = {
        .loop = http->options.loop,
        .http = http->options.http,
        .url = http->options.server->url,
        .headers = &headers,
        .message = message,
        .session = http->session_id ? http->session : 0,
        .list = &http->posts,
    };
    struct http_post *post;

    if (add_headers(http, &headers, message->headers, err) < 0)
        return -1;
    post = http_post_new(&options, &post_events, http, err);
    if (!post)
        return -1;
    if (message->holds_others)
        http->holder = post;
    return 0;
}

static int hold(struct streamable *http, const struct transport_message *message, struct err *err)
{
    struct held *held;

    if (!message->request_id && http->held_notices >= LIMIT_NOTICES)
        return err_set(err, ERR_LIMIT, "NOTICES (%d) of our messages wait to be sent",
                       LIMIT_NOTICES);
    held = NEW(struct held);
    http->held_notices += !message->request_id;
    held->message = *message;
    held->text = span_dup(message->text);
    held->message.text = span_make(held->text, message->text.len);
    held->message.headers = &held->headers;
    header_list_add_all(&held->headers, message->headers);
    TAILQ_INSERT_TAIL(&http->held, held, link);
    return 0;
}

static void send_held(struct streamable *http)
{
    while (!http->holder && !http->closed && !TAILQ_EMPTY(&http->held)) {
        struct held *held = TAILQ_FIRST(&http->held);
        struct transport_failure failure = { .not_done = true };

        if (post_now(http, &held->message, &failure.err) < 0 && held->message.request_id)
            http->events.on_request_failed(http->options.ctx, held->message.request_id, &failure);
        if (!http->closed)
            drop_held(http, held);
    }
}

static int streamable_send(struct transport *transport,
                           const struct transport_message *message,
                           struct err *err)
{
    struct streamable *http = streamable_of(transport);

    if (http->closed || http->closing)
        return err_set(err, ERR_UNAVAILABLE, "the connection is being closed");
    return http->holder ? hold(http, message, err) : post_now(http, message, err);
}

static void streamable_forget(struct transport *transport, uint64_t request_id)
{
    struct streamable *http = streamable_of(transport);
    struct http_post *post = TAILQ_FIRST(&http->posts), *next;
    struct held *held, *next_held;

    for (; post; post = next) {
        next = http_post_next(post);
        if (http_post_request_id(post) == request_id)
            forget_post(http, post);
    }
    for (held = TAILQ_FIRST(&http->held); held; held = next_held) {
        next_held = TAILQ_NEXT(held, link);
        if (held->message.request_id == request_id)
            drop_held(http, held);
    }
}

/* --- the stream for unsolicited messages --- */

static void on_stream_event(void *ctx, const struct sse_event *event)
{
    struct streamable *http = ctx;

    if (event->data.len)
        http->events.on_message(http->options.ctx, event->data, 0);
}

/* 404 says that the session is over only of a stream that had been there: servers without one
 * answer 405, or 404. */
static void on_stream_end(void *ctx, const struct err *err, int http_status)
{
    struct streamable *http = ctx;
    bool was_open = event_stream_was_open(http->stream);

    if (err->code == ERR_UNAVAILABLE && TAILQ_EMPTY(&http->posts)) {
        close_with(http, err);
        return;
    }
    log_debug("upstream", "no_stream_of_changes", LOG_STR("server", http->options.server->key),
              LOG_ERR(err));
    if (was_open && http_status == 404 && http->session_id)
        lose_session(http, err);
    else
        event_stream_free(TAKE(http->stream));
}

static void streamable_listen(struct transport *transport, const struct header_list *own)
{
    static const struct event_stream_events events = { .on_event = on_stream_event,
                                                       .on_end = on_stream_end };
    struct streamable *http = streamable_of(transport);
    CLEANUP(header_list) struct header_list headers = { 0 };
    struct event_stream_options options = {
        .loop = http->options.loop,
        .http = http->options.http,
        .url = http->options.server->url,
        .headers = &headers,
        .reconnect = true,
    };
    struct err err = ERR_INIT;

    if (http->stream || http->closed || http->closing)
        return;
    if (add_headers(http, &headers, own, &err) == 0)
        http->stream = event_stream_new(&options, &events, http);
    if (!http->stream)
        log_info("upstream", "no_stream_of_changes", LOG_STR("server", http->options.server->key),
                 LOG_ERR(&err));
}

/* --- the end --- */

static void tell_closed(void *ctx)
{
    struct streamable *http = ctx;

    http->closed = true;
    http->events.on_closed(http->options.ctx, NULL);
}

static void on_farewell_head(void *ctx, const struct http_head *head)
{
    (void)ctx;
    (void)head;
}

static void on_farewell_body(void *ctx, struct span bytes)
{
    (void)ctx;
    (void)bytes;
}

static void on_farewell_end(void *ctx, const struct err *err)
{
    struct streamable *http = ctx;

    (void)err;
    http_exchange_free(TAKE(http->farewell));
    tell_closed(http);
}

static void say_farewell(struct streamable *http)
{
    static const struct http_events events = { .on_head = on_farewell_head,
                                               .on_body = on_farewell_body,
                                               .on_end = on_farewell_end };
    CLEANUP(header_list) struct header_list headers = { 0 };
    struct http_request request = { .method = "DELETE",
                                    .url = http->options.server->url,
                                    .headers = &headers,
                                    .timeout_ms = DELETE_TIMEOUT_MS };
    struct err err = ERR_INIT;

    if (add_headers(http, &headers, NULL, &err) == 0)
        http->farewell = http_start(http->options.http, &request, &events, http, &err);
}

static void streamable_close(struct transport *transport)
{
    struct streamable *http = streamable_of(transport);

    if (http->closed || http->closing)
        return;
    http->closing = true;
    drop_traffic(http);
    if (http->session_id)
        say_farewell(http);
    if (!http->farewell)
        loop_post(http->options.loop, &http->task, tell_closed, http);
}

static int streamable_pid(struct transport *transport)
{
    (void)transport;
    return 0;
}

static void free_streamable(void *object)
{
    struct streamable *http = object;

    header_list_done(&http->configured);
    free(http->session_id);
    free(http);
}

static void streamable_free(struct transport *transport)
{
    struct streamable *http = streamable_of(transport);

    http->closed = true;
    drop_traffic(http);
    http_exchange_free(TAKE(http->farewell));
    loop_unpost(http->options.loop, &http->task);
    loop_reap(http->options.loop, http, free_streamable);
}

static const struct transport_ops streamable_ops = {
    .send = streamable_send,
    .forget = streamable_forget,
    .listen = streamable_listen,
    .pid = streamable_pid,
    .close = streamable_close,
    .free = streamable_free,
};

static void tell_open(void *ctx)
{
    struct streamable *http = ctx;

    http->events.on_open(http->options.ctx);
}

struct transport *transport_http_new(const struct transport_options *options, struct err *err)
{
    struct streamable *http = NEW(struct streamable);

    http->base = (struct transport){ .ops = &streamable_ops, .carries_headers = true };
    http->options = *options;
    http->events = *options->events;
    TAILQ_INIT(&http->posts);
    TAILQ_INIT(&http->held);
    if (header_list_add_configured(&http->configured, options->server, err) < 0) {
        streamable_free(&http->base);
        return NULL;
    }
    loop_post(options->loop, &http->task, tell_open, http);
    return &http->base;
}

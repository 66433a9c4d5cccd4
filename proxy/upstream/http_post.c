#include "proxy/upstream/http_post.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "proxy/rpc/sse.h"
#include "proxy/upstream/event_stream.h"
#include "proxy/upstream/http_status.h"

#define ERROR_BODY_MAX_BYTES 65536
#define LINGER_MS            1000 /* for the end of a stream whose answer has come */

struct http_post {
    TAILQ_ENTRY(http_post) link;
    struct http_post_list *list; /* borrowed */
    struct loop *loop;           /* borrowed */
    struct http_client *http;    /* borrowed */
    char *url;                   /* owned */
    struct header_list headers;  /* owned: of the request, for a resumption */
    struct http_post_events events;
    void *ctx;
    uint64_t request_id;
    unsigned session;
    bool opens_session, resumable, answered_elsewhere;
    struct http_exchange *exchange; /* owned; NULL once its answer is a stream being resumed */
    struct event_stream *resumed;   /* owned */
    struct sse_reader *reader;      /* owned; when the answer is a stream of events */
    struct buf body;                /* the answer otherwise */
    char *last_event_id;            /* owned; NULL when there was none */
    int64_t retry_ms;               /* -1: the server named no time */
    struct loop_timer *linger;      /* owned */
    struct http_head head;          /* content_type is owned */
    bool done, freed;
};

static void finish(struct http_post *post, const struct http_post_end *end)
{
    if (post->done || post->freed)
        return;
    post->done = true;
    post->events.on_done(post->ctx, post, end);
}

static void fail(struct http_post *post, const struct err *err)
{
    struct http_post_end end = { .failure = { .err = *err,
                                              .http_status = post->head.status,
                                              .not_done = err->code == ERR_UNAVAILABLE } };

    finish(post, &end);
}

static bool is_waiting(const struct http_post *post)
{
    return post->request_id && post->events.is_awaited(post->ctx, post->request_id);
}

/* --- a stream of events --- */

static void on_linger_over(void *ctx)
{
    struct http_post_end end = { .session_lost = false };

    finish(ctx, &end);
}

static void on_event(void *ctx, const struct sse_event *event)
{
    struct http_post *post = ctx;

    if (post->done || post->freed)
        return;
    if (event->id.len) {
        free(post->last_event_id);
        post->last_event_id = span_dup(event->id);
    }
    if (event->retry_ms >= 0)
        post->retry_ms = event->retry_ms;
    if (!event->data.len)
        return;
    post->events.on_message(post->ctx, post, event->data);
    /* A server that does not end its stream after the answer must not hold it for ever; one that
     * was resumed would be opened again. */
    if (!post->freed && post->request_id && !is_waiting(post))
        loop_timer_start(post->linger, post->resumed ? 0 : LINGER_MS);
}

/* The request is with the server, whatever has become of its answer. */
static void on_resumed_end(void *ctx, const struct err *err, int http_status)
{
    struct http_post *post = ctx;
    struct http_post_end end = { .session_lost = post->session && http_status == 404 };

    if (is_waiting(post)) {
        end.failure.http_status = http_status;
        end.failure.err = *err;
        err_in(&end.failure.err, "the answer was broken off and could not be resumed");
        if (err->code != ERR_LIMIT)
            end.failure.err.code = ERR_CLOSED;
    }
    finish(post, &end);
}

/* The server broke the stream off and promised, by event ids, to go on with it: always by GET
 * (2025-11-25, basic/transports "Resumability", SEP-1699). */
static void resume(struct http_post *post)
{
    static const struct event_stream_events events = { .on_event = on_event,
                                                       .on_end = on_resumed_end };
    struct event_stream_options options = {
        .loop = post->loop,
        .http = post->http,
        .url = post->url,
        .headers = &post->headers,
        .last_event_id = post->last_event_id,
        .retry_ms = post->retry_ms,
        .delay_ms = -1,
        .reconnect = true,
    };

    http_exchange_free(TAKE(post->exchange));
    post->resumed = event_stream_new(&options, &events, post);
}

static void on_stream_end(struct http_post *post, const struct err *broken)
{
    struct http_post_end end = { .session_lost = false };
    struct err err = ERR_INIT;

    if (!is_waiting(post)) {
        finish(post, &end);
        return;
    }
    if (post->resumable && post->last_event_id) {
        resume(post);
        return;
    }
    if (broken)
        err = *broken;
    else
        err_set(&err, ERR_CLOSED, "the server ended the stream without an answer");
    fail(post, &err);
}

/* --- the answer --- */

static bool is_stream(const struct http_post *post)
{
    return post->head.status < 300 && strcmp(post->head.content_type, "text/event-stream") == 0;
}

static void on_head(void *ctx, const struct http_head *head)
{
    struct http_post *post = ctx;

    post->head.status = head->status;
    free(post->head.content_type);
    post->head.content_type = xstrdup(head->content_type);
    if (head->status < 300 && post->opens_session && head->session_id)
        post->events.on_session(post->ctx, head->session_id);
    if (is_stream(post) && !post->answered_elsewhere)
        post->reader = sse_reader_new(LIMIT_SSE_EVENT_BYTES, on_event, post);
    buf_init(&post->body, head->status < 300 ? LIMIT_RPC_MESSAGE_BYTES : ERROR_BODY_MAX_BYTES);
}

static void on_body(void *ctx, struct span bytes)
{
    struct http_post *post = ctx;
    struct err err = ERR_INIT;

    if (post->done)
        return;
    if (post->reader) {
        if (sse_reader_feed(post->reader, bytes, &err) < 0)
            fail(post, &err);
    } else if (buf_add_span(&post->body, bytes) < 0 && post->head.status < 300) {
        err_set(&err, ERR_LIMIT,
                "the answer was over %d bytes (limit RPC_MESSAGE_BYTES) and was dropped",
                LIMIT_RPC_MESSAGE_BYTES);
        fail(post, &err);
    }
}

/* Servers answer 404 for a session they don't know; many, made after an old example, answer 400
 * and say so in words. */
static bool is_session_lost(struct http_post *post)
{
    if (!post->session)
        return false;
    if (post->head.status == 404)
        return true;
    return post->head.status == 400 && strcasestr(buf_str(&post->body), "session") != NULL;
}

static void on_refused(struct http_post *post)
{
    struct http_post_end end = { .session_lost = is_session_lost(post) };

    end.failure.http_status = post->head.status;
    end.failure.body = buf_span(&post->body);
    if (end.session_lost) {
        end.failure.not_done = true;
        err_set(&end.failure.err, ERR_CLOSED, "the server has ended the session");
    } else {
        http_status_explain(&post->head, post->url, &end.failure.err);
    }
    finish(post, &end);
}

static void on_json(struct http_post *post)
{
    struct http_post_end end = { .session_lost = false };

    post->events.on_message(post->ctx, post, buf_span(&post->body));
    if (is_waiting(post))
        err_set(&end.failure.err, ERR_PROTOCOL,
                "the server's HTTP answer does not answer the request");
    finish(post, &end);
}

static void on_whole_answer(struct http_post *post)
{
    struct http_post_end end = { .session_lost = false };
    bool json = strcmp(post->head.content_type, "application/json") == 0;

    if (post->head.status >= 400)
        on_refused(post);
    else if (!post->request_id || post->answered_elsewhere)
        finish(post, &end);
    else if (json && post->body.len)
        on_json(post);
    else
        on_refused(post);
}

static void on_end(void *ctx, const struct err *err)
{
    struct http_post *post = ctx;

    if (post->reader)
        on_stream_end(post, err);
    else if (err)
        fail(post, err);
    else
        on_whole_answer(post);
}

/* --- the post --- */

static int start(struct http_post *post, struct span text, struct err *err)
{
    static const struct http_events events = { .on_head = on_head,
                                               .on_body = on_body,
                                               .on_end = on_end };
    CLEANUP(header_list) struct header_list headers = { 0 };
    struct http_request request = {
        .method = "POST",
        .url = post->url,
        .headers = &headers,
        .body = text,
        /* A request has its own deadline, which its caller keeps. */
        .timeout_ms = post->request_id ? 0 : LIMIT_NOTICE_MS,
    };

    header_list_add_all(&headers, &post->headers);
    if (header_list_add(&headers, "Content-Type", SPAN("application/json"), err) < 0 ||
        header_list_add(&headers, "Accept", SPAN("application/json, text/event-stream"), err) < 0)
        return -1;
    post->exchange = http_start(post->http, &request, &events, post, err);
    return post->exchange ? 0 : -1;
}

/* A server that asks us much and never takes an answer would else hold a connection for each. */
static int check_room(const struct http_post_options *options, struct err *err)
{
    const struct http_post *post;
    unsigned notices = 0;

    if (options->message->request_id)
        return 0;
    TAILQ_FOREACH(post, options->list, link)
    notices += !post->request_id;
    if (notices < LIMIT_NOTICES)
        return 0;
    return err_set(err, ERR_LIMIT, "the server has not taken NOTICES (%d) of our messages",
                   LIMIT_NOTICES);
}

struct http_post *http_post_new(const struct http_post_options *options,
                                const struct http_post_events *events,
                                void *ctx,
                                struct err *err)
{
    struct http_post *post;

    if (check_room(options, err) < 0)
        return NULL;
    post = NEW(struct http_post);
    post->loop = options->loop;
    post->http = options->http;
    post->url = xstrdup(options->url);
    post->events = *events;
    post->ctx = ctx;
    post->request_id = options->message->request_id;
    post->opens_session = options->message->opens_session;
    post->resumable = options->message->resumable;
    post->session = options->session;
    post->answered_elsewhere = options->answered_elsewhere;
    post->retry_ms = -1;
    post->head.content_type = xstrdup("");
    buf_init(&post->body, ERROR_BODY_MAX_BYTES);
    post->linger = loop_timer_new(options->loop, on_linger_over, post);
    post->list = options->list;
    TAILQ_INSERT_TAIL(post->list, post, link);
    header_list_add_all(&post->headers, options->headers);
    if (start(post, options->message->text, err) < 0) {
        http_post_free(post);
        return NULL;
    }
    return post;
}

static void free_post(void *object)
{
    struct http_post *post = object;

    sse_reader_free(post->reader);
    buf_done(&post->body);
    header_list_done(&post->headers);
    free(post->url);
    free(post->last_event_id);
    free(post->head.content_type);
    free(post);
}

void http_post_free(struct http_post *post)
{
    if (!post || post->freed)
        return;
    post->freed = true;
    TAILQ_REMOVE(post->list, post, link);
    http_exchange_free(TAKE(post->exchange));
    event_stream_free(TAKE(post->resumed));
    loop_timer_free(TAKE(post->linger));
    loop_reap(post->loop, post, free_post);
}

uint64_t http_post_request_id(const struct http_post *post)
{
    return post->request_id;
}

unsigned http_post_session(const struct http_post *post)
{
    return post->session;
}

struct http_post *http_post_next(const struct http_post *post)
{
    return TAILQ_NEXT(post, link);
}

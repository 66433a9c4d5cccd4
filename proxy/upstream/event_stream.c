#include "proxy/upstream/event_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "proxy/upstream/http_status.h"

/* The official SDK's figures for reconnecting. */
#define DELAY_MS     1000
#define DELAY_MAX_MS 30000
#define DELAY_MIN_MS 100 /* a server that says `retry: 0` must not keep us busy */
/* Openings in a row that brought no event, before a resumption is given up. */
#define BARREN_MAX 8

struct event_stream {
    struct loop *loop;        /* borrowed */
    struct http_client *http; /* borrowed */
    struct event_stream_events events;
    void *ctx;
    char *url;                      /* owned */
    struct header_list headers;     /* owned */
    char *last_event_id;            /* owned; NULL when there was none */
    struct http_exchange *exchange; /* owned; NULL between two openings */
    struct sse_reader *reader;      /* owned; while the stream is open */
    struct loop_timer *timer;       /* owned: the next opening */
    uint64_t delay_ms;              /* before the next opening; grows while none brings an event */
    int64_t retry_ms;               /* as the server said; -1 when it did not */
    unsigned barren;
    bool reconnect, resuming, ended, freed;
    bool opened;    /* the server has given a stream of events at least once */
    int status;     /* of the last answer; 0 when there was none */
    struct err err; /* what was wrong with it; ERR_NONE: it was a stream of events */
};

static uint64_t first_delay_ms(const struct event_stream *stream)
{
    if (stream->retry_ms < 0)
        return DELAY_MS;
    return stream->retry_ms < DELAY_MIN_MS ? DELAY_MIN_MS : (uint64_t)stream->retry_ms;
}

static void end(struct event_stream *stream, const struct err *err)
{
    struct err copy = *err;

    if (stream->ended || stream->freed)
        return;
    stream->ended = true;
    loop_timer_stop(stream->timer);
    http_exchange_free(TAKE(stream->exchange));
    stream->events.on_end(stream->ctx, &copy, stream->status);
}

static void on_event(void *ctx, const struct sse_event *event)
{
    struct event_stream *stream = ctx;

    if (stream->freed || stream->ended)
        return;
    stream->barren = 0;
    if (event->id.len) {
        free(stream->last_event_id);
        stream->last_event_id = span_dup(event->id);
    }
    if (event->retry_ms >= 0)
        stream->retry_ms = event->retry_ms;
    stream->delay_ms = first_delay_ms(stream);
    stream->events.on_event(stream->ctx, event);
}

static void on_head(void *ctx, const struct http_head *head)
{
    struct event_stream *stream = ctx;

    stream->status = head->status;
    if (head->status < 300 && strcmp(head->content_type, "text/event-stream") == 0) {
        stream->reader = sse_reader_new(LIMIT_SSE_EVENT_BYTES, on_event, stream);
        stream->opened = true;
    } else {
        http_status_explain(head, stream->url, &stream->err);
    }
}

static void on_body(void *ctx, struct span bytes)
{
    struct event_stream *stream = ctx;
    struct err err = ERR_INIT;

    if (stream->reader && sse_reader_feed(stream->reader, bytes, &err) < 0)
        end(stream, &err);
}

static void wait_and_open(struct event_stream *stream)
{
    uint64_t delay_ms = stream->delay_ms;

    if (delay_ms < DELAY_MAX_MS)
        stream->delay_ms =
            delay_ms + delay_ms / 2 < DELAY_MAX_MS ? delay_ms + delay_ms / 2 : DELAY_MAX_MS;
    loop_timer_start(stream->timer, delay_ms);
}

/* Whether the next opening may fare better: not after a refusal, nor when nobody is there who
 * could go on with what he began. */
static bool may_go_on(struct event_stream *stream, const struct err *broken)
{
    bool began = stream->opened || stream->resuming;
    bool refused = stream->err.code != ERR_NONE && stream->status < 500 && stream->status != 429;

    if (!stream->reconnect || refused || (stream->err.code != ERR_NONE && !began))
        return false;
    if (broken && broken->code == ERR_UNAVAILABLE && !stream->resuming)
        return false;
    return !stream->resuming || ++stream->barren <= BARREN_MAX;
}

static void free_reader(void *object)
{
    sse_reader_free(object);
}

static void on_end(void *ctx, const struct err *err)
{
    struct event_stream *stream = ctx;
    struct err over = ERR_INIT;

    http_exchange_free(TAKE(stream->exchange));
    if (stream->reader)
        loop_reap(stream->loop, TAKE(stream->reader), free_reader);
    err_set(&over, ERR_CLOSED, "the server ended the stream of events");
    if (may_go_on(stream, err))
        wait_and_open(stream);
    else if (stream->err.code != ERR_NONE)
        end(stream, &stream->err);
    else
        end(stream, err ? err : &over);
}

static int open_stream(struct event_stream *stream, struct err *err)
{
    static const struct http_events events = { .on_head = on_head,
                                               .on_body = on_body,
                                               .on_end = on_end };
    CLEANUP(header_list) struct header_list headers = { 0 };
    struct http_request request = { .method = "GET", .url = stream->url, .headers = &headers };

    stream->status = 0;
    stream->err = (struct err)ERR_INIT;
    header_list_add_all(&headers, &stream->headers);
    if (header_list_add(&headers, "Accept", SPAN("text/event-stream"), err) < 0)
        return -1;
    if (stream->last_event_id &&
        header_list_add(&headers, "Last-Event-ID", span_of(stream->last_event_id), err) < 0)
        return -1;
    stream->exchange = http_start(stream->http, &request, &events, stream, err);
    return stream->exchange ? 0 : -1;
}

static void open_now(void *ctx)
{
    struct event_stream *stream = ctx;
    struct err err = ERR_INIT;

    if (open_stream(stream, &err) < 0)
        end(stream, &err);
}

struct event_stream *event_stream_new(const struct event_stream_options *options,
                                      const struct event_stream_events *events,
                                      void *ctx)
{
    struct event_stream *stream = NEW(struct event_stream);

    stream->loop = options->loop;
    stream->http = options->http;
    stream->events = *events;
    stream->ctx = ctx;
    stream->url = xstrdup(options->url);
    stream->last_event_id = xstrdup(options->last_event_id);
    stream->resuming = options->last_event_id != NULL;
    stream->reconnect = options->reconnect;
    stream->retry_ms = stream->resuming ? options->retry_ms : -1;
    stream->delay_ms = first_delay_ms(stream);
    stream->timer = loop_timer_new(options->loop, open_now, stream);
    header_list_add_all(&stream->headers, options->headers);
    if (options->delay_ms < 0)
        wait_and_open(stream);
    else
        loop_timer_start(stream->timer, (uint64_t)options->delay_ms);
    return stream;
}

bool event_stream_was_open(const struct event_stream *stream)
{
    return stream->opened;
}

static void free_stream(void *object)
{
    struct event_stream *stream = object;

    sse_reader_free(stream->reader);
    header_list_done(&stream->headers);
    free(stream->url);
    free(stream->last_event_id);
    free(stream);
}

void event_stream_free(struct event_stream *stream)
{
    if (!stream || stream->freed)
        return;
    stream->freed = true;
    loop_timer_free(TAKE(stream->timer));
    http_exchange_free(TAKE(stream->exchange));
    loop_reap(stream->loop, stream, free_stream);
}

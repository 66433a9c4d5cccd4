/*
 * Each event is in three lists: of its stream in order of number, and of its
 * session and of the store in order of age.
 */
#include "proxy/mcp/event_store.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "proxy/rpc/message.h"
#include "proxy/rpc/protocol.h"

/* An answer no longer than this is as short as the error that would stand for it. */
#define SHORT_ANSWER_BYTES 1024
/* Digits of one number in an event's id. */
#define NUMBER_DIGITS 18

struct event {
    TAILQ_ENTRY(event) of_stream, of_history, of_store;
    struct event_stream *stream;
    uint64_t number;
    uint64_t stored_ms;
    enum event_kind kind;
    struct buf message;
};

/* ---- lists by age ---- */

static void ages_init(struct event_ages *ages)
{
    *ages = (struct event_ages){ .count = 0 };
    for (int kind = 0; kind < EVENT_KINDS; kind++)
        TAILQ_INIT(&ages->by_kind[kind]);
}

static struct event *oldest(const struct event_ages *ages)
{
    struct event *event = NULL;

    for (int kind = 0; !event && kind < EVENT_KINDS; kind++)
        event = TAILQ_FIRST(&ages->by_kind[kind]);
    return event;
}

static void count_in(struct event_ages *ages, const struct event *event)
{
    ages->bytes += event->message.len;
    ages->count++;
}

static void count_out(struct event_ages *ages, const struct event *event)
{
    ages->bytes -= event->message.len;
    ages->count--;
}

static void enter(struct event *event)
{
    struct event_history *history = event->stream->history;

    TAILQ_INSERT_TAIL(&history->ages.by_kind[event->kind], event, of_history);
    TAILQ_INSERT_TAIL(&history->store->ages.by_kind[event->kind], event, of_store);
    count_in(&history->ages, event);
    count_in(&history->store->ages, event);
}

static void leave(struct event *event)
{
    struct event_history *history = event->stream->history;

    TAILQ_REMOVE(&history->ages.by_kind[event->kind], event, of_history);
    TAILQ_REMOVE(&history->store->ages.by_kind[event->kind], event, of_store);
    count_out(&history->ages, event);
    count_out(&history->store->ages, event);
}

/* ---- room ---- */

static void free_when_over(struct event_stream *stream)
{
    if (stream->open || !TAILQ_EMPTY(&stream->events))
        return;
    TAILQ_REMOVE(&stream->history->streams, stream, link);
    free(stream);
}

static void forget(struct event *event)
{
    struct event_stream *stream = event->stream;

    leave(event);
    TAILQ_REMOVE(&stream->events, event, of_stream);
    buf_done(&event->message);
    free(event);
    free_when_over(stream);
}

/* Nothing when the id is as long as an answer: there is no room for that either. */
static void write_lost(struct span answer, struct buf *out)
{
    struct span id = SPAN_NONE;

    json_get(answer, "id", &id);
    if (rpc_write_error(out, id, RPC_INTERNAL_ERROR,
                        SPAN("The request was done, but its answer was not kept until the "
                             "connection was resumed: see EVENT_SESSION_BYTES, EVENT_STORE_BYTES"),
                        SPAN_NONE) < 0)
        buf_clear(out);
}

/* The event is then the youngest: it is only dropped after all that is larger. */
static void shorten(struct event *event)
{
    struct buf lost;

    buf_init(&lost, SHORT_ANSWER_BYTES);
    leave(event);
    write_lost(buf_span(&event->message), &lost);
    buf_done(&event->message);
    event->message = lost;
    enter(event);
}

static void give_way(struct event *event)
{
    if (event->kind == EVENT_ANSWER && event->message.len > SHORT_ANSWER_BYTES)
        shorten(event);
    else
        forget(event);
}

static bool is_full(const struct event_ages *ages, size_t max_bytes, unsigned max_count)
{
    return ages->bytes > max_bytes || ages->count > max_count;
}

static void make_room(struct event_history *history)
{
    struct event_store *store = history->store;

    while (is_full(&history->ages, LIMIT_EVENT_SESSION_BYTES, LIMIT_EVENT_SESSION_COUNT))
        give_way(oldest(&history->ages));
    while (is_full(&store->ages, LIMIT_EVENT_STORE_BYTES, LIMIT_EVENT_STORE_COUNT))
        give_way(oldest(&store->ages));
}

/* ---- the store and a session's part of it ---- */

void event_store_init(struct event_store *store)
{
    *store = (struct event_store){ .now_ms = 0 };
    ages_init(&store->ages);
}

static void expire_kind(struct event_list *list, uint64_t before_ms)
{
    struct event *event;

    while ((event = TAILQ_FIRST(list)) && event->stored_ms < before_ms)
        forget(event);
}

void event_store_expire(struct event_store *store, uint64_t now_ms)
{
    store->now_ms = now_ms;
    if (now_ms <= LIMIT_EVENT_MS)
        return;
    for (int kind = 0; kind < EVENT_KINDS; kind++)
        expire_kind(&store->ages.by_kind[kind], now_ms - LIMIT_EVENT_MS);
}

void event_history_init(struct event_history *history, struct event_store *store)
{
    *history = (struct event_history){ .store = store };
    ages_init(&history->ages);
    TAILQ_INIT(&history->streams);
}

void event_history_done(struct event_history *history)
{
    struct event_stream *stream, *next;

    while (oldest(&history->ages))
        forget(oldest(&history->ages));
    for (stream = TAILQ_FIRST(&history->streams); stream; stream = next) {
        next = TAILQ_NEXT(stream, link);
        event_stream_close(stream);
    }
}

/* ---- streams ---- */

struct event_stream *event_stream_open(struct event_history *history, bool of_session)
{
    struct event_stream *stream = NEW(struct event_stream);

    stream->history = history;
    stream->number = ++history->streams_opened;
    stream->open = true;
    stream->of_session = of_session;
    TAILQ_INIT(&stream->events);
    TAILQ_INSERT_TAIL(&history->streams, stream, link);
    return stream;
}

void event_stream_close(struct event_stream *stream)
{
    stream->open = false;
    free_when_over(stream);
}

uint64_t event_stream_add(struct event_stream *stream, enum event_kind kind, struct span message)
{
    struct event *event = NEW(struct event);
    uint64_t number = ++stream->last;

    event->stream = stream;
    event->number = number;
    event->stored_ms = stream->history->store->now_ms;
    event->kind = kind;
    buf_init(&event->message, LIMIT_EVENT_SESSION_BYTES);
    if (message.len <= LIMIT_EVENT_SESSION_BYTES)
        buf_add_span(&event->message, message);
    else if (kind == EVENT_ANSWER)
        write_lost(message, &event->message);
    TAILQ_INSERT_TAIL(&stream->events, event, of_stream);
    enter(event);
    make_room(stream->history);
    return number;
}

void event_write_id(const struct event_stream *stream, uint64_t number, struct buf *out)
{
    buf_printf(out, "%" PRIu64 "-%" PRIu64, stream->number, number);
}

static bool read_number(struct span *text, uint64_t *ret)
{
    size_t len = 0;

    *ret = 0;
    for (; len < text->len && text->data[len] >= '0' && text->data[len] <= '9'; len++) {
        if (len == NUMBER_DIGITS)
            return false;
        *ret = *ret * 10 + (uint64_t)(text->data[len] - '0');
    }
    *text = span_skip(*text, len);
    return len > 0;
}

static bool read_id(struct span id, uint64_t *ret_stream, uint64_t *ret_number)
{
    if (!read_number(&id, ret_stream) || id.len == 0 || id.data[0] != '-')
        return false;
    id = span_skip(id, 1);
    return read_number(&id, ret_number) && id.len == 0;
}

struct event_stream *
event_history_find(const struct event_history *history, struct span id, uint64_t *ret_number)
{
    struct event_stream *stream;
    uint64_t number;

    if (!read_id(id, &number, ret_number))
        return NULL;
    TAILQ_FOREACH(stream, &history->streams, link)
    {
        if (stream->number == number)
            return *ret_number <= stream->last ? stream : NULL;
    }
    return NULL;
}

void event_stream_replay(const struct event_stream *stream, uint64_t after, event_fn *fn, void *ctx)
{
    struct event *event;

    TAILQ_FOREACH(event, &stream->events, of_stream)
    {
        if (event->number > after && event->message.len)
            fn(ctx, event->number, buf_span(&event->message));
    }
}

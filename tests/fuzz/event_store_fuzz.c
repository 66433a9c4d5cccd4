/*
 * The store of events under any order of openings, events, ends and ids from
 * clients: its counts stay true, its bounds hold, and an id that is found is
 * one that it wrote.
 */
#include <stdint.h>

#include "base/limits.h"
#include "proxy/mcp/event_store.h"

#define HISTORIES  2
#define SIZE_STEP  40000 /* of an event; 255 of them are more than a session may keep */
#define ID_MAX     24
#define EXPIRE_MS  (LIMIT_EVENT_MS / 4)
#define STREAM_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
    struct event_store store;
    struct event_history histories[HISTORIES];
    uint64_t now_ms;
    struct span rest; /* of the input */
    char message[256 * SIZE_STEP];
};

static uint8_t take_byte(struct world *world)
{
    uint8_t byte = world->rest.len ? (uint8_t)world->rest.data[0] : 0;

    world->rest = span_skip(world->rest, 1);
    return byte;
}

/* The nth stream of a history that is open, or NULL. */
static struct event_stream *open_stream(struct event_history *history, unsigned nth)
{
    struct event_stream *stream;

    TAILQ_FOREACH(stream, &history->streams, link)
    {
        if (stream->open && nth-- == 0)
            return stream;
    }
    return NULL;
}

static void add(struct world *world, struct event_stream *stream)
{
    uint8_t byte = take_byte(world);
    size_t len = (size_t)take_byte(world) * SIZE_STEP;

    if (stream)
        event_stream_add(stream, byte % EVENT_KINDS, span_make(world->message, len));
}

static void find(struct world *world, const struct event_history *history)
{
    CLEANUP(buf) struct buf id = BUF(ID_MAX * 2);
    size_t len = take_byte(world) % ID_MAX;
    struct span text = span_make(world->rest.data, len < world->rest.len ? len : world->rest.len);
    const struct event_stream *stream;
    uint64_t number;

    world->rest = span_skip(world->rest, text.len);
    stream = event_history_find(history, text, &number);
    if (!stream)
        return;
    event_write_id(stream, number, &id);
    /* Leading zeros apart. */
    BUG_ON(buf_failed(&id) || id.len > text.len);
}

static void count_one(void *ctx, uint64_t number, struct span message)
{
    size_t *bytes = ctx;

    (void)number;
    *bytes += message.len;
}

static void check(const struct world *world)
{
    size_t bytes = 0;

    for (size_t i = 0; i < HISTORIES; i++) {
        const struct event_stream *stream;
        size_t before = bytes;

        TAILQ_FOREACH(stream, &world->histories[i].streams, link)
        {
            BUG_ON(!stream->open && TAILQ_EMPTY(&stream->events));
            event_stream_replay(stream, 0, count_one, &bytes);
        }
        BUG_ON(world->histories[i].ages.bytes != bytes - before);
        BUG_ON(world->histories[i].ages.bytes > LIMIT_EVENT_SESSION_BYTES);
    }
    BUG_ON(world->store.ages.bytes != bytes);
    BUG_ON(world->store.ages.count !=
           world->histories[0].ages.count + world->histories[1].ages.count);
}

static void step(struct world *world)
{
    uint8_t byte = take_byte(world);
    struct event_history *history = &world->histories[byte % HISTORIES];
    struct event_stream *stream = open_stream(history, byte / 16 % STREAM_MAX);

    switch (byte / HISTORIES % 5) {
    case 0:
        event_stream_open(history, byte & 0x80);
        break;
    case 1:
        add(world, stream);
        break;
    case 2:
        if (stream)
            event_stream_close(stream);
        break;
    case 3:
        find(world, history);
        break;
    default:
        event_store_expire(&world->store, world->now_ms += EXPIRE_MS);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world world;

    event_store_init(&world.store);
    world.now_ms = 0;
    world.rest = span_make((const char *)data, size);
    if (!world.message[0])
        memset(world.message, 0x20, sizeof(world.message));
    for (size_t i = 0; i < HISTORIES; i++)
        event_history_init(&world.histories[i], &world.store);
    while (world.rest.len) {
        step(&world);
        check(&world);
    }
    for (size_t i = 0; i < HISTORIES; i++)
        event_history_done(&world.histories[i]);
    BUG_ON(world.store.ages.count || world.store.ages.bytes);
    return 0;
}

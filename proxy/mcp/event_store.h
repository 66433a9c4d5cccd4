/*
 * What was sent on the streams of legacy sessions, kept for a while, so that a
 * client whose connection broke can go on behind the last event it saw
 * (2025-11-25, basic/transports "Resumability and Redelivery").  Knows no
 * connection.  Private to mcp/.
 *
 * Bounded for each session and for all together.  When room is needed the
 * oldest notification goes first, then the oldest request of ours; an answer goes
 * when none of these is left, and a short error stands for it, so that whoever waits for it is
 * told.
 */
#ifndef PROXY_MCP_EVENT_STORE_H
#define PROXY_MCP_EVENT_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/span.h"

/* In the order in which they give way. */
enum event_kind { EVENT_NOTIFICATION, EVENT_REQUEST, EVENT_ANSWER, EVENT_KINDS };

struct event;
TAILQ_HEAD(event_list, event);
TAILQ_HEAD(event_stream_list, event_stream);

/* Events in order of age, with what they come to. */
struct event_ages {
    struct event_list by_kind[EVENT_KINDS];
    size_t bytes;
    unsigned count;
};

/* The events of all sessions. */
struct event_store {
    struct event_ages ages;
    uint64_t now_ms; /* of the last event_store_expire */
};

/* The streams of one session. */
struct event_history {
    struct event_store *store;
    struct event_ages ages;
    struct event_stream_list streams; /* the newest last */
    uint64_t streams_opened;
};

/* One stream: the answer to a POST, or of a GET.  It is freed once it is closed and empty. */
struct event_stream {
    TAILQ_ENTRY(event_stream) link;
    struct event_history *history;
    uint64_t number; /* in its session, from 1 */
    uint64_t last;   /* number of its last event; 0 is the priming event, which is not stored */
    struct event_list events;
    bool open;        /* more may come */
    bool of_session;  /* of a GET: carries what belongs to no request */
    void *connection; /* the transport's: who reads it now; NULL when nobody does */
    unsigned pending; /* the transport's: answers still to come */
};

void event_store_init(struct event_store *store);

void event_history_init(struct event_history *history, struct event_store *store);
/* Frees all streams of the session, open ones too. */
void event_history_done(struct event_history *history);

/* A new stream, open. */
struct event_stream *event_stream_open(struct event_history *history, bool of_session);

/* No more events come; the stream stays as long as one of its events does. */
void event_stream_close(struct event_stream *stream);

/* Stores a message as the stream's next event and returns its number. */
uint64_t event_stream_add(struct event_stream *stream, enum event_kind kind, struct span message);

/* Appends the id of the stream's event with that number, unique in the session. */
void event_write_id(const struct event_stream *stream, uint64_t number, struct buf *out);

/* The stream that an event's id belongs to, with the event's number; NULL when the id was never
 * given out or nothing is kept of its stream. */
struct event_stream *
event_history_find(const struct event_history *history, struct span id, uint64_t *ret_number);

typedef void event_fn(void *ctx, uint64_t number, struct span message);

/* Calls `fn` with each event behind that number that is still kept, in order; `fn` must not change
 * the store. */
void event_stream_replay(const struct event_stream *stream,
                         uint64_t after,
                         event_fn *fn,
                         void *ctx);

/* Forgets what is older than LIMIT_EVENT_MS; to be called now and then with the time, which the
 * events that follow are stored with. */
void event_store_expire(struct event_store *store, uint64_t now_ms);

#endif

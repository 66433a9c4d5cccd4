/*
 * Server-sent events (WHATWG HTML, "Server-sent events"): a reader for
 * upstreams' streams and a writer for ours.
 */
#ifndef PROXY_RPC_SSE_H
#define PROXY_RPC_SSE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

struct sse_event {
    struct span type; /* "message" when none was given */
    struct span data; /* lines joined by \n; may be empty (a priming event) */
    struct span id;   /* the last id seen */
    int64_t retry_ms; /* -1 when this event carried none */
};

struct sse_reader;

/* Called per event with anything in it; spans are valid during the call. */
typedef void sse_event_fn(void *ctx, const struct sse_event *event);

/* A reader that refuses events over `max_event_bytes`. */
struct sse_reader *sse_reader_new(size_t max_event_bytes, sse_event_fn *fn, void *ctx);
/* Feeds bytes in any portions; all line ends, a BOM and comments are understood.  -1 with
 * ERR_LIMIT. */
int sse_reader_feed(struct sse_reader *reader, struct span bytes, struct err *err);
void sse_reader_free(struct sse_reader *reader);

/* Appends one event: `id` and `type` may be empty; `data` must hold no line feed (JSON on one
 * line does not). */
int sse_write_event(struct buf *out, struct span id, struct span type, struct span data);
/* Appends an event with an id and no data, which says from where to resume and after how long to
 * try (2025-11-25, basic/transports "Sending Messages to the Server"). */
int sse_write_priming(struct buf *out, struct span id, int retry_ms);
/* Appends a comment line, for keep-alive. */
int sse_write_comment(struct buf *out, const char *text);

#endif

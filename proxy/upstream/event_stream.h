/*
 * A stream of server-sent events fetched by GET: unsolicited messages, resumed
 * answers, HTTP+SSE of 2024-11-05.
 */
#ifndef PROXY_UPSTREAM_EVENT_STREAM_H
#define PROXY_UPSTREAM_EVENT_STREAM_H

#include <stdbool.h>

#include "base/err.h"
#include "base/loop.h"
#include "proxy/rpc/sse.h"
#include "proxy/upstream/http_client.h"

struct event_stream;

struct event_stream_events {
    void (*on_event)(void *ctx, const struct sse_event *event);
    /* The stream is over and will not be opened again.  Once; it is still to be freed.
     * `http_status`: of the answer that ended it; 0 when there was none. */
    void (*on_end)(void *ctx, const struct err *err, int http_status);
};

struct event_stream_options {
    struct loop *loop;                 /* borrowed */
    struct http_client *http;          /* borrowed */
    const char *url;                   /* copied */
    const struct header_list *headers; /* copied */
    const char *last_event_id;         /* copied; NULL: from now on */
    int64_t retry_ms;                  /* with last_event_id: the server's `retry`; -1: none */
    int64_t delay_ms;                  /* before the first request; -1: the usual delay; 0: none */
    bool reconnect;                    /* a stream that was open is opened again when it ends */
};

/* Opens the stream, at a later turn. */
struct event_stream *event_stream_new(const struct event_stream_options *options,
                                      const struct event_stream_events *events,
                                      void *ctx) __attribute__((returns_nonnull));

/* Whether the server has given a stream of events at least once. */
bool event_stream_was_open(const struct event_stream *stream);

/* Closes it; may be called inside its callbacks.  Takes NULL. */
void event_stream_free(struct event_stream *stream);

#endif

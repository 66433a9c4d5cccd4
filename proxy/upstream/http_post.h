/*
 * One message sent by POST, and its answer in whichever form it comes: JSON, a
 * stream of events, a stream that is broken off and resumed by GET.
 */
#ifndef PROXY_UPSTREAM_HTTP_POST_H
#define PROXY_UPSTREAM_HTTP_POST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"
#include "base/loop.h"
#include "proxy/upstream/http_client.h"
#include "proxy/upstream/transport.h"

struct http_post;
TAILQ_HEAD(http_post_list, http_post);

/* How a post ended: err.code is ERR_NONE when its answer was delivered. */
struct http_post_end {
    struct transport_failure failure;
    bool session_lost; /* the server no longer knows our session */
};

struct http_post_events {
    void (*on_message)(void *ctx, struct http_post *post, struct span text);
    /* The answer brought a session id (only to a message that opens a session). */
    void (*on_session)(void *ctx, const char *session_id);
    /* Once; the post is still to be freed. */
    void (*on_done)(void *ctx, struct http_post *post, const struct http_post_end *end);
    bool (*is_awaited)(void *ctx, uint64_t request_id);
};

struct http_post_options {
    struct loop *loop; /* borrowed, as all here */
    struct http_client *http;
    const char *url;                         /* copied */
    const struct header_list *headers;       /* copied */
    const struct transport_message *message; /* copied */
    unsigned session;                        /* which of our sessions it names; 0: none */
    bool answered_elsewhere;                 /* the answer is no part of this exchange (HTTP+SSE) */
    struct http_post_list *list;             /* the post enters it, and leaves it when freed */
};

/* Sends a message, or returns NULL with err: ERR_LIMIT when LIMIT_NOTICES messages of the list that
 * are no requests are still on their way.  Such a message fails after LIMIT_NOTICE_MS; a request
 * has the deadline of its caller. */
struct http_post *http_post_new(const struct http_post_options *options,
                                const struct http_post_events *events,
                                void *ctx,
                                struct err *err);

/* Ends it at once: its stream is closed.  Takes NULL. */
void http_post_free(struct http_post *post);

uint64_t http_post_request_id(const struct http_post *post); /* 0 when it is no request */
unsigned http_post_session(const struct http_post *post);
struct http_post *http_post_next(const struct http_post *post);

#endif

/*
 * The bytes of one answer on their way out: status line, headers, and a body
 * that is whole or comes in pieces (then in the chunked coding, so that the
 * connection can be used again).
 */
#ifndef PROXY_FRONT_HTTP_OUT_H
#define PROXY_FRONT_HTTP_OUT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "proxy/front/http_server.h"

struct http_out {
    struct buf bytes;
    size_t sent;  /* of bytes */
    bool chunked; /* pieces are framed */
    bool ended;   /* nothing will be added */
};

struct http_out_options {
    int status;
    const char *content_type;          /* NULL: none */
    const struct http_header *headers; /* ended by a NULL name; may be NULL */
    bool keep_alive;
    bool chunked;   /* of a stream: its pieces are framed */
    bool head_only; /* answer to HEAD: the length is told, the body left out */
};

void http_out_init(struct http_out *out);
void http_out_done(struct http_out *out);

/* Queues a whole answer. */
void http_out_whole(struct http_out *out, const struct http_out_options *options, struct span body);

/* Queues the head of a streamed answer. */
void http_out_begin(struct http_out *out, const struct http_out_options *options);

/* Queues a piece of the body.  -1 with ERR_LIMIT when more than LIMIT_STREAM_QUEUE_BYTES wait
 * already. */
int http_out_add(struct http_out *out, struct span piece, struct err *err);

/* No more pieces come. */
void http_out_end(struct http_out *out);

/* The next bytes to send, at most `max_bytes`; empty when nothing waits. */
struct span http_out_next(const struct http_out *out, size_t max_bytes);
void http_out_sent(struct http_out *out, size_t len);

#endif

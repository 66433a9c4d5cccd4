/*
 * Cuts a stream of bytes into lines, for a child's stdout and stderr.
 */
#ifndef PROXY_UPSTREAM_LINE_READER_H
#define PROXY_UPSTREAM_LINE_READER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

#define LINE_HEAD_BYTES 1024
#define LINE_TAIL_BYTES 256

/* A line without its end ("\n" or "\r\n").  `cut`: it was too long, and only its first
 * LINE_HEAD_BYTES and last LINE_TAIL_BYTES are here. */
typedef void line_fn(void *ctx, struct span line, bool cut);

struct line_reader {
    line_fn *fn;
    void *ctx;
    size_t max_bytes;
    struct buf line; /* the part that came without its end */
    bool cut;        /* the line is too long: `line` is its head, `tail` its last bytes */
    char tail[LINE_TAIL_BYTES];
    size_t tail_len;
};

/* `max_bytes` is at least LINE_HEAD_BYTES. */
void line_reader_init(struct line_reader *reader, size_t max_bytes, line_fn *fn, void *ctx);
void line_reader_done(struct line_reader *reader);

/* Feeds bytes in any portions. */
void line_reader_feed(struct line_reader *reader, struct span bytes);

/* Gives out what came behind the last line end, when anything did. */
void line_reader_end(struct line_reader *reader);

#endif

/*
 * Messages framed as the compiler does it (and language servers do):
 * `Content-Length: N`, an empty line, N bytes.
 */
#ifndef PROXY_CHECK_FRAMES_H
#define PROXY_CHECK_FRAMES_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

struct frame_reader {
    struct buf in;
    size_t used; /* bytes of the frame given out last */
};

/* Frames of `max_bytes` at most. */
void frame_reader_init(struct frame_reader *reader, size_t max_bytes);
void frame_reader_done(struct frame_reader *reader);

/* Takes bytes in.  -1 with ERR_LIMIT when more than a frame waits. */
int frame_feed(struct frame_reader *reader, struct span data, struct err *err);

/* 1 and the next frame's body, valid until the next call; 0 when more bytes are needed; -1 with
 * ERR_PROTOCOL when the framing is broken. */
int frame_next(struct frame_reader *reader, struct span *ret_body, struct err *err);

/* Appends a framed body. */
int frame_write(struct buf *out, struct span body);

#endif

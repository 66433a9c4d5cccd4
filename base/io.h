/*
 * A stream on a non-blocking descriptor: bytes in by callback, bytes out
 * through a bounded queue.  Used for pipes of children, sockets of workers,
 * and our own stdin and stdout; a regular file works as well.
 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <stddef.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/span.h"

struct io;

struct io_events {
    /* Bytes arrived; they are the stream's and valid during the call. */
    void (*on_data)(void *ctx, struct span data);
    /* The other end closed (err is NULL) or reading or writing failed.  Called once; nothing
     * follows.  The stream is still to be freed. */
    void (*on_end)(void *ctx, const struct err *err);
    /* The queue has become empty after it was not.  May be NULL. */
    void (*on_drained)(void *ctx);
};

/*
 * A stream that owns `read_fd` and `write_fd` (either may be -1, both may be
 * the same) and closes them when freed.  At most `max_queue_bytes` wait to be
 * written.  Reading starts at once, at the next turn.
 */
struct io *io_new(struct loop *loop,
                  int read_fd,
                  int write_fd,
                  size_t max_queue_bytes,
                  const struct io_events *events,
                  void *ctx,
                  struct err *err);

/* Queues a copy of the bytes and writes what goes at once; what is written in the stream's own
 * on_data goes out together when that returns.  -1 with ERR_LIMIT when the queue would be over its
 * limit (nothing is queued), ERR_CLOSED after the end. */
int io_write(struct io *io, struct span data, struct err *err);

/* Bytes not yet written. */
size_t io_queued(const struct io *io);

/* Stops and resumes reading, for back-pressure. */
void io_pause(struct io *io);
void io_resume(struct io *io);

/* Closes the writing side when the queue is empty (end of input for a child). */
void io_close_write(struct io *io);

/* Closes both sides at once and frees; no callback follows.  May be called inside one.  Takes NULL.
 */
void io_free(struct io *io);

#endif

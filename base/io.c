#include "base/io.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/mem.h"

#define READ_BYTES     65536
#define READS_PER_TURN 4
#define HELD_BYTES     65536 /* more is not held back while data is taken */

struct io {
    struct loop *loop; /* borrowed */
    struct io_events events;
    void *ctx;
    int read_fd, write_fd;          /* owned; maybe the same */
    struct loop_watch *read_watch;  /* owned; NULL for a regular file */
    struct loop_watch *write_watch; /* owned unless it is read_watch */
    struct loop_task read_task;     /* reads a regular file, a portion a turn */
    struct buf queue;               /* bytes not yet written, behind `sent` */
    size_t sent;
    size_t max_queue_bytes;
    bool paused, ended, freed;
    bool giving;       /* on_data runs */
    bool reading_done; /* the other end closed its side */
    bool close_write;  /* the writing side closes when the queue is empty */
    bool write_closed;
};

static bool same_fd(const struct io *io)
{
    return io->read_fd >= 0 && io->read_fd == io->write_fd;
}

static void set_watches(struct io *io)
{
    unsigned read_events = io->paused || io->reading_done || io->ended ? 0 : LOOP_READ;
    unsigned write_events = io_queued(io) && !io->ended ? LOOP_WRITE : 0;

    if (io->read_watch && io->read_watch == io->write_watch) {
        loop_watch_set(io->read_watch, read_events | write_events);
        return;
    }
    if (io->read_watch)
        loop_watch_set(io->read_watch, read_events);
    if (io->write_watch)
        loop_watch_set(io->write_watch, write_events);
}

static void end(struct io *io, const struct err *err)
{
    if (io->ended || io->freed)
        return;
    io->ended = true;
    set_watches(io);
    loop_unpost(io->loop, &io->read_task);
    io->events.on_end(io->ctx, err);
}

static void end_with_errno(struct io *io, const char *what)
{
    struct err err = ERR_INIT;

    err_sys(&err, errno == EPIPE || errno == ECONNRESET ? ERR_CLOSED : ERR_IO, errno, "%s", what);
    end(io, &err);
}

static void shut_write(struct io *io)
{
    if (io->write_closed || io->write_fd < 0)
        return;
    io->write_closed = true;
    if (same_fd(io)) {
        shutdown(io->write_fd, SHUT_WR);
        return;
    }
    loop_watch_free(TAKE(io->write_watch));
    fd_close(&io->write_fd);
}

/* Writes what the descriptor takes.  -1 when it failed (errno is set). */
static int flush(struct io *io)
{
    while (io_queued(io)) {
        ssize_t n = write(io->write_fd, io->queue.data + io->sent, io_queued(io));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN ? 0 : -1;
        io->sent += (size_t)n;
    }
    buf_clear(&io->queue);
    io->sent = 0;
    return 0;
}

static void write_some(struct io *io)
{
    if (!io_queued(io))
        return;
    if (flush(io) < 0) {
        end_with_errno(io, "write failed");
        return;
    }
    set_watches(io);
    if (io_queued(io))
        return;
    if (io->close_write)
        shut_write(io);
    if (io->events.on_drained)
        io->events.on_drained(io->ctx);
}

/* Hands bytes to the owner.  Answers to several messages in them wake the other end up once. */
static void give_data(struct io *io, struct span data)
{
    io->giving = true;
    io->events.on_data(io->ctx, data);
    io->giving = false;
    if (!io->freed && !io->ended)
        write_some(io);
}

/* One read; true when another may be tried at once. */
static bool read_once(struct io *io)
{
    char bytes[READ_BYTES];
    ssize_t n = read(io->read_fd, bytes, sizeof(bytes));

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n < 0) {
        end_with_errno(io, "read failed");
        return false;
    }
    if (n == 0) {
        io->reading_done = true;
        end(io, NULL);
        return false;
    }
    give_data(io, span_make(bytes, (size_t)n));
    return (size_t)n == sizeof(bytes);
}

static bool may_read(const struct io *io)
{
    return !io->freed && !io->ended && !io->paused;
}

static void read_some(struct io *io)
{
    for (int i = 0; i < READS_PER_TURN && may_read(io); i++) {
        if (!read_once(io))
            return;
    }
}

static void read_file_task(void *ctx)
{
    struct io *io = ctx;

    if (may_read(io))
        read_once(io);
    if (may_read(io))
        loop_post(io->loop, &io->read_task, read_file_task, io);
}

static void on_watch(void *ctx, unsigned events)
{
    struct io *io = ctx;

    if (events & LOOP_READ)
        read_some(io);
    if ((events & LOOP_WRITE) && !io->freed && !io->ended)
        write_some(io);
}

/* Watches both descriptors; regular files, which can't be watched, are read by turns. */
static int start_watches(struct io *io, struct err *err)
{
    struct err unwatchable = ERR_INIT;

    if (io->read_fd >= 0) {
        io->read_watch = loop_watch_new(io->loop, io->read_fd, on_watch, io, &unwatchable);
        if (!io->read_watch)
            loop_post(io->loop, &io->read_task, read_file_task, io);
    }
    if (same_fd(io))
        io->write_watch = io->read_watch;
    else if (io->write_fd >= 0)
        io->write_watch = loop_watch_new(io->loop, io->write_fd, on_watch, io, &unwatchable);
    if (io->read_fd >= 0 && fd_set_nonblocking(io->read_fd, err) < 0)
        return -1;
    return io->write_fd >= 0 ? fd_set_nonblocking(io->write_fd, err) : 0;
}

struct io *io_new(struct loop *loop,
                  int read_fd,
                  int write_fd,
                  size_t max_queue_bytes,
                  const struct io_events *events,
                  void *ctx,
                  struct err *err)
{
    struct io *io = NEW(struct io);

    io->loop = loop;
    io->events = *events;
    io->ctx = ctx;
    io->read_fd = read_fd;
    io->write_fd = write_fd;
    io->max_queue_bytes = max_queue_bytes;
    buf_init(&io->queue, max_queue_bytes * 2);
    if (start_watches(io, err) < 0) {
        io_free(io);
        return NULL;
    }
    set_watches(io);
    return io;
}

/* Drops what is written once it is most of the buffer, so that dropping stays cheap. */
static void compact(struct io *io)
{
    if (io->sent < io->queue.len / 2)
        return;
    buf_drop(&io->queue, io->sent);
    io->sent = 0;
}

int io_write(struct io *io, struct span data, struct err *err)
{
    if (io->ended || io->freed || io->write_closed || io->close_write || io->write_fd < 0)
        return err_set(err, ERR_CLOSED, "the other end is gone");
    if (data.len > io->max_queue_bytes || io_queued(io) > io->max_queue_bytes - data.len)
        return err_set(err, ERR_LIMIT, "more than %zu bytes wait to be written",
                       io->max_queue_bytes);
    compact(io);
    if (buf_add_span(&io->queue, data) < 0)
        return err_set(err, ERR_LIMIT, "no memory for %zu bytes to be written", data.len);
    if (io->giving && io_queued(io) < HELD_BYTES)
        return 0;
    if (io_queued(io) == data.len && flush(io) < 0) {
        /* The end is told from the loop, not from inside this call: the watch finds it. */
        if (!io->write_watch)
            return err_sys(err, ERR_IO, errno, "write failed");
    }
    if (io_queued(io))
        set_watches(io);
    return 0;
}

size_t io_queued(const struct io *io)
{
    return io->queue.len - io->sent;
}

void io_pause(struct io *io)
{
    io->paused = true;
    set_watches(io);
}

void io_resume(struct io *io)
{
    io->paused = false;
    set_watches(io);
    if (io->read_fd >= 0 && !io->read_watch && !io->ended)
        loop_post(io->loop, &io->read_task, read_file_task, io);
}

void io_close_write(struct io *io)
{
    io->close_write = true;
    if (!io_queued(io) || io->ended)
        shut_write(io);
}

static void free_io(void *object)
{
    struct io *io = object;

    buf_done(&io->queue);
    free(io);
}

void io_free(struct io *io)
{
    if (!io || io->freed)
        return;
    io->freed = true;
    loop_unpost(io->loop, &io->read_task);
    if (io->write_watch != io->read_watch)
        loop_watch_free(io->write_watch);
    loop_watch_free(io->read_watch);
    if (same_fd(io))
        io->write_fd = -1;
    fd_close(&io->read_fd);
    fd_close(&io->write_fd);
    loop_reap(io->loop, io, free_io);
}

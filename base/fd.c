#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define READ_STEP_BYTES 65536

void fd_close(int *fd)
{
    int saved = errno;

    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = saved;
}

int fd_set_nonblocking(int fd, struct err *err)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return err_sys(err, ERR_IO, errno, "cannot make descriptor %d non-blocking", fd);
    return 0;
}

int fd_set_cloexec(int fd, bool on, struct err *err)
{
    int flags = fcntl(fd, F_GETFD);

    if (flags < 0 || fcntl(fd, F_SETFD, on ? flags | FD_CLOEXEC : flags & ~FD_CLOEXEC) < 0)
        return err_sys(err, ERR_IO, errno, "cannot change close-on-exec of descriptor %d", fd);
    return 0;
}

int fd_write_all(int fd, const void *data, size_t len, struct err *err)
{
    const char *next = data;

    while (len) {
        ssize_t n = write(fd, next, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, ERR_IO, errno, "write failed");
        next += n;
        len -= (size_t)n;
    }
    return 0;
}

/* Room for the next read: what the limit leaves, one byte at least so that going over it shows. */
static char *next_room(struct buf *out, size_t *ret_len)
{
    size_t left = out->max - out->len;

    *ret_len = left < READ_STEP_BYTES ? left : READ_STEP_BYTES;
    return buf_room(out, *ret_len);
}

/* At the limit: 0 when the descriptor has no more bytes, else ERR_LIMIT. */
static int expect_end(int fd, size_t max, struct err *err)
{
    char extra;

    if (read(fd, &extra, 1) > 0)
        return err_set(err, ERR_LIMIT, "is larger than %zu bytes", max);
    return 0;
}

int fd_read_all(int fd, struct buf *out, struct err *err)
{
    for (;;) {
        size_t room_len;
        char *room = next_room(out, &room_len);
        ssize_t n;

        if (room_len == 0)
            return expect_end(fd, out->max, err);
        if (!room)
            return err_set(err, ERR_LIMIT, "no memory to read %zu bytes", room_len);
        n = read(fd, room, room_len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, ERR_IO, errno, "cannot be read");
        if (n == 0)
            return 0;
        buf_filled(out, (size_t)n);
    }
}

int file_read(const char *path, struct buf *out, struct err *err)
{
    CLEANUP(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return err_sys(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno, "cannot open %s",
                       path);
    if (fd_read_all(fd, out, err) < 0)
        return err_in(err, "%s", path);
    return 0;
}

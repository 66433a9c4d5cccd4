/*
 * File descriptors and whole files.
 */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* Closes *fd when it is open and sets it to -1; keeps errno. */
void fd_close(int *fd);

static inline void fd_cleanup(int *fd)
{
    fd_close(fd);
}

/* Makes reads and writes of `fd` return at once.  0, or -1 with ERR_IO. */
int fd_set_nonblocking(int fd, struct err *err);

/* Sets or clears close-on-exec. */
int fd_set_cloexec(int fd, bool on, struct err *err);

/* Writes all bytes to a blocking descriptor, repeating short writes.  0, or -1 with ERR_IO. */
int fd_write_all(int fd, const void *data, size_t len, struct err *err);

/*
 * Appends the whole of a file to `out`.  ERR_NOT_FOUND when there is none,
 * ERR_LIMIT when it is larger than `out` allows, ERR_IO otherwise.
 */
int file_read(const char *path, struct buf *out, struct err *err);

/* Appends all that can be read from `fd` until its end; errors as file_read. */
int fd_read_all(int fd, struct buf *out, struct err *err);

#endif

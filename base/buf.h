/*
 * A byte buffer that grows up to a limit it is made with.
 *
 * Every append returns 0, or -1 when the limit or the memory is reached; the
 * buffer then stays as it was and remembers the failure, so that a writer may
 * append many times and ask buf_failed() once at the end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/span.h"

struct buf {
    char *data; /* owned; terminated by a zero byte behind len when not NULL */
    size_t len;
    size_t cap;
    size_t max;  /* len never exceeds it */
    bool failed; /* an append was refused */
};

/* struct buf b = BUF(max_bytes); */
#define BUF(max_bytes)                                                        \
    {                                                                         \
        .data = NULL, .len = 0, .cap = 0, .max = (max_bytes), .failed = false \
    }

void buf_init(struct buf *b, size_t max_bytes);

/* Frees the bytes; the buffer can be used again with its old limit.  Takes NULL. */
void buf_done(struct buf *b);

static inline void buf_cleanup(struct buf *b)
{
    buf_done(b);
}

/* Empties the buffer and forgets a failure; keeps the memory. */
void buf_clear(struct buf *b);

int buf_add(struct buf *b, const void *data, size_t len);
int buf_add_char(struct buf *b, char c);
int buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
int buf_vprintf(struct buf *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static inline int buf_add_span(struct buf *b, struct span s)
{
    return buf_add(b, s.data, s.len);
}

/* Here, so that the length of a literal is known when it is compiled. */
static inline int buf_add_str(struct buf *b, const char *text)
{
    return buf_add(b, text, strlen(text));
}

/*
 * Room for `len` bytes behind the end, for a reader to fill; follow with
 * buf_filled().  NULL when the limit forbids it (the failure is remembered).
 */
char *buf_room(struct buf *b, size_t len);
void buf_filled(struct buf *b, size_t len);

/* Drops `len` bytes at the front (all when there are fewer). */
void buf_drop(struct buf *b, size_t len);

/* Cuts the buffer to `len` bytes when it is longer. */
void buf_truncate(struct buf *b, size_t len);

static inline bool buf_failed(const struct buf *b)
{
    return b->failed;
}

/* 0, or -1 with ERR_LIMIT naming `what` when an append was refused. */
int buf_check(const struct buf *b, const char *what, struct err *err);

/* The bytes, valid until the next change. */
static inline struct span buf_span(const struct buf *b)
{
    return (struct span){ .data = b->data, .len = b->len };
}

/* The bytes as a terminated string ("" when empty), valid until the next change. */
static inline const char *buf_str(const struct buf *b)
{
    return b->data ? b->data : "";
}

/* Takes the bytes out as a terminated string that the caller frees (never NULL); leaves it empty.
 */
char *buf_take(struct buf *b);

#endif

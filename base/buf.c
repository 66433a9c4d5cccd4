#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64

void buf_init(struct buf *b, size_t max_bytes)
{
    *b = (struct buf)BUF(max_bytes);
}

void buf_done(struct buf *b)
{
    if (!b)
        return;
    free(b->data);
    buf_init(b, b->max);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = false;
    if (b->data)
        b->data[0] = '\0';
}

static int refuse(struct buf *b)
{
    b->failed = true;
    return -1;
}

/* The capacity to have for `need` bytes and the terminator: doubled, but not far over the limit. */
static size_t grown_capacity(const struct buf *b, size_t need)
{
    size_t cap = b->cap ? b->cap : FIRST_CAPACITY;

    while (cap < need + 1)
        cap = cap > SIZE_MAX / 2 ? need + 1 : cap * 2;
    if (cap > b->max + 1)
        cap = b->max + 1;
    return cap;
}

/* True when the bytes and the terminator fit into what is there, which the limit allows. */
static bool has_room(const struct buf *b, size_t len)
{
    return len < b->cap - b->len;
}

/* As buf_room, when there is none yet. */
static char *make_room(struct buf *b, size_t len)
{
    size_t cap;
    char *grown;

    if (len > b->max || b->len > b->max - len) {
        refuse(b);
        return NULL;
    }
    cap = grown_capacity(b, b->len + len);
    grown = realloc(b->data, cap);
    if (!grown) {
        refuse(b);
        return NULL;
    }
    b->data = grown;
    b->cap = cap;
    b->data[b->len] = '\0';
    return b->data + b->len;
}

static inline char *room_for(struct buf *b, size_t len)
{
    return has_room(b, len) ? b->data + b->len : make_room(b, len);
}

char *buf_room(struct buf *b, size_t len)
{
    return room_for(b, len);
}

void buf_filled(struct buf *b, size_t len)
{
    BUG_ON(b->len + len >= b->cap && len > 0);
    b->len += len;
    if (b->data)
        b->data[b->len] = '\0';
}

int buf_add(struct buf *b, const void *data, size_t len)
{
    char *to = room_for(b, len);

    if (!to)
        return -1;
    if (len)
        memcpy(to, data, len);
    to[len] = '\0';
    b->len += len;
    return 0;
}

int buf_add_char(struct buf *b, char c)
{
    if (!has_room(b, 1))
        return buf_add(b, &c, 1);
    b->data[b->len++] = c;
    b->data[b->len] = '\0';
    return 0;
}

int buf_vprintf(struct buf *b, const char *format, va_list args)
{
    va_list again;
    int need;
    char *room;

    va_copy(again, args);
    need = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (need < 0)
        return refuse(b);
    room = buf_room(b, (size_t)need);
    if (!room)
        return -1;
    vsnprintf(room, (size_t)need + 1, format, args);
    buf_filled(b, (size_t)need);
    return 0;
}

int buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    int result;

    va_start(args, format);
    result = buf_vprintf(b, format, args);
    va_end(args);
    return result;
}

void buf_drop(struct buf *b, size_t len)
{
    if (len >= b->len) {
        buf_truncate(b, 0);
        return;
    }
    memmove(b->data, b->data + len, b->len - len + 1);
    b->len -= len;
}

void buf_truncate(struct buf *b, size_t len)
{
    if (len >= b->len)
        return;
    b->len = len;
    b->data[len] = '\0';
}

int buf_check(const struct buf *b, const char *what, struct err *err)
{
    if (!b->failed)
        return 0;
    return err_set(err, ERR_LIMIT, "%s is over %zu bytes", what, b->max);
}

char *buf_take(struct buf *b)
{
    char *data = b->data ? b->data : xstrndup("", 0);
    size_t max = b->max;

    buf_init(b, max);
    return data;
}

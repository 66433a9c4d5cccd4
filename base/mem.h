/*
 * Small allocations that abort when memory is out, and clean-up of locals.
 *
 * Only for sizes that no peer controls: what a peer can make large goes
 * through base/buf.h and its limit.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <stdlib.h>

/* Zeroed memory for `count` objects of `size` bytes; aborts when there is none. */
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));

/* Grows an array to `count` objects of `size` bytes; aborts when there is no memory. */
void *xreallocarray(void *old, size_t count, size_t size) __attribute__((returns_nonnull));

/* A copy of a string; NULL stays NULL. */
char *xstrdup(const char *text);

/* A terminated copy of `len` bytes. */
char *xstrndup(const char *text, size_t len) __attribute__((returns_nonnull));

/* A formatted string that the caller frees. */
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

/* One zeroed object of a type. */
#define NEW(type) ((type *)xcalloc(1, sizeof(type)))

/* Hands a pointer over: yields it and leaves NULL behind. */
#define TAKE(pointer)                           \
    ({                                          \
        __typeof__(pointer) taken_ = (pointer); \
        (pointer) = NULL;                       \
        taken_;                                 \
    })

/* CLEANUP(buf) struct buf b = ...: calls buf_cleanup(&b) at the end of the scope. */
#define CLEANUP(kind) __attribute__((cleanup(kind##_cleanup)))

static inline void str_cleanup(char **text)
{
    free(*text);
}

#define ARRAY_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The object of `type` whose `member` is at `pointer`. */
#define CONTAINER_OF(pointer, type, member) \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* A fault of our own code: logs the place and aborts.  Never reachable from a peer's bytes. */
#define BUG_ON(condition)                              \
    do {                                               \
        if (__builtin_expect(!!(condition), 0))        \
            bug_abort(__FILE__, __LINE__, #condition); \
    } while (0)

void bug_abort(const char *file, int line, const char *condition) __attribute__((noreturn));

#endif

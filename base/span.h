/*
 * A view of bytes that somebody else owns.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"

struct span {
    const char *data; /* not terminated; may be NULL when len is 0 */
    size_t len;
};

/* The span of a string literal. */
#define SPAN(literal) ((struct span){ .data = (literal), .len = sizeof(literal) - 1 })

#define SPAN_NONE ((struct span){ .data = NULL, .len = 0 })

/* printf("%.*s", SPAN_ARG(s)) */
#define SPAN_ARG(s) (int)((s).len), ((s).data ? (s).data : "")

static inline struct span span_of(const char *text)
{
    return (struct span){ .data = text, .len = text ? strlen(text) : 0 };
}

static inline struct span span_make(const char *data, size_t len)
{
    return (struct span){ .data = data, .len = len };
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool span_is(struct span a, const char *text)
{
    return span_equal(a, span_of(text));
}

static inline bool span_starts_with(struct span a, struct span prefix)
{
    return a.len >= prefix.len && (prefix.len == 0 || memcmp(a.data, prefix.data, prefix.len) == 0);
}

/* `a` without its first `count` bytes (all of them when it is shorter). */
static inline struct span span_skip(struct span a, size_t count)
{
    if (count > a.len)
        count = a.len;
    return (struct span){ .data = a.data ? a.data + count : NULL, .len = a.len - count };
}

/* `a` without ASCII white space at either end. */
struct span span_trim(struct span a);

/* A terminated copy that the caller frees. */
static inline char *span_dup(struct span a)
{
    return xstrndup(a.data, a.len);
}

#endif

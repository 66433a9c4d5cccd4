#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void *or_abort(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

void *xcalloc(size_t count, size_t size)
{
    return or_abort(calloc(count ? count : 1, size ? size : 1));
}

void *xreallocarray(void *old, size_t count, size_t size)
{
    return or_abort(reallocarray(old, count ? count : 1, size ? size : 1));
}

char *xstrdup(const char *text)
{
    return text ? or_abort(strdup(text)) : NULL;
}

char *xstrndup(const char *text, size_t len)
{
    char *copy = or_abort(malloc(len + 1));

    if (len)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *xasprintf(const char *format, ...)
{
    va_list args;
    char *text = NULL;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        abort();
    va_end(args);
    return or_abort(text);
}

void bug_abort(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: bug: %s\n", file, line, condition);
    abort();
}

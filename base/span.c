#include "base/span.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

struct span span_trim(struct span a)
{
    while (a.len && is_blank(a.data[0]))
        a = span_skip(a, 1);
    while (a.len && is_blank(a.data[a.len - 1]))
        a.len--;
    return a;
}

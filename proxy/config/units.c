/*
 * Durations, sizes, counts and switches.
 */
#include "proxy/config/reader.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct unit {
    const char *name;
    uint64_t factor;
};

static const struct unit durations[] = {
    { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "min", 60000 }, { "h", 3600000 },
};

static const struct unit sizes[] = {
    { "", 1 },           { "B", 1 },     { "KiB", 1024 },   { "MiB", 1048576 },
    { "GiB", 1u << 30 }, { "KB", 1000 }, { "MB", 1000000 }, { "GB", 1000000000 },
};

/* A whole number and its unit, blanks between them allowed. */
static bool parse_with_unit(const char *text, const struct unit *units, size_t count, uint64_t *ret)
{
    char *end;
    unsigned long long number;

    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    number = strtoull(text, &end, 10);
    if (errno)
        return false;
    end += strspn(end, " ");
    for (size_t i = 0; i < count; i++) {
        if (strcmp(end, units[i].name) != 0)
            continue;
        if (number > UINT64_MAX / units[i].factor)
            return false;
        *ret = number * units[i].factor;
        return true;
    }
    return false;
}

bool parse_duration(const char *text, uint64_t *ret_ms)
{
    return parse_with_unit(text, durations, ARRAY_COUNT(durations), ret_ms);
}

bool parse_size(const char *text, uint64_t *ret_bytes)
{
    return parse_with_unit(text, sizes, ARRAY_COUNT(sizes), ret_bytes);
}

bool parse_count(const char *text, uint64_t *ret_count)
{
    static const struct unit none = { "", 1 };
    uint64_t count;

    if (!parse_with_unit(text, &none, 1, &count))
        return false;
    *ret_count = count;
    return true;
}

bool parse_switch(const char *text, bool *ret_on)
{
    static const char *const on[] = { "true", "on", "yes" };
    static const char *const off[] = { "false", "off", "no" };

    for (size_t i = 0; i < ARRAY_COUNT(on); i++) {
        if (strcasecmp(text, on[i]) == 0 || strcasecmp(text, off[i]) == 0) {
            *ret_on = strcasecmp(text, on[i]) == 0;
            return true;
        }
    }
    return false;
}

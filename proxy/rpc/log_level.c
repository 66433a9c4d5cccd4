/*
 * Names and order of the levels.
 */
#include "proxy/rpc/log_level.h"

#include <string.h>

#include "base/json.h"

static const char *const names[MESSAGE_NONE] = { "debug", "info",     "notice", "warning",
                                                 "error", "critical", "alert",  "emergency" };

static const struct {
    const char *console;
    enum message_level level;
} console_levels[] = {
    { "debug", MESSAGE_DEBUG },
    { "warn", MESSAGE_WARNING },
    { "error", MESSAGE_ERROR },
};

int message_level_read(struct span raw, enum message_level *ret_level)
{
    for (int i = 0; i < MESSAGE_NONE; i++) {
        if (json_string_is(raw, names[i])) {
            *ret_level = (enum message_level)i;
            return 0;
        }
    }
    return -1;
}

enum message_level message_level_named(const char *name)
{
    int level = 0;

    while (level < MESSAGE_NONE && !(name && strcmp(names[level], name) == 0))
        level++;
    return (enum message_level)level;
}

enum message_level message_level_of_console(struct span console_level)
{
    for (size_t i = 0; i < ARRAY_COUNT(console_levels); i++) {
        if (span_is(console_level, console_levels[i].console))
            return console_levels[i].level;
    }
    return MESSAGE_INFO;
}

const char *message_level_name(enum message_level level)
{
    return level < MESSAGE_NONE ? names[level] : "info";
}

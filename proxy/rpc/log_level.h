/*
 * The levels of notifications/message (RFC 5424 names).
 */
#ifndef PROXY_RPC_LOG_LEVEL_H
#define PROXY_RPC_LOG_LEVEL_H

#include "base/span.h"

enum message_level {
    MESSAGE_DEBUG,
    MESSAGE_INFO,
    MESSAGE_NOTICE,
    MESSAGE_WARNING,
    MESSAGE_ERROR,
    MESSAGE_CRITICAL,
    MESSAGE_ALERT,
    MESSAGE_EMERGENCY,
    MESSAGE_NONE /* nothing is wanted */
};

/* The level that a raw JSON string names; -1 when it names none. */
int message_level_read(struct span raw, enum message_level *ret_level);

/* The level of that name; MESSAGE_NONE when it is NULL or names none. */
enum message_level message_level_named(const char *name);

/* The level of a console method ("log", "info", "warn", "error", "debug"). */
enum message_level message_level_of_console(struct span console_level);

const char *message_level_name(enum message_level level);

#endif

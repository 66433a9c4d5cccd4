/*
 * One line per event on stderr, as JSON or as text.
 *
 * An event is a name ("connected"), not a sentence; the rest are fields.
 * Never log a token, a script, an argument or a tool's result: lengths, ids
 * and names instead.  Every value is escaped, so foreign bytes can neither
 * break a line nor drive a terminal.
 *
 *     log_info("upstream", "connected", LOG_STR("server", name), LOG_INT("tools", n));
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_OFF };
enum log_format { LOG_FORMAT_JSON, LOG_FORMAT_TEXT };

enum log_kind { LOG_KIND_END, LOG_KIND_SPAN, LOG_KIND_INT, LOG_KIND_BOOL, LOG_KIND_REAL };

struct log_field {
    enum log_kind kind;
    const char *name;
    struct span text;
    int64_t number;
    double real;
};

#define LOG_SPAN(field, value)                                  \
    {                                                           \
        .kind = LOG_KIND_SPAN, .name = (field), .text = (value) \
    }
#define LOG_STR(field, value) LOG_SPAN(field, span_of(value))
#define LOG_INT(field, value)                                             \
    {                                                                     \
        .kind = LOG_KIND_INT, .name = (field), .number = (int64_t)(value) \
    }
#define LOG_REAL(field, value)                                  \
    {                                                           \
        .kind = LOG_KIND_REAL, .name = (field), .real = (value) \
    }
#define LOG_BOOL(field, value)                                            \
    {                                                                     \
        .kind = LOG_KIND_BOOL, .name = (field), .number = (value) ? 1 : 0 \
    }
/* The code and text of an err, as fields "error" and "message". */
#define LOG_ERR(err) LOG_STR("error", err_code_name((err)->code)), LOG_STR("message", (err)->text)

/* The first field only makes room for the comma that an empty list takes away. */
#define LOG_FIELDS(...)                                                        \
    ((const struct log_field[]){                                               \
         { .kind = LOG_KIND_END }, ##__VA_ARGS__, { .kind = LOG_KIND_END } } + \
     1)
#define log_at(level, part, event, ...) log_write((level), (part), (event), LOG_FIELDS(__VA_ARGS__))
#define log_debug(part, event, ...)     log_at(LOG_DEBUG, part, event, ##__VA_ARGS__)
#define log_info(part, event, ...)      log_at(LOG_INFO, part, event, ##__VA_ARGS__)
#define log_warn(part, event, ...)      log_at(LOG_WARN, part, event, ##__VA_ARGS__)
#define log_error(part, event, ...)     log_at(LOG_ERROR, part, event, ##__VA_ARGS__)

/* Sets what is written and how; before the first call: info, JSON. */
void log_setup(enum log_level level, enum log_format format);

/* True when an event of this level would be written. */
bool log_enabled(enum log_level level);

/* Writes one event; `fields` end with kind LOG_KIND_END.  Use the macros above. */
void log_write(enum log_level level,
               const char *part,
               const char *event,
               const struct log_field *fields);

/* The level named by a word (debug, info, warn, error, off); -1 when it names none. */
int log_level_parse(struct span word, enum log_level *ret_level);

#endif

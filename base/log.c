#include "base/log.h"

#include <math.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"

#define VALUE_MAX_BYTES 4096  /* as it is written, escapes included */
#define LINE_MAX_BYTES  65536 /* more than all values of one event together */

static enum log_level lowest = LOG_INFO;
static enum log_format form = LOG_FORMAT_JSON;

static const char *const level_names[] = { "debug", "info", "warn", "error", "off" };

void log_setup(enum log_level level, enum log_format format)
{
    lowest = level;
    form = format;
}

bool log_enabled(enum log_level level)
{
    return level >= lowest && level != LOG_OFF;
}

int log_level_parse(struct span word, enum log_level *ret_level)
{
    for (size_t i = 0; i < ARRAY_COUNT(level_names); i++) {
        if (span_is(word, level_names[i])) {
            *ret_level = (enum log_level)i;
            return 0;
        }
    }
    return -1;
}

/* 2026-07-28T12:00:00.123Z */
static void add_time(struct buf *line)
{
    struct timespec now;
    struct tm utc;
    char text[32];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
    buf_printf(line, "%s.%03ldZ", text, now.tv_nsec / 1000000);
}

/* As much of a text as has room with its escapes.  A peer that sends what needs many must not cut
 * off the end of the line: the next event would stand on it. */
static void add_text_value(struct buf *line, struct span text)
{
    CLEANUP(buf) struct buf value = BUF(VALUE_MAX_BYTES);

    if (text.len > VALUE_MAX_BYTES)
        text.len = VALUE_MAX_BYTES;
    for (; json_write_string(&value, text), buf_failed(&value); text.len /= 2)
        buf_clear(&value);
    buf_add_span(line, buf_span(&value));
}

static void add_value(struct buf *line, const struct log_field *field)
{
    switch (field->kind) {
    case LOG_KIND_SPAN:
        add_text_value(line, field->text);
        break;
    case LOG_KIND_INT:
        buf_printf(line, "%lld", (long long)field->number);
        break;
    case LOG_KIND_BOOL:
        buf_add_str(line, field->number ? "true" : "false");
        break;
    case LOG_KIND_REAL:
        buf_printf(line, "%.6g", isfinite(field->real) ? field->real : 0.0);
        break;
    case LOG_KIND_END:
        break;
    }
}

static void add_json(struct buf *line,
                     enum log_level level,
                     const char *part,
                     const char *event,
                     const struct log_field *fields)
{
    buf_add_str(line, "{\"time\":\"");
    add_time(line);
    buf_printf(line, "\",\"level\":\"%s\",\"part\":\"%s\",\"event\":\"%s\"", level_names[level],
               part, event);
    for (; fields->kind != LOG_KIND_END; fields++) {
        buf_printf(line, ",\"%s\":", fields->name);
        add_value(line, fields);
    }
    buf_add_char(line, '}');
}

static void add_text(struct buf *line,
                     enum log_level level,
                     const char *part,
                     const char *event,
                     const struct log_field *fields)
{
    add_time(line);
    buf_printf(line, " %-5s %s %s", level_names[level], part, event);
    for (; fields->kind != LOG_KIND_END; fields++) {
        buf_printf(line, " %s=", fields->name);
        add_value(line, fields);
    }
}

void log_write(enum log_level level,
               const char *part,
               const char *event,
               const struct log_field *fields)
{
    CLEANUP(buf) struct buf line = BUF(LINE_MAX_BYTES);

    if (!log_enabled(level))
        return;
    if (form == LOG_FORMAT_JSON)
        add_json(&line, level, part, event, fields);
    else
        add_text(&line, level, part, event, fields);
    buf_add_char(&line, '\n');
    /* A log that can't be written has nowhere to say so. */
    if (write(STDERR_FILENO, line.data, line.len) < 0)
        return;
}

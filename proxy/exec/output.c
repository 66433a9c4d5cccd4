#include "proxy/exec/output.h"

#include <math.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/utf8.h"
#include "proxy/exec/content_block.h"

#define NOTES_MAX_BYTES         4096
#define TOOL_PROGRESS_STEP      1e-6
#define TOOL_MESSAGE_CHARACTERS 1000
#define NUMBER_MAX_BYTES        32
/* As many as the runtime lets a script emit; a comma stands before each. */
#define BLOCKS_MAX 50000

void output_init(struct output *output)
{
    *output = (struct output){ .progress = -INFINITY, .total = NAN, .told = -INFINITY };
    /* Escapes make the JSON of a line longer than its text, six times at worst. */
    buf_init(&output->logs, (size_t)6 * LIMIT_LOG_BYTES);
    buf_init(&output->lines, LIMIT_LOG_BYTES);
    buf_init(&output->blocks, LIMIT_EMIT_BYTES + BLOCKS_MAX);
    buf_init(&output->notes, NOTES_MAX_BYTES);
}

void output_done(struct output *output)
{
    buf_done(&output->logs);
    buf_done(&output->lines);
    buf_done(&output->blocks);
    buf_done(&output->notes);
}

/* The level as one of our constants; "log" for anything else. */
static struct span known_level(struct span json)
{
    static const char *const levels[] = { "log", "info", "warn", "error", "debug" };
    struct span value;

    for (size_t i = 0; json_get(json, "level", &value) && i < ARRAY_COUNT(levels); i++) {
        if (json_string_is(value, levels[i]))
            return span_of(levels[i]);
    }
    return span_of(levels[0]);
}

static bool keep_line(struct output *output, struct span level, struct span text)
{
    size_t lines_len = output->lines.len, logs_len = output->logs.len;

    if (!span_is(level, "log") && !span_is(level, "info"))
        buf_printf(&output->lines, "[%.*s] ", SPAN_ARG(level));
    buf_add_span(&output->lines, text);
    buf_add_char(&output->lines, '\n');
    if (logs_len)
        buf_add_char(&output->logs, ',');
    buf_add_char(&output->logs, '{');
    json_write_member_string(&output->logs, "level", level);
    json_write_member_string(&output->logs, "text", text);
    buf_add_char(&output->logs, '}');
    if (!buf_failed(&output->lines) && !buf_failed(&output->logs))
        return true;
    buf_truncate(&output->lines, lines_len);
    buf_truncate(&output->logs, logs_len);
    return false;
}

bool output_log(struct output *output, struct span json, struct span *ret_level, struct buf *text)
{
    struct span value;

    *ret_level = known_level(json);
    /* Once a line was left out, all later ones are: lines with holes would mislead. */
    if (output->lines_left_out == 0 && json_get(json, "text", &value) &&
        json_decode_string(value, text) == 0 && keep_line(output, *ret_level, buf_span(text)))
        return true;
    output->lines_left_out++;
    return false;
}

static void leave_block_out(struct output *output, const char *why)
{
    output->blocks_left_out++;
    buf_printf(&output->notes, "mcp.emit: a block was left out: %s\n", why);
}

void output_emit(struct output *output, struct span json)
{
    struct err err = ERR_INIT;
    size_t len = output->blocks.len;

    if (content_block_check(json, &err) < 0) {
        leave_block_out(output, err.text);
        return;
    }
    if (output->block_bytes + json.len > LIMIT_EMIT_BYTES) {
        leave_block_out(output, "all blocks together are over the limit of 16 MiB");
        return;
    }
    if (len)
        buf_add_char(&output->blocks, ',');
    if (buf_add_span(&output->blocks, json) < 0) {
        buf_truncate(&output->blocks, len);
        leave_block_out(output, "no memory");
        return;
    }
    output->block_bytes += json.len;
}

/* Counts one more in the present second; false when that second has had enough. */
static bool count_progress(struct output *output)
{
    uint64_t now = clock_now_ns();

    if (now - output->progress_second_ns >= 1000000000) {
        output->progress_second_ns = now;
        output->progress_told = 0;
    }
    return output->progress_told++ < LIMIT_PROGRESS_PER_SECOND;
}

/* A value to pass on: `wanted`, or hardly more than the last when that is not greater. */
static double growing(struct output *output, double wanted)
{
    double least = output->told + TOOL_PROGRESS_STEP;

    if (!(least > output->told))
        least = nextafter(output->told, INFINITY);
    output->told = wanted > output->told ? wanted : least;
    return output->told;
}

bool output_progress(struct output *output,
                     struct span json,
                     double *ret_progress,
                     double *ret_total,
                     struct buf *message)
{
    struct span value;
    double progress;

    *ret_total = NAN;
    if (!json_get(json, "progress", &value) || !json_double(value, &progress) ||
        !(progress > output->progress) || !count_progress(output))
        return false;
    if (json_get(json, "total", &value) && !json_double(value, ret_total))
        *ret_total = NAN;
    if (json_get(json, "message", &value))
        json_decode_string(value, message);
    output->progress = progress;
    output->total = *ret_total;
    *ret_progress = growing(output, progress);
    return true;
}

/* A number member as it was written; empty when there is none. */
static struct span number_member(struct span params, const char *name)
{
    struct span value;

    if (json_get(params, name, &value) && json_kind(value) == JSON_KIND_NUMBER &&
        value.len <= NUMBER_MAX_BYTES)
        return value;
    return SPAN_NONE;
}

/* "message (1 of 3)", "message", "1 of 3" or "1", as far as the tool tells. */
static void write_steps(struct span params, struct buf *out)
{
    CLEANUP(buf) struct buf text = BUF(LIMIT_LOG_BYTES);
    struct span step = number_member(params, "progress");
    struct span total = number_member(params, "total");
    struct span value;

    if (json_get(params, "message", &value) && json_decode_string(value, &text) == 0 && text.len) {
        buf_add_span(out, utf8_prefix(buf_span(&text), TOOL_MESSAGE_CHARACTERS));
        if (total.len)
            buf_printf(out, " (%.*s of %.*s)", SPAN_ARG(step), SPAN_ARG(total));
        return;
    }
    buf_add_span(out, step);
    if (total.len)
        buf_printf(out, " of %.*s", SPAN_ARG(total));
}

bool output_tool_progress(struct output *output,
                          const char *server,
                          const char *tool,
                          struct span params,
                          double *ret_progress,
                          double *ret_total,
                          struct buf *message)
{
    if (!number_member(params, "progress").len || !count_progress(output))
        return false;
    buf_printf(message, "%s.%s: ", server, tool);
    write_steps(params, message);
    *ret_progress = growing(output, isinf(output->told) ? 0 : output->told);
    *ret_total = output->total;
    return true;
}

bool output_server_log(struct output *output, struct span params)
{
    if (params.len > LIMIT_LOG_BYTES || output->server_logs > LIMIT_SERVER_LOGS)
        return false;
    if (++output->server_logs > LIMIT_SERVER_LOGS)
        log_info("exec", "server_logs_left_out", LOG_STR("why", "SERVER_LOGS reached"));
    return output->server_logs <= LIMIT_SERVER_LOGS;
}

#include "proxy/upstream/server_log.h"

#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/upstream/server_environment.h"

#define STDOUT_SHOWN 200

static void tell_left_out(struct server_log *log)
{
    if (log->left_out && log->of_messages)
        log_debug("upstream", "messages_left_out", LOG_STR("server", log->server->key),
                  LOG_INT("messages", log->left_out));
    else if (log->left_out)
        log_warn("upstream", "stderr_lines_left_out", LOG_STR("server", log->server->key),
                 LOG_INT("lines", log->left_out), LOG_INT("limit", LIMIT_SERVER_LOG_LINES),
                 LOG_INT("within_ms", LIMIT_SERVER_LOG_MS));
    log->left_out = 0;
}

static void on_time_over(void *ctx)
{
    struct server_log *log = ctx;

    tell_left_out(log);
    log->lines = 0;
}

void server_log_init(struct server_log *log, struct loop *loop, const struct server_config *server)
{
    *log = (struct server_log){ .server = server };
    log->timer = loop_timer_new(loop, on_time_over, log);
}

void server_log_init_messages(struct server_log *log,
                              struct loop *loop,
                              const struct server_config *server)
{
    server_log_init(log, loop, server);
    log->of_messages = true;
}

void server_log_done(struct server_log *log)
{
    tell_left_out(log);
    loop_timer_free(TAKE(log->timer));
}

/* True when one more line may be logged now. */
static bool has_room(struct server_log *log)
{
    if (log->lines == LIMIT_SERVER_LOG_LINES) {
        log->left_out++;
        return false;
    }
    if (log->lines++ == 0)
        loop_timer_start(log->timer, LIMIT_SERVER_LOG_MS);
    return true;
}

static struct span first_bytes(struct span text, size_t max)
{
    return span_make(text.data, text.len < max ? text.len : max);
}

static void keep_words(struct server_log *log, struct span text)
{
    text = first_bytes(text, SERVER_LOG_WORDS_BYTES);
    memcpy(log->last_words, text.data, text.len);
    log->last_words[text.len] = '\0';
}

/* True for what programs print behind the line that says what went wrong: a stack, members of the
 * error, Node's own version. */
static bool is_detail(struct span line)
{
    return span_starts_with(line, SPAN(" ")) || span_starts_with(line, SPAN("\t")) ||
           span_starts_with(line, SPAN("Node.js v")) || span_is(span_trim(line), "}");
}

void server_log_stderr(struct server_log *log, struct span line, bool cut)
{
    CLEANUP(buf) struct buf shown = BUF(LIMIT_STDERR_LINE_BYTES * 2);

    server_environment_hide_secrets(log->server, span_trim(line), &shown);
    if (!shown.len)
        return;
    if (!log->last_words[0] || !is_detail(line))
        keep_words(log, buf_span(&shown));
    if (has_room(log))
        log_info("upstream", "stderr", LOG_STR("server", log->server->key),
                 LOG_SPAN("line", buf_span(&shown)), LOG_BOOL("cut", cut));
}

void server_log_message(struct server_log *log, struct span params)
{
    CLEANUP(buf) struct buf shown = BUF(LIMIT_STDERR_LINE_BYTES * 2);

    if (!has_room(log))
        return;
    server_environment_hide_secrets(log->server, first_bytes(params, LIMIT_STDERR_LINE_BYTES),
                                    &shown);
    log_debug("upstream", "message", LOG_STR("server", log->server->key),
              LOG_SPAN("params", buf_span(&shown)));
}

void server_log_stdout(struct server_log *log, struct span line)
{
    CLEANUP(buf) struct buf shown = BUF(LIMIT_STDERR_LINE_BYTES * 2);

    if (log->warned_of_stdout)
        return;
    log->warned_of_stdout = true;
    /* No secret is cut in two before it is hidden. */
    server_environment_hide_secrets(log->server, first_bytes(line, LIMIT_STDERR_LINE_BYTES),
                                    &shown);
    log_warn("upstream", "stdout_line_is_no_message", LOG_STR("server", log->server->key),
             LOG_SPAN("line", first_bytes(buf_span(&shown), STDOUT_SHOWN)));
}

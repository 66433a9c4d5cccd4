/*
 * What a client hears of a request while it runs: progress under its own
 * token, console lines at the level it asked for.
 */
#include <math.h>

#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/mode.h"

static void write_number(struct buf *out, const char *name, double number)
{
    json_write_key(out, name);
    buf_printf(out, "%.15g", number);
}

/* Values must grow (2026-07-28, patterns/progress); their rate is limited where they arise. */
static bool is_due(struct mcp_call *call, double progress)
{
    struct progress *p = &call->progress;

    if (!p->token || !isfinite(progress) || (p->any && progress <= p->last))
        return false;
    p->any = true;
    p->last = progress;
    return true;
}

void call_progress(struct mcp_call *call, double progress, double total, struct span text)
{
    CLEANUP(buf) struct buf params = BUF(LIMIT_LOG_BYTES);

    if (!is_due(call, progress))
        return;
    buf_add_char(&params, '{');
    json_write_member_raw(&params, "progressToken", span_of(call->progress.token));
    write_number(&params, "progress", progress);
    if (isfinite(total))
        write_number(&params, "total", total);
    if (text.len && call_version_at_least(call, "2025-03-26"))
        json_write_member_string(&params, "message", text);
    buf_add_char(&params, '}');
    if (!buf_failed(&params))
        call_notify(call, "notifications/progress", buf_span(&params));
}

/* A legacy session's level may change while the request runs. */
static enum message_level wanted_level(const struct mcp_call *call)
{
    if (call->era == ERA_MODERN)
        return call->log_level;
    return call->session ? call->session->log_level : MESSAGE_NONE;
}

/* `"logger":"server"`, or "server/its own name"; a mirror's are its server's. */
static void
write_logger(struct buf *out, const struct mcp_call *call, const char *server, struct span params)
{
    CLEANUP(buf) struct buf logger = BUF(LIMIT_LOG_BYTES);
    CLEANUP(buf) struct buf own = BUF(LIMIT_LOG_BYTES);
    struct span raw = SPAN_NONE;
    bool has_own = json_get(params, "logger", &raw);

    if (mode_mirrors(call->server)) {
        if (has_own)
            json_write_member_raw(out, "logger", raw);
        return;
    }
    buf_add_str(&logger, server);
    if (has_own && json_decode_string(raw, &own) == 0 && own.len)
        buf_printf(&logger, "/%s", buf_str(&own));
    json_write_member_string(out, "logger", buf_span(&logger));
}

void call_server_log(struct mcp_call *call, const char *server, struct span params)
{
    CLEANUP(buf) struct buf out = BUF((size_t)16 * LIMIT_LOG_BYTES);
    enum message_level level;
    struct span raw = SPAN_NONE, data = SPAN("null");

    json_get(params, "level", &raw);
    json_get(params, "data", &data);
    if (message_level_read(raw, &level) < 0 || level < wanted_level(call))
        return;
    buf_add_char(&out, '{');
    json_write_member_string(&out, "level", span_of(message_level_name(level)));
    write_logger(&out, call, server, params);
    json_write_member_raw(&out, "data", data);
    buf_add_char(&out, '}');
    if (!buf_failed(&out))
        call_notify(call, "notifications/message", buf_span(&out));
}

void call_log(struct mcp_call *call, struct span console_level, struct span text)
{
    CLEANUP(buf) struct buf params = BUF(8 * LIMIT_LOG_BYTES);
    enum message_level level = message_level_of_console(console_level);

    if (level < wanted_level(call))
        return;
    buf_add_char(&params, '{');
    json_write_member_string(&params, "level", span_of(message_level_name(level)));
    json_write_member_string(&params, "logger", SPAN("execute_code"));
    json_write_member_string(&params, "data", text);
    buf_add_char(&params, '}');
    if (!buf_failed(&params))
        call_notify(call, "notifications/message", buf_span(&params));
}

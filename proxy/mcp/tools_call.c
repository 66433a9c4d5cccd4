/*
 * tools/call; of execute_code: arguments in, an execution, its outcome out.
 */
#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/asking.h"
#include "proxy/mcp/content.h"
#include "proxy/mcp/mode.h"
#include "proxy/mcp/tools_named.h"

/* A link to the whole of a shortened result; clients before 2025-06-18 know no such block. */
static void add_kept_link(struct buf *out, const struct mcp_call *call, struct span meta)
{
    struct span uri;

    if (!json_get(meta, "kept", &uri) || json_kind(uri) != JSON_KIND_STRING ||
        !call_version_at_least(call, "2025-06-18"))
        return;
    json_write_comma(out);
    buf_add_char(out, '{');
    json_write_member_string(out, "type", SPAN("resource_link"));
    json_write_member_raw(out, "uri", uri);
    json_write_member_string(out, "name", SPAN("whole result"));
    json_write_member_string(out, "mimeType", SPAN("text/plain"));
    buf_add_char(out, '}');
}

static void answer_outcome(struct mcp_call *call, const struct exec_outcome *outcome)
{
    CLEANUP(call_result) struct call_result result = CALL_RESULT_INIT;
    struct buf *out = &result.members;

    buf_add_str(out, "\"content\":[");
    content_add_text(out, outcome->text);
    content_add_blocks(out, call, outcome->blocks);
    add_kept_link(out, call, outcome->meta);
    buf_add_char(out, ']');
    json_write_member_bool(out, "isError", !outcome->ok);
    if (outcome->meta.len)
        json_write_member_raw(&result.meta, "mcpfold/run", outcome->meta);
    call_answer(call, &result);
}

/* A mistake in the arguments is for the model to read and mend (SEP-1303). */
static void answer_mistake(struct mcp_call *call, const char *text)
{
    struct exec_outcome outcome = { .ok = false, .text = span_of(text) };

    answer_outcome(call, &outcome);
}

/* ---- what an execution tells ---- */

static void on_progress(void *ctx, double progress, double total, struct span message)
{
    call_progress(ctx, progress, total, message);
}

static void on_log(void *ctx, struct span level, struct span text)
{
    call_log(ctx, level, text);
}

static void on_server_log(void *ctx, const char *server, struct span params)
{
    call_server_log(ctx, server, params);
}

static void on_ask(void *ctx, struct ask *ask)
{
    asking_put(ctx, ask);
}

static void on_ask_gone(void *ctx, struct ask *ask)
{
    asking_withdrawn(ctx, ask);
}

static void on_done(void *ctx, const struct exec_outcome *outcome)
{
    struct mcp_call *call = ctx;

    call->exec = NULL;
    answer_outcome(call, outcome);
}

static const struct exec_events exec_events = {
    .on_progress = on_progress,
    .on_log = on_log,
    .on_server_log = on_server_log,
    .on_ask = on_ask,
    .on_ask_gone = on_ask_gone,
    .on_done = on_done,
};

/* ---- arguments ---- */

/* NULL when they are in order, else what is wrong, which the caller frees. */
static char *check_arguments(struct span arguments, struct span *ret_code, struct span *ret_input)
{
    struct json_iter it = json_iter(arguments);

    *ret_code = *ret_input = SPAN_NONE;
    if (json_kind(arguments) != JSON_KIND_OBJECT)
        return xstrdup("InvalidArguments: arguments must be an object with code, a string.");
    while (json_next(&it)) {
        if (json_key_is(it.key, "code"))
            *ret_code = it.value;
        else if (json_key_is(it.key, "input"))
            *ret_input = it.value;
        else
            return xasprintf("InvalidArguments: there is no argument '%.*s'; execute_code takes "
                             "code (a string) and input (any JSON).",
                             it.key.len > 100 ? 100 : (int)it.key.len, it.key.data);
    }
    return NULL;
}

static void run_code(struct mcp_call *call)
{
    CLEANUP(buf) struct buf code = BUF(LIMIT_HTTP_BODY_BYTES);
    CLEANUP(buf) struct buf session = BUF(CALL_SESSION_BYTES);
    CLEANUP(str) char *mistake = NULL;
    struct span arguments = SPAN_NONE, raw_code, input;
    struct exec_request request;

    call_param(call, "arguments", &arguments);
    mistake = check_arguments(arguments, &raw_code, &input);
    if (!mistake && json_decode_string(raw_code, &code) < 0)
        mistake = xstrdup("InvalidArguments: code must be a string of TypeScript.");
    if (mistake) {
        answer_mistake(call, mistake);
        return;
    }
    request = (struct exec_request){ .code = buf_span(&code), .input = input };
    call_caller(call, &session, &request.caller);
    call->exec = exec_start(call->server->parts.exec, &request, &exec_events, call);
}

void tools_call(struct mcp_call *call)
{
    struct span name = SPAN_NONE;

    if (asking_resume(call))
        return;
    call_param(call, "name", &name);
    if (json_string_is(name, "execute_code") && mode_of(call) == OFFER_CODE)
        server_when_settled(call, run_code);
    else
        tools_named_call(call);
}

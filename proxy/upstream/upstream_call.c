#include "proxy/upstream/upstream_call_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "proxy/upstream/capabilities.h"

static void free_call(void *object)
{
    struct upstream_call *call = object;

    caller_done(&call->caller);
    free(call->method);
    free(call->params);
    free(call->capabilities);
    free(call->data);
    free(call->refusal);
    free(call);
}

/* --- the end --- */

void upstream_call_drop(struct upstream_call *call, bool tell)
{
    TAILQ_REMOVE(&call->calls->list, call, link);
    call->ended = true;
    call->sent = NULL;
    upstream_call_drop_asks(call, tell);
    round_free(TAKE(call->round));
    server_task_free(TAKE(call->server_task));
    loop_unpost(call->calls->loop, &call->task);
    loop_timer_free(TAKE(call->timer));
    loop_reap(call->calls->loop, call, free_call);
}

/* The only place that tells an error. */
static void
end_with_error(struct upstream_call *call, const struct err *err, int64_t code, struct span data)
{
    struct err told = *err;

    if (call->refusal && err->code != ERR_CANCELLED)
        err_set(&told, err->code, "%s (%s)", err->text, call->refusal);
    upstream_call_drop(call, true);
    call->events.on_error(call->ctx, &told, code, data);
}

static void tell_end(void *ctx)
{
    struct upstream_call *call = ctx;

    end_with_error(call, &call->err, call->code, span_of(call->data));
}

void upstream_call_post(struct upstream_call *call, loop_fn *fn)
{
    loop_unpost(call->calls->loop, &call->task);
    loop_post(call->calls->loop, &call->task, fn, call);
}

/* With what is in `err`. */
void upstream_call_end_later(struct upstream_call *call)
{
    call->waiting = false;
    loop_timer_stop(call->timer);
    if (call->server_task)
        server_task_stop(call->server_task);
    upstream_call_post(call, tell_end);
}

void upstream_call_end_with_result(struct upstream_call *call, struct span result)
{
    upstream_call_drop(call, true);
    call->events.on_result(call->ctx, result);
}

static void begin_task(struct upstream_call *call, enum era era, struct span created)
{
    call->sent = NULL;
    call->server_task = server_task_new(call, era, created, &call->err);
    if (!call->server_task)
        upstream_call_end_later(call);
}

static void on_task(void *ctx, struct span result)
{
    begin_task(ctx, ERA_MODERN, result);
}

/* A server that was asked for a task may answer at once all the same. */
static void on_result(void *ctx, struct span result)
{
    struct upstream_call *call = ctx;
    struct span created;

    if (call->wants_task && json_get(result, "task", &created))
        begin_task(call, ERA_LEGACY, created);
    else
        upstream_call_end_with_result(call, result);
}

static void on_progress(void *ctx, struct span params)
{
    struct upstream_call *call = ctx;

    if (call->events.on_progress)
        call->events.on_progress(call->ctx, params);
}

/* --- sending --- */

static void on_input_required(void *ctx, struct span result)
{
    struct upstream_call *call = ctx;

    if (call->caller.takes_input_required) {
        upstream_call_end_with_result(call, result);
        return;
    }
    call->sent = NULL;
    upstream_call_begin_round(call, result);
}

static void send_posted(void *ctx)
{
    upstream_call_send_or_wait(ctx);
}

/* At the next turn, when a session may be open again already. */
static void send_again(struct upstream_call *call)
{
    loop_timer_start(call->timer, call->timeout_ms);
    upstream_call_post(call, send_posted);
}

/* The tool has other annotations than we know, if it is not something else: a call that was refused
 * for its headers is made once more by new lists (2026-07-28, basic/transports/streamable-http). */
static bool list_again(struct upstream_call *call, const struct rpc_failure *failure)
{
    if (failure->code != RPC_HEADER_MISMATCH || call->relisted ||
        strcmp(call->method, "tools/call") != 0 || !upstream_relist(call->calls->upstream))
        return false;
    call->relisted = true;
    call->waiting = true;
    loop_timer_start(call->timer, call->timeout_ms);
    return true;
}

static void on_error(void *ctx, const struct rpc_failure *failure)
{
    struct upstream_call *call = ctx;

    call->sent = NULL;
    upstream_call_drop_asks(call, true);
    if (failure->not_done && !call->repeated && failure->err->code == ERR_CLOSED) {
        call->repeated = true;
        send_again(call);
        return;
    }
    if (!list_again(call, failure) && !upstream_call_begin_urls(call, failure))
        end_with_error(call, failure->err, failure->code, failure->data);
}

static bool is_long_work(const char *method)
{
    return strcmp(method, "tools/call") == 0 || strcmp(method, "prompts/get") == 0 ||
           strcmp(method, "resources/read") == 0;
}

/* What can be asked while the request lasts: nothing, when nobody takes questions. */
static void find_capabilities(struct upstream_call *call)
{
    struct buf out = BUF(LIMIT_CAPABILITIES_BYTES);
    bool takes = call->events.on_ask || call->caller.takes_input_required;

    if (call->capabilities)
        return;
    if (capabilities_write_of_client(&out, upstream_config(call->calls->upstream),
                                     takes ? span_of(call->caller.capabilities) : SPAN_NONE,
                                     !call->caller.takes_input_required) < 0) {
        buf_clear(&out);
        buf_add_str(&out, "{}");
    }
    call->capabilities = buf_take(&out);
}

/* What the tool's definition says of the call: which headers, and whether it takes a task. */
static int fit_to_tool(struct upstream_call *call, struct rpc_request *request, struct buf *params)
{
    CLEANUP(str) char *name = NULL;
    struct span value;

    if (strcmp(call->method, "tools/call") != 0)
        return 0;
    request->tasks = true;
    if (json_get(request->params, "name", &value))
        name = json_dup_string(value, LIMIT_TOOL_NAME_BYTES);
    if (!name)
        return 0;
    request->schema = upstream_header_schema(call->calls->upstream, span_of(name));
    call->wants_task = upstream_requires_task(call->calls->upstream, span_of(name));
    if (!call->wants_task)
        return 0;
    server_task_write_params(params, request->params, call->timeout_ms * RPC_TIMEOUT_MAX_FACTOR);
    request->params = buf_span(params);
    return buf_check(params, "the request", &call->err);
}

static void send_now(struct upstream_call *call)
{
    static const struct rpc_call_events events = { .on_result = on_result,
                                                   .on_error = on_error,
                                                   .on_progress = on_progress,
                                                   .on_input_required = on_input_required,
                                                   .on_task = on_task };
    CLEANUP(buf) struct buf params = BUF(LIMIT_RPC_MESSAGE_BYTES);
    CLEANUP(buf) struct buf meta = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct rpc_request request = {
        .method = call->method,
        .params = span_make(call->params, call->params_len),
        .timeout_ms = call->timeout_ms,
        .progress = is_long_work(call->method),
        .log_level = call->caller.log_level,
    };
    struct ask *ask;

    find_capabilities(call);
    caller_write_meta(&meta, span_of(call->caller.meta));
    request.capabilities = span_of(call->capabilities);
    request.meta = buf_span(&meta);
    if (fit_to_tool(call, &request, &params) < 0) {
        upstream_call_end_later(call);
        return;
    }
    call->waiting = false;
    loop_timer_stop(call->timer);
    call->sent = upstream_send(call->calls->upstream, &request, &events, call);
    TAILQ_FOREACH(ask, &call->asks, of_call)
    rpc_call_hold(call->sent);
}

void upstream_call_send_or_wait(struct upstream_call *call)
{
    if (!call->calls->upstream) {
        upstream_call_end_later(call);
        return;
    }
    if (call->server_task) {
        server_task_go_on(call->server_task);
        return;
    }
    switch (upstream_gate(call->calls->upstream, &call->err)) {
    case UPSTREAM_OPEN:
        send_now(call);
        break;
    case UPSTREAM_WAIT:
        call->waiting = true;
        break;
    case UPSTREAM_CLOSED:
        upstream_call_end_later(call);
        break;
    }
}

/* --- the call --- */

static void on_timer(void *ctx)
{
    struct upstream_call *call = ctx;

    if (call->round) {
        upstream_call_make_again(call);
        return;
    }
    err_set(&call->err, ERR_UNAVAILABLE, "server '%s' was not connected again in %llu ms",
            upstream_key(call->calls->upstream), (unsigned long long)call->timeout_ms);
    upstream_call_end_later(call);
}

struct upstream_call *upstream_call_new(struct upstream_calls *calls,
                                        const char *method,
                                        struct span params,
                                        uint64_t timeout_ms,
                                        const struct upstream_caller *caller,
                                        const struct upstream_call_events *events,
                                        void *ctx)
{
    struct upstream_call *call = NEW(struct upstream_call);

    call->calls = calls;
    call->method = xstrdup(method);
    call->params = params.len ? span_dup(params) : NULL;
    call->params_len = params.len;
    call->timeout_ms = timeout_ms;
    caller_init(&call->caller, caller);
    call->events = *events;
    call->ctx = ctx;
    call->timer = loop_timer_new(calls->loop, on_timer, call);
    TAILQ_INIT(&call->asks);
    TAILQ_INSERT_TAIL(&calls->list, call, link);
    loop_timer_start(call->timer, timeout_ms);
    upstream_call_send_or_wait(call);
    return call;
}

void upstream_call_explain(struct upstream_call *call, const struct err *err)
{
    call->err = *err;
}

void upstream_call_cancel(struct upstream_call *call)
{
    if (call->ended)
        return;
    if (call->sent) {
        rpc_call_cancel(call->sent);
        return;
    }
    err_set(&call->err, ERR_CANCELLED, "the call was cancelled%s",
            call->server_task ? "" : " before it was sent");
    call->code = 0;
    upstream_call_end_later(call);
}

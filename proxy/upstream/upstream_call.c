#include "proxy/upstream/upstream_call.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"

struct upstream_call {
    TAILQ_ENTRY(upstream_call) link;
    struct upstream_calls *calls; /* borrowed */
    char *method;                 /* owned */
    char *params;                 /* owned; for a repetition */
    size_t params_len;
    uint64_t timeout_ms;
    struct upstream_call_events events;
    void *ctx;
    struct rpc_call *sent;    /* NULL while it waits */
    struct loop_timer *timer; /* owned: how long it may wait for a connection */
    struct loop_task task;    /* sends it, or tells its end */
    struct err err;           /* why it ends before it was sent */
    bool repeated, ended;
};

static void free_call(void *object)
{
    struct upstream_call *call = object;

    free(call->method);
    free(call->params);
    free(call);
}

static void drop(struct upstream_call *call)
{
    TAILQ_REMOVE(&call->calls->list, call, link);
    call->ended = true;
    loop_unpost(call->calls->loop, &call->task);
    loop_timer_free(TAKE(call->timer));
    loop_reap(call->calls->loop, call, free_call);
}

/* The only place that tells an error. */
static void
end_with_error(struct upstream_call *call, const struct err *err, int64_t code, struct span data)
{
    drop(call);
    call->events.on_error(call->ctx, err, code, data);
}

static void tell_end(void *ctx)
{
    struct upstream_call *call = ctx;

    end_with_error(call, &call->err, 0, SPAN_NONE);
}

static void end_later(struct upstream_call *call)
{
    loop_unpost(call->calls->loop, &call->task);
    loop_post(call->calls->loop, &call->task, tell_end, call);
}

static void on_result(void *ctx, struct span result)
{
    struct upstream_call *call = ctx;

    drop(call);
    call->events.on_result(call->ctx, result);
}

static void on_progress(void *ctx, struct span params)
{
    struct upstream_call *call = ctx;

    if (call->events.on_progress)
        call->events.on_progress(call->ctx, params);
}

static void send_or_wait(struct upstream_call *call);

static void send_posted(void *ctx)
{
    send_or_wait(ctx);
}

/* At the next turn, when a session may be open again already. */
static void send_again(struct upstream_call *call)
{
    loop_timer_start(call->timer, call->timeout_ms);
    loop_post(call->calls->loop, &call->task, send_posted, call);
}

static void on_error(void *ctx, const struct rpc_failure *failure)
{
    struct upstream_call *call = ctx;

    call->sent = NULL;
    if (failure->not_done && !call->repeated && failure->err->code == ERR_CLOSED) {
        call->repeated = true;
        send_again(call);
        return;
    }
    end_with_error(call, failure->err, failure->code, failure->data);
}

static bool is_long_work(const char *method)
{
    return strcmp(method, "tools/call") == 0 || strcmp(method, "prompts/get") == 0 ||
           strcmp(method, "resources/read") == 0;
}

static void send_now(struct upstream_call *call)
{
    static const struct rpc_call_events events = { .on_result = on_result,
                                                   .on_error = on_error,
                                                   .on_progress = on_progress };
    CLEANUP(str) char *name = NULL;
    struct rpc_request request = {
        .method = call->method,
        .params = span_make(call->params, call->params_len),
        .timeout_ms = call->timeout_ms,
        .progress = is_long_work(call->method),
    };
    struct span value;

    if (strcmp(call->method, "tools/call") == 0 && json_get(request.params, "name", &value))
        name = json_dup_string(value, LIMIT_TOOL_NAME_BYTES);
    if (name)
        request.schema = upstream_header_schema(call->calls->upstream, span_of(name));
    loop_timer_stop(call->timer);
    call->sent = upstream_send(call->calls->upstream, &request, &events, call);
}

static void send_or_wait(struct upstream_call *call)
{
    if (!call->calls->upstream) {
        end_later(call);
        return;
    }
    switch (upstream_gate(call->calls->upstream, &call->err)) {
    case UPSTREAM_OPEN:
        send_now(call);
        break;
    case UPSTREAM_WAIT:
        break;
    case UPSTREAM_CLOSED:
        end_later(call);
        break;
    }
}

static void on_wait_over(void *ctx)
{
    struct upstream_call *call = ctx;

    err_set(&call->err, ERR_UNAVAILABLE, "server '%s' was not connected again in %llu ms",
            upstream_key(call->calls->upstream), (unsigned long long)call->timeout_ms);
    end_later(call);
}

void upstream_calls_init(struct upstream_calls *calls, struct loop *loop, struct upstream *upstream)
{
    calls->loop = loop;
    calls->upstream = upstream;
    TAILQ_INIT(&calls->list);
}

void upstream_calls_release(struct upstream_calls *calls)
{
    struct upstream_call *call, *next;

    for (call = TAILQ_FIRST(&calls->list); call; call = next) {
        next = TAILQ_NEXT(call, link);
        if (!call->sent && !call->task.posted)
            send_or_wait(call);
    }
}

void upstream_calls_done(struct upstream_calls *calls)
{
    while (!TAILQ_EMPTY(&calls->list)) {
        struct upstream_call *call = TAILQ_FIRST(&calls->list);

        if (call->sent)
            rpc_call_abandon(call->sent);
        drop(call);
    }
}

struct upstream_call *upstream_call_new(struct upstream_calls *calls,
                                        const char *method,
                                        struct span params,
                                        uint64_t timeout_ms,
                                        const struct upstream_call_events *events,
                                        void *ctx)
{
    struct upstream_call *call = NEW(struct upstream_call);

    call->calls = calls;
    call->method = xstrdup(method);
    call->params = params.len ? span_dup(params) : NULL;
    call->params_len = params.len;
    call->timeout_ms = timeout_ms;
    call->events = *events;
    call->ctx = ctx;
    call->timer = loop_timer_new(calls->loop, on_wait_over, call);
    TAILQ_INSERT_TAIL(&calls->list, call, link);
    err_set(&call->err, ERR_NOT_FOUND, "there is no server of that name");
    loop_timer_start(call->timer, timeout_ms);
    send_or_wait(call);
    return call;
}

void upstream_call_cancel(struct upstream_call *call)
{
    if (call->ended)
        return;
    if (call->sent) {
        rpc_call_cancel(call->sent);
        return;
    }
    err_set(&call->err, ERR_CANCELLED, "the call was cancelled before it was sent");
    end_later(call);
}

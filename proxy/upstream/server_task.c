#include "proxy/upstream/server_task.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/upstream/upstream_call_private.h"

#define POLL_MS        1000 /* when the server names no time */
#define POLL_MIN_MS    100
#define POLL_MAX_MS    60000
#define ANSWER_MS      30000 /* for one answer about the task */
#define FAILURES_MAX   5     /* of these in a row that are lost on the way */
#define ID_MAX_BYTES   4096
#define KEYS_MAX_BYTES 262144
#define SEEN_MAX_BYTES 8192
#define PROGRESS_BYTES 8192
#define MESSAGE_BYTES  900

/* What is to be sent next. */
enum step { STEP_GET, STEP_RESULT, STEP_UPDATE };

struct server_task {
    struct upstream_call *call; /* borrowed */
    enum era era;
    enum step next;
    char *id;                /* owned: raw string */
    struct round *round;     /* owned: what the server asks; NULL when nothing */
    struct buf asked;        /* the keys of all questions so far: raw, with a line feed behind */
    struct buf seen;         /* of the last poll: what changes when the task gets on */
    struct loop_timer *poll; /* owned: the next poll */
    struct loop_timer *due;  /* owned: how long it may go without a change */
    uint64_t poll_ms, started_ms;
    unsigned failures, changes;
    bool over; /* the server has ended it */
};

int server_task_write_params(struct buf *out, struct span params, uint64_t ttl_ms)
{
    struct json_iter it = json_iter(params);

    buf_add_char(out, '{');
    while (json_next(&it)) {
        if (!json_key_is(it.key, "task"))
            json_write_member_at(out, &it);
    }
    json_write_key(out, "task");
    buf_add_char(out, '{');
    json_write_member_int(out, "ttl", (int64_t)ttl_ms);
    buf_add_str(out, "}}");
    return buf_failed(out) ? -1 : 0;
}

/* --- the end --- */

static void end_with(struct server_task *task, enum err_code code, const char *what)
{
    struct upstream_call *call = task->call;

    err_set(&call->err, code, "the task of server '%s' %s", upstream_key(call->calls->upstream),
            what);
    upstream_call_end_later(call);
}

/* The JSON-RPC error that a task of the extension failed with. */
static void end_failed(struct server_task *task, struct span state)
{
    struct upstream_call *call = task->call;
    CLEANUP(str) char *message = NULL;
    struct span error = SPAN_NONE, value;

    task->over = true;
    json_get(state, "error", &error);
    if (json_get(error, "code", &value))
        json_int64(value, &call->code);
    free(TAKE(call->data));
    if (json_get(error, "data", &value))
        call->data = span_dup(value);
    if (json_get(error, "message", &value) || json_get(state, "statusMessage", &value))
        message = json_dup_string(value, MESSAGE_BYTES);
    if (message)
        err_set(&call->err, ERR_REMOTE, "%s", message);
    else
        err_set(&call->err, ERR_REMOTE, "the task failed, the server does not say why");
    upstream_call_end_later(call);
}

static void end_cancelled(struct server_task *task, struct span state)
{
    struct upstream_call *call = task->call;
    CLEANUP(str) char *message = NULL;
    struct span value;

    task->over = true;
    if (json_get(state, "statusMessage", &value))
        message = json_dup_string(value, MESSAGE_BYTES);
    err_set(&call->err, ERR_REMOTE, "server '%s' has cancelled its task%s%s",
            upstream_key(call->calls->upstream), message ? ": " : "", message ? message : "");
    upstream_call_end_later(call);
}

static void on_due(void *ctx)
{
    struct server_task *task = ctx;
    struct upstream_call *call = task->call;

    if (call->sent)
        rpc_call_abandon(TAKE(call->sent));
    err_set(&call->err, ERR_TIMEOUT,
            "the task of server '%s' was cancelled: it did not get on in %" PRIu64 " ms",
            upstream_key(call->calls->upstream), call->timeout_ms);
    upstream_call_end_later(call);
}

/* --- how far it is --- */

/* As progress of a request does, a change puts the deadline off, but not for ever. */
static void put_off(struct server_task *task)
{
    struct upstream_call *call = task->call;
    uint64_t spent_ms = loop_now_ms(call->calls->loop) - task->started_ms;
    uint64_t max_ms = call->timeout_ms * RPC_TIMEOUT_MAX_FACTOR;
    uint64_t left_ms = spent_ms < max_ms ? max_ms - spent_ms : 0;

    loop_timer_start(task->due, left_ms < call->timeout_ms ? left_ms : call->timeout_ms);
}

static void tell_progress(struct server_task *task, struct span message)
{
    struct upstream_call *call = task->call;
    CLEANUP(buf) struct buf params = BUF(PROGRESS_BYTES);

    if (!call->events.on_progress || json_kind(message) != JSON_KIND_STRING)
        return;
    buf_add_char(&params, '{');
    json_write_member_int(&params, "progress", task->changes);
    json_write_member_raw(&params, "message", message);
    buf_add_char(&params, '}');
    if (!buf_failed(&params))
        call->events.on_progress(call->ctx, buf_span(&params));
}

static void read_poll_time(struct server_task *task, struct span state)
{
    struct span value;
    int64_t ms;

    if (!json_get(state, task->era == ERA_MODERN ? "pollIntervalMs" : "pollInterval", &value) ||
        !json_int64(value, &ms))
        return;
    task->poll_ms = ms < POLL_MIN_MS ? POLL_MIN_MS : (uint64_t)ms;
    if (task->poll_ms > POLL_MAX_MS)
        task->poll_ms = POLL_MAX_MS;
}

static void note_state(struct server_task *task, struct span state)
{
    struct buf seen = BUF(SEEN_MAX_BYTES);
    struct span status = SPAN_NONE, message = SPAN_NONE, at = SPAN_NONE;

    read_poll_time(task, state);
    json_get(state, "status", &status);
    json_get(state, "statusMessage", &message);
    json_get(state, "lastUpdatedAt", &at);
    buf_add_span(&seen, status);
    buf_add_span(&seen, message);
    buf_add_span(&seen, at);
    if (span_equal(buf_span(&seen), buf_span(&task->seen))) {
        buf_done(&seen);
        return;
    }
    buf_done(&task->seen);
    task->seen = seen;
    task->changes++;
    put_off(task);
    tell_progress(task, message);
}

static void poll_later(struct server_task *task)
{
    task->next = STEP_GET;
    loop_timer_start(task->poll, task->poll_ms);
}

/* --- what it asks --- */

static void on_round_answered(void *ctx)
{
    struct server_task *task = ctx;

    task->next = STEP_UPDATE;
    put_off(task);
    loop_timer_start(task->poll, 0);
}

static void on_round_failed(void *ctx, const struct err *err)
{
    struct server_task *task = ctx;

    task->call->err = *err;
    upstream_call_end_later(task->call);
}

static bool was_asked(const struct server_task *task, struct span key)
{
    struct span rest = buf_span(&task->asked);

    while (rest.len) {
        const char *end = memchr(rest.data, '\n', rest.len);
        size_t len = (size_t)(end - rest.data);

        if (span_equal(span_make(rest.data, len), key))
            return true;
        rest = span_skip(rest, len + 1);
    }
    return false;
}

/* The questions that have not been put yet, as an `input_required` has them. */
static int write_new_questions(struct server_task *task, struct span state, struct buf *out)
{
    struct span requests = SPAN_NONE;
    struct json_iter it;
    int count = 0;

    json_get(state, "inputRequests", &requests);
    it = json_iter(requests);
    buf_add_str(out, "{\"inputRequests\":{");
    while (json_next(&it)) {
        if (was_asked(task, it.key))
            continue;
        json_write_member_at(out, &it);
        buf_add_span(&task->asked, it.key);
        buf_add_char(&task->asked, '\n');
        count++;
    }
    buf_add_str(out, "}}");
    return buf_failed(out) || buf_failed(&task->asked) ? -1 : count;
}

static void put_questions(struct server_task *task)
{
    struct ask *ask;

    loop_timer_stop(task->due);
    while (!task->call->task.posted && (ask = round_next(task->round)))
        upstream_call_put(task->call, ask);
}

static void begin_round(struct server_task *task, struct span state)
{
    static const struct round_events events = { .on_answered = on_round_answered,
                                                .on_failed = on_round_failed };
    struct upstream_call *call = task->call;
    CLEANUP(buf) struct buf questions = BUF(LIMIT_RPC_MESSAGE_BYTES);
    int count = write_new_questions(task, state, &questions);

    if (count == 0) {
        poll_later(task);
        return;
    }
    if (count < 0 || ++call->rounds > LIMIT_QUESTION_ROUNDS) {
        end_with(task, ERR_LIMIT, "asks again and again, or too much");
        return;
    }
    task->round = round_of_result(upstream_config(call->calls->upstream), buf_span(&questions),
                                  span_of(call->capabilities), &events, task, &call->err);
    if (task->round)
        put_questions(task);
    else
        upstream_call_end_later(call);
}

/* --- polling --- */

static void end_completed(struct server_task *task, struct span state)
{
    struct span result;

    if (!json_get(state, "result", &result) || json_kind(result) != JSON_KIND_OBJECT) {
        end_with(task, ERR_PROTOCOL, "is completed without a result");
        return;
    }
    task->over = true;
    upstream_call_end_with_result(task->call, result);
}

/* Of 2025-11-25: what the request would have been answered with, an error too; and a server that
 * asks does so while this waits. */
static void fetch_result(struct server_task *task)
{
    loop_timer_stop(task->due);
    task->next = STEP_RESULT;
    server_task_go_on(task);
}

static void on_state(void *ctx, struct span state)
{
    struct upstream_call *call = ctx;
    struct server_task *task = call->server_task;
    struct span status = SPAN_NONE;
    bool modern = task->era == ERA_MODERN;

    call->sent = NULL;
    task->failures = 0;
    note_state(task, state);
    json_get(state, "status", &status);
    if (json_string_is(status, "working"))
        poll_later(task);
    else if (json_string_is(status, "cancelled"))
        end_cancelled(task, state);
    else if (json_string_is(status, "input_required") && modern)
        begin_round(task, state);
    else if (json_string_is(status, "completed") && modern)
        end_completed(task, state);
    else if (json_string_is(status, "failed") && modern)
        end_failed(task, state);
    else if (!modern && (json_string_is(status, "input_required") ||
                         json_string_is(status, "completed") || json_string_is(status, "failed")))
        fetch_result(task);
    else
        end_with(task, ERR_PROTOCOL, "is in a state that is not known");
}

static void on_result(void *ctx, struct span result)
{
    struct upstream_call *call = ctx;

    call->server_task->over = true;
    upstream_call_end_with_result(call, result);
}

static void on_updated(void *ctx, struct span result)
{
    struct upstream_call *call = ctx;

    (void)result;
    call->sent = NULL;
    round_free(TAKE(call->server_task->round));
    poll_later(call->server_task);
}

/* What is lost on the way does not end the task: it can be asked for again. */
static void on_error(void *ctx, const struct rpc_failure *failure)
{
    struct upstream_call *call = ctx;
    struct server_task *task = call->server_task;
    enum err_code code = failure->err->code;
    bool lost = code == ERR_CLOSED || code == ERR_UNAVAILABLE ||
                (code == ERR_TIMEOUT && task->next != STEP_RESULT);

    call->sent = NULL;
    upstream_call_drop_asks(call, true);
    if (lost && ++task->failures <= FAILURES_MAX) {
        if (task->next == STEP_RESULT)
            put_off(task);
        if (task->next != STEP_UPDATE)
            task->next = STEP_GET;
        loop_timer_start(task->poll, task->poll_ms);
        return;
    }
    /* The error is about the task, which is gone or has failed. */
    task->over = code == ERR_REMOTE;
    call->err = *failure->err;
    if (code == ERR_UNAVAILABLE)
        call->err.code = ERR_CLOSED;
    call->code = failure->code;
    free(TAKE(call->data));
    call->data = failure->data.len ? span_dup(failure->data) : NULL;
    upstream_call_end_later(call);
}

/* {"taskId":ID}, with the answers to what it asked. */
static int write_params(struct buf *out, const struct server_task *task)
{
    CLEANUP(buf) struct buf id = BUF(ID_MAX_BYTES);

    buf_add_char(&id, '{');
    json_write_member_raw(&id, "taskId", span_of(task->id));
    buf_add_char(&id, '}');
    if (task->next == STEP_UPDATE && task->round)
        return round_write_params(out, task->round, buf_span(&id));
    return buf_add_span(out, buf_span(&id));
}

static void send_next(struct server_task *task)
{
    static const struct {
        const char *method;
        struct rpc_call_events events;
    } steps[] = {
        [STEP_GET] = { "tasks/get", { .on_result = on_state, .on_error = on_error } },
        [STEP_RESULT] = { "tasks/result", { .on_result = on_result, .on_error = on_error } },
        [STEP_UPDATE] = { "tasks/update", { .on_result = on_updated, .on_error = on_error } },
    };
    struct upstream_call *call = task->call;
    CLEANUP(buf) struct buf params = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct rpc_request request = {
        .method = steps[task->next].method,
        .timeout_ms = task->next == STEP_RESULT ? call->timeout_ms : ANSWER_MS,
        .capabilities = span_of(call->capabilities),
        .tasks = true,
    };

    write_params(&params, task);
    if (buf_check(&params, "the answers to a task", &call->err) < 0) {
        upstream_call_end_later(call);
        return;
    }
    request.params = buf_span(&params);
    call->waiting = false;
    call->sent = upstream_send(call->calls->upstream, &request, &steps[task->next].events, call);
}

void server_task_go_on(struct server_task *task)
{
    struct upstream_call *call = task->call;

    switch (upstream_gate(call->calls->upstream, &call->err)) {
    case UPSTREAM_OPEN:
        send_next(task);
        break;
    case UPSTREAM_WAIT:
        call->waiting = true;
        break;
    case UPSTREAM_CLOSED:
        /* Something had been sent, unlike what the error says. */
        call->err.code = ERR_CLOSED;
        upstream_call_end_later(call);
        break;
    }
}

static void on_poll(void *ctx)
{
    server_task_go_on(ctx);
}

/* --- beginning and end --- */

struct server_task *
server_task_new(struct upstream_call *call, enum era era, struct span created, struct err *err)
{
    struct server_task *task;
    struct span id;

    if (!json_get(created, "taskId", &id) || json_kind(id) != JSON_KIND_STRING ||
        id.len > ID_MAX_BYTES / 2) {
        err_set(err, ERR_PROTOCOL, "server '%s' begins a task without a taskId",
                upstream_key(call->calls->upstream));
        return NULL;
    }
    task = NEW(struct server_task);
    task->call = call;
    task->era = era;
    task->id = span_dup(id);
    task->poll_ms = POLL_MS;
    task->started_ms = loop_now_ms(call->calls->loop);
    buf_init(&task->asked, KEYS_MAX_BYTES);
    buf_init(&task->seen, SEEN_MAX_BYTES);
    task->poll = loop_timer_new(call->calls->loop, on_poll, task);
    task->due = loop_timer_new(call->calls->loop, on_due, task);
    note_state(task, created);
    poll_later(task);
    return task;
}

void server_task_stop(struct server_task *task)
{
    loop_timer_stop(task->poll);
    loop_timer_stop(task->due);
}

static void on_cancel_result(void *ctx, struct span result)
{
    (void)ctx;
    (void)result;
}

static void on_cancel_error(void *ctx, const struct rpc_failure *failure)
{
    (void)ctx;
    log_info("upstream", "task_not_cancelled", LOG_ERR(failure->err));
}

/* Cancelling is a request of its own (2026-07-28, extension tasks "Task Cancellation"); nothing
 * waits for what comes of it. */
static void cancel(struct server_task *task)
{
    static const struct rpc_call_events events = { .on_result = on_cancel_result,
                                                   .on_error = on_cancel_error };
    struct upstream *upstream = task->call->calls->upstream;
    CLEANUP(buf) struct buf params = BUF(ID_MAX_BYTES);
    struct rpc_request request = { .method = "tasks/cancel",
                                   .timeout_ms = ANSWER_MS,
                                   .capabilities = span_of(task->call->capabilities),
                                   .tasks = true };
    struct err err = ERR_INIT;

    task->next = STEP_GET;
    if (upstream_gate(upstream, &err) != UPSTREAM_OPEN || write_params(&params, task) < 0)
        return;
    request.params = buf_span(&params);
    upstream_send(upstream, &request, &events, NULL);
}

static void free_task(void *object)
{
    struct server_task *task = object;

    free(task->id);
    buf_done(&task->asked);
    buf_done(&task->seen);
    free(task);
}

void server_task_free(struct server_task *task)
{
    if (!task)
        return;
    if (!task->over)
        cancel(task);
    loop_timer_free(TAKE(task->poll));
    loop_timer_free(TAKE(task->due));
    round_free(TAKE(task->round));
    loop_reap(task->call->calls->loop, task, free_task);
}

/*
 * The steps of one execution, and its end.
 *
 * Whatever ends it early goes through exec_fail: what is under way is told to
 * stop, the reply goes out at the next turn, and CLEAN waits until worker,
 * check and calls have said their last word.
 */
#include "proxy/exec/exec.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/log.h"
#include "base/random.h"
#include "proxy/exec/exec_internal.h"

/* Whether the driver goes on with the next step or waits for an event. */
enum exec_next { EXEC_WAIT, EXEC_NEXT };

static void on_deadline(void *ctx);

struct exec *exec_new(struct exec_service *service,
                      const struct exec_request *request,
                      const struct exec_events *events,
                      void *ctx)
{
    const struct limits *limits = &service->parts.config->limits;
    struct exec *exec = NEW(struct exec);

    exec->service = service;
    exec->events = *events;
    exec->ctx = ctx;
    random_hex(exec->run_id, RUN_ID_CHARS / 2);
    exec->started_ns = exec->step_ns = clock_now_ns();
    exec->timer = loop_timer_new(service->parts.loop, on_deadline, exec);
    buf_init(&exec->code, LIMIT_CODE_BYTES);
    buf_init(&exec->input, limits->argument_bytes);
    buf_init(&exec->check_problem, ERR_TEXT_BYTES);
    exec_caller_set(&exec->caller, &request->caller, exec);
    output_init(&exec->output);
    failure_init(&exec->failure);
    if (buf_add_span(&exec->code, request->code) < 0)
        exec_fail(exec, KIND_CODE_LIMIT, "the code has %zu bytes; the limit CODE_BYTES is %d",
                  request->code.len, LIMIT_CODE_BYTES);
    if (buf_add_span(&exec->input, request->input) < 0)
        exec_fail(exec, KIND_ARGUMENT_LIMIT,
                  "`input` has %zu bytes; the limit is %" PRIu64
                  " (limits.argument in the configuration)",
                  request->input.len, limits->argument_bytes);
    return exec;
}

static void exec_free(void *object)
{
    struct exec *exec = object;

    service_forget(exec->service, exec);
    loop_unpost(exec->service->parts.loop, &exec->task);
    loop_timer_free(exec->timer);
    broker_free(exec->broker);
    prepared_unref(exec->prepared);
    checked_unref(exec->checked);
    catalogue_unref(exec->catalogue);
    output_done(&exec->output);
    failure_done(&exec->failure);
    buf_done(&exec->check_problem);
    buf_done(&exec->code);
    buf_done(&exec->input);
    exec_caller_done(&exec->caller);
    free(exec);
}

static void on_wake(void *ctx)
{
    exec_drive(ctx);
}

void exec_wake(struct exec *exec)
{
    loop_post(exec->service->parts.loop, &exec->task, on_wake, exec);
}

/* --- the end -------------------------------------------------------------- */

static void kill_worker(struct exec *exec)
{
    if (!exec->isolate || exec->killed)
        return;
    exec->killed = true;
    isolate_kill(exec->isolate);
}

/* Tells everything under way to stop; the ends are awaited in CLEAN. */
static void stop_all(struct exec *exec)
{
    struct exec_service *service = exec->service;

    loop_timer_stop(exec->timer);
    service_leave_queue(service, exec);
    if (exec->settling)
        upstreams_forget_wait(service->parts.upstreams, exec);
    exec->settling = false;
    if (exec->job)
        checker_cancel(exec->job);
    if (exec->broker)
        broker_stop(exec->broker);
    kill_worker(exec);
}

static void enter_step(struct exec *exec, enum exec_step step)
{
    uint64_t now = clock_now_ns();

    exec->step_us[exec->step] += (now - exec->step_ns) / 1000;
    exec->step_ns = now;
    exec->step = step;
}

void exec_end_failed(struct exec *exec)
{
    enter_step(exec, STEP_REPLY);
    stop_all(exec);
    exec_wake(exec);
}

void exec_fail(struct exec *exec, enum exec_kind kind, const char *format, ...)
{
    va_list args;

    if (exec->failure.set || exec->step >= STEP_REPLY)
        return;
    va_start(args, format);
    failure_vset(&exec->failure, kind, format, args);
    va_end(args);
    exec_end_failed(exec);
}

void exec_end_ok(struct exec *exec, struct span done)
{
    enter_step(exec, STEP_REPLY);
    stop_all(exec);
    exec->done = done;
    exec_drive(exec);
}

void exec_cancel(struct exec *exec, const char *why)
{
    exec_fail(exec, KIND_CANCELLED, "%s", why);
}

static void on_deadline(void *ctx)
{
    struct exec *exec = ctx;
    const struct limits *limits = &exec->service->parts.config->limits;

    if (exec->step == STEP_ADMIT)
        exec_fail(exec, KIND_BUSY,
                  "no place became free within %" PRIu64
                  " ms (limits.queue_time in the configuration)",
                  limits->queue_ms);
    else
        exec_fail(exec, KIND_TIME_LIMIT,
                  "the execution took longer than %" PRIu64
                  " ms (limits.wall in the configuration); it was at: %s",
                  limits->wall_ms,
                  exec->step == STEP_RUN     ? "running the script"
                  : exec->step == STEP_CHECK ? "the type check"
                                             : "getting a worker");
}

/* --- steps ---------------------------------------------------------------- */

static enum exec_next step_admit(struct exec *exec)
{
    return service_admit(exec->service, exec) ? EXEC_NEXT : EXEC_WAIT;
}

static void on_settled(void *ctx)
{
    struct exec *exec = ctx;

    exec->settling = false;
    exec->service->settled = upstreams_settled(exec->service->parts.upstreams);
    if (exec->step == STEP_SETTLE) {
        exec->awaited = true;
        exec_drive(exec);
    }
}

static enum exec_next step_settle(struct exec *exec)
{
    const struct exec_parts *parts = &exec->service->parts;

    if (exec->service->settled || exec->awaited)
        return EXEC_NEXT;
    if (!exec->settling) {
        exec->settling = true;
        upstreams_when_wanted_settled(parts->upstreams, buf_span(&exec->code),
                                      parts->config->startup_timeout_ms, on_settled, exec);
    }
    return EXEC_WAIT;
}

static enum exec_next step_lookup(struct exec *exec)
{
    struct exec_service *service = exec->service;
    struct span code = buf_span(&exec->code);
    struct prepared *prepared = cache_prepared(service->cache, code);
    struct checked *checked;

    exec_start_clock(exec, service->parts.config->limits.wall_ms);
    exec->catalogue = catalogue_ref(upstreams_catalogue(service->parts.upstreams));
    checked = cache_checked(service->cache, code, exec->catalogue->change);
    if (!prepared)
        return EXEC_NEXT;
    exec->prepared = prepared_ref(prepared);
    if (checked && service->parts.config->typecheck != TYPECHECK_OFF)
        exec->checked = checked_ref(checked);
    /* What is known to be wrong needs no worker. */
    return exec_wants_check(exec) || exec_accept_code(exec) ? EXEC_NEXT : EXEC_WAIT;
}

static enum exec_next step_lease(struct exec *exec)
{
    if (exec->leased)
        return EXEC_NEXT;
    if (!exec->isolate)
        exec->isolate = isolate_lease(exec->service->parts.isolates, &exec_worker_events, exec);
    return EXEC_WAIT;
}

static enum exec_next step_prepare(struct exec *exec)
{
    if (exec->prepared)
        return EXEC_NEXT;
    if (!exec->leased || exec->preparing)
        return EXEC_WAIT;
    exec->preparing = true;
    isolate_prepare(exec->isolate, buf_span(&exec->code));
    return EXEC_WAIT;
}

static enum exec_next step_check(struct exec *exec)
{
    if (!exec_wants_check(exec))
        return exec_accept_code(exec) ? EXEC_NEXT : EXEC_WAIT;
    if (!exec->job)
        exec_start_check(exec);
    return EXEC_WAIT;
}

static void on_reply(void *ctx, uint32_t id, bool ok, struct span json)
{
    struct exec *exec = ctx;

    if (exec->isolate && !exec->killed)
        isolate_reply(exec->isolate, id, ok, json);
}

static void on_tool_progress(void *ctx, const char *server, const char *tool, struct span params)
{
    struct exec *exec = ctx;
    CLEANUP(buf) struct buf message = BUF(LIMIT_LOG_BYTES);
    double progress, total;

    if (exec->events.on_progress &&
        output_tool_progress(&exec->output, server, tool, params, &progress, &total, &message))
        exec->events.on_progress(exec->ctx, progress, total, buf_span(&message));
}

static void on_server_log(void *ctx, const char *server, struct span params)
{
    struct exec *exec = ctx;

    if (exec->events.on_server_log && output_server_log(&exec->output, params))
        exec->events.on_server_log(exec->ctx, server, params);
}

static void on_broker_stopped(void *ctx)
{
    struct exec *exec = ctx;

    exec->broker_stopped = true;
    exec_wake(exec);
}

static void start_broker(struct exec *exec)
{
    struct broker_events events = { .on_reply = on_reply,
                                    .on_progress = on_tool_progress,
                                    .on_log = on_server_log,
                                    .on_ask = exec->events.on_ask ? exec_on_ask : NULL,
                                    .on_ask_gone = exec_on_ask_gone,
                                    .on_stopped = on_broker_stopped };
    const struct exec_parts *parts = &exec->service->parts;

    exec->broker = broker_new(&(struct broker_parts){ .loop = parts->loop,
                                                      .config = parts->config,
                                                      .upstreams = parts->upstreams,
                                                      .catalogue = exec->catalogue,
                                                      .kept = exec->service->kept,
                                                      .learned = parts->learned,
                                                      .caller = &exec->caller.view },
                              &events, exec);
}

/* What scripts find is the same for most of them; workers are told when it changes. */
static int equip_workers(const struct exec *exec, struct err *err)
{
    struct exec_service *service = exec->service;
    struct script_environment *environment = &service->environment;
    int changed = script_environment_refresh(environment, exec->catalogue,
                                             &service->parts.config->limits, err);

    if (changed <= 0 ||
        isolate_pool_equip(service->parts.isolates, buf_span(&environment->json), err) == 0)
        return changed < 0 ? -1 : 0;
    script_environment_clear(environment);
    return -1;
}

static enum exec_next step_run(struct exec *exec)
{
    struct err err = ERR_INIT;

    if (!exec->leased || exec->running)
        return EXEC_WAIT;
    if (equip_workers(exec, &err) < 0) {
        exec_fail(exec, KIND_INTERNAL, "%s", err.text);
        return EXEC_WAIT;
    }
    if (!exec->broker)
        start_broker(exec);
    exec->running = true;
    isolate_run(exec->isolate, buf_span(&exec->prepared->run_text), buf_span(&exec->input));
    return EXEC_WAIT;
}

static enum exec_next step_reply(struct exec *exec)
{
    outcome_send(exec);
    exec->done = SPAN_NONE;
    return EXEC_NEXT;
}

static enum exec_next step_clean(struct exec *exec)
{
    if (exec->isolate || exec->job || (exec->broker && !exec->broker_stopped) || exec->reaped)
        return EXEC_WAIT;
    exec->reaped = true;
    loop_reap(exec->service->parts.loop, exec, exec_free);
    return EXEC_WAIT;
}

static const struct {
    const char *name;
    enum exec_next (*run)(struct exec *exec);
} steps[STEP_COUNT] = {
#define X(step, function, comment) [STEP_##step] = { #function, step_##function },
    EXEC_STEPS(X)
#undef X
};

const char *exec_step_name(enum exec_step step)
{
    return steps[step].name;
}

void exec_drive(struct exec *exec)
{
    while (steps[exec->step].run(exec) == EXEC_NEXT)
        enter_step(exec, exec->step + 1);
}

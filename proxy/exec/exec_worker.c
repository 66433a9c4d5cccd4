/*
 * What the worker of an execution says: prepared texts, host calls, console
 * lines, its end.  An event that comes when the execution no longer waits for
 * it is dropped.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "proxy/exec/exec_internal.h"

static void on_leased(void *ctx)
{
    struct exec *exec = ctx;

    exec->leased = true;
    if (exec->step == STEP_LEASE || exec->step == STEP_PREPARE || exec->step == STEP_RUN)
        exec_drive(exec);
}

/* What was sent to it is sent to the next one. */
static void on_lost(void *ctx)
{
    struct exec *exec = ctx;

    exec->leased = exec->preparing = exec->running = false;
}

static void
on_prepared(void *ctx, bool ok, struct span check_text, struct span run_text, struct span notes)
{
    struct exec *exec = ctx;

    if (exec->step != STEP_PREPARE)
        return;
    exec->prepared = prepared_new(ok, check_text, run_text, notes);
    if (!exec->prepared) {
        exec_fail(exec, KIND_MEMORY_LIMIT, "no memory for the prepared code");
        return;
    }
    cache_put_prepared(exec->service->cache, buf_span(&exec->code), exec->prepared);
    exec_drive(exec);
}

/* True while a worker sends no more than the runtime in it would: each frame costs the proxy's
 * time, which is everybody's. */
static bool within_flood(struct exec *exec, size_t bytes)
{
    uint64_t seconds = (clock_now_ns() - exec->step_ns) / 1000000000;

    exec->note_bytes += bytes;
    if (exec->notes <= LIMIT_NOTES + seconds * LIMIT_NOTES_PER_SECOND &&
        exec->note_bytes <= LIMIT_NOTE_BYTES &&
        broker_calls(exec->broker) <=
            exec->service->parts.config->limits.calls + LIMIT_CALLS_REFUSED)
        return true;
    exec_fail(exec, KIND_WORKER_CRASH,
              "the worker sends more than a script may: it was taken over, or is broken");
    return false;
}

/* A frame that no limit of calls counts. */
static bool take_note(struct exec *exec, struct span json)
{
    exec->notes++;
    return exec->step == STEP_RUN && within_flood(exec, json.len);
}

static void on_call(void *ctx, uint32_t id, struct span json)
{
    struct exec *exec = ctx;
    bool large = json.len > exec->service->parts.config->limits.argument_bytes;

    if (exec->step == STEP_RUN && within_flood(exec, large ? json.len : 0))
        broker_call(exec->broker, id, json);
}

static void on_log(void *ctx, struct span json)
{
    struct exec *exec = ctx;
    CLEANUP(buf) struct buf text = BUF(LIMIT_LOG_BYTES);
    struct span level;

    if (take_note(exec, json) && output_log(&exec->output, json, &level, &text) &&
        exec->events.on_log)
        exec->events.on_log(exec->ctx, level, buf_span(&text));
}

static void on_emit(void *ctx, struct span json)
{
    struct exec *exec = ctx;

    if (take_note(exec, json))
        output_emit(&exec->output, json);
}

static void on_progress(void *ctx, struct span json)
{
    struct exec *exec = ctx;
    CLEANUP(buf) struct buf message = BUF(LIMIT_LOG_BYTES);
    double progress, total;

    if (take_note(exec, json) &&
        output_progress(&exec->output, json, &progress, &total, &message) &&
        exec->events.on_progress)
        exec->events.on_progress(exec->ctx, progress, total, buf_span(&message));
}

static void end_ok(struct exec *exec, struct span json)
{
    struct span value = SPAN_NONE;

    if (json.len > LIMIT_RESULT_BYTES && json_get(json, "value", &value) &&
        value.len > LIMIT_RESULT_BYTES) {
        exec_fail(exec, KIND_RESULT_LIMIT,
                  "the value has %zu bytes as JSON; the limit RESULT_BYTES is %d", value.len,
                  LIMIT_RESULT_BYTES);
        return;
    }
    exec_end_ok(exec, json);
}

/* "128 MiB" and so on. */
static const char *size_text(uint64_t bytes, char *out, size_t len)
{
    if (bytes >= 1048576 && bytes % 1048576 == 0)
        snprintf(out, len, "%" PRIu64 " MiB", bytes / 1048576);
    else
        snprintf(out, len, "%" PRIu64 " bytes", bytes);
    return out;
}

static void end_lost(struct exec *exec, enum isolate_end end, const struct err *err)
{
    const struct limits *limits = &exec->service->parts.config->limits;
    char size[32];

    if (end == ISOLATE_END_MEMORY)
        exec_fail(exec, KIND_MEMORY_LIMIT,
                  "the script needed more than %s of memory (limits.memory in the configuration)",
                  size_text(limits->memory_bytes, size, sizeof(size)));
    else if (end == ISOLATE_END_CPU)
        exec_fail(exec, KIND_CPU_LIMIT,
                  "the script used more than %" PRIu64
                  " ms of processor time (limits.cpu in the configuration)",
                  limits->cpu_ms);
    else if (end == ISOLATE_END_FAILED && !exec->leased)
        exec_fail(exec, KIND_WORKER_UNAVAILABLE, "%s", err ? err->text : "no worker");
    else
        exec_fail(exec, KIND_WORKER_CRASH, "%s",
                  err && err->text[0] ? err->text : "no reason known");
}

static void on_end(void *ctx, enum isolate_end end, struct span json, const struct err *err)
{
    struct exec *exec = ctx;

    exec->isolate = NULL;
    if (exec->step == STEP_RUN && end == ISOLATE_END_OK) {
        end_ok(exec, json);
    } else if (exec->step == STEP_RUN && end == ISOLATE_END_ERROR) {
        failure_from_done(&exec->failure, json, buf_span(&exec->prepared->notes));
        exec_end_failed(exec);
    } else if (exec->step < STEP_REPLY) {
        end_lost(exec, end, err);
    } else {
        exec_wake(exec);
    }
}

const struct isolate_events exec_worker_events = {
    .on_leased = on_leased,
    .on_lost = on_lost,
    .on_prepared = on_prepared,
    .on_call = on_call,
    .on_log = on_log,
    .on_emit = on_emit,
    .on_progress = on_progress,
    .on_end = on_end,
};

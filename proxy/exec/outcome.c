/*
 * What an execution came to: the text a model reads, and the same as JSON for
 * `run --json`, logs and `_meta`.
 */
#include <inttypes.h>

#include "base/json.h"
#include "base/log.h"
#include "proxy/exec/exec_internal.h"
#include "proxy/exec/render_error.h"
#include "proxy/exec/render_result.h"

/* Of the rendered text and of the JSON beside it; far above what limits.result lets through. */
#define TEXT_EXTRA_BYTES 262144
#define JSON_MAX_BYTES   1048576

struct outcome_texts {
    struct buf text, error, logs, meta, warnings;
    struct result_parts parts;
};

static void texts_init(struct outcome_texts *texts, const struct exec *exec)
{
    *texts = (struct outcome_texts){ 0 };
    buf_init(&texts->text, 4 * exec->service->parts.config->limits.result_chars + TEXT_EXTRA_BYTES);
    buf_init(&texts->error, JSON_MAX_BYTES);
    buf_init(&texts->logs, JSON_MAX_BYTES);
    buf_init(&texts->meta, JSON_MAX_BYTES);
    buf_init(&texts->warnings, LIMIT_CHECK_REPORT_BYTES);
}

static void texts_done(struct outcome_texts *texts)
{
    buf_done(&texts->text);
    buf_done(&texts->error);
    buf_done(&texts->logs);
    buf_done(&texts->meta);
    buf_done(&texts->warnings);
}

static void write_warnings(const struct exec *exec, struct buf *out)
{
    if (exec->checked)
        buf_add_str(out, exec->checked->report);
    if (exec->check_problem.len)
        buf_printf(out, "the type check could not be made: %s", buf_str(&exec->check_problem));
}

static void write_text(struct exec *exec, struct outcome_texts *texts)
{
    size_t budget = exec->service->parts.config->limits.result_chars;

    if (exec->failure.set) {
        render_error(
            &(struct error_view){ .failure = &exec->failure,
                                  .code = buf_span(&exec->code),
                                  .catalogue = exec->catalogue,
                                  .ledger = exec->broker ? broker_ledger(exec->broker) : NULL,
                                  .output = &exec->output,
                                  .budget = budget },
            &texts->text);
        failure_write_json(&exec->failure, &texts->error);
        return;
    }
    write_warnings(exec, &texts->warnings);
    render_result(&(struct result_view){ .done = exec->done,
                                         .output = &exec->output,
                                         .warnings = buf_span(&texts->warnings),
                                         .kept = exec->service->kept,
                                         .budget = budget },
                  &texts->text, &texts->parts);
}

static void write_timings(const struct exec *exec, struct buf *out)
{
    uint64_t asking_us = exec->asking_us;

    if (exec->asking_since_ns)
        asking_us += (clock_now_ns() - exec->asking_since_ns) / 1000;
    json_write_key(out, "timings");
    buf_add_char(out, '{');
    for (int step = STEP_ADMIT; step <= STEP_RUN; step++) {
        if (exec->step_us[step] == 0)
            continue;
        json_write_comma(out);
        buf_printf(out, "\"%s_us\":%" PRIu64, exec_step_name(step), exec->step_us[step]);
    }
    if (asking_us)
        json_write_member_int(out, "asking_us", (int64_t)asking_us);
    json_write_member_int(out, "total_us", (int64_t)((clock_now_ns() - exec->started_ns) / 1000));
    buf_add_char(out, '}');
}

static void write_meta(const struct exec *exec, const char *kept_uri, struct buf *out)
{
    buf_add_char(out, '{');
    json_write_member_string(out, "run", span_of(exec->run_id));
    json_write_key(out, "calls");
    if (exec->broker)
        ledger_write_json(broker_ledger(exec->broker), out);
    else
        buf_add_str(out, "[]");
    if (exec->broker)
        json_write_member_int(out, "calls_total", broker_calls(exec->broker));
    write_timings(exec, out);
    if (*kept_uri)
        json_write_member_string(out, "kept", span_of(kept_uri));
    buf_add_char(out, '}');
}

static void write_logs(const struct exec *exec, struct buf *out)
{
    buf_add_char(out, '[');
    buf_add_span(out, buf_span(&exec->output.logs));
    buf_add_char(out, ']');
}

static void log_outcome(const struct exec *exec, const struct exec_outcome *outcome)
{
    log_info("exec", "done", LOG_STR("run", exec->run_id),
             LOG_STR("outcome", outcome->ok ? "ok" : outcome->kind),
             LOG_INT("calls", outcome->calls), LOG_INT("duration_ms", outcome->duration_ms));
}

void outcome_send(struct exec *exec)
{
    struct outcome_texts texts;
    struct exec_outcome outcome;

    texts_init(&texts, exec);
    write_text(exec, &texts);
    write_logs(exec, &texts.logs);
    write_meta(exec, texts.parts.kept_uri, &texts.meta);
    outcome = (struct exec_outcome){
        .ok = !exec->failure.set,
        .kind = exec->failure.set ? kind_row(exec->failure.kind)->name : NULL,
        .text = buf_span(&texts.text),
        .blocks = buf_span(&exec->output.blocks),
        .value = texts.parts.value,
        .error = buf_span(&texts.error),
        .logs = buf_span(&texts.logs),
        .meta = buf_span(&texts.meta),
        .calls = exec->broker ? broker_calls(exec->broker) : 0,
        .duration_ms = (clock_now_ns() - exec->started_ns) / 1000000,
    };
    log_outcome(exec, &outcome);
    exec->events.on_done(exec->ctx, &outcome);
    texts_done(&texts);
}

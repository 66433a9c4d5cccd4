/*
 * The type check of an execution: whether one is wanted, its findings, and
 * what they mean.
 */
#include "base/json.h"
#include "base/log.h"
#include "proxy/exec/exec_internal.h"

bool exec_accept_code(struct exec *exec)
{
    enum typecheck_mode mode = exec->service->parts.config->typecheck;
    const struct prepared *prepared = exec->prepared;
    const struct checked *checked = exec->checked;

    if (prepared->ok && (!checked || checked->ok || mode != TYPECHECK_ERROR))
        return true;
    if (checked && !checked->ok)
        failure_from_check(&exec->failure, prepared->ok ? KIND_TYPE_CHECK : KIND_SYNTAX, checked);
    else
        failure_from_notes(&exec->failure, buf_span(&prepared->notes));
    exec_end_failed(exec);
    return false;
}

bool exec_wants_check(const struct exec *exec)
{
    return exec->service->parts.config->typecheck != TYPECHECK_OFF && !exec->checked &&
           exec->prepared->check_text.len > 0 && exec->check_problem.len == 0;
}

static void write_diagnostics(const struct check_report *report, struct buf *out)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < report->count; i++) {
        const struct diagnostic *found = &report->diagnostics[i];

        json_write_comma(out);
        buf_add_char(out, '{');
        json_write_member_int(out, "code", found->code);
        json_write_member_int(out, "line", found->line);
        json_write_member_int(out, "column", found->column);
        json_write_member_string(out, "message", span_of(found->message));
        if (found->hint)
            json_write_member_string(out, "hint", span_of(found->hint));
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

static void keep_report(struct exec *exec, const struct check_report *report)
{
    CLEANUP(buf) struct buf text = BUF(LIMIT_CHECK_REPORT_BYTES);
    CLEANUP(buf) struct buf diagnostics = BUF(LIMIT_CHECK_REPORT_BYTES);
    struct err err = ERR_INIT;

    if (report->count &&
        checker_render(report, buf_span(&exec->code), exec->catalogue, &text, &err) < 0)
        log_warn("exec", "report_cut", LOG_STR("run", exec->run_id), LOG_ERR(&err));
    write_diagnostics(report, &diagnostics);
    if (buf_failed(&diagnostics)) {
        buf_clear(&diagnostics);
        buf_add_str(&diagnostics, "[]");
    }
    exec->checked = checked_new(exec->catalogue->change, report->count == 0, buf_take(&text),
                                buf_take(&diagnostics));
    cache_put_checked(exec->service->cache, buf_span(&exec->code), exec->checked);
}

/* The check itself failed: the compiler died (tried once more), took too long, or can't be had. */
static void check_failed(struct exec *exec, const struct err *err)
{
    bool died = err->code == ERR_CLOSED || err->code == ERR_IO;

    if (died && !exec->check_retried) {
        exec->check_retried = true;
        exec_drive(exec);
        return;
    }
    log_warn("exec", "check_failed", LOG_STR("run", exec->run_id), LOG_ERR(err));
    if (exec->service->parts.config->typecheck == TYPECHECK_ERROR) {
        exec_fail(exec, KIND_CHECK_UNAVAILABLE, "%s", err->text);
        return;
    }
    buf_add_str(&exec->check_problem, err->text);
    exec_drive(exec);
}

static void on_checked(void *ctx, const struct check_report *report, const struct err *err)
{
    struct exec *exec = ctx;

    exec->job = NULL;
    if (exec->step != STEP_CHECK) {
        exec_wake(exec);
        return;
    }
    if (!report) {
        check_failed(exec, err);
        return;
    }
    keep_report(exec, report);
    exec_drive(exec);
}

void exec_start_check(struct exec *exec)
{
    exec->job = checker_check(exec->service->parts.checker, exec->catalogue,
                              buf_span(&exec->prepared->check_text),
                              buf_span(&exec->prepared->notes), on_checked, exec);
}

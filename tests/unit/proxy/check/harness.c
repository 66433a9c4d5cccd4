#include "tests/unit/proxy/check/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/json.h"
#include "isolate/prepare.h"

struct fixture *fixture_new(struct catalogue *catalogue)
{
    struct fixture *fixture = NEW(struct fixture);
    struct checker_options options = { .tsc = TSC_DIR "/tsc", .library_dir = TSC_DIR };
    struct err err = ERR_INIT;

    fixture->loop = loop_new(&err);
    assert_non_null(fixture->loop);
    fixture->checker = checker_new(fixture->loop, &options);
    fixture->catalogue = catalogue;
    return fixture;
}

void fixture_free(struct fixture *fixture)
{
    checker_free(fixture->checker);
    loop_drain(fixture->loop, 1000);
    loop_free(fixture->loop);
    catalogue_unref(fixture->catalogue);
    free(fixture);
}

static void on_done(void *ctx, const struct check_report *report, const struct err *err)
{
    struct outcome *outcome = ctx;
    struct err render = ERR_INIT;

    outcome->calls++;
    if (err)
        outcome->code_of_failure = err->code;
    else
        assert_int_equal(
            checker_render(report, outcome->code, outcome->catalogue, &outcome->text, &render), 0);
    if (--*outcome->left == 0)
        loop_stop(outcome->fixture->loop);
}

struct checker_job *
start(struct fixture *fixture, struct catalogue *catalogue, struct outcome *outcome, unsigned *left)
{
    struct prepare_result prepared;
    struct checker_job *job;
    struct err err = ERR_INIT;

    prepare_result_init(&prepared);
    assert_int_equal(prepare_code(outcome->code, &prepared, &err), 0);
    if (prepared.check_text.len == 0)
        fail_msg("refused: %s", buf_str(&prepared.notes));
    outcome->fixture = fixture;
    outcome->catalogue = catalogue;
    outcome->left = left;
    buf_init(&outcome->text, 65536);
    ++*left;
    job = checker_check(fixture->checker, catalogue, buf_span(&prepared.check_text),
                        buf_span(&prepared.notes), on_done, outcome);
    prepare_result_done(&prepared);
    return job;
}

struct outcome check_with(struct fixture *fixture, struct catalogue *catalogue, const char *code)
{
    struct outcome outcome = { .code = span_of(code) };
    unsigned left = 0;

    start(fixture, catalogue, &outcome, &left);
    loop_run(fixture->loop);
    assert_int_equal(outcome.calls, 1);
    return outcome;
}

struct outcome refusal(const char *code)
{
    struct outcome outcome = { .code = span_of(code) };
    struct prepare_result prepared;
    struct err err = ERR_INIT;
    struct span line, column, message;
    int64_t numbers[2] = { 0 };

    prepare_result_init(&prepared);
    assert_int_equal(prepare_code(outcome.code, &prepared, &err), 0);
    buf_init(&outcome.text, 65536);
    if (prepared.check_text.len == 0) {
        struct span notes = buf_span(&prepared.notes);

        assert_true(json_get(notes, "line", &line) && json_int64(line, &numbers[0]));
        assert_true(json_get(notes, "column", &column) && json_int64(column, &numbers[1]));
        assert_true(json_get(notes, "message", &message));
        buf_printf(&outcome.text, "line %d, column %d: ", (int)numbers[0], (int)numbers[1]);
        json_decode_string(message, &outcome.text);
        buf_add_char(&outcome.text, '\n');
        code_frame(outcome.code, (unsigned)numbers[0], (unsigned)numbers[1],
                   (unsigned)numbers[1] + 1, &outcome.text);
    }
    prepare_result_done(&prepared);
    return outcome;
}

/*
 * Failures from every source, as text and as JSON; hostile frames do no harm.
 */
#include "proxy/exec/failure.h"

#include <stdlib.h>

#include "base/json.h"
#include "proxy/exec/render_error.h"
#include "tests/unit/proxy/exec/fakes.h"
#include "tests/unit/test.h"

static struct failure failure;
static struct output output;
static struct ledger ledger;

static int set_up(void **state)
{
    failure_init(&failure);
    output_init(&output);
    ledger_init(&ledger);
    return fakes_set_up(state);
}

static int tear_down(void **state)
{
    failure_done(&failure);
    output_done(&output);
    ledger_done(&ledger);
    return fakes_tear_down(state);
}

static void assert_json(const char *json)
{
    CLEANUP(buf) struct buf out = BUF(1 << 20);

    failure_write_json(&failure, &out);
    assert_string_equal(buf_str(&out), json);
    assert_int_equal(json_check(buf_span(&out), 0, NULL), 0);
}

static void assert_text(const char *text)
{
    CLEANUP(buf) struct buf out = BUF(1 << 20);
    struct error_view view = { .failure = &failure,
                               .code = SPAN("let x"),
                               .catalogue = fakes.catalogue,
                               .ledger = &ledger,
                               .output = &output,
                               .budget = 1000 };

    render_error(&view, &out);
    assert_string_equal(buf_str(&out), text);
}

static void the_first_cause_counts(void **state)
{
    (void)state;
    failure_set(&failure, KIND_TIME_LIMIT, "after %d ms", 5);
    failure_set(&failure, KIND_CANCELLED, "too late");
    failure_from_done(&failure, SPAN("{\"kind\":\"ScriptError\"}"), SPAN_NONE);
    failure_from_notes(&failure, SPAN("{\"message\":\"no\"}"));
    assert_json("{\"kind\":\"TimeLimit\",\"message\":\"after 5 ms\"}");
    assert_text("TimeLimit: after 5 ms\n"
                "No server had been asked for anything: running the code again repeats nothing.");
}

static void maps_columns_of_the_text_that_ran(void **state)
{
    (void)state;
    failure_from_done(&failure,
                      SPAN("{\"kind\":\"ScriptError\",\"name\":\"Error\",\"message\":\"m\","
                           "\"line\":2,\"column\":20,\"frames\":[{\"function\":\"\",\"line\":2,"
                           "\"column\":20},{\"function\":\"f\",\"line\":2,\"column\":3}]}"),
                      SPAN("{\"shifts\":[[2,5,8]]}"));
    assert_int_equal(failure.line, 2);
    assert_int_equal(failure.column, 12);
    assert_text("ScriptError: m\nat line 2, column 12:\n> 2 | let x (column 12)\n"
                "  from f, line 2, column 3\n"
                "No server had been asked for anything: running the code again repeats nothing.");
}

static void keeps_the_parts_of_a_tools_error(void **state)
{
    (void)state;
    buf_add_str(&output.lines, "before\n");
    failure_from_done(
        &failure,
        SPAN("{\"kind\":\"ToolTimeout\",\"name\":\"ToolTimeout\",\"message\":\"slow\","
             "\"server\":\"files\",\"tool\":\"plain\",\"content\":[1],\"code\":-1,"
             "\"data\":{\"d\":0.10},\"unawaited\":0}"),
        SPAN_NONE);
    assert_json("{\"kind\":\"ToolTimeout\",\"name\":\"ToolTimeout\",\"message\":\"slow\","
                "\"server\":\"files\",\"tool\":\"plain\",\"code\":-1,\"data\":{\"d\":0.10},"
                "\"content\":[1]}");
    ledger_name(&ledger, ledger_add(&ledger, "tool", SPAN("files"), SPAN("plain"), 0), "files",
                "plain", EFFECT_READS);
    ledger_end(&ledger, 0, OUTCOME_UNKNOWN, 0);
    assert_text("ToolTimeout: slow\nThe server's error code: -1; data: {\"d\":0.10}\n"
                "The tool: files.plain(input?: { [key: string]: any }): Promise<any>\n"
                "The tool may or may not have done its work.\n"
                "Console before it:\nbefore\n"
                "Calls before the failure:\n- files.plain: outcome unknown; only reads\n"
                "Running the code again repeats only calls that read or may be repeated, as far "
                "as the servers tell.");
}

static void unknown_kinds_are_errors_of_the_script(void **state)
{
    (void)state;
    failure_from_done(&failure, SPAN("{\"kind\":\"EvilKind\",\"name\":\"E\",\"message\":\"m\"}"),
                      SPAN_NONE);
    assert_json("{\"kind\":\"ScriptError\",\"name\":\"E\",\"message\":\"m\"}");
}

static void bears_hostile_frames(void **state)
{
    static const char *const frames[] = {
        "null",
        "[]",
        "{}",
        "{\"kind\":7,\"message\":[],\"line\":-1,\"column\":1e99,\"frames\":7,\"server\":{}}",
        "{\"kind\":\"ToolError\",\"line\":99999999,\"frames\":[1,null,{},{\"line\":\"x\"}]}",
        "{\"kind\":\"ToolError\",\"server\":\"nobody\",\"tool\":\"nothing\",\"message\":\"\"}",
        "{\"message\":\"\\u0000\\ud800\",\"name\":\"\\n\"}",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(frames); i++) {
        CLEANUP(buf) struct buf json = BUF(1 << 20), text = BUF(1 << 20);
        struct error_view view = { .failure = &failure,
                                   .catalogue = fakes.catalogue,
                                   .ledger = &ledger,
                                   .output = &output,
                                   .budget = 1000 };

        failure_done(&failure);
        failure_init(&failure);
        failure_from_done(&failure, span_of(frames[i]), SPAN("[]"));
        failure_write_json(&failure, &json);
        assert_int_equal(json_check(buf_span(&json), 0, NULL), 0);
        render_error(&view, &text);
        assert_true(text.len > 0);
    }
}

static void cuts_what_is_very_long(void **state)
{
    CLEANUP(str)
    char *done = xasprintf("{\"kind\":\"ScriptError\",\"message\":\"%0*d\",\"name\":\"%0*d\","
                           "\"data\":\"%0*d\"}",
                           1000000, 0, 100000, 0, 100000, 0);
    CLEANUP(buf) struct buf json = BUF(1 << 20);

    (void)state;
    failure_from_done(&failure, span_of(done), SPAN_NONE);
    failure_write_json(&failure, &json);
    assert_int_equal(json_check(buf_span(&json), 0, NULL), 0);
    assert_true(json.len < 100000);
    assert_null(strstr(buf_str(&json), "\"data\""));
}

static void every_kind_has_a_row(void **state)
{
    (void)state;
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        const char *name = kind_row((enum exec_kind)kind)->name;

        assert_non_null(name);
        assert_int_equal(kind_parse(span_of(name)), kind);
    }
    assert_int_equal(kind_parse(SPAN("TypeError")), KIND_SCRIPT);
    assert_int_equal(kind_parse(SPAN("")), KIND_SCRIPT);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_cause_counts),
        TEST(maps_columns_of_the_text_that_ran),
        TEST(keeps_the_parts_of_a_tools_error),
        TEST(unknown_kinds_are_errors_of_the_script),
        TEST(bears_hostile_frames),
        TEST(cuts_what_is_very_long),
        TEST(every_kind_has_a_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

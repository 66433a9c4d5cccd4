/*
 * Executions against stand-ins: the good way, and each step's failure, told
 * as documented.
 */
#include "proxy/exec/exec.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/unit/proxy/exec/seen.h"
#include "tests/unit/test.h"

/* --- the good way --------------------------------------------------------- */

static void returns_a_value(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };
    struct exec_request request = { .code = SPAN("return 42"), .input = SPAN("{\"a\":1}") };

    (void)state;
    start_request(&seen, &request);
    assert_int_equal(seen.dones, 0);
    assert_int_equal(exec_service_running(service), 1);
    fakes_run(RUN_MS);
    assert_true(seen.ok);
    assert_null(seen.kind);
    assert_string_equal(seen.text, "42");
    assert_string_equal(seen.value, "42");
    assert_string_equal(buf_str(&fakes.run_text), "run text");
    assert_string_equal(buf_str(&fakes.input), "{\"a\":1}");
    assert_non_null(strstr(buf_str(&fakes.environment),
                           "{\"key\":\"odd-name\",\"identifier\":\"odd_name\",\"tools\":"
                           "\",dotted_tool=dotted.tool,\"}"));
    assert_non_null(strstr(seen.meta, "\"run\":\""));
    assert_non_null(strstr(seen.meta, "\"total_us\":"));
}

static void caches_what_was_prepared_and_checked(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    run(&seen, "return 42");
    run(&seen, "return 42");
    assert_true(seen.ok);
    assert_int_equal(fakes.prepares, 1);
    assert_int_equal(fakes.checks, 1);
    assert_int_equal(fakes.runs, 2);
    assert_int_equal(fakes.equips, 1);
    run(&seen, "return 43");
    assert_int_equal(fakes.prepares, 2);
    assert_int_equal(fakes.checks, 2);
}

static void checks_again_under_another_catalogue(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    run(&seen, "return 42");
    fakes.catalogue->change++;
    run(&seen, "return 42");
    assert_int_equal(fakes.prepares, 1);
    assert_int_equal(fakes.checks, 2);
    assert_int_equal(fakes.equips, 2);
    fakes.config.limits.calls++;
    run(&seen, "return 42");
    assert_int_equal(fakes.equips, 3);
}

static void waits_for_upstreams_once(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    run(&seen, "1");
    run(&seen, "2");
    assert_int_equal(fakes.settles, 1);
}

static void put_out_much(struct isolate *isolate)
{
    (void)isolate;
    fake_log("{\"level\":\"log\",\"text\":\"one\"}");
    fake_log("{\"level\":\"warn\",\"text\":\"two\"}");
    fake_emit("{\"type\":\"text\",\"text\":\"block\"}");
    fake_emit("{\"type\":\"image\",\"data\":\"%%%\",\"mimeType\":\"image/png\"}");
    fake_progress("{\"progress\":1,\"total\":3,\"message\":\"first\"}");
    fake_progress("{\"progress\":1}");
    fake_progress("{\"progress\":2}");
}

static void passes_on_what_the_script_puts_out(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    fakes.on_run = put_out_much;
    start(&seen, "x");
    fakes_run(RUN_MS);
    assert_true(seen.ok);
    assert_string_equal(seen.log, "log:one;warn:two;");
    assert_string_equal(seen.progress, "1/3 first;2/-1 ;");
    assert_string_equal(seen.blocks, "{\"type\":\"text\",\"text\":\"block\"}");
    assert_string_equal(seen.logs, "[{\"level\":\"log\",\"text\":\"one\"},"
                                   "{\"level\":\"warn\",\"text\":\"two\"}]");
    assert_non_null(strstr(seen.text, "42\nConsole:\none\n[warn] two\n"));
    assert_non_null(strstr(seen.text, "must be base64"));
}

static void a_worker_that_is_lost_while_it_prepares_is_replaced(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    fakes.hold_prepare = true;
    start(&seen, "return 42");
    fakes_run(50);
    assert_int_equal(fakes.prepares, 1);
    fakes.hold_prepare = false;
    fake_lose();
    assert_int_equal(fakes.prepares, 1);
    fakes_run(RUN_MS);
    assert_true(seen.ok);
    assert_int_equal(fakes.prepares, 2);
    assert_int_equal(fakes.leases, 1);
}

static void a_worker_that_is_lost_before_it_runs_is_replaced(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    fakes.hold_run = true;
    start(&seen, "return 42");
    fakes_run(50);
    assert_int_equal(fakes.runs, 1);
    fakes.hold_run = false;
    fake_lose();
    assert_int_equal(fakes.runs, 1);
    fakes_run(RUN_MS);
    assert_true(seen.ok);
    assert_string_equal(seen.text, "42");
    assert_int_equal(fakes.prepares, 1);
    assert_int_equal(fakes.checks, 1);
    assert_int_equal(fakes.runs, 2);
}

static void no_worker_after_one_that_was_lost_is_told_as_that(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    fakes.hold_run = true;
    start(&seen, "return 42");
    fakes_run(50);
    fakes.hold_lease = true;
    fake_lose();
    fake_end(ISOLATE_END_FAILED, NULL);
    fakes_run(RUN_MS);
    assert_string_equal(seen.kind, "WorkerUnavailable");
}

static void cuts_off_calls_that_nobody_awaits(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    fakes.on_run = call_tool;
    fakes.hold_calls = true;
    fakes.done = "{\"kind\":\"undefined\",\"value\":null,\"unawaited\":1}";
    run(&seen, "files.write_file({})");
    assert_true(seen.ok);
    assert_int_equal(seen.calls, 1);
    assert_int_equal(fakes.call_cancels, 1);
    assert_non_null(strstr(seen.text, "1 call was not awaited"));
    assert_non_null(strstr(seen.meta, "\"outcome\":\"in flight\",\"effect\":\"changes\""));
}

/* --- failures of each step ------------------------------------------------ */

static void tells_that_no_worker_can_be_had(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    fakes.lease_fails = true;
    run(&seen, "x");
    assert_failed(&seen, "WorkerUnavailable", "the zygote does not run");
    assert_non_null(strstr(seen.text, "Nothing has run."));
}

static void tells_what_preparing_found(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    fakes.prepare_fails = true;
    fakes.check_text = "";
    fakes.notes = "{\"line\":3,\"column\":7,\"message\":\"no such syntax\"}";
    run(&seen, "x");
    assert_failed(&seen, "SyntaxError", "SyntaxError: no such syntax\nat line 3, column 7:\n");
    assert_non_null(strstr(seen.error, "\"line\":3,\"column\":7"));
    assert_int_equal(fakes.checks, 0);
    run(&seen, "x");
    assert_failed(&seen, "SyntaxError", "no such syntax");
    assert_int_equal(fakes.leases, 1);
}

static void lets_the_checker_explain_a_syntax_error(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    fakes.prepare_fails = true;
    fakes.notes = "{\"line\":3,\"column\":7,\"message\":\"unexpected text\",\"syntax\":true}";
    fakes.finding = "';' expected.";
    run(&seen, "x");
    assert_failed(&seen, "SyntaxError", "';' expected.");
    fakes.finding = NULL;
    run(&seen, "y");
    assert_failed(&seen, "SyntaxError", "unexpected text");
    fakes.config.typecheck = TYPECHECK_OFF;
    run(&seen, "z");
    assert_failed(&seen, "SyntaxError", "unexpected text");
    assert_int_equal(fakes.checks, 2);
    assert_int_equal(fakes.runs, 0);
}

static void refuses_what_the_checker_refuses(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    fakes.finding = "wrong type";
    run(&seen, "x");
    assert_failed(&seen, "TypeCheckError", "line 1, column 5: wrong type\nNothing has run.");
    assert_non_null(strstr(seen.error, "\"diagnostics\":[{\"code\":2345,\"line\":1"));
    assert_int_equal(fakes.runs, 0);
    assert_int_equal(fakes.kills, 1);
    run(&seen, "x");
    assert_failed(&seen, "TypeCheckError", "wrong type");
    assert_int_equal(fakes.checks, 1);
    assert_int_equal(fakes.leases, 1);
}

static void only_warns_when_told_to(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    fakes.finding = "wrong type";
    fakes.config.typecheck = TYPECHECK_WARN;
    run(&seen, "x");
    assert_true(seen.ok);
    assert_string_equal(seen.text, "42\nType check warnings:\nline 1, column 5: wrong type");
    fakes.config.typecheck = TYPECHECK_OFF;
    run(&seen, "x");
    assert_string_equal(seen.text, "42");
    run(&seen, "y");
    assert_int_equal(fakes.checks, 1);
}

static void tries_once_more_when_the_compiler_dies(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    fakes.check_error = ERR_CLOSED;
    fakes.check_errors_left = 1;
    run(&seen, "x");
    assert_true(seen.ok);
    assert_int_equal(fakes.checks, 2);
    fakes.check_errors_left = 2;
    run(&seen, "y");
    assert_failed(&seen, "CheckUnavailable", "the compiler is gone");
    assert_int_equal(fakes.checks, 4);
}

static void does_not_repeat_a_check_that_takes_too_long(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    fakes.check_error = ERR_TIMEOUT;
    fakes.check_errors_left = 2;
    run(&seen, "x");
    assert_failed(&seen, "CheckUnavailable", "the compiler is gone");
    assert_int_equal(fakes.checks, 1);
    fakes.config.typecheck = TYPECHECK_WARN;
    run(&seen, "x");
    assert_true(seen.ok);
    assert_non_null(strstr(seen.text, "the type check could not be made"));
}

static const struct {
    enum isolate_end end;
    const char *kind, *part;
} ends[] = {
    { ISOLATE_END_MEMORY, "MemoryLimit", "128 MiB of memory (limits.memory" },
    { ISOLATE_END_CPU, "CpuLimit", "10000 ms of processor time (limits.cpu" },
    { ISOLATE_END_CRASH, "WorkerCrash", "it died" },
    { ISOLATE_END_PROTOCOL, "WorkerCrash", "it died" },
};

static void tells_how_a_worker_ended(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    fakes.on_run = call_tool;
    for (size_t i = 0; i < ARRAY_COUNT(ends); i++) {
        fakes.hold_calls = i % 2 == 0;
        fakes.end = ends[i].end;
        run(&seen, "x");
        assert_failed(&seen, ends[i].kind, ends[i].part);
        assert_non_null(strstr(seen.text, "- files.write_file: in flight; changes something"));
        assert_non_null(strstr(seen.text, "would repeat calls that change something"));
    }
}

static void shows_where_a_script_threw(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    fakes.end = ISOLATE_END_ERROR;
    fakes.done =
        "{\"kind\":\"ScriptError\",\"name\":\"TypeError\",\"message\":\"x is no function\","
        "\"line\":1,\"column\":3,\"frames\":[{\"function\":\"f\",\"line\":1,\"column\":3},"
        "{\"function\":\"g\",\"line\":2,\"column\":4}],\"unawaited\":0}";
    run(&seen, "the code");
    assert_failed(&seen, "ScriptError",
                  "ScriptError: TypeError: x is no function\nat line 1, column 3:\n"
                  "> 1 | the code (column 3)\n  from g, line 2, column 4\n"
                  "No server had been asked for anything");
    assert_non_null(strstr(seen.error, "\"kind\":\"ScriptError\",\"name\":\"TypeError\""));
}

static void names_the_tool_of_an_error(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    fakes.end = ISOLATE_END_ERROR;
    fakes.done = "{\"kind\":\"ToolError\",\"name\":\"ToolError\",\"message\":\"no such file\","
                 "\"server\":\"files\",\"tool\":\"read_file\",\"code\":-32000,\"data\":[1]}";
    run(&seen, "x");
    assert_failed(&seen, "ToolError",
                  "ToolError: no such file\nThe server's error code: -32000; data: [1]\n"
                  "The tool: files.read_file(");
    assert_non_null(strstr(seen.error,
                           "\"server\":\"files\",\"tool\":\"read_file\",\"code\":-32000,"
                           "\"data\":[1]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(returns_a_value),
        TEST(caches_what_was_prepared_and_checked),
        TEST(checks_again_under_another_catalogue),
        TEST(waits_for_upstreams_once),
        TEST(passes_on_what_the_script_puts_out),
        TEST(a_worker_that_is_lost_while_it_prepares_is_replaced),
        TEST(a_worker_that_is_lost_before_it_runs_is_replaced),
        TEST(no_worker_after_one_that_was_lost_is_told_as_that),
        TEST(cuts_off_calls_that_nobody_awaits),
        TEST(tells_that_no_worker_can_be_had),
        TEST(tells_what_preparing_found),
        TEST(lets_the_checker_explain_a_syntax_error),
        TEST(refuses_what_the_checker_refuses),
        TEST(only_warns_when_told_to),
        TEST(tries_once_more_when_the_compiler_dies),
        TEST(does_not_repeat_a_check_that_takes_too_long),
        TEST(tells_how_a_worker_ended),
        TEST(shows_where_a_script_threw),
        TEST(names_the_tool_of_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

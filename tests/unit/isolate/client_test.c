/*
 * The proxy's end against real processes: mcpfold-isolate with the null
 * engine, whose scripts make a worker behave well or badly (engine_null.c).
 */
#include "tests/unit/isolate/pool_runner.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"

static void a_script_runs(void **state)
{
    struct run run = execute("log {\"level\":\"info\",\"text\":\"hello\"}\n"
                             "emit {\"type\":\"text\",\"text\":\"x\"}\n"
                             "progress {\"progress\":1}\n"
                             "value [1,2]");

    (void)state;
    assert_int_equal(run.end, ISOLATE_END_OK);
    assert_string_equal(run.json, "{\"kind\":\"json\",\"value\":[1,2],\"unawaited\":0}");
    assert_int_equal(run.logs, 1);
    assert_int_equal(run.emits, 1);
    assert_int_equal(run.progresses, 1);
    run = execute("error {\"kind\":\"ScriptError\"}");
    assert_int_equal(run.end, ISOLATE_END_ERROR);
    assert_string_equal(run.json, "{\"kind\":\"ScriptError\"}");
}

static void calls_are_answered(void **state)
{
    struct run run =
        execute("call {\"n\":1}\nsend {\"n\":2}\nsend {\"n\":3}\nwait\nsleep 20\nreply");

    (void)state;
    assert_int_equal(run.end, ISOLATE_END_OK);
    assert_int_equal(run.calls, 3);
    assert_non_null(strstr(run.json, "{\"n\":3}"));
}

static void a_large_reply_arrives_whole(void **state)
{
    CLEANUP(buf) struct buf script = BUF(8 * 1024 * 1024);
    struct run run;

    (void)state;
    /* Larger than any socket's buffer, in both directions. */
    buf_add_str(&script, "call \"");
    for (int i = 0; i < 3 * 1024 * 1024; i++)
        buf_add_char(&script, 'x');
    buf_add_str(&script, "\"\nemit \"");
    for (int i = 0; i < 2 * 1024 * 1024; i++)
        buf_add_char(&script, 'y');
    buf_add_str(&script, "\"\nvalue 1");
    run = execute(buf_str(&script));
    assert_int_equal(run.end, ISOLATE_END_OK);
    assert_int_equal(run.calls, 1);
    assert_int_equal(run.emits, 1);
}

static void many_run_at_once(void **state)
{
    struct run runs[40];

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(runs); i++) {
        runs[i] = run_of("call {}\nsleep 10\nreply");
        run_start(&runs[i]);
    }
    for (size_t i = 0; i < ARRAY_COUNT(runs); i++) {
        run_finish(&runs[i]);
        assert_int_equal(runs[i].end, ISOLATE_END_OK);
    }
}

static void code_is_prepared_and_run_by_one_worker(void **state)
{
    struct run run = run_of("value 7");

    (void)state;
    run.code = "const n: number = 1\nreturn n";
    run_start(&run);
    run_finish(&run);
    assert_int_equal(run.prepared, 1);
    assert_int_equal(run.end, ISOLATE_END_OK);
}

static void killing_ends_once(void **state)
{
    struct run run = run_of("call {}\nreply");

    (void)state;
    run.kill_at_call = true;
    run_start(&run);
    run_finish(&run);
    assert_int_equal(run.end, ISOLATE_END_FAILED);
    assert_int_equal(run.err.code, ERR_CANCELLED);
    pass_ms(20);
    assert_int_equal(run.ends, 1);

    /* Before it is leased, and twice. */
    run = run_of("value 1");
    run_start(&run);
    isolate_kill(run.isolate);
    isolate_kill(run.isolate);
    assert_int_equal(run.ends, 0);
    run_finish(&run);
    assert_int_equal(run.err.code, ERR_CANCELLED);
    assert_still_works();
}

static void crashes_are_told(void **state)
{
    static const struct {
        const char *script;
        enum isolate_end end;
        const char *text;
    } cases[] = {
        { "crash", ISOLATE_END_CRASH, "signal" },
        { "call {}\ncrash", ISOLATE_END_CRASH, "signal" },
        { "exit 3", ISOLATE_END_CRASH, "status 3" },
        { "exit 0", ISOLATE_END_CRASH, "status 0" },
        { "exit 97", ISOLATE_END_MEMORY, "memory" },
        { "exit 98", ISOLATE_END_CPU, "processor" },
        { "fatal", ISOLATE_END_CRASH, "as it was told" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct run run = execute(cases[i].script);

        assert_int_equal(run.end, cases[i].end);
        assert_non_null(strstr(run.err.text, cases[i].text));
    }
    assert_still_works();
}

static void assert_environment(struct run *run, const char *part)
{
    run_start(run);
    run_finish(run);
    assert_int_equal(run->end, ISOLATE_END_OK);
    assert_non_null(strstr(run->json, part));
}

static void equip_with_99(void)
{
    assert_int_equal(isolate_pool_equip(runner_pool, SPAN(ENVIRONMENT(99)), NULL), 0);
}

static void scripts_find_what_was_said_last(void **state)
{
    struct run run = run_of("environment");

    (void)state;
    /* Said when the worker is leased, and said to those that waited by then. */
    assert_environment(&run, "\"cpu_ms\":5000,");
    wait_until_ready();
    run = run_of("environment");
    assert_environment(&run, "\"cpu_ms\":5000,");
    /* Another one, said to workers that have one already. */
    wait_until_ready();
    run = run_of("environment");
    run.environment = ENVIRONMENT(98);
    assert_environment(&run, "\"cpu_ms\":98,");
    /* Said between a lease and its script. */
    run = run_of("environment");
    run.environment = ENVIRONMENT(98);
    run.at_lease = equip_with_99;
    assert_environment(&run, "\"cpu_ms\":99,");
}

static void processor_time_is_limited(void **state)
{
    struct run run = run_of("spin\nvalue 1");
    uint64_t started = clock_now_ns();

    (void)state;
    run.environment = ENVIRONMENT(100);
    run_start(&run);
    run_finish(&run);
    assert_int_equal(run.end, ISOLATE_END_CPU);
    assert_true(clock_now_ns() - started >= UINT64_C(100) * 1000000);
    /* Just under the limit nothing happens. */
    run = run_of("sleep 150\nvalue 1");
    run.environment = ENVIRONMENT(100);
    run_start(&run);
    run_finish(&run);
    assert_int_equal(run.end, ISOLATE_END_OK);
    /* Code that can't be interrupted is ended by its signal handler. */
    run = run_of("hang");
    run.environment = ENVIRONMENT(100);
    run_start(&run);
    run_finish(&run);
    assert_int_equal(run.end, ISOLATE_END_CPU);
    assert_still_works();
}

static void memory_is_limited(void **state)
{
    struct run run;

    (void)state;
    run = execute("eat 1000000\nvalue 1");
    assert_int_equal(run.end, ISOLATE_END_OK);
    if (ISOLATE_RELAXED)
        return;
    run = execute("eat 2000000000\nvalue 1");
    assert_int_equal(run.end, ISOLATE_END_MEMORY);
    assert_string_equal(run.json, "{\"kind\":\"memory\",\"message\":\"out of  memory \"}");
    assert_still_works();
}

static void freeing_ends_open_leases(void **state)
{
    struct run runs[5];
    pid_t child = 0;

    (void)state;
    wait_until_ready();
    for (size_t i = 0; i < ARRAY_COUNT(runs); i++) {
        runs[i] = run_of("sleep 20000");
        run_start(&runs[i]);
    }
    pass_ms(20);
    runner_tear_down(NULL);
    for (size_t i = 0; i < ARRAY_COUNT(runs); i++) {
        assert_int_equal(runs[i].ends, 1);
        assert_int_equal(runs[i].err.code, ERR_CANCELLED);
    }
    assert_int_equal(runner_children(getpid(), &child), 0);
    runner_set_up(NULL);
}

static void a_missing_program_is_told(void **state)
{
    struct isolate_options options = { .program = "/nowhere/mcpfold-isolate",
                                       .size = { 1, 1, 1, 1000 } };
    struct run run = run_of("value 1");
    const char *why = NULL;

    (void)state;
    isolate_pool_free(runner_pool);
    runner_pool = isolate_pool_new(runner_loop, &options);
    assert_false(isolate_pool_ready(runner_pool, &why));
    run_start(&run);
    run_finish(&run);
    assert_int_equal(run.end, ISOLATE_END_FAILED);
    assert_non_null(strstr(run.err.text, "/nowhere/mcpfold-isolate"));
    assert_false(isolate_pool_ready(runner_pool, &why));
    assert_non_null(strstr(why, "/nowhere/mcpfold-isolate"));
    /* The next one is told at once, without another attempt. */
    run = run_of("value 1");
    run_start(&run);
    run_finish(&run);
    assert_int_equal(run.err.code, ERR_UNAVAILABLE);
    assert_non_null(strstr(run.err.text, "/nowhere/mcpfold-isolate"));
}

static void measure(void **state)
{
    (void)state;
    measure_run("null engine", "value 1");
    measure_throughput("null engine", "value 1", 4, 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUNNER_TEST(a_script_runs),
        RUNNER_TEST(calls_are_answered),
        RUNNER_TEST(a_large_reply_arrives_whole),
        RUNNER_TEST(many_run_at_once),
        RUNNER_TEST(code_is_prepared_and_run_by_one_worker),
        RUNNER_TEST(killing_ends_once),
        RUNNER_TEST(crashes_are_told),
        RUNNER_TEST(scripts_find_what_was_said_last),
        RUNNER_TEST(processor_time_is_limited),
        RUNNER_TEST(memory_is_limited),
        RUNNER_TEST(freeing_ends_open_leases),
        RUNNER_TEST(a_missing_program_is_told),
        RUNNER_TEST(measure),
    };

    log_setup(LOG_OFF, LOG_FORMAT_TEXT);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

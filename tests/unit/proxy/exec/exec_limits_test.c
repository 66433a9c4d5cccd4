/*
 * Executions against stand-ins: cancellation and deadlines at each step, the
 * queue, each limit; exactly one outcome whatever happens.
 */
#include "proxy/exec/exec.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/unit/proxy/exec/seen.h"
#include "tests/unit/test.h"

/* --- cancellation and deadlines, at each step ----------------------------- */

static const struct {
    const char *name;
    bool settle, lease, prepare, check, run;
    const char *at;
} stops[] = {
    { "settle", .settle = true, .at = NULL },
    { "lease", .lease = true, .at = "getting a worker" },
    { "prepare", .prepare = true, .at = "getting a worker" },
    { "check", .check = true, .at = "the type check" },
    { "run", .run = true, .at = "running the script" },
};

static void hold_at(size_t i)
{
    fakes.hold_settle = stops[i].settle;
    fakes.hold_lease = stops[i].lease;
    fakes.hold_prepare = stops[i].prepare;
    fakes.hold_check = stops[i].check;
    fakes.hold_run = fakes.hold_calls = stops[i].run;
}

static void can_be_cancelled_at_each_step(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(stops); i++) {
        CLEANUP(seen) struct seen seen = { 0 };
        char code[] = { (char)('a' + i), '\0' };
        struct exec *exec;

        fakes.on_run = call_tool;
        hold_at(i);
        exec = start(&seen, code);
        fakes_run(5);
        assert_int_equal(seen.dones, 0);
        exec_cancel(exec, "the client took the call back");
        exec_cancel(exec, "the client took the call back");
        assert_int_equal(seen.dones, 0);
        fakes_run(RUN_MS);
        assert_failed(&seen, "Cancelled", "the client took the call back");
        assert_int_equal(exec_service_running(service), 0);
        hold_at(ARRAY_COUNT(stops) - 1);
        fakes.hold_run = fakes.hold_calls = false;
        fakes.on_run = NULL;
        seen_forget(&seen);
        run(&seen, "next");
        assert_true(seen.ok);
    }
}

static void can_be_cancelled_before_it_begins(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    exec_cancel(start(&seen, "x"), "the client took the call back");
    assert_int_equal(seen.dones, 0);
    fakes_run(RUN_MS);
    assert_failed(&seen, "Cancelled", "took the call back");
    assert_int_equal(fakes.leases, 0);
}

static void every_wait_has_a_deadline(void **state)
{
    (void)state;
    fakes.config.limits.wall_ms = 20;
    for (size_t i = 1; i < ARRAY_COUNT(stops); i++) {
        CLEANUP(seen) struct seen seen = { 0 };
        char code[] = { (char)('a' + i), '\0' };

        fakes.on_run = call_tool;
        hold_at(i);
        run(&seen, code);
        assert_failed(&seen, "TimeLimit", "longer than 20 ms (limits.wall");
        assert_non_null(strstr(seen.text, stops[i].at));
    }
}

/* --- limits --------------------------------------------------------------- */

static void limits_the_code(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };
    char *code = xcalloc(LIMIT_CODE_BYTES + 2, 1);

    (void)state;
    memset(code, 'x', LIMIT_CODE_BYTES);
    run(&seen, code);
    assert_true(seen.ok);
    code[LIMIT_CODE_BYTES] = 'x';
    run(&seen, code);
    assert_failed(&seen, "CodeLimit", "65537 bytes; the limit CODE_BYTES is 65536");
    free(code);
}

static void limits_the_input(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };
    struct exec_request request = { .code = SPAN("x"), .input = SPAN("\"12345678\"") };

    (void)state;
    fakes.config.limits.argument_bytes = 10;
    start_request(&seen, &request);
    fakes_run(RUN_MS);
    assert_true(seen.ok);
    seen_forget(&seen);
    fakes.config.limits.argument_bytes = 9;
    start_request(&seen, &request);
    fakes_run(RUN_MS);
    assert_failed(&seen, "ArgumentLimit", "10 bytes; the limit is 9 (limits.argument");
}

static void limits_the_value(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };
    char *done = xasprintf("{\"kind\":\"string\",\"value\":\"%*s\"}", LIMIT_RESULT_BYTES - 2, "");

    (void)state;
    fakes.done = done;
    run(&seen, "x");
    assert_true(seen.ok);
    free(done);
    fakes.done = done =
        xasprintf("{\"kind\":\"string\",\"value\":\"%*s\"}", LIMIT_RESULT_BYTES - 1, "");
    run(&seen, "x");
    assert_failed(&seen, "ResultLimit", "the limit RESULT_BYTES is 16777216");
    free(done);
}

static void queues_what_has_no_place(void **state)
{
    CLEANUP(seen) struct seen first = { 0 }, second = { 0 }, third = { 0 };

    (void)state;
    fakes.config.limits.executions = 1;
    fakes.config.limits.queue = 1;
    fakes.hold_run = true;
    start(&first, "a");
    start(&second, "b");
    start(&third, "c");
    fakes_run(10);
    assert_failed(&third, "Busy", "the limit is 1 waiting (limits.queue");
    assert_int_equal(first.dones + second.dones, 0);
    assert_int_equal(fakes.runs, 1);
    fake_end(ISOLATE_END_OK, fakes.done);
    fakes_run(10);
    assert_true(first.ok);
    assert_int_equal(fakes.runs, 2);
    fake_end(ISOLATE_END_OK, fakes.done);
    fakes_run(RUN_MS);
    assert_true(second.ok);
}

static void does_not_queue_for_ever(void **state)
{
    CLEANUP(seen) struct seen first = { 0 }, second = { 0 };

    (void)state;
    fakes.config.limits.executions = 1;
    fakes.config.limits.queue_ms = 20;
    fakes.hold_run = true;
    start(&first, "a");
    start(&second, "b");
    fakes_run(100);
    assert_failed(&second, "Busy", "within 20 ms (limits.queue_time");
    fake_end(ISOLATE_END_OK, fakes.done);
    fakes_run(RUN_MS);
    assert_true(first.ok);
}

static void a_cancelled_one_leaves_the_queue(void **state)
{
    CLEANUP(seen) struct seen first = { 0 }, second = { 0 }, third = { 0 };
    struct exec *waiting;

    (void)state;
    fakes.config.limits.executions = 1;
    fakes.hold_run = true;
    start(&first, "a");
    waiting = start(&second, "b");
    start(&third, "c");
    fakes_run(10);
    exec_cancel(waiting, "the client took the call back");
    fakes.hold_run = false;
    fake_end(ISOLATE_END_OK, fakes.done);
    fakes_run(RUN_MS);
    assert_true(first.ok && third.ok);
    assert_failed(&second, "Cancelled", "Nothing has run.");
}

static void on_stopped(void *ctx)
{
    ++*(unsigned *)ctx;
}

static void stopping_ends_all(void **state)
{
    CLEANUP(seen) struct seen first = { 0 }, second = { 0 }, late = { 0 };
    unsigned stopped = 0;

    (void)state;
    fakes.config.limits.executions = 1;
    fakes.hold_run = true;
    start(&first, "a");
    start(&second, "b");
    fakes_run(10);
    exec_service_stop(service, on_stopped, &stopped);
    start(&late, "c");
    assert_int_equal(stopped, 0);
    fakes_run(RUN_MS);
    assert_int_equal(stopped, 1);
    assert_failed(&first, "Cancelled", "being stopped");
    assert_failed(&second, "Cancelled", "being stopped");
    assert_failed(&late, "Cancelled", "being stopped");
}

static void stopping_with_nothing_to_do_ends_too(void **state)
{
    unsigned stopped = 0;

    (void)state;
    exec_service_stop(service, on_stopped, &stopped);
    assert_int_equal(stopped, 0);
    fakes_run(RUN_MS);
    assert_int_equal(stopped, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(can_be_cancelled_at_each_step),
        TEST(can_be_cancelled_before_it_begins),
        TEST(every_wait_has_a_deadline),
        TEST(limits_the_code),
        TEST(limits_the_input),
        TEST(limits_the_value),
        TEST(queues_what_has_no_place),
        TEST(does_not_queue_for_ever),
        TEST(a_cancelled_one_leaves_the_queue),
        TEST(stopping_ends_all),
        TEST(stopping_with_nothing_to_do_ends_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Processes that are killed or stopped from outside, and descriptors that run
 * out: the pool recovers by itself and leaves nothing over.
 */
#include "tests/unit/isolate/pool_runner.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"

static void signal_children_of(pid_t parent, int number)
{
    CLEANUP(buf) struct buf list = BUF(65536);
    CLEANUP(str) char *path = xasprintf("/proc/%d/task/%d/children", (int)parent, (int)parent);
    struct err err = ERR_INIT;
    char *next;

    assert_int_equal(file_read(path, &list, &err), 0);
    next = list.data;
    for (long pid; (pid = strtol(next, &next, 10)) > 0;)
        assert_int_equal(kill((pid_t)pid, number), 0);
}

/* The zygote: the child of the process that the pool started. */
static pid_t find_zygote(void)
{
    pid_t outer = 0, zygote = 0;

    assert_int_equal(runner_children(getpid(), &outer), 1);
    assert_int_equal(runner_children(outer, &zygote), 1);
    return zygote;
}

static void a_killed_zygote_is_replaced(void **state)
{
    struct run run = run_of("sleep 20000");
    struct isolate_pool_state figures;

    (void)state;
    wait_until_ready();
    run_start(&run);
    pass_ms(50);
    kill(find_zygote(), SIGKILL);
    run_finish(&run);
    assert_int_equal(run.end, ISOLATE_END_CRASH);
    /* The one that comes meanwhile waits for the next zygote. */
    assert_still_works();
    isolate_pool_state(runner_pool, &figures);
    assert_int_equal(figures.leased, 0);
}

static void a_stopped_zygote_is_replaced(void **state)
{
    struct run run = run_of("value 1");

    (void)state;
    wait_until_ready();
    kill(find_zygote(), SIGSTOP);
    for (int i = 0; i < RUNNER_SPARE; i++)
        assert_int_equal(execute("value 1").end, ISOLATE_END_OK);
    /* No worker is left, and none comes: the zygote is given up, and its successor serves. */
    run_start(&run);
    run_finish(&run);
    assert_int_equal(run.end, ISOLATE_END_OK);
    wait_until_ready();
    assert_still_works();
}

static void a_stopped_worker_can_be_killed(void **state)
{
    struct run run = run_of("call {}\nsleep 20000");

    (void)state;
    run_start(&run);
    while (!run.calls)
        pass_ms(5);
    /* Which of the children it is can't be told from outside: all are stopped. */
    signal_children_of(find_zygote(), SIGSTOP);
    isolate_kill(run.isolate);
    run_finish(&run);
    assert_int_equal(run.err.code, ERR_CANCELLED);
}

static void stop_workers(void)
{
    signal_children_of(find_zygote(), SIGSTOP);
}

static void kill_workers(void)
{
    signal_children_of(find_zygote(), SIGKILL);
}

/* A script that is left unread has not run, so that another worker may run it. */
static void a_worker_killed_before_it_read_is_replaced(void **state)
{
    static const char *const codes[] = { NULL, "return 1" };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(codes); i++) {
        struct run run = run_of("value 1");

        run.code = codes[i];
        wait_until_ready();
        stop_workers();
        run_start(&run);
        while (!run.leases)
            pass_ms(5);
        kill_workers();
        run_finish(&run);
        assert_int_equal(run.end, ISOLATE_END_OK);
        /* The next one that is leased may be dying as well. */
        assert_in_range(run.losses, 1, RUNNER_SPARE);
        assert_in_range(run.leases, 2, run.losses + 1);
    }
    assert_still_works();
}

static void a_kill_now_is_told(struct run *run)
{
    kill_workers();
    run_finish(run);
    assert_int_equal(run->end, ISOLATE_END_CRASH);
    assert_int_equal(run->losses, 0);
    assert_still_works();
}

static void a_worker_killed_after_it_read_is_told(void **state)
{
    struct run run = run_of("log {}\nsleep 20000");

    (void)state;
    run_start(&run);
    while (!run.logs)
        pass_ms(5);
    a_kill_now_is_told(&run);
}

/* The script has had a reply, of which the worker read no more: it has run. */
static void a_worker_killed_before_it_read_a_reply_is_told(void **state)
{
    struct run run = run_of("call {}\nreply");

    (void)state;
    run.at_call = stop_workers;
    run_start(&run);
    while (!run.calls)
        pass_ms(5);
    a_kill_now_is_told(&run);
}

static void workers_that_are_killed_again_and_again_are_told(void **state)
{
    struct run run = run_of("value 1");

    (void)state;
    run.at_lease = kill_workers;
    run_start(&run);
    run_finish(&run);
    assert_int_equal(run.end, ISOLATE_END_CRASH);
    assert_non_null(strstr(run.err.text, "the worker was killed"));
    assert_in_range(run.losses, 2, 20);
    assert_in_range(run.leases, 2, run.losses + 1);
    assert_still_works();
}

static void set_descriptor_limit(rlim_t count)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = count;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* A worker whose descriptors find no room is refused and ends; those there are go on. */
static void descriptors_may_run_out(void **state)
{
    struct rlimit before;
    struct run runs[RUNNER_SPARE + 2];

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    wait_until_ready();
    set_descriptor_limit(runner_descriptors() - 3);
    for (size_t i = 0; i < ARRAY_COUNT(runs); i++) {
        runs[i] = run_of("call {}\nreply");
        run_start(&runs[i]);
    }
    for (size_t i = 0; i < RUNNER_SPARE; i++) {
        run_finish(&runs[i]);
        assert_int_equal(runs[i].end, ISOLATE_END_OK);
    }
    pass_ms(300);
    set_descriptor_limit(before.rlim_cur);
    for (size_t i = RUNNER_SPARE; i < ARRAY_COUNT(runs); i++) {
        run_finish(&runs[i]);
        assert_int_equal(runs[i].end, ISOLATE_END_OK);
    }
    assert_still_works();
}

static void nothing_is_left_over(void **state)
{
    pid_t outer = 0, child = 0;
    size_t before;

    (void)state;
    wait_until_ready();
    before = runner_descriptors();
    for (int i = 0; i < 1000; i++)
        assert_int_equal(execute(i % 10 ? "value 1" : "crash").end,
                         i % 10 ? ISOLATE_END_OK : ISOLATE_END_CRASH);
    wait_until_ready();
    pass_ms(100);
    assert_int_equal(runner_descriptors(), before);
    assert_int_equal(runner_children(getpid(), &outer), 1);
    assert_int_equal(runner_children(find_zygote(), &child), RUNNER_SPARE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUNNER_TEST(a_killed_zygote_is_replaced),
        RUNNER_TEST(a_stopped_zygote_is_replaced),
        RUNNER_TEST(a_stopped_worker_can_be_killed),
        RUNNER_TEST(descriptors_may_run_out),
        RUNNER_TEST(a_worker_killed_before_it_read_is_replaced),
        RUNNER_TEST(a_worker_killed_after_it_read_is_told),
        RUNNER_TEST(a_worker_killed_before_it_read_a_reply_is_told),
        RUNNER_TEST(workers_that_are_killed_again_and_again_are_told),
        RUNNER_TEST(nothing_is_left_over),
    };

    log_setup(LOG_OFF, LOG_FORMAT_TEXT);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Servers over stdio with faults of every kind: each gives a typed error or is
 * got over, and nothing is left behind.
 */
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/mem.h"
#include "proxy/upstream/keeper.h"
#include "tests/unit/proxy/upstream/harness.h"
#include "tests/unit/test.h"

static void connect_to(struct harness *harness, const char *mode)
{
    harness_stdio(harness, "faulty.mjs", mode);
    harness_connect(harness);
}

static void assert_ready(const struct harness *harness, size_t tools)
{
    struct upstream_status status = harness_status(harness);

    if (status.state != SERVER_READY)
        fail_msg("not ready: %s", status.problem);
    assert_int_equal(status.era, ERA_LEGACY);
    assert_string_equal(status.protocol, "2025-11-25");
    assert_int_equal(status.tools, tools);
    assert_true(status.pid > 0);
}

#define PLAIN_TOOLS 12

static void connects_lists_and_calls(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, NULL);
    assert_ready(&harness, PLAIN_TOOLS);
    assert_string_equal(harness_server(&harness)->title, "faulty");
    harness_expect(&harness, "echo", "{\"text\":\"h\\u00e9\"}", "h\xc3\xa9");
    harness_end(&harness);
}

static void skips_junk(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "junk");
    assert_ready(&harness, PLAIN_TOOLS);
    harness_expect(&harness, "halves", "{}", "one line in two halves");
    harness_end(&harness);
}

static void waits_for_silent_servers(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "silent");
    assert_ready(&harness, PLAIN_TOOLS);
    harness_end(&harness);
}

static void starts_again_what_the_probe_killed(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "probe_kills");
    assert_ready(&harness, PLAIN_TOOLS);
    assert_true(harness_status(&harness).connect_ms < 5000);
    harness_end(&harness);
}

static void reads_all_pages(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "pages");
    assert_ready(&harness, 4);
    assert_true(harness_has_tool(&harness, "d"));
    harness_end(&harness);
}

static void leaves_a_circle_of_pages(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "cycle");
    assert_ready(&harness, 3);
    assert_string_equal(harness_status(&harness).problem,
                        "tools/list was cut short after 3 items on 3 pages: its cursors go in a "
                        "circle");
    harness_end(&harness);
}

static void keeps_the_pages_before_one_that_fails(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "torn");
    assert_ready(&harness, 2);
    assert_string_equal(harness_status(&harness).problem,
                        "tools/list was cut short after 2 items on 1 page: no such cursor");
    harness_end(&harness);
}

struct broken {
    const char *mode, *problem;
};

static void says_what_is_wrong(void **state)
{
    static const struct broken modes[] = {
        { "exits", "exited with status 7; its last words: *** is wrong" },
        { "old", "it speaks protocol version \"1999-01-01\", which is not supported" },
        { "refuses", "initialize failed: licence expired" },
        { "no_tools", "tools/list failed: database is locked" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(modes); i++) {
        struct harness harness;
        struct config_pair env = { .name = xstrdup("KEY"), .value = xstrdup("SECRET_VALUE") };
        struct outcome outcome;

        harness_stdio(&harness, "faulty.mjs", modes[i].mode);
        harness.server.env = &env;
        harness.server.env_count = 1;
        harness_connect(&harness);
        assert_int_equal(harness_status(&harness).state, SERVER_DOWN);
        if (!strstr(harness_status(&harness).problem, modes[i].problem))
            fail_msg("%s: %s", modes[i].mode, harness_status(&harness).problem);
        harness_call(&harness, &outcome, "echo", "{}");
        assert_int_equal(outcome.err.code, ERR_UNAVAILABLE);
        assert_non_null(strstr(outcome.err.text, modes[i].problem));
        assert_non_null(strstr(outcome.err.text, HARNESS_KEY));
        outcome_done(&outcome);
        harness_end(&harness);
        free(env.name);
        free(env.value);
    }
}

static void names_a_program_that_is_missing(void **state)
{
    struct harness harness;

    (void)state;
    harness_command(&harness, (const char *[]){ "no-such-program-here", NULL });
    harness_connect(&harness);
    assert_int_equal(harness_status(&harness).state, SERVER_DOWN);
    assert_non_null(strstr(harness_status(&harness).problem,
                           "program 'no-such-program-here' was not found; install it"));
    harness_end(&harness);
}

static void names_a_folder_that_is_missing(void **state)
{
    struct harness harness;
    char folder[] = "/no/such/folder";

    (void)state;
    harness_stdio(&harness, "faulty.mjs", NULL);
    harness.server.cwd = folder;
    harness_connect(&harness);
    assert_int_equal(harness_status(&harness).state, SERVER_DOWN);
    assert_non_null(strstr(harness_status(&harness).problem, "`cwd`, /no/such/folder,"));
    harness_end(&harness);
}

static void answers_what_servers_ask(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "asks");
    assert_ready(&harness, PLAIN_TOOLS);
    harness_expect(&harness, "answers", "{}",
                   "{\\\"7\\\":{\\\"roots\\\":[]},\\\"q1\\\":{},\\\"q2\\\":-32602}");
    harness_end(&harness);
}

static void hands_on_errors(void **state)
{
    struct harness harness;
    struct outcome outcome;

    (void)state;
    connect_to(&harness, NULL);
    harness_call(&harness, &outcome, "refuse", "{}");
    assert_int_equal(outcome.err.code, ERR_REMOTE);
    assert_string_equal(outcome.err.text, "bad \"arguments\"");
    assert_int_equal(outcome.code, -32602);
    assert_string_equal(outcome.result, "{\"why\":[1]}");
    outcome_done(&outcome);
    harness_end(&harness);
}

static void takes_the_first_of_two_answers(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, NULL);
    harness_expect(&harness, "twice", "{}", "first");
    harness_expect(&harness, "echo", "{\"text\":\"still here\"}", "still here");
    harness_end(&harness);
}

static void bounds_the_size_of_an_answer(void **state)
{
    struct harness harness;
    struct outcome outcome, other;

    (void)state;
    connect_to(&harness, NULL);
    harness_start(&harness, &other, "never", "{}", HARNESS_TIMEOUT_MS);
    harness_expect(&harness, "huge", "{\"bytes\":20000000}", "xxxxxxxx");
    harness_call(&harness, &outcome, "huge", "{\"bytes\":40000000}");
    assert_int_equal(outcome.err.code, ERR_LIMIT);
    assert_false(other.done);
    harness_expect(&harness, "echo", "{\"text\":\"still here\"}", "still here");
    upstream_call_cancel(other.call);
    harness_wait(&harness, &other.done);
    outcome_done(&outcome);
    outcome_done(&other);
    harness_end(&harness);
}

static void ends_calls_in_time(void **state)
{
    struct harness harness;
    struct outcome outcome;

    (void)state;
    connect_to(&harness, NULL);
    harness_start(&harness, &outcome, "never", "{}", 100);
    harness_wait(&harness, &outcome.done);
    assert_int_equal(outcome.err.code, ERR_TIMEOUT);
    assert_non_null(strstr(outcome.err.text, HARNESS_KEY));
    outcome_done(&outcome);
    harness_expect(&harness, "echo", "{\"text\":\"still here\"}", "still here");
    harness_end(&harness);
}

static void lets_progress_put_a_deadline_off(void **state)
{
    struct harness harness;
    struct outcome outcome;

    (void)state;
    connect_to(&harness, NULL);
    harness_start(&harness, &outcome, "progress", "{\"steps\":8,\"every\":60}", 300);
    harness_wait(&harness, &outcome.done);
    assert_int_equal(outcome.err.code, ERR_NONE);
    assert_int_equal(outcome.progress, 8);
    outcome_done(&outcome);
    /* ... but not for ever. */
    harness_start(&harness, &outcome, "progress", "{\"steps\":1000,\"every\":20}", 50);
    harness_wait(&harness, &outcome.done);
    assert_int_equal(outcome.err.code, ERR_TIMEOUT);
    assert_true(outcome.progress >= 5 && outcome.progress < 50);
    outcome_done(&outcome);
    harness_end(&harness);
}

static void cancels(void **state)
{
    struct harness harness;
    struct outcome outcome;

    (void)state;
    connect_to(&harness, NULL);
    harness_start(&harness, &outcome, "never", "{}", HARNESS_TIMEOUT_MS);
    upstream_call_cancel(outcome.call);
    assert_false(outcome.done);
    harness_wait(&harness, &outcome.done);
    assert_int_equal(outcome.err.code, ERR_CANCELLED);
    outcome_done(&outcome);
    harness_expect(&harness, "echo", "{\"text\":\"still here\"}", "still here");
    harness_end(&harness);
}

static void comes_back_after_a_death(void **state)
{
    struct harness harness;
    struct outcome dying, other;
    unsigned changes;
    int pid;

    (void)state;
    connect_to(&harness, NULL);
    changes = harness.changes;
    pid = harness_status(&harness).pid;
    harness_start(&harness, &other, "never", "{}", HARNESS_TIMEOUT_MS);
    harness_call(&harness, &dying, "die", "{}");
    assert_int_equal(dying.err.code, ERR_CLOSED);
    assert_non_null(strstr(dying.err.text, "exited with status 3; its last words: dying words"));
    harness_wait(&harness, &other.done);
    assert_int_equal(other.err.code, ERR_CLOSED);
    outcome_done(&dying);
    outcome_done(&other);
    /* The next call waits for the new process; the catalogue has not changed. */
    harness_expect(&harness, "echo", "{\"text\":\"back\"}", "back");
    assert_int_not_equal(harness_status(&harness).pid, pid);
    assert_int_equal(harness.changes, changes);
    harness_end(&harness);
}

static void comes_back_after_a_kill(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, NULL);
    kill(harness_status(&harness).pid, SIGKILL);
    harness_sleep(&harness, 50);
    harness_expect(&harness, "echo", "{\"text\":\"back\"}", "back");
    harness_end(&harness);
}

static void gives_up_a_server_that_closed_its_output(void **state)
{
    struct harness harness;
    struct outcome outcome;

    (void)state;
    connect_to(&harness, NULL);
    harness_call(&harness, &outcome, "end_output", "{}");
    assert_int_equal(outcome.err.code, ERR_CLOSED);
    outcome_done(&outcome);
    harness_expect(&harness, "echo", "{\"text\":\"back\"}", "back");
    harness_end(&harness);
}

static void follows_changes_of_the_lists(void **state)
{
    struct harness harness;
    unsigned changes;

    (void)state;
    connect_to(&harness, NULL);
    changes = harness.changes;
    harness_expect(&harness, "change", "{}", "changed");
    harness_wait_tool(&harness, "extra0");
    harness_sleep(&harness, 300);
    /* Five notifications at once are one change. */
    assert_int_equal(harness.changes, changes + 1);
    harness_end(&harness);
}

/* How many processes there are that the stubborn server `pid` started beside itself. */
static int count_stubborn_children(int pid)
{
    CLEANUP(str) char *argument = xasprintf("600.%d", pid);
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    int count = 0;

    assert_non_null(proc);
    while ((entry = readdir(proc))) {
        CLEANUP(str) char *path = xasprintf("/proc/%s/cmdline", entry->d_name);
        CLEANUP(buf) struct buf found = BUF(65536);

        if (file_read(path, &found, NULL) == 0)
            count += found.len > strlen("sleep") &&
                     strcmp(found.data + strlen("sleep") + 1, argument) == 0;
    }
    closedir(proc);
    return count;
}

static void ends_stubborn_servers(void **state)
{
    struct harness harness;
    int pid;

    (void)state;
    connect_to(&harness, "stubborn");
    assert_ready(&harness, PLAIN_TOOLS);
    pid = harness_status(&harness).pid;
    assert_int_equal(count_stubborn_children(pid), 1);
    harness_end(&harness);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(count_stubborn_children(pid), 0);
}

static void ends_all_at_once_when_freed(void **state)
{
    struct harness harness;
    struct outcome outcome;
    int pid;

    (void)state;
    connect_to(&harness, "stubborn");
    pid = harness_status(&harness).pid;
    harness_start(&harness, &outcome, "never", "{}", HARNESS_TIMEOUT_MS);
    harness_kill(&harness);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(count_stubborn_children(pid), 0);
    outcome_done(&outcome);
}

/* The whole of a proxy, in a process that is killed. */
static void run_until_killed(int report_fd)
{
    struct harness harness;
    int pid;

    connect_to(&harness, "stubborn");
    pid = harness_status(&harness).pid;
    if (write(report_fd, &pid, sizeof(pid)) == sizeof(pid))
        harness_sleep(&harness, HARNESS_TIMEOUT_MS);
    _exit(0);
}

static void leaves_nothing_when_killed(void **state)
{
    int ends[2], pid = 0;
    pid_t proxy;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    proxy = fork();
    if (proxy == 0)
        run_until_killed(ends[1]);
    assert_int_equal(read(ends[0], &pid, sizeof(pid)), sizeof(pid));
    assert_int_equal(kill(pid, 0), 0);
    kill(proxy, SIGKILL);
    waitpid(proxy, NULL, 0);
    for (int i = 0; i < 100 && (kill(pid, 0) == 0 || count_stubborn_children(pid)); i++)
        poll(NULL, 0, 100);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(count_stubborn_children(pid), 0);
    close(ends[0]);
    close(ends[1]);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connects_lists_and_calls),
        cmocka_unit_test(skips_junk),
        cmocka_unit_test(waits_for_silent_servers),
        cmocka_unit_test(starts_again_what_the_probe_killed),
        cmocka_unit_test(reads_all_pages),
        cmocka_unit_test(leaves_a_circle_of_pages),
        cmocka_unit_test(keeps_the_pages_before_one_that_fails),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(names_a_program_that_is_missing),
        cmocka_unit_test(names_a_folder_that_is_missing),
        cmocka_unit_test(answers_what_servers_ask),
        cmocka_unit_test(hands_on_errors),
        cmocka_unit_test(takes_the_first_of_two_answers),
        cmocka_unit_test(bounds_the_size_of_an_answer),
        cmocka_unit_test(ends_calls_in_time),
        cmocka_unit_test(lets_progress_put_a_deadline_off),
        cmocka_unit_test(cancels),
        cmocka_unit_test(comes_back_after_a_death),
        cmocka_unit_test(comes_back_after_a_kill),
        cmocka_unit_test(gives_up_a_server_that_closed_its_output),
        cmocka_unit_test(follows_changes_of_the_lists),
        cmocka_unit_test(ends_stubborn_servers),
        cmocka_unit_test(ends_all_at_once_when_freed),
        cmocka_unit_test(leaves_nothing_when_killed),
    };

    keeper_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

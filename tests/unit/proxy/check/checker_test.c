/*
 * The check against the real compiler: tests/golden/check/cases/NAME.ts is
 * prepared, checked against the servers in tests/golden/check/servers, and the
 * rendered report compared with NAME.txt.  UPDATE_GOLDEN=1 writes them anew.
 */
#include "proxy/check/checker.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/limits.h"
#include "isolate/prepare.h"
#include "tests/unit/proxy/check/harness.h"

#define CASES   "tests/golden/check/cases"
#define SERVERS "tests/golden/check/servers"

static struct catalogue_server *load_server(const char *key)
{
    CLEANUP(str) char *path = xasprintf(SERVERS "/%s.json", key);
    struct err err = ERR_INIT;
    struct catalogue_server *server = catalogue_server_load(path, key, &err);

    if (!server)
        fail_msg("%s: %s", path, err.text);
    return server;
}

static struct catalogue *load_catalogue(const char *const *keys, size_t count, uint64_t change)
{
    struct catalogue_server *servers[8];
    struct catalogue *catalogue;

    for (size_t i = 0; i < count; i++)
        servers[i] = load_server(keys[i]);
    catalogue = catalogue_new(servers, count, change);
    for (size_t i = 0; i < count; i++)
        catalogue_server_unref(servers[i]);
    return catalogue;
}

static const char *const all_servers[] = { "github", "slack", "files" };

static int set_up(void **state)
{
    *state = fixture_new(load_catalogue(all_servers, 3, 1));
    return 0;
}

static int tear_down(void **state)
{
    fixture_free(*state);
    return 0;
}

static void assert_passes(struct fixture *fixture, struct catalogue *catalogue, const char *code)
{
    struct outcome outcome = check_with(fixture, catalogue, code);

    if (outcome.code_of_failure != ERR_NONE || outcome.text.len)
        fail_msg("%s\n%d %s", code, outcome.code_of_failure, buf_str(&outcome.text));
    buf_done(&outcome.text);
}

static void assert_says(struct fixture *fixture,
                        struct catalogue *catalogue,
                        const char *code,
                        const char *words)
{
    struct outcome outcome = check_with(fixture, catalogue, code);

    if (!strstr(buf_str(&outcome.text), words))
        fail_msg("%s\nsays not \"%s\" but (%d) %s", code, words, outcome.code_of_failure,
                 buf_str(&outcome.text));
    buf_done(&outcome.text);
}

static void assert_fails(struct fixture *fixture, const char *code, enum err_code expected)
{
    struct outcome outcome = check_with(fixture, fixture->catalogue, code);

    assert_int_equal(outcome.code_of_failure, expected);
    buf_done(&outcome.text);
}

static void compare_golden(const char *name, struct span actual)
{
    CLEANUP(str) char *path = xasprintf(CASES "/%s.txt", name);
    CLEANUP(buf) struct buf expected = BUF(65536);
    struct err err = ERR_INIT;

    if (getenv("UPDATE_GOLDEN")) {
        FILE *file = fopen(path, "w");

        assert_non_null(file);
        fwrite(actual.data, 1, actual.len, file);
        fclose(file);
        return;
    }
    if (file_read(path, &expected, &err) < 0)
        fail_msg("%s", err.text);
    if (!span_equal(buf_span(&expected), actual))
        fail_msg("%s says now:\n%.*s", path, SPAN_ARG(actual));
}

static void compare_case(struct fixture *fixture, const char *file_name)
{
    CLEANUP(str) char *path = xasprintf(CASES "/%s", file_name);
    CLEANUP(str) char *name = xstrndup(file_name, strlen(file_name) - 3);
    CLEANUP(buf) struct buf code = BUF(LIMIT_CODE_BYTES);
    struct err err = ERR_INIT;
    struct outcome outcome;

    if (file_read(path, &code, &err) < 0)
        fail_msg("%s", err.text);
    outcome = refusal(buf_str(&code));
    if (outcome.text.len == 0) {
        buf_done(&outcome.text);
        outcome = check_with(fixture, fixture->catalogue, buf_str(&code));
    }
    assert_int_equal(outcome.code_of_failure, ERR_NONE);
    if (outcome.text.len == 0)
        fail_msg("%s: nothing was found", name);
    compare_golden(name, buf_span(&outcome.text));
    buf_done(&outcome.text);
}

static void wrong_programs(void **state)
{
    DIR *folder = opendir(CASES);
    struct dirent *entry;
    unsigned count = 0;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        if (strlen(entry->d_name) < 4 || !strstr(entry->d_name, ".ts"))
            continue;
        compare_case(*state, entry->d_name);
        count++;
    }
    closedir(folder);
    assert_true(count >= 100);
}

static void right_programs(void **state)
{
    static const char *const programs[] = {
        "return 1",
        "const out = [];\nfor (const x of [1, 2]) out.push(x * 2);\nout",
        ("const { items } = await github.search_issues({ query: 'bug' });\n"
         "items.filter((i) => i.state === 'open').map((i) => i.title)"),
        "async () => { const a = await slack.list_channels({}); return a.channels[0].id; }",
        "async (input) => input.a.b",
        "export default async function main() { return input?.x ?? 1 }",
        "async function main() { return 1 }",
        "const byName = {};\nfor (const k of ['a']) byName[k] = 1;\nreturn byName;",
        "enum Level { Low = 1, High }\nfunction f(l: Level) { return l }\nreturn f(Level.High);",
        "namespace N { export const a = 1; }\nreturn N.a;",
        "class A { constructor(private a: number) {} get() { return this.a } }\nnew A(1).get()",
        ("try { await files.write_file({ path: '/a', content: 'b' }); } catch (e) { return "
         "e.message }"),
        ("const r = await mcp.call('github', 'get_issue', { owner: 'a' });\nr.content.map(c => "
         "c.text)"),
        ("const [a, b] = await Promise.all([github.list_repos({}), slack.list_channels({})]);\n"
         "({ repos: a.repos.length, channels: b.channels.length })"),
        "await github['add-label']({ owner: 'a', repo: 'b', issue_number: 1, label: 'x' });",
        "console.log('a'); await mcp.search('x', { limit: 3 })",
        "const list = await files.list_directory({ path: '/' });\nlist.split('\\n').length",
        "const timer = new Promise((done) => setTimeout(done, 10)); await timer;",
        "interface Row { a: number }\nconst rows: Row[] = [];\nrows.reduce((n, r) => n + r.a, 0)",
        "const first = (await github.search_issues({ query: 'x' })).items.at(0);\nfirst?.title",
        "if (input) return 1;\nreturn 2;",
        "void github.list_repos({}); return 1",
        "const github2 = github; await github2.list_repos({})",
        "const github = { a() {} }; github.a(); return 1",
        ("const first = <T,>(list: T[]): T => list[0];\n"
         "return first(await files.list_directory({ path: '/' })).n"),
        ("const groups: Record<string, unknown> = { open: [1] };\nreturn groups.open.length;"),
        "const r: unknown = input; return r.a.b;",
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < ARRAY_COUNT(programs); i++)
        assert_passes(fixture, fixture->catalogue, programs[i]);
}

struct raw_outcome {
    struct loop *loop;
    unsigned count;
    char message[2048];
};

static void on_raw_done(void *ctx, const struct check_report *report, const struct err *err)
{
    struct raw_outcome *outcome = ctx;

    assert_null(err);
    outcome->count++;
    if (report->count)
        snprintf(outcome->message, sizeof(outcome->message), "%s", report->diagnostics[0].message);
    loop_stop(outcome->loop);
}

/* A script that names a file sees nothing of it, not even that it is there. */
static void no_file_of_the_disk_is_read(void **state)
{
    struct fixture *fixture = *state;
    struct raw_outcome there = { .loop = fixture->loop }, absent = there;
    char path[] = "/tmp/mcpfold-check.XXXXXX.json";
    int fd = mkstemps(path, 5);
    CLEANUP(str)
    char *text = xasprintf("export {};\nconst a: typeof import(\"%s\") = { nothing: 1 };\n", path);
    struct err err = ERR_INIT;

    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, "{\"secret\": 1}", 13, &err), 0);
    checker_check(fixture->checker, fixture->catalogue, span_of(text), SPAN_NONE, on_raw_done,
                  &there);
    loop_run(fixture->loop);
    assert_int_equal(unlink(path), 0);
    checker_check(fixture->checker, fixture->catalogue, span_of(text), SPAN_NONE, on_raw_done,
                  &absent);
    loop_run(fixture->loop);
    close(fd);
    assert_null(strstr(there.message, "secret"));
    assert_string_equal(there.message, absent.message);
}

static void the_catalogue_may_change(void **state)
{
    static const char *const fewer[] = { "slack", "files" };
    struct fixture *fixture = *state;
    struct catalogue *smaller = load_catalogue(fewer, 2, 2);
    struct catalogue *renewed = load_catalogue(all_servers, 3, 3);

    assert_passes(fixture, fixture->catalogue, "await github.list_repos({})");
    assert_says(fixture, smaller, "await github.list_repos({})", "Cannot find name 'github'");
    assert_passes(fixture, renewed, "await github.list_repos({})");
    assert_says(fixture, smaller, "await github.list_repos({})", "Cannot find name 'github'");
    assert_passes(fixture, fixture->catalogue, "await github.list_repos({})");
    catalogue_unref(smaller);
    catalogue_unref(renewed);
}

static void many_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct outcome outcomes[20];
    unsigned left = 0;

    for (size_t i = 0; i < ARRAY_COUNT(outcomes); i++) {
        outcomes[i] = (struct outcome){ .code = i % 2 ? SPAN("return 1") : SPAN("return nix") };
        start(fixture, fixture->catalogue, &outcomes[i], &left);
    }
    loop_run(fixture->loop);
    for (size_t i = 0; i < ARRAY_COUNT(outcomes); i++) {
        assert_int_equal(outcomes[i].calls, 1);
        assert_int_equal(outcomes[i].code_of_failure, ERR_NONE);
        assert_int_equal(outcomes[i].text.len == 0, i % 2);
        buf_done(&outcomes[i].text);
    }
}

static void a_killed_compiler_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    int pid;

    assert_passes(fixture, fixture->catalogue, "return 1");
    pid = checker_pid(fixture->checker);
    assert_true(pid > 0);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_passes(fixture, fixture->catalogue, "await github.list_repos({})");
    assert_true(checker_pid(fixture->checker) > 0);
    assert_int_not_equal(checker_pid(fixture->checker), pid);
}

/* Types whose number doubles at each step. */
#define EXPLOSION                                                                       \
    "type D<T> = T extends [infer A, ...infer R] ? [A, ...D<R>] | [...D<R>, A] : [];\n" \
    "type X = D<[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24]>;\n"   \
    "const x: X = [];\nreturn x;"

static void a_check_that_explodes_ends_alone(void **state)
{
    struct fixture *fixture = *state;
    struct outcome slow = { .code = SPAN(EXPLOSION) }, next = { .code = SPAN("return 1") };
    unsigned left = 0;

    start(fixture, fixture->catalogue, &slow, &left);
    start(fixture, fixture->catalogue, &next, &left);
    loop_run(fixture->loop);
    assert_int_equal(slow.calls, 1);
    assert_int_equal(slow.code_of_failure, ERR_TIMEOUT);
    assert_int_equal(next.calls, 1);
    assert_int_equal(next.code_of_failure, ERR_NONE);
    buf_done(&slow.text);
    buf_done(&next.text);
}

/* The address space of the compiler is limited: what outgrows it ends it, not the machine. */
static void the_memory_of_the_compiler_is_limited(void **state)
{
    struct fixture *fixture = *state;
    CLEANUP(buf) struct buf limits = BUF(65536);
    CLEANUP(str) char *path = NULL;
    CLEANUP(str)
    char *row = xasprintf("%-26s%lld", "Max address space", (long long)LIMIT_CHECK_MEMORY_BYTES);
    struct err err = ERR_INIT;

    assert_passes(fixture, fixture->catalogue, "return 1");
    path = xasprintf("/proc/%d/limits", checker_pid(fixture->checker));
    assert_int_equal(file_read(path, &limits, &err), 0);
    assert_non_null(strstr(buf_str(&limits), row));
}

static void kill_compiler(void *ctx)
{
    struct fixture *fixture = ctx;
    int pid = checker_pid(fixture->checker);

    if (pid > 0)
        kill(pid, SIGKILL);
}

static void a_compiler_killed_in_a_check_gets_one_more_try(void **state)
{
    struct fixture *fixture = *state;
    struct outcome outcome = { .code = SPAN("await github.list_repos({})") };
    struct loop_timer *timer = loop_timer_new(fixture->loop, kill_compiler, fixture);
    unsigned left = 0;

    loop_timer_start(timer, 20);
    start(fixture, fixture->catalogue, &outcome, &left);
    loop_run(fixture->loop);
    loop_timer_free(timer);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.code_of_failure, ERR_NONE);
    assert_int_equal(outcome.text.len, 0);
    buf_done(&outcome.text);
}

static void cancelled_jobs_call_back_once(void **state)
{
    struct fixture *fixture = *state;
    struct outcome first = { .code = SPAN("return 1") }, second = first, third = first;
    struct checker_job *jobs[2];
    unsigned left = 0;

    jobs[0] = start(fixture, fixture->catalogue, &first, &left);
    jobs[1] = start(fixture, fixture->catalogue, &second, &left);
    start(fixture, fixture->catalogue, &third, &left);
    checker_cancel(jobs[1]);
    assert_int_equal(second.calls, 0);
    checker_cancel(jobs[0]);
    loop_run(fixture->loop);
    assert_int_equal(first.calls, 1);
    assert_int_equal(first.code_of_failure, ERR_CANCELLED);
    assert_int_equal(second.calls, 1);
    assert_int_equal(second.code_of_failure, ERR_CANCELLED);
    assert_int_equal(third.code_of_failure, ERR_NONE);
    buf_done(&first.text);
    buf_done(&second.text);
    buf_done(&third.text);
}

struct late_cancel {
    struct fixture *fixture;
    struct checker_job *job;
};

static void cancel_late(void *ctx)
{
    struct late_cancel *late = ctx;

    checker_cancel(late->job);
}

static void the_current_job_can_be_cancelled(void **state)
{
    struct fixture *fixture = *state;
    struct outcome slow = { .code = SPAN(EXPLOSION) }, next = { .code = SPAN("return 1") };
    struct late_cancel late = { .fixture = fixture };
    struct loop_timer *timer = loop_timer_new(fixture->loop, cancel_late, &late);
    unsigned left = 0;

    late.job = start(fixture, fixture->catalogue, &slow, &left);
    start(fixture, fixture->catalogue, &next, &left);
    loop_timer_start(timer, 300);
    loop_run(fixture->loop);
    loop_timer_free(timer);
    assert_int_equal(slow.calls, 1);
    assert_int_equal(slow.code_of_failure, ERR_CANCELLED);
    assert_int_equal(next.code_of_failure, ERR_NONE);
    buf_done(&slow.text);
    buf_done(&next.text);
}

static void open_jobs_end_with_the_checker(void **state)
{
    struct fixture *fixture = *state;
    struct checker_options options = { .tsc = TSC_DIR "/tsc", .library_dir = TSC_DIR };
    struct outcome first = { .code = SPAN("return 1") }, second = first;
    unsigned left = 1; /* so that nothing stops the loop */

    start(fixture, fixture->catalogue, &first, &left);
    start(fixture, fixture->catalogue, &second, &left);
    checker_free(fixture->checker);
    assert_int_equal(first.calls, 1);
    assert_int_equal(second.calls, 1);
    assert_int_equal(second.code_of_failure, ERR_CANCELLED);
    fixture->checker = checker_new(fixture->loop, &options);
    buf_done(&first.text);
    buf_done(&second.text);
}

static void a_missing_compiler_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    struct checker_options options = { .tsc = "/nowhere/tsc", .library_dir = "/nowhere" };
    const char *why = NULL;

    checker_free(fixture->checker);
    fixture->checker = checker_new(fixture->loop, &options);
    assert_fails(fixture, "return 1", ERR_NOT_FOUND);
    assert_false(checker_ready(fixture->checker, &why));
    assert_non_null(strstr(why, "/nowhere/tsc"));
}

static void stop_when_known(void *ctx)
{
    struct fixture *fixture = ctx;

    loop_stop(fixture->loop);
}

static void it_knows_its_version(void **state)
{
    struct fixture *fixture = *state;
    struct loop_timer *timer = loop_timer_new(fixture->loop, stop_when_known, fixture);
    const char *why = NULL;

    assert_false(checker_ready(fixture->checker, &why));
    assert_non_null(why);
    checker_start(fixture->checker, fixture->catalogue);
    for (int i = 0;
         i < 100 && (!checker_version(fixture->checker) || !checker_ready(fixture->checker, &why));
         i++) {
        loop_timer_start(timer, 50);
        loop_run(fixture->loop);
    }
    loop_timer_free(timer);
    assert_true(checker_ready(fixture->checker, &why));
    assert_string_equal(checker_version(fixture->checker), "7.0.2");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(wrong_programs),
        CASE(right_programs),
        CASE(no_file_of_the_disk_is_read),
        CASE(the_catalogue_may_change),
        CASE(many_at_once),
        CASE(a_killed_compiler_is_replaced),
        CASE(a_check_that_explodes_ends_alone),
        CASE(the_memory_of_the_compiler_is_limited),
        CASE(a_compiler_killed_in_a_check_gets_one_more_try),
        CASE(cancelled_jobs_call_back_once),
        CASE(the_current_job_can_be_cancelled),
        CASE(open_jobs_end_with_the_checker),
        CASE(a_missing_compiler_is_an_error),
        CASE(it_knows_its_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/test.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/child.h"
#include "base/fd.h"
#include "base/landlock.h"

struct outcome {
    int calls, exit_status, signal_number;
};

static void on_exit_call(void *ctx, int exit_status, int signal_number)
{
    struct outcome *outcome = ctx;

    outcome->calls++;
    outcome->exit_status = exit_status;
    outcome->signal_number = signal_number;
}

static struct child_options shell(const char *const *argv)
{
    return (struct child_options){
        .argv = argv, .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1, .extra_fd = -1
    };
}

static void passes_descriptors_and_environment(void **state)
{
    struct loop *loop = loop_new(NULL);
    const char *const argv[] = { "sh", "-c", "printf '%s:' \"$A\"; cat <&3; pwd; exit 7", NULL };
    const char *const env[] = { "A=b", "PATH=/usr/bin:/bin", NULL };
    struct child_options options = shell(argv);
    struct outcome outcome = { 0 };
    CLEANUP(buf) struct buf out = BUF(100);
    int to_child[2], from_child[2];
    struct child *child;

    (void)state;
    assert_int_equal(pipe2(to_child, O_CLOEXEC), 0);
    assert_int_equal(pipe2(from_child, O_CLOEXEC), 0);
    options.env = env;
    options.cwd = "/usr";
    options.stdout_fd = from_child[1];
    options.extra_fd = to_child[0];
    child = child_start(loop, &options, on_exit_call, &outcome, NULL);
    assert_non_null(child);
    fd_close(&to_child[0]);
    fd_close(&from_child[1]);
    fd_write_all(to_child[1], "three ", 6, NULL);
    fd_close(&to_child[1]);
    loop_run(loop);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.exit_status, 7);
    assert_int_equal(fd_read_all(from_child[0], &out, NULL), 0);
    assert_string_equal(buf_str(&out), "b:three /usr\n");
    fd_close(&from_child[0]);
    child_free(child);
    loop_free(loop);
}

static void names_what_cannot_start(void **state)
{
    struct loop *loop = loop_new(NULL);
    const char *const missing[] = { "no-such-program-here", NULL };
    const char *const folder[] = { "/tmp", NULL };
    struct child_options options = shell(missing);
    struct err err = ERR_INIT;

    (void)state;
    assert_null(child_start(loop, &options, on_exit_call, NULL, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_non_null(strstr(err.text, "no-such-program-here"));
    options = shell(folder);
    assert_null(child_start(loop, &options, on_exit_call, NULL, &err));
    assert_non_null(strstr(err.text, "Permission denied"));
    loop_free(loop);
}

static void kills_the_group(void **state)
{
    struct loop *loop = loop_new(NULL);
    const char *const argv[] = { "sh", "-c", "sleep 100 & wait", NULL };
    struct child_options options = shell(argv);
    struct outcome outcome = { 0 };
    struct child *child = child_start(loop, &options, on_exit_call, &outcome, NULL);

    (void)state;
    assert_non_null(child);
    child_kill(child, SIGTERM);
    loop_run(loop);
    assert_int_equal(outcome.signal_number, SIGTERM);
    assert_false(child_running(child));
    child_free(child);
    loop_free(loop);
}

static void frees_a_running_child(void **state)
{
    struct loop *loop = loop_new(NULL);
    const char *const argv[] = { "sleep", "100", NULL };
    struct child_options options = shell(argv);
    struct outcome outcome = { 0 };
    struct child *child = child_start(loop, &options, on_exit_call, &outcome, NULL);
    pid_t pid = child_pid(child);

    (void)state;
    child_free(child);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(outcome.calls, 0);
    loop_run(loop);
    loop_free(loop);
}

static void keeps_a_barrier(void **state)
{
    struct loop *loop = loop_new(NULL);
    const char *const argv[] = { "/usr/bin/sh", "-c",
                                 "read x < /usr/lib/os-release || exit 1\n"
                                 "if read x < /etc/passwd; then exit 2; fi\n"
                                 "exit 7",
                                 NULL };
    struct child_options options = shell(argv);
    struct outcome outcome = { 0 };
    struct err err = ERR_INIT;
    struct child_barrier barrier = { .landlock_rules = landlock_rules("/usr", &err) };
    struct child *child;

    (void)state;
    if (barrier.landlock_rules < 0 && err.code == ERR_UNSUPPORTED)
        skip();
    options.barrier = &barrier;
    child = child_start(loop, &options, on_exit_call, &outcome, NULL);
    fd_close(&barrier.landlock_rules);
    assert_non_null(child);
    loop_run(loop);
    assert_int_equal(outcome.exit_status, 7);
    child_free(child);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_descriptors_and_environment),
        cmocka_unit_test(names_what_cannot_start),
        cmocka_unit_test(kills_the_group),
        cmocka_unit_test(frees_a_running_child),
        cmocka_unit_test(keeps_a_barrier),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

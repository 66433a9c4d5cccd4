/*
 * A system that refuses layers of the sandbox, as containers do: unshare
 * and Landlock fail for this program and all that it starts.
 */
#include "tests/unit/isolate/pool_runner.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/log.h"
#include "base/mem.h"

static void refuse_layers(void)
{
    static struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_landlock_create_ruleset, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = { .len = ARRAY_COUNT(code), .filter = code };

    assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

static void best_effort_goes_on_and_names_them(void **state)
{
    static const char *const refused[] = { "user-namespace", "network-namespace", "pid-namespace",
                                           "empty-root", "landlock" };
    struct isolate_pool_state figures;

    (void)state;
    assert_still_works();
    isolate_pool_state(runner_pool, &figures);
    for (size_t i = 0; i < ARRAY_COUNT(refused); i++) {
        assert_non_null(strstr(figures.layers_off, refused[i]));
        assert_null(strstr(figures.layers_on, refused[i]));
    }
    assert_non_null(strstr(figures.layers_on, "no-new-privileges"));
    assert_non_null(strstr(figures.layers_on, "no-capabilities"));
    if (!ISOLATE_RELAXED)
        assert_non_null(strstr(figures.layers_on, "worker-filter"));
}

/* Without a PID namespace nothing ends the workers with their zygote: a lease goes on. */
static void a_lease_outlives_its_zygote(void **state)
{
    struct run run = run_of("call {}\nsleep 300\nreply");
    pid_t outer = 0, zygote = 0;
    size_t before;

    (void)state;
    wait_until_ready();
    before = runner_descriptors();
    run_start(&run);
    while (!run.calls)
        pass_ms(5);
    assert_int_equal(runner_children(getpid(), &outer), 1);
    assert_int_equal(runner_children(outer, &zygote), 1);
    assert_int_equal(kill(zygote, SIGKILL), 0);
    run_finish(&run);
    assert_int_equal(run.end, ISOLATE_END_OK);
    wait_until_ready();
    assert_still_works();
    wait_until_ready();
    pass_ms(100);
    assert_int_equal(runner_descriptors(), before);
}

static void require_says_what_is_missing(void **state)
{
    const struct isolate_options options = { .program = ISOLATE_NULL_PROGRAM,
                                             .sandbox = ISOLATE_SANDBOX_REQUIRE,
                                             .size = { 1, 1, 1, 1000 },
                                             .heap_max_bytes = 64 * 1024 * 1024 };
    struct run run = run_of("value 1");
    const char *why = NULL;

    (void)state;
    runner_close();
    runner_open(&options);
    run_start(&run);
    run_finish(&run);
    assert_int_equal(run.end, ISOLATE_END_FAILED);
    assert_int_equal(run.err.code, ERR_UNAVAILABLE);
    assert_non_null(strstr(run.err.text, "sandbox: require"));
    assert_non_null(strstr(run.err.text, "user-namespace"));
    assert_false(isolate_pool_ready(runner_pool, &why));
    assert_non_null(strstr(why, "user-namespace"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUNNER_TEST(best_effort_goes_on_and_names_them),
        RUNNER_TEST(a_lease_outlives_its_zygote),
        RUNNER_TEST(require_says_what_is_missing),
    };

    log_setup(LOG_OFF, LOG_FORMAT_TEXT);
    refuse_layers();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

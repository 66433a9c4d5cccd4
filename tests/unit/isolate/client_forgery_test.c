/*
 * A worker that was taken over: what it may forge, and which system calls it
 * may try.  Each ends that worker, and the next execution is none the wiser.
 */
#include "tests/unit/isolate/pool_runner.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"

/* Each is a way in which a worker that was taken over might try to confuse the proxy. */
static void forged_frames_end_the_worker(void **state)
{
    static const char *const scripts[] = {
        /* length, type and zeroes, id, body */
        "raw ffffffff12000000000000007b7d\nwait", /* longer than any frame may be */
        "raw 020000000000000000000000"
        "7b7d\nwait", /* no such type: 0 */
        "raw 020000006300000000000000"
        "7b7d\nwait", /* no such type: 99 */
        "raw 020000001201000000000000"
        "7b7d\nwait", /* the zero bytes are not zero */
        "raw 020000000100000000000000"
        "7b7d\nwait",                         /* a frame of the proxy's */
        "raw 000000000f00000000000000\nwait", /* READY a second time */
        "raw 020000001000000000000000"
        "7b7d\nwait", /* PREPARED, nothing was asked for */
        "raw 020000001100000000000000"
        "7b7d\nwait", /* a call without an id */
        "raw 020000001200000001000000"
        "7b7d\nwait", /* a log line with an id */
        "raw 020000001100000005000000"
        "7b7d" /* a call, and one with a lower id */
        "020000001100000004000000"
        "7b7d\nwait",
        "raw 020000001100000005000000"
        "7b7d" /* the same id again */
        "020000001100000005000000"
        "7b7d\nwait",
        "raw 020000001100000001000000"
        "7b7b\nwait", /* not JSON */
        "raw 010000001200000000000000"
        "ff\nwait", /* not UTF-8 */
        "raw 040000001500000000000000"
        "ff000000\nwait", /* DONE, its part is not there */
        "raw 0a0000001500000000000000"
        "02000000"
        "6f6b"
        "00000000\nwait", /* DONE without JSON */
        "raw 0c0000001500000000000000"
        "02000000"
        "6b6f"
        "02000000"
        "7b7d\nwait", /* "ko" */
        "raw 0d0000001500000000000000"
        "02000000"
        "6f6b"
        "02000000"
        "7b7d"
        "00\nwait",                           /* a rest */
        "raw 000000001600000000000000\nwait", /* FATAL without JSON */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(scripts); i++) {
        CLEANUP(str) char *script = xasprintf("%s\nsleep 20000", scripts[i]);
        struct run run = run_of(script);

        run.answer = false;
        run_start(&run);
        run_finish(&run);
        if (run.end != ISOLATE_END_PROTOCOL)
            fail_msg("%s: ended as %d: %s", scripts[i], (int)run.end, run.err.text);
        assert_int_equal(run.err.code, ERR_PROTOCOL);
    }
    assert_still_works();
}

static void deep_json_ends_the_worker(void **state)
{
    CLEANUP(buf) struct buf script = BUF(4096);
    struct run run;

    (void)state;
    buf_add_str(&script, "log ");
    for (int i = 0; i < LIMIT_RPC_DEPTH; i++)
        buf_add_char(&script, '[');
    for (int i = 0; i < LIMIT_RPC_DEPTH; i++)
        buf_add_char(&script, ']');
    buf_add_str(&script, "\nvalue 1");
    assert_int_equal(execute(buf_str(&script)).end, ISOLATE_END_OK);

    buf_clear(&script);
    buf_add_str(&script, "log ");
    for (int i = 0; i <= LIMIT_RPC_DEPTH; i++)
        buf_add_char(&script, '[');
    for (int i = 0; i <= LIMIT_RPC_DEPTH; i++)
        buf_add_char(&script, ']');
    buf_add_str(&script, "\nvalue 1");
    run = execute(buf_str(&script));
    assert_int_equal(run.end, ISOLATE_END_PROTOCOL);
    assert_non_null(strstr(run.err.text, "LOG"));
}

/* Frames behind DONE are never looked at. */
static void nothing_follows_the_end(void **state)
{
    struct run run = execute("raw 0c0000001500000000000000"
                             "02000000"
                             "6f6b"
                             "02000000"
                             "7b7d"
                             "020000001100000001000000"
                             "7b7d\nsleep 20000");

    (void)state;
    assert_int_equal(run.end, ISOLATE_END_OK);
    assert_string_equal(run.json, "{}");
    assert_int_equal(run.calls, 0);
    assert_still_works();
}

/* All that a worker might call to get out, with what must become of it. */
static void system_calls_are_stopped(void **state)
{
    static const struct {
        long number;
        const char *arguments;
        const char *result; /* NULL: the worker is killed */
    } cases[] = {
        { SYS_openat, "0 0 0 0", "-2" },
        { SYS_socket, "1 1 0", NULL },
        { SYS_socketpair, "1 1 0 0", NULL },
        { SYS_connect, "0 0 0", NULL },
        { SYS_clone, "17 0 0 0 0", NULL },
        { SYS_clone3, "0 0", "-38" },
        { SYS_execve, "0 0 0", NULL },
        { SYS_kill, "1 9", NULL },
        { SYS_tgkill, "1 1 9", "-1" },
        { SYS_tkill, "1 9", NULL },
        { SYS_pidfd_open, "1 0", NULL },
        { SYS_pidfd_getfd, "0 0 0", NULL },
        { SYS_pidfd_send_signal, "0 9 0 0", NULL },
        { SYS_ptrace, "16 1 0 0", NULL },
        { SYS_process_vm_readv, "1 0 0 0 0 0", NULL },
        { SYS_process_vm_writev, "1 0 0 0 0 0", NULL },
        { SYS_mmap, "0 4096 7 34 -1 0", "-1" },
        { SYS_mprotect, "0 0 4", "-1" },
        { SYS_pkey_mprotect, "0 0 4 0", NULL },
        { SYS_memfd_create, "0 0", NULL },
        { SYS_memfd_secret, "0", NULL },
        { SYS_shmget, "0 4096 438", NULL },
        { SYS_dup, "0", NULL },
        { SYS_sendmsg, "0 0 0", NULL },
        { SYS_recvmsg, "0 0 0", NULL },
        { SYS_unshare, "268435456", NULL },
        { SYS_setns, "0 0", NULL },
        { SYS_mount, "0 0 0 0 0", NULL },
        { SYS_chroot, "0", NULL },
        { SYS_bpf, "0 0 0", NULL },
        { SYS_perf_event_open, "0 0 0 0 0", NULL },
        { SYS_userfaultfd, "0", NULL },
        { SYS_io_uring_setup, "1 0", NULL },
        { SYS_keyctl, "0 0 0 0 0", NULL },
        { SYS_seccomp, "0 0 0", NULL },
        { SYS_prctl, "38 1 0 0 0", "-1" },
        { SYS_prlimit64, "1 7 0 0", NULL },
        { SYS_setrlimit, "7 0", NULL },
        { SYS_setuid, "0", NULL },
        { SYS_personality, "4194304", NULL },
        { SYS_uname, "0", "-1" },
        { SYS_sysinfo, "0", "-1" },
        { SYS_write, "1 0 0", "-9" },
        { SYS_read, "0 0 0", NULL },
        { SYS_close, "0", NULL },
        { SYS_fcntl, "0 3 0", NULL },
        { SYS_nanosleep, "0 0", NULL },
        { SYS_timer_create, "0 0 0", NULL },
#ifdef __x86_64__
        { SYS_fork, "", NULL },
        { SYS_vfork, "", NULL },
        { SYS_dup2, "0 1", NULL },
        { SYS_modify_ldt, "0 0 0", NULL },
        { SYS_arch_prctl, "4098 0", NULL },
#endif
    };

    (void)state;
    if (ISOLATE_RELAXED)
        skip();
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        CLEANUP(str)
        char *script = xasprintf("syscall %ld %s", cases[i].number, cases[i].arguments);
        struct run run = execute(script);
        CLEANUP(str) char *wanted = xasprintf("\"value\":%s,", cases[i].result);

        if (cases[i].result && !strstr(run.json, wanted))
            fail_msg("%s: end %d, %s%s", script, (int)run.end, run.json, run.err.text);
        if (!cases[i].result && (run.end != ISOLATE_END_CRASH || !strstr(run.err.text, "sandbox")))
            fail_msg("%s: end %d, %s%s", script, (int)run.end, run.json, run.err.text);
    }
    assert_still_works();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUNNER_TEST(forged_frames_end_the_worker),
        RUNNER_TEST(deep_json_ends_the_worker),
        RUNNER_TEST(nothing_follows_the_end),
        RUNNER_TEST(system_calls_are_stopped),
    };

    log_setup(LOG_OFF, LOG_FORMAT_TEXT);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

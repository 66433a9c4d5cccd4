/*
 * What a process behind the compiler's barrier can still do: a forked one,
 * since it can't be taken off again.
 */
#include "proxy/check/compiler_barrier.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/landlock.h"
#include "base/mem.h"
#include "tests/unit/test.h"

#define LIBRARY   TSC_DIR "/lib.d.ts"
#define ELSEWHERE "/etc/passwd"

struct attempt {
    long number;
    int wanted; /* errno; 0: it succeeds */
    long arguments[6];
};

#define POINTER(text) ((long)(intptr_t)(text))

static const struct attempt attempts[] = {
    /* its library, to read */
    { SYS_openat, 0, { AT_FDCWD, POINTER(LIBRARY), O_RDONLY } },
    { SYS_openat, 0, { AT_FDCWD, POINTER(TSC_DIR), O_RDONLY | O_DIRECTORY } },
    { SYS_openat, EACCES, { AT_FDCWD, POINTER(LIBRARY), O_WRONLY } },
    { SYS_openat, EACCES, { AT_FDCWD, POINTER(TSC_DIR "/new"), O_WRONLY | O_CREAT, 0600 } },
    /* other files and programs */
    { SYS_openat, EACCES, { AT_FDCWD, POINTER(ELSEWHERE), O_RDONLY } },
    { SYS_openat, EACCES, { AT_FDCWD, POINTER("/"), O_RDONLY | O_DIRECTORY } },
    { SYS_openat, EACCES, { AT_FDCWD, POINTER("/proc/self/environ"), O_RDONLY } },
    { SYS_execve, EACCES, { POINTER("/bin/sh"), 0, 0 } },
    { SYS_execveat, EPERM, { AT_FDCWD, POINTER("/bin/sh"), 0, 0, 0 } },
    { SYS_unlinkat, EPERM, { AT_FDCWD, POINTER(LIBRARY), 0 } },
    { SYS_renameat2, EPERM, { AT_FDCWD, POINTER(LIBRARY), AT_FDCWD, POINTER("x"), 0 } },
    { SYS_memfd_create, EPERM, { POINTER("x"), 0 } },
    { SYS_open_by_handle_at, EPERM, { AT_FDCWD, 0, 0 } },
    /* the network */
    { SYS_socket, EPERM, { AF_INET, SOCK_STREAM, 0 } },
    { SYS_socket, EPERM, { AF_INET6, SOCK_DGRAM, 0 } },
    { SYS_socket, EPERM, { AF_UNIX, SOCK_STREAM, 0 } },
    { SYS_socketpair, EPERM, { AF_UNIX, SOCK_STREAM, 0, 0 } },
    { SYS_connect, EPERM, { 0, 0, 0 } },
    { SYS_sendto, EPERM, { 1, 0, 0, 0, 0, 0 } },
    { SYS_sendmsg, EPERM, { 1, 0, 0 } },
    { SYS_io_uring_setup, EPERM, { 1, 0 } },
    /* other processes */
    { SYS_clone, EPERM, { SIGCHLD, 0, 0, 0, 0 } },
    { SYS_clone, EPERM, { CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0 } },
    { SYS_clone3, ENOSYS, { 0, 0 } },
    { SYS_kill, EPERM, { 1, 0 } },
    { SYS_tgkill, EPERM, { 1, 1, SIGKILL } },
    { SYS_ptrace, EPERM, { 0, 1, 0, 0 } },
    { SYS_process_vm_readv, EPERM, { 1, 0, 0, 0, 0, 0 } },
    { SYS_pidfd_open, EPERM, { 1, 0 } },
    { SYS_prlimit64, EPERM, { 0, 0, POINTER("0123456789abcdef"), 0 } },
    /* the kernel */
    { SYS_unshare, EPERM, { CLONE_NEWUSER } },
    { SYS_mount, EPERM, { 0, 0, 0, 0, 0 } },
    { SYS_bpf, EPERM, { 0, 0, 0 } },
    { SYS_userfaultfd, EPERM, { 0 } },
    { SYS_keyctl, EPERM, { 0 } },
    { SYS_perf_event_open, EPERM, { 0, 0, 0, 0, 0 } },
    { SYS_prctl, EPERM, { PR_SET_DUMPABLE, 1 } },
    /* machine code of its own */
    { SYS_mmap, EPERM, { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 } },
    { SYS_mprotect, EPERM, { 0, 0, PROT_READ | PROT_EXEC } },
};

static long make(const struct attempt *attempt)
{
    const long *a = attempt->arguments;

    errno = 0;
    return syscall(attempt->number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* Ends with 0, or with the place of the first attempt (from 1) that came out otherwise. */
static void __attribute__((noreturn)) try_all(const struct child_barrier *barrier)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        landlock_enforce(barrier->landlock_rules) < 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, barrier->filter) < 0)
        _exit(200);
    for (size_t i = 0; i < ARRAY_COUNT(attempts); i++) {
        long result = make(&attempts[i]);

        if (attempts[i].wanted ? result != -1 || errno != attempts[i].wanted : result < 0)
            _exit((int)i + 1);
    }
    _exit(0);
}

/* A kernel without it has nothing to show. */
static void skip_without_landlock(void)
{
    struct err err = ERR_INIT;
    int rules = landlock_rules(NULL, &err);

    if (rules < 0 && err.code == ERR_UNSUPPORTED)
        skip();
    assert_true(rules >= 0);
    close(rules);
}

static void it_leaves_the_library_and_nothing_else(void **state)
{
    struct child_barrier barrier;
    struct err err = ERR_INIT;
    int status;
    pid_t pid;

    (void)state;
    skip_without_landlock();
    assert_int_equal(compiler_barrier_make(TSC_DIR, true, &barrier, &err), 0);
    pid = fork();
    if (pid == 0)
        try_all(&barrier);
    compiler_barrier_done(&barrier);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_missing_library_is_an_error(void **state)
{
    struct child_barrier barrier;
    struct err err = ERR_INIT;

    (void)state;
    skip_without_landlock();
    assert_int_equal(compiler_barrier_make("/nowhere", false, &barrier, &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_non_null(strstr(err.text, "/nowhere"));
    assert_int_equal(barrier.landlock_rules, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_leaves_the_library_and_nothing_else),
        cmocka_unit_test(a_missing_library_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

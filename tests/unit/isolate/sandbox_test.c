/*
 * The table of layers, what each layer does to a process (a forked one, since
 * none can be undone), and the finished filter programs, run by a small
 * interpreter over every system call.
 */
#include "isolate/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/mem.h"
#include "isolate/sandbox_filters.h"
#include "tests/unit/test.h"

#define CALLS_MAX 600 /* more than any system has */
#define REPORTED  240 /* exit statuses from here on are line numbers of nobody */

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

struct program {
    const struct sock_filter *code;
    size_t len;
};

static const struct program zygote = { zygote_filter, ARRAY_COUNT(zygote_filter) };
static const struct program worker = { worker_filter, ARRAY_COUNT(worker_filter) };

static bool jumps(const struct sock_filter *code, uint32_t a)
{
    switch (BPF_OP(code->code)) {
    case BPF_JEQ:
        return a == code->k;
    case BPF_JGT:
        return a > code->k;
    case BPF_JGE:
        return a >= code->k;
    case BPF_JSET:
        return (a & code->k) != 0;
    default:
        fail_msg("jump 0x%x is not of libseccomp", code->code);
        return false;
    }
}

/* What a filter answers to a call: classic BPF as far as libseccomp uses it. */
static uint32_t ask(const struct program *program, const struct seccomp_data *call)
{
    uint32_t a = 0;

    for (size_t at = 0; at < program->len; at++) {
        const struct sock_filter *code = &program->code[at];

        if (code->code == (BPF_LD | BPF_W | BPF_ABS))
            memcpy(&a, (const char *)call + code->k, sizeof(a));
        else if (code->code == (BPF_ALU | BPF_AND | BPF_K))
            a &= code->k;
        else if (code->code == (BPF_RET | BPF_K))
            return code->k;
        else if (code->code == (BPF_JMP | BPF_JA))
            at += code->k;
        else if (BPF_CLASS(code->code) == BPF_JMP)
            at += jumps(code, a) ? code->jt : code->jf;
        else
            fail_msg("instruction 0x%x is not of libseccomp", code->code);
    }
    fail_msg("the program has no end");
    return 0;
}

static uint32_t ask_plain(const struct program *program, int number)
{
    struct seccomp_data call = { .nr = number, .arch = OWN_ARCHITECTURE };

    return ask(program, &call);
}

static uint32_t
ask_argument(const struct program *program, int number, unsigned argument, uint64_t value)
{
    struct seccomp_data call = { .nr = number, .arch = OWN_ARCHITECTURE };

    call.args[argument] = value;
    return ask(program, &call);
}

/* The kernel takes the strictest answer of stacked filters; a smaller number is stricter, and the
 * killing ones are negative. */
static bool is_at_least_as_strict(uint32_t a, uint32_t b)
{
    return (int32_t)(a & SECCOMP_RET_ACTION_FULL) <= (int32_t)(b & SECCOMP_RET_ACTION_FULL);
}

static void other_architectures_are_killed(void **state)
{
    struct seccomp_data call = { .nr = SYS_getpid, .arch = AUDIT_ARCH_I386 };

    (void)state;
    assert_int_equal(ask(&worker, &call), SECCOMP_RET_KILL_PROCESS);
    assert_int_equal(ask(&zygote, &call), SECCOMP_RET_KILL_PROCESS);
    /* The x32 calls are numbers of the same architecture. */
    call = (struct seccomp_data){ .nr = SYS_getpid | 0x40000000, .arch = OWN_ARCHITECTURE };
    assert_int_equal(ask(&worker, &call), SECCOMP_RET_KILL_PROCESS);
}

static void a_worker_may_do_nothing_that_its_zygote_may_not(void **state)
{
    (void)state;
    for (int number = -1; number < CALLS_MAX; number++)
        assert_true(is_at_least_as_strict(ask_plain(&worker, number), ask_plain(&zygote, number)));
}

static void most_calls_kill(void **state)
{
    static const int killing[] = {
        SYS_execve,
        SYS_execveat,
        SYS_clone,
        SYS_ptrace,
        SYS_kill,
        SYS_tkill,
        SYS_socket,
        SYS_connect,
        SYS_bind,
        SYS_accept4,
        SYS_sendmsg,
        SYS_recvmsg,
        SYS_dup,
        SYS_dup3,
        SYS_pidfd_getfd,
        SYS_process_vm_readv,
        SYS_process_vm_writev,
        SYS_unshare,
        SYS_setns,
        SYS_mount,
        SYS_bpf,
        SYS_userfaultfd,
        SYS_io_uring_setup,
        SYS_memfd_create,
        SYS_shmat,
        SYS_remap_file_pages,
        SYS_pkey_mprotect,
        SYS_keyctl,
        SYS_personality,
        SYS_seccomp,
        SYS_perf_event_open,
        SYS_open_by_handle_at,
        SYS_finit_module,
        SYS_read,
        SYS_close,
    };
    unsigned allowed = 0;

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(killing); i++)
        assert_int_equal(ask_plain(&worker, killing[i]), SECCOMP_RET_KILL_PROCESS);
    for (int number = 0; number < CALLS_MAX; number++)
        allowed += ask_plain(&worker, number) == SECCOMP_RET_ALLOW;
    /* Whoever adds one says why here too. */
    assert_true(allowed <= 23);
}

static uint32_t ask_arguments(const struct program *program,
                              int number,
                              unsigned first,
                              uint64_t value,
                              unsigned second,
                              uint64_t second_value)
{
    struct seccomp_data call = { .nr = number, .arch = OWN_ARCHITECTURE };

    call.args[first] = value;
    call.args[second] = second_value;
    return ask(program, &call);
}

static void memory_is_never_made_executable(void **state)
{
    static const int calls[] = { SYS_mmap, SYS_mprotect };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(calls); i++) {
        for (uint64_t protection = 0; protection < 8; protection++) {
            uint32_t wanted =
                (protection & PROT_EXEC) ? (SECCOMP_RET_ERRNO | EPERM) : SECCOMP_RET_ALLOW;

            assert_int_equal(
                ask_arguments(&worker, calls[i], 2, protection, 3, MAP_PRIVATE | MAP_ANONYMOUS),
                wanted);
            assert_int_equal(ask_argument(&zygote, calls[i], 2, protection), wanted);
        }
    }
    /* It says nothing of rights: what is executable would grow. */
    assert_int_equal(ask_plain(&worker, SYS_mremap), SECCOMP_RET_ERRNO | ENOMEM);
    assert_int_equal(ask_plain(&zygote, SYS_mremap), SECCOMP_RET_ERRNO | ENOMEM);
}

/* What RLIMIT_DATA would not count, and what belongs to the whole system. */
static void a_worker_maps_private_memory_only(void **state)
{
    static const uint64_t allowed[] = { 0, MAP_NORESERVE, MAP_FIXED };
    static const uint64_t killing[] = { MAP_GROWSDOWN, MAP_LOCKED,   MAP_HUGETLB,
                                        MAP_SHARED,    MAP_POPULATE, UINT64_C(1) << 40 };
    const uint64_t plain = MAP_PRIVATE | MAP_ANONYMOUS;

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(allowed); i++)
        assert_int_equal(ask_argument(&worker, SYS_mmap, 3, plain | allowed[i]), SECCOMP_RET_ALLOW);
    for (size_t i = 0; i < ARRAY_COUNT(killing); i++)
        assert_int_equal(ask_argument(&worker, SYS_mmap, 3, plain | killing[i]),
                         SECCOMP_RET_KILL_PROCESS);
    assert_int_equal(ask_argument(&worker, SYS_mmap, 3, MAP_PRIVATE), SECCOMP_RET_KILL_PROCESS);
    assert_int_equal(ask_argument(&worker, SYS_madvise, 2, MADV_DONTNEED), SECCOMP_RET_ALLOW);
    assert_int_equal(ask_argument(&worker, SYS_madvise, 2, MADV_MERGEABLE),
                     SECCOMP_RET_KILL_PROCESS);
}

static void the_socket_carries_bytes_only(void **state)
{
    static const int calls[] = { SYS_sendto, SYS_recvfrom };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(calls); i++) {
        assert_int_equal(ask_argument(&worker, calls[i], 3, MSG_DONTWAIT), SECCOMP_RET_ALLOW);
        assert_int_equal(ask_argument(&worker, calls[i], 3, MSG_OOB), SECCOMP_RET_KILL_PROCESS);
        assert_int_equal(ask_argument(&worker, calls[i], 3, MSG_ERRQUEUE),
                         SECCOMP_RET_KILL_PROCESS);
        assert_int_equal(ask_arguments(&worker, calls[i], 3, MSG_DONTWAIT, 4, 1),
                         SECCOMP_RET_KILL_PROCESS);
    }
}

static void arguments_are_looked_at_whole(void **state)
{
    (void)state;
    /* Limits of other processes, frames to other addresses; with the upper half set as well. */
    assert_int_equal(ask_argument(&worker, SYS_prlimit64, 0, 0), SECCOMP_RET_ALLOW);
    assert_int_equal(ask_argument(&worker, SYS_prlimit64, 0, 1), SECCOMP_RET_KILL_PROCESS);
    assert_int_equal(ask_argument(&worker, SYS_sendto, 4, 0), SECCOMP_RET_ALLOW);
    assert_int_equal(ask_argument(&worker, SYS_sendto, 4, 4096), SECCOMP_RET_KILL_PROCESS);
    assert_int_equal(ask_argument(&worker, SYS_sendto, 4, UINT64_C(1) << 32),
                     SECCOMP_RET_KILL_PROCESS);
    assert_int_equal(
        ask_argument(&zygote, SYS_clone, 0, CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD),
        SECCOMP_RET_ALLOW);
    assert_int_equal(ask_argument(&zygote, SYS_clone, 0, CLONE_NEWUSER | SIGCHLD),
                     SECCOMP_RET_KILL_PROCESS);
    assert_int_equal(ask_argument(&zygote, SYS_clone, 0, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND),
                     SECCOMP_RET_KILL_PROCESS);
}

static void the_layers_are_described(void **state)
{
    struct sandbox_report report = { 0 };
    CLEANUP(buf) struct buf text = BUF(4096);

    (void)state;
    for (int i = 0; i < SANDBOX_LAYER_COUNT; i++) {
        assert_true(strlen(sandbox_layers[i].stops) > 10);
        /* Stages come in order, so that a layer can rely on those above it. */
        assert_true(i == 0 || sandbox_layers[i - 1].stage <= sandbox_layers[i].stage);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(sandbox_layers[i].name, sandbox_layers[j].name);
    }
    report.layers[SANDBOX_LAYER_LANDLOCK].outcome = SANDBOX_OUTCOME_REFUSED;
    snprintf(report.layers[SANDBOX_LAYER_LANDLOCK].reason, SANDBOX_REASON_BYTES, "why");
    report.layers[SANDBOX_LAYER_LIMITS].outcome = SANDBOX_OUTCOME_ON;
    report.layers[SANDBOX_LAYER_USER].outcome = SANDBOX_OUTCOME_NOT_NEEDED;
    sandbox_describe(&report, &text);
    assert_string_equal(buf_str(&text), "off landlock: why\non resource-limits\n");
    assert_int_equal(sandbox_refused(&report), 1);
}

/* Ends the forked process with the line of the first condition that is false. */
#define EXPECT(condition)                   \
    do {                                    \
        if (!(condition))                   \
            _exit(__LINE__ % REPORTED + 1); \
    } while (0)

/* Runs `check` in a process that has these layers.  0, or the status it ended with. */
static int in_sandbox(const enum sandbox_layer_id *layers, size_t count, void (*check)(void))
{
    const struct sandbox_options options = { .data_bytes = UINT64_C(1) << 30 };
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        for (size_t i = 0; i < count; i++) {
            const struct sandbox_layer *layer = &sandbox_layers[layers[i]];
            struct err err = ERR_INIT;

            if (layer->apply(&options, layer->argument, &err) < 0) {
                dprintf(STDERR_FILENO, "%s: %s\n", layer->name, err.text);
                _exit(REPORTED + 1);
            }
        }
        check();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}

#define IN_SANDBOX(check, ...)                                 \
    in_sandbox((const enum sandbox_layer_id[]){ __VA_ARGS__ }, \
               ARRAY_COUNT(((const enum sandbox_layer_id[]){ __VA_ARGS__ })), check)

static void check_no_files(void)
{
    EXPECT(open("/etc/passwd", O_RDONLY) < 0 && errno == ENOENT);
    EXPECT(open("/proc/self/status", O_RDONLY) < 0 && errno == ENOENT);
    EXPECT(open("/new", O_WRONLY | O_CREAT, 0600) < 0);
    EXPECT(mkdirat(AT_FDCWD, "x", 0700) < 0);
    EXPECT(chdir("..") == 0 && access("etc", F_OK) < 0);
}

static void check_landlock(void)
{
    EXPECT(open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES);
    EXPECT(open("/tmp/mcpfold-none", O_WRONLY | O_CREAT, 0600) < 0 && errno == EACCES);
}

static void check_no_rights(void)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2];

    EXPECT(geteuid() != 0 && getuid() != 0 && getegid() != 0);
    EXPECT(syscall(SYS_capget, &header, data) == 0);
    EXPECT(!data[0].effective && !data[0].permitted && !data[1].effective && !data[1].permitted);
    EXPECT(setuid(0) < 0);
    EXPECT(unshare(CLONE_NEWNET) < 0);
    EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    EXPECT(prctl(PR_GET_DUMPABLE) == 0);
}

static void check_no_executable(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    EXPECT(page != MAP_FAILED);
    EXPECT(mprotect(page, 4096, PROT_READ | PROT_EXEC) < 0);
    EXPECT(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) == MAP_FAILED);
}

static void check_ends_first(void)
{
    CLEANUP(buf) struct buf score = BUF(16);

    EXPECT(file_read("/proc/self/oom_score_adj", &score, NULL) == 0);
    EXPECT(strcmp(buf_str(&score), "1000\n") == 0);
}

static void check_host_name(void)
{
    char name[64];

    EXPECT(gethostname(name, sizeof(name)) == 0 && strcmp(name, "isolate") == 0);
}

static void check_limits(void)
{
    struct rlimit limit;

    EXPECT(open("/dev/null", O_RDONLY) < 0 && errno == EMFILE);
    EXPECT(fork() < 0 && errno == EAGAIN);
    EXPECT(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0);
    limit.rlim_max = limit.rlim_cur = 10;
    EXPECT(setrlimit(RLIMIT_NOFILE, &limit) < 0);
    EXPECT(mmap(NULL, UINT64_C(2) << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) == MAP_FAILED);
}

static void layers_do_what_they_say(void **state)
{
    (void)state;
    assert_int_equal(IN_SANDBOX(check_ends_first, SANDBOX_LAYER_MEMORY), 0);
    assert_int_equal(IN_SANDBOX(check_no_files, SANDBOX_LAYER_USER, SANDBOX_LAYER_USER_NAMESPACE,
                                SANDBOX_LAYER_MOUNTS, SANDBOX_LAYER_EMPTY_ROOT),
                     0);
    assert_int_equal(
        IN_SANDBOX(check_landlock, SANDBOX_LAYER_NO_PRIVILEGES, SANDBOX_LAYER_LANDLOCK), 0);
    assert_int_equal(IN_SANDBOX(check_no_rights, SANDBOX_LAYER_USER, SANDBOX_LAYER_USER_NAMESPACE,
                                SANDBOX_LAYER_NO_PRIVILEGES, SANDBOX_LAYER_NOT_DUMPABLE,
                                SANDBOX_LAYER_CAPABILITIES),
                     0);
    assert_int_equal(IN_SANDBOX(check_host_name, SANDBOX_LAYER_USER, SANDBOX_LAYER_USER_NAMESPACE,
                                SANDBOX_LAYER_HOST_NAME),
                     0);
}

/* The sanitizers' run-time library needs what these deny. */
static void layers_of_a_worker_do_what_they_say(void **state)
{
    (void)state;
    if (sandbox_is_relaxed())
        skip();
    assert_int_equal(IN_SANDBOX(check_no_executable, SANDBOX_LAYER_NO_EXECUTABLE), 0);
    assert_int_equal(IN_SANDBOX(check_limits, SANDBOX_LAYER_USER, SANDBOX_LAYER_LIMITS), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_architectures_are_killed),
        cmocka_unit_test(a_worker_may_do_nothing_that_its_zygote_may_not),
        cmocka_unit_test(most_calls_kill),
        cmocka_unit_test(memory_is_never_made_executable),
        cmocka_unit_test(a_worker_maps_private_memory_only),
        cmocka_unit_test(the_socket_carries_bytes_only),
        cmocka_unit_test(arguments_are_looked_at_whole),
        cmocka_unit_test(the_layers_are_described),
        cmocka_unit_test(layers_do_what_they_say),
        cmocka_unit_test(layers_of_a_worker_do_what_they_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

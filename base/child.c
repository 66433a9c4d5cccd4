#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/landlock.h"
#include "base/mem.h"
#include "base/span.h"

#define PATH_DEFAULT     "/usr/local/bin:/usr/bin:/bin"
#define PATH_MAX_BYTES   4096
#define STANDARD_COUNT   4  /* stdin, stdout, stderr and the extra descriptor */
#define PARKING_FD       10 /* descriptors are moved at or above it before they are put in place */
#define EXIT_CANNOT_EXEC 127

struct child {
    struct loop *loop; /* borrowed */
    pid_t pid;
    int pidfd; /* owned */
    struct loop_watch *watch;
    child_exit_fn *on_exit;
    void *ctx;
    bool running;
};

static const char *find_path(const char *const *env)
{
    for (; env && *env; env++) {
        if (span_starts_with(span_of(*env), SPAN("PATH=")))
            return *env + sizeof("PATH=") - 1;
    }
    return env ? PATH_DEFAULT : getenv("PATH");
}

/* The file of a program name in a search path, as a string to free; NULL when there is none. */
static char *search_program(const char *name, const char *path)
{
    while (path && *path) {
        size_t len = strcspn(path, ":");
        CLEANUP(buf) struct buf candidate = BUF(PATH_MAX_BYTES);

        buf_add(&candidate, path, len);
        buf_printf(&candidate, "%s%s", len ? "/" : "./", name);
        if (!buf_failed(&candidate) && access(buf_str(&candidate), X_OK) == 0)
            return buf_take(&candidate);
        path += len;
        path += *path == ':';
    }
    return NULL;
}

static char *find_program(const struct child_options *options, struct err *err)
{
    const char *name = options->argv[0];
    char *program;

    if (strchr(name, '/'))
        return xstrdup(name);
    program = search_program(name, find_path(options->env));
    if (!program)
        err_set(err, ERR_NOT_FOUND,
                "program '%s' was not found in PATH; install it or give its full path", name);
    return program;
}

/* What follows runs between fork and exec: only calls that are safe there. */

static void fail_child(int report_fd)
{
    int number = errno;

    if (write(report_fd, &number, sizeof(number)) < 0)
        _exit(EXIT_CANNOT_EXEC);
    _exit(EXIT_CANNOT_EXEC);
}

static void reset_signals(void)
{
    struct sigaction action = { .sa_handler = SIG_DFL };
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        sigaction(number, &action, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A descriptor above the places that are about to be filled; -1 stays -1. */
static int park(int fd, int report_fd)
{
    int parked;

    if (fd < 0)
        return -1;
    parked = fcntl(fd, F_DUPFD_CLOEXEC, PARKING_FD);
    if (parked < 0)
        fail_child(report_fd);
    return parked;
}

static int place_descriptors(const struct child_options *options, int report_fd)
{
    const int wanted[STANDARD_COUNT] = { options->stdin_fd, options->stdout_fd, options->stderr_fd,
                                         options->extra_fd };
    int parked[STANDARD_COUNT];
    int report = park(report_fd, report_fd);
    int null_fd = park(open("/dev/null", O_RDWR | O_CLOEXEC), report);

    for (int i = 0; i < STANDARD_COUNT; i++)
        parked[i] = park(wanted[i], report);
    for (int i = 0; i < STANDARD_COUNT; i++) {
        int source = parked[i] >= 0 ? parked[i] : null_fd;

        if (i == STANDARD_COUNT - 1 && parked[i] < 0)
            break;
        if (dup2(source, i) < 0)
            fail_child(report);
    }
    return report;
}

static void set_child_limits(const struct child_limits *limits, int report_fd)
{
    struct rlimit space = { .rlim_cur = limits->address_space_bytes,
                            .rlim_max = limits->address_space_bytes };

    if (limits->address_space_bytes && setrlimit(RLIMIT_AS, &space) < 0)
        fail_child(report_fd);
}

static void raise_barrier(const struct child_barrier *barrier, int landlock_rules, int report_fd)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        (landlock_rules >= 0 && landlock_enforce(landlock_rules) < 0) ||
        (barrier->filter && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, barrier->filter) < 0))
        fail_child(report_fd);
}

static void
run_child(const char *program, const struct child_options *options, pid_t parent, int report_fd)
{
    extern char **environ;
    char *const *env = options->env ? (char *const *)(uintptr_t)options->env : environ;
    unsigned first_unused = options->extra_fd >= 0 ? 4 : 3;
    int rules;

    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_CANNOT_EXEC);
    reset_signals();
    rules = park(options->barrier ? options->barrier->landlock_rules : -1, report_fd);
    report_fd = place_descriptors(options, report_fd);
    close_range(first_unused, ~0u, CLOSE_RANGE_CLOEXEC);
    set_child_limits(&options->limits, report_fd);
    if (options->cwd && chdir(options->cwd) < 0)
        fail_child(report_fd);
    if (options->barrier)
        raise_barrier(options->barrier, rules, report_fd);
    execve(program, (char *const *)(uintptr_t)options->argv, env);
    fail_child(report_fd);
}

/* 0 when the program was started, else the errno of what failed. */
static int read_report(int fd)
{
    int number = 0;
    ssize_t n;

    do
        n = read(fd, &number, sizeof(number));
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof(number) ? number : 0;
}

static pid_t
fork_and_exec(const char *program, const struct child_options *options, struct err *err)
{
    int report[2];
    pid_t parent = getpid(), pid;
    int failure;

    if (pipe2(report, O_CLOEXEC) < 0)
        return err_sys(err, ERR_IO, errno, "cannot start '%s'", options->argv[0]);
    pid = fork();
    if (pid == 0)
        run_child(program, options, parent, report[1]);
    failure = pid < 0 ? errno : 0;
    fd_close(&report[1]);
    if (pid > 0)
        failure = read_report(report[0]);
    fd_close(&report[0]);
    if (failure && pid > 0)
        waitpid(pid, NULL, 0);
    if (failure)
        return err_sys(err, failure == ENOENT ? ERR_NOT_FOUND : ERR_IO, failure,
                       "cannot start '%s'%s%s", options->argv[0], options->cwd ? " in " : "",
                       options->cwd ? options->cwd : "");
    return pid;
}

static void tell_exit(struct child *child, int status)
{
    child->running = false;
    loop_watch_free(TAKE(child->watch));
    fd_close(&child->pidfd);
    if (WIFSIGNALED(status))
        child->on_exit(child->ctx, 0, WTERMSIG(status));
    else
        child->on_exit(child->ctx, WEXITSTATUS(status), 0);
}

static void on_pidfd(void *ctx, unsigned events)
{
    struct child *child = ctx;
    int status;

    (void)events;
    if (waitpid(child->pid, &status, WNOHANG) == child->pid)
        tell_exit(child, status);
}

static int watch_child(struct child *child, struct err *err)
{
    child->pidfd = pidfd_open(child->pid, 0);
    if (child->pidfd < 0)
        return err_sys(err, ERR_IO, errno, "cannot watch process %d", (int)child->pid);
    child->watch = loop_watch_new(child->loop, child->pidfd, on_pidfd, child, err);
    if (!child->watch)
        return -1;
    loop_watch_set(child->watch, LOOP_READ);
    return 0;
}

struct child *child_start(struct loop *loop,
                          const struct child_options *options,
                          child_exit_fn *on_exit,
                          void *ctx,
                          struct err *err)
{
    CLEANUP(str) char *program = find_program(options, err);
    struct child *child;
    pid_t pid;

    if (!program)
        return NULL;
    pid = fork_and_exec(program, options, err);
    if (pid < 0)
        return NULL;
    child = NEW(struct child);
    *child = (struct child){
        .loop = loop, .pid = pid, .pidfd = -1, .on_exit = on_exit, .ctx = ctx, .running = true
    };
    if (watch_child(child, err) < 0) {
        child_free(child);
        return NULL;
    }
    return child;
}

pid_t child_pid(const struct child *child)
{
    return child->pid;
}

bool child_running(const struct child *child)
{
    return child->running;
}

void child_kill(struct child *child, int signal_number)
{
    if (child->running)
        kill(-child->pid, signal_number);
}

static void free_child(void *object)
{
    free(object);
}

void child_free(struct child *child)
{
    if (!child)
        return;
    if (child->running) {
        kill(-child->pid, SIGKILL);
        kill(child->pid, SIGKILL);
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    loop_watch_free(child->watch);
    fd_close(&child->pidfd);
    loop_reap(child->loop, child, free_child);
}

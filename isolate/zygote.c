#include "isolate/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "isolate/engine.h"
#include "isolate/first_touch.h"
#include "isolate/huge_text.h"
#include "isolate/idle_libraries.h"
#include "isolate/memory_image.h"
#include "isolate/rehearsal.h"
#include "isolate/sandbox.h"
#include "isolate/worker.h"
#include "isolate/worker_cpu.h"
#include "isolate/zygote_messages.h"

/*
 * What a worker may have in private memory beside the heap it is granted: what
 * the engine and the libraries hold when it is forked is counted, and this
 * comes on top for frames in both directions, code, and the collector's copies.
 */
#define DATA_MARGIN_BYTES (UINT64_C(160) * 1024 * 1024)

/*
 * What of address space a worker may have beside what the zygote has: the heap
 * twice, since the engine reserves before it uses, and this.
 */
#define ADDRESS_MARGIN_BYTES (UINT64_C(1) << 30)

#define HEAP_ROOM_BYTES (1024 * 1024)

/* So often that what every execution runs is compiled, and its feedback is collected. */
#define WARM_UPS 12

struct zygote {
    const struct zygote_options *options; /* borrowed */
    int control_fd;                       /* owned */
    int signal_fd;                        /* owned; readable when a child ended */
    struct engine *engine;                /* owned */
    struct sandbox_report report;
    uint64_t data_base_bytes; /* private memory when a worker is forked, with the margin */
    struct sandbox_options sandbox;
    struct first_touch touched;
};

/* Sends a message with up to ZYGOTE_DESCRIPTORS descriptors; -1 when the proxy is gone. */
static int
send_message(int control_fd, const struct zygote_message *message, const int *fds, size_t fd_count)
{
    char control[CMSG_SPACE(sizeof(int) * ZYGOTE_DESCRIPTORS)] = { 0 };
    struct iovec bytes = { .iov_base = (void *)(uintptr_t)message,
                           .iov_len = ZYGOTE_MESSAGE_BYTES + strlen(message->text) };
    struct msghdr header = { .msg_iov = &bytes, .msg_iovlen = 1 };
    ssize_t n;

    if (fd_count) {
        struct cmsghdr *item = (struct cmsghdr *)control;

        header.msg_control = control;
        header.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
        item->cmsg_level = SOL_SOCKET;
        item->cmsg_type = SCM_RIGHTS;
        item->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
        memcpy(CMSG_DATA(item), fds, sizeof(int) * fd_count);
    }
    do
        n = sendmsg(control_fd, &header, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -1 : 0;
}

static int
tell(const struct zygote *z, enum zygote_message_type type, pid_t pid, int status, const char *text)
{
    struct zygote_message message = {
        .protocol = ZYGOTE_PROTOCOL_NUMBER, .type = type, .pid = pid, .status = status
    };

    snprintf(message.text, sizeof(message.text), "%s", text);
    return send_message(z->control_fd, &message, NULL, 0);
}

/* What could not be done, and the reason that errno holds. */
static int tell_errno(const struct zygote *z, enum zygote_message_type type, const char *what)
{
    char text[128];

    snprintf(text, sizeof(text), "%s: %s", what, strerror(errno));
    return tell(z, type, 0, 0, text);
}

/* In the new process: keeps the socket alone, locks itself down, serves, ends. */
static void __attribute__((noreturn)) become_worker(struct zygote *z, int socket_fd)
{
    unsigned keep = sandbox_is_relaxed() ? STDERR_FILENO : 0;
    sigset_t none;

    /* Descriptor 0 and nothing else, so that RLIMIT_NOFILE can be 1. */
    if (dup2(socket_fd, STDIN_FILENO) < 0)
        _exit(WORKER_EXIT_SANDBOX);
    close_range(keep + 1, ~0u, 0);
    worker_cpu_install();
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (sandbox_apply(SANDBOX_STAGE_WORKER, &z->sandbox, &z->report) > 0)
        _exit(WORKER_EXIT_SANDBOX);
    /* So that an execution pays for no first page fault. */
    first_touch_use(&z->touched);
    _exit(worker_serve(STDIN_FILENO, z->engine, sandbox_is_relaxed() ? 0 : z->data_base_bytes));
}

/* Hands socket and pidfd of a new worker to the proxy.  A worker that can't be handed over ends
 * by itself when its socket closes. */
static int hand_over(const struct zygote *z, pid_t pid, int socket_fd)
{
    struct zygote_message message = { .protocol = ZYGOTE_PROTOCOL_NUMBER,
                                      .type = ZYGOTE_WORKER,
                                      .pid = pid };
    CLEANUP(fd) int pidfd = pidfd_open(pid, 0);
    int fds[ZYGOTE_DESCRIPTORS] = { socket_fd, pidfd };

    if (pidfd < 0)
        return tell_errno(z, ZYGOTE_REFUSED, "no pidfd for a worker");
    return send_message(z->control_fd, &message, fds, ZYGOTE_DESCRIPTORS);
}

static int make_worker(struct zygote *z)
{
    int pair[2];
    pid_t pid;
    int result;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return tell_errno(z, ZYGOTE_REFUSED, "no socket for a worker");
    /* No handlers of fork are wanted, and there is one thread: _Fork does less. */
    pid = _Fork();
    if (pid == 0)
        become_worker(z, pair[1]);
    fd_close(&pair[1]);
    result = pid < 0 ? tell_errno(z, ZYGOTE_REFUSED, "cannot fork a worker")
                     : hand_over(z, pid, pair[0]);
    fd_close(&pair[0]);
    return result;
}

/* Reads one request.  0 to go on, -1 at the end. */
static int serve_request(struct zygote *z)
{
    struct zygote_message request = { 0 };
    struct iovec bytes = { .iov_base = &request, .iov_len = sizeof(request) };
    struct msghdr header = { .msg_iov = &bytes, .msg_iovlen = 1 };
    ssize_t n = recvmsg(z->control_fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n < (ssize_t)ZYGOTE_MESSAGE_BYTES || request.protocol != ZYGOTE_PROTOCOL_NUMBER ||
        request.type != ZYGOTE_FORK)
        return -1;
    return make_worker(z);
}

static int reap_workers(const struct zygote *z)
{
    struct signalfd_siginfo info;
    int status;
    pid_t pid;

    if (read(z->signal_fd, &info, sizeof(info)) < 0 && errno != EAGAIN)
        return -1;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (tell(z, ZYGOTE_EXIT, pid, status, "") < 0)
            return -1;
    }
    return 0;
}

static void serve(struct zygote *z)
{
    for (;;) {
        struct pollfd events[] = { { .fd = z->control_fd, .events = POLLIN },
                                   { .fd = z->signal_fd, .events = POLLIN } };

        if (poll(events, 2, -1) < 0 && errno != EINTR)
            return;
        if (events[1].revents && reap_workers(z) < 0)
            return;
        if (events[0].revents && serve_request(z) < 0)
            return;
    }
}

static int open_signal_fd(struct err *err)
{
    sigset_t child;
    int fd;

    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        err_sys(err, ERR_IO, errno, "signalfd");
    return fd;
}

/* Address space and private writable memory of this process, from /proc/self/statm ("size" and
 * "data", in pages). */
static int read_sizes(uint64_t *ret_address_bytes, uint64_t *ret_data_bytes, struct err *err)
{
    const uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
    CLEANUP(buf) struct buf text = BUF(256);
    char *next;

    if (file_read("/proc/self/statm", &text, err) < 0)
        return -1;
    next = text.data;
    *ret_address_bytes = strtoull(next, &next, 10) * page_bytes;
    for (int field = 1; field < 6; field++)
        *ret_data_bytes = strtoull(next, &next, 10) * page_bytes;
    return 0;
}

/*
 * Forks a worker that only locks itself down, so that a layer that is refused
 * there is known by name before the first execution.
 */
static int try_worker_layers(struct zygote *z, struct err *err)
{
    const size_t bytes = sizeof(z->report);
    struct sandbox_report *shared =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid;
    int status = 0;

    if (shared == MAP_FAILED)
        return err_sys(err, ERR_IO, errno, "mmap");
    *shared = z->report;
    pid = _Fork();
    if (pid == 0) {
        sandbox_apply(SANDBOX_STAGE_WORKER, &z->sandbox, shared);
        _exit(WORKER_EXIT_OK);
    }
    if (pid > 0)
        waitpid(pid, &status, 0);
    z->report = *shared;
    munmap(shared, bytes);
    if (pid < 0)
        return err_sys(err, ERR_IO, errno, "cannot fork a worker");
    if (status != 0)
        return err_set(err, ERR_DENIED, "a worker did not survive its sandbox (wait status 0x%x)",
                       (unsigned)status);
    return 0;
}

/* What of the engine's text executions use, not what its start did. */
static int move_text(struct engine *engine, struct err *err)
{
    if (huge_text_forget(engine_text(), err) < 0)
        return -1;
    engine_warm_up(engine);
    return huge_text_move(engine_text(), err);
}

/*
 * Makes forks cheaper; without it they work as well, so a refusal is only
 * told.  Without generated code no anonymous memory shall be executable, not
 * even a copy of the engine's text.
 */
static void lighten_forks(const struct zygote *z)
{
    struct err err = ERR_INIT;

    if (!engine_text())
        return;
    if ((z->options->jit && move_text(z->engine, &err) < 0) || memory_image_take(&err) < 0 ||
        idle_libraries_leave_out(&err) < 0)
        fprintf(stderr, "workers start slower: %s\n", err.text);
}

static int rehearse(void *engine, struct err *err)
{
    return rehearsal_serve(engine, err);
}

static void learn_first_touch(struct zygote *z)
{
    struct err err = ERR_INIT;

    if (first_touch_learn(&z->touched, z->options->jit, rehearse, z->engine, &err) < 0)
        fprintf(stderr, "workers start slower: %s\n", err.text);
}

/* What a worker needs for its frames lies in the heap before it is forked, and is among the pages
 * that are learnt, instead of in mappings that it makes during the execution. */
static void widen_heap(void)
{
    mallopt(M_MMAP_THRESHOLD, HEAP_ROOM_BYTES);
    mallopt(M_TRIM_THRESHOLD, 2 * HEAP_ROOM_BYTES);
    mallopt(M_TOP_PAD, HEAP_ROOM_BYTES);
}

static int start_engine(struct zygote *z, struct err *err)
{
    struct engine_options options = { .jit = z->options->jit,
                                      .heap_max_bytes = z->options->heap_max_bytes };

    widen_heap();
    z->engine = engine_start(&options, err);
    if (!z->engine)
        return err_in(err, "the engine did not start");
    for (int i = 0; i < WARM_UPS; i++)
        engine_warm_up(z->engine);
    lighten_forks(z);
    learn_first_touch(z);
    return 0;
}

static int lock_down(struct zygote *z, struct err *err)
{
    CLEANUP(buf) struct buf layers = BUF(ZYGOTE_TEXT_BYTES);
    uint64_t address_bytes, data_bytes = 0;

    if (read_sizes(&address_bytes, &data_bytes, err) < 0)
        return -1;
    z->data_base_bytes = data_bytes + DATA_MARGIN_BYTES;
    z->sandbox.data_bytes = z->data_base_bytes + z->options->heap_max_bytes;
    z->sandbox.address_bytes =
        address_bytes + 2 * z->options->heap_max_bytes + ADDRESS_MARGIN_BYTES;
    sandbox_apply(SANDBOX_STAGE_ZYGOTE, &z->sandbox, &z->report);
    if (try_worker_layers(z, err) < 0)
        return -1;
    if (!z->options->require_sandbox || !sandbox_refused(&z->report))
        return 0;
    sandbox_describe_refused(&z->report, &layers);
    return err_set(err, ERR_DENIED,
                   "the system refuses layers of the sandbox, and `sandbox: require` is set: %s; "
                   "allow them, or set `sandbox: best-effort`",
                   buf_str(&layers));
}

static int start(struct zygote *z, struct err *err)
{
    z->signal_fd = open_signal_fd(err);
    if (z->signal_fd < 0 || start_engine(z, err) < 0)
        return -1;
    return lock_down(z, err);
}

static int say_hello(const struct zygote *z)
{
    CLEANUP(buf) struct buf text = BUF(ZYGOTE_TEXT_BYTES - 1);

    buf_printf(&text, "engine %s\n", engine_version());
    sandbox_describe(&z->report, &text);
    return tell(z, ZYGOTE_HELLO, 0, 0, buf_str(&text));
}

static void __attribute__((noreturn)) run_zygote(struct zygote *z)
{
    struct err err = ERR_INIT;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (start(z, &err) < 0) {
        tell(z, ZYGOTE_FAILED, 0, 0, err.text);
        _exit(1);
    }
    if (say_hello(z) == 0)
        serve(z);
    _exit(0);
}

/* Whom the handler of SIGTERM ends. */
static volatile pid_t zygote_pid;

static void on_terminate(int signal_number)
{
    (void)signal_number;
    kill(zygote_pid, SIGKILL);
}

/*
 * Waits for the zygote's end, holding no descriptor: whoever listens sees the
 * end at once.  SIGTERM ends the zygote, and it is reaped here: killed along
 * with us it would be left to the system's first process, which may be the
 * proxy itself in a container.
 */
static int wait_for(pid_t pid)
{
    struct sigaction action = { .sa_handler = on_terminate };
    int status;

    zygote_pid = pid;
    sigaction(SIGTERM, &action, NULL);
    close_range(0, ~0u, 0);
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return 1;
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int zygote_main(const struct zygote_options *options)
{
    struct zygote z = { .options = options, .control_fd = options->control_fd, .signal_fd = -1 };
    pid_t pid;

    fcntl(z.control_fd, F_SETFD, FD_CLOEXEC);
    sandbox_apply(SANDBOX_STAGE_START, &z.sandbox, &z.report);
    pid = fork();
    if (pid == 0)
        run_zygote(&z);
    if (pid < 0) {
        tell_errno(&z, ZYGOTE_FAILED, "cannot fork the zygote");
        return 1;
    }
    return wait_for(pid);
}

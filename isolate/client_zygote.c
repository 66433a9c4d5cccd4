#include "isolate/client_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"

#define START_MS           15000 /* until HELLO */
#define END_WAIT_MS        500
#define BACK_OFF_FIRST_MS  100
#define BACK_OFF_LAST_MS   10000
#define BACK_OFF_DOUBLINGS 7
#define ARGUMENTS_MAX      12
#define MESSAGES_A_TURN    64

static void on_control(void *ctx, unsigned events);

/* Ends the process so that it reaps its own child first; a moment's wait, since this may be the
 * last thing that this program does. */
static void end_child(struct child *child)
{
    struct pollfd ended = { .fd = -1, .events = POLLIN };

    if (child && child_running(child)) {
        ended.fd = pidfd_open(child_pid(child), 0);
        child_kill(child, SIGTERM);
        if (ended.fd >= 0)
            poll(&ended, 1, END_WAIT_MS);
        fd_close(&ended.fd);
    }
    child_free(child);
}

/* Lets go of process and descriptors; what is left is as before the first start. */
static void close_zygote(struct zygote *zygote)
{
    zygote->phase = ZYGOTE_DOWN;
    loop_watch_free(TAKE(zygote->watch));
    fd_close(&zygote->control_fd);
    io_free(TAKE(zygote->log));
    buf_clear(&zygote->log_line);
    end_child(TAKE(zygote->child));
}

static uint64_t back_off_ms(unsigned failures)
{
    uint64_t ms = BACK_OFF_FIRST_MS;

    for (unsigned i = 1; i < failures && i <= BACK_OFF_DOUBLINGS; i++)
        ms *= 2;
    return ms < BACK_OFF_LAST_MS ? ms : BACK_OFF_LAST_MS;
}

void zygote_restart(struct isolate_pool *pool, const struct err *err)
{
    struct zygote *zygote = &pool->zygote;
    bool was_up = zygote->phase == ZYGOTE_UP;

    if (zygote->phase == ZYGOTE_DOWN)
        return;
    zygote->failures++;
    zygote->start_failed = !was_up;
    log_error("isolate", "zygote_down", LOG_ERR(err), LOG_INT("failures", zygote->failures));
    close_zygote(zygote);
    loop_timer_start(zygote->start_timer, back_off_ms(zygote->failures));
    pool_zygote_down(pool, was_up, err);
}

static void on_exit_of_child(void *ctx, int exit_status, int signal_number)
{
    struct isolate_pool *pool = ctx;
    struct err err = ERR_INIT;

    /* A reason that it sent before its end is still in the socket. */
    on_control(pool, LOOP_READ);
    err_set(&err, ERR_UNAVAILABLE, "mcpfold-isolate ended (%s %d)",
            signal_number ? "signal" : "exit status", signal_number ? signal_number : exit_status);
    zygote_restart(pool, &err);
}

static void log_lines(struct zygote *zygote)
{
    for (;;) {
        struct buf *lines = &zygote->log_line;
        char *end = lines->len ? memchr(lines->data, '\n', lines->len) : NULL;
        size_t len;

        if (!end)
            return;
        len = (size_t)(end - lines->data);
        log_warn("isolate", "stderr", LOG_SPAN("text", span_make(lines->data, len)));
        buf_drop(lines, len + 1);
    }
}

static void on_log_data(void *ctx, struct span data)
{
    struct zygote *zygote = &((struct isolate_pool *)ctx)->zygote;

    while (data.len) {
        size_t room = zygote->log_line.max - zygote->log_line.len;
        size_t len = data.len < room ? data.len : room;

        buf_add(&zygote->log_line, data.data, len);
        data = span_skip(data, len);
        log_lines(zygote);
        /* A line over the limit is logged in pieces. */
        if (zygote->log_line.len == zygote->log_line.max) {
            log_warn("isolate", "stderr", LOG_SPAN("text", buf_span(&zygote->log_line)));
            buf_clear(&zygote->log_line);
        }
    }
}

static void on_log_end(void *ctx, const struct err *err)
{
    (void)ctx;
    (void)err;
}

static void on_start_timer(void *ctx)
{
    struct isolate_pool *pool = ctx;
    struct err err = ERR_INIT;

    if (pool->zygote.phase == ZYGOTE_DOWN) {
        zygote_start(pool);
        return;
    }
    err_set(&err, ERR_TIMEOUT, "mcpfold-isolate was not ready within %d ms", START_MS);
    zygote_restart(pool, &err);
}

void zygote_init(struct isolate_pool *pool)
{
    struct zygote *zygote = &pool->zygote;

    zygote->control_fd = -1;
    buf_init(&zygote->log_line, LIMIT_STDERR_LINE_BYTES);
    zygote->start_timer = loop_timer_new(pool->loop, on_start_timer, pool);
}

void zygote_done(struct isolate_pool *pool)
{
    close_zygote(&pool->zygote);
    buf_done(&pool->zygote.log_line);
    loop_timer_free(TAKE(pool->zygote.start_timer));
}

/* The command line; `heap` is a buffer for the number in it. */
static void make_arguments(const struct isolate_pool *pool,
                           const char *heap,
                           const char *ret_argv[ARGUMENTS_MAX])
{
    size_t n = 0;

    if (pool->loader) {
        ret_argv[n++] = pool->loader;
        ret_argv[n++] = "--inhibit-cache";
        ret_argv[n++] = "--library-path";
        ret_argv[n++] = pool->library_path;
    }
    ret_argv[n++] = pool->program;
    ret_argv[n++] = "--zygote";
    ret_argv[n++] = pool->jit ? "--jit=on" : "--jit=off";
    ret_argv[n++] =
        pool->sandbox == ISOLATE_SANDBOX_REQUIRE ? "--sandbox=require" : "--sandbox=best-effort";
    ret_argv[n++] = heap;
    ret_argv[n] = NULL;
}

/* Starts the process with the far ends of its control socket and its log. */
static int start_child(struct isolate_pool *pool, int control_fd, int log_fd, struct err *err)
{
    /* Nothing of our environment is the worker's business.  See isolate/idle_libraries.h. */
    static const char *const env[] = { "TZ=UTC", "LD_BIND_NOW=1", NULL };
    const char *argv[ARGUMENTS_MAX];
    CLEANUP(str)
    char *heap = xasprintf("--heap-max=%llu", (unsigned long long)pool->heap_max_bytes);
    struct child_options options = { .argv = argv,
                                     .env = env,
                                     .cwd = "/",
                                     .stdin_fd = -1,
                                     .stdout_fd = -1,
                                     .stderr_fd = log_fd,
                                     .extra_fd = control_fd };

    make_arguments(pool, heap, argv);
    pool->zygote.child = child_start(pool->loop, &options, on_exit_of_child, pool, err);
    return pool->zygote.child ? 0 : -1;
}

/* Takes both descriptors. */
static int watch_zygote(struct isolate_pool *pool, int control_fd, int log_fd, struct err *err)
{
    const struct io_events events = { .on_data = on_log_data, .on_end = on_log_end };
    struct zygote *zygote = &pool->zygote;

    zygote->control_fd = control_fd;
    zygote->log = io_new(pool->loop, log_fd, -1, 0, &events, pool, err);
    if (!zygote->log || fd_set_nonblocking(control_fd, err) < 0)
        return -1;
    zygote->watch = loop_watch_new(pool->loop, control_fd, on_control, pool, err);
    if (!zygote->watch)
        return -1;
    loop_watch_set(zygote->watch, LOOP_READ);
    return 0;
}

static int try_start(struct isolate_pool *pool, struct err *err)
{
    int control[2] = { -1, -1 }, log[2] = { -1, -1 };
    int result;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0)
        return err_sys(err, ERR_IO, errno, "no socket for mcpfold-isolate");
    if (pipe2(log, O_CLOEXEC) < 0) {
        fd_close(&control[0]);
        fd_close(&control[1]);
        return err_sys(err, ERR_IO, errno, "no pipe for mcpfold-isolate");
    }
    result = watch_zygote(pool, control[0], log[0], err);
    if (result == 0)
        result = start_child(pool, control[1], log[1], err);
    fd_close(&control[1]);
    fd_close(&log[1]);
    return result;
}

void zygote_start(struct isolate_pool *pool)
{
    struct zygote *zygote = &pool->zygote;
    struct err err = ERR_INIT;

    zygote->phase = ZYGOTE_STARTING;
    zygote->started_ns = clock_now_ns();
    loop_timer_start(zygote->start_timer, START_MS);
    if (try_start(pool, &err) < 0)
        zygote_restart(pool, &err);
}

int zygote_request_fork(struct isolate_pool *pool)
{
    struct zygote_message request = { .protocol = ZYGOTE_PROTOCOL_NUMBER, .type = ZYGOTE_FORK };

    /* Full: it has more to do than it can; the refill timer asks again. */
    return send(pool->zygote.control_fd, &request, ZYGOTE_MESSAGE_BYTES,
                MSG_DONTWAIT | MSG_NOSIGNAL) < 0
               ? -1
               : 0;
}

/* Appends ", name" to one of the lists of layers in the figures. */
static void add_name(char *list, size_t bytes, struct span name)
{
    size_t used = strlen(list);

    snprintf(list + used, bytes - used, "%s%.*s", used ? ", " : "", SPAN_ARG(name));
}

/* One line of HELLO; see zygote_messages.h. */
static void take_hello_line(struct isolate_pool *pool, struct span line)
{
    struct isolate_pool_state *figures = &pool->figures;
    const char *colon = memchr(line.data, ':', line.len);
    struct span name = span_make(line.data, colon ? (size_t)(colon - line.data) : line.len);

    if (span_starts_with(line, SPAN("engine "))) {
        snprintf(figures->engine_version, sizeof(figures->engine_version), "%.*s",
                 SPAN_ARG(span_skip(line, strlen("engine "))));
    } else if (span_starts_with(line, SPAN("on "))) {
        add_name(figures->layers_on, sizeof(figures->layers_on), span_skip(name, strlen("on ")));
    } else if (span_starts_with(line, SPAN("off "))) {
        add_name(figures->layers_off, sizeof(figures->layers_off), span_skip(name, strlen("off ")));
        log_warn("isolate", "sandbox_layer_refused",
                 LOG_SPAN("layer", span_skip(line, strlen("off "))));
    } else if (span_starts_with(line, SPAN("relaxed "))) {
        log_warn("isolate", "sandbox_relaxed_by_build",
                 LOG_SPAN("layer", span_skip(name, strlen("relaxed "))));
    }
}

static void take_hello(struct isolate_pool *pool, const char *text)
{
    struct zygote *zygote = &pool->zygote;

    pool->figures.layers_on[0] = pool->figures.layers_off[0] = '\0';
    for (const char *end; (end = strchr(text, '\n')); text = end + 1)
        take_hello_line(pool, span_make(text, (size_t)(end - text)));
    zygote->phase = ZYGOTE_UP;
    zygote->start_failed = false;
    loop_timer_stop(zygote->start_timer);
    log_info("isolate", "zygote_ready", LOG_STR("engine", pool->figures.engine_version),
             LOG_INT("took_us", (clock_now_ns() - zygote->started_ns) / 1000),
             LOG_STR("layers", pool->figures.layers_on));
    pool_zygote_up(pool);
}

static void take_failure(struct isolate_pool *pool, const char *text)
{
    struct err err = ERR_INIT;

    err_set(&err, ERR_UNAVAILABLE, "mcpfold-isolate: %s", text);
    zygote_restart(pool, &err);
}

/* Takes both descriptors when both are there. */
static void take_worker(struct isolate_pool *pool, const struct zygote_message *message, int fds[2])
{
    if (fds[0] >= 0 && fds[1] >= 0) {
        pool_worker_came(pool, message->pid, fds[0], fds[1]);
        fds[0] = fds[1] = -1;
        return;
    }
    /* The kernel drops descriptors that this process has no room for. */
    pool_fork_refused(pool, "no free descriptors for a worker; raise the limit (ulimit -n)");
}

static void
take_message(struct isolate_pool *pool, const struct zygote_message *message, int fds[2])
{
    switch ((enum zygote_message_type)message->type) {
    case ZYGOTE_HELLO:
        take_hello(pool, message->text);
        return;
    case ZYGOTE_FAILED:
        take_failure(pool, message->text);
        return;
    case ZYGOTE_WORKER:
        take_worker(pool, message, fds);
        return;
    case ZYGOTE_REFUSED:
        pool_fork_refused(pool, message->text);
        return;
    case ZYGOTE_EXIT:
        pool_worker_exited(pool, message->pid, message->status);
        return;
    case ZYGOTE_FORK:
        break;
    }
    take_failure(pool, "it sent a message of unknown type");
}

/* Copies the descriptors that came with a message; places without one stay -1. */
static void take_descriptors(struct msghdr *header, int ret_fds[ZYGOTE_DESCRIPTORS])
{
    struct cmsghdr *item = CMSG_FIRSTHDR(header);
    size_t bytes;

    if (!item || item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS)
        return;
    bytes = item->cmsg_len - CMSG_LEN(0);
    if (bytes > sizeof(int) * ZYGOTE_DESCRIPTORS)
        bytes = sizeof(int) * ZYGOTE_DESCRIPTORS;
    memcpy(ret_fds, CMSG_DATA(item), bytes);
}

/* 1 with a message, 0 when there is none now, -1 at the end. */
static int receive_message(int control_fd, struct zygote_message *ret, int ret_fds[2])
{
    char control[CMSG_SPACE(sizeof(int) * ZYGOTE_DESCRIPTORS)];
    /* One byte less: the text is then always terminated. */
    struct iovec bytes = { .iov_base = ret, .iov_len = sizeof(*ret) - 1 };
    struct msghdr header = { .msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control) };
    ssize_t n = recvmsg(control_fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    take_descriptors(&header, ret_fds);
    if (n < (ssize_t)ZYGOTE_MESSAGE_BYTES || ret->protocol != ZYGOTE_PROTOCOL_NUMBER)
        return -1;
    ((char *)ret)[n] = '\0';
    return 1;
}

static void on_control(void *ctx, unsigned events)
{
    struct isolate_pool *pool = ctx;

    (void)events;
    for (int i = 0; i < MESSAGES_A_TURN && pool->zygote.phase != ZYGOTE_DOWN; i++) {
        struct zygote_message message;
        int fds[ZYGOTE_DESCRIPTORS] = { -1, -1 };
        int result = receive_message(pool->zygote.control_fd, &message, fds);

        if (result > 0)
            take_message(pool, &message, fds);
        fd_close(&fds[0]);
        fd_close(&fds[1]);
        if (result < 0 && pool->zygote.phase != ZYGOTE_DOWN)
            /* Its exit status, which comes next, says more than the end of the socket. */
            loop_watch_set(pool->zygote.watch, 0);
        if (result <= 0)
            return;
    }
}

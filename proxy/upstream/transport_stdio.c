/*
 * A server as a child process: JSON-RPC on its stdin and stdout, one message a
 * line; its stderr to the log.
 *
 * Between us and the server stands a keeper (keeper.h).  The end goes: stdin
 * closed, after a while SIGTERM, after another SIGKILL to everything.
 */
#include "proxy/upstream/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/child.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/upstream/keeper.h"
#include "proxy/upstream/line_reader.h"
#include "proxy/upstream/server_environment.h"
#include "proxy/upstream/server_log.h"

#define STOP_STEP_MS    2000 /* between closing stdin, SIGTERM and SIGKILL, as the official SDK */
#define LINGER_MS       1000 /* for the pipes' ends, once the keeper has ended */
#define FREE_WAIT_MS    3000 /* for the keeper to kill everything, when all must end at once */
#define WRITE_QUEUE_MAX (2u * LIMIT_RPC_MESSAGE_BYTES)
#define PIPE_COUNT      3

struct stdio {
    struct transport base;
    struct loop *loop;                  /* borrowed */
    const struct server_config *server; /* borrowed */
    struct transport_events events;
    void *ctx;
    struct child *keeper; /* owned; NULL before the start */
    struct io *pipes;     /* owned: the server's stdout and stdin */
    struct io *err_pipe;  /* owned: its stderr */
    struct io *orders;    /* owned: the socket to the keeper */
    int orders_fd;        /* of `orders`, for the end at once */
    struct line_reader lines, err_lines, reports;
    struct loop_timer *timer; /* owned: the next step of the end */
    struct loop_task task;    /* tells on_open */
    int pid;                  /* of the server; 0 before the keeper has told */
    int start_errno;          /* why the program could not be started */
    int exit_status, exit_signal;
    struct server_log log; /* what it says beside its messages */
    int stop_step;         /* 0: not stopping, 1: stdin closed, 2: SIGTERM sent, 3: SIGKILL */
    bool stopping;         /* transport_close was called */
    bool out_ended, err_ended, keeper_ended, exited, closed;
};

static struct stdio *stdio_of(struct transport *transport)
{
    return CONTAINER_OF(transport, struct stdio, base);
}

/* Without its folder: a reader that sees only the beginning must come to what happened. */
static const char *program_name(const struct stdio *stdio)
{
    const char *path = stdio->server->argv[0];
    const char *slash = strrchr(path, '/');

    return slash && slash[1] ? slash + 1 : path;
}

/* Why the server is gone, in words for people. */
static void explain_end(const struct stdio *stdio, struct err *err)
{
    const char *program = stdio->start_errno ? stdio->server->argv[0] : program_name(stdio);
    const char *last = stdio->log.last_words, *words = last[0] ? "; its last words: " : "";

    if (stdio->start_errno == ENOENT)
        err_set(err, ERR_NOT_FOUND,
                "program '%s' was not found; install it, or name its full path in `command`",
                program);
    else if (stdio->start_errno)
        err_sys(err, ERR_UNAVAILABLE, stdio->start_errno, "program '%s' could not be started",
                program);
    else if (stdio->exited && stdio->exit_signal)
        err_set(err, ERR_CLOSED, "program '%s' was ended by signal %d%s%s", program,
                stdio->exit_signal, words, last);
    else if (stdio->exited)
        err_set(err, ERR_CLOSED, "program '%s' exited with status %d%s%s", program,
                stdio->exit_status, words, last);
    else
        err_set(err, ERR_CLOSED, "program '%s' closed its output%s%s", program, words, last);
}

static void close_now(struct stdio *stdio)
{
    struct err err = ERR_INIT;

    if (stdio->closed)
        return;
    stdio->closed = true;
    loop_timer_stop(stdio->timer);
    explain_end(stdio, &err);
    stdio->events.on_closed(stdio->ctx, stdio->stopping ? NULL : &err);
}

/* Closed is when the keeper has ended, so that nothing is left of the server, and all it had
 * written is read. */
static void close_when_done(struct stdio *stdio)
{
    if (!stdio->keeper_ended)
        return;
    if (stdio->out_ended && stdio->err_ended)
        close_now(stdio);
    else
        loop_timer_start(stdio->timer, LINGER_MS);
}

static void order(struct stdio *stdio, char letter)
{
    struct err err = ERR_INIT;

    if (!stdio->keeper_ended && io_write(stdio->orders, span_make(&letter, 1), &err) < 0)
        log_warn("upstream", "keeper_not_reached", LOG_STR("server", stdio->server->key),
                 LOG_ERR(&err));
}

static void press_on(void *ctx)
{
    struct stdio *stdio = ctx;

    if (stdio->keeper_ended) {
        close_now(stdio);
        return;
    }
    stdio->stop_step++;
    if (stdio->stop_step == 2)
        order(stdio, KEEPER_TERM);
    else if (stdio->stop_step == 3)
        order(stdio, KEEPER_KILL);
    else
        child_kill(stdio->keeper, SIGKILL);
    loop_timer_start(stdio->timer, STOP_STEP_MS);
}

static void begin_end(struct stdio *stdio)
{
    if (stdio->stop_step || stdio->keeper_ended)
        return;
    stdio->stop_step = 1;
    io_close_write(stdio->pipes);
    loop_timer_start(stdio->timer, STOP_STEP_MS);
}

static void stdio_close(struct transport *transport)
{
    struct stdio *stdio = stdio_of(transport);

    stdio->stopping = true;
    begin_end(stdio);
}

static void on_keeper_exit(void *ctx, int exit_status, int signal_number)
{
    struct stdio *stdio = ctx;

    stdio->keeper_ended = true;
    if (!stdio->exited && !stdio->start_errno && (exit_status || signal_number)) {
        stdio->exited = true;
        stdio->exit_status = exit_status;
        stdio->exit_signal = signal_number;
    }
    close_when_done(stdio);
}

static void on_report(void *ctx, struct span line, bool cut)
{
    struct stdio *stdio = ctx;
    long long values[2] = { 0, 0 };
    size_t at = 1;

    (void)cut;
    for (size_t i = 0; i < ARRAY_COUNT(values) && at < line.len; i++) {
        for (at++; at < line.len && line.data[at] != ' '; at++)
            values[i] = values[i] * 10 + (line.data[at] - '0');
    }
    if (line.len && line.data[0] == 'P') {
        stdio->pid = (int)values[0];
    } else if (line.len && line.data[0] == 'E') {
        stdio->start_errno = (int)values[0];
    } else if (line.len && line.data[0] == 'X') {
        stdio->exited = true;
        stdio->exit_status = (int)values[0];
        stdio->exit_signal = (int)values[1];
    }
}

static void on_line(void *ctx, struct span line, bool cut)
{
    struct stdio *stdio = ctx;
    struct span text = span_trim(line);

    if (cut) {
        stdio->events.on_oversized(stdio->ctx, line);
    } else if (text.len && (text.data[0] == '{' || text.data[0] == '[')) {
        stdio->events.on_message(stdio->ctx, text, 0);
    } else if (text.len) {
        server_log_stdout(&stdio->log, text);
    }
}

static void on_err_line(void *ctx, struct span line, bool cut)
{
    server_log_stderr(&((struct stdio *)ctx)->log, line, cut);
}

static void on_out_data(void *ctx, struct span data)
{
    line_reader_feed(&((struct stdio *)ctx)->lines, data);
}

/* A server that closes its output is of no more use, even if it runs on. */
static void on_out_end(void *ctx, const struct err *err)
{
    struct stdio *stdio = ctx;

    (void)err;
    line_reader_end(&stdio->lines);
    stdio->out_ended = true;
    begin_end(stdio);
    close_when_done(stdio);
}

static void on_err_data(void *ctx, struct span data)
{
    line_reader_feed(&((struct stdio *)ctx)->err_lines, data);
}

static void on_err_end(void *ctx, const struct err *err)
{
    struct stdio *stdio = ctx;

    (void)err;
    line_reader_end(&stdio->err_lines);
    stdio->err_ended = true;
    close_when_done(stdio);
}

static void on_report_data(void *ctx, struct span data)
{
    line_reader_feed(&((struct stdio *)ctx)->reports, data);
}

static void on_report_end(void *ctx, const struct err *err)
{
    (void)ctx;
    (void)err;
}

/* Three pairs: stdin, stdout and stderr of the server, each {ours, theirs}, and the socket. */
struct ends {
    int ours[PIPE_COUNT], theirs[PIPE_COUNT];
    int our_socket, their_socket;
};

#define NO_ENDS                                                                                \
    {                                                                                          \
        .ours = { -1, -1, -1 }, .theirs = { -1, -1, -1 }, .our_socket = -1, .their_socket = -1 \
    }

static void close_ends(struct ends *ends)
{
    for (int i = 0; i < PIPE_COUNT; i++) {
        fd_close(&ends->ours[i]);
        fd_close(&ends->theirs[i]);
    }
    fd_close(&ends->our_socket);
    fd_close(&ends->their_socket);
}

static int open_ends(struct ends *ends, struct err *err)
{
    int pair[2];

    for (int i = 0; i < PIPE_COUNT; i++) {
        if (pipe2(pair, O_CLOEXEC) < 0)
            return err_sys(err, ERR_IO, errno, "cannot make a pipe");
        ends->ours[i] = pair[i == 0 ? 1 : 0];
        ends->theirs[i] = pair[i == 0 ? 0 : 1];
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return err_sys(err, ERR_IO, errno, "cannot make a socket");
    ends->our_socket = pair[0];
    ends->their_socket = pair[1];
    return 0;
}

static int start_keeper(struct stdio *stdio, const struct ends *ends, struct err *err)
{
    char *const *command = stdio->server->argv;
    struct server_environment env = server_environment_of(stdio->server);
    struct child_options options = {
        .env = (const char *const *)env.pairs,
        .cwd = stdio->server->cwd,
        .stdin_fd = ends->theirs[0],
        .stdout_fd = ends->theirs[1],
        .stderr_fd = ends->theirs[2],
        .extra_fd = ends->their_socket,
    };
    size_t count = 0;
    const char **argv;

    while (command[count])
        count++;
    argv = xcalloc(count + 3, sizeof(*argv));
    argv[0] = "/proc/self/exe";
    argv[1] = KEEPER_ARGUMENT;
    for (size_t i = 0; i < count; i++)
        argv[i + 2] = command[i];
    options.argv = argv;
    stdio->keeper = child_start(stdio->loop, &options, on_keeper_exit, stdio, err);
    free(argv);
    server_environment_done(&env);
    return stdio->keeper ? 0 : -1;
}

static struct io *open_io(struct stdio *stdio,
                          int *read_fd,
                          int *write_fd,
                          const struct io_events *events,
                          struct err *err)
{
    int read_end = *read_fd, write_end = write_fd ? *write_fd : -1;

    *read_fd = -1;
    if (write_fd)
        *write_fd = -1;
    return io_new(stdio->loop, read_end, write_end, WRITE_QUEUE_MAX, events, stdio, err);
}

static int open_streams(struct stdio *stdio, struct ends *ends, struct err *err)
{
    static const struct io_events out = { .on_data = on_out_data, .on_end = on_out_end };
    static const struct io_events errors = { .on_data = on_err_data, .on_end = on_err_end };
    static const struct io_events reports = { .on_data = on_report_data, .on_end = on_report_end };
    int both = ends->our_socket;

    stdio->orders_fd = both;
    stdio->pipes = open_io(stdio, &ends->ours[1], &ends->ours[0], &out, err);
    stdio->err_pipe = open_io(stdio, &ends->ours[2], NULL, &errors, err);
    stdio->orders = open_io(stdio, &ends->our_socket, &both, &reports, err);
    return stdio->pipes && stdio->err_pipe && stdio->orders ? 0 : -1;
}

static void tell_open(void *ctx)
{
    struct stdio *stdio = ctx;

    stdio->events.on_open(stdio->ctx);
}

static int
stdio_send(struct transport *transport, const struct transport_message *message, struct err *err)
{
    struct stdio *stdio = stdio_of(transport);
    CLEANUP(buf) struct buf line = BUF(message->text.len + 1);

    if (stdio->closed || stdio->stop_step)
        return err_set(err, ERR_UNAVAILABLE, "program '%s' is being ended", stdio->server->argv[0]);
    if (io_queued(stdio->pipes) + message->text.len + 1 > WRITE_QUEUE_MAX)
        return err_set(err, ERR_LIMIT, "program '%s' does not read its input: %zu bytes wait",
                       stdio->server->argv[0], io_queued(stdio->pipes));
    /* In one piece: the server would wake up for the message, and once more for its end. */
    buf_add_span(&line, message->text);
    buf_add(&line, "\n", 1);
    if (buf_check(&line, "a message", err) < 0)
        return -1;
    return io_write(stdio->pipes, buf_span(&line), err);
}

static void stdio_forget(struct transport *transport, uint64_t request_id)
{
    (void)transport;
    (void)request_id;
}

static void stdio_listen(struct transport *transport, const struct header_list *headers)
{
    (void)transport;
    (void)headers;
}

static int stdio_pid(struct transport *transport)
{
    return stdio_of(transport)->pid;
}

static void free_stdio(void *object)
{
    struct stdio *stdio = object;

    line_reader_done(&stdio->lines);
    line_reader_done(&stdio->err_lines);
    line_reader_done(&stdio->reports);
    free(stdio);
}

/* Lets the keeper kill everything, and waits for its end: its socket closes with it. */
static void kill_all(struct stdio *stdio)
{
    struct pollfd end = { .fd = stdio->orders_fd, .events = 0 };

    if (!stdio->keeper || stdio->keeper_ended || !stdio->orders)
        return;
    order(stdio, KEEPER_KILL);
    if (poll(&end, 1, FREE_WAIT_MS) <= 0)
        log_warn("upstream", "server_outlives_its_keeper", LOG_STR("server", stdio->server->key),
                 LOG_INT("pid", stdio->pid));
}

static void stdio_free(struct transport *transport)
{
    struct stdio *stdio = stdio_of(transport);

    kill_all(stdio);
    loop_unpost(stdio->loop, &stdio->task);
    loop_timer_free(stdio->timer);
    server_log_done(&stdio->log);
    io_free(stdio->pipes);
    io_free(stdio->err_pipe);
    io_free(stdio->orders);
    child_free(stdio->keeper);
    loop_reap(stdio->loop, stdio, free_stdio);
}

static const struct transport_ops stdio_ops = {
    .send = stdio_send,
    .forget = stdio_forget,
    .listen = stdio_listen,
    .pid = stdio_pid,
    .close = stdio_close,
    .free = stdio_free,
};

static struct stdio *new_stdio(const struct transport_options *options)
{
    struct stdio *stdio = NEW(struct stdio);

    stdio->base.ops = &stdio_ops;
    stdio->loop = options->loop;
    stdio->server = options->server;
    stdio->events = *options->events;
    stdio->ctx = options->ctx;
    stdio->timer = loop_timer_new(options->loop, press_on, stdio);
    server_log_init(&stdio->log, options->loop, options->server);
    line_reader_init(&stdio->lines, LIMIT_RPC_MESSAGE_BYTES, on_line, stdio);
    line_reader_init(&stdio->err_lines, LIMIT_STDERR_LINE_BYTES, on_err_line, stdio);
    line_reader_init(&stdio->reports, LINE_HEAD_BYTES, on_report, stdio);
    return stdio;
}

static int check_folder(const struct server_config *server, struct err *err)
{
    if (!server->cwd || access(server->cwd, X_OK) == 0)
        return 0;
    return err_sys(err, ERR_NOT_FOUND, errno, "the folder of `cwd`, %s, can't be entered",
                   server->cwd);
}

struct transport *transport_stdio_new(const struct transport_options *options, struct err *err)
{
    struct stdio *stdio = new_stdio(options);
    struct ends ends = NO_ENDS;

    if (check_folder(options->server, err) < 0 || open_ends(&ends, err) < 0 ||
        start_keeper(stdio, &ends, err) < 0 || open_streams(stdio, &ends, err) < 0) {
        close_ends(&ends);
        stdio_free(&stdio->base);
        return NULL;
    }
    close_ends(&ends);
    loop_post(stdio->loop, &stdio->task, tell_open, stdio);
    return &stdio->base;
}

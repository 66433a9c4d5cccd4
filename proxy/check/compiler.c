#include "proxy/check/compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "proxy/check/compiler_barrier.h"
#include "proxy/check/frames.h"

#define CALLBACKS "--callbacks=readFile,fileExists,directoryExists,getAccessibleEntries,realpath"

struct compiler {
    struct loop *loop;
    struct child *child; /* owned */
    struct io *io;       /* owned; its standard input and output */
    struct frame_reader frames;
    struct compiler_events events;
    void *ctx;
    int64_t asked; /* id of the question last asked */
    bool answered; /* it has been answered */
    const char *lacks;
    bool gone;
};

/* The compiler ended by itself, or what it said ends it. */
static void fail(struct compiler *compiler, const struct err *err)
{
    if (compiler->gone)
        return;
    compiler->gone = true;
    child_kill(compiler->child, SIGKILL);
    compiler->events.on_gone(compiler->ctx, err);
}

static int send_message(struct compiler *compiler, struct span body, struct err *err)
{
    CLEANUP(buf) struct buf frame = BUF(LIMIT_CHECK_MESSAGE_BYTES);

    if (frame_write(&frame, body) < 0)
        return err_set(err, ERR_LIMIT, "a message to the compiler is over %d bytes",
                       LIMIT_CHECK_MESSAGE_BYTES);
    return io_write(compiler->io, buf_span(&frame), err);
}

int compiler_ask(struct compiler *compiler, const char *method, struct span params, struct err *err)
{
    CLEANUP(buf) struct buf body = BUF(LIMIT_CHECK_MESSAGE_BYTES);

    BUG_ON(!compiler->answered);
    if (compiler->gone)
        return err_set(err, ERR_CLOSED, "the TypeScript compiler has ended");
    buf_add_str(&body, "{\"jsonrpc\":\"2.0\"");
    json_write_member_int(&body, "id", compiler->asked + 1);
    json_write_member_string(&body, "method", span_of(method));
    json_write_member_raw(&body, "params", params);
    buf_add_char(&body, '}');
    if (buf_check(&body, "a question to the compiler", err) < 0 ||
        send_message(compiler, buf_span(&body), err) < 0)
        return -1;
    compiler->asked++;
    compiler->answered = false;
    return 0;
}

/* Answers the compiler's question for a file. */
static int answer_file(struct compiler *compiler,
                       struct span id,
                       struct span method,
                       struct span params,
                       struct err *err)
{
    CLEANUP(buf) struct buf path = BUF(LIMIT_CHECK_PATH_BYTES);
    CLEANUP(buf) struct buf name = BUF(64);
    CLEANUP(buf) struct buf body = BUF(LIMIT_CHECK_MESSAGE_BYTES);

    if (json_decode_string(method, &name) < 0 || json_decode_string(params, &path) < 0)
        return err_set(err, ERR_PROTOCOL, "a question without a file's name");
    buf_add_str(&body, "{\"jsonrpc\":\"2.0\"");
    json_write_member_raw(&body, "id", id);
    json_write_key(&body, "result");
    if (compiler->events.on_file(compiler->ctx, buf_span(&name), buf_span(&path), &body) < 0)
        return err_set(err, ERR_LIMIT, "the declarations are too large for the compiler");
    buf_add_char(&body, '}');
    return send_message(compiler, buf_span(&body), err);
}

static int
take_answer(struct compiler *compiler, struct span id, struct span message, struct err *err)
{
    struct span result = SPAN_NONE, error, text;
    struct err refusal = ERR_INIT;
    int64_t number;

    if (compiler->answered || !json_int64(id, &number) || number != compiler->asked)
        return err_set(err, ERR_PROTOCOL, "an answer that nobody asked for");
    compiler->answered = true;
    if (json_get(message, "error", &error) && json_kind(error) == JSON_KIND_OBJECT) {
        CLEANUP(str)
        char *why =
            json_get(error, "message", &text) ? json_dup_string(text, ERR_TEXT_BYTES) : NULL;

        err_set(&refusal, ERR_REMOTE, "the TypeScript compiler says: %s", why ? why : "an error");
        compiler->events.on_answer(compiler->ctx, SPAN_NONE, &refusal);
        return 0;
    }
    if (!json_get(message, "result", &result))
        result = SPAN("null");
    compiler->events.on_answer(compiler->ctx, result, NULL);
    return 0;
}

static int take_message(struct compiler *compiler, struct span message, struct err *err)
{
    struct span id, method, params = SPAN("null");

    if (json_check(message, 0, err) < 0)
        return -1;
    if (!json_get(message, "id", &id))
        return 0; /* a notification: nothing we wait for */
    if (!json_get(message, "method", &method))
        return take_answer(compiler, id, message, err);
    json_get(message, "params", &params);
    return answer_file(compiler, id, method, params, err);
}

static void on_data(void *ctx, struct span data)
{
    struct compiler *compiler = ctx;
    struct err err = ERR_INIT;
    struct span message;
    int got = 0;

    if (compiler->gone)
        return;
    if (frame_feed(&compiler->frames, data, &err) < 0) {
        fail(compiler, &err);
        return;
    }
    while (!compiler->gone && (got = frame_next(&compiler->frames, &message, &err)) > 0) {
        got = take_message(compiler, message, &err);
        if (got < 0)
            break;
    }
    if (got < 0) {
        err_in(&err, "TypeScript compiler");
        fail(compiler, &err);
    }
}

static void on_end(void *ctx, const struct err *err)
{
    struct err closed = ERR_INIT;

    err_set(&closed, ERR_CLOSED, "the TypeScript compiler has ended%s%s", err ? ": " : "",
            err ? err->text : "");
    fail(ctx, &closed);
}

static void on_exit_of_child(void *ctx, int exit_status, int signal_number)
{
    struct err err = ERR_INIT;

    if (signal_number)
        err_set(&err, ERR_CLOSED, "the TypeScript compiler was ended by signal %d", signal_number);
    else
        err_set(&err, ERR_CLOSED, "the TypeScript compiler ended with status %d", exit_status);
    fail(ctx, &err);
}

static const struct io_events stream_events = { .on_data = on_data, .on_end = on_end };

/* It finds its library beside its program, behind all symbolic links. */
static int make_barrier(const struct compiler_program *program,
                        struct child_barrier *ret_barrier,
                        struct err *err)
{
    CLEANUP(str) char *real = realpath(program->tsc, NULL);

    if (!real)
        return err_sys(err, ERR_NOT_FOUND, errno, "cannot start '%s'", program->tsc);
    *strrchr(real, '/') = '\0';
    if (compiler_barrier_make(real, program->sandbox_required, ret_barrier, err) < 0)
        return err_in(err, "cannot start '%s'", program->tsc);
    return 0;
}

static int start_child(struct compiler *compiler,
                       struct loop *loop,
                       const struct compiler_program *program,
                       const int fds[2],
                       struct err *err)
{
    /* One thread of Go's is no slower than two, and starts cheaper.  Collecting at half the growth
     * saves a sixth of the memory and nothing measurable of the time (tests/bench/check_cost.c). */
    static const char *const env[] = { "GOMAXPROCS=1", "GOGC=50", "GOMEMLIMIT=400MiB", NULL };
    const char *const argv[] = { program->tsc, "--api", "--async", "--cwd", "/w", CALLBACKS, NULL };
    struct child_barrier barrier;
    struct child_options options = {
        .argv = argv,
        .env = env,
        .cwd = "/",
        .stdin_fd = fds[0],
        .stdout_fd = fds[1],
        .stderr_fd = -1,
        .extra_fd = -1,
        .limits = { .address_space_bytes = LIMIT_CHECK_MEMORY_BYTES },
        .barrier = &barrier,
    };

    if (make_barrier(program, &barrier, err) < 0)
        return -1;
    compiler->lacks = compiler_barrier_missing(&barrier);
    compiler->child = child_start(loop, &options, on_exit_of_child, compiler, err);
    compiler_barrier_done(&barrier);
    return compiler->child ? 0 : -1;
}

/* Two pipes: `theirs` are the child's ends, `ours` the others. */
static int make_pipes(int theirs[2], int ours[2], struct err *err)
{
    int to_child[2] = { -1, -1 }, from_child[2] = { -1, -1 };

    if (pipe2(to_child, O_CLOEXEC) < 0)
        return err_sys(err, ERR_IO, errno, "pipe");
    if (pipe2(from_child, O_CLOEXEC) < 0) {
        err_sys(err, ERR_IO, errno, "pipe");
        fd_close(&to_child[0]);
        fd_close(&to_child[1]);
        return -1;
    }
    theirs[0] = to_child[0];
    theirs[1] = from_child[1];
    ours[0] = from_child[0];
    ours[1] = to_child[1];
    return 0;
}

struct compiler *compiler_start(struct loop *loop,
                                const struct compiler_program *program,
                                const struct compiler_events *events,
                                void *ctx,
                                struct err *err)
{
    struct compiler *compiler;
    int theirs[2] = { -1, -1 }, ours[2] = { -1, -1 }, started;

    if (make_pipes(theirs, ours, err) < 0)
        return NULL;
    compiler = NEW(struct compiler);
    compiler->loop = loop;
    compiler->events = *events;
    compiler->ctx = ctx;
    compiler->answered = true;
    frame_reader_init(&compiler->frames, LIMIT_CHECK_MESSAGE_BYTES);
    started = start_child(compiler, loop, program, theirs, err);
    fd_close(&theirs[0]);
    fd_close(&theirs[1]);
    if (started == 0 && fd_set_nonblocking(ours[0], err) == 0 &&
        fd_set_nonblocking(ours[1], err) == 0)
        compiler->io = io_new(loop, ours[0], ours[1], LIMIT_CHECK_MESSAGE_BYTES, &stream_events,
                              compiler, err);
    if (!compiler->io) {
        fd_close(&ours[0]);
        fd_close(&ours[1]);
        compiler_end(compiler);
        return NULL;
    }
    return compiler;
}

int compiler_pid(const struct compiler *compiler)
{
    return compiler && !compiler->gone ? (int)child_pid(compiler->child) : 0;
}

const char *compiler_lacks(const struct compiler *compiler)
{
    return compiler->lacks;
}

static void free_compiler(void *object)
{
    struct compiler *compiler = object;

    io_free(compiler->io);
    child_free(compiler->child);
    frame_reader_done(&compiler->frames);
    free(compiler);
}

void compiler_end(struct compiler *compiler)
{
    if (!compiler)
        return;
    compiler->gone = true;
    if (compiler->child)
        child_kill(compiler->child, SIGKILL);
    loop_reap(compiler->loop, compiler, free_compiler);
}

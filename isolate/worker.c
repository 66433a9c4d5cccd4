#include "isolate/worker.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "isolate/prepare.h"
#include "isolate/wire.h"
#include "isolate/worker_cpu.h"

#define READ_BYTES       65536
#define FLUSH_BYTES      65536 /* frames of a script that doesn't pause are sent from here on */
#define FATAL_WAIT_MS    1000
#define FATAL_TEXT_BYTES 256
#define CPU_MS_DEFAULT   10000

struct worker {
    int fd; /* borrowed */
    struct engine *engine;
    struct engine_host host;
    enum wire_state state;
    struct buf in, out;
    size_t sent; /* bytes of `out` that are gone */
    uint64_t data_bytes;
    bool equipped; /* ENVIRONMENT came; then the limits are known */
    uint64_t memory_bytes, cpu_ms;
    enum worker_exit exit;
    bool leaving; /* nothing more is read; ends when `out` is sent */
    bool gone;    /* the socket is closed: nothing more can be sent either */
};

static void leave(struct worker *w, enum worker_exit how)
{
    if (!w->leaving)
        w->exit = how;
    w->leaving = true;
}

/* Sends what the socket takes now. */
static void flush(struct worker *w)
{
    while (!w->gone && w->sent < w->out.len) {
        ssize_t n =
            send(w->fd, w->out.data + w->sent, w->out.len - w->sent, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN)
            w->gone = true;
        if (n < 0)
            return;
        w->sent += (size_t)n;
    }
    buf_clear(&w->out);
    w->sent = 0;
}

static bool put(struct worker *w, enum wire_type type, uint32_t id, struct span body)
{
    if (wire_write(&w->out, type, id, body, NULL) < 0)
        return false;
    if (w->out.len - w->sent >= FLUSH_BYTES)
        flush(w);
    return true;
}

static void finish(struct worker *w)
{
    w->state = WIRE_STATE_DONE;
    leave(w, WORKER_EXIT_OK);
}

/* True for what ends the conversation; said once, the rest of the queue goes before it. */
static bool is_last(enum wire_type type)
{
    return type == WIRE_DONE || type == WIRE_FATAL;
}

/* Queues FATAL and leaves; for limits that are found here. */
static void give_up(struct worker *w, struct span json, enum worker_exit how)
{
    put(w, WIRE_FATAL, 0, json);
    w->state = WIRE_STATE_DONE;
    leave(w, how);
}

/* struct engine_host's send. */
static bool host_send(void *ctx, int type, uint32_t id, struct span body)
{
    struct worker *w = ctx;
    bool last = is_last((enum wire_type)type);

    if (w->state != WIRE_STATE_RUNNING)
        return false;
    /* A script that ran into its limit has no result, whatever it says while it is ended. */
    if (last && worker_cpu_expired())
        return true;
    if (put(w, (enum wire_type)type, type == WIRE_CALL ? id : 0, body)) {
        if (last)
            finish(w);
        return true;
    }
    /* The script can be told that a log line or a call is too much, but its end must be said. */
    if (last)
        give_up(w, SPAN("{\"kind\":\"memory\",\"message\":\"the result is too large to be sent\"}"),
                WORKER_EXIT_MEMORY);
    return last;
}

/* Sends all of `bytes`, waiting a bounded time, without allocating. */
static void send_waiting(int fd, const char *bytes, size_t len)
{
    while (len) {
        struct pollfd ready = { .fd = fd, .events = POLLOUT };
        ssize_t n = send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n < 0 && errno == EAGAIN && poll(&ready, 1, FATAL_WAIT_MS) > 0)
            continue;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

/* A copy of `text` that needs no escapes in JSON, without allocating. */
static void plain_text(const char *text, char ret_text[FATAL_TEXT_BYTES])
{
    size_t i = 0;

    for (; text && text[i] && i < FATAL_TEXT_BYTES - 1; i++) {
        bool plain = text[i] >= ' ' && text[i] < 0x7F && text[i] != '"' && text[i] != '\\';

        ret_text[i] = plain ? text[i] : ' ';
    }
    ret_text[i] = '\0';
}

static enum worker_exit exit_of_kind(const char *kind)
{
    if (strcmp(kind, "memory") == 0)
        return WORKER_EXIT_MEMORY;
    return strcmp(kind, "cpu") == 0 ? WORKER_EXIT_CPU : WORKER_EXIT_ENGINE;
}

/* struct engine_host's fatal: there may be no memory left, so all is on the stack. */
static void __attribute__((noreturn)) host_fatal(void *ctx, const char *kind, const char *message)
{
    struct worker *w = ctx;
    char text[FATAL_TEXT_BYTES];
    char frame[WIRE_HEADER_BYTES + FATAL_TEXT_BYTES * 2];
    int len;

    plain_text(message, text);
    len = snprintf(frame + WIRE_HEADER_BYTES, sizeof(frame) - WIRE_HEADER_BYTES,
                   "{\"kind\":\"%s\",\"message\":\"%s\"}", kind, text);
    wire_header((unsigned char *)frame, WIRE_FATAL, 0, (uint32_t)len);
    send_waiting(w->fd, w->out.data + w->sent, w->out.len - w->sent);
    if (w->state & (WIRE_STATE_RUNNING | WIRE_STATE_PREPARING))
        send_waiting(w->fd, frame, WIRE_HEADER_BYTES + (size_t)len);
    _exit(exit_of_kind(kind));
}

static void put_prepared(struct worker *w, const struct prepare_result *result)
{
    CLEANUP(buf) struct buf body = BUF(LIMIT_WIRE_FRAME_BYTES);

    wire_add_part(&body, result->ok ? SPAN("ok") : SPAN("error"));
    wire_add_part(&body, buf_span(&result->check_text));
    wire_add_part(&body, buf_span(&result->run_text));
    wire_add_part(&body, buf_span(&result->notes));
    if (buf_failed(&body) || !put(w, WIRE_PREPARED, 0, buf_span(&body))) {
        give_up(w, SPAN("{\"kind\":\"memory\",\"message\":\"the prepared text is too large\"}"),
                WORKER_EXIT_MEMORY);
        return;
    }
    w->state = WIRE_STATE_IDLE;
}

static void on_prepare(struct worker *w, struct span code)
{
    struct prepare_result result;
    struct err err = ERR_INIT;
    int outcome;

    w->state = WIRE_STATE_PREPARING;
    prepare_result_init(&result);
    worker_cpu_start(LIMIT_PREPARE_CPU_MS, NULL);
    outcome = prepare_code(code, &result, &err);
    worker_cpu_stop();
    if (outcome < 0)
        host_fatal(w, "memory", err.text);
    put_prepared(w, &result);
    prepare_result_done(&result);
}

static uint64_t limit_of(struct span limits, const char *name, uint64_t otherwise)
{
    struct span value;
    int64_t number;

    if (!json_get(limits, name, &value) || !json_int64(value, &number) || number <= 0)
        return otherwise;
    return (uint64_t)number;
}

/* The limit on data can't be raised again, so it waits for the script. */
static void on_environment(struct worker *w, struct span environment)
{
    struct span limits = SPAN_NONE;

    json_get(environment, "limits", &limits);
    w->equipped = true;
    w->memory_bytes = limit_of(limits, "memory_bytes", 0);
    w->cpu_ms = limit_of(limits, "cpu_ms", CPU_MS_DEFAULT);
    engine_equip(w->engine, &w->host, environment);
}

/* The memory of this execution beside the engine's own count: large strings, typed arrays. */
static void lower_data_limit(const struct worker *w)
{
    struct rlimit data;

    if (!w->data_bytes || !w->memory_bytes || getrlimit(RLIMIT_DATA, &data) < 0)
        return;
    if (data.rlim_max != RLIM_INFINITY && data.rlim_max < w->data_bytes + w->memory_bytes)
        return;
    data.rlim_cur = data.rlim_max = w->data_bytes + w->memory_bytes;
    setrlimit(RLIMIT_DATA, &data);
}

static void on_run(struct worker *w, struct span body)
{
    struct span parts[2];

    if (!w->equipped || wire_parts(body, parts, 2, NULL) < 0) {
        leave(w, WORKER_EXIT_PROTOCOL);
        return;
    }
    w->state = WIRE_STATE_RUNNING;
    lower_data_limit(w);
    worker_cpu_start(w->cpu_ms, w->engine);
    engine_run(w->engine, &w->host,
               &(struct engine_script){ .run_text = parts[0], .input = parts[1] });
}

static void on_reply(struct worker *w, uint32_t id, struct span body)
{
    struct span parts[2];

    if (wire_parts(body, parts, 2, NULL) < 0) {
        leave(w, WORKER_EXIT_PROTOCOL);
        return;
    }
    engine_reply(w->engine, id, span_is(parts[0], "ok"), parts[1]);
}

static void take_frame(struct worker *w, const struct wire_frame *frame)
{
    if (frame->type == WIRE_PREPARE)
        on_prepare(w, frame->body);
    else if (frame->type == WIRE_ENVIRONMENT)
        on_environment(w, frame->body);
    else if (frame->type == WIRE_RUN)
        on_run(w, frame->body);
    else
        on_reply(w, frame->id, frame->body);
}

/* Takes all frames that are complete. */
static void take_frames(struct worker *w)
{
    size_t used = 0;

    while (!w->leaving) {
        struct span rest = span_skip(buf_span(&w->in), used);
        struct wire_frame frame;
        long n = wire_read(rest, WIRE_TO_WORKER, w->state, &frame, NULL);

        if (n < 0)
            leave(w, WORKER_EXIT_PROTOCOL);
        if (n <= 0)
            break;
        take_frame(w, &frame);
        used += (size_t)n;
    }
    buf_drop(&w->in, used);
}

static void receive(struct worker *w)
{
    for (;;) {
        char *room = buf_room(&w->in, READ_BYTES);
        ssize_t n;

        if (!room)
            host_fatal(w, "memory", "no memory for what the proxy sends");
        n = recv(w->fd, room, READ_BYTES, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            w->gone = true;
            leave(w, WORKER_EXIT_OK);
            return;
        }
        buf_filled(&w->in, (size_t)n);
        take_frames(w);
        if (w->leaving || n < READ_BYTES)
            return;
    }
}

static int wait_ms(struct worker *w)
{
    int64_t ms = w->state == WIRE_STATE_RUNNING && !w->leaving ? engine_next_ms(w->engine) : -1;

    return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

/* What the engine came to in this turn. */
static void check_engine(struct worker *w)
{
    if (w->state == WIRE_STATE_RUNNING && worker_cpu_expired())
        give_up(w, SPAN("{\"kind\":\"cpu\",\"message\":\"processor time used up\"}"),
                WORKER_EXIT_CPU);
}

static void serve_turn(struct worker *w)
{
    struct pollfd events = { .fd = w->fd, .events = w->leaving ? 0 : POLLIN };

    int ready;

    if (w->sent < w->out.len)
        events.events |= POLLOUT;
    ready = poll(&events, 1, wait_ms(w));
    if (ready < 0 && errno != EINTR) {
        w->gone = true;
        leave(w, WORKER_EXIT_PROTOCOL);
    }
    if (ready > 0 && (events.revents & (POLLHUP | POLLERR)) && w->leaving)
        w->gone = true;
    else if (ready > 0 && !w->leaving)
        receive(w);
    /* A timer that comes due while frames are read has its turn when poll has nothing more. */
    if (ready == 0 && w->state == WIRE_STATE_RUNNING)
        engine_tick(w->engine);
    check_engine(w);
    flush(w);
}

enum worker_exit worker_serve(int fd, struct engine *engine, uint64_t data_bytes)
{
    struct worker w = { .fd = fd,
                        .engine = engine,
                        .state = WIRE_STATE_IDLE,
                        .data_bytes = data_bytes,
                        .in = BUF(LIMIT_WIRE_FRAME_BYTES + WIRE_HEADER_BYTES + READ_BYTES),
                        .out = BUF(LIMIT_WIRE_QUEUE_BYTES) };

    w.host = (struct engine_host){ .send = host_send, .fatal = host_fatal, .ctx = &w };
    put(&w, WIRE_READY, 0, SPAN_NONE);
    flush(&w);
    while (!w.gone && (!w.leaving || w.sent < w.out.len))
        serve_turn(&w);
    /* Whoever waits for the result on this processor has it before the process is taken down. */
    sched_yield();
    buf_done(&w.in);
    buf_done(&w.out);
    return w.exit;
}

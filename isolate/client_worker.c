#include "isolate/client_internal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "isolate/worker.h"

#define STATUS_WAIT_MS      1000 /* for the zygote to tell how a worker ended */
#define FATAL_MESSAGE_BYTES 300

void worker_set_phase(struct worker *worker, enum worker_phase phase)
{
    worker->pool->count[worker->phase]--;
    worker->phase = phase;
    worker->pool->count[phase]++;
}

static void free_worker(void *object)
{
    struct worker *worker = object;

    buf_done(&worker->in);
    free(worker);
}

void worker_forget(struct worker *worker)
{
    struct isolate_pool *pool = worker->pool;

    TAILQ_REMOVE(&pool->workers, worker, link);
    pool->count[worker->phase]--;
    io_free(TAKE(worker->io));
    loop_timer_free(TAKE(worker->status_timer));
    fd_close(&worker->pidfd);
    loop_reap(pool->loop, worker, free_worker);
}

static void kill_process(const struct worker *worker)
{
    if (pidfd_send_signal(worker->pidfd, SIGKILL, NULL, 0) == 0 || errno == ESRCH)
        return;

    struct err err = ERR_INIT;

    /* Its socket is closed, so it ends as soon as it looks up from what it does. */
    err_sys(&err, ERR_IO, errno, "cannot kill a worker");
    log_error("isolate", "kill_failed", LOG_ERR(&err));
}

void worker_discard(struct worker *worker)
{
    if (worker->phase == WORKER_ENDING)
        return;
    worker_set_phase(worker, WORKER_ENDING);
    io_free(TAKE(worker->io));
    kill_process(worker);
    if (worker->status_known || worker->orphaned)
        worker_forget(worker);
}

void worker_retire(struct worker *worker)
{
    struct isolate_pool *pool = worker->pool;

    worker_set_phase(worker, WORKER_RETIRED);
    if (!loop_timer_active(pool->retired_timer))
        loop_timer_start(pool->retired_timer, POOL_QUIET_MS);
}

void worker_equip(struct worker *worker, struct buf *frames)
{
    const struct isolate_pool *pool = worker->pool;

    BUG_ON(!pool->environment_turn);
    if (worker->equipped == pool->environment_turn)
        return;
    buf_add_span(frames, buf_span(&pool->environment));
    worker->equipped = pool->environment_turn;
}

void worker_equip_ahead(struct worker *worker)
{
    CLEANUP(buf) struct buf frames = BUF(LIMIT_WIRE_QUEUE_BYTES);
    struct err err = ERR_INIT;

    worker_equip(worker, &frames);
    /* It has not read what it was sent for a long time; another one will. */
    if (io_write(worker->io, buf_span(&frames), &err) < 0 && err.code == ERR_LIMIT)
        worker_discard(worker);
}

/* What a wait status says about a worker that ended without a word. */
static enum isolate_end end_of_status(int status, struct err *err)
{
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

    if (number == SIGXCPU || (!number && WEXITSTATUS(status) == WORKER_EXIT_CPU)) {
        err_set(err, ERR_LIMIT, "processor time used up");
        return ISOLATE_END_CPU;
    }
    if (!number && WEXITSTATUS(status) == WORKER_EXIT_MEMORY) {
        err_set(err, ERR_LIMIT, "out of memory");
        return ISOLATE_END_MEMORY;
    }
    if (number == SIGSYS)
        err_set(err, ERR_REMOTE,
                "the sandbox stopped the worker: a system call that is not "
                "permitted");
    else if (number == SIGKILL)
        err_set(err, ERR_REMOTE,
                "the worker was killed: by the kernel for want of memory, or by "
                "an operator");
    else if (number)
        err_set(err, ERR_REMOTE, "the worker died of signal %d (%s)", number, strsignal(number));
    else
        err_set(err, ERR_REMOTE, "the worker exited with status %d before the script ended",
                WEXITSTATUS(status));
    return ISOLATE_END_CRASH;
}

static bool was_killed(const struct worker *worker)
{
    return !worker->status_known ||
           (WIFSIGNALED(worker->wait_status) && WTERMSIG(worker->wait_status) == SIGKILL);
}

/* Whether the script may have run.  What a worker without a call left unread is the script. */
static bool has_begun(const struct worker *worker)
{
    return worker->state == WIRE_STATE_RUNNING && (!worker->unread || worker->last_call_id > 0);
}

/* A lost worker whose status is known, or never will be: ends its lease, or its waiting. */
static void conclude(struct worker *worker)
{
    struct err err = ERR_INIT;
    enum isolate_end end = ISOLATE_END_CRASH;

    if (worker->status_known)
        end = end_of_status(worker->wait_status, &err);
    else
        err_set(&err, ERR_REMOTE, "the worker ended together with the process it was forked from");
    worker->pool->figures.crashed++;
    if (worker->lease &&
        (has_begun(worker) || !was_killed(worker) || !lease_again(worker->lease))) {
        lease_end(worker->lease, end, SPAN_NONE, &err);
        return;
    }
    log_warn("isolate", "idle_worker_ended", LOG_ERR(&err));
    worker_discard(worker);
    pool_refill(worker->pool);
}

static void on_status_wait_over(void *ctx)
{
    conclude(ctx);
}

void worker_exited(struct worker *worker, bool known, int wait_status)
{
    worker->status_known = known;
    worker->orphaned = !known;
    worker->wait_status = wait_status;
    if (worker->phase == WORKER_ENDING)
        worker_forget(worker);
    else if (worker->lost)
        conclude(worker);
    /* Else its last frames may still be in the socket, whose end will come. */
}

static void on_socket_end(void *ctx, const struct err *err)
{
    struct worker *worker = ctx;

    if (worker->phase == WORKER_RETIRED) {
        worker_discard(worker);
        return;
    }
    worker->lost = true;
    /* The system tells the loss of unread bytes as a reset. */
    worker->unread = io_queued(worker->io) || (err && err->code == ERR_CLOSED);
    if (worker->status_known || worker->orphaned) {
        conclude(worker);
        return;
    }
    worker->status_timer = loop_timer_new(worker->pool->loop, on_status_wait_over, worker);
    loop_timer_start(worker->status_timer, STATUS_WAIT_MS);
}

/* A worker that breaks the wire has been taken over, or is broken: it is not listened to again. */
static void on_protocol_error(struct worker *worker, const struct err *err)
{
    worker->pool->figures.crashed++;
    log_warn("isolate", "worker_broke_protocol", LOG_ERR(err));
    if (worker->lease)
        lease_end(worker->lease, ISOLATE_END_PROTOCOL, SPAN_NONE, err);
    else
        worker_discard(worker);
}

static int check_json(struct span json, enum wire_type type, struct err *err)
{
    if (json_check(json, LIMIT_RPC_DEPTH, err) == 0)
        return 0;
    err->code = ERR_PROTOCOL;
    return err_in(err, "a %s frame", wire_type_name(type));
}

static int status_of(struct span part, bool *ret_ok, struct err *err)
{
    *ret_ok = span_is(part, "ok");
    if (*ret_ok || span_is(part, "error"))
        return 0;
    return err_set(err, ERR_PROTOCOL, "a status that is neither ok nor error");
}

static int take_ready(struct worker *worker)
{
    worker->state = WIRE_STATE_IDLE;
    pool_worker_ready(worker->pool, worker);
    return 0;
}

static int take_prepared(struct worker *worker, const struct wire_frame *frame, struct err *err)
{
    struct isolate *lease = worker->lease;
    struct span parts[4];
    bool ok;

    if (wire_parts(frame->body, parts, 4, err) < 0 || status_of(parts[0], &ok, err) < 0 ||
        check_json(parts[3], frame->type, err) < 0)
        return -1;
    worker->state = WIRE_STATE_IDLE;
    lease->events.on_prepared(lease->ctx, ok, parts[1], parts[2], parts[3]);
    return 0;
}

static int take_call(struct worker *worker, const struct wire_frame *frame, struct err *err)
{
    struct isolate *lease = worker->lease;

    if (frame->id <= worker->last_call_id)
        return err_set(err, ERR_PROTOCOL, "call %u after call %u", frame->id, worker->last_call_id);
    if (check_json(frame->body, frame->type, err) < 0)
        return -1;
    worker->last_call_id = frame->id;
    lease->events.on_call(lease->ctx, frame->id, frame->body);
    return 0;
}

static int take_note(struct worker *worker, const struct wire_frame *frame, struct err *err)
{
    struct isolate *lease = worker->lease;

    if (check_json(frame->body, frame->type, err) < 0)
        return -1;
    if (frame->type == WIRE_LOG)
        lease->events.on_log(lease->ctx, frame->body);
    else if (frame->type == WIRE_EMIT)
        lease->events.on_emit(lease->ctx, frame->body);
    else
        lease->events.on_progress(lease->ctx, frame->body);
    return 0;
}

static int take_done(struct worker *worker, const struct wire_frame *frame, struct err *err)
{
    struct span parts[2];
    bool ok;

    if (wire_parts(frame->body, parts, 2, err) < 0 || status_of(parts[0], &ok, err) < 0 ||
        check_json(parts[1], frame->type, err) < 0)
        return -1;
    worker->state = WIRE_STATE_DONE;
    lease_end(worker->lease, ok ? ISOLATE_END_OK : ISOLATE_END_ERROR, parts[1], NULL);
    return 0;
}

static int take_fatal(struct worker *worker, const struct wire_frame *frame, struct err *err)
{
    enum isolate_end end = ISOLATE_END_CRASH;
    struct err fault = ERR_INIT;
    struct span kind = SPAN_NONE, message = SPAN_NONE;

    if (check_json(frame->body, frame->type, err) < 0)
        return -1;
    json_get(frame->body, "kind", &kind);
    json_get(frame->body, "message", &message);

    CLEANUP(str) char *text = json_dup_string(message, FATAL_MESSAGE_BYTES);

    if (json_string_is(kind, "memory"))
        end = ISOLATE_END_MEMORY;
    else if (json_string_is(kind, "cpu"))
        end = ISOLATE_END_CPU;
    err_set(&fault, end == ISOLATE_END_CRASH ? ERR_REMOTE : ERR_LIMIT, "%s",
            text ? text : "the engine gave up");
    worker->state = WIRE_STATE_DONE;
    lease_end(worker->lease, end, frame->body, &fault);
    return 0;
}

static int take_frame(struct worker *worker, const struct wire_frame *frame, struct err *err)
{
    if (frame->type == WIRE_READY)
        return take_ready(worker);
    if (frame->type == WIRE_PREPARED)
        return take_prepared(worker, frame, err);
    if (frame->type == WIRE_CALL)
        return take_call(worker, frame, err);
    if (frame->type == WIRE_DONE)
        return take_done(worker, frame, err);
    if (frame->type == WIRE_FATAL)
        return take_fatal(worker, frame, err);
    return take_note(worker, frame, err);
}

/* True while frames of this worker are still of interest. */
static bool is_heard(const struct worker *worker)
{
    if (worker->phase == WORKER_RETIRED || worker->phase == WORKER_ENDING)
        return false;
    return !worker->lease || !worker->lease->dying;
}

/* Takes all complete frames at the front of `bytes`; returns how many bytes they were. */
static size_t take_frames(struct worker *worker, struct span bytes)
{
    size_t used = 0;

    while (is_heard(worker)) {
        struct wire_frame frame;
        struct err err = ERR_INIT;
        long len = wire_read(span_skip(bytes, used), WIRE_FROM_WORKER, worker->state, &frame, &err);

        if (len == 0)
            break;
        if (len < 0 || take_frame(worker, &frame, &err) < 0) {
            on_protocol_error(worker, &err);
            break;
        }
        used += (size_t)len;
    }
    return used;
}

static void on_data(void *ctx, struct span data)
{
    struct worker *worker = ctx;
    struct err err = ERR_INIT;
    size_t used;

    if (worker->in.len == 0) {
        used = take_frames(worker, data);
        data = span_skip(data, used);
    }
    if (!is_heard(worker) || data.len == 0)
        return;
    if (buf_add_span(&worker->in, data) < 0) {
        buf_check(&worker->in, "what a worker sends", &err);
        on_protocol_error(worker, &err);
        return;
    }
    used = take_frames(worker, buf_span(&worker->in));
    if (is_heard(worker))
        buf_drop(&worker->in, used);
}

struct worker *
worker_new(struct isolate_pool *pool, pid_t pid, int socket_fd, int pidfd, struct err *err)
{
    const struct io_events events = { .on_data = on_data, .on_end = on_socket_end };
    struct worker *worker = NEW(struct worker);

    worker->io =
        io_new(pool->loop, socket_fd, socket_fd, LIMIT_WIRE_QUEUE_BYTES, &events, worker, err);
    if (!worker->io) {
        fd_close(&pidfd);
        free(worker);
        return NULL;
    }
    worker->pool = pool;
    worker->phase = WORKER_STARTING;
    worker->pid = pid;
    worker->pidfd = pidfd;
    worker->state = WIRE_STATE_STARTING;
    /* A whole frame, and the last read that completes it. */
    buf_init(&worker->in, LIMIT_WIRE_FRAME_BYTES + WIRE_HEADER_BYTES + 65536);
    TAILQ_INSERT_TAIL(&pool->workers, worker, link);
    pool->count[WORKER_STARTING]++;
    pool->figures.started++;
    return worker;
}

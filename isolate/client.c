#include "isolate/client_internal.h"

#include <stdlib.h>

#include "base/mem.h"

#define LEASE_WAIT_MS 15000
#define LOST_MAX      8 /* more than an operator would kill: something kills them all */

static void free_isolate(void *object)
{
    struct isolate *isolate = object;

    loop_timer_free(isolate->wait_timer);
    free(isolate);
}

/* Takes the lease out of every list, so that nothing reaches it any more. */
static void detach(struct isolate *isolate)
{
    struct isolate_pool *pool = isolate->pool;

    TAILQ_REMOVE(isolate->waiting ? &pool->waiting : &pool->leased, isolate, link);
    loop_unpost(pool->loop, &isolate->task);
    if (isolate->wait_timer)
        loop_timer_stop(isolate->wait_timer);
}

/* The one place that calls on_end. */
void lease_end(struct isolate *isolate,
               enum isolate_end end,
               struct span json,
               const struct err *err)
{
    struct isolate_pool *pool = isolate->pool;
    struct worker *worker = TAKE(isolate->worker);

    if (isolate->ended)
        return;
    isolate->ended = true;
    detach(isolate);
    if (worker)
        worker->lease = NULL;
    isolate->events.on_end(isolate->ctx, end, json, err);
    loop_reap(pool->loop, isolate, free_isolate);
    if (worker && worker->state == WIRE_STATE_DONE)
        worker_retire(worker);
    else if (worker)
        worker_discard(worker);
    pool_refill(pool);
}

static void on_end_task(void *ctx)
{
    struct isolate *isolate = ctx;

    lease_end(isolate, isolate->end, SPAN_NONE, &isolate->err);
}

void lease_end_later(struct isolate *isolate, enum isolate_end end, const struct err *err)
{
    if (isolate->ended || isolate->dying)
        return;
    isolate->dying = true;
    isolate->end = end;
    isolate->err = *err;
    loop_unpost(isolate->pool->loop, &isolate->task);
    loop_post(isolate->pool->loop, &isolate->task, on_end_task, isolate);
}

static void on_leased_task(void *ctx)
{
    struct isolate *isolate = ctx;

    isolate->events.on_leased(isolate->ctx);
}

void lease_attach(struct isolate *isolate, struct worker *worker)
{
    struct isolate_pool *pool = isolate->pool;

    if (isolate->waiting)
        TAILQ_REMOVE(&pool->waiting, isolate, link);
    isolate->waiting = false;
    TAILQ_INSERT_TAIL(&pool->leased, isolate, link);
    if (isolate->wait_timer)
        loop_timer_stop(isolate->wait_timer);
    isolate->worker = worker;
    worker->lease = isolate;
    worker_set_phase(worker, WORKER_LEASED);
    loop_post(pool->loop, &isolate->task, on_leased_task, isolate);
}

static void on_wait_over(void *ctx)
{
    struct isolate *isolate = ctx;
    const char *why = isolate->pool->why;
    struct err err = ERR_INIT;

    err_set(&err, ERR_UNAVAILABLE, "no worker became free within %d ms%s%s", LEASE_WAIT_MS,
            *why ? ": " : "", why);
    lease_end(isolate, ISOLATE_END_FAILED, SPAN_NONE, &err);
}

static void wait_for_worker(struct isolate *isolate)
{
    struct isolate_pool *pool = isolate->pool;
    struct err err = ERR_INIT;

    isolate->waiting = true;
    /* One that had its turn already does not wait for it again. */
    if (isolate->lost)
        TAILQ_INSERT_HEAD(&pool->waiting, isolate, link);
    else
        TAILQ_INSERT_TAIL(&pool->waiting, isolate, link);
    if (!isolate->wait_timer)
        isolate->wait_timer = loop_timer_new(pool->loop, on_wait_over, isolate);
    loop_timer_start(isolate->wait_timer, LEASE_WAIT_MS);
    isolate_pool_start(pool);
    /* It could not be started a moment ago: say so now rather than when the wait is over. */
    if (pool->zygote.phase == ZYGOTE_DOWN && pool->zygote.start_failed) {
        err_set(&err, ERR_UNAVAILABLE, "%s", pool->why);
        lease_end_later(isolate, ISOLATE_END_FAILED, &err);
    }
}

static void find_worker(struct isolate *isolate)
{
    struct isolate_pool *pool = isolate->pool;
    struct worker *worker = TAILQ_EMPTY(&pool->waiting) ? pool_take_ready(pool) : NULL;

    if (worker)
        lease_attach(isolate, worker);
    else
        wait_for_worker(isolate);
}

bool lease_again(struct isolate *isolate)
{
    if (isolate->dying || isolate->lost == LOST_MAX)
        return false;
    isolate->lost++;
    detach(isolate);
    TAKE(isolate->worker)->lease = NULL;
    isolate->events.on_lost(isolate->ctx);
    find_worker(isolate);
    return true;
}

struct isolate *
isolate_lease(struct isolate_pool *pool, const struct isolate_events *events, void *ctx)
{
    struct isolate *isolate = NEW(struct isolate);

    isolate->pool = pool;
    isolate->events = *events;
    isolate->ctx = ctx;
    find_worker(isolate);
    demand_leased(pool);
    pool_refill(pool);
    return isolate;
}

/* Adds a frame to `frames` and sends them all; when the queue is over its limit the lease ends. */
static void send_or_end(
    struct isolate *isolate, struct buf *frames, enum wire_type type, uint32_t id, struct span body)
{
    struct err err = ERR_INIT;

    /* A lease that is being killed, or a worker that is lost: its end is on the way. */
    if (isolate->dying || !isolate->worker)
        return;
    if (isolate->worker->lost)
        isolate->worker->unread = true;
    else if ((wire_write(frames, type, id, body, &err) < 0 ||
              io_write(isolate->worker->io, buf_span(frames), &err) < 0) &&
             err.code == ERR_LIMIT)
        lease_end_later(isolate, ISOLATE_END_FAILED, &err);
}

void isolate_prepare(struct isolate *isolate, struct span code)
{
    CLEANUP(buf) struct buf frames = BUF(LIMIT_WIRE_QUEUE_BYTES);
    struct worker *worker = isolate->worker;

    BUG_ON(worker && worker->state != WIRE_STATE_IDLE);
    send_or_end(isolate, &frames, WIRE_PREPARE, 0, code);
    if (worker)
        worker->state = WIRE_STATE_PREPARING;
}

void isolate_run(struct isolate *isolate, struct span run_text, struct span input)
{
    CLEANUP(buf) struct buf body = BUF(LIMIT_WIRE_FRAME_BYTES);
    CLEANUP(buf) struct buf frames = BUF(LIMIT_WIRE_QUEUE_BYTES);
    struct worker *worker = isolate->worker;
    struct err err = ERR_INIT;

    BUG_ON(worker && worker->state != WIRE_STATE_IDLE);
    wire_add_part(&body, run_text);
    wire_add_part(&body, input);
    if (buf_check(&body, "the script with its input", &err) < 0) {
        lease_end_later(isolate, ISOLATE_END_FAILED, &err);
        return;
    }
    if (worker)
        worker_equip(worker, &frames);
    send_or_end(isolate, &frames, WIRE_RUN, 0, buf_span(&body));
    if (worker)
        worker->state = WIRE_STATE_RUNNING;
}

void isolate_reply(struct isolate *isolate, uint32_t id, bool ok, struct span json)
{
    CLEANUP(buf) struct buf body = BUF(LIMIT_WIRE_FRAME_BYTES);
    CLEANUP(buf) struct buf frames = BUF(LIMIT_WIRE_QUEUE_BYTES);
    struct err err = ERR_INIT;

    wire_add_part(&body, ok ? SPAN("ok") : SPAN("error"));
    wire_add_part(&body, json);
    if (buf_check(&body, "the reply to a host call", &err) < 0) {
        lease_end_later(isolate, ISOLATE_END_FAILED, &err);
        return;
    }
    send_or_end(isolate, &frames, WIRE_REPLY, id, buf_span(&body));
}

void isolate_kill(struct isolate *isolate)
{
    struct err err = ERR_INIT;

    err_set(&err, ERR_CANCELLED, "the execution was stopped");
    lease_end_later(isolate, ISOLATE_END_FAILED, &err);
}

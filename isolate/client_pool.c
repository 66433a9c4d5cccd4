#include "isolate/client_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"

#define PROGRESS_MS      5000 /* for a worker that was asked for to be ready */
#define REFUSED_DELAY_MS 250  /* after a fork that failed: processes or memory are short */

static unsigned count_waiting(const struct isolate_pool *pool)
{
    const struct isolate *isolate;
    unsigned count = 0;

    TAILQ_FOREACH(isolate, &pool->waiting, link)
    count++;
    return count;
}

/* Workers that are on their way. */
static unsigned count_coming(const struct isolate_pool *pool)
{
    return pool->requested + pool->count[WORKER_STARTING];
}

static void watch_progress(struct isolate_pool *pool)
{
    if (!count_coming(pool))
        loop_timer_stop(pool->progress_timer);
    else if (!loop_timer_active(pool->progress_timer))
        loop_timer_start(pool->progress_timer, PROGRESS_MS);
}

static void on_no_progress(void *ctx)
{
    struct isolate_pool *pool = ctx;
    struct err err = ERR_INIT;

    err_set(&err, ERR_TIMEOUT, "no worker became ready within %d ms", PROGRESS_MS);
    zygote_restart(pool, &err);
}

static bool has_room(const struct isolate_pool *pool)
{
    return pool->count[WORKER_READY] + pool->count[WORKER_LEASED] + count_coming(pool) <
           pool->demand.size.max;
}

/* Asks for workers until `wanted` are ready or coming. */
static void request_up_to(struct isolate_pool *pool, unsigned wanted)
{
    while (pool->count[WORKER_READY] + count_coming(pool) < wanted && has_room(pool)) {
        if (zygote_request_fork(pool) < 0)
            break;
        pool->requested++;
    }
    watch_progress(pool);
}

static void on_refill(void *ctx)
{
    struct isolate_pool *pool = ctx;

    if (pool->zygote.phase == ZYGOTE_UP)
        request_up_to(pool, pool->demand.wanted + count_waiting(pool));
}

static void on_retired(void *ctx)
{
    struct isolate_pool *pool = ctx;
    struct worker *worker, *next;

    for (worker = TAILQ_FIRST(&pool->workers); worker; worker = next) {
        next = TAILQ_NEXT(worker, link);
        if (worker->phase == WORKER_RETIRED)
            worker_discard(worker);
    }
}

void pool_refill(struct isolate_pool *pool)
{
    unsigned waiting = count_waiting(pool);

    if (pool->zygote.phase != ZYGOTE_UP)
        return;
    if (waiting)
        request_up_to(pool, waiting);
    if (pool->count[WORKER_READY] + count_coming(pool) < pool->demand.wanted + waiting &&
        has_room(pool) && !loop_timer_active(pool->refill_timer))
        loop_timer_start(pool->refill_timer, POOL_QUIET_MS);
}

void pool_shrink(struct isolate_pool *pool, unsigned count)
{
    struct worker *worker, *next;

    for (worker = TAILQ_FIRST(&pool->workers); worker; worker = next) {
        next = TAILQ_NEXT(worker, link);
        if (pool->count[WORKER_READY] > count && worker->phase == WORKER_READY && !worker->lost)
            worker_discard(worker);
    }
}

struct worker *pool_take_ready(struct isolate_pool *pool)
{
    struct worker *worker;

    /* The newest: its memory is still in the caches. */
    TAILQ_FOREACH_REVERSE(worker, &pool->workers, worker_list, link)
    {
        if (worker->phase == WORKER_READY && !worker->lost)
            return worker;
    }
    return NULL;
}

void pool_worker_ready(struct isolate_pool *pool, struct worker *worker)
{
    struct isolate *isolate = TAILQ_FIRST(&pool->waiting);

    worker_set_phase(worker, WORKER_READY);
    pool->why[0] = '\0';
    pool->zygote.failures = 0;
    loop_timer_stop(pool->progress_timer);
    watch_progress(pool);
    if (isolate)
        lease_attach(isolate, worker);
    else if (pool->environment_turn)
        worker_equip_ahead(worker);
}

int isolate_pool_equip(struct isolate_pool *pool, struct span environment, struct err *err)
{
    struct buf frame = BUF(LIMIT_WIRE_FRAME_BYTES + WIRE_HEADER_BYTES);
    struct worker *worker, *next;

    if (wire_write(&frame, WIRE_ENVIRONMENT, 0, environment, err) < 0) {
        buf_done(&frame);
        return -1;
    }
    buf_done(&pool->environment);
    pool->environment = frame;
    pool->environment_turn++;
    for (worker = TAILQ_FIRST(&pool->workers); worker; worker = next) {
        next = TAILQ_NEXT(worker, link);
        if (worker->phase == WORKER_READY && !worker->lost)
            worker_equip_ahead(worker);
    }
    return 0;
}

void pool_zygote_up(struct isolate_pool *pool)
{
    pool->requested = 0;
    request_up_to(pool, pool->demand.wanted + count_waiting(pool));
}

void pool_zygote_down(struct isolate_pool *pool, bool was_up, const struct err *err)
{
    struct worker *worker, *next;
    struct isolate *isolate;

    snprintf(pool->why, sizeof(pool->why), "%s", err->text);
    pool->requested = 0;
    loop_timer_stop(pool->progress_timer);
    loop_timer_stop(pool->refill_timer);
    TAILQ_FOREACH(isolate, &pool->waiting, link)
    {
        if (!was_up)
            lease_end_later(isolate, ISOLATE_END_FAILED, err);
    }
    /* No wait status will come any more; a worker that outlives its zygote finishes its lease. */
    for (worker = TAILQ_FIRST(&pool->workers); worker; worker = next) {
        bool idle = worker->phase == WORKER_STARTING || worker->phase == WORKER_READY;

        next = TAILQ_NEXT(worker, link);
        worker->orphaned = true;
        if (idle)
            worker_discard(worker);
        else if (!worker->status_known)
            worker_exited(worker, false, 0);
    }
}

void pool_worker_came(struct isolate_pool *pool, pid_t pid, int socket_fd, int pidfd)
{
    struct err err = ERR_INIT;

    if (pool->requested)
        pool->requested--;
    if (!worker_new(pool, pid, socket_fd, pidfd, &err))
        pool_fork_refused(pool, err.text);
}

void pool_worker_exited(struct isolate_pool *pool, pid_t pid, int wait_status)
{
    struct worker *worker;

    TAILQ_FOREACH(worker, &pool->workers, link)
    {
        if (worker->pid == pid && !worker->status_known && !worker->orphaned) {
            worker_exited(worker, true, wait_status);
            return;
        }
    }
}

void pool_fork_refused(struct isolate_pool *pool, const char *why)
{
    if (pool->requested)
        pool->requested--;
    snprintf(pool->why, sizeof(pool->why), "%s", why);
    log_warn("isolate", "fork_refused", LOG_STR("why", why));
    watch_progress(pool);
    loop_timer_start(pool->refill_timer, REFUSED_DELAY_MS);
}

struct isolate_pool *isolate_pool_new(struct loop *loop, const struct isolate_options *options)
{
    struct isolate_pool *pool = NEW(struct isolate_pool);

    pool->loop = loop;
    pool->loader = xstrdup(options->loader);
    pool->library_path = xstrdup(options->library_path);
    pool->program = xstrdup(options->program);
    pool->jit = options->jit;
    pool->sandbox = options->sandbox;
    pool->heap_max_bytes = options->heap_max_bytes;
    TAILQ_INIT(&pool->workers);
    TAILQ_INIT(&pool->waiting);
    TAILQ_INIT(&pool->leased);
    buf_init(&pool->environment, LIMIT_WIRE_FRAME_BYTES + WIRE_HEADER_BYTES);
    demand_init(pool, &options->size);
    pool->refill_timer = loop_timer_new(loop, on_refill, pool);
    pool->retired_timer = loop_timer_new(loop, on_retired, pool);
    pool->progress_timer = loop_timer_new(loop, on_no_progress, pool);
    snprintf(pool->why, sizeof(pool->why), "not started yet");
    zygote_init(pool);
    return pool;
}

void isolate_pool_start(struct isolate_pool *pool)
{
    /* While the timer runs a start has failed, and the next one keeps its distance. */
    if (pool->zygote.phase == ZYGOTE_DOWN && !loop_timer_active(pool->zygote.start_timer))
        zygote_start(pool);
}

bool isolate_pool_ready(const struct isolate_pool *pool, const char **ret_why)
{
    if (pool->zygote.phase == ZYGOTE_UP &&
        pool->count[WORKER_READY] + pool->count[WORKER_LEASED] > 0)
        return true;
    *ret_why = *pool->why ? pool->why : "workers are being started";
    return false;
}

void isolate_pool_state(const struct isolate_pool *pool, struct isolate_pool_state *ret_state)
{
    *ret_state = pool->figures;
    ret_state->running = pool->zygote.phase == ZYGOTE_UP;
    ret_state->start_failed = pool->zygote.start_failed;
    ret_state->idle = pool->count[WORKER_READY];
    ret_state->leased = pool->count[WORKER_LEASED];
    ret_state->wanted = pool->demand.wanted;
}

/* Ends what is still open in a list, each with its on_end. */
static void cancel_leases(struct isolate_list *list)
{
    struct isolate *isolate;
    struct err err = ERR_INIT;

    err_set(&err, ERR_CANCELLED, "mcpfold is ending");
    while ((isolate = TAILQ_FIRST(list)))
        lease_end(isolate, ISOLATE_END_FAILED, SPAN_NONE, &err);
}

void isolate_pool_free(struct isolate_pool *pool)
{
    struct worker *worker;

    if (!pool)
        return;
    /* No worker is asked for any more while leases end. */
    zygote_done(pool);
    cancel_leases(&pool->waiting);
    cancel_leases(&pool->leased);
    while ((worker = TAILQ_FIRST(&pool->workers))) {
        if (worker->phase == WORKER_ENDING)
            worker_forget(worker);
        else
            worker_discard(worker);
    }
    demand_done(pool);
    buf_done(&pool->environment);
    loop_timer_free(pool->refill_timer);
    loop_timer_free(pool->retired_timer);
    loop_timer_free(pool->progress_timer);
    free(pool->loader);
    free(pool->library_path);
    free(pool->program);
    free(pool);
}

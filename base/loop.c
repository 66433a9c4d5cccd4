#include "base/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include <uv.h>

#include "base/log.h"
#include "base/mem.h"

struct reaped {
    TAILQ_ENTRY(reaped) link;
    void *object;
    loop_fn *free_fn;
};

TAILQ_HEAD(task_list, loop_task);
TAILQ_HEAD(reap_list, reaped);

struct loop {
    uv_loop_t uv;
    uv_idle_t turn; /* active while tasks or reaped objects wait; runs with no callback above it */
    struct task_list tasks;
    struct reap_list reaped;
};

/* Runs what was posted before this turn; what is posted meanwhile waits for the next. */
static void run_tasks(struct loop *loop)
{
    struct loop_task end = { .posted = false };
    struct loop_task *task;

    TAILQ_INSERT_TAIL(&loop->tasks, &end, link);
    while ((task = TAILQ_FIRST(&loop->tasks)) != &end) {
        loop_unpost(loop, task);
        task->fn(task->ctx);
    }
    TAILQ_REMOVE(&loop->tasks, &end, link);
}

static void run_reaped(struct loop *loop)
{
    struct reaped *reaped;

    while ((reaped = TAILQ_FIRST(&loop->reaped))) {
        TAILQ_REMOVE(&loop->reaped, reaped, link);
        reaped->free_fn(reaped->object);
        free(reaped);
    }
}

static void on_turn(uv_idle_t *handle)
{
    struct loop *loop = handle->data;

    run_tasks(loop);
    run_reaped(loop);
    if (TAILQ_EMPTY(&loop->tasks) && TAILQ_EMPTY(&loop->reaped))
        uv_idle_stop(handle);
}

/* A peer that closes its pipe is an error of a write, never the end of the program. */
static void ignore_sigpipe(void)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    sigaction(SIGPIPE, &ignore, NULL);
}

struct loop *loop_new(struct err *err)
{
    struct loop *loop = NEW(struct loop);
    int result = uv_loop_init(&loop->uv);

    if (result < 0) {
        err_set(err, ERR_IO, "cannot make an event loop: %s", uv_strerror(result));
        free(loop);
        return NULL;
    }
    ignore_sigpipe();
    uv_idle_init(&loop->uv, &loop->turn);
    loop->turn.data = loop;
    TAILQ_INIT(&loop->tasks);
    TAILQ_INIT(&loop->reaped);
    return loop;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    run_reaped(loop);
    uv_close((uv_handle_t *)&loop->turn, NULL);
    uv_run(&loop->uv, UV_RUN_NOWAIT);
    uv_run(&loop->uv, UV_RUN_NOWAIT);
    if (uv_loop_close(&loop->uv) < 0) {
        /* Its memory is still in use by a handle somebody forgot: leave it, and say so. */
        log_error("loop", "handles_left");
        return;
    }
    free(loop);
}

void loop_run(struct loop *loop)
{
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
    uv_stop(&loop->uv);
}

static void on_drain_end(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static void forget_timer(uv_handle_t *handle)
{
    free(handle);
}

void loop_drain(struct loop *loop, uint64_t max_ms)
{
    uv_timer_t *timer = NEW(uv_timer_t);
    bool over = false;

    uv_timer_init(&loop->uv, timer);
    timer->data = &over;
    uv_timer_start(timer, on_drain_end, max_ms, 0);
    uv_unref((uv_handle_t *)timer);
    while (!over && uv_loop_alive(&loop->uv))
        uv_run(&loop->uv, UV_RUN_ONCE);
    uv_close((uv_handle_t *)timer, forget_timer);
    uv_run(&loop->uv, UV_RUN_NOWAIT);
}

void *loop_uv(struct loop *loop)
{
    return &loop->uv;
}

uint64_t loop_now_ms(const struct loop *loop)
{
    return uv_now(&loop->uv);
}

uint64_t clock_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void wake(struct loop *loop)
{
    uv_idle_start(&loop->turn, on_turn);
}

void loop_post(struct loop *loop, struct loop_task *task, loop_fn *fn, void *ctx)
{
    if (task->posted)
        return;
    task->fn = fn;
    task->ctx = ctx;
    task->posted = true;
    TAILQ_INSERT_TAIL(&loop->tasks, task, link);
    wake(loop);
}

void loop_unpost(struct loop *loop, struct loop_task *task)
{
    if (!task->posted)
        return;
    TAILQ_REMOVE(&loop->tasks, task, link);
    task->posted = false;
}

void loop_reap(struct loop *loop, void *object, loop_fn *free_fn)
{
    struct reaped *reaped = NEW(struct reaped);

    reaped->object = object;
    reaped->free_fn = free_fn;
    TAILQ_INSERT_TAIL(&loop->reaped, reaped, link);
    wake(loop);
}

struct loop_timer {
    uv_timer_t uv;
    loop_fn *fn;
    void *ctx;
};

static void on_timer(uv_timer_t *handle)
{
    struct loop_timer *timer = CONTAINER_OF(handle, struct loop_timer, uv);

    timer->fn(timer->ctx);
}

static void free_timer(uv_handle_t *handle)
{
    free(CONTAINER_OF(handle, struct loop_timer, uv));
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_fn *fn, void *ctx)
{
    struct loop_timer *timer = NEW(struct loop_timer);

    uv_timer_init(&loop->uv, &timer->uv);
    timer->fn = fn;
    timer->ctx = ctx;
    return timer;
}

void loop_timer_start(struct loop_timer *timer, uint64_t delay_ms)
{
    /* The loop's clock stands still during a turn; a deadline must not fall short by its length. */
    uv_update_time(timer->uv.loop);
    uv_timer_start(&timer->uv, on_timer, delay_ms, 0);
}

void loop_timer_stop(struct loop_timer *timer)
{
    uv_timer_stop(&timer->uv);
}

bool loop_timer_active(const struct loop_timer *timer)
{
    return uv_is_active((const uv_handle_t *)&timer->uv) != 0;
}

void loop_timer_free(struct loop_timer *timer)
{
    if (timer)
        uv_close((uv_handle_t *)&timer->uv, free_timer);
}

struct loop_watch {
    uv_poll_t uv;
    loop_watch_fn *fn;
    void *ctx;
    unsigned events;
};

static void on_poll(uv_poll_t *handle, int status, int uv_events)
{
    struct loop_watch *watch = CONTAINER_OF(handle, struct loop_watch, uv);
    unsigned events = 0;

    if (uv_events & UV_READABLE)
        events |= LOOP_READ;
    if (uv_events & UV_WRITABLE)
        events |= LOOP_WRITE;
    if (status < 0)
        events = watch->events;
    if (events)
        watch->fn(watch->ctx, events);
}

static void free_watch(uv_handle_t *handle)
{
    free(CONTAINER_OF(handle, struct loop_watch, uv));
}

struct loop_watch *
loop_watch_new(struct loop *loop, int fd, loop_watch_fn *fn, void *ctx, struct err *err)
{
    struct loop_watch *watch = NEW(struct loop_watch);
    int result = uv_poll_init(&loop->uv, &watch->uv, fd);

    if (result < 0) {
        free(watch);
        err_set(err, ERR_IO, "cannot watch descriptor %d: %s", fd, uv_strerror(result));
        return NULL;
    }
    watch->fn = fn;
    watch->ctx = ctx;
    return watch;
}

void loop_watch_set(struct loop_watch *watch, unsigned events)
{
    int uv_events = 0;

    watch->events = events;
    if (events & LOOP_READ)
        uv_events |= UV_READABLE;
    if (events & LOOP_WRITE)
        uv_events |= UV_WRITABLE;
    if (uv_events)
        uv_poll_start(&watch->uv, uv_events, on_poll);
    else
        uv_poll_stop(&watch->uv);
}

void loop_watch_free(struct loop_watch *watch)
{
    if (!watch)
        return;
    uv_poll_stop(&watch->uv);
    uv_close((uv_handle_t *)&watch->uv, free_watch);
}

struct loop_signal {
    uv_signal_t uv;
    loop_fn *fn;
    void *ctx;
};

static void on_signal(uv_signal_t *handle, int signal_number)
{
    struct loop_signal *watch = CONTAINER_OF(handle, struct loop_signal, uv);

    (void)signal_number;
    watch->fn(watch->ctx);
}

static void free_signal(uv_handle_t *handle)
{
    free(CONTAINER_OF(handle, struct loop_signal, uv));
}

struct loop_signal *
loop_signal_new(struct loop *loop, int signal_number, loop_fn *fn, void *ctx, struct err *err)
{
    struct loop_signal *watch = NEW(struct loop_signal);
    int result;

    uv_signal_init(&loop->uv, &watch->uv);
    watch->fn = fn;
    watch->ctx = ctx;
    result = uv_signal_start(&watch->uv, on_signal, signal_number);
    if (result < 0) {
        err_set(err, ERR_IO, "cannot watch signal %d: %s", signal_number, uv_strerror(result));
        uv_close((uv_handle_t *)&watch->uv, free_signal);
        return NULL;
    }
    /* A signal that may come is no reason to keep running. */
    uv_unref((uv_handle_t *)&watch->uv);
    return watch;
}

void loop_signal_free(struct loop_signal *watch)
{
    if (watch)
        uv_close((uv_handle_t *)&watch->uv, free_signal);
}

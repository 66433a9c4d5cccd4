/*
 * The one event loop: timers, descriptor watches, work for the next turn, and
 * a reap list for objects that must not be freed inside their own callback.
 *
 * The only files that know libuv are base/loop.c and base/child.c.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"

struct loop;

typedef void loop_fn(void *ctx);

/* A loop, or NULL with ERR_IO. */
struct loop *loop_new(struct err *err);

/* Frees the loop; every timer, watch and child on it must be gone or freed before. Takes NULL. */
void loop_free(struct loop *loop);

/* Runs until loop_stop() or nothing is left to wait for. */
void loop_run(struct loop *loop);

/* Makes loop_run return at the end of this turn. */
void loop_stop(struct loop *loop);

/* Runs the loop for what remains to be closed, `max_ms` at most, after loop_stop(). */
void loop_drain(struct loop *loop, uint64_t max_ms);

/* The uv_loop_t, for a library that wants to be a guest on it (libwebsockets). */
void *loop_uv(struct loop *loop);

/* Milliseconds of a monotonic clock, as of the start of this turn. */
uint64_t loop_now_ms(const struct loop *loop);

/* Nanoseconds of a monotonic clock, now. */
uint64_t clock_now_ns(void);

/*
 * Work for the next turn.  The task is the caller's memory, usually a member
 * of a larger struct; zero it before first use.  Posting a posted task does
 * nothing.
 */
struct loop_task {
    TAILQ_ENTRY(loop_task) link;
    loop_fn *fn;
    void *ctx;
    bool posted;
};
void loop_post(struct loop *loop, struct loop_task *task, loop_fn *fn, void *ctx);
void loop_unpost(struct loop *loop, struct loop_task *task);

/* Calls `free_fn(object)` when no callback of this turn is running any more. */
void loop_reap(struct loop *loop, void *object, loop_fn *free_fn);

/* A timer.  `fn` runs once `delay_ms` after loop_timer_start, which restarts a running one. */
struct loop_timer;
struct loop_timer *loop_timer_new(struct loop *loop, loop_fn *fn, void *ctx)
    __attribute__((returns_nonnull));
void loop_timer_start(struct loop_timer *timer, uint64_t delay_ms);
void loop_timer_stop(struct loop_timer *timer);
bool loop_timer_active(const struct loop_timer *timer);
/* Stops and frees; `fn` is not called any more.  May be called inside `fn`.  Takes NULL. */
void loop_timer_free(struct loop_timer *timer);

/* A watch on a descriptor that stays the caller's; free the watch before closing it. */
enum { LOOP_READ = 1, LOOP_WRITE = 2 };
typedef void loop_watch_fn(void *ctx, unsigned events);
struct loop_watch;
/* NULL with ERR_IO when the descriptor can't be polled (a regular file). */
struct loop_watch *
loop_watch_new(struct loop *loop, int fd, loop_watch_fn *fn, void *ctx, struct err *err);
/* Which events to report: 0, LOOP_READ, LOOP_WRITE or both.  An error or a hang-up is reported as
 * the events asked for. */
void loop_watch_set(struct loop_watch *watch, unsigned events);
void loop_watch_free(struct loop_watch *watch);

/* Calls `fn` at each arrival of `signal_number`. */
struct loop_signal;
struct loop_signal *
loop_signal_new(struct loop *loop, int signal_number, loop_fn *fn, void *ctx, struct err *err);
void loop_signal_free(struct loop_signal *watch);

#endif

/*
 * What service.c (the queue, what executions share), exec.c (the steps),
 * exec_worker.c, exec_check.c and outcome.c (the reply) know of each other.  Nobody else includes
 * it.
 */
#ifndef PROXY_EXEC_EXEC_INTERNAL_H
#define PROXY_EXEC_EXEC_INTERNAL_H

#include <sys/queue.h>

#include "proxy/exec/broker.h"
#include "proxy/exec/cache.h"
#include "proxy/exec/caller.h"
#include "proxy/exec/exec.h"
#include "proxy/exec/failure.h"
#include "proxy/exec/kept.h"
#include "proxy/exec/output.h"
#include "proxy/exec/script_environment.h"

#define RUN_ID_CHARS 16

/*
 * The life of one execute_code, in order.  A step either goes on to the next
 * one or waits for what its comment says; every wait has a deadline.  After a
 * failure REPLY is next, whatever the step.
 */
#define EXEC_STEPS(X)                                                                             \
    X(ADMIT, admit, "waits: a place among the running ones; deadline limits.queue_time")          \
    X(SETTLE, settle, "waits, once: upstreams have answered or failed; deadline startup_timeout") \
    X(LOOKUP, lookup, "the catalogue and what is cached; limits.wall begins")                     \
    X(LEASE, lease, "waits: a worker")                                                            \
    X(PREPARE, prepare, "waits: the prepared texts, unless cached")                               \
    X(CHECK, check, "waits: the compiler's findings, unless cached or off")                       \
    X(RUN, run, "waits: the script's end")                                                        \
    X(REPLY, reply, "the outcome goes out, once")                                                 \
    X(CLEAN, clean, "waits: worker, check and calls have ended; then the memory goes")

enum exec_step {
#define X(name, function, comment) STEP_##name,
    EXEC_STEPS(X)
#undef X
        STEP_COUNT
};

TAILQ_HEAD(exec_list, exec);

struct exec {
    struct exec_service *service; /* borrowed */
    TAILQ_ENTRY(exec) link;       /* in service->all */
    TAILQ_ENTRY(exec) queue_link; /* in service->queue, when queued */
    struct exec_events events;
    void *ctx;
    char run_id[RUN_ID_CHARS + 1];
    struct buf code, input; /* as they were sent */
    struct exec_caller caller;

    enum exec_step step;
    uint64_t started_ns, step_ns; /* when it began, when the present step did */
    uint64_t step_us[STEP_COUNT]; /* time spent in each */
    struct loop_task task;        /* goes on at the next turn */
    struct loop_timer *timer;     /* the deadline of the queue, then of the execution */
    uint64_t deadline_ms;         /* of loop_now_ms, when the timer runs for the execution */
    uint64_t left_ms;             /* of limits.wall, while the clock stands still */
    uint64_t asking_since_ns;     /* 0: no question is open */
    uint64_t asking_us;           /* time the clock has stood still */
    bool queued, admitted, settling, awaited, leased, preparing, running, killed, reaped;
    bool check_retried;

    struct catalogue *catalogue; /* referenced; from LOOKUP on */
    struct prepared *prepared;   /* referenced */
    struct checked *checked;     /* referenced */
    struct isolate *isolate;     /* NULL when there is none, or it has ended */
    struct checker_job *job;
    struct broker *broker; /* owned; from RUN on */
    bool broker_stopped;
    struct output output;
    uint64_t notes, note_bytes; /* that the worker sent */
    struct failure failure;
    struct buf check_problem; /* why there was no type check, in mode warn */
    struct span done;         /* the value's frame; valid during REPLY only */
};

struct exec_service {
    struct exec_parts parts;
    struct cache *cache;
    struct kept *kept;
    struct script_environment environment;
    struct exec_list all, queue;
    unsigned running, queued, count;
    bool settled; /* every upstream has answered or failed once */
    loop_fn *on_stopped;
    void *on_stopped_ctx;
    struct loop_task stopped_task;
};

/* Ends what runs with a failure; REPLY follows at the next turn.  Nothing happens when it has
 * already failed or replied. */
void exec_fail(struct exec *exec, enum exec_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* After exec->failure was set: what is under way is told to stop, REPLY follows at the next turn.
 */
void exec_end_failed(struct exec *exec);

/* Replies at once with the value in the frame `done`. */
void exec_end_ok(struct exec *exec, struct span done);

/* Runs steps until one waits. */
void exec_drive(struct exec *exec);

/* Goes on at the next turn. */
void exec_wake(struct exec *exec);

/* exec_worker.c */
extern const struct isolate_events exec_worker_events;

/* exec_asks.c: the clock of limits.wall; questions, of broker_events. */
void exec_start_clock(struct exec *exec, uint64_t left_ms);
void exec_on_ask(void *ctx, struct ask *ask);
void exec_on_ask_gone(void *ctx, struct ask *ask);

/* exec_check.c: whether there is something for the compiler to say; asks it; what the prepared and
 * checked texts mean (false when the execution ended there). */
bool exec_wants_check(const struct exec *exec);
void exec_start_check(struct exec *exec);
bool exec_accept_code(struct exec *exec);

/* A place among the running ones: true when there is; else the execution is in the queue, or has
 * failed since that is full. */
bool service_admit(struct exec_service *service, struct exec *exec);
void service_leave_queue(struct exec_service *service, struct exec *exec);
/* The execution is over: gives its place to the next one. */
void service_forget(struct exec_service *service, struct exec *exec);

struct exec *exec_new(struct exec_service *service,
                      const struct exec_request *request,
                      const struct exec_events *events,
                      void *ctx);

/* The name of a step, for logs and timings. */
const char *exec_step_name(enum exec_step step);

/* Renders the outcome and hands it to on_done. */
void outcome_send(struct exec *exec);

#endif

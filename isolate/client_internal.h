/*
 * What the files of the proxy's end share; nobody else includes it.
 *
 *   client.c         leases: what the caller sees
 *   client_worker.c  one worker process: its socket, its frames, its end
 *   client_pool.c    which workers there are, and when more are asked for
 *   client_demand.c  how many are to be ready ahead of demand
 *   client_zygote.c  the zygote's process and its control socket
 */
#ifndef ISOLATE_CLIENT_INTERNAL_H
#define ISOLATE_CLIENT_INTERNAL_H

#include <sys/queue.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/child.h"
#include "base/io.h"
#include "isolate/client.h"
#include "isolate/wire.h"
#include "isolate/zygote_messages.h"

enum worker_phase {
    WORKER_STARTING, /* forked, not yet READY */
    WORKER_READY,    /* locked down and warm, in the pool */
    WORKER_LEASED,
    WORKER_RETIRED, /* its execution ended; killed when the reply has had time to leave */
    WORKER_ENDING   /* killed or told to end; stays until its wait status is known */
};

/* One worker process. */
struct worker {
    TAILQ_ENTRY(worker) link;
    struct isolate_pool *pool; /* borrowed */
    struct isolate *lease;     /* borrowed; NULL unless leased */
    enum worker_phase phase;
    pid_t pid;             /* in the zygote's PID namespace; its name, not to be signalled */
    int pidfd;             /* owned */
    struct io *io;         /* owned; NULL once closed */
    struct buf in;         /* bytes of a frame that is not complete */
    enum wire_state state; /* of the conversation */
    uint32_t last_call_id;
    uint64_t equipped; /* which of the pool's environments it was sent; 0: none */
    bool lost;         /* its socket closed before the conversation was over */
    bool unread;       /* it ended before it read all that it was sent */
    bool orphaned;     /* its zygote is gone: nobody will tell how it ended */
    bool status_known; /* the zygote told how it ended */
    int wait_status;
    struct loop_timer *status_timer; /* owned; waits for the status of a lost worker */
};
TAILQ_HEAD(worker_list, worker);

/* A lease: made by isolate_lease, gone when on_end has returned. */
struct isolate {
    TAILQ_ENTRY(isolate) link; /* among the waiting ones */
    struct isolate_pool *pool; /* borrowed */
    struct isolate_events events;
    void *ctx;
    struct worker *worker;         /* borrowed from the pool; NULL while waiting */
    struct loop_task task;         /* on_leased, or an end that was decided outside of a callback */
    struct loop_timer *wait_timer; /* owned; while waiting for a worker */
    unsigned lost;                 /* workers that were killed before the script began */
    bool waiting;                  /* it is in the pool's list */
    bool ended;                    /* on_end was called */
    bool dying;                    /* on_end will be called with `end` and `err` */
    enum isolate_end end;
    struct err err;
};
TAILQ_HEAD(isolate_list, isolate);

enum zygote_phase { ZYGOTE_DOWN, ZYGOTE_STARTING, ZYGOTE_UP };

/* The zygote's process as the proxy holds it. */
struct zygote {
    enum zygote_phase phase;
    struct child *child;            /* owned */
    int control_fd;                 /* owned */
    struct loop_watch *watch;       /* owned; on control_fd */
    struct io *log;                 /* owned; its standard error */
    struct buf log_line;            /* what is not yet a whole line of it */
    struct loop_timer *start_timer; /* owned; restarts it later, or gives up waiting for HELLO */
    uint64_t started_ns;            /* when it was, or is being, started */
    unsigned failures;              /* in a row, until a worker is ready */
    bool start_failed;              /* it has not come up since; else it came up and ended */
};

/* How many workers are to be ready ahead of demand. */
struct demand {
    struct isolate_pool_size size;
    unsigned wanted; /* between size.min and size.spare */
    unsigned least;  /* that were ready in this period */
    struct loop_timer
        *timer; /* owned; ends a period of size.idle_ms; runs while more than size.min are wanted */
};

struct isolate_pool {
    struct loop *loop;                     /* borrowed */
    char *loader, *library_path, *program; /* owned; the first two may be NULL */
    bool jit;
    enum isolate_sandbox sandbox;
    uint64_t heap_max_bytes;
    struct demand demand;

    struct buf environment;    /* a whole frame of what scripts find */
    uint64_t environment_turn; /* how often that was said */

    struct zygote zygote;
    struct worker_list workers;
    unsigned count[WORKER_ENDING + 1]; /* workers by phase */
    unsigned requested;                /* forks asked for, no answer yet */
    struct isolate_list waiting;
    struct isolate_list leased;
    struct loop_timer *refill_timer;   /* owned; asks for more workers a little later */
    struct loop_timer *retired_timer;  /* owned; kills the retired workers */
    struct loop_timer *progress_timer; /* owned; workers asked for must come in this time */
    char why[ERR_TEXT_BYTES];          /* why it is not ready; "" when it is */
    struct isolate_pool_state figures; /* its text fields and counters */
};

/* client.c: what workers and the pool tell a lease. */
void lease_attach(struct isolate *isolate, struct worker *worker);
void lease_end(struct isolate *isolate,
               enum isolate_end end,
               struct span json,
               const struct err *err);
void lease_end_later(struct isolate *isolate, enum isolate_end end, const struct err *err);
/* Its worker was killed before the script began: gives it another one, now or later.  False when it
 * has lost too many, or is ending. */
bool lease_again(struct isolate *isolate);

/* client_worker.c */

/* Takes both descriptors; NULL with err when the socket can't be watched (they are closed). */
struct worker *
worker_new(struct isolate_pool *pool, pid_t pid, int socket_fd, int pidfd, struct err *err);
/* The zygote told its wait status, or will never tell it (known is false). */
void worker_exited(struct worker *worker, bool known, int wait_status);
/* Ends the process: closes the socket and kills.  Its lease must have ended or end later. */
void worker_discard(struct worker *worker);
/* Discards a worker whose execution is over a little later, off the way of the reply.  Nothing that
 * it sends is heard any more. */
void worker_retire(struct worker *worker);
/* Forgets a worker: out of the pool, freed when no callback runs any more. */
void worker_forget(struct worker *worker);
void worker_set_phase(struct worker *worker, enum worker_phase phase);
/* Appends the frame of what scripts find to what it will be sent, if it has not got it; and for one
 * that waits: sends it. */
void worker_equip(struct worker *worker, struct buf *frames);
void worker_equip_ahead(struct worker *worker);

/* client_pool.c */
/* How long after an end no fork and no kill competes with the reply for a processor. */
#define POOL_QUIET_MS 2

struct worker *pool_take_ready(struct isolate_pool *pool);
void pool_worker_ready(struct isolate_pool *pool, struct worker *worker);
/* Something changed: asks the zygote for what is missing; at once when somebody waits, else when
 * the latency path is over. */
void pool_refill(struct isolate_pool *pool);
void pool_zygote_up(struct isolate_pool *pool);
/* The zygote is gone: ready workers are dropped, those at work go on as long as they can.  Who
 * waits for a worker goes on waiting when it had been up, since it comes back at once. */
void pool_zygote_down(struct isolate_pool *pool, bool was_up, const struct err *err);
void pool_worker_came(struct isolate_pool *pool, pid_t pid, int socket_fd, int pidfd);
void pool_worker_exited(struct isolate_pool *pool, pid_t pid, int wait_status);
void pool_fork_refused(struct isolate_pool *pool, const char *why);

/* Ends workers that are ready over `count`. */
void pool_shrink(struct isolate_pool *pool, unsigned count);

/* client_demand.c */
void demand_init(struct isolate_pool *pool, const struct isolate_pool_size *size);
void demand_done(struct isolate_pool *pool);
/* Somebody asked for a worker, and got it if one was ready. */
void demand_leased(struct isolate_pool *pool);

/* client_zygote.c */
void zygote_init(struct isolate_pool *pool);
void zygote_start(struct isolate_pool *pool);
/* Asks for one worker.  -1 when the zygote can't be asked now. */
int zygote_request_fork(struct isolate_pool *pool);
/* Ends the process and starts it again after a back-off. */
void zygote_restart(struct isolate_pool *pool, const struct err *err);
void zygote_done(struct isolate_pool *pool);

#endif

/*
 * An upstream, for upstream.c (its life and its lists) and upstream_traffic.c
 * (what its connection carries).
 */
#ifndef PROXY_UPSTREAM_UPSTREAM_PRIVATE_H
#define PROXY_UPSTREAM_UPSTREAM_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "proxy/upstream/catalogue_builder.h"
#include "proxy/upstream/connection.h"
#include "proxy/upstream/said.h"
#include "proxy/upstream/server_log.h"
#include "proxy/upstream/upstream_call.h"
#include "proxy/upstream/visits.h"

/*
 * The life of an upstream.  Each step says what it waits for; what ends the
 * wait is in `enter`.
 */
#define UPSTREAM_STEPS(X)                                                                      \
    X(IDLE, "idle")             /* upstream_start */                                           \
    X(CONNECTING, "connecting") /* the connection is ready or lost */                          \
    X(LISTING, "listing")       /* all lists are read */                                       \
    X(READY, "ready")           /* calls; a change of the lists; the loss of the connection */ \
    X(WAITING, "waiting")       /* the time of the next attempt */                             \
    X(STOPPING, "stopping")     /* the connection has ended in order */                        \
    X(STOPPED, "stopped")       /* nothing */

enum upstream_step {
#define X(name, text) STEP_##name,
    UPSTREAM_STEPS(X)
#undef X
};

struct upstream {
    struct upstream_options options;
    enum upstream_step step;
    struct connection *connection;     /* owned; NULL when there is none */
    struct catalogue_builder *builder; /* owned; lists are being read */
    struct connection_hint hint;
    struct catalogue_server *server; /* owned reference: its part of the catalogue */
    struct upstream_calls calls;
    struct loop_timer *retry;   /* owned */
    struct loop_timer *refresh; /* owned */
    struct loop_task task;      /* tells on_settled and on_stopped */
    struct said said;           /* in the log, of its lists */
    struct watches watches;     /* owned */
    struct visits visits;       /* owned: over this connection */
    struct server_log log;      /* owned: what the server says outside of calls */
    uint64_t digest;            /* of the lists behind `server` */
    uint64_t stale_ms;          /* when they are to be read again if somebody uses them */
    unsigned failures;          /* attempts in a row that came to nothing */
    uint64_t started_ms;        /* of the attempt */
    uint64_t ready_ms;          /* when it became ready; 0 when it is not */
    uint64_t connect_ms;        /* what the last attempt took */
    bool listed;                /* `server` holds lists that were good */
    bool settled;
    uint64_t again_ms;   /* a change was told while lists were read: when to read again; else 0 */
    bool started_over;   /* this attempt follows a `repeat` */
    unsigned told_lists; /* of a session's connection: bits, not yet passed on */
    bool missed;         /* of a session's connection: its watches were without one */
};

/* --- upstream.c --- */

/* Reads all lists anew; only when none are being read. */
void upstream_read_lists(struct upstream *upstream);
/* The server says that lists (bits) have changed.  On the connection of a session that is a reason
 * to read those of the shared one again, where all sessions that say it at once count as one. */
void upstream_note_list_change(struct upstream *upstream, unsigned lists);
/* Tells each resource that is watched as changed. */
void upstream_tell_watched(struct upstream *upstream);

/* --- upstream_traffic.c: events of the connection --- */

void upstream_on_notification(void *ctx,
                              struct span method,
                              struct span params,
                              uint64_t request_id);
void upstream_on_ask(void *ctx, struct ask *ask, uint64_t request_id);
void upstream_on_ask_gone(void *ctx, struct ask *ask);

#endif

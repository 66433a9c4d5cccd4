/*
 * What broker.c (admission, queue, limits, answers) and broker_ops.c (what
 * each operation does) share.  Nobody else includes it.
 */
#ifndef PROXY_EXEC_BROKER_INTERNAL_H
#define PROXY_EXEC_BROKER_INTERNAL_H

#include <sys/queue.h>

#include "proxy/exec/broker.h"
#include "proxy/exec/host_error.h"

struct host_call;

/* One row of the table of operations. */
struct broker_op {
    const char *name;
    /* Does it at once and answers, or hands a request to broker_enqueue. */
    void (*start)(struct host_call *call);
    /* Turns an upstream's raw result into the reply; -1 with err.  NULL for an operation that asks
     * no upstream. */
    int (*finish)(
        struct host_call *call, struct span result, struct buf *out, bool *ret_ok, struct err *err);
};

/* Where the deadline of a call comes from, so that an error can say which setting to change. */
enum timeout_by { TIMEOUT_OF_LIMITS, TIMEOUT_OF_SERVER, TIMEOUT_OF_CALL };

struct host_call {
    struct broker *broker; /* borrowed */
    uint32_t id;
    const struct broker_op *op;
    struct span json;    /* the call as it came; valid only in `start` */
    char *server, *tool; /* owned; as the script named them, then as the catalogue does; or NULL */
    bool raw;            /* the whole result is wanted */
    const struct tool *learn_from; /* of the broker's catalogue: its reply is learned; or NULL */
    bool has_entry;                /* false only for a call over limits.calls */
    size_t entry;                  /* in the ledger */
    uint64_t timeout_ms;
    enum timeout_by timeout_by;

    /* What goes out when its turn comes. */
    const char *method; /* constant */
    struct buf params;
    struct buf meta;                /* that the script gives: an object, or empty */
    struct upstream_call *upstream; /* NULL until sent */
    TAILQ_ENTRY(host_call) link;    /* in `waiting` or `active` */
    bool active;
    char *unanswered; /* owned: which question got no answer and why; NULL when none */
};

/* A question that waits for its answer. */
struct open_ask {
    TAILQ_ENTRY(open_ask) link;
    struct ask *ask; /* the upstream's */
    struct host_call *call;
};

TAILQ_HEAD(host_calls, host_call);

struct broker {
    struct loop *loop;
    const struct config *config;
    struct upstreams *upstreams;
    struct catalogue *catalogue; /* referenced */
    struct kept *kept;
    struct learned *learned; /* may be NULL */
    const struct upstream_caller *caller;
    struct broker_events events;
    void *ctx;
    struct ledger ledger;
    struct host_calls waiting, active; /* owned */
    size_t active_count;
    size_t waiting_bytes;
    unsigned calls;
    TAILQ_HEAD(, open_ask) asks; /* owned */
    unsigned open_asks, asked;
    bool stopped;
    struct loop_task stopped_task;
};

/* The operation of that name; NULL when there is none. */
const struct broker_op *broker_op_find(struct span name_json);

/* Answers with a value and frees the call. */
void broker_answer(struct host_call *call, struct span json);

/* Answers with an error, enters `outcome` in the ledger when the call stands there, and frees the
 * call. */
void broker_refuse(struct host_call *call,
                   enum call_outcome outcome,
                   const struct host_error *error);

/* As broker_refuse with OUTCOME_REFUSED and a message. */
void broker_refuse_text(struct host_call *call, enum exec_kind kind, const char *message);

/* As broker_refuse_text: `what` ran into the limit of `limits.<setting>`, which is `value`. */
void broker_refuse_limit(struct host_call *call,
                         enum exec_kind kind,
                         const char *what,
                         const char *setting,
                         uint64_t value);

/* broker_asks.c: of upstream_call_events, ctx is the host_call. */
void broker_on_ask(void *ctx, struct ask *ask);
void broker_on_ask_gone(void *ctx, struct ask *ask);
/* Whether a call has failed for want of an answer, and the beginning of what to say of that. */
bool broker_is_unanswered(const struct host_call *call, const struct err *err, int64_t code);
void broker_say_unanswered(const struct host_call *call, struct buf *out);
/* Every open question is gone. */
void broker_drop_asks(struct broker *broker);

/* Sends `method` with call->params to call->server when its turn comes. */
void broker_enqueue(struct host_call *call, const char *method);

#endif

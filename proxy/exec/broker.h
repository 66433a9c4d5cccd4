/*
 * The broker: the one place every host call of a script passes.
 *
 * A call is read, its names are looked up in the execution's catalogue, limits
 * are applied, it is entered in the ledger, and only then sent; its answer is
 * unwrapped and bounded.  Nothing of a call reaches an upstream but its name
 * and the raw bytes of its arguments.
 *
 * Operations (broker_ops.c): tool, search, describe, servers, resources,
 * templates, resource_read, prompts, prompt_get, open.
 */
#ifndef PROXY_EXEC_BROKER_H
#define PROXY_EXEC_BROKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "base/span.h"
#include "codegen/catalogue.h"
#include "proxy/config/config.h"
#include "proxy/exec/kept.h"
#include "proxy/exec/ledger.h"
#include "proxy/store/learned.h"
#include "proxy/upstream/upstreams.h"

struct broker;

struct broker_parts {
    struct loop *loop;
    const struct config *config;
    struct upstreams *upstreams;
    struct catalogue *catalogue; /* the broker takes a reference */
    struct kept *kept;
    struct learned *learned;              /* where replies are learned from; NULL: nowhere */
    const struct upstream_caller *caller; /* who calls are made for; read at each, outlives it */
};

struct broker_events {
    /* The answer to a call, exactly one per broker_call unless broker_stop comes first; may come
     * during broker_call.  `json` is valid during the call. */
    void (*on_reply)(void *ctx, uint32_t id, bool ok, struct span json);
    /* A server tells progress of the call of one of its tools: raw params of the notification,
     * valid during the call.  Never after broker_stop. */
    void (*on_progress)(void *ctx, const char *server, const char *tool, struct span params);
    /* A log message of a server that belongs to a call: raw params.  May be NULL.  Never after
     * broker_stop. */
    void (*on_log)(void *ctx, const char *server, struct span params);
    /* A server asks; broker_answer_ask or broker_refuse_ask follows, unless on_ask_gone does. NULL:
     * every question is refused. */
    void (*on_ask)(void *ctx, struct ask *ask);
    /* The question is gone; on broker_stop all are.  NULL when on_ask is. */
    void (*on_ask_gone)(void *ctx, struct ask *ask);
    /* After broker_stop: the last request to an upstream has ended.  Never during broker_stop. */
    void (*on_stopped)(void *ctx);
};

struct broker *
broker_new(const struct broker_parts *parts, const struct broker_events *events, void *ctx);

/* A host call: `json` is the checked JSON of a CALL frame. */
void broker_call(struct broker *broker, uint32_t id, struct span json);

/* Answers a question with a raw result object; both free the ask. */
void broker_answer_ask(struct broker *broker, struct ask *ask, struct span result);
/* Nobody answers it.  When its call then fails, the script is told `why`. */
void broker_refuse_ask(struct broker *broker, struct ask *ask, const char *why);
/* How many questions are open. */
unsigned broker_asks(const struct broker *broker);

/* No answers any more; what is in flight is cancelled.  The ledger tells what was not finished.
 * on_stopped follows. */
void broker_stop(struct broker *broker);

const struct ledger *broker_ledger(const struct broker *broker);

/* How many calls were asked for, refused ones included. */
unsigned broker_calls(const struct broker *broker);

/* Only before the first call or after on_stopped.  Takes NULL. */
void broker_free(struct broker *broker);

#endif

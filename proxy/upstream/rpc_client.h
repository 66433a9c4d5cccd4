/*
 * The client's half of JSON-RPC, whatever the era and the transport: requests
 * waiting for their answers, by id; deadlines that progress puts off;
 * cancellation; notifications and requests of the server handed on.
 */
#ifndef PROXY_UPSTREAM_RPC_CLIENT_H
#define PROXY_UPSTREAM_RPC_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/span.h"
#include "proxy/rpc/message.h"
#include "proxy/upstream/transport.h"

/* Progress may put a deadline off to this many times the timeout, in all. */
#define RPC_TIMEOUT_MAX_FACTOR 10

struct rpc_client;
struct rpc_call;

struct rpc_request {
    const char *method;  /* a constant, or outlives the start of the call */
    struct span params;  /* raw object without _meta, or empty */
    struct span schema;  /* of tools/call: the tool's raw inputSchema, or empty */
    uint64_t timeout_ms; /* 0: none (a subscription) */
    bool progress;       /* ask for notifications/progress */
    bool holds_others;   /* what follows is sent when the server has taken it */
    /* Raw ClientCapabilities that go with it, or empty (modern; the legacy era declares its own
     * once for all). */
    struct span capabilities;
    struct span meta;      /* raw object: further members of `_meta`, or empty */
    bool tasks;            /* its answer may be a task, or it is about one (modern) */
    const char *log_level; /* least level of the log messages wanted (modern); NULL: none */
};

/* What a result is (2026-07-28, basic/index "Results"); a legacy one is always complete. */
enum rpc_result {
    RPC_RESULT_COMPLETE,
    RPC_RESULT_INPUT_REQUIRED, /* the server asks first */
    RPC_RESULT_TASK,           /* a task that will have the answer (extension tasks) */
    RPC_RESULT_UNUSABLE        /* err says why */
};

/* What the client needs of the connection below it. */
struct rpc_wire {
    int (*send_request)(void *ctx, uint64_t id, const struct rpc_request *request, struct err *err);
    /* `id` is no longer awaited; tell the server as the hop's rule says. */
    void (*cancel)(void *ctx, uint64_t id, const char *method, const char *reason);
    enum rpc_result (*check_result)(void *ctx, struct span result, struct err *err);
    /* `request_id`: on whose stream it came; 0 when that is not known. */
    void (*on_request)(void *ctx, const struct rpc_message *message, uint64_t request_id);
    void (*on_notification)(void *ctx, const struct rpc_message *message, uint64_t request_id);
};

struct rpc_failure {
    const struct err *err; /* ERR_REMOTE: the server answered with an error */
    int64_t code;          /* JSON-RPC's; 0 when there is none */
    struct span data;      /* raw; may be empty */
    int http_status;       /* 0 when there is none */
    bool not_done;         /* the request was certainly not carried out */
};

struct rpc_call_events {
    void (*on_result)(void *ctx, struct span result);
    void (*on_error)(void *ctx, const struct rpc_failure *failure);
    void (*on_progress)(void *ctx, struct span params); /* may be NULL */
    /* The server asks before it answers: the request has ended, and is to be made again with what
     * it wants to know.  NULL: such a result is an error. */
    void (*on_input_required)(void *ctx, struct span result);
    /* The server has begun a task: the request has ended.  NULL: such a result is an error. */
    void (*on_task)(void *ctx, struct span result);
};

/* `server` names it in errors and logs and is borrowed. */
struct rpc_client *
rpc_client_new(struct loop *loop, const char *server, const struct rpc_wire *wire, void *ctx);

/* Forgets what waits, without a call of anything.  Takes NULL. */
void rpc_client_free(struct rpc_client *client);

/* Sends a request.  Exactly one of on_result and on_error follows, at a later turn. */
struct rpc_call *rpc_client_call(struct rpc_client *client,
                                 const struct rpc_request *request,
                                 const struct rpc_call_events *events,
                                 void *ctx);

/* on_error with ERR_CANCELLED follows at a later turn, and nothing else. */
void rpc_call_cancel(struct rpc_call *call);

/* As rpc_call_cancel, but nothing follows: the call is gone. */
void rpc_call_abandon(struct rpc_call *call);

/*
 * While a call is held, its deadline stands still and what passes is not counted: the server
 * waits for us.  As many calls of rpc_call_go_on have to follow.
 */
void rpc_call_hold(struct rpc_call *call);
void rpc_call_go_on(struct rpc_call *call);

/* The JSON-RPC id of a call. */
uint64_t rpc_call_id(const struct rpc_call *call);

/* Whether a request still waits for its answer. */
bool rpc_client_awaits(const struct rpc_client *client, uint64_t id);

/* A text from the server: a message, or a batch of them, on the stream of `request_id` (0: on none
 * that belongs to a request).  One warning per client when it is none. */
void rpc_client_receive(struct rpc_client *client, struct span text, uint64_t request_id);

/* A message was too long to be kept: the call it answers, or failing that each, gets ERR_LIMIT. */
void rpc_client_oversized(struct rpc_client *client, struct span part);

/* One request gets no answer.  A body that is a JSON-RPC error is taken as the answer. */
void rpc_client_fail(struct rpc_client *client,
                     uint64_t id,
                     const struct transport_failure *failure);

/* No request gets an answer any more: each is told at once.  Not within a start of a call. */
void rpc_client_fail_all(struct rpc_client *client, const struct err *err);

#endif

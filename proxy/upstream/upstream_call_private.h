/*
 * A call, for upstream_call.c (its life), upstream_call_asks.c (what servers
 * ask meanwhile) and upstream_calls.c (all calls to one upstream).
 */
#ifndef PROXY_UPSTREAM_UPSTREAM_CALL_PRIVATE_H
#define PROXY_UPSTREAM_UPSTREAM_CALL_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "proxy/upstream/ask_private.h"
#include "proxy/upstream/caller.h"
#include "proxy/upstream/round.h"
#include "proxy/upstream/server_task.h"
#include "proxy/upstream/upstream_call.h"

struct upstream_call {
    TAILQ_ENTRY(upstream_call) link;
    struct upstream_calls *calls; /* borrowed */
    char *method;                 /* owned */
    char *params;                 /* owned; for a repetition */
    size_t params_len;
    uint64_t timeout_ms;
    struct caller caller; /* owned */
    char *capabilities;   /* owned: what the request declares; NULL before it is sent */
    struct upstream_call_events events;
    void *ctx;
    struct rpc_call *sent; /* NULL while it waits */
    struct ask_list asks;  /* put to whoever made the call, and not answered yet */
    struct round *round;   /* owned: questions in place of an answer; NULL when there are none */
    unsigned rounds;       /* that there have been */
    struct server_task
        *server_task;         /* owned: a task in place of an answer; NULL when there is none */
    struct loop_timer *timer; /* owned: how long it may wait for a connection, or for `round` */
    struct loop_task task;    /* sends it, or tells its end */
    struct err err;           /* why it ends before it was sent */
    int64_t code;             /* of that, and its raw data (owned), when the server refused it */
    char *data;
    char *refusal; /* owned: the last question that was refused, and why; NULL when none was */
    bool waiting;  /* for upstream_calls_release */
    bool repeated, relisted, sent_to_urls, ended;
    bool wants_task; /* what was sent asks for a task (2025-11-25) */
};

/* --- upstream_call.c --- */

/* Sends it, or waits for the connection, or ends it later. */
void upstream_call_send_or_wait(struct upstream_call *call);
/* Takes the raw result; the call is over. */
void upstream_call_end_with_result(struct upstream_call *call, struct span result);
/* With what is in `err`, at the next turn. */
void upstream_call_end_later(struct upstream_call *call);
/* What the task does at the next turn. */
void upstream_call_post(struct upstream_call *call, loop_fn *fn);
/* Ends it at once, without a word to whoever made it but that its questions are gone, and that
 * only with `tell`. */
void upstream_call_drop(struct upstream_call *call, bool tell);

/* --- upstream_call_asks.c --- */

/* Hands a question to whoever made the call. */
void upstream_call_put(struct upstream_call *call, struct ask *ask);
/* Errors of the call will say that a question of that kind was refused. */
void upstream_call_note_refusal(struct upstream_call *call, enum ask_kind kind, const char *why);
/* The request has ended, and with it what was asked on the way. */
void upstream_call_drop_asks(struct upstream_call *call, bool tell);
/* An `input_required` of the server in place of an answer. */
void upstream_call_begin_round(struct upstream_call *call, struct span result);
/* The error that wants URLs to be visited first.  True when that has begun. */
bool upstream_call_begin_urls(struct upstream_call *call, const struct rpc_failure *failure);
/* What was asked in place of an answer is known, or needs no wait: the request is made again. */
void upstream_call_make_again(void *ctx);

#endif

#include "proxy/upstream/upstream_call_private.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

/* Before a request is made again whose server asked for no more than that. */
#define ROUND_PAUSE_MS 250

/* --- the questions of a call --- */

static void let_go(struct ask *ask)
{
    struct upstream_call *call = ask->call;

    TAILQ_REMOVE(&call->asks, ask, of_call);
    ask->call = NULL;
    if (call->sent)
        rpc_call_go_on(call->sent);
}

void upstream_call_asked(struct upstream_call *call, struct ask *ask, const char *why)
{
    let_go(ask);
    if (why)
        upstream_call_note_refusal(call, ask->kind, why);
}

void upstream_call_note_refusal(struct upstream_call *call, enum ask_kind kind, const char *why)
{
    free(call->refusal);
    call->refusal = xasprintf("%s of the server was refused: %s", ask_method(kind), why);
}

void upstream_call_lose(struct ask *ask)
{
    struct upstream_call *call = ask->call;

    if (!call)
        return;
    let_go(ask);
    if (call->events.on_ask_gone)
        call->events.on_ask_gone(call->ctx, ask);
}

void upstream_call_put(struct upstream_call *call, struct ask *ask)
{
    ask->call = call;
    TAILQ_INSERT_TAIL(&call->asks, ask, of_call);
    if (call->sent)
        rpc_call_hold(call->sent);
    if (call->events.on_ask)
        call->events.on_ask(call->ctx, ask);
    else
        ask_refuse(ask, "nobody takes questions of this request");
}

void upstream_call_drop_asks(struct upstream_call *call, bool tell)
{
    struct ask *ask;

    while ((ask = TAILQ_FIRST(&call->asks))) {
        let_go(ask);
        if (tell && call->events.on_ask_gone)
            call->events.on_ask_gone(call->ctx, ask);
        ask_drop(ask);
    }
}

void upstream_call_note_visit(struct upstream_call *call, const struct ask *ask)
{
    struct upstream *upstream = call->calls->upstream;

    if (call->caller.session && upstream_era(upstream) == ERA_LEGACY)
        upstream_note_visit(upstream, span_of(ask->elicitation_id), span_of(call->caller.session),
                            ask->visit);
}

void upstream_call_drop_visit(struct upstream_call *call, const struct ask *ask)
{
    if (call->caller.session)
        upstream_drop_visit(call->calls->upstream, span_of(call->caller.session), ask->visit);
}

/* --- questions in place of an answer --- */

void upstream_call_make_again(void *ctx)
{
    struct upstream_call *call = ctx;
    struct buf params = BUF(LIMIT_RPC_MESSAGE_BYTES);

    round_write_params(&params, call->round, span_make(call->params, call->params_len));
    if (buf_check(&params, "the request with its answers", &call->err) < 0) {
        buf_done(&params);
        upstream_call_end_later(call);
        return;
    }
    free(call->params);
    call->params_len = params.len;
    call->params = buf_take(&params);
    round_free(TAKE(call->round));
    free(TAKE(call->data));
    call->code = 0;
    loop_timer_start(call->timer, call->timeout_ms);
    upstream_call_send_or_wait(call);
}

static void on_round_failed(void *ctx, const struct err *err)
{
    struct upstream_call *call = ctx;

    call->err = *err;
    free(TAKE(call->refusal));
    upstream_call_end_later(call);
}

/* A user who accepts a URL has only begun: the server says when that is done, if it does. */
static void on_round_answered(void *ctx)
{
    struct upstream_call *call = ctx;

    if (!round_accepted(call->round)) {
        if (!call->refusal)
            upstream_call_note_refusal(call, ASK_ELICIT_URL, "the user did not accept");
        upstream_call_end_later(call);
    } else if (round_is_complete(call->round)) {
        upstream_call_post(call, upstream_call_make_again);
    } else {
        loop_timer_start(call->timer, LIMIT_ELICITED_MS);
    }
}

static const struct round_events round_events = { .on_answered = on_round_answered,
                                                  .on_failed = on_round_failed };

static void put_round(struct upstream_call *call)
{
    struct ask *ask;

    if (round_is_empty(call->round))
        loop_timer_start(call->timer, ROUND_PAUSE_MS);
    while (!call->task.posted && (ask = round_next(call->round)))
        upstream_call_put(call, ask);
}

void upstream_call_begin_round(struct upstream_call *call, struct span result)
{
    const struct server_config *server = upstream_config(call->calls->upstream);

    if (++call->rounds > LIMIT_QUESTION_ROUNDS) {
        err_set(&call->err, ERR_LIMIT,
                "server '%s' asks again and again: over QUESTION_ROUNDS (%d) rounds of questions",
                server->key, LIMIT_QUESTION_ROUNDS);
        upstream_call_end_later(call);
        return;
    }
    call->round = round_of_result(server, result, span_of(call->capabilities), &round_events, call,
                                  &call->err);
    if (call->round)
        put_round(call);
    else
        upstream_call_end_later(call);
}

/* The error is kept for a user who will not. */
bool upstream_call_begin_urls(struct upstream_call *call, const struct rpc_failure *failure)
{
    struct upstream *upstream = call->calls->upstream;
    const struct server_config *server = upstream_config(upstream);
    struct err err = ERR_INIT;

    if (failure->code != RPC_URL_ELICITATION_REQUIRED || upstream_era(upstream) != ERA_LEGACY ||
        call->sent_to_urls || !call->events.on_ask || !ask_permitted(server, ASK_ELICIT_URL))
        return false;
    call->round = round_of_urls(server, failure->data, &round_events, call, &err);
    if (!call->round) {
        log_info("upstream", "urls_not_valid", LOG_STR("server", server->key), LOG_ERR(&err));
        return false;
    }
    call->sent_to_urls = true;
    call->err = *failure->err;
    call->code = failure->code;
    call->data = span_dup(failure->data);
    put_round(call);
    return true;
}

/*
 * Questions go out with an answer of type `input_required`, and their answers
 * come with a retry, which is a request of its own.  Between the two the call
 * is suspended: it has no request, but its work goes on to exist, whatever it
 * is.  Each answer with questions is a round; what comes for a round that is
 * over never does the work again.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/random.h"
#include "proxy/mcp/asking_private.h"

/* Calls made side by side ask at about the same time: one round for them all. */
#define GATHER_MS 20

/* A key of inputRequests. */
#define KEY_BYTES 32

static void on_timer(void *ctx);

static void start_timer(struct asking *asking, uint64_t delay_ms)
{
    if (!asking->timer)
        asking->timer = loop_timer_new(asking->call->server->parts.loop, on_timer, asking);
    loop_timer_start(asking->timer, delay_ms);
}

void asking_modern_gather(struct mcp_call *call)
{
    struct asking *asking = call->asking;

    /* What comes while the client is away goes out when it is back. */
    if (asking->state != ASKING_ATTACHED || (asking->timer && loop_timer_active(asking->timer)))
        return;
    start_timer(asking, GATHER_MS);
}

/* ---- the answer with questions ---- */

static void write_key(const struct question *question, char out[KEY_BYTES])
{
    snprintf(out, KEY_BYTES, "question-%" PRIu64, question->number);
}

static void write_questions(const struct asking *asking, struct buf *out)
{
    struct question *question;
    char key[KEY_BYTES];

    json_write_key(out, "inputRequests");
    buf_add_char(out, '{');
    TAILQ_FOREACH(question, &asking->questions, link)
    {
        write_key(question, key);
        json_write_key(out, key);
        buf_add_char(out, '{');
        json_write_member_string(out, "method", span_of(ask_method(ask_kind(question->ask))));
        json_write_key(out, "params");
        question_write_params(asking->call, question->ask, "", out);
        buf_add_char(out, '}');
    }
    buf_add_char(out, '}');
}

static struct request_binding binding_of(const struct mcp_call *call)
{
    return (struct request_binding){ .principal = call->principal,
                                     .method = call->message.method,
                                     .params = call->message.params };
}

static void write_state(const struct asking *asking, struct buf *out)
{
    CLEANUP(buf) struct buf text = BUF(1024);
    struct request_binding binding = binding_of(asking->call);
    struct request_state state = { .round = asking->round, .expires_ms = asking->expires_ms };

    memcpy(state.id, asking->id, sizeof(state.id));
    request_state_write(&asking->call->server->state_key, &state, &binding, &text);
    json_write_member_string(out, "requestState", buf_span(&text));
}

static void write_round(const struct asking *asking, struct call_result *result)
{
    result->input_required = true;
    write_questions(asking, &result->members);
    write_state(asking, &result->members);
}

static void suspend(struct asking *asking)
{
    CLEANUP(call_result) struct call_result result = CALL_RESULT_INIT;
    struct mcp_call *call = asking->call;
    uint64_t ask_ms = call->server->parts.config->limits.ask_ms;

    if (TAILQ_EMPTY(&asking->questions))
        return;
    if (!asking->id[0])
        random_hex(asking->id, REQUEST_STATE_ID_CHARACTERS / 2);
    asking->round++;
    asking->expires_ms = loop_now_ms(call->server->parts.loop) + ask_ms;
    write_round(asking, &result);
    if (buf_failed(&result.members)) {
        asking_refuse_all(call, "the questions are together larger than RPC_MESSAGE_BYTES");
        return;
    }
    asking->state = ASKING_SUSPENDED;
    asking->session = call->session;
    start_timer(asking, ask_ms);
    call_suspend(call, &result);
}

/* ---- ends ---- */

/* Nobody comes back: what the call does is ended, and so is the call. */
static void abandon(struct asking *asking, const char *why)
{
    struct mcp_call *call = asking->call;

    if (asking->abandoned)
        return;
    asking->abandoned = true;
    loop_timer_stop(asking->timer);
    asking_refuse_all(call, why);
    if (!call_stop(call, why))
        call_end(call);
}

static void expire(struct asking *asking)
{
    CLEANUP(buf) struct buf why = BUF(256);

    asking_write_overdue(asking->call->server, &why);
    log_info("mcp", "suspended_call_ended", LOG_STR("why", buf_str(&why)));
    abandon(asking, buf_str(&why));
}

static void on_timer(void *ctx)
{
    struct asking *asking = ctx;

    switch (asking->state) {
    case ASKING_ATTACHED:
        suspend(asking);
        break;
    case ASKING_SUSPENDED:
        expire(asking);
        break;
    case ASKING_ANSWERED:
        call_end(asking->call);
        break;
    }
}

static void
end_suspended(struct mcp_server *server, const struct mcp_session *session, const char *why)
{
    struct mcp_call *call, *next;

    for (call = TAILQ_FIRST(&server->suspended); call; call = next) {
        next = TAILQ_NEXT(call, link);
        if (call->asking->state == ASKING_SUSPENDED &&
            (!session || call->asking->session == session))
            abandon(call->asking, why);
    }
}

void asking_session_gone(struct mcp_server *server, const struct mcp_session *session)
{
    end_suspended(server, session, "the client is gone");
}

void asking_stop(struct mcp_server *server)
{
    end_suspended(server, NULL, "mcpfold is shutting down");
}

void asking_forget_all(struct mcp_server *server)
{
    struct mcp_call *call;

    while ((call = TAILQ_FIRST(&server->suspended)))
        call_end(call);
}

/* ---- answers that wait, and are kept ---- */

static void keep(struct asking *asking, struct span result, const struct fault *fault)
{
    asking->has_answer = true;
    if (fault)
        asking->fault = *fault;
    else
        buf_add_span(&asking->result, result);
    asking->call->server->kept_bytes += asking->result.len;
}

/* The oldest kept answers give way. */
static void bound_kept(struct mcp_server *server)
{
    struct mcp_call *call, *next;

    for (call = TAILQ_FIRST(&server->suspended);
         call && server->kept_bytes > LIMIT_ANSWERS_KEPT_BYTES; call = next) {
        next = TAILQ_NEXT(call, link);
        if (call->asking->state == ASKING_ANSWERED)
            call_end(call);
    }
}

bool asking_holds_answer(struct mcp_call *call, struct span result, const struct fault *fault)
{
    struct asking *asking = call->asking;

    if (!asking || asking->state != ASKING_SUSPENDED)
        return false;
    if (asking->abandoned)
        call_end(call);
    else
        keep(asking, result, fault);
    return true;
}

bool asking_keeps_answer(struct mcp_call *call, struct span result, const struct fault *fault)
{
    struct asking *asking = call->asking;

    if (!asking || asking->round == 0 || call->detached)
        return false;
    if (!asking->has_answer)
        keep(asking, result, fault);
    asking->state = ASKING_ANSWERED;
    call_set_aside(call);
    start_timer(asking, LIMIT_ANSWERS_KEPT_MS);
    bound_kept(call->server);
    return true;
}

/* ---- retries ---- */

static struct mcp_call *find_in(const struct mcp_call_list *list, const char *id)
{
    struct mcp_call *call;

    TAILQ_FOREACH(call, list, link)
    {
        if (call->asking && strcmp(call->asking->id, id) == 0)
            return call;
    }
    return NULL;
}

static struct mcp_call *find_call(struct mcp_server *server, const char *id)
{
    struct mcp_call *call = find_in(&server->suspended, id);

    return call ? call : find_in(&server->calls, id);
}

static int read_state(const struct mcp_call *retry,
                      struct span raw,
                      struct request_state *ret_state,
                      struct fault *fault)
{
    CLEANUP(buf) struct buf text = BUF(1024);
    struct request_binding binding = binding_of(retry);

    if (json_decode_string(raw, &text) < 0 ||
        request_state_read(&retry->server->state_key, buf_span(&text), &binding, ret_state) < 0)
        return fault_set(fault, RPC_INVALID_PARAMS, 200,
                         "requestState is none of this server's for this request: it was changed, "
                         "or belongs to other params or another client, or mcpfold was restarted "
                         "since. Nothing was done; send the request again without it");
    return 0;
}

static int fault_over(struct fault *fault, const struct mcp_server *server)
{
    return fault_set(
        fault, RPC_INVALID_PARAMS, 200,
        "The call that requestState names is over or has expired (a client has %" PRIu64
        " ms to come back, limits.ask in the configuration). Nothing was done by this "
        "request; send it again without requestState to begin anew",
        server->parts.config->limits.ask_ms);
}

static bool is_open(const struct asking *asking,
                    const struct mcp_call *retry,
                    const struct request_state *state)
{
    bool elsewhere = asking->state == ASKING_SUSPENDED && asking->session != retry->session;

    return !asking->abandoned && !elsewhere && state->round <= asking->round &&
           state->expires_ms > loop_now_ms(retry->server->parts.loop);
}

/* The call that goes on; NULL with a fault. */
static struct mcp_call *
want_call(const struct mcp_call *retry, struct request_state *state, struct fault *fault)
{
    struct mcp_server *server = retry->server;
    struct mcp_call *call;
    struct span raw;

    call_param(retry, "requestState", &raw);
    if (read_state(retry, raw, state, fault) < 0)
        return NULL;
    call = find_call(server, state->id);
    if (call && is_open(call->asking, retry, state))
        return call;
    fault_over(fault, server);
    return NULL;
}

/* The answer of inputResponses to a question; false when there is none. */
static bool find_answer(struct span responses, const struct question *question, struct span *ret)
{
    char key[KEY_BYTES];

    write_key(question, key);
    return json_get(responses, key, ret);
}

/* All or nothing: a client that is told of a mistake can send the same round again. */
static int check_answers(const struct asking *asking, struct span responses, struct fault *fault)
{
    struct question *question;
    struct span result;
    struct err err = ERR_INIT;
    char key[KEY_BYTES];

    if (responses.len && json_kind(responses) != JSON_KIND_OBJECT)
        return fault_set(fault, RPC_INVALID_PARAMS, 200, "inputResponses must be an object");
    TAILQ_FOREACH(question, &asking->questions, link)
    {
        if (!find_answer(responses, question, &result) ||
            question_check_answer(ask_kind(question->ask), result, &err) == 0)
            continue;
        write_key(question, key);
        return fault_set(fault, RPC_INVALID_PARAMS, 200,
                         "inputResponses.%s does not answer %s: %s. The call still waits: send "
                         "this round again",
                         key, ask_method(ask_kind(question->ask)), err.text);
    }
    return 0;
}

static struct question *
next_answered(const struct asking *asking, struct span responses, struct span *ret_result)
{
    struct question *question;

    TAILQ_FOREACH(question, &asking->questions, link)
    {
        if (find_answer(responses, question, ret_result))
            return question;
    }
    return NULL;
}

/* One answer may be the end of other questions, so each is looked for anew. */
static void give_answers(struct asking *asking, struct span responses)
{
    struct question *question;
    struct span result;

    while ((question = next_answered(asking, responses, &result)))
        question_answer(question, result);
}

static struct question *next_undeclared(const struct asking *asking, struct err *err)
{
    struct question *question;

    TAILQ_FOREACH(question, &asking->questions, link)
    {
        if (question_check_client(asking->call, question->ask, err) < 0)
            return question;
    }
    return NULL;
}

/* The retry may declare less than the request before it. */
static void refuse_undeclared(struct asking *asking)
{
    struct question *question;
    struct err err = ERR_INIT;

    while ((question = next_undeclared(asking, &err)))
        question_refuse(question, err.text);
}

static void tell_caller(struct mcp_call *call)
{
    CLEANUP(buf) struct buf session = BUF(CALL_SESSION_BYTES);
    struct upstream_caller caller;

    if (!call->exec)
        return;
    call_caller(call, &session, &caller);
    exec_set_caller(call->exec, &caller);
}

static void answer_kept(struct mcp_call *call, const struct asking *asking)
{
    if (asking->fault.code)
        call_answer_fault(call, &asking->fault);
    else
        call_answer_raw(call, buf_span(&asking->result));
}

/* The call goes on with the retry, from the round that it answers. */
static void go_on(struct mcp_call *call, struct mcp_call *retry)
{
    struct asking *asking = call->asking;
    struct fault fault = FAULT_INIT;
    struct span responses = SPAN_NONE;

    call_param(retry, "inputResponses", &responses);
    if (check_answers(asking, responses, &fault) < 0) {
        call_answer_fault(retry, &fault);
        return;
    }
    loop_timer_stop(asking->timer);
    asking->state = ASKING_ATTACHED;
    asking->session = NULL;
    call_resume(call, retry);
    if (asking->has_answer) {
        answer_kept(call, asking);
        return;
    }
    tell_caller(call);
    give_answers(asking, responses);
    refuse_undeclared(asking);
    if (!TAILQ_EMPTY(&asking->questions))
        asking_modern_gather(call);
}

/* The retry before the last is here again: its answer, with the questions, was lost. */
static void ask_again(const struct asking *asking, struct mcp_call *retry)
{
    CLEANUP(call_result) struct call_result result = CALL_RESULT_INIT;

    write_round(asking, &result);
    call_answer(retry, &result);
}

static void take_retry(struct mcp_call *call, struct mcp_call *retry, unsigned round)
{
    struct asking *asking = call->asking;
    bool last = round == asking->round, before = round + 1 == asking->round;
    struct fault fault;

    if (asking->state == ASKING_SUSPENDED && (last || (before && asking->has_answer))) {
        go_on(call, retry);
    } else if (asking->state == ASKING_SUSPENDED && before) {
        ask_again(asking, retry);
    } else if (asking->state == ASKING_ATTACHED && last) {
        call_resume(call, retry);
    } else if (asking->state == ASKING_ANSWERED && last) {
        answer_kept(retry, asking);
    } else {
        fault_over(&fault, call->server);
        call_answer_fault(retry, &fault);
    }
}

bool asking_resume(struct mcp_call *retry)
{
    struct fault fault = FAULT_INIT;
    struct request_state state;
    struct mcp_call *call;
    struct span raw;

    if (retry->era != ERA_MODERN || !call_param(retry, "requestState", &raw))
        return false;
    call = want_call(retry, &state, &fault);
    if (call)
        take_retry(call, retry, state.round);
    else
        call_answer_fault(retry, &fault);
    return true;
}

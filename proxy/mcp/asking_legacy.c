/*
 * A question is a request of ours on the stream of the call that it belongs to
 * (SEP-2260), with ids of our own; its answer comes by itself and is found by
 * session and id.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "proxy/mcp/asking_private.h"

#define ID_BYTES 32

/* The id of our request, and the elicitationId within it. */
static void write_id(uint64_t number, char out[ID_BYTES])
{
    snprintf(out, ID_BYTES, "question-%" PRIu64, number);
}

static void on_overdue(void *ctx)
{
    struct question *question = ctx;
    CLEANUP(buf) struct buf why = BUF(256);

    asking_write_overdue(question->call->server, &why);
    asking_legacy_withdraw(question, buf_str(&why));
    question_refuse(question, buf_str(&why));
}

/* The end of a visit is told too, which may be long after the answer. */
static void note_visit(const struct question *question)
{
    struct asking *asking = question->call->asking;

    if (ask_kind(question->ask) != ASK_ELICIT_URL)
        return;
    asking->visits[asking->visit_count++ % LIMIT_SESSION_VISITS] = question->number;
    ask_note_visit(question->ask, question->number);
}

bool asking_legacy_send(struct question *question, struct err *err)
{
    CLEANUP(buf) struct buf params = BUF(LIMIT_RPC_MESSAGE_BYTES);
    CLEANUP(buf) struct buf message = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct mcp_call *call = question->call;
    struct mcp_server *server = call->server;
    char id[ID_BYTES], raw_id[ID_BYTES + 2];

    write_id(question->number, id);
    snprintf(raw_id, sizeof(raw_id), "\"%s\"", id);
    if (question_write_params(call, question->ask, id, &params) < 0 ||
        rpc_write_request(&message, span_of(raw_id), ask_method(ask_kind(question->ask)),
                          buf_span(&params)) < 0) {
        err_set(err, ERR_LIMIT, "the question is too large");
        return false;
    }
    question->timer = loop_timer_new(server->parts.loop, on_overdue, question);
    loop_timer_start(question->timer, server->parts.config->limits.ask_ms);
    note_visit(question);
    call->channel.request(call->channel.ctx, buf_span(&message));
    return true;
}

void asking_legacy_withdraw(const struct question *question, const char *why)
{
    CLEANUP(buf) struct buf params = BUF(1024);
    char id[ID_BYTES];

    write_id(question->number, id);
    buf_add_char(&params, '{');
    json_write_member_string(&params, "requestId", span_of(id));
    json_write_member_string(&params, "reason", span_of(why));
    buf_add_char(&params, '}');
    call_notify(question->call, "notifications/cancelled", buf_span(&params));
}

/* ---- answers ---- */

static struct question *find_in_call(const struct mcp_call *call, struct span raw_id)
{
    struct question *question;
    char id[ID_BYTES];

    if (!call->asking)
        return NULL;
    TAILQ_FOREACH(question, &call->asking->questions, link)
    {
        write_id(question->number, id);
        if (json_string_is(raw_id, id))
            return question;
    }
    return NULL;
}

static struct question *
find(const struct mcp_server *server, const struct mcp_session *session, struct span raw_id)
{
    struct question *question = NULL;
    struct mcp_call *call;

    TAILQ_FOREACH(call, &server->calls, link)
    {
        if (call->session == session && call->era == ERA_LEGACY)
            question = find_in_call(call, raw_id);
        if (question)
            break;
    }
    return question;
}

static void refuse_by_error(struct question *question, const struct rpc_message *message)
{
    CLEANUP(buf) struct buf text = BUF(1024);
    CLEANUP(buf) struct buf why = BUF(2048);

    rpc_error_text(message, &text);
    buf_printf(&why, "the client answered with an error: %s (code %lld)", buf_str(&text),
               (long long)message->error_code);
    question_refuse(question, buf_str(&why));
}

static void take_result(struct question *question, struct span result)
{
    CLEANUP(str) char *why = NULL;
    struct err err = ERR_INIT;

    if (question_check_answer(ask_kind(question->ask), result, &err) == 0) {
        question_answer(question, result);
        return;
    }
    why = xasprintf("the client's answer is not valid: %s", err.text);
    question_refuse(question, why);
}

void asking_answered(struct mcp_server *server, const struct inbound *in)
{
    struct question *question = in->session ? find(server, in->session, in->message.id) : NULL;

    if (!question)
        return;
    if (in->message.kind == RPC_ERROR)
        refuse_by_error(question, &in->message);
    else
        take_result(question, in->message.result);
}

void asking_silence(struct mcp_server *server, struct mcp_session *session)
{
    struct mcp_call *call, *next;

    session->silent = true;
    for (call = TAILQ_FIRST(&server->calls); call; call = next) {
        next = TAILQ_NEXT(call, link);
        if (call->session == session && call->era == ERA_LEGACY)
            asking_refuse_all(call, "the client has closed its end and can't answer");
    }
}

/* ---- URLs that the user is done at ---- */

static bool sent_to_url(const struct mcp_call *call, uint64_t number)
{
    if (!call->asking)
        return false;
    for (size_t i = 0; i < LIMIT_SESSION_VISITS; i++) {
        if (call->asking->visits[i] == number)
            return true;
    }
    return false;
}

/* The call that was asked, as long as its stream is there; NULL when the notification belongs to no
 * request any more. */
static struct mcp_call *
find_visiting(const struct mcp_server *server, const struct mcp_session *session, uint64_t number)
{
    struct mcp_call *call;

    TAILQ_FOREACH(call, &server->calls, link)
    {
        if (call->session == session && call->era == ERA_LEGACY && !call->detached &&
            sent_to_url(call, number))
            return call;
    }
    return NULL;
}

void mcp_server_visited(struct mcp_server *server, struct span session_name, uint64_t number)
{
    static const char method[] = "notifications/elicitation/complete";
    struct mcp_session *session = server_session_named(server, session_name);
    CLEANUP(buf) struct buf params = BUF(256);
    struct mcp_call *call;
    char id[ID_BYTES];

    /* A session may have begun again with an older revision, which does not know of it. */
    if (!session || !session_version_at_least(session, "2025-11-25"))
        return;
    write_id(number, id);
    buf_add_char(&params, '{');
    json_write_member_string(&params, "elicitationId", span_of(id));
    buf_add_char(&params, '}');
    call = find_visiting(server, session, number);
    if (call)
        call_notify(call, method, buf_span(&params));
    else if (!session_tell(session, method, buf_span(&params)))
        log_debug("mcp", "visit_not_told", LOG_STR("why", "the session has no stream for it"));
}

/*
 * Questions of both eras: who can be asked, how many at a time, their ends.
 */
#include "proxy/mcp/asking.h"

#include <inttypes.h>

#include "base/limits.h"
#include "base/log.h"
#include "proxy/mcp/asking_private.h"

struct asking *asking_of(struct mcp_call *call)
{
    struct asking *asking = call->asking;

    if (asking)
        return asking;
    asking = NEW(struct asking);
    asking->call = call;
    TAILQ_INIT(&asking->questions);
    buf_init(&asking->result, LIMIT_RPC_MESSAGE_BYTES);
    call->asking = asking;
    return asking;
}

/* An execution counts what is open and lets its clock run again. */
static void answer(struct mcp_call *call, struct ask *ask, struct span result)
{
    if (call->exec)
        exec_answer(call->exec, ask, result);
    else
        ask_answer(ask, result);
}

static void refuse(struct mcp_call *call, struct ask *ask, const char *why)
{
    log_info("mcp", "question_refused", LOG_STR("server", ask_server(ask)),
             LOG_STR("method", ask_method(ask_kind(ask))), LOG_STR("why", why));
    if (call->exec)
        exec_refuse(call->exec, ask, why);
    else
        ask_refuse(ask, why);
}

/* ---- one question ---- */

struct ask *question_take(struct question *question)
{
    struct asking *asking = question->call->asking;
    struct ask *ask = question->ask;

    TAILQ_REMOVE(&asking->questions, question, link);
    asking->count--;
    if (question->call->era == ERA_LEGACY && question->call->session)
        question->call->session->questions--;
    loop_timer_free(question->timer);
    free(question);
    return ask;
}

void question_answer(struct question *question, struct span result)
{
    struct mcp_call *call = question->call;

    answer(call, question_take(question), result);
}

void question_refuse(struct question *question, const char *why)
{
    struct mcp_call *call = question->call;

    refuse(call, question_take(question), why);
}

void asking_refuse_all(struct mcp_call *call, const char *why)
{
    struct question *question;

    while (call->asking && (question = TAILQ_FIRST(&call->asking->questions)))
        question_refuse(question, why);
}

void asking_write_overdue(const struct mcp_server *server, struct buf *out)
{
    buf_printf(out, "nobody answered within %" PRIu64 " ms (limits.ask in the configuration)",
               server->parts.config->limits.ask_ms);
}

/* ---- put and withdrawn ---- */

static int check_room(const struct mcp_call *call, struct err *err)
{
    unsigned open = call->era == ERA_LEGACY ? call->session->questions
                    : call->asking          ? call->asking->count
                                            : 0;

    if (open < LIMIT_SESSION_QUESTIONS)
        return 0;
    return err_set(err, ERR_LIMIT, "the client has %u questions open (limit SESSION_QUESTIONS)",
                   open);
}

/* A modern client is asked by an answer, which it waits for or comes back for. */
static int check_way(const struct mcp_call *call, struct err *err)
{
    if (call->era == ERA_MODERN)
        return 0;
    if (!call->session)
        return err_set(err, ERR_CLOSED, "the client's session has ended");
    if (call->session->silent)
        return err_set(err, ERR_CLOSED, "the client has closed its end and can't answer");
    if (call->detached)
        return err_set(err, ERR_CLOSED, "the connection to the client is lost");
    if (!call->channel.streams)
        return err_set(err, ERR_UNAVAILABLE,
                       "the client accepts no event stream for this request, which the question "
                       "would come on (Accept: text/event-stream)");
    return 0;
}

static struct question *add(struct mcp_call *call, struct ask *ask)
{
    struct asking *asking = asking_of(call);
    struct question *question = NEW(struct question);

    question->call = call;
    question->ask = ask;
    question->number = ++call->server->questions;
    TAILQ_INSERT_TAIL(&asking->questions, question, link);
    asking->count++;
    if (call->era == ERA_LEGACY)
        call->session->questions++;
    return question;
}

void asking_put(struct mcp_call *call, struct ask *ask)
{
    struct err err = ERR_INIT;
    struct question *question;

    if (check_way(call, &err) < 0 || question_check_client(call, ask, &err) < 0 ||
        check_room(call, &err) < 0) {
        refuse(call, ask, err.text);
        return;
    }
    question = add(call, ask);
    if (call->era == ERA_MODERN)
        asking_modern_gather(call);
    else if (!asking_legacy_send(question, &err))
        question_refuse(question, err.text);
}

static struct question *find(const struct mcp_call *call, const struct ask *ask)
{
    struct question *question;

    if (!call->asking)
        return NULL;
    TAILQ_FOREACH(question, &call->asking->questions, link)
    {
        if (question->ask == ask)
            return question;
    }
    return NULL;
}

void asking_withdrawn(struct mcp_call *call, struct ask *ask)
{
    struct question *question = find(call, ask);

    if (!question)
        return;
    if (call->era == ERA_LEGACY)
        asking_legacy_withdraw(question, "the server has taken the question back");
    question_take(question);
}

void asking_end(struct mcp_call *call)
{
    struct asking *asking = call->asking;

    if (!asking)
        return;
    asking_refuse_all(call, "the request has ended");
    if (asking->timer)
        loop_timer_stop(asking->timer);
    call->server->kept_bytes -= asking->result.len;
    buf_done(&asking->result);
}

void asking_free(struct asking *asking)
{
    if (!asking)
        return;
    loop_timer_free(asking->timer);
    buf_done(&asking->result);
    free(asking);
}

/*
 * Questions that servers ask in the middle of host calls.  The broker keeps
 * which call each belongs to, so that a call that fails since nobody answered
 * can say so.
 */
#include <stdio.h>

#include "base/limits.h"
#include "proxy/exec/broker_internal.h"
#include "proxy/rpc/protocol.h"

static const char *const kind_names[ASK_KINDS] = {
    [ASK_ELICIT_FORM] = "input of the user by a form (elicitation)",
    [ASK_ELICIT_URL] = "a visit of the user to a URL (elicitation)",
    [ASK_SAMPLE] = "an answer of the client's model (sampling)",
    [ASK_ROOTS] = "the client's roots",
};

static struct open_ask *find(const struct broker *broker, const struct ask *ask)
{
    struct open_ask *open;

    TAILQ_FOREACH(open, &broker->asks, link)
    {
        if (open->ask == ask)
            return open;
    }
    return NULL;
}

static void forget(struct broker *broker, struct open_ask *open)
{
    TAILQ_REMOVE(&broker->asks, open, link);
    broker->open_asks--;
    free(open);
}

/* The first refusal is the cause of what follows. */
static void note_refusal(struct host_call *call, const struct ask *ask, const char *why)
{
    if (!call->unanswered)
        call->unanswered = xasprintf("server \"%s\" asked for %s, and got no answer: %s",
                                     call->server, kind_names[ask_kind(ask)], why);
}

static void refuse(struct host_call *call, struct ask *ask, const char *why)
{
    note_refusal(call, ask, why);
    ask_refuse(ask, why); /* the call may have ended by this */
}

static void open_ask(struct host_call *call, struct ask *ask)
{
    struct broker *broker = call->broker;
    struct open_ask *open = NEW(struct open_ask);

    open->ask = ask;
    open->call = call;
    TAILQ_INSERT_TAIL(&broker->asks, open, link);
    broker->open_asks++;
    broker->events.on_ask(broker->ctx, ask);
}

/* ---- what a script is told ---- */

/* A modern server is told what the client can answer, and does not even ask. */
void broker_say_unanswered(const struct host_call *call, struct buf *out)
{
    if (call->unanswered)
        buf_printf(out, "%s. The call then failed: ", call->unanswered);
    else
        buf_printf(out,
                   "server \"%s\" would ask something, but the client does not declare the "
                   "capability that this needs. Use a client that does, or give the tool what it "
                   "needs in its arguments. The call failed: ",
                   call->server);
}

bool broker_is_unanswered(const struct host_call *call, const struct err *err, int64_t code)
{
    return err->code == ERR_REMOTE && (call->unanswered || code == RPC_MISSING_CAPABILITY);
}

/* ---- questions, of upstream_call_events ---- */

void broker_on_ask(void *ctx, struct ask *ask)
{
    struct host_call *call = ctx;
    struct broker *broker = call->broker;
    char text[128];

    if (call->has_entry)
        ledger_asked(&broker->ledger, call->entry);
    if (broker->stopped) {
        refuse(call, ask, "the script is over");
    } else if (!broker->events.on_ask) {
        refuse(call, ask, "this script was not started by a client that can be asked");
    } else if (++broker->asked > LIMIT_EXECUTION_QUESTIONS) {
        snprintf(text, sizeof(text),
                 "servers may ask %d times in one execution (limit EXECUTION_QUESTIONS)",
                 LIMIT_EXECUTION_QUESTIONS);
        refuse(call, ask, text);
    } else {
        open_ask(call, ask);
    }
}

void broker_on_ask_gone(void *ctx, struct ask *ask)
{
    struct host_call *call = ctx;
    struct broker *broker = call->broker;
    struct open_ask *open = find(broker, ask);

    if (!open)
        return;
    forget(broker, open);
    broker->events.on_ask_gone(broker->ctx, ask);
}

void broker_answer_ask(struct broker *broker, struct ask *ask, struct span result)
{
    struct open_ask *open = find(broker, ask);

    BUG_ON(!open);
    forget(broker, open);
    ask_answer(ask, result);
}

void broker_refuse_ask(struct broker *broker, struct ask *ask, const char *why)
{
    struct open_ask *open = find(broker, ask);
    struct host_call *call;

    BUG_ON(!open);
    call = open->call;
    forget(broker, open);
    refuse(call, ask, why);
}

unsigned broker_asks(const struct broker *broker)
{
    return broker->open_asks;
}

void broker_drop_asks(struct broker *broker)
{
    struct open_ask *open;

    while ((open = TAILQ_FIRST(&broker->asks))) {
        struct ask *ask = open->ask;

        forget(broker, open);
        broker->events.on_ask_gone(broker->ctx, ask);
    }
}

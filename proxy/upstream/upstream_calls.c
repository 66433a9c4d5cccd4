#include "proxy/upstream/upstream_call_private.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/rpc/log_level.h"

/* --- the calls to one upstream --- */

void upstream_calls_init(struct upstream_calls *calls, struct loop *loop, struct upstream *upstream)
{
    calls->loop = loop;
    calls->upstream = upstream;
    TAILQ_INIT(&calls->list);
}

void upstream_calls_release(struct upstream_calls *calls)
{
    struct upstream_call *call, *next;

    for (call = TAILQ_FIRST(&calls->list); call; call = next) {
        next = TAILQ_NEXT(call, link);
        if (call->waiting)
            upstream_call_send_or_wait(call);
    }
}

void upstream_calls_done(struct upstream_calls *calls)
{
    while (!TAILQ_EMPTY(&calls->list)) {
        struct upstream_call *call = TAILQ_FIRST(&calls->list);

        if (call->sent)
            rpc_call_abandon(call->sent);
        upstream_call_drop(call, false);
    }
}

/* --- what a connection does not tie to a request --- */

static struct upstream_call *find_sent(struct upstream_calls *calls, uint64_t request_id)
{
    struct upstream_call *call;

    TAILQ_FOREACH(call, &calls->list, link)
    {
        if (call->sent && rpc_call_id(call->sent) == request_id)
            return call;
    }
    return NULL;
}

/* The newest of the calls under way when all are of one owner, or the connection is of one client;
 * else NULL, and whether there are several. */
static struct upstream_call *find_of_owner(struct upstream_calls *calls, bool *ret_several)
{
    struct upstream_call *call, *found = NULL;

    *ret_several = false;
    TAILQ_FOREACH(call, &calls->list, link)
    {
        if (!call->sent && !calls->of_session)
            continue;
        if (found && !calls->of_session &&
            (!call->caller.owner || call->caller.owner != found->caller.owner)) {
            *ret_several = true;
            return NULL;
        }
        found = call;
    }
    return found;
}

static struct upstream_call *
find_concerned(struct upstream_calls *calls, uint64_t request_id, bool *ret_several)
{
    *ret_several = false;
    return request_id ? find_sent(calls, request_id) : find_of_owner(calls, ret_several);
}

static void note_on_all(struct upstream_calls *calls, const struct ask *ask, const char *why)
{
    struct upstream_call *call;

    TAILQ_FOREACH(call, &calls->list, link)
    {
        if (call->sent)
            upstream_call_note_refusal(call, ask->kind, why);
    }
}

/* Nobody can tell whom it is meant for. */
static void refuse_shared(struct upstream_calls *calls, struct ask *ask)
{
    const char *key = upstream_key(calls->upstream);
    CLEANUP(str)
    char *why =
        xasprintf("requests of several clients share the connection, and the question names "
                  "none of them; set servers.%s.isolation: session",
                  key);

    log_warn("upstream", "question_of_nobody", LOG_STR("server", key),
             LOG_STR("method", ask_method(ask->kind)), LOG_STR("mend", why));
    note_on_all(calls, ask, why);
    ask_fail(ask, RPC_SERVER_ERROR, why);
}

static void answer_roots(struct ask *ask)
{
    CLEANUP(buf) struct buf roots = BUF(LIMIT_CONFIG_BYTES * 2);

    if (ask_write_roots(&roots, ask->server) == 0)
        ask_answer(ask, buf_span(&roots));
    else
        ask_refuse(ask, "the configured roots are too long");
}

void upstream_calls_put(struct upstream_calls *calls, struct ask *ask, uint64_t request_id)
{
    bool several;
    struct upstream_call *call = find_concerned(calls, request_id, &several);

    if (call)
        upstream_call_put(call, ask);
    else if (ask->kind == ASK_ROOTS && (!several || ask->server->roots))
        answer_roots(ask);
    else if (several)
        refuse_shared(calls, ask);
    else
        ask_refuse(ask, "no request is under way that it belongs to");
}

static bool is_wanted(const struct upstream_call *call, struct span params)
{
    enum message_level level;
    struct span value;

    return call->events.on_log && json_get(params, "level", &value) &&
           message_level_read(value, &level) == 0 &&
           level >= message_level_named(call->caller.log_level);
}

bool upstream_calls_log(struct upstream_calls *calls, struct span params, uint64_t request_id)
{
    bool several;
    struct upstream_call *call = find_concerned(calls, request_id, &several);

    if (!call)
        return false;
    if (is_wanted(call, params))
        call->events.on_log(call->ctx, params);
    return true;
}

bool upstream_calls_complete(struct upstream_calls *calls, struct span params)
{
    struct upstream_call *call;

    TAILQ_FOREACH(call, &calls->list, link)
    {
        if (!call->round || !round_complete(call->round, params))
            continue;
        if (loop_timer_active(call->timer) && round_is_complete(call->round))
            loop_timer_start(call->timer, 0);
        return true;
    }
    return false;
}

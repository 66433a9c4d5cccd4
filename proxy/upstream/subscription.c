#include "proxy/upstream/subscription.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#define AGAIN_MS     1000
#define AGAIN_MAX_MS 60000
/* Of the answer to one resources/subscribe. */
#define WATCH_TIMEOUT_MS 30000

struct subscription {
    struct subscription_options options;
    const struct era_ops *ops;      /* NULL while there is no session */
    const struct server_info *info; /* borrowed */
    struct rpc_call *listening;     /* the request that never ends; NULL when there is none */
    uint64_t listened_ms;           /* when it was made */
    struct loop_timer *timer;       /* owned: until it is made again */
    uint64_t again_ms;
    struct loop_task task; /* makes it anew, once for all watches that change in a turn */
};

/* --- one request for all (modern) --- */

static void listen_again(struct subscription *subscription)
{
    uint64_t lasted_ms = loop_now_ms(subscription->options.loop) - subscription->listened_ms;

    subscription->listening = NULL;
    if (!subscription->ops)
        return;
    if (lasted_ms >= AGAIN_MAX_MS)
        subscription->again_ms = AGAIN_MS;
    loop_timer_start(subscription->timer, subscription->again_ms);
    subscription->again_ms *= 2;
    if (subscription->again_ms > AGAIN_MAX_MS)
        subscription->again_ms = AGAIN_MAX_MS;
}

static void on_listen_end(void *ctx, struct span result)
{
    (void)result;
    listen_again(ctx);
}

static void on_listen_error(void *ctx, const struct rpc_failure *failure)
{
    struct subscription *subscription = ctx;

    subscription->listening = NULL;
    if (failure->err->code == ERR_REMOTE) {
        log_info("upstream", "subscription_refused",
                 LOG_STR("server", subscription->options.server), LOG_ERR(failure->err));
        return;
    }
    listen_again(subscription);
}

/* The old one ends when the new one is on its way, so that nothing is missed. */
static void listen_now(void *ctx)
{
    static const struct rpc_call_events events = { .on_result = on_listen_end,
                                                   .on_error = on_listen_error };
    struct subscription *subscription = ctx;
    struct rpc_call *old = TAKE(subscription->listening);
    CLEANUP(buf) struct buf params = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct rpc_request request = { .method = subscription->ops->subscribe };

    loop_timer_stop(subscription->timer);
    if (subscription->ops->write_subscribe_params(&params, subscription->info,
                                                  subscription->options.watches)) {
        request.params = buf_span(&params);
        subscription->listened_ms = loop_now_ms(subscription->options.loop);
        subscription->listening =
            rpc_client_call(subscription->options.rpc, &request, &events, subscription);
    }
    if (old)
        rpc_call_abandon(old);
}

/* --- a request for each resource (legacy) --- */

static void on_watch_result(void *ctx, struct span result)
{
    (void)ctx;
    (void)result;
}

static void on_watch_error(void *ctx, const struct rpc_failure *failure)
{
    struct subscription *subscription = ctx;

    if (failure->err->code != ERR_CANCELLED)
        log_info("upstream", "resource_not_watched",
                 LOG_STR("server", subscription->options.server), LOG_ERR(failure->err));
}

static void ask_for_one(struct subscription *subscription, const char *method, struct span uri)
{
    static const struct rpc_call_events events = { .on_result = on_watch_result,
                                                   .on_error = on_watch_error };
    CLEANUP(buf) struct buf params = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct rpc_request request = { .method = method, .timeout_ms = WATCH_TIMEOUT_MS };

    if (!subscription->info->tells_resource_changes)
        return;
    buf_add_char(&params, '{');
    json_write_member_string(&params, "uri", uri);
    buf_add_char(&params, '}');
    if (buf_failed(&params))
        return;
    request.params = buf_span(&params);
    rpc_client_call(subscription->options.rpc, &request, &events, subscription);
}

/* --- the subscription --- */

struct subscription *subscription_new(const struct subscription_options *options)
{
    struct subscription *subscription = NEW(struct subscription);

    subscription->options = *options;
    subscription->timer = loop_timer_new(options->loop, listen_now, subscription);
    return subscription;
}

void subscription_begin(struct subscription *subscription,
                        const struct era_ops *ops,
                        const struct server_info *info)
{
    const struct watch *watch = subscription->options.watches->first;

    subscription->ops = ops;
    subscription->info = info;
    subscription->again_ms = AGAIN_MS;
    if (ops->subscribe) {
        listen_now(subscription);
        return;
    }
    for (; watch; watch = watch->hh.next)
        ask_for_one(subscription, ops->watch, span_of(watch->uri));
}

void subscription_watch(struct subscription *subscription, struct span uri, bool watched)
{
    const struct era_ops *ops = subscription->ops;

    if (!ops)
        return;
    if (!ops->subscribe)
        ask_for_one(subscription, watched ? ops->watch : ops->unwatch, uri);
    else if (subscription->info->tells_resource_changes)
        loop_post(subscription->options.loop, &subscription->task, listen_now, subscription);
}

void subscription_stop(struct subscription *subscription)
{
    subscription->ops = NULL;
    loop_timer_stop(subscription->timer);
    loop_unpost(subscription->options.loop, &subscription->task);
}

static void free_subscription(void *object)
{
    free(object);
}

void subscription_free(struct subscription *subscription)
{
    if (!subscription)
        return;
    subscription_stop(subscription);
    loop_timer_free(subscription->timer);
    loop_reap(subscription->options.loop, subscription, free_subscription);
}

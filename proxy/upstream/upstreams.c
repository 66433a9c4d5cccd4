#include "proxy/upstream/upstreams.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/limits.h"
#include "base/mem.h"
#include "proxy/upstream/http_client.h"
#include "proxy/upstream/session_links.h"
#include "proxy/upstream/upstream.h"
#include "proxy/upstream/upstream_call.h"

/* Somebody who waits until upstreams have answered or failed. */
struct wait {
    LIST_ENTRY(wait) link;
    struct upstreams *upstreams; /* borrowed */
    bool *wanted;                /* owned: for each upstream */
    struct loop_timer *timer;    /* owned */
    loop_fn *fn;
    void *ctx;
};

struct upstreams {
    struct loop *loop;           /* borrowed */
    const struct config *config; /* borrowed */
    struct http_client *http;    /* owned */
    struct upstream **items;     /* owned */
    size_t count;
    struct catalogue *catalogue; /* owned reference */
    struct upstreams_events events;
    void *ctx;
    struct loop_task change_task;
    struct upstream_calls nowhere; /* calls to servers that do not exist */
    struct session_links *links;   /* owned */
    LIST_HEAD(, wait) waits;
    bool started, stopping;
    uint64_t started_ms;
    size_t left; /* upstreams that have not stopped yet */
    loop_fn *on_stopped;
    void *stop_ctx;
    struct loop_task stop_task;
};

static void build_catalogue(struct upstreams *upstreams)
{
    struct catalogue_server **servers = xcalloc(upstreams->count + 1, sizeof(*servers));
    uint64_t change = upstreams->catalogue ? upstreams->catalogue->change + 1 : 1;

    for (size_t i = 0; i < upstreams->count; i++)
        servers[i] = upstream_server(upstreams->items[i]);
    catalogue_unref(upstreams->catalogue);
    upstreams->catalogue = catalogue_new(servers, upstreams->count, change);
    free(servers);
}

static void tell_change(void *ctx)
{
    struct upstreams *upstreams = ctx;

    build_catalogue(upstreams);
    if (upstreams->events.on_catalogue_change)
        upstreams->events.on_catalogue_change(upstreams->ctx);
}

static void on_change(void *ctx)
{
    struct upstreams *upstreams = ctx;

    loop_post(upstreams->loop, &upstreams->change_task, tell_change, upstreams);
}

/* --- waits --- */

bool upstreams_settled(const struct upstreams *upstreams)
{
    for (size_t i = 0; i < upstreams->count; i++) {
        if (!upstream_settled(upstreams->items[i]))
            return false;
    }
    return true;
}

static bool wanted_settled(const struct wait *wait)
{
    for (size_t i = 0; i < wait->upstreams->count; i++) {
        if (wait->wanted[i] && !upstream_settled(wait->upstreams->items[i]))
            return false;
    }
    return true;
}

static bool stands_in(struct span text, const char *word)
{
    return memmem(text.data, text.len, word, strlen(word)) != NULL;
}

/* A word that stands there by chance costs no more than a wait. */
static bool wants(const struct upstreams *upstreams, struct span code, const char *key)
{
    const struct catalogue_server *server = catalogue_find(upstreams->catalogue, span_of(key));

    return stands_in(code, "mcp") || stands_in(code, key) ||
           (server && stands_in(code, server->identifier));
}

static void free_wait(struct wait *wait)
{
    LIST_REMOVE(wait, link);
    loop_timer_free(wait->timer);
    free(wait->wanted);
    free(wait);
}

static void on_wait_over(void *ctx)
{
    struct wait *wait = ctx;
    struct upstreams *upstreams = wait->upstreams;
    loop_fn *fn = wait->fn;
    void *wait_ctx = wait->ctx;

    /* Who waited wants the catalogue of now, not of the turn before. */
    if (upstreams->change_task.posted) {
        loop_unpost(upstreams->loop, &upstreams->change_task);
        tell_change(upstreams);
    }
    free_wait(wait);
    fn(wait_ctx);
}

static void on_settled(void *ctx)
{
    struct upstreams *upstreams = ctx;
    struct wait *wait;

    LIST_FOREACH(wait, &upstreams->waits, link)
    {
        if (wanted_settled(wait))
            loop_timer_start(wait->timer, 0);
    }
}

/* What is left of a time that began with the start. */
static uint64_t time_left_ms(const struct upstreams *upstreams, uint64_t timeout_ms)
{
    uint64_t passed = loop_now_ms(upstreams->loop) - upstreams->started_ms;

    return passed < timeout_ms ? timeout_ms - passed : 0;
}

/* A wait for none of them yet. */
static struct wait *wait_new(struct upstreams *upstreams, loop_fn *fn, void *ctx)
{
    struct wait *wait = NEW(struct wait);

    upstreams_start(upstreams);
    wait->upstreams = upstreams;
    wait->wanted = xcalloc(upstreams->count + 1, sizeof(*wait->wanted));
    wait->fn = fn;
    wait->ctx = ctx;
    wait->timer = loop_timer_new(upstreams->loop, on_wait_over, wait);
    LIST_INSERT_HEAD(&upstreams->waits, wait, link);
    return wait;
}

static void begin_wait(struct wait *wait, uint64_t timeout_ms)
{
    loop_timer_start(wait->timer,
                     wanted_settled(wait) ? 0 : time_left_ms(wait->upstreams, timeout_ms));
}

void upstreams_when_settled(struct upstreams *upstreams,
                            uint64_t timeout_ms,
                            loop_fn *fn,
                            void *ctx)
{
    struct wait *wait = wait_new(upstreams, fn, ctx);

    for (size_t i = 0; i < upstreams->count; i++)
        wait->wanted[i] = true;
    begin_wait(wait, timeout_ms);
}

void upstreams_when_wanted_settled(
    struct upstreams *upstreams, struct span code, uint64_t timeout_ms, loop_fn *fn, void *ctx)
{
    struct wait *wait = wait_new(upstreams, fn, ctx);

    for (size_t i = 0; i < upstreams->count; i++)
        wait->wanted[i] = wants(upstreams, code, upstream_key(upstreams->items[i]));
    begin_wait(wait, timeout_ms);
}

void upstreams_forget_wait(struct upstreams *upstreams, void *ctx)
{
    struct wait *wait, *next;

    for (wait = LIST_FIRST(&upstreams->waits); wait; wait = next) {
        next = LIST_NEXT(wait, link);
        if (wait->ctx == ctx)
            free_wait(wait);
    }
}

/* --- resources --- */

static void tell_updated(void *ctx, const char *key, struct span session, struct span params)
{
    struct upstreams *upstreams = ctx;

    if (upstreams->events.on_resource_updated)
        upstreams->events.on_resource_updated(upstreams->ctx, key, session, params);
}

static void on_resource_updated(void *ctx, const char *key, struct span params)
{
    tell_updated(ctx, key, SPAN_NONE, params);
}

static void tell_lists(void *ctx, const char *key, struct span session, unsigned lists)
{
    struct upstreams *upstreams = ctx;

    if (upstreams->events.on_session_lists)
        upstreams->events.on_session_lists(upstreams->ctx, key, session, lists);
}

static bool is_heard(void *ctx, struct span session)
{
    struct upstreams *upstreams = ctx;

    return !upstreams->events.is_heard || upstreams->events.is_heard(upstreams->ctx, session);
}

/* --- URLs that clients are sent to --- */

static void on_visited(void *ctx, struct span session, uint64_t number)
{
    struct upstreams *upstreams = ctx;

    if (upstreams->events.on_visited)
        upstreams->events.on_visited(upstreams->ctx, session, number);
}

static struct upstream *find(const struct upstreams *upstreams, struct span key)
{
    for (size_t i = 0; i < upstreams->count; i++) {
        if (span_is(key, upstream_key(upstreams->items[i])))
            return upstreams->items[i];
    }
    return NULL;
}

/* Whether what is done for that session goes over a connection of its own. */
static bool
has_own(const struct upstreams *upstreams, const struct upstream *upstream, struct span session)
{
    const struct server_config *server = upstream_config(upstream);

    return !upstreams->stopping && session.len && server->isolation == ISOLATION_SESSION &&
           !server->disabled;
}

int upstreams_watch(struct upstreams *upstreams,
                    struct span server_key,
                    struct span session,
                    struct span uri,
                    struct err *err)
{
    struct upstream *upstream = find(upstreams, server_key);

    if (!upstream)
        return 0;
    if (has_own(upstreams, upstream, session))
        return session_links_watch(upstreams->links, upstream, session, uri, err);
    upstream_watch(upstream, uri);
    return 0;
}

void upstreams_unwatch(struct upstreams *upstreams,
                       struct span server_key,
                       struct span session,
                       struct span uri)
{
    struct upstream *upstream = find(upstreams, server_key);

    if (!upstream)
        return;
    if (has_own(upstreams, upstream, session))
        session_links_unwatch(upstreams->links, upstream, session, uri);
    else
        upstream_unwatch(upstream, uri);
}

void upstreams_session_heard(struct upstreams *upstreams, struct span session)
{
    if (!upstreams->stopping)
        session_links_heard(upstreams->links, session);
}

/* --- the end --- */

static void tell_stopped(void *ctx)
{
    struct upstreams *upstreams = ctx;

    upstreams->on_stopped(upstreams->stop_ctx);
}

static void on_stopped(void *ctx)
{
    struct upstreams *upstreams = ctx;

    if (upstreams->left && --upstreams->left == 0)
        loop_post(upstreams->loop, &upstreams->stop_task, tell_stopped, upstreams);
}

void upstreams_stop(struct upstreams *upstreams, loop_fn *fn, void *ctx)
{
    BUG_ON(upstreams->stopping);
    upstreams->stopping = true;
    upstreams->on_stopped = fn;
    upstreams->stop_ctx = ctx;
    upstreams->left = upstreams->count + 1;
    session_links_stop(upstreams->links);
    for (size_t i = 0; i < upstreams->count; i++)
        upstream_stop(upstreams->items[i]);
}

static void free_upstreams(void *object)
{
    free(object);
}

void upstreams_free(struct upstreams *upstreams)
{
    if (!upstreams)
        return;
    loop_unpost(upstreams->loop, &upstreams->change_task);
    loop_unpost(upstreams->loop, &upstreams->stop_task);
    while (!LIST_EMPTY(&upstreams->waits))
        free_wait(LIST_FIRST(&upstreams->waits));
    upstream_calls_done(&upstreams->nowhere);
    session_links_free(upstreams->links);
    for (size_t i = 0; i < upstreams->count; i++)
        upstream_free(upstreams->items[i]);
    free(upstreams->items);
    http_client_free(upstreams->http);
    catalogue_unref(upstreams->catalogue);
    loop_reap(upstreams->loop, upstreams, free_upstreams);
}

/* --- the beginning --- */

static struct session_links *make_links(struct upstreams *upstreams)
{
    const struct session_links_options options = {
        .loop = upstreams->loop,
        .idle_ms = LIMIT_SESSION_IDLE_MS,
        .max = LIMIT_SESSION_CONNECTIONS,
        .on_empty = on_stopped,
        .on_resource_updated = tell_updated,
        .on_lists = tell_lists,
        .is_heard = is_heard,
        .ctx = upstreams,
    };

    return session_links_new(&options);
}

struct upstreams *upstreams_new(struct loop *loop,
                                const struct config *config,
                                const struct upstreams_events *events,
                                void *ctx)
{
    struct upstreams *upstreams = NEW(struct upstreams);

    upstreams->loop = loop;
    upstreams->config = config;
    upstreams->events = *events;
    upstreams->ctx = ctx;
    upstreams->http = http_client_new(loop);
    upstreams->count = config->server_count;
    upstreams->items = xcalloc(upstreams->count + 1, sizeof(struct upstream *));
    upstream_calls_init(&upstreams->nowhere, loop, NULL);
    upstreams->links = make_links(upstreams);
    LIST_INIT(&upstreams->waits);
    for (size_t i = 0; i < upstreams->count; i++) {
        struct upstream_options options = {
            .loop = loop,
            .server = &config->servers[i],
            .http = upstreams->http,
            .list_age_ms = config->limits.list_age_ms,
            .on_change = on_change,
            .on_settled = on_settled,
            .on_resource_updated = on_resource_updated,
            .on_visited = on_visited,
            .on_stopped = on_stopped,
            .ctx = upstreams,
        };

        upstreams->items[i] = upstream_new(&options);
    }
    build_catalogue(upstreams);
    return upstreams;
}

void upstreams_start(struct upstreams *upstreams)
{
    if (upstreams->started || upstreams->stopping)
        return;
    upstreams->started = true;
    upstreams->started_ms = loop_now_ms(upstreams->loop);
    for (size_t i = 0; i < upstreams->count; i++)
        upstream_start(upstreams->items[i]);
}

struct catalogue *upstreams_catalogue(struct upstreams *upstreams)
{
    for (size_t i = 0; i < upstreams->count; i++)
        upstream_refresh_stale(upstreams->items[i]);
    return upstreams->catalogue;
}

size_t upstreams_count(const struct upstreams *upstreams)
{
    return upstreams->count;
}

void upstreams_status(const struct upstreams *upstreams,
                      size_t index,
                      struct upstream_status *ret_status)
{
    BUG_ON(index >= upstreams->count);
    upstream_status(upstreams->items[index], ret_status);
}

void upstreams_session_gone(struct upstreams *upstreams, struct span session)
{
    session_links_gone(upstreams->links, session);
    for (size_t i = 0; i < upstreams->count; i++)
        upstream_session_gone(upstreams->items[i], session);
}

/* Over which connection a call goes; NULL with err: over none. */
static struct upstream_calls *find_calls(struct upstreams *upstreams,
                                         struct span server_key,
                                         const struct upstream_caller *caller,
                                         struct err *err)
{
    struct upstream *upstream = find(upstreams, server_key);

    if (!upstream) {
        err_set(err, ERR_NOT_FOUND, "there is no server of that name");
        return NULL;
    }
    if (!caller || !has_own(upstreams, upstream, caller->session))
        return upstream_calls(upstream);
    return session_links_calls(upstreams->links, upstream, caller->session, err);
}

struct upstream_call *upstreams_call(struct upstreams *upstreams,
                                     struct span server_key,
                                     const char *method,
                                     struct span params,
                                     uint64_t timeout_ms,
                                     const struct upstream_caller *caller,
                                     const struct upstream_call_events *events,
                                     void *ctx)
{
    struct err err = ERR_INIT;
    struct upstream_calls *calls = find_calls(upstreams, server_key, caller, &err);
    struct upstream_call *call = upstream_call_new(calls ? calls : &upstreams->nowhere, method,
                                                   params, timeout_ms, caller, events, ctx);

    if (!calls)
        upstream_call_explain(call, &err);
    return call;
}

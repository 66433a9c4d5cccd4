#include "proxy/upstream/session_links.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/upstream/upstream_call.h"

struct link {
    TAILQ_ENTRY(link) link;
    struct session_links *links;   /* borrowed */
    const struct upstream *shared; /* borrowed */
    struct upstream *upstream;     /* owned */
    char *session;                 /* owned */
    uint64_t used_ms;              /* the last call was made */
    struct loop_timer *timer;      /* owned: until it may be idle */
    struct loop_task task;         /* frees it, once its calls know of its end */
    bool ended;                    /* nothing new begins here */
};

struct session_links {
    struct loop *loop; /* borrowed */
    loop_fn *on_empty;
    void *ctx;
    TAILQ_HEAD(, link) list; /* owned */
    size_t count;
    bool stopping;
    struct loop_task task; /* tells on_empty */
};

struct session_links *session_links_new(struct loop *loop, loop_fn *on_empty, void *ctx)
{
    struct session_links *links = NEW(struct session_links);

    links->loop = loop;
    links->on_empty = on_empty;
    links->ctx = ctx;
    TAILQ_INIT(&links->list);
    return links;
}

/* --- one connection --- */

static bool is_idle(const struct link *link)
{
    return TAILQ_EMPTY(&upstream_calls(link->upstream)->list);
}

static void free_link(struct link *link)
{
    struct session_links *links = link->links;

    TAILQ_REMOVE(&links->list, link, link);
    links->count--;
    upstream_free(link->upstream);
    loop_timer_free(link->timer);
    loop_unpost(links->loop, &link->task);
    free(link->session);
    free(link);
}

static void tell_empty(void *ctx)
{
    struct session_links *links = ctx;

    links->on_empty(links->ctx);
}

static void tell_when_empty(struct session_links *links)
{
    if (links->stopping && TAILQ_EMPTY(&links->list))
        loop_post(links->loop, &links->task, tell_empty, links);
}

static void free_when_idle(void *ctx)
{
    struct link *link = ctx;
    struct session_links *links = link->links;

    if (!is_idle(link)) {
        loop_post(links->loop, &link->task, free_when_idle, link);
        return;
    }
    free_link(link);
    tell_when_empty(links);
}

static void on_stopped(void *ctx)
{
    struct link *link = ctx;

    link->ended = true;
    free_when_idle(link);
}

static void on_nothing(void *ctx)
{
    (void)ctx;
}

static void on_resource_updated(void *ctx, const char *key, struct span params)
{
    (void)ctx;
    (void)key;
    (void)params;
}

static void on_visited(void *ctx, struct span session, uint64_t number)
{
    struct upstream_options options = upstream_options(((struct link *)ctx)->shared);

    options.on_visited(options.ctx, session, number);
}

static void end(struct link *link)
{
    if (link->ended)
        return;
    link->ended = true;
    upstream_stop(link->upstream);
}

static void on_timer(void *ctx)
{
    struct link *link = ctx;
    uint64_t unused_ms = loop_now_ms(link->links->loop) - link->used_ms;

    if (is_idle(link) && unused_ms >= LIMIT_SESSION_IDLE_MS)
        end(link);
    else
        loop_timer_start(link->timer, LIMIT_SESSION_IDLE_MS);
}

static struct link *begin(struct session_links *links, struct upstream *shared, struct span session)
{
    struct link *link = NEW(struct link);
    struct upstream_options options = upstream_options(shared);

    options.shared = shared;
    options.on_change = options.on_settled = on_nothing;
    options.on_resource_updated = on_resource_updated;
    options.on_visited = on_visited;
    options.on_stopped = on_stopped;
    options.ctx = link;
    link->links = links;
    link->shared = shared;
    link->session = span_dup(session);
    link->upstream = upstream_new(&options);
    link->timer = loop_timer_new(links->loop, on_timer, link);
    loop_timer_start(link->timer, LIMIT_SESSION_IDLE_MS);
    TAILQ_INSERT_TAIL(&links->list, link, link);
    links->count++;
    upstream_start(link->upstream);
    return link;
}

/* --- all --- */

static struct link *
find(struct session_links *links, const struct upstream *shared, struct span session)
{
    struct link *link;

    TAILQ_FOREACH(link, &links->list, link)
    {
        if (link->shared == shared && !link->ended && !upstream_is_over(link->upstream) &&
            span_is(session, link->session))
            return link;
    }
    return NULL;
}

/* Ends the one that has not been used for the longest time, when there is one without calls. */
static bool make_room(struct session_links *links)
{
    struct link *link, *oldest = NULL;

    TAILQ_FOREACH(link, &links->list, link)
    {
        if (!link->ended && is_idle(link) && (!oldest || link->used_ms < oldest->used_ms))
            oldest = link;
    }
    if (!oldest)
        return false;
    log_info("upstream", "session_connection_ended_for_another",
             LOG_STR("server", upstream_key(oldest->upstream)),
             LOG_INT("limit", LIMIT_SESSION_CONNECTIONS));
    end(oldest);
    return true;
}

struct upstream_calls *session_links_calls(struct session_links *links,
                                           struct upstream *shared,
                                           struct span session,
                                           struct err *err)
{
    struct link *link = find(links, shared, session);

    if (!link) {
        if (links->count >= LIMIT_SESSION_CONNECTIONS && !make_room(links)) {
            err_set(err, ERR_LIMIT,
                    "SESSION_CONNECTIONS (%d) of clients are at work, and server '%s' has "
                    "isolation: session",
                    LIMIT_SESSION_CONNECTIONS, upstream_key(shared));
            return NULL;
        }
        link = begin(links, shared, session);
    }
    link->used_ms = loop_now_ms(links->loop);
    return upstream_calls(link->upstream);
}

void session_links_gone(struct session_links *links, struct span session)
{
    struct link *link;

    TAILQ_FOREACH(link, &links->list, link)
    {
        if (span_is(session, link->session))
            end(link);
    }
}

void session_links_stop(struct session_links *links)
{
    struct link *link;

    links->stopping = true;
    TAILQ_FOREACH(link, &links->list, link)
    end(link);
    tell_when_empty(links);
}

static void free_links(void *object)
{
    free(object);
}

void session_links_free(struct session_links *links)
{
    if (!links)
        return;
    while (!TAILQ_EMPTY(&links->list))
        free_link(TAILQ_FIRST(&links->list));
    loop_unpost(links->loop, &links->task);
    loop_reap(links->loop, links, free_links);
}

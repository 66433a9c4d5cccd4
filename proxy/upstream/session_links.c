#include "proxy/upstream/session_links.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/random.h"
#include "proxy/upstream/upstream_call.h"

#define AGAIN_MIN_MS    1000
#define AGAIN_MAX_MS    60000
#define AGAIN_DOUBLINGS 6

struct link {
    TAILQ_ENTRY(link) link;
    struct session_links *links; /* borrowed */
    struct upstream *shared;     /* borrowed */
    struct upstream *upstream; /* owned; over while it is lost or rests, and has the watches then */
    char *session;             /* owned */
    uint64_t begun_ms;
    uint64_t used_ms;         /* the last call was made */
    unsigned losses;          /* in a row, before this connection */
    struct loop_timer *timer; /* owned: until it may be idle, or is to be made again */
    struct loop_task task;    /* frees it, once its calls know of its end */
    bool rests;               /* without a connection until somebody needs it */
    bool ended;               /* nothing new begins here */
};

struct session_links {
    struct session_links_options options;
    TAILQ_HEAD(, link) list; /* owned */
    bool stopping;
    struct loop_task task; /* tells on_empty */
};

struct session_links *session_links_new(const struct session_links_options *options)
{
    struct session_links *links = NEW(struct session_links);

    links->options = *options;
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
    upstream_free(link->upstream);
    loop_timer_free(link->timer);
    loop_unpost(links->options.loop, &link->task);
    free(link->session);
    free(link);
}

static void tell_empty(void *ctx)
{
    struct session_links *links = ctx;

    links->options.on_empty(links->options.ctx);
}

static void tell_when_empty(struct session_links *links)
{
    if (links->stopping && TAILQ_EMPTY(&links->list))
        loop_post(links->options.loop, &links->task, tell_empty, links);
}

static void free_when_idle(void *ctx)
{
    struct link *link = ctx;
    struct session_links *links = link->links;

    if (!is_idle(link)) {
        loop_post(links->options.loop, &link->task, free_when_idle, link);
        return;
    }
    free_link(link);
    tell_when_empty(links);
}

static void end(struct link *link)
{
    if (link->ended)
        return;
    link->ended = true;
    upstream_stop(link->upstream);
}

static bool is_heard(const struct link *link)
{
    return link->links->options.is_heard(link->links->options.ctx, span_of(link->session));
}

/* Ends the connection; what is watched over it stays for the next. */
static void rest(struct link *link)
{
    if (!upstream_is_watched(link->upstream)) {
        end(link);
        return;
    }
    link->rests = true;
    loop_timer_stop(link->timer);
    upstream_stop(link->upstream);
}

/* --- what a server tells --- */

static void on_visited(void *ctx, struct span session, uint64_t number)
{
    struct upstream_options options = upstream_options(((struct link *)ctx)->shared);

    options.on_visited(options.ctx, session, number);
}

static void on_nothing(void *ctx)
{
    (void)ctx;
}

static void on_resource_updated(void *ctx, const char *key, struct span params)
{
    const struct link *link = ctx;
    const struct session_links_options *options = &link->links->options;

    if (!link->ended)
        options->on_resource_updated(options->ctx, key, span_of(link->session), params);
}

static void on_lists(void *ctx, unsigned lists)
{
    const struct link *link = ctx;
    const struct session_links_options *options = &link->links->options;

    if (!link->ended)
        options->on_lists(options->ctx, upstream_key(link->shared), span_of(link->session), lists);
}

/* --- a connection begins, is lost, begins again --- */

/* Later each time, unless it had lasted; all that are lost together don't come back together. */
static uint64_t again_ms(struct link *link)
{
    uint64_t delay_ms;
    uint32_t random;

    if (loop_now_ms(link->links->options.loop) - link->begun_ms >= AGAIN_MAX_MS)
        link->losses = 0;
    delay_ms = (uint64_t)AGAIN_MIN_MS
               << (link->losses < AGAIN_DOUBLINGS ? link->losses : AGAIN_DOUBLINGS);
    if (delay_ms > AGAIN_MAX_MS)
        delay_ms = AGAIN_MAX_MS;
    random_bytes(&random, sizeof(random));
    return delay_ms - random % (delay_ms / 2 + 1);
}

static void on_stopped(void *ctx)
{
    struct link *link = ctx;

    if (link->ended || !upstream_is_watched(link->upstream)) {
        link->ended = true;
        free_when_idle(link);
    } else if (!link->rests) {
        loop_timer_start(link->timer, again_ms(link));
    }
}

static void on_timer(void *ctx);

static struct link *
new_link(struct session_links *links, struct upstream *shared, struct span session)
{
    struct link *link = NEW(struct link);
    struct upstream_options options = upstream_options(shared);

    options.shared = shared;
    options.on_change = options.on_settled = on_nothing;
    options.on_resource_updated = on_resource_updated;
    options.on_visited = on_visited;
    options.on_lists = on_lists;
    options.on_stopped = on_stopped;
    options.ctx = link;
    link->links = links;
    link->shared = shared;
    link->session = span_dup(session);
    link->upstream = upstream_new(&options);
    link->begun_ms = link->used_ms = loop_now_ms(links->options.loop);
    link->timer = loop_timer_new(links->options.loop, on_timer, link);
    loop_timer_start(link->timer, links->options.idle_ms);
    TAILQ_INSERT_TAIL(&links->list, link, link);
    return link;
}

static struct link *begin(struct session_links *links, struct upstream *shared, struct span session)
{
    struct link *link = new_link(links, shared, session);

    upstream_start(link->upstream);
    return link;
}

/* In the place of one that is over, with all that is watched. */
static struct link *begin_again(struct link *over)
{
    struct link *link = new_link(over->links, over->shared, span_of(over->session));

    link->losses = over->losses + 1;
    link->used_ms = over->used_ms;
    upstream_inherit_watches(link->upstream, over->upstream);
    end(over);
    upstream_start(link->upstream);
    return link;
}

static void on_timer(void *ctx)
{
    struct link *link = ctx;
    const struct session_links_options *options = &link->links->options;
    bool needed = upstream_is_watched(link->upstream) && is_heard(link);
    bool unused = is_idle(link) && loop_now_ms(options->loop) - link->used_ms >= options->idle_ms;

    if (link->ended)
        return;
    if (upstream_is_over(link->upstream) && needed)
        begin_again(link);
    else if (!needed && (unused || upstream_is_over(link->upstream)))
        rest(link);
    else
        loop_timer_start(link->timer, options->idle_ms);
}

/* --- all --- */

static struct link *
find(struct session_links *links, const struct upstream *shared, struct span session)
{
    struct link *link;

    TAILQ_FOREACH(link, &links->list, link)
    {
        if (link->shared == shared && !link->ended && span_is(session, link->session))
            return link;
    }
    return NULL;
}

static size_t count_connections(const struct session_links *links)
{
    const struct link *link;
    size_t count = 0;

    TAILQ_FOREACH(link, &links->list, link)
    count += !link->rests;
    return count;
}

/* Those that watch come last. */
static bool goes_before(const struct link *link, const struct link *other)
{
    bool watched = upstream_is_watched(link->upstream);

    if (!other || watched != upstream_is_watched(other->upstream))
        return !other || !watched;
    return link->used_ms < other->used_ms;
}

/* Ends the one that has not been used for the longest time, when there is one without calls. */
static bool make_room(struct session_links *links)
{
    struct link *link, *oldest = NULL;

    TAILQ_FOREACH(link, &links->list, link)
    {
        if (!link->ended && !link->rests && is_idle(link) && goes_before(link, oldest))
            oldest = link;
    }
    if (!oldest)
        return false;
    log_info("upstream", "session_connection_ended_for_another",
             LOG_STR("server", upstream_key(oldest->upstream)),
             LOG_INT("limit", (int64_t)links->options.max),
             LOG_BOOL("watched", upstream_is_watched(oldest->upstream)));
    rest(oldest);
    return true;
}

static int need_room(struct session_links *links, const struct upstream *shared, struct err *err)
{
    if (count_connections(links) < links->options.max || make_room(links))
        return 0;
    return err_set(err, ERR_LIMIT,
                   "SESSION_CONNECTIONS (%zu) of clients are at work, and server '%s' has "
                   "isolation: session",
                   links->options.max, upstream_key(shared));
}

/* The link of the session with a connection, that is or is about to be; NULL with ERR_LIMIT. */
static struct link *
use(struct session_links *links, struct upstream *shared, struct span session, struct err *err)
{
    struct link *link = find(links, shared, session);
    bool takes_room = !link || link->rests;

    if (takes_room && need_room(links, shared, err) < 0)
        return NULL;
    if (!link)
        link = begin(links, shared, session);
    else if (upstream_is_over(link->upstream))
        link = begin_again(link);
    link->used_ms = loop_now_ms(links->options.loop);
    return link;
}

struct upstream_calls *session_links_calls(struct session_links *links,
                                           struct upstream *shared,
                                           struct span session,
                                           struct err *err)
{
    struct link *link = use(links, shared, session, err);

    return link ? upstream_calls(link->upstream) : NULL;
}

int session_links_watch(struct session_links *links,
                        struct upstream *shared,
                        struct span session,
                        struct span uri,
                        struct err *err)
{
    struct link *link = use(links, shared, session, err);

    if (!link)
        return -1;
    upstream_watch(link->upstream, uri);
    return 0;
}

void session_links_unwatch(struct session_links *links,
                           const struct upstream *shared,
                           struct span session,
                           struct span uri)
{
    struct link *link = find(links, shared, session);

    if (!link)
        return;
    upstream_unwatch(link->upstream, uri);
    if (upstream_is_over(link->upstream) && !upstream_is_watched(link->upstream))
        end(link);
}

void session_links_heard(struct session_links *links, struct span session)
{
    struct link *link;

    /* None ends for it: two that are heard could end each other for ever. */
    TAILQ_FOREACH(link, &links->list, link)
    {
        if (!link->ended && link->rests && span_is(session, link->session) &&
            count_connections(links) < links->options.max)
            begin_again(link);
    }
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
    loop_unpost(links->options.loop, &links->task);
    loop_reap(links->options.loop, links, free_links);
}

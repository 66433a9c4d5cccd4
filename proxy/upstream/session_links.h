/*
 * Connections of their own for the sessions of clients, to the servers with
 * `isolation: session`: made when a session first calls or watches, ended when
 * it is gone or has not called for `idle_ms`.  The shared connection beside
 * them makes the catalogue.
 *
 * What a session watches outlives a connection: one that is lost is made again
 * as long as the session is heard, and one that rests, unheard or for want of
 * room, is made again when the session calls, watches or is heard again.
 */
#ifndef PROXY_UPSTREAM_SESSION_LINKS_H
#define PROXY_UPSTREAM_SESSION_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/span.h"
#include "proxy/upstream/upstream.h"

struct session_links;

struct session_links_options {
    struct loop *loop; /* borrowed, as all here */
    uint64_t idle_ms;  /* without a call after which a connection ends that nobody needs */
    size_t max;        /* connections at a time */
    loop_fn *on_empty; /* after session_links_stop, when no connection is left */
    /* What servers tell on the connection of a session: as in upstreams_events. */
    void (*on_resource_updated)(void *ctx,
                                const char *server_key,
                                struct span session,
                                struct span params);
    void (*on_lists)(void *ctx, const char *server_key, struct span session, unsigned lists);
    bool (*is_heard)(void *ctx, struct span session);
    void *ctx;
};

struct session_links *session_links_new(const struct session_links_options *options);

/* The calls over the connection of a session to the server of `shared`, which is begun if need be.
 * NULL with ERR_LIMIT when `max` are at work. */
struct upstream_calls *session_links_calls(struct session_links *links,
                                           struct upstream *shared,
                                           struct span session,
                                           struct err *err);

/* Watches a resource over that connection, which is begun if need be; -1 with ERR_LIMIT as above.
 * Ends with as many calls of session_links_unwatch, or with the session. */
int session_links_watch(struct session_links *links,
                        struct upstream *shared,
                        struct span session,
                        struct span uri,
                        struct err *err);
void session_links_unwatch(struct session_links *links,
                           const struct upstream *shared,
                           struct span session,
                           struct span uri);

/* The session is heard again: what rests of it is connected again. */
void session_links_heard(struct session_links *links, struct span session);

/* Ends the connections of a session, and what it watches. */
void session_links_gone(struct session_links *links, struct span session);

/* Ends all; on_empty follows at a later turn. */
void session_links_stop(struct session_links *links);
void session_links_free(struct session_links *links); /* takes NULL; ends all at once */

#endif

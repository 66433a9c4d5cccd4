/*
 * Connections of their own for the sessions of clients, to the servers with
 * `isolation: session`: made when a session first calls, ended when it is gone
 * or has not called for LIMIT_SESSION_IDLE_MS.  The shared connection beside
 * them makes the catalogue.
 */
#ifndef PROXY_UPSTREAM_SESSION_LINKS_H
#define PROXY_UPSTREAM_SESSION_LINKS_H

#include "base/err.h"
#include "base/loop.h"
#include "base/span.h"
#include "proxy/upstream/upstream.h"

struct session_links;

/* `on_empty` is called after session_links_stop, when no connection is left. */
struct session_links *session_links_new(struct loop *loop, loop_fn *on_empty, void *ctx);

/* The calls over the connection of a session to the server of `shared`, which is begun if need be.
 * NULL with ERR_LIMIT when LIMIT_SESSION_CONNECTIONS are at work. */
struct upstream_calls *session_links_calls(struct session_links *links,
                                           struct upstream *shared,
                                           struct span session,
                                           struct err *err);

/* Ends the connections of a session. */
void session_links_gone(struct session_links *links, struct span session);

/* Ends all; on_empty follows at a later turn. */
void session_links_stop(struct session_links *links);
void session_links_free(struct session_links *links); /* takes NULL; ends all at once */

#endif

/*
 * Resources that a client wants to hear of: of a legacy session by
 * resources/subscribe, of a modern `subscriptions/listen` by its filter.  The
 * server behind counts them (upstreams_watch), over the connection that the
 * session has of its own where it has one.  Private to mcp/.
 */
#ifndef PROXY_MCP_SUBSCRIPTION_H
#define PROXY_MCP_SUBSCRIPTION_H

#include <stdbool.h>
#include <sys/queue.h>

#include "base/span.h"
#include "proxy/mcp/fault.h"

struct mcp_server;
struct mcp_call;

struct subscription {
    TAILQ_ENTRY(subscription) link;
    char *server_key;
    char *connection; /* the session whose own connection it is; empty: the shared one */
    char *uri;        /* the server's own */
};

TAILQ_HEAD(subscription_list, subscription);

/*
 * Adds the resource of a client's URI (a raw JSON string), once.  1 when it is
 * there now; 0 when its server tells of no changes; -1 with a fault when there
 * is no such server, the list has LIMIT_SUBSCRIPTIONS, or no connection can be
 * had for it.
 */
int subscription_add(const struct mcp_call *call,
                     struct subscription_list *list,
                     struct span raw_uri,
                     struct fault *fault);

/* Takes it out again; nothing when it is not there. */
void subscription_remove(const struct mcp_call *call,
                         struct subscription_list *list,
                         struct span raw_uri);

/* Takes all out. */
void subscription_clear(struct mcp_server *server, struct subscription_list *list);

/* True when one of the list is for this resource over this connection (a session's name, or empty),
 * or for one that it is a part of. */
bool subscription_covers(const struct subscription_list *list,
                         const char *server_key,
                         struct span connection,
                         struct span uri);

/* Handlers. */
void resources_subscribe(struct mcp_call *call);
void resources_unsubscribe(struct mcp_call *call);

#endif

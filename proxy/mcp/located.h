/*
 * A resource as a client names it: whose it is, and what its server calls it.
 * Private to mcp/.
 */
#ifndef PROXY_MCP_LOCATED_H
#define PROXY_MCP_LOCATED_H

#include "proxy/mcp/call.h"
#include "proxy/mcp/wrapped_uri.h"

struct located {
    const char *server_key; /* of the configuration */
    struct buf uri;         /* the server's own */
};

#define LOCATED_INIT                    \
    {                                   \
        .uri = BUF(WRAPPED_INNER_BYTES) \
    }

static inline void located_cleanup(struct located *located)
{
    buf_done(&located->uri);
}

/*
 * Reads a client's URI, a raw JSON string: a wrapped one, or one that a server
 * wrote and that one server alone has; a mirror's are its server's.  -1 when
 * there is no such server.
 */
int located_read(const struct mcp_call *call, struct span raw_uri, struct located *ret);

/* Fills a fault: what the era says of a resource that there is not.  Returns -1. */
int located_not_found(const struct mcp_call *call, struct span raw_uri, struct fault *fault);

#endif

/*
 * What a request's headers must say before its body is read.  Private to mcp/.
 */
#ifndef PROXY_MCP_HTTP_GUARD_H
#define PROXY_MCP_HTTP_GUARD_H

#include <stdbool.h>

#include "base/span.h"
#include "proxy/config/config.h"

/*
 * True when the Host header names this machine's loopback, a configured
 * allowed host, or the address we listen on.  A server on another address than
 * loopback without allowed hosts takes any: it demands a token (DNS rebinding
 * needs a server that does not).
 */
bool guard_host(const struct config *config, struct span host);

/* True when Origin is of an allowed host, or of `host` itself where any is taken. */
bool guard_origin(const struct config *config, struct span origin, struct span host);

/* Which token the Authorization header carries: its index, 0 when none is configured, -1 when none
 * matches.  Takes the same time whichever token is wrong. */
int guard_principal(const struct config *config, struct span authorization);

/* True for application/json, parameters allowed. */
bool guard_is_json(struct span content_type);

/* True when an Accept header admits the media type (`type/subtype`); an empty one admits all. */
bool guard_accepts(struct span accept, const char *media_type);

#endif

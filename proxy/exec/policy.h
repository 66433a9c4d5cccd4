/*
 * What the configuration says of calls of a tool: whether scripts may make
 * them, and within which limits.  The broker and mcp.describe ask here.
 */
#ifndef PROXY_EXEC_POLICY_H
#define PROXY_EXEC_POLICY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"
#include "proxy/config/config.h"

/*
 * Appends in words what holds for calls of a tool of that server, and which
 * settings say so.  False when scripts may not call it.  A describe_policy_fn
 * of codegen/search.h; `ctx` is the configuration.
 */
bool policy_say(const void *ctx, const char *server_key, struct span tool, struct buf *out);

#endif

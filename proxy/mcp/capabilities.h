/*
 * What a client is told that this server can do.  Private to mcp/.
 */
#ifndef PROXY_MCP_CAPABILITIES_H
#define PROXY_MCP_CAPABILITIES_H

#include "proxy/mcp/server_private.h"

/* True when completions are offered: of prompts or resources that are exposed, and by a server that
 * has them; before the servers have answered that one may is enough. */
bool capabilities_completes(const struct mcp_server *server);

#endif

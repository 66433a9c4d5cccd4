/*
 * What a client is offered: by the URL it uses, its name, the configuration.
 * Private to mcp/.
 */
#ifndef PROXY_MCP_MODE_H
#define PROXY_MCP_MODE_H

#include "proxy/mcp/server_private.h"

/* The mode that the request is served in. */
enum offer_mode mode_of(const struct mcp_call *call);

/* True when the one server is mirrored. */
bool mode_mirrors(const struct mcp_server *server);
/* The key of that server. */
const char *mode_mirrored(const struct mcp_server *server);

/* True when clients get prompts, or resources, of servers under names of ours. */
bool mode_exposes_prompts(const struct mcp_server *server);
bool mode_exposes_resources(const struct mcp_server *server);

/* Reads `mode` of a URL's query.  -1 with a fault when it is neither code nor direct, or the server
 * is a mirror. */
int mode_read_query(const struct mcp_server *server,
                    struct span query,
                    bool *ret_has_mode,
                    enum offer_mode *ret_mode,
                    struct fault *fault);

#endif

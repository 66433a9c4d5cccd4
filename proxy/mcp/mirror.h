/*
 * mode: passthrough: the one server is mirrored, nothing is named anew.
 * Private to mcp/.
 */
#ifndef PROXY_MCP_MIRROR_H
#define PROXY_MCP_MIRROR_H

#include "proxy/mcp/server_private.h"

/* `"capabilities":{...}` of the server, as far as they are carried, and its `"instructions"`. */
void mirror_write_capabilities(const struct mcp_server *server, struct buf *out);
void mirror_write_instructions(const struct mcp_server *server, struct buf *out);

/* False with a fault while the server is not connected: nothing can be said of it then. */
bool mirror_is_there(const struct mcp_server *server, struct fault *fault);

/* The server's tool of that name (a raw JSON string); NULL when it is unknown. */
const struct tool *mirror_tool(const struct mcp_server *server, struct span raw_name);

/* Handlers: of requests that pass as they are, and of those whose answers need a look. */
void mirror_request(struct mcp_call *call);
void mirror_prompts_list(struct mcp_call *call);
void mirror_prompts_get(struct mcp_call *call);
void mirror_resources_list(struct mcp_call *call);
void mirror_tools_list(struct mcp_call *call);
void mirror_tools_call(struct mcp_call *call);

#endif

/*
 * Prompts of all servers.  Private to mcp/.
 */
#ifndef PROXY_MCP_PROMPTS_H
#define PROXY_MCP_PROMPTS_H

#include "proxy/mcp/server_private.h"

/* The prompt that clients call so (a raw JSON string); NULL when there is none. */
const struct exposed *prompts_find(struct mcp_server *server, struct span raw_name);

/* Answers a prompts/get with a server's result; a relay_answer_fn. */
void prompts_answer_get(struct mcp_call *call, const char *server_key, struct span result);

/* Handlers. */
void prompts_list(struct mcp_call *call);
void prompts_get(struct mcp_call *call);

#endif

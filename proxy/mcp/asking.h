/*
 * Questions of servers, put to the client that made the call: a legacy client
 * gets a request on the call's stream (2025-11-25, client/...), a modern one an
 * `input_required` answer, and the call goes on with its retry (2026-07-28,
 * basic/patterns/mrtr).  Private to mcp/.
 */
#ifndef PROXY_MCP_ASKING_H
#define PROXY_MCP_ASKING_H

#include "proxy/mcp/call.h"
#include "proxy/upstream/ask.h"

/* Puts a question of a server to the call's client, or refuses it when that can't be asked. */
void asking_put(struct mcp_call *call, struct ask *ask);

/* The question is gone: its server has taken it back, or the request it belongs to has ended. */
void asking_withdrawn(struct mcp_call *call, struct ask *ask);

#endif

/*
 * The headers Mcp-Param-* of a modern tools/call, which repeat arguments of a
 * tool of a server that clients see with its own schema (2026-07-28,
 * basic/transports/streamable-http): in a mirror, in direct mode, beside
 * execute_code.  Private to mcp/.
 */
#ifndef PROXY_MCP_HTTP_PARAMS_H
#define PROXY_MCP_HTTP_PARAMS_H

#include "proxy/front/http_server.h"
#include "proxy/mcp/server_private.h"

/* To be called when a request's headers have come: keeps those that its tool wants. */
void http_params_keep(struct mcp_server *server, struct http_request *request);

/* 0 when they say what the body says, or the request calls no such tool; -1 with HeaderMismatch. */
int http_params_check(struct mcp_server *server,
                      const struct http_request *request,
                      const struct rpc_message *message,
                      struct fault *fault);

#endif

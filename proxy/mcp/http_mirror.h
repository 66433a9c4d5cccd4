/*
 * The headers that repeat a modern request's body (2026-07-28,
 * basic/transports/streamable-http): Mcp-Method and Mcp-Name.  Private to mcp/.
 */
#ifndef PROXY_MCP_HTTP_MIRROR_H
#define PROXY_MCP_HTTP_MIRROR_H

#include "proxy/front/http_server.h"
#include "proxy/mcp/fault.h"
#include "proxy/rpc/message.h"

/* 0 when both say what the body says; -1 with HeaderMismatch. */
int http_mirror_check(const struct http_request *request,
                      const struct rpc_message *message,
                      struct fault *fault);

/* Appends what a header's value, plain or as `=?base64?...?=`, says; -1 when it can't be read. */
int http_mirror_decode(struct span header, struct buf *out);

/* True when a header's value, plain or as `=?base64?...?=`, is the decoded text of a raw JSON
 * string. */
bool http_mirror_equal(struct span header, struct span raw_string);

#endif

/*
 * Raw JSON of servers with single members put in the place of others; all else
 * stays byte for byte.  Private to mcp/.
 */
#ifndef PROXY_MCP_REWRITE_H
#define PROXY_MCP_REWRITE_H

#include "base/buf.h"
#include "proxy/mcp/call.h"

/* Appends `object` with its member `name` (each, if there are several) as `raw`; what is no object,
 * or has no such member, as it is. */
void rewrite_member(struct buf *out, struct span object, const char *name, struct span raw);

/* Appends the members of a `_meta` that are not of a hop (progressToken, those below
 * io.modelcontextprotocol/), comma separated, with a comma before when needed. */
void rewrite_meta(struct buf *out, struct span meta);

/* Appends the members of an object other than those named (NULL-terminated), with commas when
 * needed. */
void rewrite_members(struct buf *out, struct span object, const char *const *but);

/* Appends the members of a server's result other than `_meta`, what an era adds (resultType, ttlMs,
 * cacheScope) and those named by `but` (NULL-terminated), with commas when needed. */
void rewrite_result(struct buf *out, struct span result, const char *const *but);

/* Appends a resource (with "uri") or a template ("uriTemplate") with the client's URI; nothing when
 * that can't be had. */
void rewrite_resource(struct buf *out,
                      const char *server_key,
                      struct span object,
                      bool is_template);

/*
 * Appends a content block with URIs of a server as clients read them: those of
 * resource_link and of an embedded resource.  `server_key` NULL: of the server
 * of the catalogue that has it, if one does.
 */
void rewrite_block(struct buf *out,
                   const struct mcp_call *call,
                   const char *server_key,
                   struct span block);

#endif

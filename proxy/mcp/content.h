/*
 * Content blocks for clients that may be older than their types.  Private to
 * mcp/.
 */
#ifndef PROXY_MCP_CONTENT_H
#define PROXY_MCP_CONTENT_H

#include "proxy/mcp/call.h"

/* Appends a text block, with a comma when needed. */
void content_add_text(struct buf *out, struct span text);

/* Appends one block for the client, its URIs as rewrite_block. */
void content_write_block(struct buf *out,
                         const struct mcp_call *call,
                         const char *server_key,
                         struct span block);

/*
 * Appends blocks (raw, comma separated) with a comma when needed.  A type that
 * the client's revision does not have (audio before 2025-03-26, resource_link
 * before 2025-06-18) would make it refuse the whole result: a text stands for
 * such a block.
 */
void content_add_blocks(struct buf *out, const struct mcp_call *call, struct span blocks);

#endif

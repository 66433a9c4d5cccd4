/*
 * Tools of servers that clients see as tools of their own, `server__tool`:
 * those of expose.tools beside execute_code, all of them in direct mode.
 * Private to mcp/.
 */
#ifndef PROXY_MCP_TOOLS_NAMED_H
#define PROXY_MCP_TOOLS_NAMED_H

#include "proxy/mcp/server_private.h"

/* True when there are tools beside execute_code for all clients. */
bool tools_named_any(const struct mcp_server *server);

/* The tool that clients call so (a raw JSON string); NULL when there is none. */
const struct tool *tools_named_find(struct mcp_server *server, struct span raw_name);

/* Appends the definitions of those beside execute_code, with commas when needed. */
void tools_named_write(struct mcp_server *server, enum era era, struct buf *out);

/* tools/list and tools/call in direct mode and of the tools beside execute_code. */
void tools_named_list(struct mcp_call *call);
void tools_named_call(struct mcp_call *call);

/* Appends a tool's definition for a client of that era: an output schema that is not of an object
 * stands in one there, since clients of 2025 refuse it (`"result"` is its only property). */
void tools_write_definition(struct buf *out, enum era era, struct span definition);

/* Answers a tools/call with a server's result; `definition` is of the tool, or empty. */
void tools_answer_call(struct mcp_call *call, const char *server_key, struct span result);
/* Answers a tools/call of a tool that there is not. */
void tools_answer_unknown(struct mcp_call *call);
/* True when the results of a tool of that definition stand in an object for clients of that era. */
bool tools_wraps(enum era era, struct span definition);

#endif

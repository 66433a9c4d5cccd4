/*
 * Who is told of what: lists that have changed, resources that have.  A legacy
 * session hears of all lists, a modern subscription of what it asked for.
 * Private to mcp/.
 */
#ifndef PROXY_MCP_CHANGES_H
#define PROXY_MCP_CHANGES_H

#include <stdbool.h>
#include <stdint.h>

struct mcp_server;

enum change_kind { CHANGE_TOOLS, CHANGE_PROMPTS, CHANGE_RESOURCES, CHANGE_KINDS };

/* A list as clients have it: who has not seen it has nothing to forget. */
struct change_state {
    bool seen;
    uint64_t digest;
};

/* A client is sent this list now, made of the catalogue or by the server that is mirrored. */
void changes_seen(struct mcp_server *server, enum change_kind kind);

/* Tells all who listen of the lists that are not what they were. */
void changes_tell(struct mcp_server *server);

#endif

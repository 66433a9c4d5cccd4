/*
 * The names under which clients see what servers have: `server.prompt`,
 * `server__tool`.  By the configuration key, since what a server calls itself
 * may be anything (2026-07-28, server/tools).  Private to mcp/.
 *
 * Characters that a name may not have become `_`, a name that is too long is
 * cut and ends with a digest of the whole.  A name that stands as it is goes
 * before one that had to be altered; of two alike the later one, in the order
 * of the configuration, gets a number.
 */
#ifndef PROXY_MCP_EXPOSED_H
#define PROXY_MCP_EXPOSED_H

#include <stddef.h>

#include <uthash.h>

#include "codegen/catalogue.h"

enum exposed_kind { EXPOSED_PROMPTS, EXPOSED_TOOLS };

struct exposed {
    char *name; /* what clients call it */
    const struct catalogue_server *server;
    size_t item; /* of the server's prompts, or tools with code_tool as the last */
    UT_hash_handle hh;
};

/* The names of one catalogue, which it keeps a reference of. */
struct exposed_list {
    struct catalogue *catalogue;
    struct exposed *items; /* in the order of the catalogue */
    size_t count;
    struct exposed *by_name;
};

/* Makes the list of the catalogue's prompts or tools; does nothing when it is of that already. */
void exposed_refresh(struct exposed_list *list,
                     struct catalogue *catalogue,
                     enum exposed_kind kind);
void exposed_done(struct exposed_list *list);

/* NULL when nothing has that name (a raw JSON string). */
const struct exposed *exposed_find(const struct exposed_list *list, struct span raw_name);

const struct prompt *exposed_prompt(const struct exposed *exposed);
const struct tool *exposed_tool(const struct exposed *exposed);

#endif

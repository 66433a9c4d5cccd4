/*
 * Tools that are offered beside execute_code: those of expose.tools, and that of
 * a server which runs code itself, so that code is not run within code.
 */
#ifndef PROXY_MCP_PINNED_H
#define PROXY_MCP_PINNED_H

#include <stdbool.h>

#include "proxy/config/config.h"
#include "proxy/mcp/exposed.h"

/* True when a tool is offered beside execute_code. */
bool pinned_has(const struct config *config, const struct exposed *tool);

/* Whether an entry of expose.tools names a tool that its server, which has answered, does not
 * have; `path` is that entry. */
bool pinned_is_missing(const struct config *config,
                       const struct catalogue *catalogue,
                       const char *path);

#endif

/*
 * Client profiles: what the description is for a client, by its name.
 */
#ifndef PROXY_MCP_PROFILE_H
#define PROXY_MCP_PROFILE_H

#include <stdbool.h>

#include "codegen/describe.h"
#include "proxy/config/config.h"

/*
 * The options of the description for the client of that clientInfo.name (NULL
 * or unknown: the general ones): `clients:` of the configuration first, then
 * the limits that codegen/describe_clients.c knows.  *ret_known (may be NULL)
 * tells whether either knows the client.
 */
struct describe_options
profile_of(const struct config *config, const char *client_name, bool *ret_known);

#endif

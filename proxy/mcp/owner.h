/*
 * Whose a URI is: of the servers in the catalogue the one that lists it, or
 * has a template that it fits.  Private to mcp/.
 */
#ifndef PROXY_MCP_OWNER_H
#define PROXY_MCP_OWNER_H

#include "proxy/mcp/server_private.h"

/* The key of the one server that a URI (a raw JSON string) of its own belongs to; NULL when it
 * belongs to none, or to several. */
const char *owner_of_uri(const struct mcp_server *server, struct span raw_uri);

/* True when an expansion of the template (RFC 6570) may be this text: its literals stand in it in
 * their order. */
bool owner_template_fits(struct span uri_template, struct span uri);

#endif

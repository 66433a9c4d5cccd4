/*
 * Entries of `servers:` and `mcpServers:`.
 */
#ifndef PROXY_CONFIG_CONFIG_SERVER_H
#define PROXY_CONFIG_CONFIG_SERVER_H

#include "proxy/config/reader.h"

/* Adds the server of one pair to the configuration.  `pasted`: it comes from a client's own map,
 * whose further keys are ignored with a warning. */
int read_server(struct reader *r, const struct yaml_pair *pair, bool pasted);

#endif

/*
 * The environment and the headers of a server.
 */
#ifndef PROXY_CONFIG_CONFIG_PAIRS_H
#define PROXY_CONFIG_CONFIG_PAIRS_H

#include "proxy/config/reader.h"

/* Each reads the value of a key of the entry that `place` names ("servers.github") into `server`:
 * 0, or -1 with an error. */
int read_env_pairs(struct reader *r,
                   const struct yaml_node *node,
                   const char *place,
                   struct server_config *server);
int read_header_pairs(struct reader *r,
                      const struct yaml_node *node,
                      const char *place,
                      struct server_config *server);

/* The variables of a file (env_file.h) that `env` does not set. */
int read_env_file_pairs(struct reader *r,
                        const struct yaml_node *node,
                        const char *place,
                        struct server_config *server);

#endif

/*
 * `clients:`, for config.c.
 */
#ifndef PROXY_CONFIG_CONFIG_CLIENTS_H
#define PROXY_CONFIG_CONFIG_CLIENTS_H

#include "proxy/config/reader.h"

/* A key_read_fn of struct config. */
int read_clients(struct reader *r, const struct yaml_node *node, void *object);

void free_clients(struct config *config);

#endif

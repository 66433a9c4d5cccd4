/*
 * What clients' own configurations say that ours does not, or says otherwise.
 */
#ifndef PROXY_CONFIG_CONFIG_FOREIGN_H
#define PROXY_CONFIG_CONFIG_FOREIGN_H

#include "proxy/config/reader.h"

/* Warns of a key of a client's entry that means nothing here, and says what does. */
void foreign_key_ignored(struct reader *r, const struct yaml_node *key);

/* Reads a time without a unit: seconds or milliseconds, whichever a client can have meant, with a
 * warning that says which.  False when it is no whole number above 0. */
bool foreign_timeout(struct reader *r,
                     const struct yaml_node *node,
                     const char *place,
                     uint64_t *ret_ms);

#endif

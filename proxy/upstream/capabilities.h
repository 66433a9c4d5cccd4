/*
 * What we declare that servers may ask of clients.
 */
#ifndef PROXY_UPSTREAM_CAPABILITIES_H
#define PROXY_UPSTREAM_CAPABILITIES_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"
#include "proxy/config/config.h"
#include "proxy/upstream/ask.h"

/* Appends the members of the ClientCapabilities that a legacy server is told once for all clients:
 * each kind of question that its configuration permits. */
int capabilities_write_permitted(struct buf *out, const struct server_config *server);

/*
 * Appends the object of those that one request to a modern server declares:
 * elicitation, sampling and roots as the client has them (raw ClientCapabilities,
 * of either era; may be empty), as far as the configuration permits them.  With
 * `answers_roots` also roots that the configuration names, whatever the client
 * has.
 */
int capabilities_write_of_client(struct buf *out,
                                 const struct server_config *server,
                                 struct span client,
                                 bool answers_roots);

/* Whether raw ClientCapabilities hold that kind of question. */
bool capabilities_hold(struct span capabilities, enum ask_kind kind);

#endif

/*
 * Asks a server for all pages of all its lists and makes a catalogue_server of
 * them.
 */
#ifndef PROXY_UPSTREAM_CATALOGUE_BUILDER_H
#define PROXY_UPSTREAM_CATALOGUE_BUILDER_H

#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "codegen/catalogue.h"
#include "proxy/config/config.h"
#include "proxy/upstream/connection.h"

struct catalogue_builder;

/*
 * The end: `server` is the receiver's, in state ready; or NULL with err.
 * `digest` changes when anything that was listed does.
 */
typedef void catalogue_built_fn(void *ctx,
                                struct catalogue_server *server,
                                uint64_t digest,
                                const struct err *err);

/*
 * Starts to list; `fn` is called once, at a later turn.  A list that the server
 * declares but can't give counts as empty; tools are required unless the method
 * is unknown to it, and only those that the configuration shows are taken.
 * `server` is borrowed.
 */
struct catalogue_builder *catalogue_builder_new(struct loop *loop,
                                                struct connection *connection,
                                                const struct server_config *server,
                                                catalogue_built_fn *fn,
                                                void *ctx);

/* Cancels what is under way, without a call of `fn`.  Takes NULL. */
void catalogue_builder_free(struct catalogue_builder *builder);

#endif

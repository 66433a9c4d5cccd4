/*
 * Asks a server for all pages of all its lists and makes a catalogue_server of
 * them.
 */
#ifndef PROXY_UPSTREAM_CATALOGUE_BUILDER_H
#define PROXY_UPSTREAM_CATALOGUE_BUILDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "codegen/catalogue.h"
#include "proxy/config/config.h"
#include "proxy/upstream/connection.h"
#include "proxy/upstream/said.h"

struct catalogue_builder;

/* What was read. */
struct catalogue_built {
    /* The receiver's, in state ready; NULL: none, see err.  Its `problem` says what is missing of
     * the lists. */
    struct catalogue_server *server;
    uint64_t digest; /* changes when anything that was listed does */
    uint64_t ttl_ms; /* the least of all pages (2026-07-28, server/utilities/caching); UINT64_MAX:
                      * none was named */
    bool failed;     /* a page could not be had, so that another reading may give more */
};
typedef void
catalogue_built_fn(void *ctx, const struct catalogue_built *built, const struct err *err);

/*
 * Starts to list; `fn` is called once, at a later turn.  What came of a list that fails, goes in a
 * circle or has no end is kept.  A method that is unknown to the server is an empty list; the first
 * page of tools is required otherwise, and only those that the configuration shows are taken.
 * `server` and `said` are borrowed; `said` holds what the log
 * has been told of the server's items already.
 */
struct catalogue_builder *catalogue_builder_new(struct loop *loop,
                                                struct connection *connection,
                                                const struct server_config *server,
                                                struct said *said,
                                                catalogue_built_fn *fn,
                                                void *ctx);

/* Cancels what is under way, without a call of `fn`.  Takes NULL. */
void catalogue_builder_free(struct catalogue_builder *builder);

#endif

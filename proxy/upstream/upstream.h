/*
 * One upstream server: its connection, kept up for ever; its part of the
 * catalogue; the calls to it.
 */
#ifndef PROXY_UPSTREAM_UPSTREAM_H
#define PROXY_UPSTREAM_UPSTREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "codegen/catalogue.h"
#include "proxy/config/config.h"
#include "proxy/upstream/rpc_client.h"
#include "proxy/upstream/upstreams.h"

struct upstream;
struct http_client;
struct upstream_calls;

struct upstream_options {
    struct loop *loop; /* borrowed, as all here */
    const struct server_config *server;
    struct http_client *http;
    /* NULL, or the one that makes the catalogue: this is a further connection to its server for one
     * session.  It lists nothing, and is over when the connection is lost or can't be made. */
    struct upstream *shared;
    uint64_t list_age_ms; /* limits.list_age */
    loop_fn *on_change;   /* its part of the catalogue is another now */
    loop_fn *on_settled;  /* it has answered or failed for the first time */
    /* A resource that is watched has changed: raw params. */
    void (*on_resource_updated)(void *ctx, const char *key, struct span params);
    /* By upstreams_events. */
    void (*on_visited)(void *ctx, struct span session, uint64_t number);
    /* Of a session's connection alone: the server says that these lists (bits) are others there. */
    void (*on_lists)(void *ctx, unsigned lists);
    loop_fn *on_stopped; /* after upstream_stop, or when it is over: nothing of it is left */
    void *ctx;
};

struct upstream *upstream_new(const struct upstream_options *options);
void upstream_start(struct upstream *upstream);
/* on_stopped follows, at a later turn. */
void upstream_stop(struct upstream *upstream);
void upstream_free(struct upstream *upstream); /* takes NULL; ends everything at once */

/* What it was made with. */
struct upstream_options upstream_options(const struct upstream *upstream);

/* True when nothing will come of it any more. */
bool upstream_is_over(const struct upstream *upstream);

/* Begins to watch a resource, or ends it: as often as it was begun. */
void upstream_watch(struct upstream *upstream, struct span uri);
void upstream_unwatch(struct upstream *upstream, struct span uri);
bool upstream_is_watched(const struct upstream *upstream);
/* Takes over the watches of one that is over.  Once this one is connected each of their resources
 * is told as changed, since nobody has heard of them meanwhile.  Only before upstream_start. */
void upstream_inherit_watches(struct upstream *upstream, struct upstream *over);

/* Nobody is told anything for that session any more. */
void upstream_session_gone(struct upstream *upstream, struct span session);

bool upstream_settled(const struct upstream *upstream);
const char *upstream_key(const struct upstream *upstream);
/* Its part of the catalogue; borrowed. */
struct catalogue_server *upstream_server(const struct upstream *upstream);
/* Somebody is about to use that: lists that are older than their server allows are read again. What
 * is there serves until then. */
void upstream_refresh_stale(struct upstream *upstream);
void upstream_status(const struct upstream *upstream, struct upstream_status *ret_status);

/* --- for upstream_call.c --- */

/* What a call can do now. */
enum upstream_gate {
    UPSTREAM_OPEN,  /* send it */
    UPSTREAM_WAIT,  /* it is about to be connected again: wait for upstream_call_release */
    UPSTREAM_CLOSED /* it is down: err says why */
};
enum upstream_gate upstream_gate(const struct upstream *upstream, struct err *err);

/* Sends a request; only when the gate is open. */
struct rpc_call *upstream_send(struct upstream *upstream,
                               const struct rpc_request *request,
                               const struct rpc_call_events *events,
                               void *ctx);

/* The calls to it that have not ended. */
struct upstream_calls *upstream_calls(struct upstream *upstream);

/* Reads the lists once more, after which upstream_calls_release follows; false when no headers are
 * made by them.  Only when the gate is open. */
bool upstream_relist(struct upstream *upstream);

/* The client of a session was sent to the URL that the server calls `id`: on_visited follows when
 * that is done, if the connection lasts.  Or it does not go there. */
void upstream_note_visit(struct upstream *upstream,
                         struct span id,
                         struct span session,
                         uint64_t number);
void upstream_drop_visit(struct upstream *upstream, struct span session, uint64_t number);

/* The configuration of the server; borrowed. */
const struct server_config *upstream_config(const struct upstream *upstream);

/* The era of the connection; ERA_UNKNOWN when there is none. */
enum era upstream_era(const struct upstream *upstream);

/* Whether a call of `tool` has to ask for a task (2025-11-25, basic/utilities/tasks). */
bool upstream_requires_task(const struct upstream *upstream, struct span tool);

/* The raw inputSchema that the headers of a call of `tool` are made by; empty when not needed. */
struct span upstream_header_schema(const struct upstream *upstream, struct span tool);

#endif

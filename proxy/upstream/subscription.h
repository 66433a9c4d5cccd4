/*
 * What a connection asks to be told of: changes of the lists, and of the
 * resources that are watched.  Legacy servers tell the first unasked and are
 * asked for each of the others; modern ones tell both in answer to one request
 * that never ends, which is made again when it does or when the watches change.
 */
#ifndef PROXY_UPSTREAM_SUBSCRIPTION_H
#define PROXY_UPSTREAM_SUBSCRIPTION_H

#include "base/loop.h"
#include "base/span.h"
#include "proxy/upstream/era.h"
#include "proxy/upstream/rpc_client.h"
#include "proxy/upstream/watches.h"

struct subscription;

struct subscription_options {
    struct loop *loop; /* borrowed, as all here; outlives it */
    const char *server;
    struct rpc_client *rpc;
    const struct watches *watches;
};

struct subscription *subscription_new(const struct subscription_options *options);

/* A session has begun: asks, where the server tells.  `info` outlives the session. */
void subscription_begin(struct subscription *subscription,
                        const struct era_ops *ops,
                        const struct server_info *info);

/* Somebody has begun, or nobody goes on, to watch a resource: the watches are others now. */
void subscription_watch(struct subscription *subscription, struct span uri, bool watched);

/* The session is over: nothing is asked any more until subscription_begin. */
void subscription_stop(struct subscription *subscription);

void subscription_free(struct subscription *subscription); /* takes NULL */

#endif

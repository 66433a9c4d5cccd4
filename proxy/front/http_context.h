/*
 * libwebsockets itself: its context, its log lines, its end.  Private to
 * front/.
 */
#ifndef PROXY_FRONT_HTTP_CONTEXT_H
#define PROXY_FRONT_HTTP_CONTEXT_H

#include "base/err.h"
#include "base/loop.h"

struct lws_context;
struct lws_protocols;
struct lws_vhost;

/* A context on `loop` with one virtual host that accepts what it is handed, and does not listen.
 * `protocols` must outlive it; `user` is lws_context_user().  NULL with ERR_IO. */
struct lws_context *http_context_new(struct loop *loop,
                                     const struct lws_protocols *protocols,
                                     void *user,
                                     struct lws_vhost **ret_vhost,
                                     struct err *err);

/* Closes its connections and frees it; the loop must run a little longer. */
void http_context_free(struct loop *loop, struct lws_context *context);

#endif

/*
 * Takes connections from the listening socket, and stops for a while when the
 * process is short of descriptors: the last ones are kept for workers,
 * upstreams and files, whatever number of clients comes.
 */
#ifndef PROXY_FRONT_HTTP_ACCEPT_H
#define PROXY_FRONT_HTTP_ACCEPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"

struct http_acceptor;

/* Gets each connection: a non-blocking descriptor, now its own. */
typedef void http_accept_fn(void *ctx, int fd);

/* Listens at once (port 0: any that is free).  NULL with ERR_IO, which says why and what to do. */
struct http_acceptor *http_acceptor_new(struct loop *loop,
                                        const char *host,
                                        uint16_t port,
                                        http_accept_fn *fn,
                                        void *ctx,
                                        struct err *err);

int http_acceptor_port(const struct http_acceptor *acceptor);

/* Listens no more.  Takes NULL. */
void http_acceptor_free(struct http_acceptor *acceptor);

/* False for one of the last descriptors, LIMIT_DESCRIPTORS_KEPT or a quarter of all when that is
 * less, which no client gets. */
bool http_is_for_clients(int fd);

#endif

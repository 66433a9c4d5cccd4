/*
 * The downstream MCP server: both eras, one table of methods, whatever the
 * transport.
 *
 * A transport hands messages in and gets messages out through a `struct
 * mcp_channel`; sessions (legacy) are objects here, none exist for modern
 * requests.
 */
#ifndef PROXY_MCP_SERVER_H
#define PROXY_MCP_SERVER_H

#include <stdbool.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/span.h"
#include "proxy/config/config.h"
#include "proxy/exec/exec.h"
#include "proxy/upstream/upstreams.h"

struct mcp_server;

struct mcp_parts {
    struct loop *loop;
    const struct config *config;
    struct upstreams *upstreams;
    struct exec_service *exec; /* NULL with mode: passthrough, where no code is run */
    const char *version;
    /* Something costly is needed now (the first real request): starts upstreams, zygote, compiler.
     */
    loop_fn *start;
    void *start_ctx;
};

struct mcp_server *mcp_server_new(const struct mcp_parts *parts);
/* The catalogue has changed: tells those who listen. */
void mcp_server_catalogue_changed(struct mcp_server *server);
/* A resource that somebody subscribed to has changed, as upstreams_events tell it. */
void mcp_server_resource_updated(struct mcp_server *server,
                                 const char *server_key,
                                 struct span session,
                                 struct span params);
/* A server says that the user is done at the URL of a question (upstreams_events.on_visited): the
 * client that was asked is told, on the stream of its call while that goes on, else where the
 * session's other messages go (2025-11-25, client/elicitation "Completion Notifications").  What
 * nobody reads or knows is dropped. */
void mcp_server_visited(struct mcp_server *server, struct span session_name, uint64_t number);
/* Lists (bits) are others on a session's own connection.  Of a mirror that is told to the session,
 * whose lists come over it; else nobody sees these lists. */
void mcp_server_session_lists(struct mcp_server *server,
                              const char *server_key,
                              struct span session,
                              unsigned lists);
/* Whether what is told to that session now reaches its client. */
bool mcp_server_is_heard(const struct mcp_server *server, struct span session);
/* Ends subscriptions and cancels executions; what still comes is refused. */
void mcp_server_stop(struct mcp_server *server);
/* All executions must have ended (mcp_server_stop, then exec_service_stop).  Takes NULL. */
void mcp_server_free(struct mcp_server *server);

/* Serves MCP over a pair of descriptors (stdin and stdout); `on_end` when the client is gone and
 * all is answered. */
struct mcp_stdio;
struct mcp_stdio *mcp_stdio_new(
    struct mcp_server *server, int in_fd, int out_fd, loop_fn *on_end, void *ctx, struct err *err);
void mcp_stdio_free(struct mcp_stdio *stdio);

/* Serves MCP at /mcp over Streamable HTTP, and /healthz and /readyz, at the configured address. */
struct mcp_http;
struct mcp_http *mcp_http_new(struct mcp_server *server, struct err *err);
/* The port in use (the configured one may be 0). */
int mcp_http_port(const struct mcp_http *http);
/* What /readyz says: `fn` returns true when ready, else false with a reason. */
void mcp_http_set_ready(struct mcp_http *http,
                        bool (*fn)(void *ctx, const char **ret_why),
                        void *ctx);
void mcp_http_free(struct mcp_http *http);

#endif

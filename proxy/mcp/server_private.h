/*
 * The downstream server's state and what its files share.  Private to mcp/.
 */
#ifndef PROXY_MCP_SERVER_PRIVATE_H
#define PROXY_MCP_SERVER_PRIVATE_H

#include "proxy/mcp/call.h"
#include "proxy/mcp/changes.h"
#include "proxy/mcp/exposed.h"
#include "proxy/mcp/request_state.h"
#include "proxy/mcp/server.h"
#include "proxy/mcp/session.h"

TAILQ_HEAD(mcp_call_list, mcp_call);

enum settle_state { SETTLE_NOT_ASKED, SETTLE_WAITING, SETTLE_DONE };

struct mcp_server {
    struct mcp_parts parts;
    char *info; /* {"name","version"} as JSON */
    struct session_store sessions;
    struct mcp_call_list calls;     /* all that are not answered */
    struct mcp_call_list waiting;   /* for the upstreams to settle */
    struct mcp_call_list suspended; /* without a request of the client: asking.h */
    size_t kept_bytes;              /* of answers in these */
    uint64_t questions;             /* of servers that were put so far */
    struct request_state_key state_key;
    enum settle_state settle;
    bool stopping;
    struct tools_variant *tools; /* the tools arrays sent last, one for each profile in use */
    struct exposed_list prompts, tool_names;
    struct change_state lists[CHANGE_KINDS];
    bool *pins_missing;           /* one for each of expose.tools: that was logged */
    struct loop_timer *changed;   /* gathers changes before clients are told */
    struct session_list unstored; /* sessions of stdio connections */
};

/* One message from a client, of known era, its envelope read. */
struct inbound {
    struct rpc_message message; /* spans of text */
    struct span text;
    enum era era;
    const struct envelope *envelope;
    struct mcp_session *session; /* NULL for modern HTTP */
    int principal; /* which bearer token it came with; 0 on stdio and without tokens */
    struct mcp_channel channel;
    bool has_mode; /* the URL says what is offered */
    enum offer_mode mode;
};

/* Where our own resources are; those of servers are in wrapped_uri.h. */
#define RESULT_TEMPLATE_URI "mcpfold://results/{id}{?offset}"

/* True when the era knows the method, and it is offered. */
bool server_knows(const struct mcp_server *server, enum era era, struct span method);

/* Takes a request; its answer goes to the channel, maybe before this returns. */
void server_request(struct mcp_server *server, const struct inbound *in);

/* Takes a notification. */
void server_notification(struct mcp_server *server, const struct inbound *in);

/* Cancels the session's call of that id: nothing more is sent for it. */
void server_cancel(struct mcp_server *server, struct mcp_session *session, struct span id);

/* The channel with this ctx is gone; with `cancel` the client's interest is gone too. */
void server_channel_gone(struct mcp_server *server, void *channel_ctx, bool cancel);

/* The requests of the channel with this ctx go on with another one. */
void server_channel_moved(struct mcp_server *server,
                          const void *channel_ctx,
                          const struct mcp_channel *to);

/* What a session is called towards servers: upstream_caller.session. */
const char *server_session_name(const struct mcp_session *session);

/* The session that is called so; NULL when there is none. */
struct mcp_session *server_session_named(struct mcp_server *server, struct span name);

/* The session ends: its calls are cancelled; it is the caller's to free. */
void server_session_gone(struct mcp_server *server, struct mcp_session *session);

/* Runs `run(call)` when the upstreams are settled (at once when they are). */
void server_when_settled(struct mcp_call *call, void (*run)(struct mcp_call *call));

/* Handlers; each answers its call. */
void legacy_initialize(struct mcp_call *call);
void legacy_ping(struct mcp_call *call);
void legacy_set_level(struct mcp_call *call);
void modern_discover(struct mcp_call *call);
void listen_start(struct mcp_call *call);
void tools_list(struct mcp_call *call);
void tools_call(struct mcp_call *call);
void resources_list(struct mcp_call *call);
void resources_templates(struct mcp_call *call);
void resources_read(struct mcp_call *call);
void completion_complete(struct mcp_call *call);

/* Raw ServerCapabilities of a server; empty when it is not connected. */
struct span server_upstream_capabilities(const struct mcp_server *server, const char *server_key);
/* True when it is connected. */
bool server_upstream_is_there(const struct mcp_server *server, const char *server_key);
/* ERA_UNKNOWN when it is not connected. */
enum era server_upstream_era(const struct mcp_server *server, const char *server_key);
/* True when a server has a capability, and in it a member that is true (NULL: none is needed). */
bool server_upstream_can(const struct mcp_server *server,
                         const char *server_key,
                         const char *capability,
                         const char *member);

/* True when clients are told apart by tokens, so that what one is told is not for all. */
bool server_has_tokens(const struct mcp_server *server);

/* Ends a subscription gracefully. */
void listen_end(struct mcp_call *call);
/* Sends a notification on a subscription; `params` is an object or empty. */
void listen_tell(struct mcp_call *call, const char *method, struct span params);

/* Makes the tools arrays that were sent of the catalogue as it is now; true when one differs. */
bool tools_refresh(struct mcp_server *server);
struct tools_variant;
void tools_free(struct tools_variant *variant); /* with all behind it; takes NULL */

/* `"capabilities":{...}` and `"instructions":"..."`, as this client gets them. */
void server_write_capabilities(const struct mcp_call *call, struct buf *out);
void server_write_instructions(const struct mcp_call *call, struct buf *out);

#endif

/*
 * The two eras of MCP as a client sees them: what a handshake asks and what
 * its answer says, what every request carries beside its params, which headers
 * mirror it.  era_legacy.c and era_modern.c are the only files that know.
 */
#ifndef PROXY_UPSTREAM_ERA_H
#define PROXY_UPSTREAM_ERA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "proxy/rpc/protocol.h"
#include "proxy/upstream/headers.h"
#include "proxy/upstream/rpc_client.h"
#include "proxy/upstream/watches.h"

/* What we call ourselves to servers. MCPFOLD_VERSION comes from the build. */
#define ERA_CLIENT_INFO "{\"name\":\"mcpfold\",\"version\":\"" MCPFOLD_VERSION "\"}"

/* A list that a server may have, and whether it tells of changes. */
struct server_list {
    bool offered, tells_changes;
};

/* What a handshake told of a server. */
struct server_info {
    char *protocol; /* the revision in use; owned, as all strings here; NULL before the handshake */
    char *title, *version, *instructions; /* NULL where it says nothing */
    char *capabilities;                   /* raw, as it told them; NULL when it told none */
    struct server_list tools, resources, prompts;
    bool runs_tasks;             /* tools/call may ask for a task (2025-11-25) */
    bool tells_resource_changes; /* of resources that are subscribed to */
    bool logs;                   /* notifications/message, at a level that is set */
};

void server_info_done(struct server_info *info);

/* Reads `capabilities`, `instructions` and what `implementation` (serverInfo) says. */
void server_info_read(struct server_info *info, struct span result, struct span implementation);

/* What an answer to the handshake means. */
enum era_verdict {
    ERA_VERDICT_TAKEN,  /* it is of this era */
    ERA_VERDICT_OTHER,  /* try the other era */
    ERA_VERDICT_FAILED, /* it is of no use now; err says why */
};

struct era_ops {
    enum era era;
    const char *handshake; /* the method */
    int (*write_handshake_params)(struct buf *out, const struct server_config *server);
    enum era_verdict (*read_handshake)(struct server_info *info,
                                       struct span result,
                                       struct err *err);
    /* The handshake was answered with an error, or not at all. */
    enum era_verdict (*judge_failure)(const struct rpc_failure *failure, struct err *err);
    /* The notification that ends the handshake; NULL when there is none. */
    const char *handshake_end;

    /* Appends the params of a request with its metadata. */
    int (*write_params)(struct buf *out, const struct rpc_request *request, uint64_t id);
    /* Adds the headers of a message; `request` is NULL for a notification or an answer. */
    int (*add_headers)(struct header_list *out,
                       const char *method,
                       const struct rpc_request *request,
                       const struct server_info *info,
                       struct err *err);
    enum rpc_result (*check_result)(struct span result, struct err *err);
    /* Whether a cancelled request is told by notifications/cancelled (else by closing its stream).
     */
    bool (*cancels_by_notification)(const struct transport *transport);
    bool answers_requests; /* servers of this era may send requests */
    bool has_sessions;     /* over HTTP, with a stream for unsolicited messages */
    /* How changes of the lists are asked for: a method whose answer never comes; NULL: unasked. */
    const char *subscribe;
    /* False when there is nothing that the server would tell. */
    bool (*write_subscribe_params)(struct buf *out,
                                   const struct server_info *info,
                                   const struct watches *watches);
    /* Methods that ask, one by one, for changes of a resource and that end it; NULL where
     * `subscribe` asks for all. */
    const char *watch, *unwatch;
    /* The method that sets the least level of log messages; NULL: each request carries its own. */
    const char *set_log_level;
};

extern const struct era_ops era_legacy;
extern const struct era_ops era_modern;

/* Appends the members of a raw object, with a comma before where needed. */
void era_write_members(struct buf *out, struct span object);

/* Appends `params` as an object without its `_meta`, with `meta` (an object) in its place. */
int era_write_params(struct buf *out, struct span params, struct span meta);

#endif

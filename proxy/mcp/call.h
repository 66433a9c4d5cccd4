/*
 * One request of a client, from its arrival to its answer.  Private to mcp/.
 *
 * A method's handler answers with call_result or call_fault, now or later,
 * exactly once; a call that was cancelled may be answered too, nobody hears it.
 */
#ifndef PROXY_MCP_CALL_H
#define PROXY_MCP_CALL_H

#include <stdbool.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/loop.h"
#include "proxy/exec/exec.h"
#include "proxy/mcp/envelope.h"
#include "proxy/mcp/fault.h"
#include "proxy/mcp/session.h"
#include "proxy/mcp/subscription.h"
#include "proxy/rpc/message.h"
#include "proxy/rpc/protocol.h"

struct mcp_server;
struct asking;

/* Where a request's messages go.  `answer` or `drop` is the last that is called, and only one. */
struct mcp_channel {
    /* A notification that belongs to the request. */
    void (*notify)(void *ctx, struct span message);
    /* A request of ours that belongs to it, to a legacy client. */
    void (*request)(void *ctx, struct span message);
    /* The answer. */
    void (*answer)(void *ctx, int http_status, struct span message);
    /* The request was cancelled by the client's message: no answer comes. */
    void (*drop)(void *ctx);
    void *ctx;
    bool streams; /* notifications get through */
};

struct progress {
    char *token; /* raw; NULL when the client wants none */
    double last; /* the greatest value sent */
    bool any;
};

struct mcp_call {
    TAILQ_ENTRY(mcp_call) link;         /* of the server's calls, or of those suspended */
    TAILQ_ENTRY(mcp_call) waiting_link; /* of those that wait for the upstreams */
    struct mcp_server *server;
    struct mcp_session *session; /* whose ids and log level count; NULL for modern HTTP */
    enum era era;
    struct mcp_channel channel;
    bool detached; /* the channel is gone */
    bool waiting;
    bool listening;                         /* an open subscription */
    unsigned listens;                       /* to which lists: bits by enum change_kind */
    struct subscription_list subscriptions; /* to resources, of a modern subscription */
    void (*run)(struct mcp_call *call);     /* what follows the wait */
    char *text;                             /* owned: the message */
    struct rpc_message message;             /* spans of text */
    struct progress progress;
    enum message_level log_level; /* the least that the client wants */
    int principal;                /* which bearer token it came with */
    bool has_mode;                /* the client's URL says what it is offered */
    enum offer_mode mode;
    struct exec *exec;     /* while it runs */
    struct asking *asking; /* owned; from the first question of a server on */
    bool aside;            /* it has no request of the client now (asking.h) */
    /* While a server is asked in its place. */
    struct upstream_call *relayed;
    char *relayed_to; /* owned: the server's key */
    void (*relay_answer)(struct mcp_call *call, const char *server_key, struct span result);
    bool relay_verbatim; /* answers of type input_required are the client's */
    bool relay_wraps;    /* structured content stands in an object (tools_named.h) */
};

/* What a result consists of besides what its era demands. */
struct call_result {
    struct buf members;  /* `"name":value` pairs, comma separated */
    struct buf meta;     /* the same for `_meta` */
    int ttl_ms;          /* with CALL_TTL_NONE the modern result carries no caching hints */
    bool per_client;     /* cacheScope private */
    bool input_required; /* resultType */
};

#define CALL_TTL_NONE (-1)
#define CALL_RESULT_INIT                                                               \
    {                                                                                  \
        .members = BUF(LIMIT_RPC_MESSAGE_BYTES), .meta = BUF(LIMIT_RPC_MESSAGE_BYTES), \
        .ttl_ms = CALL_TTL_NONE                                                        \
    }

static inline void call_result_cleanup(struct call_result *result)
{
    buf_done(&result->members);
    buf_done(&result->meta);
}

/* Answers and ends the call; it is freed at the end of the turn. */
void call_answer(struct mcp_call *call, const struct call_result *result);
/* As call_answer, with a whole result that another answer of such a call had. */
void call_answer_raw(struct mcp_call *call, struct span result);
void call_answer_fault(struct mcp_call *call, const struct fault *fault);

/* Answers with an error as a server told it; `data` is raw or empty. */
void call_answer_error(
    struct mcp_call *call, int http_status, int code, struct span text, struct span data);

/* No cursor is given out for a list of one page, so none can come back: true when one did, and that
 * was answered. */
bool call_refuse_cursor(struct mcp_call *call);

/* Sends a notification that belongs to the call; `params` is a raw object. */
void call_notify(struct mcp_call *call, const char *method, struct span params);

/* A member of params; false when absent. */
bool call_param(const struct mcp_call *call, const char *name, struct span *ret_value);

/* The client's name, by its session or by the request itself, which the caller frees; NULL when it
 * does not say. */
char *call_client_name(const struct mcp_call *call);

/* Appends what the client's session is called towards servers (upstream_caller.session), in at most
 * CALL_SESSION_BYTES.  Requests without a session of one principal are of one client as far as can
 * be told. */
#define CALL_SESSION_BYTES 256
void call_session_name(const struct mcp_call *call, struct buf *out);

/*
 * On whose behalf the call's requests to servers are made: the client's capabilities (of the
 * request, or of its session), the session, the least level of log messages, `_meta`.  Spans are
 * of the call and its session.  `ret_session` holds the session's name and must outlive the caller.
 */
void call_caller(const struct mcp_call *call,
                 struct buf *ret_session,
                 struct upstream_caller *ret_caller);

/* Ends a call without an answer (it was cancelled). */
void call_drop(struct mcp_call *call);

/* Ends a call that no request waits for. */
void call_end(struct mcp_call *call);

/* Tells what the call waits for to stop; its end will answer the call.  False when it waits for
 * nothing. */
bool call_stop(struct mcp_call *call, const char *why);

/* Answers the request, but the call goes on without one. */
void call_suspend(struct mcp_call *call, const struct call_result *result);
/* The call has no request any more. */
void call_set_aside(struct mcp_call *call);
/* The call goes on with the request of `retry`, which is no call of its own any more.  A request
 * that it still had is answered with an error. */
void call_resume(struct mcp_call *call, struct mcp_call *retry);

/* Raw ClientCapabilities of the request, or of its session; empty when none are known. */
struct span call_capabilities(const struct mcp_call *call);

/* True when the client's revision is at least this one; modern is later than all. */
bool call_version_at_least(const struct mcp_call *call, const char *version);

/* notifications/progress and notifications/message, when they are wanted. */
void call_progress(struct mcp_call *call, double progress, double total, struct span text);
void call_log(struct mcp_call *call, struct span console_level, struct span text);
/* A server's own: raw params of its notifications/message. */
void call_server_log(struct mcp_call *call, const char *server, struct span params);

#endif

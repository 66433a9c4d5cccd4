/*
 * Sessions of legacy clients: one each `initialize` over HTTP, one each stdio
 * connection.  Modern requests have none.  Private to mcp/.
 */
#ifndef PROXY_MCP_SESSION_H
#define PROXY_MCP_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <uthash.h>

#include "base/err.h"
#include "base/span.h"
#include "proxy/mcp/event_store.h"
#include "proxy/mcp/subscription.h"
#include "proxy/rpc/log_level.h"

#define SESSION_ID_CHARACTERS 32
/* A client's name that is longer is no known one. */
#define CLIENT_NAME_BYTES 64

struct mcp_session {
    char id[SESSION_ID_CHARACTERS + 1]; /* empty: of a stdio connection, in no store */
    int principal;                      /* which bearer token opened it; only that one may use it */
    const char *version; /* the negotiated revision, a constant; NULL before initialize */
    char client[CLIENT_NAME_BYTES + 1]; /* clientInfo.name; empty before initialize */
    char *capabilities; /* owned: raw ClientCapabilities of initialize; NULL before it */
    enum message_level log_level;
    uint64_t used_ms;                       /* of loop_now_ms */
    unsigned calls;                         /* of its requests that are not answered */
    unsigned streams;                       /* open GET streams */
    struct subscription_list subscriptions; /* to resources */
    unsigned questions;                     /* of servers that its client has not answered yet */
    bool silent;                            /* its client can't answer: stdin has ended */
    struct event_history history;           /* over HTTP: what its streams carried */
    /* Sends a message that belongs to no request; returns false when nobody listens.  Set by the
     * transport. */
    bool (*notify)(void *ctx, struct span message);
    void *notify_ctx;
    /* One of its requests has ended, answered or not.  May be NULL. */
    void (*on_call_end)(struct mcp_session *session);
    TAILQ_ENTRY(mcp_session) link; /* in order of last use */
    UT_hash_handle hh;
};

struct session_store {
    struct event_store events;
    struct mcp_session *by_id;
    TAILQ_HEAD(session_list, mcp_session) by_use; /* the longest unused first */
    /* One is about to be removed.  May be NULL. */
    void (*on_remove)(void *ctx, struct mcp_session *session);
    void *ctx;
};

void session_store_init(struct session_store *store);
void session_store_done(struct session_store *store);

/*
 * A new session with a random id.  When LIMIT_SESSIONS are open, the one
 * unused for longest goes that has neither calls nor streams; NULL with
 * ERR_LIMIT when all have.
 */
struct mcp_session *
session_store_add(struct session_store *store, int principal, uint64_t now_ms, struct err *err);

/* The session of that id and principal, marked as used; NULL when there is none. */
struct mcp_session *
session_store_find(struct session_store *store, struct span id, int principal, uint64_t now_ms);

/* The session of that id, whoever may use it, without a use of it; NULL when there is none. */
struct mcp_session *session_store_named(const struct session_store *store, struct span id);

/* Forgets and frees a session; nothing may refer to it any more. */
void session_store_remove(struct session_store *store, struct mcp_session *session);
/* Forgets it; it is the caller's, for session_free. */
void session_store_detach(struct session_store *store, struct mcp_session *session);
/* Frees a session of a store that was detached; a loop_fn. */
void session_free(void *object);

/* A session's state before `initialize`. */
void session_init(struct mcp_session *session);

/* True when the session has a revision, and it is at least this one. */
bool session_version_at_least(const struct mcp_session *session, const char *version);

/* Sends a notification that belongs to no request; `params` is an object or empty.  False when
 * nobody listens, or before `initialize`. */
bool session_tell(struct mcp_session *session, const char *method, struct span params);

/* Frees what a session owns, not the session itself. */
void session_done(struct mcp_session *session);

#endif

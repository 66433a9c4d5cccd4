/*
 * The store: by id for requests, by last use for making room.
 */
#include "proxy/mcp/session.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/random.h"

void session_init(struct mcp_session *session)
{
    *session = (struct mcp_session){ .log_level = MESSAGE_INFO };
    TAILQ_INIT(&session->subscriptions);
}

void session_done(struct mcp_session *session)
{
    free(session->capabilities);
}

void session_store_init(struct session_store *store)
{
    *store = (struct session_store){ .by_id = NULL };
    event_store_init(&store->events);
    TAILQ_INIT(&store->by_use);
}

void session_store_detach(struct session_store *store, struct mcp_session *session)
{
    if (store->on_remove)
        store->on_remove(store->ctx, session);
    HASH_DEL(store->by_id, session);
    TAILQ_REMOVE(&store->by_use, session, link);
}

void session_free(void *object)
{
    struct mcp_session *session = object;

    event_history_done(&session->history);
    session_done(session);
    free(session);
}

void session_store_remove(struct session_store *store, struct mcp_session *session)
{
    session_store_detach(store, session);
    session_free(session);
}

void session_store_done(struct session_store *store)
{
    while (!TAILQ_EMPTY(&store->by_use))
        session_store_remove(store, TAILQ_FIRST(&store->by_use));
}

static int make_room(struct session_store *store, struct err *err)
{
    struct mcp_session *session;

    if (HASH_COUNT(store->by_id) < LIMIT_SESSIONS)
        return 0;
    TAILQ_FOREACH(session, &store->by_use, link)
    {
        if (session->calls || session->streams)
            continue;
        log_info("mcp", "session_dropped", LOG_STR("why", "SESSIONS reached"));
        session_store_remove(store, session);
        return 0;
    }
    return err_set(err, ERR_LIMIT, "SESSIONS (%d) are open and all in use", LIMIT_SESSIONS);
}

struct mcp_session *
session_store_add(struct session_store *store, int principal, uint64_t now_ms, struct err *err)
{
    struct mcp_session *session;

    if (make_room(store, err) < 0)
        return NULL;
    session = NEW(struct mcp_session);
    session_init(session);
    event_history_init(&session->history, &store->events);
    random_hex(session->id, SESSION_ID_CHARACTERS / 2);
    session->principal = principal;
    session->used_ms = now_ms;
    HASH_ADD_STR(store->by_id, id, session);
    TAILQ_INSERT_TAIL(&store->by_use, session, link);
    return session;
}

static struct mcp_session *find(const struct session_store *store, struct span id)
{
    struct mcp_session *session = NULL;

    if (id.len == SESSION_ID_CHARACTERS)
        HASH_FIND(hh, store->by_id, id.data, (unsigned)id.len, session);
    return session;
}

const struct mcp_session *session_store_look(const struct session_store *store, struct span id)
{
    return find(store, id);
}

struct mcp_session *
session_store_find(struct session_store *store, struct span id, int principal, uint64_t now_ms)
{
    struct mcp_session *session = find(store, id);

    if (!session || session->principal != principal)
        return NULL;
    session->used_ms = now_ms;
    TAILQ_REMOVE(&store->by_use, session, link);
    TAILQ_INSERT_TAIL(&store->by_use, session, link);
    return session;
}

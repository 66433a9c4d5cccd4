#include "proxy/mcp/subscription.h"

#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/located.h"
#include "proxy/mcp/server_private.h"

static struct subscription *
find(const struct subscription_list *list, const char *server_key, struct span uri)
{
    struct subscription *subscription;

    TAILQ_FOREACH(subscription, list, link)
    {
        if (strcmp(subscription->server_key, server_key) == 0 && span_is(uri, subscription->uri))
            return subscription;
    }
    return NULL;
}

static bool is_full(const struct subscription_list *list)
{
    const struct subscription *subscription;
    unsigned count = 0;

    TAILQ_FOREACH(subscription, list, link)
    count++;
    return count >= LIMIT_SUBSCRIPTIONS;
}

/* The session's name for a server that it has a connection of its own to, else nothing. */
static void
name_connection(const struct mcp_call *call, const char *server_key, struct buf *ret_name)
{
    const struct server_config *server = config_find_server(call->server->parts.config, server_key);

    if (server && server->isolation == ISOLATION_SESSION)
        call_session_name(call, ret_name);
}

static int insert(const struct mcp_call *call,
                  struct subscription_list *list,
                  const struct located *located,
                  struct fault *fault)
{
    CLEANUP(buf) struct buf connection = BUF(CALL_SESSION_BYTES);
    struct span uri = buf_span(&located->uri);
    struct subscription *subscription;
    struct err err = ERR_INIT;

    name_connection(call, located->server_key, &connection);
    if (upstreams_watch(call->server->parts.upstreams, span_of(located->server_key),
                        buf_span(&connection), uri, &err) < 0)
        return fault_set(fault, RPC_INTERNAL_ERROR, 200, "%s", err.text);
    subscription = NEW(struct subscription);
    subscription->server_key = xstrdup(located->server_key);
    subscription->connection = xstrdup(buf_str(&connection));
    subscription->uri = span_dup(uri);
    TAILQ_INSERT_TAIL(list, subscription, link);
    return 1;
}

/* One that is away is asked when it is back, if it can then. */
static bool may_subscribe(const struct mcp_server *server, const char *server_key)
{
    return !server_upstream_is_there(server, server_key) ||
           server_upstream_can(server, server_key, "resources", "subscribe");
}

int subscription_add(const struct mcp_call *call,
                     struct subscription_list *list,
                     struct span raw_uri,
                     struct fault *fault)
{
    CLEANUP(located) struct located located = LOCATED_INIT;

    if (located_read(call, raw_uri, &located) < 0)
        return located_not_found(call, raw_uri, fault);
    if (!may_subscribe(call->server, located.server_key))
        return 0;
    if (find(list, located.server_key, buf_span(&located.uri)))
        return 1;
    if (is_full(list))
        return fault_set(fault, RPC_INTERNAL_ERROR, 200,
                         "More than SUBSCRIPTIONS (%d) resources are subscribed to",
                         LIMIT_SUBSCRIPTIONS);
    return insert(call, list, &located, fault);
}

static void
drop(struct mcp_server *server, struct subscription_list *list, struct subscription *subscription)
{
    TAILQ_REMOVE(list, subscription, link);
    upstreams_unwatch(server->parts.upstreams, span_of(subscription->server_key),
                      span_of(subscription->connection), span_of(subscription->uri));
    free(subscription->server_key);
    free(subscription->connection);
    free(subscription->uri);
    free(subscription);
}

void subscription_remove(const struct mcp_call *call,
                         struct subscription_list *list,
                         struct span raw_uri)
{
    CLEANUP(located) struct located located = LOCATED_INIT;
    struct subscription *found;

    if (located_read(call, raw_uri, &located) < 0)
        return;
    found = find(list, located.server_key, buf_span(&located.uri));
    if (found)
        drop(call->server, list, found);
}

void subscription_clear(struct mcp_server *server, struct subscription_list *list)
{
    while (!TAILQ_EMPTY(list))
        drop(server, list, TAILQ_FIRST(list));
}

/* A change may be told of a part of what was subscribed to (2025-11-25, ResourceUpdated). */
static bool is_part(struct span uri, struct span whole)
{
    if (!span_starts_with(uri, whole))
        return false;
    return uri.len == whole.len || whole.data[whole.len - 1] == '/' ||
           strchr("/?#", uri.data[whole.len]) != NULL;
}

bool subscription_covers(const struct subscription_list *list,
                         const char *server_key,
                         struct span connection,
                         struct span uri)
{
    const struct subscription *subscription;

    TAILQ_FOREACH(subscription, list, link)
    {
        if (strcmp(subscription->server_key, server_key) == 0 &&
            span_is(connection, subscription->connection) &&
            is_part(uri, span_of(subscription->uri)))
            return true;
    }
    return false;
}

/* ---- resources/subscribe, resources/unsubscribe ---- */

static void answer(struct mcp_call *call, const struct fault *fault)
{
    CLEANUP(call_result) struct call_result result = CALL_RESULT_INIT;

    if (fault->code)
        call_answer_fault(call, fault);
    else
        call_answer(call, &result);
}

static void run_start(struct mcp_call *call)
{
    struct fault fault = FAULT_INIT;
    struct span uri = SPAN_NONE;

    call_param(call, "uri", &uri);
    if (subscription_add(call, &call->session->subscriptions, uri, &fault) == 0)
        fault_set(&fault, RPC_METHOD_NOT_FOUND, 200,
                  "The server of this resource has no subscriptions");
    answer(call, &fault);
}

void resources_subscribe(struct mcp_call *call)
{
    server_when_settled(call, run_start);
}

void resources_unsubscribe(struct mcp_call *call)
{
    struct fault fault = FAULT_INIT;
    struct span uri = SPAN_NONE;

    call_param(call, "uri", &uri);
    subscription_remove(call, &call->session->subscriptions, uri);
    answer(call, &fault);
}

#include "proxy/upstream/upstream_private.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

/* --- from the server --- */

/* Of which list it tells a change; 0: of none. */
static unsigned list_told(struct span method)
{
    if (span_is(method, "notifications/tools/list_changed"))
        return UPSTREAM_TOOLS;
    if (span_is(method, "notifications/prompts/list_changed"))
        return UPSTREAM_PROMPTS;
    return span_is(method, "notifications/resources/list_changed") ? UPSTREAM_RESOURCES : 0;
}

/* True when a client was sent there.  What two sessions were given under one id is told to none:
 * each may be done without the other. */
static bool tell_visited(struct upstream *upstream, struct span id)
{
    uint64_t now_ms = loop_now_ms(upstream->options.loop);
    bool mixed = visits_are_mixed(&upstream->visits, id, now_ms), any = false;
    struct visit *visit;

    if (mixed)
        log_info("upstream", "visit_of_nobody", LOG_STR("server", upstream->options.server->key),
                 LOG_STR("why", "the server has given one elicitationId to several clients; set "
                                "isolation: session for it"));
    while ((visit = visits_take(&upstream->visits, id, now_ms))) {
        any = true;
        if (!mixed)
            upstream->options.on_visited(upstream->options.ctx, span_of(visit->session),
                                         visit->number);
        visit_free(visit);
    }
    return any;
}

/* notifications/elicitation/complete.  True when somebody waits for that. */
static bool complete(struct upstream *upstream, struct span params)
{
    CLEANUP(str) char *id = NULL;
    struct span value;
    bool known;

    if (json_get(params, "elicitationId", &value))
        id = json_dup_string(value, LIMIT_ELICITATION_ID_BYTES);
    known = id && tell_visited(upstream, span_of(id));
    return upstream_calls_complete(&upstream->calls, params) || known;
}

/* True when a call or a client takes it. */
static bool
is_of_a_call(struct upstream *upstream, struct span method, struct span params, uint64_t request_id)
{
    if (span_is(method, "notifications/message"))
        return upstream_calls_log(&upstream->calls, params, request_id);
    return span_is(method, "notifications/elicitation/complete") && complete(upstream, params);
}

void upstream_on_notification(void *ctx,
                              struct span method,
                              struct span params,
                              uint64_t request_id)
{
    struct upstream *upstream = ctx;
    const char *key = upstream->options.server->key;
    unsigned list = list_told(method);

    if (is_of_a_call(upstream, method, params, request_id))
        return;
    if (list)
        upstream_note_list_change(upstream, list);
    else if (span_is(method, "notifications/message"))
        server_log_message(&upstream->log, params);
    else if (span_is(method, "notifications/resources/updated"))
        upstream->options.on_resource_updated(upstream->options.ctx, key, params);
    else
        log_debug("upstream", "notification", LOG_STR("server", key), LOG_SPAN("method", method));
}

void upstream_on_ask(void *ctx, struct ask *ask, uint64_t request_id)
{
    upstream_calls_put(&((struct upstream *)ctx)->calls, ask, request_id);
}

void upstream_on_ask_gone(void *ctx, struct ask *ask)
{
    (void)ctx;
    upstream_call_lose(ask);
}

/* --- calls --- */

enum upstream_gate upstream_gate(const struct upstream *upstream, struct err *err)
{
    const char *key = upstream->options.server->key;

    if (upstream->step == STEP_READY)
        return UPSTREAM_OPEN;
    if (upstream->server->state == SERVER_DISABLED) {
        err_set(err, ERR_UNAVAILABLE, "server '%s' is disabled in the configuration", key);
        return UPSTREAM_CLOSED;
    }
    if (upstream->server->state == SERVER_DOWN) {
        err_set(err, ERR_UNAVAILABLE, "server '%s' is down: %s", key, upstream->server->problem);
        return UPSTREAM_CLOSED;
    }
    if (upstream->step == STEP_STOPPING || upstream->step == STEP_STOPPED) {
        err_set(err, ERR_UNAVAILABLE, "server '%s' is being stopped", key);
        return UPSTREAM_CLOSED;
    }
    return UPSTREAM_WAIT;
}

struct rpc_call *upstream_send(struct upstream *upstream,
                               const struct rpc_request *request,
                               const struct rpc_call_events *events,
                               void *ctx)
{
    return connection_call(upstream->connection, request, events, ctx);
}

bool upstream_relist(struct upstream *upstream)
{
    struct upstream *shared = upstream->options.shared;

    if (!connection_mirrors_params(upstream->connection))
        return false;
    /* This call fails; the next one of the session knows better. */
    if (shared) {
        upstream_note_list_change(shared, UPSTREAM_TOOLS);
        return false;
    }
    if (!upstream->builder)
        upstream_read_lists(upstream);
    return true;
}

const struct server_config *upstream_config(const struct upstream *upstream)
{
    return upstream->options.server;
}

enum era upstream_era(const struct upstream *upstream)
{
    return upstream->connection ? connection_era(upstream->connection) : ERA_UNKNOWN;
}

static const struct tool *find_tool(const struct upstream *upstream, struct span name)
{
    const struct upstream *listed = upstream->options.shared ? upstream->options.shared : upstream;

    return catalogue_find_tool(listed->server, name);
}

bool upstream_requires_task(const struct upstream *upstream, struct span tool_name)
{
    const struct tool *tool = find_tool(upstream, tool_name);
    struct span support;

    return tool && connection_era(upstream->connection) == ERA_LEGACY &&
           connection_info(upstream->connection)->runs_tasks &&
           json_get_path(span_of(tool->definition),
                         (const char *[]){ "execution", "taskSupport", NULL }, &support) &&
           json_string_is(support, "required");
}

struct span upstream_header_schema(const struct upstream *upstream, struct span tool_name)
{
    const struct tool *tool = find_tool(upstream, tool_name);
    struct span schema = SPAN_NONE;

    if (tool && connection_mirrors_params(upstream->connection))
        json_get(span_of(tool->definition), "inputSchema", &schema);
    return schema;
}

/* --- resources --- */

void upstream_watch(struct upstream *upstream, struct span uri)
{
    if (watches_add(&upstream->watches, uri) && upstream->step == STEP_READY)
        connection_watch(upstream->connection, uri, true);
}

void upstream_unwatch(struct upstream *upstream, struct span uri)
{
    if (watches_remove(&upstream->watches, uri) && upstream->step == STEP_READY)
        connection_watch(upstream->connection, uri, false);
}

/* --- URLs that clients are sent to --- */

void upstream_note_visit(struct upstream *upstream,
                         struct span id,
                         struct span session,
                         uint64_t number)
{
    visits_add(&upstream->visits, id, session, number, loop_now_ms(upstream->options.loop));
}

void upstream_drop_visit(struct upstream *upstream, struct span session, uint64_t number)
{
    visits_drop(&upstream->visits, session, number);
}

void upstream_session_gone(struct upstream *upstream, struct span session)
{
    visits_forget(&upstream->visits, session);
}

bool upstream_is_watched(const struct upstream *upstream)
{
    return upstream->watches.first != NULL;
}

void upstream_inherit_watches(struct upstream *upstream, struct upstream *over)
{
    upstream->watches = over->watches;
    over->watches = (struct watches){ .first = NULL };
    upstream->missed = true;
}

static void tell_one(struct upstream *upstream, const char *uri)
{
    CLEANUP(buf) struct buf params = BUF(LIMIT_RPC_MESSAGE_BYTES);

    buf_add_char(&params, '{');
    json_write_member_string(&params, "uri", span_of(uri));
    buf_add_char(&params, '}');
    if (!buf_failed(&params))
        upstream->options.on_resource_updated(upstream->options.ctx, upstream->options.server->key,
                                              buf_span(&params));
}

/* Of a copy: who is told may end watches. */
void upstream_tell_watched(struct upstream *upstream)
{
    size_t count = HASH_COUNT(upstream->watches.first), i = 0;
    char **uris = xcalloc(count + 1, sizeof(*uris));

    for (const struct watch *watch = upstream->watches.first; watch; watch = watch->hh.next)
        uris[i++] = xstrdup(watch->uri);
    for (i = 0; i < count; i++) {
        tell_one(upstream, uris[i]);
        free(uris[i]);
    }
    free(uris);
}

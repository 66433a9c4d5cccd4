/*
 * One table of methods for both eras; what comes in by any transport passes
 * here, and every request that is not answered yet is in one list.
 */
#include "proxy/mcp/server.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "proxy/mcp/asking.h"
#include "proxy/mcp/capabilities.h"
#include "proxy/mcp/mirror.h"
#include "proxy/mcp/mode.h"
#include "proxy/mcp/pinned.h"
#include "proxy/mcp/prompts.h"

/* Upstreams come up together; one notification tells of them all. */
#define CHANGE_DELAY_MS 250

enum { LEGACY = 1 << ERA_LEGACY, MODERN = 1 << ERA_MODERN, BOTH = LEGACY | MODERN };

struct method {
    const char *name;
    unsigned eras;
    void (*run)(struct mcp_call *call);
    void (*mirror)(struct mcp_call *call); /* with mode: passthrough; NULL: as ever */
    /* Whether a setting offers it; NULL: always. */
    bool (*offered)(const struct mcp_server *server);
};

static const struct method methods[] = {
    { "initialize", LEGACY, legacy_initialize, NULL, NULL },
    { "ping", LEGACY, legacy_ping, NULL, NULL },
    { "logging/setLevel", LEGACY, legacy_set_level, NULL, NULL },
    { "server/discover", MODERN, modern_discover, NULL, NULL },
    { "subscriptions/listen", MODERN, listen_start, NULL, NULL },
    { "tools/list", BOTH, tools_list, mirror_tools_list, NULL },
    { "tools/call", BOTH, tools_call, mirror_tools_call, NULL },
    { "resources/list", BOTH, resources_list, mirror_resources_list, NULL },
    { "resources/templates/list", BOTH, resources_templates, mirror_resources_list, NULL },
    { "resources/read", BOTH, resources_read, mirror_request, NULL },
    { "resources/subscribe", LEGACY, resources_subscribe, NULL, mode_exposes_resources },
    { "resources/unsubscribe", LEGACY, resources_unsubscribe, NULL, mode_exposes_resources },
    { "prompts/list", BOTH, prompts_list, mirror_prompts_list, mode_exposes_prompts },
    { "prompts/get", BOTH, prompts_get, mirror_prompts_get, mode_exposes_prompts },
    { "completion/complete", BOTH, completion_complete, mirror_request, capabilities_completes },
};

static bool is_offered(const struct mcp_server *server, const struct method *method)
{
    return mode_mirrors(server) || !method->offered || method->offered(server);
}

static const struct method *
find_method(const struct mcp_server *server, enum era era, struct span name)
{
    for (size_t i = 0; i < ARRAY_COUNT(methods); i++) {
        if (span_is(name, methods[i].name) && (methods[i].eras & (1u << era)))
            return is_offered(server, &methods[i]) ? &methods[i] : NULL;
    }
    return NULL;
}

bool server_knows(const struct mcp_server *server, enum era era, struct span method)
{
    return find_method(server, era, method) != NULL;
}

static void run_method(struct mcp_call *call, const struct method *method)
{
    if (method->mirror && mode_mirrors(call->server))
        method->mirror(call);
    else
        method->run(call);
}

/* ---- requests ---- */

static struct mcp_call *new_call(struct mcp_server *server, const struct inbound *in)
{
    struct mcp_call *call = NEW(struct mcp_call);
    struct err err = ERR_INIT;

    call->server = server;
    call->session = in->session;
    call->era = in->era;
    call->channel = in->channel;
    call->log_level = in->envelope->log_level;
    call->principal = in->principal;
    call->has_mode = in->has_mode;
    call->mode = in->mode;
    TAILQ_INIT(&call->subscriptions);
    if (in->envelope->progress_token.len)
        call->progress.token = span_dup(in->envelope->progress_token);
    call->text = span_dup(in->text);
    /* The spans of the copy; it was valid once, so it is again. */
    BUG_ON(rpc_read(span_make(call->text, in->text.len), &call->message, NULL, &err) < 0);
    if (call->session)
        call->session->calls++;
    TAILQ_INSERT_TAIL(&server->calls, call, link);
    return call;
}

static int check_call(const struct mcp_call *call, struct fault *fault)
{
    enum json_kind kind = json_kind(call->message.params);

    if (call->server->stopping)
        return fault_set(fault, RPC_INTERNAL_ERROR, 503, "The server is stopping");
    if (call->session && call->session->calls > LIMIT_SESSION_CALLS)
        return fault_set(fault, RPC_INTERNAL_ERROR, 429,
                         "More than SESSION_CALLS (%d) requests at a time", LIMIT_SESSION_CALLS);
    if (kind != JSON_KIND_OBJECT && kind != JSON_KIND_NONE)
        return fault_set(fault, RPC_INVALID_PARAMS, 400, "params must be an object");
    return 0;
}

void server_request(struct mcp_server *server, const struct inbound *in)
{
    const struct method *method = find_method(server, in->era, in->message.method);
    struct mcp_call *call = new_call(server, in);
    struct fault fault = FAULT_INIT;

    if (!method)
        fault_set(&fault, RPC_METHOD_NOT_FOUND, 404, "Method not found: %.*s",
                  in->message.method.len > 100 ? 100 : (int)in->message.method.len,
                  in->message.method.data);
    else
        check_call(call, &fault);
    if (fault.code)
        call_answer_fault(call, &fault);
    else
        run_method(call, method);
}

/* ---- notifications and ends ---- */

/* One whose connection is lost goes on and can still be cancelled; but its id may be in use again.
 */
static struct mcp_call *
find_call(struct mcp_server *server, const struct mcp_session *session, struct span id)
{
    struct mcp_call *call, *lost = NULL;

    TAILQ_FOREACH(call, &server->calls, link)
    {
        if (call->session != session || !span_equal(call->message.id, id))
            continue;
        if (!call->detached)
            return call;
        lost = call;
    }
    return lost;
}

void server_cancel(struct mcp_server *server, struct mcp_session *session, struct span id)
{
    struct mcp_call *call = session ? find_call(server, session, id) : NULL;

    /* `initialize` can't be cancelled; what is unknown was answered already. */
    if (call && !span_is(call->message.method, "initialize"))
        call_drop(call);
}

void server_notification(struct mcp_server *server, const struct inbound *in)
{
    struct span id;

    if (span_is(in->message.method, "notifications/cancelled") &&
        json_get(in->message.params, "requestId", &id))
        server_cancel(server, in->session, id);
}

void server_channel_gone(struct mcp_server *server, void *channel_ctx, bool cancel)
{
    struct mcp_call *call, *next;

    for (call = TAILQ_FIRST(&server->calls); call; call = next) {
        next = TAILQ_NEXT(call, link);
        if (call->channel.ctx != channel_ctx || call->detached)
            continue;
        call->detached = true;
        if (cancel)
            call_drop(call);
    }
}

void server_channel_moved(struct mcp_server *server,
                          const void *channel_ctx,
                          const struct mcp_channel *to)
{
    struct mcp_call *call;

    TAILQ_FOREACH(call, &server->calls, link)
    {
        if (call->channel.ctx == channel_ctx && !call->detached)
            call->channel = *to;
    }
}

const char *server_session_name(const struct mcp_session *session)
{
    return session->id[0] ? session->id : "stdio";
}

struct mcp_session *server_session_named(struct mcp_server *server, struct span name)
{
    struct mcp_session *session;

    TAILQ_FOREACH(session, &server->unstored, link)
    {
        if (span_is(name, server_session_name(session)))
            return session;
    }
    return session_store_named(&server->sessions, name);
}

/* A legacy session over HTTP is told of what belongs to no request on its GET streams alone; a
 * modern subscription is a request that waits, and what stdio has ends with its client. */
bool mcp_server_is_heard(const struct mcp_server *server, struct span session)
{
    const struct mcp_session *found = session_store_named(&server->sessions, session);

    return !found || found->streams > 0;
}

static void on_session_remove(void *ctx, struct mcp_session *session)
{
    struct mcp_server *server = ctx;

    subscription_clear(server, &session->subscriptions);
    upstreams_session_gone(server->parts.upstreams, span_of(session->id));
}

void server_session_gone(struct mcp_server *server, struct mcp_session *session)
{
    struct mcp_call *call, *next;

    for (call = TAILQ_FIRST(&server->calls); call; call = next) {
        next = TAILQ_NEXT(call, link);
        if (call->session != session)
            continue;
        call->session = NULL;
        session->calls--;
        call_drop(call);
    }
    subscription_clear(server, &session->subscriptions);
    asking_session_gone(server, session);
}

/* ---- waiting for the upstreams ---- */

static size_t count_texts(char *const *texts)
{
    size_t count = 0;

    while (texts && texts[count])
        count++;
    return count;
}

/* What a person has to mend in expose.tools, told once. */
static void note_missing_pins(struct mcp_server *server)
{
    const struct config *config = server->parts.config;
    const struct catalogue *catalogue = upstreams_catalogue(server->parts.upstreams);

    if (!server->pins_missing)
        server->pins_missing =
            xcalloc(count_texts(config->expose.tools) + 1, sizeof(*server->pins_missing));
    for (size_t i = 0; config->expose.tools && config->expose.tools[i]; i++) {
        bool missing = pinned_is_missing(config, catalogue, config->expose.tools[i]);

        if (missing && !server->pins_missing[i])
            log_warn("mcp", "pinned_tool_missing", LOG_STR("tool", config->expose.tools[i]),
                     LOG_STR("message", "expose.tools names a tool that its server does not have"));
        server->pins_missing[i] = missing;
    }
}

static void on_settled(void *ctx)
{
    struct mcp_server *server = ctx;
    struct mcp_call *call;

    server->settle = SETTLE_DONE;
    note_missing_pins(server);
    while ((call = TAILQ_FIRST(&server->waiting))) {
        TAILQ_REMOVE(&server->waiting, call, waiting_link);
        call->waiting = false;
        call->run(call);
    }
}

void server_when_settled(struct mcp_call *call, void (*run)(struct mcp_call *call))
{
    struct mcp_server *server = call->server;
    const struct mcp_parts *parts = &server->parts;

    if (server->settle == SETTLE_DONE) {
        run(call);
        return;
    }
    call->run = run;
    call->waiting = true;
    TAILQ_INSERT_TAIL(&server->waiting, call, waiting_link);
    if (server->settle == SETTLE_WAITING)
        return;
    server->settle = SETTLE_WAITING;
    parts->start(parts->start_ctx);
    upstreams_when_settled(parts->upstreams, parts->config->startup_timeout_ms, on_settled, server);
}

/* ---- changes ---- */

static void on_changed(void *ctx)
{
    struct mcp_server *server = ctx;

    note_missing_pins(server);
    changes_tell(server);
}

void mcp_server_catalogue_changed(struct mcp_server *server)
{
    if (!server->stopping && !loop_timer_active(server->changed))
        loop_timer_start(server->changed, CHANGE_DELAY_MS);
}

/* ---- the server ---- */

static char *make_info(const char *version)
{
    struct buf info = BUF(1024);

    buf_add_char(&info, '{');
    json_write_member_string(&info, "name", SPAN("mcpfold"));
    json_write_member_string(&info, "version", span_of(version));
    buf_add_char(&info, '}');
    return buf_take(&info);
}

struct mcp_server *mcp_server_new(const struct mcp_parts *parts)
{
    struct mcp_server *server = NEW(struct mcp_server);

    server->parts = *parts;
    server->info = make_info(parts->version);
    session_store_init(&server->sessions);
    server->sessions.on_remove = on_session_remove;
    server->sessions.ctx = server;
    TAILQ_INIT(&server->calls);
    TAILQ_INIT(&server->waiting);
    TAILQ_INIT(&server->suspended);
    request_state_key_init(&server->state_key);
    TAILQ_INIT(&server->unstored);
    server->changed = loop_timer_new(parts->loop, on_changed, server);
    return server;
}

void mcp_server_stop(struct mcp_server *server)
{
    struct mcp_call *call, *next;

    server->stopping = true;
    loop_timer_stop(server->changed);
    for (call = TAILQ_FIRST(&server->calls); call; call = next) {
        next = TAILQ_NEXT(call, link);
        if (call->listening)
            listen_end(call);
        else
            call_stop(call, "mcpfold is shutting down");
    }
    asking_stop(server);
}

void mcp_server_free(struct mcp_server *server)
{
    if (!server)
        return;
    upstreams_forget_wait(server->parts.upstreams, server);
    while (!TAILQ_EMPTY(&server->calls)) {
        struct mcp_call *call = TAILQ_FIRST(&server->calls);

        BUG_ON(call->exec); /* the executions were stopped before */
        call->detached = true;
        call->relayed = NULL; /* what is under way there ends with the upstreams, unheard */
        call_drop(call);
    }
    asking_forget_all(server);
    session_store_done(&server->sessions);
    loop_timer_free(server->changed);
    tools_free(server->tools);
    exposed_done(&server->prompts);
    exposed_done(&server->tool_names);
    free(server->pins_missing);
    free(server->info);
    free(server);
}

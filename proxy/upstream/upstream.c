#include "proxy/upstream/upstream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/random.h"
#include "proxy/upstream/catalogue_builder.h"
#include "proxy/upstream/connection.h"
#include "proxy/upstream/server_log.h"
#include "proxy/upstream/upstream_call.h"

#define RETRY_AT_ONCE_MS 100 /* the first attempt after a connection that had been good */
#define RETRY_MIN_MS     1000
#define RETRY_MAX_MS     60000
#define RETRY_DOUBLINGS  6
#define GOOD_AFTER_MS    30000 /* a connection that lasted this long was good */
#define REFRESH_DELAY_MS 100   /* changes told meanwhile are one change */
#define LIST_AGE_MAX_MS  (1000ull * 60 * 60 * 24 * 365) /* a longer `ttlMs` says never */

/*
 * The life of an upstream.  Each step says what it waits for; what ends the
 * wait is in `enter`.
 */
#define UPSTREAM_STEPS(X)                                                                      \
    X(IDLE, "idle")             /* upstream_start */                                           \
    X(CONNECTING, "connecting") /* the connection is ready or lost */                          \
    X(LISTING, "listing")       /* all lists are read */                                       \
    X(READY, "ready")           /* calls; a change of the lists; the loss of the connection */ \
    X(WAITING, "waiting")       /* the time of the next attempt */                             \
    X(STOPPING, "stopping")     /* the connection has ended in order */                        \
    X(STOPPED, "stopped")       /* nothing */

enum upstream_step {
#define X(name, text) STEP_##name,
    UPSTREAM_STEPS(X)
#undef X
};

static const char *const step_names[] = {
#define X(name, text) text,
    UPSTREAM_STEPS(X)
#undef X
};

struct upstream {
    struct upstream_options options;
    enum upstream_step step;
    struct connection *connection;     /* owned; NULL when there is none */
    struct catalogue_builder *builder; /* owned; lists are being read */
    struct connection_hint hint;
    struct catalogue_server *server; /* owned reference: its part of the catalogue */
    struct upstream_calls calls;
    struct loop_timer *retry;   /* owned */
    struct loop_timer *refresh; /* owned */
    struct loop_task task;      /* tells on_settled and on_stopped */
    struct said said;           /* in the log, of its lists */
    struct watches watches;     /* owned */
    struct server_log log;      /* owned: what the server says outside of calls */
    uint64_t digest;            /* of the lists behind `server` */
    uint64_t stale_ms;          /* when they are to be read again if somebody uses them */
    unsigned failures;          /* attempts in a row that came to nothing */
    uint64_t started_ms;        /* of the attempt */
    uint64_t ready_ms;          /* when it became ready; 0 when it is not */
    uint64_t connect_ms;        /* what the last attempt took */
    bool listed;                /* `server` holds lists that were good */
    bool settled;
    bool refresh_again; /* a change was told while lists were read */
    bool started_over;  /* this attempt follows a `repeat` */
};

static void connect_now(void *ctx);

static void enter(struct upstream *upstream, enum upstream_step step)
{
    log_debug("upstream", "step", LOG_STR("server", upstream->options.server->key),
              LOG_STR("from", step_names[upstream->step]), LOG_STR("to", step_names[step]));
    upstream->step = step;
}

static void settle(struct upstream *upstream)
{
    if (upstream->settled)
        return;
    upstream->settled = true;
    upstream->options.on_settled(upstream->options.ctx);
}

/* Takes over the reference. */
static void show(struct upstream *upstream, struct catalogue_server *server, bool listed)
{
    catalogue_server_unref(upstream->server);
    upstream->server = server;
    upstream->listed = listed;
    upstream->options.on_change(upstream->options.ctx);
}

static void show_down(struct upstream *upstream, const struct err *err)
{
    const char *key = upstream->options.server->key;

    if (upstream->server->state == SERVER_DOWN && upstream->server->problem &&
        strcmp(upstream->server->problem, err->text) == 0)
        return;
    show(upstream, catalogue_server_absent(key, SERVER_DOWN, err->text), false);
}

/* --- losing and getting the connection --- */

static uint64_t with_jitter(uint64_t delay_ms)
{
    uint32_t random;

    random_bytes(&random, sizeof(random));
    return delay_ms - delay_ms / 4 + random % (delay_ms / 2 + 1);
}

/* The time until the next attempt; counts the failure. */
static uint64_t retry_delay_ms(struct upstream *upstream, bool was_ready)
{
    unsigned doublings =
        upstream->failures < RETRY_DOUBLINGS ? upstream->failures : RETRY_DOUBLINGS;
    uint64_t delay_ms = (uint64_t)RETRY_MIN_MS << doublings;

    if (was_ready && upstream->failures++ == 0)
        return RETRY_AT_ONCE_MS;
    if (!was_ready)
        upstream->failures++;
    return with_jitter(delay_ms < RETRY_MAX_MS ? delay_ms : RETRY_MAX_MS);
}

static void drop_connection(struct upstream *upstream)
{
    loop_timer_stop(upstream->refresh);
    catalogue_builder_free(TAKE(upstream->builder));
    connection_free(TAKE(upstream->connection));
    upstream->refresh_again = false;
    upstream->ready_ms = 0;
}

/* An attempt has come to nothing, or a connection that had been good is lost.  Its tools stay in
 * the catalogue for one attempt more: a server that is back at once has changed nothing. */
static void note_loss(struct upstream *upstream, const struct err *err)
{
    bool was_ready = upstream->ready_ms != 0;

    log_warn("upstream", was_ready ? "connection_lost" : "not_connected",
             LOG_STR("server", upstream->options.server->key), LOG_ERR(err),
             LOG_INT("failures", upstream->failures));
    if (was_ready) {
        if (loop_now_ms(upstream->options.loop) - upstream->ready_ms >= GOOD_AFTER_MS)
            upstream->failures = 0;
    } else {
        upstream->hint = (struct connection_hint){ .era = ERA_UNKNOWN };
        show_down(upstream, err);
    }
}

static void wait_for_retry(struct upstream *upstream, uint64_t delay_ms)
{
    enter(upstream, STEP_WAITING);
    loop_timer_start(upstream->retry, delay_ms);
    upstream_calls_release(&upstream->calls);
}

static void fail(struct upstream *upstream, const struct err *err)
{
    struct err copy = *err;
    bool was_ready = upstream->ready_ms != 0;

    note_loss(upstream, &copy);
    drop_connection(upstream);
    settle(upstream);
    wait_for_retry(upstream, retry_delay_ms(upstream, was_ready));
}

static void tell_stopped(void *ctx)
{
    struct upstream *upstream = ctx;

    upstream->options.on_stopped(upstream->options.ctx);
}

static void end_stop(struct upstream *upstream)
{
    drop_connection(upstream);
    enter(upstream, STEP_STOPPED);
    loop_post(upstream->options.loop, &upstream->task, tell_stopped, upstream);
}

/* The tools stay in the catalogue meanwhile, and calls wait. */
static void on_renewing(void *ctx, const struct err *err)
{
    struct upstream *upstream = ctx;

    log_info("upstream", "session_renewed", LOG_STR("server", upstream->options.server->key),
             LOG_ERR(err));
    loop_timer_stop(upstream->refresh);
    catalogue_builder_free(TAKE(upstream->builder));
    upstream->started_ms = loop_now_ms(upstream->options.loop);
    enter(upstream, STEP_CONNECTING);
}

static void on_lost(void *ctx, const struct err *err, bool repeat)
{
    static const struct err unexplained = { .code = ERR_CLOSED, .text = "the connection was lost" };
    struct upstream *upstream = ctx;

    if (upstream->step == STEP_STOPPING) {
        end_stop(upstream);
        return;
    }
    if (repeat && !upstream->started_over) {
        log_info("upstream", "connecting_again", LOG_STR("server", upstream->options.server->key),
                 LOG_ERR(err ? err : &unexplained));
        upstream->hint = connection_hint(upstream->connection);
        upstream->started_over = true;
        drop_connection(upstream);
        wait_for_retry(upstream, 0);
        return;
    }
    fail(upstream, err ? err : &unexplained);
}

/* --- the lists --- */

static void read_lists(struct upstream *upstream);

static void note_ready(struct upstream *upstream)
{
    const struct server_info *info = connection_info(upstream->connection);

    upstream->ready_ms = loop_now_ms(upstream->options.loop);
    upstream->connect_ms = upstream->ready_ms - upstream->started_ms;
    upstream->started_over = false;
    upstream->hint = connection_hint(upstream->connection);
    enter(upstream, STEP_READY);
    log_info("upstream", "connected", LOG_STR("server", upstream->options.server->key),
             LOG_STR("protocol", info->protocol), LOG_INT("tools", upstream->server->tool_count),
             LOG_INT("ms", upstream->connect_ms));
}

/* Whole lists are not given up for what came of others. */
static bool is_worse(const struct upstream *upstream, const struct catalogue_built *built)
{
    return built->failed && upstream->listed && !upstream->server->problem;
}

static void take_lists(struct upstream *upstream, const struct catalogue_built *built)
{
    const char *key = upstream->options.server->key, *problem = built->server->problem;

    if (problem && !said_before(&upstream->said, "lists_incomplete", SPAN_NONE, problem))
        log_warn("upstream", "lists_incomplete", LOG_STR("server", key), LOG_STR("why", problem));
    if (is_worse(upstream, built) || (upstream->listed && built->digest == upstream->digest)) {
        catalogue_server_unref(built->server);
        return;
    }
    upstream->digest = built->digest;
    show(upstream, built->server, true);
}

/* By what the server says, but not too soon, and not all servers at the same time. */
static void set_stale(struct upstream *upstream, const struct catalogue_built *built)
{
    uint64_t age_ms = built->failed || !built->server ? 0 : built->ttl_ms;

    upstream->stale_ms = UINT64_MAX;
    if (age_ms < upstream->options.list_age_ms)
        age_ms = upstream->options.list_age_ms;
    if (age_ms <= LIST_AGE_MAX_MS)
        upstream->stale_ms = loop_now_ms(upstream->options.loop) + age_ms + with_jitter(age_ms) / 8;
}

static void on_built(void *ctx, const struct catalogue_built *built, const struct err *err)
{
    struct upstream *upstream = ctx;
    bool first = upstream->step == STEP_LISTING;

    if (!built->server && first) {
        fail(upstream, err);
        return;
    }
    set_stale(upstream, built);
    if (built->server)
        take_lists(upstream, built);
    else
        log_warn("upstream", "lists_not_refreshed",
                 LOG_STR("server", upstream->options.server->key), LOG_ERR(err));
    catalogue_builder_free(TAKE(upstream->builder));
    if (first) {
        note_ready(upstream);
        connection_subscribe(upstream->connection);
        settle(upstream);
    }
    upstream_calls_release(&upstream->calls);
    if (upstream->refresh_again)
        loop_timer_start(upstream->refresh, REFRESH_DELAY_MS);
}

static void read_lists(struct upstream *upstream)
{
    upstream->refresh_again = false;
    upstream->builder =
        catalogue_builder_new(upstream->options.loop, upstream->connection,
                              upstream->options.server, &upstream->said, on_built, upstream);
}

void upstream_refresh_stale(struct upstream *upstream)
{
    if (upstream->step == STEP_READY && !upstream->builder &&
        !loop_timer_active(upstream->refresh) &&
        loop_now_ms(upstream->options.loop) >= upstream->stale_ms)
        loop_timer_start(upstream->refresh, 0);
}

static void refresh_now(void *ctx)
{
    struct upstream *upstream = ctx;

    if (upstream->builder)
        upstream->refresh_again = true;
    else if (upstream->step == STEP_READY)
        read_lists(upstream);
}

static bool is_list_change(struct span method)
{
    return span_is(method, "notifications/tools/list_changed") ||
           span_is(method, "notifications/resources/list_changed") ||
           span_is(method, "notifications/prompts/list_changed");
}

/* True when a call takes it. */
static bool
is_of_a_call(struct upstream *upstream, struct span method, struct span params, uint64_t request_id)
{
    if (span_is(method, "notifications/message"))
        return upstream_calls_log(&upstream->calls, params, request_id);
    return span_is(method, "notifications/elicitation/complete") &&
           upstream_calls_complete(&upstream->calls, params);
}

static void on_notification(void *ctx, struct span method, struct span params, uint64_t request_id)
{
    struct upstream *upstream = ctx;

    if (is_of_a_call(upstream, method, params, request_id))
        return;
    if (span_is(method, "notifications/message")) {
        server_log_message(&upstream->log, params);
        return;
    }
    if (span_is(method, "notifications/resources/updated")) {
        upstream->options.on_resource_updated(upstream->options.ctx, upstream->options.server->key,
                                              params);
        return;
    }
    if (!is_list_change(method)) {
        log_debug("upstream", "notification", LOG_STR("server", upstream->options.server->key),
                  LOG_SPAN("method", method));
        return;
    }
    if (upstream->builder)
        upstream->refresh_again = true;
    else if (upstream->step == STEP_READY && !loop_timer_active(upstream->refresh))
        loop_timer_start(upstream->refresh, REFRESH_DELAY_MS);
}

static void on_ask(void *ctx, struct ask *ask, uint64_t request_id)
{
    upstream_calls_put(&((struct upstream *)ctx)->calls, ask, request_id);
}

static void on_ask_gone(void *ctx, struct ask *ask)
{
    (void)ctx;
    upstream_call_lose(ask);
}

/* --- connecting --- */

static void on_ready(void *ctx)
{
    struct upstream *upstream = ctx;

    enter(upstream, STEP_LISTING);
    read_lists(upstream);
}

static void connect_now(void *ctx)
{
    static const struct connection_events events = { .on_ready = on_ready,
                                                     .on_renewing = on_renewing,
                                                     .on_lost = on_lost,
                                                     .on_notification = on_notification,
                                                     .on_ask = on_ask,
                                                     .on_ask_gone = on_ask_gone };
    struct upstream *upstream = ctx;
    struct connection_options options = {
        .loop = upstream->options.loop,
        .server = upstream->options.server,
        .http = upstream->options.http,
        .hint = upstream->hint,
        .watches = &upstream->watches,
        .events = &events,
        .ctx = upstream,
    };
    struct err err = ERR_INIT;

    enter(upstream, STEP_CONNECTING);
    upstream->started_ms = loop_now_ms(upstream->options.loop);
    upstream->connection = connection_new(&options, &err);
    if (!upstream->connection)
        fail(upstream, &err);
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
    if (upstream->step == STEP_STOPPING || upstream->step == STEP_STOPPED) {
        err_set(err, ERR_UNAVAILABLE, "server '%s' is being stopped", key);
        return UPSTREAM_CLOSED;
    }
    if (upstream->server->state == SERVER_DOWN) {
        err_set(err, ERR_UNAVAILABLE, "server '%s' is down: %s", key, upstream->server->problem);
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
    if (!connection_mirrors_params(upstream->connection))
        return false;
    if (!upstream->builder)
        read_lists(upstream);
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

bool upstream_requires_task(const struct upstream *upstream, struct span tool_name)
{
    const struct tool *tool = catalogue_find_tool(upstream->server, tool_name);
    struct span support;

    return tool && connection_era(upstream->connection) == ERA_LEGACY &&
           connection_info(upstream->connection)->runs_tasks &&
           json_get_path(span_of(tool->definition),
                         (const char *[]){ "execution", "taskSupport", NULL }, &support) &&
           json_string_is(support, "required");
}

struct span upstream_header_schema(const struct upstream *upstream, struct span tool_name)
{
    const struct tool *tool = catalogue_find_tool(upstream->server, tool_name);
    struct span schema = SPAN_NONE;

    if (tool && connection_mirrors_params(upstream->connection))
        json_get(span_of(tool->definition), "inputSchema", &schema);
    return schema;
}

/* --- the upstream --- */

struct upstream *upstream_new(const struct upstream_options *options)
{
    struct upstream *upstream = NEW(struct upstream);
    bool disabled = options->server->disabled;

    upstream->options = *options;
    upstream->step = disabled ? STEP_STOPPED : STEP_IDLE;
    upstream->settled = disabled;
    upstream->server = catalogue_server_absent(
        options->server->key, disabled ? SERVER_DISABLED : SERVER_CONNECTING, NULL);
    upstream->retry = loop_timer_new(options->loop, connect_now, upstream);
    upstream->refresh = loop_timer_new(options->loop, refresh_now, upstream);
    upstream_calls_init(&upstream->calls, options->loop, upstream);
    server_log_init_messages(&upstream->log, options->loop, options->server);
    return upstream;
}

void upstream_start(struct upstream *upstream)
{
    if (upstream->step != STEP_IDLE)
        return;
    /* From the loop: a failure must not call back inside the start. */
    enter(upstream, STEP_WAITING);
    loop_timer_start(upstream->retry, 0);
}

void upstream_stop(struct upstream *upstream)
{
    struct err why = ERR_INIT;

    if (upstream->step == STEP_STOPPING)
        return;
    loop_timer_stop(upstream->retry);
    loop_timer_stop(upstream->refresh);
    catalogue_builder_free(TAKE(upstream->builder));
    if (!upstream->connection) {
        end_stop(upstream);
    } else {
        enter(upstream, STEP_STOPPING);
        err_set(&why, ERR_CANCELLED, "server '%s' is being stopped", upstream->options.server->key);
        connection_close(upstream->connection, &why);
    }
    upstream_calls_release(&upstream->calls);
}

static void free_upstream(void *object)
{
    free(object);
}

void upstream_free(struct upstream *upstream)
{
    if (!upstream)
        return;
    upstream_calls_done(&upstream->calls);
    drop_connection(upstream);
    loop_unpost(upstream->options.loop, &upstream->task);
    loop_timer_free(upstream->retry);
    loop_timer_free(upstream->refresh);
    server_log_done(&upstream->log);
    watches_done(&upstream->watches);
    catalogue_server_unref(upstream->server);
    loop_reap(upstream->options.loop, upstream, free_upstream);
}

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

bool upstream_settled(const struct upstream *upstream)
{
    return upstream->settled;
}

const char *upstream_key(const struct upstream *upstream)
{
    return upstream->options.server->key;
}

struct catalogue_server *upstream_server(const struct upstream *upstream)
{
    return upstream->server;
}

struct upstream_calls *upstream_calls(struct upstream *upstream)
{
    return &upstream->calls;
}

void upstream_status(const struct upstream *upstream, struct upstream_status *ret_status)
{
    bool connected = upstream->step == STEP_READY || upstream->step == STEP_LISTING;

    *ret_status = (struct upstream_status){
        .key = upstream->options.server->key,
        .state = upstream->server->state,
        .problem = upstream->server->problem,
        .tools = upstream->server->tool_count,
        .connect_ms = upstream->connect_ms,
    };
    if (connected) {
        ret_status->era = connection_era(upstream->connection);
        ret_status->protocol = connection_info(upstream->connection)->protocol;
        ret_status->capabilities = span_of(connection_info(upstream->connection)->capabilities);
    }
    if (upstream->connection)
        ret_status->pid = connection_pid(upstream->connection);
}

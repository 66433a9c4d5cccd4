#include "proxy/upstream/upstream_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/random.h"

#define RETRY_AT_ONCE_MS  100 /* the first attempt after a connection that had been good */
#define RETRY_MIN_MS      1000
#define RETRY_MAX_MS      60000
#define RETRY_DOUBLINGS   6
#define GOOD_AFTER_MS     30000 /* a connection that lasted this long was good */
#define REFRESH_DELAY_MS  100   /* changes told meanwhile are one change, */
#define SESSIONS_DELAY_MS 500   /* and those that connections of many sessions tell meanwhile */
#define LIST_AGE_MAX_MS   (1000ull * 60 * 60 * 24 * 365) /* a longer `ttlMs` says never */

static const char *const step_names[] = {
#define X(name, text) text,
    UPSTREAM_STEPS(X)
#undef X
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
    visits_clear(&upstream->visits);
    upstream->again_ms = 0;
    upstream->told_lists = 0;
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

static void end_stop(struct upstream *upstream);

/* Nobody but the session's calls misses it; the next one begins another. */
static void give_up(struct upstream *upstream, const struct err *err)
{
    log_info("upstream", "session_connection_lost",
             LOG_STR("server", upstream->options.server->key), LOG_ERR(err));
    show_down(upstream, err);
    end_stop(upstream);
    upstream_calls_release(&upstream->calls);
}

static void fail(struct upstream *upstream, const struct err *err)
{
    struct err copy = *err;
    bool was_ready = upstream->ready_ms != 0;

    if (upstream->options.shared) {
        give_up(upstream, &copy);
        return;
    }
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
    visits_clear(&upstream->visits);
    upstream->started_ms = loop_now_ms(upstream->options.loop);
    upstream->missed = upstream->options.shared != NULL;
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
    if (upstream->again_ms)
        loop_timer_start(upstream->refresh, upstream->again_ms);
}

void upstream_read_lists(struct upstream *upstream)
{
    upstream->again_ms = 0;
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

static void note_again(struct upstream *upstream, uint64_t delay_ms)
{
    if (!upstream->again_ms || delay_ms < upstream->again_ms)
        upstream->again_ms = delay_ms;
}

/* The catalogue is not made of them, but whoever asked for them over this connection has others. */
static void tell_lists(struct upstream *upstream)
{
    unsigned lists = upstream->told_lists;

    upstream->told_lists = 0;
    upstream->options.on_lists(upstream->options.ctx, lists);
}

static void refresh_now(void *ctx)
{
    struct upstream *upstream = ctx;

    if (upstream->options.shared)
        tell_lists(upstream);
    else if (upstream->builder)
        note_again(upstream, REFRESH_DELAY_MS);
    else if (upstream->step == STEP_READY)
        upstream_read_lists(upstream);
}

static void refresh_later(struct upstream *upstream, uint64_t delay_ms)
{
    if (upstream->builder)
        note_again(upstream, delay_ms);
    else if (upstream->step == STEP_READY && !loop_timer_active(upstream->refresh))
        loop_timer_start(upstream->refresh, delay_ms);
}

void upstream_note_list_change(struct upstream *upstream, unsigned lists)
{
    if (upstream->options.shared) {
        upstream->told_lists |= lists;
        refresh_later(upstream->options.shared, SESSIONS_DELAY_MS);
    }
    refresh_later(upstream, REFRESH_DELAY_MS);
}

/* --- connecting --- */

static void begin_session(struct upstream *upstream)
{
    upstream->ready_ms = loop_now_ms(upstream->options.loop);
    upstream->started_over = false;
    enter(upstream, STEP_READY);
    log_info("upstream", "session_connected", LOG_STR("server", upstream->options.server->key));
    connection_subscribe(upstream->connection);
    if (upstream->missed)
        upstream_tell_watched(upstream);
    upstream->missed = false;
    upstream_calls_release(&upstream->calls);
}

static void on_ready(void *ctx)
{
    struct upstream *upstream = ctx;

    if (upstream->options.shared) {
        begin_session(upstream);
        return;
    }
    enter(upstream, STEP_LISTING);
    upstream_read_lists(upstream);
}

static void connect_now(void *ctx)
{
    static const struct connection_events events = { .on_ready = on_ready,
                                                     .on_renewing = on_renewing,
                                                     .on_lost = on_lost,
                                                     .on_notification = upstream_on_notification,
                                                     .on_ask = upstream_on_ask,
                                                     .on_ask_gone = upstream_on_ask_gone };
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
    visits_init(&upstream->visits);
    upstream->calls.of_session = options->shared != NULL;
    if (options->shared)
        upstream->hint = options->shared->hint;
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

struct upstream_options upstream_options(const struct upstream *upstream)
{
    return upstream->options;
}

bool upstream_is_over(const struct upstream *upstream)
{
    return upstream->step == STEP_STOPPING || upstream->step == STEP_STOPPED;
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

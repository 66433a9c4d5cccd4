/*
 * No upstream is spoken to and no code is run.
 */
#include "tests/unit/proxy/mcp/fakes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "tests/unit/proxy/fake_ask.h"

#define BIG_MAX ((size_t)14 * 1024 * 1024)

/* ---- executions ---- */

struct exec {
    struct exec_service *service;
    struct exec_events events;
    void *ctx;
    char *code;
    bool cancelled;
    struct loop_task task;
    const char *asks;    /* what is still to be asked; of `code` */
    struct ask *open[8]; /* NULL: none */
    struct buf said;     /* what came of the questions */
};

static void free_exec(void *object)
{
    struct exec *exec = object;

    free(exec->code);
    buf_done(&exec->said);
    free(exec);
}

static void end_exec(struct exec *exec, const struct exec_outcome *outcome)
{
    exec->service->running--;
    exec->events.on_done(exec->ctx, outcome);
    loop_reap(exec->service->loop, exec, free_exec);
}

static void tell_progress(struct exec *exec)
{
    exec->events.on_progress(exec->ctx, 1, 2, SPAN("half"));
    exec->events.on_progress(exec->ctx, 1, 2, SPAN("not more"));
    exec->events.on_progress(exec->ctx, 2, 2, SPAN("done"));
    exec->events.on_log(exec->ctx, SPAN("debug"), SPAN("quiet"));
    exec->events.on_log(exec->ctx, SPAN("warn"), SPAN("careful"));
}

static void end_big(struct exec *exec)
{
    size_t len = (size_t)strtoull(exec->code + 4, NULL, 10) % BIG_MAX;
    char *text = xcalloc(1, len + 1);
    struct exec_outcome outcome = { .ok = true, .text = span_make(text, len) };

    memset(text, 'x', len);
    end_exec(exec, &outcome);
    free(text);
}

/* ---- executions that ask ---- */

static enum ask_kind read_kind(const char *word)
{
    switch (*word) {
    case 's':
        return ASK_SAMPLE;
    case 'r':
        return ASK_ROOTS;
    case 'u':
        return ASK_ELICIT_URL;
    default:
        return ASK_ELICIT_FORM;
    }
}

static bool is_asking(const struct exec *exec)
{
    for (size_t i = 0; i < ARRAY_COUNT(exec->open); i++) {
        if (exec->open[i])
            return true;
    }
    return false;
}

/* Asks all up to the next `;`. */
static void ask_round(struct exec *exec)
{
    const char *at = exec->asks;
    struct ask *asks[ARRAY_COUNT(exec->open)] = { NULL };
    size_t count = 0, len = strcspn(at, ";");

    exec->asks += len + (at[len] != 0);
    while (at < exec->asks && *at && count < ARRAY_COUNT(asks)) {
        asks[count] = exec->open[count] = fake_ask_new("github", read_kind(at), SPAN_NONE);
        count++;
        at += strcspn(at, ",;");
        at += *at != 0;
    }
    for (size_t i = 0; i < count; i++)
        exec->events.on_ask(exec->ctx, asks[i]);
}

static void run_asking(void *ctx)
{
    struct exec *exec = ctx;

    if (!exec->cancelled && !is_asking(exec) && strcmp(exec->asks, "hold") == 0) {
        exec->service->held = exec;
        return;
    }
    if (!exec->cancelled && !is_asking(exec) && *exec->asks)
        ask_round(exec);
    if (exec->task.posted || is_asking(exec) || (*exec->asks && !exec->cancelled))
        return;
    end_exec(exec, &(const struct exec_outcome){ .ok = !exec->cancelled,
                                                 .text = exec->cancelled ? SPAN("Cancelled")
                                                                         : buf_span(&exec->said) });
}

static void start_asking(struct exec *exec)
{
    exec->service->asking = exec;
    exec->asks = exec->code + 4;
    run_asking(exec);
}

static void forget_ask(struct exec *exec, const struct ask *ask)
{
    bool found = false;

    for (size_t i = 0; i < ARRAY_COUNT(exec->open); i++) {
        if (exec->open[i] != ask)
            continue;
        exec->open[i] = NULL;
        found = true;
    }
    BUG_ON(!found);
    if (!is_asking(exec))
        loop_post(exec->service->loop, &exec->task, run_asking, exec);
}

void exec_answer(struct exec *exec, struct ask *ask, struct span result)
{
    buf_printf(&exec->said, "%s: %.*s. ", ask_method(ask_kind(ask)), SPAN_ARG(result));
    forget_ask(exec, ask);
    ask_answer(ask, result);
}

void exec_refuse(struct exec *exec, struct ask *ask, const char *why)
{
    buf_printf(&exec->said, "%s refused: %s. ", ask_method(ask_kind(ask)), why);
    forget_ask(exec, ask);
    ask_refuse(ask, why);
}

static void take_back(struct exec *exec)
{
    for (size_t i = 0; i < ARRAY_COUNT(exec->open); i++) {
        struct ask *ask = exec->open[i];

        if (!ask)
            continue;
        forget_ask(exec, ask);
        exec->events.on_ask_gone(exec->ctx, ask);
        fake_ask_free(ask);
    }
}

void fake_take_back(struct fake_world *world)
{
    take_back(world->exec.asking);
}

static void note_caller(struct exec_service *service, const struct upstream_caller *caller)
{
    buf_clear(&service->capabilities);
    buf_add_span(&service->capabilities, caller->capabilities);
    buf_clear(&service->meta);
    buf_add_span(&service->meta, caller->meta);
}

void exec_set_caller(struct exec *exec, const struct upstream_caller *caller)
{
    note_caller(exec->service, caller);
}

/* ---- the others ---- */

static void run_exec(void *ctx)
{
    struct exec *exec = ctx;
    struct exec_outcome outcome = {
        .ok = !exec->cancelled && strcmp(exec->code, "fail") != 0,
        .text = span_of(exec->cancelled ? "Cancelled" : exec->code),
        .meta = SPAN("{\"run\":\"r1\"}"),
    };

    if (!exec->cancelled && strcmp(exec->code, "hang") == 0)
        return;
    if (!exec->cancelled && strcmp(exec->code, "hold") == 0) {
        exec->service->held = exec;
        return;
    }
    if (!exec->cancelled && strncmp(exec->code, "ask ", 4) == 0) {
        start_asking(exec);
        return;
    }
    if (strncmp(exec->code, "big ", 4) == 0) {
        end_big(exec);
        return;
    }
    if (strcmp(exec->code, "progress") == 0)
        tell_progress(exec);
    if (strcmp(exec->code, "kept") == 0)
        outcome.meta = SPAN("{\"run\":\"r1\",\"kept\":\"mcpfold://results/abc\"}");
    end_exec(exec, &outcome);
}

void fake_tell_held(struct fake_world *world, double progress)
{
    struct exec *exec = world->exec.held;

    exec->events.on_progress(exec->ctx, progress, NAN, SPAN_NONE);
}

void fake_server_log(struct fake_world *world, const char *server, const char *params)
{
    struct exec *exec = world->exec.held;

    exec->events.on_server_log(exec->ctx, server, span_of(params));
}

void fake_end_held(struct fake_world *world)
{
    end_exec(TAKE(world->exec.held),
             &(const struct exec_outcome){ .ok = true, .text = SPAN("released") });
}

struct exec *exec_start(struct exec_service *service,
                        const struct exec_request *request,
                        const struct exec_events *events,
                        void *ctx)
{
    struct exec *exec = NEW(struct exec);

    exec->service = service;
    exec->events = *events;
    exec->ctx = ctx;
    exec->code = span_dup(request->code);
    buf_init(&exec->said, 1 << 20);
    note_caller(service, &request->caller);
    service->started++;
    service->running++;
    loop_post(service->loop, &exec->task, run_exec, exec);
    return exec;
}

void exec_cancel(struct exec *exec, const char *why)
{
    (void)why;
    if (exec->cancelled)
        return;
    exec->cancelled = true;
    exec->service->cancelled++;
    if (exec->asks) {
        take_back(exec);
        loop_post(exec->service->loop, &exec->task, run_asking, exec);
        return;
    }
    loop_post(exec->service->loop, &exec->task, run_exec, exec);
}

int exec_read_kept(struct exec_service *service,
                   struct span uri,
                   struct buf *out,
                   const char **ret_mime,
                   struct err *err)
{
    (void)service;
    if (!span_is(uri, "mcpfold://results/abc"))
        return err_set(err, ERR_NOT_FOUND, "no such result");
    *ret_mime = "text/plain";
    return buf_add_str(out, "the whole");
}

/* ---- upstreams ---- */

struct catalogue *upstreams_catalogue(struct upstreams *upstreams)
{
    return upstreams->catalogue;
}

static void settle(void *ctx)
{
    struct upstreams *upstreams = ctx;
    loop_fn *fn = upstreams->settled;

    upstreams->settled = NULL;
    if (fn)
        fn(upstreams->settled_ctx);
}

void upstreams_when_settled(struct upstreams *upstreams,
                            uint64_t timeout_ms,
                            loop_fn *fn,
                            void *ctx)
{
    (void)timeout_ms;
    upstreams->waits++;
    upstreams->settled = fn;
    upstreams->settled_ctx = ctx;
    if (!upstreams->hold)
        loop_post(upstreams->loop, &upstreams->task, settle, upstreams);
}

void upstreams_session_gone(struct upstreams *upstreams, struct span session)
{
    buf_printf(&upstreams->gone, "%.*s\n", SPAN_ARG(session));
}

void upstreams_forget_wait(struct upstreams *upstreams, void *ctx)
{
    if (upstreams->settled_ctx == ctx)
        upstreams->settled = NULL;
}

void fake_settle(struct fake_world *world)
{
    settle(&world->upstreams);
}

bool upstreams_settled(const struct upstreams *upstreams)
{
    return !upstreams->hold;
}

size_t upstreams_count(const struct upstreams *upstreams)
{
    return upstreams->catalogue->server_count;
}

void upstreams_status(const struct upstreams *upstreams,
                      size_t index,
                      struct upstream_status *ret_status)
{
    const struct catalogue_server *server = upstreams->catalogue->servers[index];

    *ret_status = (struct upstream_status){ .key = server->key,
                                            .state = server->state,
                                            .era = upstreams->era,
                                            .capabilities = span_of(upstreams->capabilities) };
}

static void note_watch(
    struct upstreams *upstreams, char sign, struct span key, struct span session, struct span uri)
{
    buf_printf(&upstreams->watched, "%c%.*s %.*s", sign, SPAN_ARG(key), SPAN_ARG(uri));
    if (session.len)
        buf_printf(&upstreams->watched, " of %.*s", SPAN_ARG(session));
    buf_add_char(&upstreams->watched, '\n');
}

int upstreams_watch(struct upstreams *upstreams,
                    struct span server_key,
                    struct span session,
                    struct span uri,
                    struct err *err)
{
    if (upstreams->full)
        return err_set(err, ERR_LIMIT, "no connection is left");
    note_watch(upstreams, '+', server_key, session, uri);
    return 0;
}

void upstreams_unwatch(struct upstreams *upstreams,
                       struct span server_key,
                       struct span session,
                       struct span uri)
{
    note_watch(upstreams, '-', server_key, session, uri);
}

void upstreams_session_heard(struct upstreams *upstreams, struct span session)
{
    buf_printf(&upstreams->heard, "%.*s\n", SPAN_ARG(session));
}

/* ---- requests to servers ---- */

static void free_call(struct upstream_call *call)
{
    TAILQ_REMOVE(&call->upstreams->calls, call, link);
    loop_unpost(call->upstreams->loop, &call->task);
    free(call->server);
    free(call->method);
    free(call->params);
    free(call->meta);
    free(call);
}

struct upstream_call *upstreams_call(struct upstreams *upstreams,
                                     struct span server_key,
                                     const char *method,
                                     struct span params,
                                     uint64_t timeout_ms,
                                     const struct upstream_caller *caller,
                                     const struct upstream_call_events *events,
                                     void *ctx)
{
    static const struct upstream_caller nobody = { .owner = NULL };
    struct upstream_call *call = NEW(struct upstream_call);

    BUG_ON(timeout_ms == 0 || json_check(params, 0, NULL) < 0);
    if (!caller)
        caller = &nobody;
    call->upstreams = upstreams;
    call->server = span_dup(server_key);
    call->method = xstrdup(method);
    call->params = span_dup(params);
    call->meta = span_dup(caller->meta);
    call->log_level = caller->log_level;
    call->takes_input_required = caller->takes_input_required;
    call->events = *events;
    call->ctx = ctx;
    TAILQ_INSERT_HEAD(&upstreams->calls, call, link);
    return call;
}

static void end_cancelled(void *ctx)
{
    struct upstream_call *call = ctx;
    struct err err;

    err_set(&err, ERR_CANCELLED, "the request was cancelled");
    call->events.on_error(call->ctx, &err, 0, SPAN_NONE);
    free_call(call);
}

void upstream_call_cancel(struct upstream_call *call)
{
    call->cancelled = true;
    loop_post(call->upstreams->loop, &call->task, end_cancelled, call);
}

struct upstream_call *fake_call(struct fake_world *world, const char *method)
{
    struct upstream_call *call = TAILQ_FIRST(&world->upstreams.calls);

    BUG_ON(!call || strcmp(call->method, method) != 0);
    return call;
}

void fake_result(struct fake_world *world, const char *method, const char *result)
{
    struct upstream_call *call = fake_call(world, method);

    call->events.on_result(call->ctx, span_of(result));
    free_call(call);
}

void fake_error(struct fake_world *world, int64_t code, const char *text, const char *data)
{
    struct upstream_call *call = TAILQ_FIRST(&world->upstreams.calls);
    struct err err;

    err_set(&err, code ? ERR_REMOTE : ERR_TIMEOUT, "%s", text);
    call->events.on_error(call->ctx, &err, code, span_of(data));
    free_call(call);
}

/* ---- the world ---- */

static void on_start(void *ctx)
{
    struct fake_world *world = ctx;

    world->starts++;
}

void fake_change_catalogue(struct fake_world *world, const char *key)
{
    struct catalogue_server *server = catalogue_server_absent(key, SERVER_DOWN, "it fell over");
    uint64_t change = world->upstreams.catalogue->change + 1;

    catalogue_unref(world->upstreams.catalogue);
    world->upstreams.catalogue = catalogue_new(&server, 1, change);
    catalogue_server_unref(server);
    mcp_server_catalogue_changed(world->server);
}

void fake_servers(struct fake_world *world, const struct fake_server *servers, size_t count)
{
    uint64_t change = world->upstreams.catalogue->change + 1;
    struct catalogue_server *made[8];
    struct err err = ERR_INIT;

    BUG_ON(count > ARRAY_COUNT(made));
    for (size_t i = 0; i < count; i++) {
        made[i] = catalogue_server_new(servers[i].key,
                                       &(const struct catalogue_lists){
                                           .tools = span_of(servers[i].tools),
                                           .resources = span_of(servers[i].resources),
                                           .templates = span_of(servers[i].templates),
                                           .prompts = span_of(servers[i].prompts),
                                       },
                                       NULL, NULL, &err);
        BUG_ON(!made[i]);
    }
    catalogue_unref(world->upstreams.catalogue);
    world->upstreams.catalogue = catalogue_new(made, count, change);
    for (size_t i = 0; i < count; i++)
        catalogue_server_unref(made[i]);
    mcp_server_catalogue_changed(world->server);
}

void fake_world_init(struct fake_world *world)
{
    struct err err = ERR_INIT;

    *world = (struct fake_world){ .starts = 0 };
    fake_ask_visit = 0;
    world->loop = loop_new(&err);
    world->config.listen_host = xstrdup("127.0.0.1");
    world->config.description_budget = 8000;
    world->config.startup_timeout_ms = 1000;
    world->config.limits = limits_default();
    world->exec.loop = world->loop;
    buf_init(&world->exec.capabilities, 65536);
    buf_init(&world->exec.meta, 65536);
    buf_init(&world->upstreams.gone, 65536);
    world->upstreams.loop = world->loop;
    TAILQ_INIT(&world->upstreams.calls);
    buf_init(&world->upstreams.watched, BIG_MAX);
    buf_init(&world->upstreams.heard, BIG_MAX);
    world->upstreams.catalogue = catalogue_new(NULL, 0, 1);
    world->server = mcp_server_new(&(const struct mcp_parts){
        .loop = world->loop,
        .config = &world->config,
        .upstreams = &world->upstreams,
        .exec = &world->exec,
        .version = "1.2.3",
        .start = on_start,
        .start_ctx = world,
    });
}

void fake_world_done(struct fake_world *world)
{
    mcp_server_stop(world->server);
    loop_drain(world->loop, 1000);
    mcp_server_free(world->server);
    loop_drain(world->loop, 1000);
    while (!TAILQ_EMPTY(&world->upstreams.calls))
        free_call(TAILQ_FIRST(&world->upstreams.calls));
    buf_done(&world->upstreams.watched);
    buf_done(&world->upstreams.heard);
    loop_free(world->loop);
    catalogue_unref(world->upstreams.catalogue);
    free(world->config.listen_host);
    buf_done(&world->exec.capabilities);
    buf_done(&world->exec.meta);
    buf_done(&world->upstreams.gone);
    buf_done(&fake_ask_log);
    BUG_ON(fake_asks_open != 0);
}

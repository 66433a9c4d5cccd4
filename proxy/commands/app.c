#include "proxy/commands/app.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "proxy/commands/version.h"
#include "proxy/paths.h"

/* How long children may take to end before they are left to be killed. */
#define STOP_TIMEOUT_MS 8000

static void on_catalogue_change(void *ctx)
{
    struct app *app = ctx;

    /* Before anything is made of the new catalogue. */
    if (app->learned)
        learned_attach(app->learned, upstreams_catalogue(app->upstreams));
    if (app->checker && app->started)
        checker_start(app->checker, upstreams_catalogue(app->upstreams));
    if (app->mcp)
        mcp_server_catalogue_changed(app->mcp);
}

static void
on_resource_updated(void *ctx, const char *server_key, struct span session, struct span params)
{
    struct app *app = ctx;

    if (app->mcp)
        mcp_server_resource_updated(app->mcp, server_key, session, params);
}

static void on_session_lists(void *ctx, const char *server_key, struct span session, unsigned lists)
{
    struct app *app = ctx;

    if (app->mcp)
        mcp_server_session_lists(app->mcp, server_key, session, lists);
}

static bool is_heard(void *ctx, struct span session)
{
    struct app *app = ctx;

    return app->mcp && mcp_server_is_heard(app->mcp, session);
}

static void on_visited(void *ctx, struct span session, uint64_t number)
{
    struct app *app = ctx;

    if (app->mcp)
        mcp_server_visited(app->mcp, session, number);
}

static const struct upstreams_events upstreams_events = {
    .on_catalogue_change = on_catalogue_change,
    .on_resource_updated = on_resource_updated,
    .on_visited = on_visited,
    .on_session_lists = on_session_lists,
    .is_heard = is_heard,
};

static void make_executing_parts(struct app *app, const struct paths *paths)
{
    const struct config *config = app->config;
    const struct isolate_options isolate = {
        .loader = paths->v8_loader,
        .library_path = paths->v8_dir,
        .program = paths->isolate,
        .jit = config->jit,
        .sandbox = config->sandbox_required ? ISOLATE_SANDBOX_REQUIRE : ISOLATE_SANDBOX_BEST_EFFORT,
        .size = { .min = (unsigned)config->pool.min,
                  .spare = (unsigned)config->pool.spare,
                  .max = (unsigned)config->pool.max,
                  .idle_ms = config->pool.idle_ms },
        .heap_max_bytes = config->limits.memory_bytes,
    };
    const struct checker_options checker = { .tsc = paths->tsc,
                                             .library_dir = paths->typescript_dir,
                                             .sandbox_required = config->sandbox_required };

    app->isolates = isolate_pool_new(app->loop, &isolate);
    app->checker = checker_new(app->loop, &checker);
    app->exec = exec_service_new(&(const struct exec_parts){ .loop = app->loop,
                                                             .config = config,
                                                             .isolates = app->isolates,
                                                             .checker = app->checker,
                                                             .upstreams = app->upstreams,
                                                             .learned = app->learned });
}

static void start_from_server(void *ctx)
{
    app_start(ctx);
}

static void make_server(struct app *app)
{
    app->mcp = mcp_server_new(&(const struct mcp_parts){ .loop = app->loop,
                                                         .config = app->config,
                                                         .upstreams = app->upstreams,
                                                         .exec = app->exec,
                                                         .version = MCPFOLD_VERSION,
                                                         .start = start_from_server,
                                                         .start_ctx = app });
}

static void make_learned(struct app *app)
{
    CLEANUP(str) char *folder = config_store_folder(app->config);

    if (app->config->learn_outputs)
        app->learned = learned_new(app->loop, folder);
}

/* Behind a mirror of a server no code is run. */
static bool runs_code(const struct config *config, enum app_use use)
{
    return use == APP_EXECUTE || (use == APP_SERVE && config->mode != OFFER_PASSTHROUGH);
}

static int make_parts(struct app *app, enum app_use use, struct err *err)
{
    CLEANUP(paths) struct paths paths = { 0 };
    bool executes = runs_code(app->config, use);

    if (executes && paths_find(&paths, err) < 0)
        return -1;
    app->loop = loop_new(err);
    if (!app->loop)
        return -1;
    make_learned(app);
    app->upstreams = upstreams_new(app->loop, app->config, &upstreams_events, app);
    if (executes)
        make_executing_parts(app, &paths);
    if (use == APP_SERVE)
        make_server(app);
    return 0;
}

struct app *app_new(struct config *config, enum app_use use, struct err *err)
{
    struct app *app = NEW(struct app);

    app->config = config;
    if (make_parts(app, use, err) == 0)
        return app;
    app_free(app);
    return NULL;
}

void app_start(struct app *app)
{
    if (app->started || app->stopping)
        return;
    app->started = true;
    upstreams_start(app->upstreams);
    if (app->isolates)
        isolate_pool_start(app->isolates);
    if (app->checker && app->config->typecheck != TYPECHECK_OFF)
        checker_start(app->checker, upstreams_catalogue(app->upstreams));
}

static void on_upstreams_stopped(void *ctx)
{
    struct app *app = ctx;

    loop_stop(app->loop);
}

static void on_exec_stopped(void *ctx)
{
    struct app *app = ctx;

    upstreams_stop(app->upstreams, on_upstreams_stopped, app);
}

void app_stop(struct app *app)
{
    if (app->stopping)
        return;
    app->stopping = true;
    if (app->mcp)
        mcp_server_stop(app->mcp);
    if (app->exec)
        exec_service_stop(app->exec, on_exec_stopped, app);
    else
        on_exec_stopped(app);
}

static void on_stop_signal(void *ctx)
{
    struct app *app = ctx;

    log_info("app", "stopping");
    app_stop(app);
}

/* A terminal that went away, or a service manager that asks for the configuration to be read again:
 * only the first wants an end. */
static void on_hang_up(void *ctx)
{
    if (isatty(STDIN_FILENO))
        on_stop_signal(ctx);
    else
        log_warn("app", "hang_up_ignored",
                 LOG_STR("message", "SIGHUP does not read the configuration again; restart"));
}

int app_stop_at_signals(struct app *app, struct err *err)
{
    app->on_int = loop_signal_new(app->loop, SIGINT, on_stop_signal, app, err);
    if (!app->on_int)
        return -1;
    app->on_term = loop_signal_new(app->loop, SIGTERM, on_stop_signal, app, err);
    if (!app->on_term)
        return -1;
    app->on_hup = loop_signal_new(app->loop, SIGHUP, on_hang_up, app, err);
    return app->on_hup ? 0 : -1;
}

bool app_ready(void *ctx, const char **ret_why)
{
    struct app *app = ctx;

    if (app->stopping) {
        *ret_why = "stopping";
        return false;
    }
    if (!app->isolates) {
        *ret_why = "the server that is mirrored has not answered";
        return upstreams_settled(app->upstreams);
    }
    if (!isolate_pool_ready(app->isolates, ret_why))
        return false;
    return app->config->typecheck == TYPECHECK_OFF || checker_ready(app->checker, ret_why);
}

void app_free(struct app *app)
{
    if (!app)
        return;
    mcp_server_free(app->mcp);
    exec_service_free(app->exec);
    checker_free(app->checker);
    isolate_pool_free(app->isolates);
    upstreams_free(app->upstreams);
    learned_free(app->learned);
    loop_signal_free(app->on_int);
    loop_signal_free(app->on_term);
    loop_signal_free(app->on_hup);
    if (app->loop)
        loop_drain(app->loop, STOP_TIMEOUT_MS);
    loop_free(app->loop);
    config_free(app->config);
    free(app);
}

struct config *app_load_config(const char *path, struct err *err)
{
    struct config *config = config_load(path, err);

    if (!config)
        return NULL;
    log_setup(config->log_level, config->log_format);
    for (char **warning = config->warnings; warning && *warning; warning++)
        log_warn("config", "warning", LOG_STR("message", *warning));
    return config;
}

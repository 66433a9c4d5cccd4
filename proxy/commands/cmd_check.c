/*
 * mcpfold check: is the configuration valid, does the sandbox hold, does the
 * compiler check, does each server answer.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "proxy/commands/app.h"
#include "proxy/commands/command.h"
#include "proxy/mcp/pinned.h"

#define ISOLATE_TIMEOUT_MS 10000
#define ISOLATE_POLL_MS    10

struct options {
    const char *config_path;
    bool connect;
};

enum { KEY_CONNECT = 0x100 };

static const struct argp_option option_table[] = {
    { "connect", KEY_CONNECT, NULL, 0, "Connect to each server and tell what it answers", 0 },
    { 0 },
};

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is argp's. */
static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;

    (void)argument;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->config_path;
        return 0;
    case KEY_CONNECT:
        options->connect = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse_option,
    .children = command_children,
    .doc =
        "Validates a configuration, the sandbox and the TypeScript compiler; with --connect, also "
        "that each server answers, with its era, number of tools and time.",
};

/* Waits for the first worker, for a start that failed, or for the time to be over. */
struct wait {
    struct app *app;
    struct loop_timer *timer;
    uint64_t deadline_ms;
    bool ready;
    const char *why;
};

static void look_again(void *ctx)
{
    struct wait *wait = ctx;

    struct isolate_pool_state state;

    wait->ready = isolate_pool_ready(wait->app->isolates, &wait->why);
    isolate_pool_state(wait->app->isolates, &state);
    if (wait->ready || state.start_failed || loop_now_ms(wait->app->loop) >= wait->deadline_ms)
        loop_stop(wait->app->loop);
    else
        loop_timer_start(wait->timer, ISOLATE_POLL_MS);
}

static int check_isolate(struct app *app)
{
    struct wait wait = { .app = app, .deadline_ms = loop_now_ms(app->loop) + ISOLATE_TIMEOUT_MS };
    struct isolate_pool_state state;

    wait.timer = loop_timer_new(app->loop, look_again, &wait);
    isolate_pool_start(app->isolates);
    loop_timer_start(wait.timer, 0);
    loop_run(app->loop);
    loop_timer_free(wait.timer);
    isolate_pool_state(app->isolates, &state);
    if (!wait.ready) {
        printf("sandbox   failed: %s\n", wait.why);
        return -1;
    }
    printf("engine    %s, just-in-time compiler %s\n", state.engine_version,
           app->config->jit ? "on" : "off");
    printf("sandbox   in force: %s\n", state.layers_on);
    if (state.layers_off[0])
        printf("          refused by this machine: %s\n", state.layers_off);
    return 0;
}

struct compiler_check {
    struct app *app;
    int result;
};

static void on_checked(void *ctx, const struct check_report *report, const struct err *err)
{
    struct compiler_check *asked = ctx;
    const char *version = checker_version(asked->app->checker);

    loop_stop(asked->app->loop);
    asked->result = report ? 0 : -1;
    if (!report) {
        printf("compiler  failed: %s\n", err->text);
        return;
    }
    printf("compiler  TypeScript %s\n", version ? version : "of an unknown version");
    if (*checker_lacks(asked->app->checker))
        printf("          refused by this machine: %s\n", checker_lacks(asked->app->checker));
    else
        printf("          kept from files, network and processes\n");
}

/* Has the compiler check a script. */
static int check_compiler(struct app *app)
{
    struct compiler_check asked = { .app = app };

    if (app->config->typecheck == TYPECHECK_OFF) {
        printf("compiler  not used (typecheck: off)\n");
        return 0;
    }
    checker_check(app->checker, upstreams_catalogue(app->upstreams), SPAN("export {};"), SPAN_NONE,
                  on_checked, &asked);
    loop_run(app->loop);
    return asked.result;
}

static const char *era_name(enum era era)
{
    return era == ERA_MODERN ? "modern" : era == ERA_LEGACY ? "legacy" : "-";
}

static int print_upstream(const struct upstream_status *status)
{
    switch (status->state) {
    case SERVER_READY:
        printf("  %-20s ready     %-6s %s  %zu tools  %" PRIu64 " ms\n", status->key,
               era_name(status->era), status->protocol ? status->protocol : "-", status->tools,
               status->connect_ms);
        if (status->problem)
            printf("  %-20s           %s\n", "", status->problem);
        return 0;
    case SERVER_DISABLED:
        printf("  %-20s disabled\n", status->key);
        return 0;
    case SERVER_CONNECTING:
        printf("  %-20s no answer within startup_timeout\n", status->key);
        return -1;
    case SERVER_DOWN:
        printf("  %-20s down      %s\n", status->key, status->problem ? status->problem : "");
        return -1;
    }
    return -1;
}

static void on_settled(void *ctx)
{
    loop_stop(ctx);
}

static int check_pins(struct app *app)
{
    const struct catalogue *catalogue = upstreams_catalogue(app->upstreams);
    int result = 0;

    for (char **path = app->config->expose.tools; path && *path; path++) {
        if (!pinned_is_missing(app->config, catalogue, *path))
            continue;
        printf("expose.tools\n  %-20s its server has no such tool\n", *path);
        result = -1;
    }
    return result;
}

static int check_upstreams(struct app *app)
{
    int result = 0;

    upstreams_when_settled(app->upstreams, app->config->startup_timeout_ms, on_settled, app->loop);
    loop_run(app->loop);
    printf("servers\n");
    for (size_t i = 0; i < upstreams_count(app->upstreams); i++) {
        struct upstream_status status;

        upstreams_status(app->upstreams, i, &status);
        if (print_upstream(&status) < 0)
            result = -1;
    }
    return check_pins(app) < 0 ? -1 : result;
}

static void print_servers(const struct config *config)
{
    printf("servers   %zu configured\n", config->server_count);
    for (size_t i = 0; i < config->server_count; i++) {
        const struct server_config *server = &config->servers[i];

        printf("  %-20s %s%s\n", server->key,
               server->transport == TRANSPORT_STDIO ? server->argv[0] : server->url,
               server->disabled ? " (disabled)" : "");
    }
}

static int check(struct app *app, const struct options *options)
{
    int result;

    printf("config    %s is valid\n", app->config->path);
    result = check_isolate(app) | check_compiler(app);
    if (options->connect)
        result |= check_upstreams(app);
    else
        print_servers(app->config);
    fflush(stdout);
    app_stop(app);
    loop_run(app->loop);
    return result;
}

int cmd_check(int argc, char **argv)
{
    struct options options = { 0 };
    struct err err = ERR_INIT;
    struct config *config;
    struct app *app;
    int result;

    argp_parse(&parser, argc, argv, 0, NULL, &options);
    config = app_load_config(options.config_path, &err);
    if (!config || config_check_listen(config, &err) < 0) {
        config_free(config);
        return command_fail(&err);
    }
    if (config->log_level == LOG_INFO)
        log_setup(LOG_WARN, config->log_format);
    app = app_new(config, APP_EXECUTE, &err);
    if (!app)
        return command_fail(&err);
    result = check(app, &options);
    app_free(app);
    return result < 0 ? 1 : 0;
}

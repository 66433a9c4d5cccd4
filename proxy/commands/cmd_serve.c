/*
 * mcpfold serve: MCP over Streamable HTTP.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "proxy/commands/app.h"
#include "proxy/commands/command.h"
#include "proxy/commands/version.h"

struct options {
    const char *config_path;
    const char *listen;
};

static const struct argp_option option_table[] = {
    { "listen", 'l', "HOST:PORT", 0, "Address to listen on, instead of the configured one", 0 },
    { 0 },
};

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is argp's. */
static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->config_path;
        return 0;
    case 'l':
        options->listen = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse_option,
    .children = command_children,
    .doc = "Serves MCP over Streamable HTTP at /mcp, with /healthz and /readyz.",
};

static struct config *load(const struct options *options, struct err *err)
{
    struct config *config = app_load_config(options->config_path, err);

    if (!config)
        return NULL;
    if ((options->listen && config_set_listen(config, options->listen, err) < 0) ||
        config_check_listen(config, err) < 0) {
        config_free(config);
        return NULL;
    }
    return config;
}

static int serve(struct app *app, struct err *err)
{
    struct mcp_http *http = mcp_http_new(app->mcp, err);

    if (!http)
        return -1;
    if (app_stop_at_signals(app, err) == 0) {
        mcp_http_set_ready(http, app_ready, app);
        log_info("app", "listening", LOG_STR("host", app->config->listen_host),
                 LOG_INT("port", mcp_http_port(http)), LOG_STR("version", MCPFOLD_VERSION));
        app_start(app);
        loop_run(app->loop);
    }
    mcp_http_free(http);
    return err->code == ERR_NONE ? 0 : -1;
}

int cmd_serve(int argc, char **argv)
{
    struct options options = { 0 };
    struct err err = ERR_INIT;
    struct config *config;
    struct app *app;
    int result;

    argp_parse(&parser, argc, argv, 0, NULL, &options);
    config = load(&options, &err);
    if (!config)
        return command_fail(&err);
    app = app_new(config, APP_SERVE, &err);
    if (!app)
        return command_fail(&err);
    result = serve(app, &err) < 0 ? command_fail(&err) : 0;
    app_free(app);
    return result;
}

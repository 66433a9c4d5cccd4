/*
 * mcpfold stdio: MCP on stdin and stdout.
 *
 * Clients start such a program only to look at it and end it again, so
 * nothing costly starts before a request needs it.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "proxy/commands/app.h"
#include "proxy/commands/command.h"

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is argp's. */
static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    (void)argument;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    state->child_inputs[0] = state->input;
    return 0;
}

static const struct argp parser = {
    .parser = parse_option,
    .children = command_children,
    .doc = "Serves MCP on stdin and stdout; the log goes to stderr.",
};

static void on_client_gone(void *ctx)
{
    app_stop(ctx);
}

/*
 * Our own copies of stdin and stdout; the places themselves become /dev/null
 * and stderr, so that nothing printed by mistake reaches the client.
 */
static int take_standard_streams(int *ret_in, int *ret_out, struct err *err)
{
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    *ret_in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    *ret_out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (null_fd < 0 || *ret_in < 0 || *ret_out < 0 || dup2(null_fd, STDIN_FILENO) < 0 ||
        dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return err_sys(err, ERR_IO, errno, "cannot take over stdin and stdout");
    close(null_fd);
    return 0;
}

static int serve(struct app *app, struct err *err)
{
    struct mcp_stdio *client;
    int in_fd, out_fd;

    if (app_stop_at_signals(app, err) < 0 || take_standard_streams(&in_fd, &out_fd, err) < 0)
        return -1;
    client = mcp_stdio_new(app->mcp, in_fd, out_fd, on_client_gone, app, err);
    if (!client)
        return -1;
    loop_run(app->loop);
    mcp_stdio_free(client);
    return 0;
}

int cmd_stdio(int argc, char **argv)
{
    const char *config_path = NULL;
    struct err err = ERR_INIT;
    struct config *config;
    struct app *app;
    int result;

    argp_parse(&parser, argc, argv, 0, NULL, &config_path);
    config = app_load_config(config_path, &err);
    if (!config)
        return command_fail(&err);
    app = app_new(config, APP_SERVE, &err);
    if (!app)
        return command_fail(&err);
    result = serve(app, &err) < 0 ? command_fail(&err) : 0;
    app_free(app);
    return result;
}

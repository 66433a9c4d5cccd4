/*
 * mcpfold types: the API that scripts are checked against, or the description
 * that a client is sent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "codegen/declarations.h"
#include "codegen/describe.h"
#include "proxy/commands/app.h"
#include "proxy/commands/command.h"
#include "proxy/mcp/profile.h"

#define OUTPUT_MAX_BYTES (256u << 20)

struct options {
    const char *config_path;
    const char *server;
    const char *client;
    bool description, documentation;
    char **catalogues; /* borrowed from argv */
    size_t catalogue_count;
    struct describe_options describe; /* of the client */
};

enum { KEY_CATALOGUE = 0x100, KEY_SERVER, KEY_DESCRIPTION, KEY_CLIENT, KEY_DOCUMENTATION };

static const struct argp_option option_table[] = {
    { "catalogue", KEY_CATALOGUE, "FILE", 0,
      "Read a saved catalogue instead of connecting (may be repeated, further files may follow)",
      0 },
    { "server", KEY_SERVER, "NAME", 0, "Only this server", 0 },
    { "documentation", KEY_DOCUMENTATION, NULL, 0, "With all documentation, as comments", 0 },
    { "description", KEY_DESCRIPTION, NULL, 0, "Print the description of execute_code instead", 0 },
    { "client", KEY_CLIENT, "NAME", 0, "The description as a client of this name gets it", 0 },
    { 0 },
};

static void add_catalogue(struct options *options, char *path)
{
    options->catalogues = xreallocarray(options->catalogues, options->catalogue_count + 1,
                                        sizeof(options->catalogues[0]));
    options->catalogues[options->catalogue_count++] = path;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->config_path;
        return 0;
    case KEY_CATALOGUE:
        add_catalogue(options, argument);
        return 0;
    case KEY_SERVER:
        options->server = argument;
        return 0;
    case KEY_DOCUMENTATION:
        options->documentation = true;
        return 0;
    case KEY_CLIENT:
        options->client = argument;
        options->description = true;
        return 0;
    case KEY_DESCRIPTION:
        options->description = true;
        return 0;
    case ARGP_KEY_ARG:
        if (!options->catalogue_count)
            argp_error(state, "unexpected argument '%s'", argument);
        add_catalogue(options, argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse_option,
    .children = command_children,
    .doc = "Prints the TypeScript declarations that scripts are checked against, or with "
           "--description the text of the tool's description.",
};

/* Takes over the profile of the named client; without a configuration one that is built in. */
static int use_profile(struct options *options, const struct config *config, struct err *err)
{
    CLEANUP(buf) struct buf list = BUF(ERR_TEXT_BYTES);
    bool known = true;

    if (config)
        options->describe = profile_of(config, options->client, &known);
    else
        options->describe.max_characters = describe_client_limit(options->client, &known);
    if (known || !options->client)
        return 0;
    for (const char *const *client = describe_clients; *client; client++)
        buf_printf(&list, "%s%s", list.len ? ", " : "", *client);
    return err_set(err, ERR_NOT_FOUND,
                   "no client '%s' is known; known are: %s, and those of `clients:` in the "
                   "configuration",
                   options->client, buf_str(&list));
}

static struct catalogue *load_catalogues(struct options *options, struct err *err)
{
    struct catalogue_server **servers = xcalloc(options->catalogue_count, sizeof(*servers));
    struct catalogue *catalogue = NULL;
    size_t count = 0;

    if (use_profile(options, NULL, err) < 0) {
        free(servers);
        return NULL;
    }
    while (count < options->catalogue_count) {
        servers[count] = catalogue_server_load(options->catalogues[count], NULL, err);
        if (!servers[count])
            break;
        count++;
    }
    if (count == options->catalogue_count)
        catalogue = catalogue_new(servers, count, 1);
    for (size_t i = 0; i < count; i++)
        catalogue_server_unref(servers[i]);
    free(servers);
    return catalogue;
}

static void on_settled(void *ctx)
{
    loop_stop(ctx);
}

/* The catalogue of the configured servers, once each has answered or failed. */
static struct catalogue *connect_servers(struct options *options, struct err *err)
{
    struct config *config = app_load_config(options->config_path, err);
    struct catalogue *catalogue;
    struct app *app;

    if (!config)
        return NULL;
    if (config->log_level == LOG_INFO)
        log_setup(LOG_WARN, config->log_format);
    if (use_profile(options, config, err) < 0) {
        config_free(config);
        return NULL;
    }
    app = app_new(config, APP_UPSTREAMS, err);
    if (!app)
        return NULL;
    upstreams_when_settled(app->upstreams, config->startup_timeout_ms, on_settled, app->loop);
    loop_run(app->loop);
    catalogue = catalogue_ref(upstreams_catalogue(app->upstreams));
    app_stop(app);
    loop_run(app->loop);
    app_free(app);
    return catalogue;
}

static int print_declarations(const struct catalogue *catalogue,
                              const struct options *options,
                              struct buf *out,
                              struct err *err)
{
    enum declaration_style style = options->documentation ? DECLARATION_FULL : DECLARATION_CHECK;
    bool found = false;

    buf_add_span(out, declarations_prelude());
    for (size_t i = 0; i < catalogue->server_count; i++) {
        const struct catalogue_server *server = catalogue->servers[i];

        if (options->server && strcmp(options->server, server->key) != 0)
            continue;
        found = true;
        if (server->problem)
            fprintf(stderr, "mcpfold: server '%s' is down: %s\n", server->key, server->problem);
        if (declarations_of_server(server, style, out, err) < 0)
            return err_in(err, "server '%s'", server->key);
    }
    if (options->server && !found)
        return err_set(err, ERR_NOT_FOUND, "there is no server '%s'", options->server);
    return buf_check(out, "the output", err);
}

static int print_description(const struct catalogue *catalogue,
                             const struct options *options,
                             struct buf *out,
                             struct err *err)
{
    if (describe_catalogue(catalogue, &options->describe, out, err) < 0)
        return -1;
    fprintf(stderr, "mcpfold: %zu characters, about %zu tokens\n",
            utf8_utf16_len(out->data, out->len), describe_tokens(buf_span(out)));
    return 0;
}

static int print_types(struct options *options, struct err *err)
{
    CLEANUP(buf) struct buf out = BUF(OUTPUT_MAX_BYTES);
    struct catalogue *catalogue;
    int result;

    catalogue =
        options->catalogue_count ? load_catalogues(options, err) : connect_servers(options, err);
    if (!catalogue)
        return -1;
    result = options->description ? print_description(catalogue, options, &out, err)
                                  : print_declarations(catalogue, options, &out, err);
    catalogue_unref(catalogue);
    if (result == 0)
        fwrite(out.data, 1, out.len, stdout);
    return result;
}

int cmd_types(int argc, char **argv)
{
    struct options options = { .describe.budget_tokens = CONFIG_DESCRIPTION_BUDGET };
    struct err err = ERR_INIT;
    int result;

    argp_parse(&parser, argc, argv, 0, NULL, &options);
    result = print_types(&options, &err) < 0 ? command_fail(&err) : 0;
    free(options.catalogues);
    return result;
}

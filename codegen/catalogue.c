#include "codegen/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codegen/names.h"
#include "codegen/observed.h"

static void free_tool(struct tool *tool)
{
    free(tool->name);
    free(tool->identifier);
    free(tool->title);
    free(tool->description);
    json_decref(tool->input);
    json_decref(tool->output);
    observed_unref(tool->observed);
    free(tool->definition);
}

static void free_prompt(struct prompt *prompt)
{
    for (size_t i = 0; i < prompt->argument_count; i++) {
        free(prompt->arguments[i].name);
        free(prompt->arguments[i].description);
    }
    free(prompt->arguments);
    free(prompt->name);
    free(prompt->title);
    free(prompt->description);
    free(prompt->definition);
}

static void free_resources(struct resource *resources, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(resources[i].uri);
        free(resources[i].name);
        free(resources[i].title);
        free(resources[i].description);
        free(resources[i].mime_type);
        free(resources[i].definition);
    }
    free(resources);
}

static void drop_derived(struct catalogue_server *server)
{
    if (server->derived)
        server->derived_free(server->derived);
    server->derived = NULL;
}

static void free_server(struct catalogue_server *server)
{
    drop_derived(server);
    for (size_t i = 0; i < server->tool_count; i++)
        free_tool(&server->tools[i]);
    if (server->code_tool)
        free_tool(server->code_tool);
    free(server->code_tool);
    for (size_t i = 0; i < server->prompt_count; i++)
        free_prompt(&server->prompts[i]);
    free(server->tools);
    free(server->prompts);
    free_resources(server->resources, server->resource_count);
    free_resources(server->templates, server->template_count);
    free(server->key);
    free(server->identifier);
    free(server->problem);
    free(server->title);
    free(server->version);
    free(server->instructions);
    free(server);
}

struct catalogue_server *
catalogue_server_absent(const char *key, enum server_state state, const char *problem)
{
    struct catalogue_server *server = NEW(struct catalogue_server);

    server->references = 1;
    server->key = xstrdup(key);
    server->identifier = name_identifier(span_of(key));
    server->state = state;
    server->problem = xstrdup(problem);
    return server;
}

struct catalogue_server *catalogue_server_ref(struct catalogue_server *server)
{
    server->references++;
    return server;
}

void catalogue_server_unref(struct catalogue_server *server)
{
    if (server && --server->references == 0)
        free_server(server);
}

/* What was derived from a server names it, so a new name makes it void. */
static void name_server(struct catalogue_server *server, char *identifier)
{
    if (strcmp(server->identifier, identifier) == 0) {
        free(identifier);
        return;
    }
    drop_derived(server);
    free(server->identifier);
    server->identifier = identifier;
}

static void name_servers(struct catalogue *catalogue)
{
    size_t count = catalogue->server_count;
    const char **keys = xcalloc(count + 1, sizeof(*keys));
    char **identifiers = xcalloc(count + 1, sizeof(*identifiers));

    for (size_t i = 0; i < count; i++)
        keys[i] = catalogue->servers[i]->key;
    name_identifiers(keys, count, name_reserved_globals, identifiers);
    for (size_t i = 0; i < count; i++)
        name_server(catalogue->servers[i], identifiers[i]);
    free(identifiers);
    free(keys);
}

struct catalogue *
catalogue_new(struct catalogue_server *const *servers, size_t count, uint64_t change)
{
    struct catalogue *catalogue = NEW(struct catalogue);

    catalogue->references = 1;
    catalogue->change = change;
    catalogue->servers = xcalloc(count + 1, sizeof(*catalogue->servers));
    catalogue->server_count = count;
    for (size_t i = 0; i < count; i++)
        catalogue->servers[i] = catalogue_server_ref(servers[i]);
    name_servers(catalogue);
    return catalogue;
}

struct catalogue *catalogue_ref(struct catalogue *catalogue)
{
    catalogue->references++;
    return catalogue;
}

void catalogue_unref(struct catalogue *catalogue)
{
    if (!catalogue || --catalogue->references > 0)
        return;
    for (size_t i = 0; i < catalogue->server_count; i++)
        catalogue_server_unref(catalogue->servers[i]);
    free(catalogue->servers);
    free(catalogue);
}

const struct catalogue_server *catalogue_find(const struct catalogue *catalogue, struct span key)
{
    for (size_t i = 0; i < catalogue->server_count; i++) {
        if (span_is(key, catalogue->servers[i]->key))
            return catalogue->servers[i];
    }
    return NULL;
}

const struct tool *catalogue_find_tool(const struct catalogue_server *server, struct span name)
{
    for (size_t i = 0; i < server->tool_count; i++) {
        if (span_is(name, server->tools[i].name))
            return &server->tools[i];
    }
    for (size_t i = 0; i < server->tool_count; i++) {
        if (span_is(name, server->tools[i].identifier))
            return &server->tools[i];
    }
    return NULL;
}

#include "proxy/mcp/pinned.h"

bool pinned_has(const struct config *config, const struct exposed *tool)
{
    if (exposed_tool(tool) == tool->server->code_tool)
        return true;
    for (char **path = config->expose.tools; path && *path; path++) {
        const char *name;
        const struct server_config *server = config_exposed_server(config, *path, &name);

        if (server && strcmp(server->key, tool->server->key) == 0 &&
            strcmp(name, exposed_tool(tool)->name) == 0)
            return true;
    }
    return false;
}

bool pinned_is_missing(const struct config *config,
                       const struct catalogue *catalogue,
                       const char *path)
{
    const char *name;
    const struct server_config *configured = config_exposed_server(config, path, &name);
    const struct catalogue_server *server =
        configured ? catalogue_find(catalogue, span_of(configured->key)) : NULL;

    if (!server || server->state != SERVER_READY ||
        (server->code_tool && strcmp(server->code_tool->name, name) == 0))
        return false;
    for (size_t i = 0; i < server->tool_count; i++) {
        if (strcmp(server->tools[i].name, name) == 0)
            return false;
    }
    return true;
}

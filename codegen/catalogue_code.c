/*
 * Servers that run code against other servers, as we do: their tool is no
 * function for scripts.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codegen/catalogue.h"

/* What the tool is called by mcpfold, and by others of its kind. */
static const char *const names[] = { "execute_code", "run_code",           "codemode",
                                     "code_mode",    "execute_typescript", "run_typescript" };

static bool is_required(const json_t *schema, const char *property)
{
    const json_t *required = json_object_get(schema, "required");
    json_t *name;
    size_t i;

    json_array_foreach(required, i, name)
    {
        const char *text = json_string_value(name);

        if (text && strcmp(text, property) == 0)
            return true;
    }
    return false;
}

static bool runs_code(const struct tool *tool)
{
    const json_t *code = json_object_get(json_object_get(tool->input, "properties"), "code");
    const char *type = json_string_value(json_object_get(code, "type"));
    bool named = false;

    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        named |= strcmp(tool->name, names[i]) == 0;
    return named && type && strcmp(type, "string") == 0 && is_required(tool->input, "code");
}

static bool is_mcpfold(const struct catalogue_server *server)
{
    return server->title && strcmp(server->title, "mcpfold") == 0;
}

bool catalogue_server_set_code_tool_apart(struct catalogue_server *server)
{
    size_t at = 0;

    if (server->tool_count != 1 && !is_mcpfold(server))
        return false;
    while (at < server->tool_count && !runs_code(&server->tools[at]))
        at++;
    if (at == server->tool_count)
        return false;
    server->code_tool = NEW(struct tool);
    *server->code_tool = server->tools[at];
    memmove(&server->tools[at], &server->tools[at + 1],
            (server->tool_count - at - 1) * sizeof(*server->tools));
    server->tool_count--;
    return true;
}

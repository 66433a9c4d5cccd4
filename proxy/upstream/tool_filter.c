#include "proxy/upstream/tool_filter.h"

#include <fnmatch.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#define NAME_MAX_BYTES 4096

static size_t count_of(char **patterns)
{
    size_t count = 0;

    while (patterns && patterns[count])
        count++;
    return count;
}

struct tool_filter tool_filter_make(const struct server_config *server)
{
    return (struct tool_filter){
        .server = server,
        .include_used = xcalloc(count_of(server->include_tools) + 1, sizeof(bool)),
        .exclude_used = xcalloc(count_of(server->exclude_tools) + 1, sizeof(bool)),
    };
}

void tool_filter_done(struct tool_filter *filter)
{
    free(TAKE(filter->include_used));
    free(TAKE(filter->exclude_used));
}

static void note_used(char **patterns, bool *used, const char *name)
{
    for (size_t i = 0; patterns && patterns[i]; i++)
        used[i] |= fnmatch(patterns[i], name, 0) == 0;
}

bool tool_filter_shows(struct tool_filter *filter, struct span name)
{
    const struct server_config *server = filter->server;
    CLEANUP(str) char *text = NULL;

    if (!server->include_tools && !server->exclude_tools)
        return true;
    text = json_dup_string(name, NAME_MAX_BYTES);
    if (!text)
        return false;
    note_used(server->include_tools, filter->include_used, text);
    note_used(server->exclude_tools, filter->exclude_used, text);
    return !config_hides_tool(server, text);
}

static void
warn_of(const struct server_config *server, const char *setting, char **patterns, const bool *used)
{
    for (size_t i = 0; patterns && patterns[i]; i++) {
        if (!used[i])
            log_warn("upstream", "no_such_tool", LOG_STR("server", server->key),
                     LOG_STR("setting", setting), LOG_STR("pattern", patterns[i]));
    }
}

void tool_filter_warn_of_unused(const struct tool_filter *filter)
{
    const struct server_config *server = filter->server;

    warn_of(server, "include_tools", server->include_tools, filter->include_used);
    warn_of(server, "exclude_tools", server->exclude_tools, filter->exclude_used);
}

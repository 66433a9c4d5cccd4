/*
 * Where the program keeps what outlives it, when no setting says so.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "proxy/config/config.h"

/* An absolute path; the XDG specification has others ignored. */
static const char *path_of(const char *variable)
{
    const char *path = getenv(variable);

    return path && path[0] == '/' ? path : NULL;
}

char *config_store_folder(const struct config *config)
{
    const char *state = path_of("XDG_STATE_HOME");
    const char *home = path_of("HOME");

    if (config->store_path)
        return xstrdup(config->store_path);
    if (state)
        return xasprintf("%s/mcpfold", state);
    if (home)
        return xasprintf("%s/.local/state/mcpfold", home);
    return xstrdup("/var/lib/mcpfold");
}

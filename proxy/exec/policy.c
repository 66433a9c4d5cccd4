#include "proxy/exec/policy.h"

#include <inttypes.h>

#include "base/mem.h"

static void
say_allowed(const struct config *config, const struct server_config *server, struct buf *out)
{
    const struct limits *limits = &config->limits;

    if (server->timeout_ms)
        buf_printf(out, "allowed, for %" PRIu64 " ms (servers.%s.timeout)", server->timeout_ms,
                   server->key);
    else
        buf_printf(out, "allowed, for %" PRIu64 " ms (limits.call)", limits->call_ms);
    buf_printf(out,
               "; an execution makes at most %" PRIu64 " calls (limits.calls), %" PRIu64
               " at a time (limits.concurrent_calls)",
               limits->calls, limits->concurrent_calls);
}

bool policy_say(const void *ctx, const char *server_key, struct span tool, struct buf *out)
{
    const struct config *config = ctx;
    const struct server_config *server = config_find_server(config, server_key);
    CLEANUP(str) char *name = span_dup(tool);
    const char *setting = server ? config_hides_tool(server, name) : NULL;

    if (setting)
        buf_printf(out, "not allowed: servers.%s.%s in the configuration keeps it from scripts",
                   server_key, setting);
    else if (server)
        say_allowed(config, server, out);
    return !setting;
}

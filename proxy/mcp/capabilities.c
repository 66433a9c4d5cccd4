#include "proxy/mcp/capabilities.h"

#include "base/json.h"
#include "proxy/mcp/mirror.h"
#include "proxy/mcp/mode.h"

#define INSTRUCTIONS                                                                               \
    "One tool, execute_code, runs TypeScript that can call the tools of all connected servers. "   \
    "Write one script that makes all the calls you need, in parallel where they don't depend on "  \
    "each other, and returns only what matters. The tool's description lists the servers; inside " \
    "a script, mcp.search(query) and mcp.describe(path) tell the rest."

#define DIRECT_INSTRUCTIONS \
    "The tools of all connected servers, each under its server's name: server__tool."

static struct upstream_status status_of(const struct mcp_server *server, const char *server_key)
{
    const struct upstreams *upstreams = server->parts.upstreams;
    struct upstream_status status;

    for (size_t i = 0; i < upstreams_count(upstreams); i++) {
        upstreams_status(upstreams, i, &status);
        if (strcmp(status.key, server_key) == 0)
            return status;
    }
    return (struct upstream_status){ .era = ERA_UNKNOWN, .state = SERVER_DOWN };
}

bool server_upstream_is_there(const struct mcp_server *server, const char *server_key)
{
    return status_of(server, server_key).state == SERVER_READY;
}

struct span server_upstream_capabilities(const struct mcp_server *server, const char *server_key)
{
    return status_of(server, server_key).capabilities;
}

enum era server_upstream_era(const struct mcp_server *server, const char *server_key)
{
    return status_of(server, server_key).era;
}

bool server_upstream_can(const struct mcp_server *server,
                         const char *server_key,
                         const char *capability,
                         const char *member)
{
    struct span capabilities = server_upstream_capabilities(server, server_key), value;
    bool can = true;

    if (!json_get(capabilities, capability, &value))
        return false;
    return !member || (json_get(value, member, &value) && json_bool(value, &can) && can);
}

bool server_has_tokens(const struct mcp_server *server)
{
    const struct config *config = server->parts.config;

    return config->tokens && config->tokens[0];
}

bool capabilities_completes(const struct mcp_server *server)
{
    const struct upstreams *upstreams = server->parts.upstreams;

    if (!mode_exposes_prompts(server) && !mode_exposes_resources(server))
        return false;
    if (!upstreams_settled(upstreams))
        return true;
    for (size_t i = 0; i < upstreams_count(upstreams); i++) {
        struct upstream_status status;
        struct span value;

        upstreams_status(upstreams, i, &status);
        if (json_get(status.capabilities, "completions", &value))
            return true;
    }
    return false;
}

void server_write_capabilities(const struct mcp_call *call, struct buf *out)
{
    const struct mcp_server *server = call->server;

    if (mode_mirrors(server)) {
        mirror_write_capabilities(server, out);
        return;
    }
    json_write_key(out, "capabilities");
    buf_add_char(out, '{');
    if (capabilities_completes(server))
        json_write_member_raw(out, "completions", SPAN("{}"));
    json_write_member_raw(out, "logging", SPAN("{}"));
    if (mode_exposes_prompts(server))
        json_write_member_raw(out, "prompts", SPAN("{\"listChanged\":true}"));
    json_write_member_raw(out, "resources",
                          mode_exposes_resources(server)
                              ? SPAN("{\"subscribe\":true,\"listChanged\":true}")
                              : SPAN("{}"));
    json_write_member_raw(out, "tools", SPAN("{\"listChanged\":true}"));
    buf_add_char(out, '}');
}

void server_write_instructions(const struct mcp_call *call, struct buf *out)
{
    enum offer_mode mode = mode_of(call);

    if (mode == OFFER_PASSTHROUGH)
        mirror_write_instructions(call->server, out);
    else
        json_write_member_string(out, "instructions",
                                 mode == OFFER_DIRECT ? SPAN(DIRECT_INSTRUCTIONS)
                                                      : SPAN(INSTRUCTIONS));
}

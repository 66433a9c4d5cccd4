#include "proxy/mcp/mode.h"

enum offer_mode mode_of(const struct mcp_call *call)
{
    const struct config *config = call->server->parts.config;
    const struct client_config *client;
    CLEANUP(str) char *name = NULL;

    if (config->mode == OFFER_PASSTHROUGH)
        return OFFER_PASSTHROUGH;
    if (call->has_mode)
        return call->mode;
    if (config->client_count == 0)
        return config->mode;
    name = call_client_name(call);
    client = config_find_client(config, name);
    return client && client->has_mode ? client->mode : config->mode;
}

bool mode_mirrors(const struct mcp_server *server)
{
    return server->parts.config->mode == OFFER_PASSTHROUGH;
}

const char *mode_mirrored(const struct mcp_server *server)
{
    const struct config *config = server->parts.config;
    size_t i = 0;

    while (config->servers[i].disabled)
        i++; /* the configuration was refused unless there is exactly one */
    return config->servers[i].key;
}

bool mode_exposes_prompts(const struct mcp_server *server)
{
    return !mode_mirrors(server) && server->parts.config->expose.prompts;
}

bool mode_exposes_resources(const struct mcp_server *server)
{
    return !mode_mirrors(server) && server->parts.config->expose.resources;
}

static int read_value(const struct mcp_server *server,
                      struct span value,
                      enum offer_mode *ret_mode,
                      struct fault *fault)
{
    if (mode_mirrors(server))
        return fault_set(fault, RPC_INVALID_REQUEST, 400,
                         "This address mirrors one server (mode: passthrough) and has no ?mode=");
    if (span_is(value, "direct"))
        *ret_mode = OFFER_DIRECT;
    else if (span_is(value, "code"))
        *ret_mode = OFFER_CODE;
    else
        return fault_set(fault, RPC_INVALID_REQUEST, 400,
                         "?mode= in the address must be code or direct");
    return 0;
}

int mode_read_query(const struct mcp_server *server,
                    struct span query,
                    bool *ret_has_mode,
                    enum offer_mode *ret_mode,
                    struct fault *fault)
{
    *ret_has_mode = false;
    while (query.len) {
        const char *end = memchr(query.data, '&', query.len);
        size_t len = end ? (size_t)(end - query.data) : query.len;
        struct span part = span_make(query.data, len);

        query = span_skip(query, end ? len + 1 : len);
        if (!span_starts_with(part, SPAN("mode=")))
            continue;
        if (read_value(server, span_skip(part, 5), ret_mode, fault) < 0)
            return -1;
        *ret_has_mode = true;
    }
    return 0;
}

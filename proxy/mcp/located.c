#include "proxy/mcp/located.h"

#include "base/json.h"
#include "proxy/mcp/mode.h"
#include "proxy/mcp/owner.h"

static const char *configured_key(const struct mcp_server *server, const struct buf *key)
{
    const struct server_config *found = config_find_server(server->parts.config, buf_str(key));

    return found && !found->disabled ? found->key : NULL;
}

static int read_exposed(const struct mcp_call *call, struct span raw_uri, struct located *ret)
{
    CLEANUP(buf) struct buf uri = BUF(WRAPPED_URI_BYTES);
    CLEANUP(buf) struct buf key = BUF(WRAPPED_INNER_BYTES);

    if (json_decode_string(raw_uri, &uri) < 0)
        return -1;
    if (wrapped_uri_read(buf_span(&uri), &key, &ret->uri) == 0) {
        ret->server_key = configured_key(call->server, &key);
    } else {
        buf_clear(&ret->uri);
        buf_add_span(&ret->uri, buf_span(&uri));
        ret->server_key = owner_of_uri(call->server, raw_uri);
    }
    return ret->server_key && !buf_failed(&ret->uri) ? 0 : -1;
}

int located_read(const struct mcp_call *call, struct span raw_uri, struct located *ret)
{
    if (!mode_mirrors(call->server))
        return mode_exposes_resources(call->server) ? read_exposed(call, raw_uri, ret) : -1;
    ret->server_key = mode_mirrored(call->server);
    return json_decode_string(raw_uri, &ret->uri) < 0 || ret->uri.len == 0 ? -1 : 0;
}

int located_not_found(const struct mcp_call *call, struct span raw_uri, struct fault *fault)
{
    CLEANUP(buf) struct buf data = BUF(FAULT_DATA_BYTES);
    int code = call->era == ERA_MODERN ? RPC_INVALID_PARAMS : RPC_RESOURCE_NOT_FOUND;

    if (json_kind(raw_uri) != JSON_KIND_STRING)
        return fault_set(fault, RPC_INVALID_PARAMS, 200, "uri must be a string");
    fault_set(fault, code, 200, "Resource not found: no server has this URI");
    buf_add_char(&data, '{');
    json_write_member_raw(&data, "uri", raw_uri);
    buf_add_char(&data, '}');
    if (!buf_failed(&data))
        fault_set_data(fault, buf_span(&data));
    return -1;
}

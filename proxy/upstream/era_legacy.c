/*
 * The legacy era (2024-11-05 to 2025-11-25): `initialize`, sessions over HTTP,
 * notifications that come unasked.
 */
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "proxy/upstream/capabilities.h"
#include "proxy/upstream/era.h"

#define VERSION_MAX_BYTES 64

/* Declared once for all clients: what one of them can't do is refused when it is asked for. */
static int write_handshake_params(struct buf *out, const struct server_config *server)
{
    buf_add_str(out, "{\"protocolVersion\":\"" PROTOCOL_LEGACY_NEWEST "\",\"capabilities\":{");
    capabilities_write_permitted(out, server);
    buf_add_str(out, "},\"clientInfo\":" ERA_CLIENT_INFO "}");
    return buf_failed(out) ? -1 : 0;
}

static enum era_verdict
read_handshake(struct server_info *info, struct span result, struct err *err)
{
    struct span version, implementation = SPAN_NONE;

    if (json_kind(result) != JSON_KIND_OBJECT || !json_get(result, "protocolVersion", &version)) {
        err_set(err, ERR_PROTOCOL, "its answer to initialize names no protocol version");
        return ERA_VERDICT_FAILED;
    }
    info->protocol = json_dup_string(version, VERSION_MAX_BYTES);
    if (!info->protocol || !protocol_is_legacy(span_of(info->protocol))) {
        err_set(err, ERR_UNSUPPORTED, "it speaks protocol version %.*s, which is not supported",
                (int)(version.len < VERSION_MAX_BYTES ? version.len : VERSION_MAX_BYTES),
                version.data);
        return ERA_VERDICT_FAILED;
    }
    json_get(result, "serverInfo", &implementation);
    server_info_read(info, result, implementation);
    return ERA_VERDICT_TAKEN;
}

static enum era_verdict judge_failure(const struct rpc_failure *failure, struct err *err)
{
    *err = *failure->err;
    if (failure->err->code == ERR_REMOTE && failure->code == RPC_UNSUPPORTED_VERSION)
        return ERA_VERDICT_OTHER;
    err_in(err, "initialize failed");
    return ERA_VERDICT_FAILED;
}

static int write_params(struct buf *out, const struct rpc_request *request, uint64_t id)
{
    CLEANUP(buf) struct buf meta = BUF(LIMIT_RPC_MESSAGE_BYTES);

    if (!request->progress && json_count(request->meta) == 0)
        return era_write_params(out, request->params, SPAN_NONE);
    buf_add_char(&meta, '{');
    era_write_members(&meta, request->meta);
    if (request->progress)
        json_write_member_int(&meta, "progressToken", (int64_t)id);
    buf_add_char(&meta, '}');
    if (buf_failed(&meta))
        return -1;
    return era_write_params(out, request->params, buf_span(&meta));
}

static int add_headers(struct header_list *out,
                       const char *method,
                       const struct rpc_request *request,
                       const struct server_info *info,
                       struct err *err)
{
    (void)method;
    (void)request;
    if (!info->protocol)
        return 0;
    return header_list_add(out, "MCP-Protocol-Version", span_of(info->protocol), err);
}

static enum rpc_result check_result(struct span result, struct err *err)
{
    (void)result;
    (void)err;
    return RPC_RESULT_COMPLETE;
}

static bool cancels_by_notification(const struct transport *transport)
{
    (void)transport;
    return true;
}

const struct era_ops era_legacy = {
    .era = ERA_LEGACY,
    .handshake = "initialize",
    .write_handshake_params = write_handshake_params,
    .read_handshake = read_handshake,
    .judge_failure = judge_failure,
    .handshake_end = "notifications/initialized",
    .write_params = write_params,
    .add_headers = add_headers,
    .check_result = check_result,
    .cancels_by_notification = cancels_by_notification,
    .answers_requests = true,
    .has_sessions = true,
    .watch = "resources/subscribe",
    .unwatch = "resources/unsubscribe",
    .set_log_level = "logging/setLevel",
};

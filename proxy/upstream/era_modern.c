/*
 * The modern era (2026-07-28): no handshake is needed, every request carries
 * version and capabilities, headers mirror it over HTTP, changes are told to
 * those who listen.  `server/discover` serves as the probe.
 */
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "proxy/upstream/era.h"
#include "proxy/upstream/param_headers.h"

#define NAME_MAX_BYTES  16384
#define VERSIONS_LISTED 200

#define META_FIXED                                                              \
    "\"" META_PROTOCOL_VERSION "\":\"" PROTOCOL_MODERN "\",\"" META_CLIENT_INFO \
    "\":" ERA_CLIENT_INFO

static int write_handshake_params(struct buf *out, const struct server_config *server)
{
    (void)server;
    return buf_add_str(out, "{}");
}

/* What a list of versions offers: ours, a legacy one, or nothing we know. */
static enum era_verdict judge_versions(struct span versions, struct err *err)
{
    struct json_iter it = json_iter(versions);
    bool legacy = false;

    while (json_next(&it)) {
        if (json_string_is(it.value, PROTOCOL_MODERN))
            return ERA_VERDICT_TAKEN;
        for (size_t i = 0; protocol_legacy[i]; i++)
            legacy = legacy || json_string_is(it.value, protocol_legacy[i]);
    }
    if (legacy)
        return ERA_VERDICT_OTHER;
    err_set(err, ERR_UNSUPPORTED,
            "it speaks only the protocol versions %.*s, and this program none of them",
            (int)(versions.len < VERSIONS_LISTED ? versions.len : VERSIONS_LISTED), versions.data);
    return ERA_VERDICT_FAILED;
}

static enum era_verdict
read_handshake(struct server_info *info, struct span result, struct err *err)
{
    struct span versions, implementation = SPAN_NONE;
    enum era_verdict verdict;

    if (!json_get(result, "supportedVersions", &versions) || json_kind(versions) != JSON_KIND_ARRAY)
        return ERA_VERDICT_OTHER;
    verdict = judge_versions(versions, err);
    if (verdict != ERA_VERDICT_TAKEN)
        return verdict;
    info->protocol = xstrdup(PROTOCOL_MODERN);
    json_get_path(result, (const char *[]){ "_meta", META_SERVER_INFO, NULL }, &implementation);
    server_info_read(info, result, implementation);
    return ERA_VERDICT_TAKEN;
}

/* No single code tells an old server apart: whatever is no sign of the modern era is one of the
 * legacy era, unless the server could not be asked at all (2026-07-28, basic/versioning). */
static enum era_verdict judge_failure(const struct rpc_failure *failure, struct err *err)
{
    struct span supported;

    *err = *failure->err;
    if (failure->code == RPC_UNSUPPORTED_VERSION &&
        json_get(failure->data, "supported", &supported))
        return judge_versions(supported, err);
    if (failure->err->code == ERR_REMOTE && failure->code != 0)
        return ERA_VERDICT_OTHER;
    if (failure->http_status == 401 || failure->http_status == 403)
        return ERA_VERDICT_FAILED;
    if (failure->http_status >= 400 && failure->http_status < 500)
        return ERA_VERDICT_OTHER;
    if (failure->err->code == ERR_PROTOCOL || failure->err->code == ERR_TIMEOUT)
        return ERA_VERDICT_OTHER;
    return ERA_VERDICT_FAILED;
}

/* What the client of this request can be asked. */
static void write_capabilities(struct buf *out, const struct rpc_request *request)
{
    json_write_key(out, META_CLIENT_CAPABILITIES);
    buf_add_char(out, '{');
    era_write_members(out, request->capabilities);
    if (request->tasks)
        json_write_member_raw(out, "extensions", SPAN("{\"" EXTENSION_TASKS "\":{}}"));
    buf_add_char(out, '}');
}

static int write_params(struct buf *out, const struct rpc_request *request, uint64_t id)
{
    CLEANUP(buf) struct buf meta = BUF(LIMIT_RPC_MESSAGE_BYTES);

    buf_add_str(&meta, "{" META_FIXED);
    write_capabilities(&meta, request);
    if (request->log_level)
        json_write_member_string(&meta, META_LOG_LEVEL, span_of(request->log_level));
    if (request->progress)
        json_write_member_int(&meta, "progressToken", (int64_t)id);
    era_write_members(&meta, request->meta);
    buf_add_char(&meta, '}');
    if (buf_failed(&meta))
        return -1;
    return era_write_params(out, request->params, buf_span(&meta));
}

/* The member of params that Mcp-Name mirrors; NULL when the method has none. */
static const char *name_member(const char *method)
{
    static const struct {
        const char *method, *member;
    } rows[] = {
        { "tools/call", "name" },  { "prompts/get", "name" },    { "resources/read", "uri" },
        { "tasks/get", "taskId" }, { "tasks/update", "taskId" }, { "tasks/cancel", "taskId" },
    };

    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        if (strcmp(method, rows[i].method) == 0)
            return rows[i].member;
    }
    return NULL;
}

static int
add_name(struct header_list *out, const char *method, struct span params, struct err *err)
{
    CLEANUP(buf) struct buf name = BUF(NAME_MAX_BYTES);
    const char *member = name_member(method);
    struct span value;

    if (!member || !json_get(params, member, &value))
        return 0;
    if (json_decode_string(value, &name) < 0)
        return err_set(err, ERR_INVALID, "%s: \"%s\" is no string, or too long", method, member);
    return header_list_add_encoded(out, "Mcp-Name", buf_span(&name), err);
}

static int add_headers(struct header_list *out,
                       const char *method,
                       const struct rpc_request *request,
                       const struct server_info *info,
                       struct err *err)
{
    struct span arguments = SPAN_NONE;

    (void)info;
    if (header_list_add(out, "MCP-Protocol-Version", SPAN(PROTOCOL_MODERN), err) < 0 ||
        header_list_add(out, "Mcp-Method", span_of(method), err) < 0)
        return -1;
    if (!request)
        return 0;
    if (add_name(out, method, request->params, err) < 0)
        return -1;
    json_get(request->params, "arguments", &arguments);
    return param_headers_add(out, request->schema, arguments, err);
}

/* Absent as old servers leave it: "complete" (2026-07-28, basic/index "Results"). */
static enum rpc_result check_result(struct span result, struct err *err)
{
    struct span type;

    if (!json_get(result, "resultType", &type) || json_string_is(type, "complete"))
        return RPC_RESULT_COMPLETE;
    if (json_string_is(type, "input_required"))
        return RPC_RESULT_INPUT_REQUIRED;
    if (json_string_is(type, "task"))
        return RPC_RESULT_TASK;
    err_set(err, ERR_PROTOCOL, "the server answered with a resultType that is not known");
    return RPC_RESULT_UNUSABLE;
}

static bool cancels_by_notification(const struct transport *transport)
{
    return !transport->carries_headers;
}

static void write_watched(struct buf *out, const struct watches *watches)
{
    json_write_key(out, "resourceSubscriptions");
    buf_add_char(out, '[');
    for (const struct watch *watch = watches->first; watch; watch = watch->hh.next) {
        json_write_comma(out);
        json_write_string(out, span_of(watch->uri));
    }
    buf_add_char(out, ']');
}

static bool write_subscribe_params(struct buf *out,
                                   const struct server_info *info,
                                   const struct watches *watches)
{
    static const char head[] = "{\"notifications\":{";
    bool any;

    buf_add_str(out, head);
    if (info->tools.tells_changes)
        json_write_member_bool(out, "toolsListChanged", true);
    if (info->resources.tells_changes)
        json_write_member_bool(out, "resourcesListChanged", true);
    if (info->prompts.tells_changes)
        json_write_member_bool(out, "promptsListChanged", true);
    if (info->tells_resource_changes && watches->first)
        write_watched(out, watches);
    any = out->len > sizeof(head) - 1;
    buf_add_str(out, "}}");
    return any && !buf_failed(out);
}

const struct era_ops era_modern = {
    .era = ERA_MODERN,
    .handshake = "server/discover",
    .write_handshake_params = write_handshake_params,
    .read_handshake = read_handshake,
    .judge_failure = judge_failure,
    .write_params = write_params,
    .add_headers = add_headers,
    .check_result = check_result,
    .cancels_by_notification = cancels_by_notification,
    .subscribe = "subscriptions/listen",
    .write_subscribe_params = write_subscribe_params,
};

/*
 * What only the legacy era has: the handshake, ping, the session's log level.
 */
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "proxy/mcp/mirror.h"
#include "proxy/mcp/mode.h"

/* The client's revision when it is known, else our newest (2025-11-25, basic/lifecycle). */
static const char *negotiate(struct span raw_version)
{
    for (const char *const *version = protocol_legacy; *version; version++) {
        if (json_string_is(raw_version, *version))
            return *version;
    }
    return PROTOCOL_LEGACY_NEWEST;
}

/* What it can be asked, and of what size that may be. */
static void note_capabilities(const struct mcp_call *call)
{
    struct span capabilities;

    free(TAKE(call->session->capabilities));
    if (call_param(call, "capabilities", &capabilities) &&
        json_kind(capabilities) == JSON_KIND_OBJECT && capabilities.len <= LIMIT_CAPABILITIES_BYTES)
        call->session->capabilities = span_dup(capabilities);
}

/* Keeps the client's name in its session, and logs who came. */
static void note_client(const struct mcp_call *call)
{
    CLEANUP(buf) struct buf name = BUF(256);
    struct mcp_session *session = call->session;
    struct span info, raw;

    if (call_param(call, "clientInfo", &info) && json_get(info, "name", &raw))
        json_decode_string(raw, &name);
    if (name.len < sizeof(session->client))
        memcpy(session->client, buf_str(&name), name.len + 1);
    log_info("mcp", "initialized", LOG_SPAN("client", buf_span(&name)),
             LOG_STR("protocol", session->version));
}

static void answer_initialize(struct mcp_call *call)
{
    CLEANUP(call_result) struct call_result result = CALL_RESULT_INIT;
    struct fault fault;

    if (mode_mirrors(call->server) && !mirror_is_there(call->server, &fault)) {
        call->session->version = NULL;
        call_answer_fault(call, &fault);
        return;
    }
    json_write_member_string(&result.members, "protocolVersion", span_of(call->session->version));
    json_write_key(&result.members, "serverInfo");
    buf_add_str(&result.members, call->server->info);
    server_write_capabilities(call, &result.members);
    server_write_instructions(call, &result.members);
    call_answer(call, &result);
}

/* A mirror can't say anything before its server has. */
void legacy_initialize(struct mcp_call *call)
{
    struct fault fault = FAULT_INIT;
    struct span version;

    if (!call_param(call, "protocolVersion", &version) || json_kind(version) != JSON_KIND_STRING) {
        fault_set(&fault, RPC_INVALID_PARAMS, 400, "protocolVersion must be a string");
        call_answer_fault(call, &fault);
        return;
    }
    call->session->version = negotiate(version);
    note_client(call);
    note_capabilities(call);
    if (mode_mirrors(call->server))
        server_when_settled(call, answer_initialize);
    else
        answer_initialize(call);
}

void legacy_ping(struct mcp_call *call)
{
    CLEANUP(call_result) struct call_result result = CALL_RESULT_INIT;

    call_answer(call, &result);
}

void legacy_set_level(struct mcp_call *call)
{
    CLEANUP(call_result) struct call_result result = CALL_RESULT_INIT;
    struct fault fault = FAULT_INIT;
    struct span level = SPAN_NONE;

    call_param(call, "level", &level);
    if (message_level_read(level, &call->session->log_level) < 0) {
        fault_set(&fault, RPC_INVALID_PARAMS, 400,
                  "level must be one of debug, info, notice, warning, error, critical, alert, "
                  "emergency");
        call_answer_fault(call, &fault);
        return;
    }
    call_answer(call, &result);
}

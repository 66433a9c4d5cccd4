/*
 * server/discover: what this server is, without a handshake.
 */
#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/mirror.h"
#include "proxy/mcp/mode.h"

/* Without a mirrored server nothing of it that matters changes while the program runs. */
#define DISCOVER_TTL_MS 3600000

static void answer_discover(struct mcp_call *call)
{
    CLEANUP(call_result) struct call_result result = CALL_RESULT_INIT;
    bool mirrors = mode_mirrors(call->server);
    struct fault fault;

    if (mirrors && !mirror_is_there(call->server, &fault)) {
        call_answer_fault(call, &fault);
        return;
    }
    result.ttl_ms = mirrors ? 0 : DISCOVER_TTL_MS;
    json_write_member_raw(&result.members, "supportedVersions", SPAN("[\"" PROTOCOL_MODERN "\"]"));
    server_write_capabilities(call, &result.members);
    server_write_instructions(call, &result.members);
    call_answer(call, &result);
}

/* A mirror can't say anything before its server has. */
void modern_discover(struct mcp_call *call)
{
    if (mode_mirrors(call->server))
        server_when_settled(call, answer_discover);
    else
        answer_discover(call);
}

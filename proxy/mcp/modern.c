/*
 * server/discover: what this server is, without a handshake.
 */
#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/server_private.h"

/* Nothing of it changes while the program runs. */
#define DISCOVER_TTL_MS 3600000

void modern_discover(struct mcp_call *call)
{
    CLEANUP(call_result) struct call_result result = CALL_RESULT_INIT;

    result.ttl_ms = DISCOVER_TTL_MS;
    json_write_member_raw(&result.members, "supportedVersions", SPAN("[\"" PROTOCOL_MODERN "\"]"));
    server_write_capabilities(&result.members);
    server_write_instructions(&result.members);
    call_answer(call, &result);
}

/*
 * tools/list: one tool, whose description carries the catalogue.  It is made
 * once each catalogue change.
 */
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "codegen/describe.h"
#include "proxy/mcp/server_private.h"

#define LIST_TTL_MS           60000
#define DESCRIPTION_MAX_BYTES (8 * 1024 * 1024)

#define INPUT_SCHEMA                                                                            \
    "{\"type\":\"object\",\"properties\":{"                                                     \
    "\"code\":{\"type\":\"string\",\"description\":\"TypeScript to run: statements with "       \
    "top-level await and return; the last expression is the result.\"},"                        \
    "\"input\":{\"description\":\"Any JSON value; the script sees it as the global input.\"}}," \
    "\"required\":[\"code\"],\"additionalProperties\":false}"

#define ANNOTATIONS                                                                  \
    "{\"title\":\"Run TypeScript\",\"readOnlyHint\":false,\"destructiveHint\":true," \
    "\"idempotentHint\":false,\"openWorldHint\":true}"

static int write_tools(struct mcp_server *server, struct buf *out, struct err *err)
{
    CLEANUP(buf) struct buf description = BUF(DESCRIPTION_MAX_BYTES);
    const struct describe_options options = {
        .budget_tokens = server->parts.config->description_budget,
    };

    if (describe_catalogue(upstreams_catalogue(server->parts.upstreams), &options, &description,
                           err) < 0)
        return -1;
    buf_add_str(out, "[{");
    json_write_member_string(out, "name", SPAN("execute_code"));
    json_write_member_string(out, "title", SPAN("Run TypeScript"));
    json_write_member_string(out, "description", buf_span(&description));
    json_write_member_raw(out, "inputSchema", SPAN(INPUT_SCHEMA));
    json_write_member_raw(out, "annotations", SPAN(ANNOTATIONS));
    buf_add_str(out, "}]");
    return buf_check(out, "the list of tools", err);
}

bool tools_refresh(struct mcp_server *server)
{
    struct buf tools = BUF(LIMIT_RPC_MESSAGE_BYTES / 2);
    uint64_t change = upstreams_catalogue(server->parts.upstreams)->change;
    struct err err = ERR_INIT;
    char *text;
    bool differs;

    if (server->tools && server->tools_change == change)
        return false;
    if (write_tools(server, &tools, &err) < 0) {
        log_error("mcp", "description_failed", LOG_ERR(&err));
        buf_done(&tools);
        return false;
    }
    text = buf_take(&tools);
    differs = !server->tools || strcmp(server->tools, text) != 0;
    free(server->tools);
    server->tools = text;
    server->tools_change = change;
    return differs;
}

static void answer_tools(struct mcp_call *call)
{
    CLEANUP(call_result) struct call_result result = CALL_RESULT_INIT;
    struct mcp_server *server = call->server;
    struct fault fault;

    tools_refresh(server);
    if (!server->tools) {
        fault_set(&fault, RPC_INTERNAL_ERROR, 200, "The tool's description could not be made");
        call_answer_fault(call, &fault);
        return;
    }
    result.ttl_ms = LIST_TTL_MS;
    result.per_client = server->parts.config->tokens && server->parts.config->tokens[0];
    json_write_member_raw(&result.members, "tools", span_of(server->tools));
    call_answer(call, &result);
}

void tools_list(struct mcp_call *call)
{
    struct fault fault;
    struct span cursor;

    if (call_param(call, "cursor", &cursor)) {
        fault_set(&fault, RPC_INVALID_PARAMS, 200, "Invalid cursor");
        call_answer_fault(call, &fault);
        return;
    }
    server_when_settled(call, answer_tools);
}

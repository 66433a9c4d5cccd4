/*
 * Resources of our own: the whole of results that were shortened, readable in
 * pages for a while.  They are found by the links in results, not by a list.
 */
#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/server_private.h"

/* The lists never change; what is kept may be dropped at any time. */
#define LIST_TTL_MS 3600000
#define READ_TTL_MS 0

#define TEMPLATE                                                                                \
    "[{\"uriTemplate\":\"mcpfold://results/{id}{?offset}\",\"name\":\"result\","                \
    "\"description\":\"The whole of a result that was shortened, in pages. Its link is in the " \
    "result.\",\"mimeType\":\"text/plain\"}]"

/* No cursor is ever given out, so none can come back. */
static bool refuse_cursor(struct mcp_call *call)
{
    struct fault fault;
    struct span cursor;

    if (!call_param(call, "cursor", &cursor))
        return false;
    fault_set(&fault, RPC_INVALID_PARAMS, 200, "Invalid cursor");
    call_answer_fault(call, &fault);
    return true;
}

static void answer_list(struct mcp_call *call, const char *member, struct span list)
{
    CLEANUP(call_result) struct call_result result = CALL_RESULT_INIT;

    if (refuse_cursor(call))
        return;
    result.ttl_ms = LIST_TTL_MS;
    json_write_member_raw(&result.members, member, list);
    call_answer(call, &result);
}

void resources_list(struct mcp_call *call)
{
    answer_list(call, "resources", SPAN("[]"));
}

void resources_templates(struct mcp_call *call)
{
    answer_list(call, "resourceTemplates", SPAN(TEMPLATE));
}

static void answer_not_found(struct mcp_call *call, struct span raw_uri, const struct err *err)
{
    CLEANUP(buf) struct buf data = BUF(FAULT_DATA_BYTES);
    struct fault fault;
    int code = call->era == ERA_MODERN ? RPC_INVALID_PARAMS : RPC_RESOURCE_NOT_FOUND;

    fault_set(&fault, code, 200, "Resource not found: %s", err->text);
    buf_add_char(&data, '{');
    json_write_member_raw(&data, "uri", raw_uri);
    buf_add_char(&data, '}');
    if (!buf_failed(&data))
        fault_set_data(&fault, buf_span(&data));
    call_answer_fault(call, &fault);
}

static void
answer_contents(struct mcp_call *call, struct span raw_uri, const char *mime, struct span text)
{
    CLEANUP(call_result) struct call_result result = CALL_RESULT_INIT;
    struct buf *out = &result.members;

    result.ttl_ms = READ_TTL_MS;
    result.per_client = true;
    buf_add_str(out, "\"contents\":[{");
    json_write_member_raw(out, "uri", raw_uri);
    json_write_member_string(out, "mimeType", span_of(mime));
    json_write_member_string(out, "text", text);
    buf_add_str(out, "}]");
    call_answer(call, &result);
}

void resources_read(struct mcp_call *call)
{
    CLEANUP(buf) struct buf uri = BUF(2048);
    CLEANUP(buf) struct buf text = BUF(LIMIT_KEPT_RESULTS_BYTES);
    struct err err = ERR_INIT;
    struct fault fault;
    struct span raw_uri;
    const char *mime = NULL;

    if (!call_param(call, "uri", &raw_uri) || json_decode_string(raw_uri, &uri) < 0) {
        fault_set(&fault, RPC_INVALID_PARAMS, 200, "uri must be a string");
        call_answer_fault(call, &fault);
    } else if (exec_read_kept(call->server->parts.exec, buf_span(&uri), &text, &mime, &err) < 0) {
        answer_not_found(call, raw_uri, &err);
    } else {
        answer_contents(call, raw_uri, mime, buf_span(&text));
    }
}

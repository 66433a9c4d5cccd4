#include "proxy/mcp/tools_named.h"

#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/content.h"
#include "proxy/mcp/mode.h"
#include "proxy/mcp/pinned.h"
#include "proxy/mcp/relay.h"
#include "proxy/mcp/rewrite.h"

#define LIST_TTL_MS 60000
/* What a client may be sent at once, well below what messages may have. */
#define PAGE_BYTES (2 * 1024 * 1024)
#define PAGE_TOOLS 500

static const struct exposed_list *tool_names(struct mcp_server *server)
{
    exposed_refresh(&server->tool_names, upstreams_catalogue(server->parts.upstreams),
                    EXPOSED_TOOLS);
    return &server->tool_names;
}

const struct tool *tools_named_find(struct mcp_server *server, struct span raw_name)
{
    const struct exposed *found = exposed_find(tool_names(server), raw_name);

    return found ? exposed_tool(found) : NULL;
}

/* ---- definitions ---- */

static bool is_of_object(struct span schema)
{
    struct span type;

    return json_get(schema, "type", &type) && json_string_is(type, "object");
}

bool tools_wraps(enum era era, struct span definition)
{
    struct span schema;

    return era == ERA_LEGACY && json_get(definition, "outputSchema", &schema) &&
           !is_of_object(schema);
}

static void write_wrapped_schema(struct buf *out, struct span schema)
{
    buf_add_str(out, "{\"type\":\"object\",\"properties\":{\"result\":");
    buf_add_span(out, schema);
    buf_add_str(out, "},\"required\":[\"result\"]}");
}

void tools_write_definition(struct buf *out, enum era era, struct span definition)
{
    CLEANUP(buf) struct buf schema = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct span value = SPAN_NONE;

    if (!tools_wraps(era, definition)) {
        buf_add_span(out, definition);
        return;
    }
    json_get(definition, "outputSchema", &value);
    write_wrapped_schema(&schema, value);
    rewrite_member(out, definition, "outputSchema", buf_span(&schema));
}

static void write_tool(struct buf *out, enum era era, const struct exposed *exposed)
{
    CLEANUP(buf) struct buf named = BUF(LIMIT_RPC_MESSAGE_BYTES), name = BUF(1024);

    json_write_string(&name, span_of(exposed->name));
    rewrite_member(&named, span_of(exposed_tool(exposed)->definition), "name", buf_span(&name));
    json_write_comma(out);
    tools_write_definition(out, era, buf_span(&named));
}

bool tools_named_any(const struct mcp_server *server)
{
    const struct config *config = server->parts.config;
    const struct catalogue *catalogue = upstreams_catalogue(server->parts.upstreams);
    bool any = config->expose.tools && config->expose.tools[0];

    for (size_t i = 0; i < catalogue->server_count; i++)
        any |= catalogue->servers[i]->code_tool != NULL;
    return any;
}

void tools_named_write(struct mcp_server *server, enum era era, struct buf *out)
{
    const struct exposed_list *names = tool_names(server);

    for (size_t i = 0; i < names->count; i++) {
        if (pinned_has(server->parts.config, &names->items[i]))
            write_tool(out, era, &names->items[i]);
    }
}

/* ---- tools/list in direct mode ---- */

/* A page begins behind the tool whose name is the cursor: it is found again when others came or
 * went meanwhile.  -1 when there is no such tool. */
static int find_start(struct mcp_call *call, const struct exposed_list *names, size_t *ret_start)
{
    const struct exposed *last;
    struct span cursor;
    struct fault fault;

    *ret_start = 0;
    if (!call_param(call, "cursor", &cursor))
        return 0;
    last = exposed_find(names, cursor);
    if (last) {
        *ret_start = (size_t)(last - names->items) + 1;
        return 0;
    }
    fault_set(&fault, RPC_INVALID_PARAMS, 200,
              "Invalid cursor; the list of tools may have changed");
    call_answer_fault(call, &fault);
    return -1;
}

static void answer_list(struct mcp_call *call)
{
    CLEANUP(call_result) struct call_result result = CALL_RESULT_INIT;
    const struct exposed_list *names = tool_names(call->server);
    struct buf *out = &result.members;
    size_t start, at;

    if (find_start(call, names, &start) < 0)
        return;
    changes_seen(call->server, CHANGE_TOOLS);
    buf_add_str(out, "\"tools\":[");
    for (at = start; at < names->count && at - start < PAGE_TOOLS && out->len < PAGE_BYTES; at++)
        write_tool(out, call->era, &names->items[at]);
    buf_add_char(out, ']');
    if (at < names->count)
        json_write_member_string(out, "nextCursor", span_of(names->items[at - 1].name));
    result.ttl_ms = LIST_TTL_MS;
    result.per_client = true;
    call_answer(call, &result);
}

void tools_named_list(struct mcp_call *call)
{
    server_when_settled(call, answer_list);
}

/* ---- tools/call ---- */

/* Clients of 2025 take objects alone (2025-11-25, CallToolResult). */
static void write_structured(struct buf *out, const struct mcp_call *call, struct span value)
{
    bool wraps =
        call->relay_wraps || (call->era == ERA_LEGACY && json_kind(value) != JSON_KIND_OBJECT);

    json_write_key(out, "structuredContent");
    if (wraps)
        buf_add_str(out, "{\"result\":");
    buf_add_span(out, value);
    if (wraps)
        buf_add_char(out, '}');
}

static void write_content(struct buf *out,
                          const struct mcp_call *call,
                          const char *server_key,
                          struct span result)
{
    struct span content = SPAN_NONE, structured;
    struct json_iter it;

    json_write_key(out, "content");
    buf_add_char(out, '[');
    if (json_get(result, "content", &content)) {
        it = json_iter(content);
        while (json_next(&it)) {
            json_write_comma(out);
            content_write_block(out, call, server_key, it.value);
        }
    } else if (json_get(result, "structuredContent", &structured)) {
        content_add_text(out, structured);
    }
    buf_add_char(out, ']');
}

static bool is_whole(struct span result)
{
    struct span type;

    return !json_get(result, "resultType", &type) || json_string_is(type, "complete");
}

void tools_answer_call(struct mcp_call *call, const char *server_key, struct span result)
{
    static const char *const rewritten[] = { "content", "structuredContent", NULL };
    CLEANUP(buf) struct buf members = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct span structured;

    if (!is_whole(result)) {
        relay_answer(call, server_key, result);
        return;
    }
    write_content(&members, call, server_key, result);
    if (json_get(result, "structuredContent", &structured))
        write_structured(&members, call, structured);
    relay_answer_with(call, result, rewritten, buf_span(&members));
}

void tools_answer_unknown(struct mcp_call *call)
{
    struct fault fault;

    fault_set(&fault, RPC_INVALID_PARAMS, 200, "%s",
              mode_of(call) != OFFER_CODE
                  ? "Unknown tool; tools/list names those that there are"
                  : "Unknown tool; run code with execute_code, and call the servers' tools from "
                    "within it");
    call_answer_fault(call, &fault);
}

static void run_call(struct mcp_call *call)
{
    CLEANUP(buf) struct buf params = BUF(2 * LIMIT_HTTP_BODY_BYTES), name = BUF(2048);
    struct span raw_name = SPAN_NONE;
    const struct exposed *found;
    const struct tool *tool;

    call_param(call, "name", &raw_name);
    found = exposed_find(tool_names(call->server), raw_name);
    if (!found || (mode_of(call) == OFFER_CODE && !pinned_has(call->server->parts.config, found))) {
        tools_answer_unknown(call);
        return;
    }
    tool = exposed_tool(found);
    json_write_string(&name, span_of(tool->name));
    rewrite_member(&params, call->message.params, "name", buf_span(&name));
    call->relay_wraps = tools_wraps(call->era, span_of(tool->definition));
    relay_start(call, found->server->key, buf_span(&params), tools_answer_call);
}

void tools_named_call(struct mcp_call *call)
{
    server_when_settled(call, run_call);
}

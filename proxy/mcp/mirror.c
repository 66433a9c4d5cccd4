/*
 * mode: passthrough, where the one server's primitives are the client's: each
 * request goes to it with the params that came, its answer back in the form of
 * the client's era.
 */
#include "proxy/mcp/mirror.h"

#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/asking.h"
#include "proxy/mcp/changes.h"
#include "proxy/mcp/mode.h"
#include "proxy/mcp/prompts.h"
#include "proxy/mcp/relay.h"
#include "proxy/mcp/tools_named.h"
#include "proxy/rpc/mirrored_params.h"

/* What we carry of a server's capabilities; all else would be a promise of ours that nobody keeps.
 */
static const char *const carried[] = { "completions", "experimental", "logging",
                                       "prompts",     "resources",    "tools" };
/* Extensions that are nothing but metadata of what is carried. */
static const char *const carried_extensions[] = { "io.modelcontextprotocol/ui" };

static void write_extensions(struct buf *out, struct span capabilities)
{
    struct span extensions, value;
    bool any = false;

    if (!json_get(capabilities, "extensions", &extensions))
        return;
    for (size_t i = 0; i < ARRAY_COUNT(carried_extensions); i++) {
        if (!json_get(extensions, carried_extensions[i], &value))
            continue;
        if (!any) {
            json_write_key(out, "extensions");
            buf_add_char(out, '{');
        }
        any = true;
        json_write_member_raw(out, carried_extensions[i], value);
    }
    if (any)
        buf_add_char(out, '}');
}

void mirror_write_capabilities(const struct mcp_server *server, struct buf *out)
{
    struct span capabilities = server_upstream_capabilities(server, mode_mirrored(server)), value;

    json_write_key(out, "capabilities");
    buf_add_char(out, '{');
    for (size_t i = 0; i < ARRAY_COUNT(carried); i++) {
        if (json_get(capabilities, carried[i], &value))
            json_write_member_raw(out, carried[i], value);
    }
    write_extensions(out, capabilities);
    buf_add_char(out, '}');
}

static const struct catalogue_server *mirrored(const struct mcp_server *server)
{
    return catalogue_find(upstreams_catalogue(server->parts.upstreams),
                          span_of(mode_mirrored(server)));
}

void mirror_write_instructions(const struct mcp_server *server, struct buf *out)
{
    const struct catalogue_server *found = mirrored(server);

    if (found && found->instructions)
        json_write_member_string(out, "instructions", span_of(found->instructions));
}

bool mirror_is_there(const struct mcp_server *server, struct fault *fault)
{
    const struct catalogue_server *found = mirrored(server);

    if (found && found->state == SERVER_READY)
        return true;
    fault_set(fault, RPC_INTERNAL_ERROR, 200, "Server '%s' is not available: %s",
              mode_mirrored(server),
              found && found->problem ? found->problem : "it has not answered yet");
    return false;
}

/* ---- requests ---- */

/* Between a client and a server that are both modern questions and retries pass as they are; else
 * they are ours. */
static bool passes_questions(const struct mcp_call *call)
{
    return call->era == ERA_MODERN &&
           server_upstream_era(call->server, mode_mirrored(call->server)) == ERA_MODERN;
}

/* What the server asked for is its to judge, but what we send it is a request of its revision. */
static int check_retry(const struct mcp_call *call, struct fault *fault)
{
    struct span value;
    struct json_iter it;

    if (call_param(call, "requestState", &value) && json_kind(value) != JSON_KIND_STRING)
        return fault_set(fault, RPC_INVALID_PARAMS, 200, "requestState must be a string");
    if (!call_param(call, "inputResponses", &value))
        return 0;
    if (json_kind(value) != JSON_KIND_OBJECT)
        return fault_set(fault, RPC_INVALID_PARAMS, 200, "inputResponses must be an object");
    it = json_iter(value);
    while (json_next(&it)) {
        if (json_kind(it.value) != JSON_KIND_OBJECT)
            return fault_set(fault, RPC_INVALID_PARAMS, 200,
                             "each of inputResponses must be an object");
    }
    return 0;
}

static void pass(struct mcp_call *call, relay_answer_fn *answer)
{
    struct fault fault = FAULT_INIT;

    if (passes_questions(call)) {
        if (check_retry(call, &fault) < 0) {
            call_answer_fault(call, &fault);
            return;
        }
        call->relay_verbatim = true;
    } else if (asking_resume(call)) {
        return;
    }
    relay_start(call, mode_mirrored(call->server), call->message.params, answer);
}

static void run_plain(struct mcp_call *call)
{
    pass(call, relay_answer);
}

void mirror_request(struct mcp_call *call)
{
    server_when_settled(call, run_plain);
}

static void run_prompts(struct mcp_call *call)
{
    changes_seen(call->server, CHANGE_PROMPTS);
    run_plain(call);
}

void mirror_prompts_list(struct mcp_call *call)
{
    server_when_settled(call, run_prompts);
}

static void run_resources(struct mcp_call *call)
{
    changes_seen(call->server, CHANGE_RESOURCES);
    run_plain(call);
}

void mirror_resources_list(struct mcp_call *call)
{
    server_when_settled(call, run_resources);
}

static void run_prompt(struct mcp_call *call)
{
    pass(call, prompts_answer_get);
}

void mirror_prompts_get(struct mcp_call *call)
{
    server_when_settled(call, run_prompt);
}

/* ---- tools ---- */

/* A tool whose annotations for headers break the rules can't be called over HTTP, by us or by a
 * client that must drop it (2026-07-28, basic/transports/streamable-http). */
static bool can_be_called(struct span definition)
{
    struct mirrored_params params;
    struct span schema = SPAN_NONE;

    json_get(definition, "inputSchema", &schema);
    return mirrored_params_read(&params, schema, SPAN_NONE, NULL) == 0;
}

/* With a choice of tools in the configuration only those are there; else all that the server says,
 * also those for apps and those that it has added just now. */
static bool is_there(const struct mcp_call *call, struct span raw_name)
{
    const struct server_config *server =
        config_find_server(call->server->parts.config, mode_mirrored(call->server));

    return (!server->include_tools && !server->exclude_tools) ||
           mirror_tool(call->server, raw_name) != NULL;
}

static void answer_tools(struct mcp_call *call, const char *server_key, struct span result)
{
    static const char *const rewritten[] = { "tools", NULL };
    CLEANUP(buf) struct buf members = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct span tools = SPAN_NONE;
    struct json_iter it;

    if (!json_get(result, "tools", &tools)) {
        relay_answer(call, server_key, result);
        return;
    }
    it = json_iter(tools);
    buf_add_str(&members, "\"tools\":[");
    while (json_next(&it)) {
        struct span name = SPAN_NONE;

        json_get(it.value, "name", &name);
        if (!is_there(call, name) || (call->era == ERA_MODERN && !can_be_called(it.value)))
            continue;
        json_write_comma(&members);
        tools_write_definition(&members, call->era, it.value);
    }
    buf_add_char(&members, ']');
    relay_answer_with(call, result, rewritten, buf_span(&members));
}

static void run_tools(struct mcp_call *call)
{
    changes_seen(call->server, CHANGE_TOOLS);
    pass(call, answer_tools);
}

void mirror_tools_list(struct mcp_call *call)
{
    server_when_settled(call, run_tools);
}

const struct tool *mirror_tool(const struct mcp_server *server, struct span raw_name)
{
    const struct catalogue_server *found = mirrored(server);

    for (size_t i = 0; found && i < found->tool_count; i++) {
        if (json_string_is(raw_name, found->tools[i].name))
            return &found->tools[i];
    }
    return NULL;
}

static void run_tool(struct mcp_call *call)
{
    struct span name = SPAN_NONE;
    const struct tool *tool;

    call_param(call, "name", &name);
    if (!is_there(call, name)) {
        tools_answer_unknown(call);
        return;
    }
    tool = mirror_tool(call->server, name);
    call->relay_wraps = tool && tools_wraps(call->era, span_of(tool->definition));
    pass(call, tools_answer_call);
}

void mirror_tools_call(struct mcp_call *call)
{
    server_when_settled(call, run_tool);
}

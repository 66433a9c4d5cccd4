/*
 * tools/list: execute_code, whose description carries the catalogue, and the
 * tools of servers that are offered beside it.  It is made
 * once each catalogue change and client profile.
 */
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "codegen/describe.h"
#include "proxy/mcp/mode.h"
#include "proxy/mcp/profile.h"
#include "proxy/mcp/tools_named.h"

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

/* The tools array for clients of one profile; where it has tools of servers, of one era. */
struct tools_variant {
    struct tools_variant *next;
    struct describe_options options;
    enum era era; /* ERA_UNKNOWN: any */
    char *text;
    uint64_t change; /* of the catalogue it was made of */
};

static int write_tools(struct mcp_server *server,
                       const struct tools_variant *variant,
                       struct buf *out,
                       struct err *err)
{
    CLEANUP(buf) struct buf description = BUF(DESCRIPTION_MAX_BYTES);
    struct catalogue *catalogue = upstreams_catalogue(server->parts.upstreams);

    if (describe_catalogue(catalogue, &variant->options, &description, err) < 0)
        return -1;
    buf_add_str(out, "[{");
    json_write_member_string(out, "name", SPAN("execute_code"));
    json_write_member_string(out, "title", SPAN("Run TypeScript"));
    json_write_member_string(out, "description", buf_span(&description));
    json_write_member_raw(out, "inputSchema", SPAN(INPUT_SCHEMA));
    json_write_member_raw(out, "annotations", SPAN(ANNOTATIONS));
    buf_add_char(out, '}');
    tools_named_write(server, variant->era, out);
    buf_add_char(out, ']');
    return buf_check(out, "the list of tools", err);
}

/* Makes the array of the catalogue as it is now; true when it differs from before. */
static bool refresh(struct mcp_server *server, struct tools_variant *variant)
{
    const struct catalogue *catalogue = upstreams_catalogue(server->parts.upstreams);
    struct buf tools = BUF(LIMIT_RPC_MESSAGE_BYTES / 2);
    struct err err = ERR_INIT;
    char *text;
    bool differs;

    if (variant->text && variant->change == catalogue->change)
        return false;
    if (write_tools(server, variant, &tools, &err) < 0) {
        log_error("mcp", "description_failed", LOG_ERR(&err));
        buf_done(&tools);
        return false;
    }
    text = buf_take(&tools);
    differs = !variant->text || strcmp(variant->text, text) != 0;
    free(variant->text);
    variant->text = text;
    variant->change = catalogue->change;
    return differs;
}

bool tools_refresh(struct mcp_server *server)
{
    bool differs = false;

    for (struct tools_variant *variant = server->tools; variant; variant = variant->next)
        differs |= refresh(server, variant);
    return differs;
}

void tools_free(struct tools_variant *variant)
{
    while (variant) {
        struct tools_variant *next = variant->next;

        free(variant->text);
        free(variant);
        variant = next;
    }
}

/* As many as there are different profiles: the built-in ones and those of the configuration. */
static struct tools_variant *
variant_of(struct mcp_server *server, const struct describe_options *options, enum era era)
{
    struct tools_variant *variant = server->tools;

    while (variant &&
           (variant->era != era || variant->options.budget_tokens != options->budget_tokens ||
            variant->options.max_characters != options->max_characters))
        variant = variant->next;
    if (variant)
        return variant;
    variant = NEW(struct tools_variant);
    variant->options = *options;
    variant->era = era;
    variant->next = server->tools;
    server->tools = variant;
    return variant;
}

static bool is_general(const struct config *config, const struct describe_options *options)
{
    return options->budget_tokens == config->description_budget && !options->max_characters;
}

static void answer_tools(struct mcp_call *call)
{
    CLEANUP(call_result) struct call_result result = CALL_RESULT_INIT;
    struct mcp_server *server = call->server;
    const struct config *config = server->parts.config;
    CLEANUP(str) char *name = call_client_name(call);
    struct describe_options options = profile_of(config, name, NULL);
    struct tools_variant *variant =
        variant_of(server, &options, tools_named_any(server) ? call->era : ERA_UNKNOWN);
    struct fault fault;

    refresh(server, variant);
    if (!variant->text) {
        fault_set(&fault, RPC_INTERNAL_ERROR, 200, "The tool's description could not be made");
        call_answer_fault(call, &fault);
        return;
    }
    result.ttl_ms = LIST_TTL_MS;
    result.per_client =
        server_has_tokens(server) || config->client_count > 0 || !is_general(config, &options);
    json_write_member_raw(&result.members, "tools", span_of(variant->text));
    call_answer(call, &result);
}

void tools_list(struct mcp_call *call)
{
    if (mode_of(call) == OFFER_DIRECT)
        tools_named_list(call);
    else if (!call_refuse_cursor(call))
        server_when_settled(call, answer_tools);
}

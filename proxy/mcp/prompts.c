/*
 * Prompts of all servers, each as `server.prompt`; otherwise as its server
 * sent it.
 */
#include "proxy/mcp/prompts.h"

#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/asking.h"
#include "proxy/mcp/content.h"
#include "proxy/mcp/relay.h"
#include "proxy/mcp/rewrite.h"

#define LIST_TTL_MS 60000

static const struct exposed_list *prompt_names(struct mcp_server *server)
{
    exposed_refresh(&server->prompts, upstreams_catalogue(server->parts.upstreams),
                    EXPOSED_PROMPTS);
    return &server->prompts;
}

static void write_named(struct buf *out, const char *definition, const char *name)
{
    CLEANUP(buf) struct buf raw = BUF(1024);

    json_write_string(&raw, span_of(name));
    json_write_comma(out);
    rewrite_member(out, span_of(definition), "name", buf_span(&raw));
}

static void answer_list(struct mcp_call *call)
{
    CLEANUP(call_result) struct call_result result = CALL_RESULT_INIT;
    const struct exposed_list *names = prompt_names(call->server);
    struct buf *out = &result.members;

    changes_seen(call->server, CHANGE_PROMPTS);
    buf_add_str(out, "\"prompts\":[");
    for (size_t i = 0; i < names->count; i++)
        write_named(out, exposed_prompt(&names->items[i])->definition, names->items[i].name);
    buf_add_char(out, ']');
    result.ttl_ms = LIST_TTL_MS;
    result.per_client = server_has_tokens(call->server);
    call_answer(call, &result);
}

void prompts_list(struct mcp_call *call)
{
    if (!call_refuse_cursor(call))
        server_when_settled(call, answer_list);
}

/* ---- prompts/get ---- */

static void write_message(struct buf *out,
                          const struct mcp_call *call,
                          const char *server_key,
                          struct span message)
{
    CLEANUP(buf) struct buf block = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct span content;

    json_write_comma(out);
    if (!json_get(message, "content", &content)) {
        buf_add_span(out, message);
        return;
    }
    content_write_block(&block, call, server_key, content);
    rewrite_member(out, message, "content", buf_span(&block));
}

void prompts_answer_get(struct mcp_call *call, const char *server_key, struct span result)
{
    static const char *const rewritten[] = { "messages", NULL };
    CLEANUP(buf) struct buf members = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct span messages;
    struct json_iter it;

    if (!json_get(result, "messages", &messages)) {
        relay_answer(call, server_key, result);
        return;
    }
    it = json_iter(messages);
    buf_add_str(&members, "\"messages\":[");
    while (json_next(&it))
        write_message(&members, call, server_key, it.value);
    buf_add_char(&members, ']');
    relay_answer_with(call, result, rewritten, buf_span(&members));
}

static void run_get(struct mcp_call *call)
{
    CLEANUP(buf) struct buf params = BUF(2 * LIMIT_HTTP_BODY_BYTES), name = BUF(2048);
    struct span raw_name = SPAN_NONE;
    const struct exposed *found;
    struct fault fault;

    call_param(call, "name", &raw_name);
    found = exposed_find(prompt_names(call->server), raw_name);
    if (!found) {
        fault_set(&fault, RPC_INVALID_PARAMS, 200,
                  "Unknown prompt; prompts/list names those that there are");
        call_answer_fault(call, &fault);
        return;
    }
    json_write_string(&name, span_of(exposed_prompt(found)->name));
    rewrite_member(&params, call->message.params, "name", buf_span(&name));
    relay_start(call, found->server->key, buf_span(&params), prompts_answer_get);
}

void prompts_get(struct mcp_call *call)
{
    if (!asking_resume(call))
        server_when_settled(call, run_get);
}

const struct exposed *prompts_find(struct mcp_server *server, struct span raw_name)
{
    return exposed_find(prompt_names(server), raw_name);
}

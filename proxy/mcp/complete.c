/*
 * completion/complete: values for an argument of an exposed prompt or of the
 * template of a wrapped URI, by the server that has it.
 */
#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/exposed.h"
#include "proxy/mcp/mode.h"
#include "proxy/mcp/prompts.h"
#include "proxy/mcp/relay.h"
#include "proxy/mcp/rewrite.h"
#include "proxy/mcp/server_private.h"
#include "proxy/mcp/wrapped_uri.h"

/* Nothing is known to complete with. */
static void answer_nothing(struct mcp_call *call)
{
    CLEANUP(call_result) struct call_result result = CALL_RESULT_INIT;

    json_write_member_raw(&result.members, "completion",
                          SPAN("{\"values\":[],\"total\":0,\"hasMore\":false}"));
    call_answer(call, &result);
}

/* Appends the server's own reference for that of the client; the key of the server, NULL when there
 * is no such prompt or template. */
static const char *write_prompt(struct mcp_call *call, struct span ref, struct buf *out)
{
    CLEANUP(buf) struct buf name = BUF(2048);
    struct span raw_name = SPAN_NONE;
    const struct exposed *found;

    json_get(ref, "name", &raw_name);
    found = mode_exposes_prompts(call->server) ? prompts_find(call->server, raw_name) : NULL;
    if (!found)
        return NULL;
    json_write_string(&name, span_of(exposed_prompt(found)->name));
    rewrite_member(out, ref, "name", buf_span(&name));
    return found->server->key;
}

static const char *write_template(struct mcp_call *call, struct span ref, struct buf *out)
{
    CLEANUP(buf) struct buf wrapped = BUF(WRAPPED_URI_BYTES), key = BUF(WRAPPED_INNER_BYTES);
    CLEANUP(buf) struct buf uri = BUF(WRAPPED_INNER_BYTES), raw = BUF(2 * WRAPPED_URI_BYTES);
    const struct server_config *server;
    struct span raw_uri = SPAN_NONE;

    json_get(ref, "uri", &raw_uri);
    if (!mode_exposes_resources(call->server) || json_decode_string(raw_uri, &wrapped) < 0 ||
        wrapped_uri_read(buf_span(&wrapped), &key, &uri) < 0)
        return NULL;
    server = config_find_server(call->server->parts.config, buf_str(&key));
    if (!server || server->disabled)
        return NULL;
    json_write_string(&raw, buf_span(&uri));
    rewrite_member(out, ref, "uri", buf_span(&raw));
    return server->key;
}

static const char *write_ref(struct mcp_call *call, struct span ref, struct buf *out)
{
    struct span type = SPAN_NONE;

    json_get(ref, "type", &type);
    return json_string_is(type, "ref/prompt") ? write_prompt(call, ref, out)
                                              : write_template(call, ref, out);
}

static bool is_own_template(struct span ref)
{
    struct span uri;

    return json_get(ref, "uri", &uri) && json_string_is(uri, RESULT_TEMPLATE_URI);
}

static void run_complete(struct mcp_call *call)
{
    CLEANUP(buf)
    struct buf own = BUF(LIMIT_HTTP_BODY_BYTES), params = BUF(2 * LIMIT_HTTP_BODY_BYTES);
    struct span ref = SPAN_NONE;
    struct fault fault;
    const char *key;

    call_param(call, "ref", &ref);
    key = write_ref(call, ref, &own);
    if (!key && !is_own_template(ref)) {
        fault_set(&fault, RPC_INVALID_PARAMS, 200,
                  "ref names no prompt and no resource template of this server");
        call_answer_fault(call, &fault);
    } else if (!key || !server_upstream_can(call->server, key, "completions", NULL)) {
        answer_nothing(call);
    } else {
        rewrite_member(&params, call->message.params, "ref", buf_span(&own));
        relay_start(call, key, buf_span(&params), relay_answer);
    }
}

void completion_complete(struct mcp_call *call)
{
    server_when_settled(call, run_complete);
}

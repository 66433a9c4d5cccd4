/*
 * Resources: our own, the whole of results that were shortened, found by the
 * links in results; and those of all servers, under URIs that say whose they
 * are.
 */
#include <stdio.h>

#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/asking.h"
#include "proxy/mcp/located.h"
#include "proxy/mcp/mode.h"
#include "proxy/mcp/relay.h"
#include "proxy/mcp/rewrite.h"
#include "proxy/mcp/server_private.h"

/* Without servers the lists never change; what is kept may be dropped at any time. */
#define OWN_LIST_TTL_MS 3600000
#define LIST_TTL_MS     60000
#define READ_TTL_MS     0

#define OWN_SCHEME "mcpfold://results/"

#define TEMPLATE                                                                                \
    "{\"uriTemplate\":\"" RESULT_TEMPLATE_URI "\",\"name\":\"result\","                         \
    "\"description\":\"The whole of a result that was shortened, in pages. Its link is in the " \
    "result.\",\"mimeType\":\"text/plain\"}"

/* ---- lists ---- */

static void write_resources(struct buf *out, const struct catalogue_server *server)
{
    for (size_t i = 0; i < server->resource_count; i++)
        rewrite_resource(out, server->key, span_of(server->resources[i].definition), false);
}

static void write_templates(struct buf *out, const struct catalogue_server *server)
{
    for (size_t i = 0; i < server->template_count; i++)
        rewrite_resource(out, server->key, span_of(server->templates[i].definition), true);
}

static void answer_list(struct mcp_call *call,
                        const char *member,
                        struct span own,
                        void (*write)(struct buf *out, const struct catalogue_server *server))
{
    CLEANUP(call_result) struct call_result result = CALL_RESULT_INIT;
    const struct catalogue *catalogue = upstreams_catalogue(call->server->parts.upstreams);
    bool exposes = mode_exposes_resources(call->server);
    struct buf *out = &result.members;

    json_write_key(out, member);
    buf_add_char(out, '[');
    buf_add_span(out, own);
    for (size_t i = 0; exposes && i < catalogue->server_count; i++)
        write(out, catalogue->servers[i]);
    buf_add_char(out, ']');
    result.ttl_ms = exposes ? LIST_TTL_MS : OWN_LIST_TTL_MS;
    result.per_client = exposes && server_has_tokens(call->server);
    call_answer(call, &result);
}

static void answer_resources(struct mcp_call *call)
{
    changes_seen(call->server, CHANGE_RESOURCES);
    answer_list(call, "resources", SPAN_NONE, write_resources);
}

static void answer_templates(struct mcp_call *call)
{
    changes_seen(call->server, CHANGE_RESOURCES);
    answer_list(call, "resourceTemplates", SPAN(TEMPLATE), write_templates);
}

static void list(struct mcp_call *call, void (*run)(struct mcp_call *call))
{
    if (call_refuse_cursor(call))
        return;
    if (mode_exposes_resources(call->server))
        server_when_settled(call, run);
    else
        run(call);
}

void resources_list(struct mcp_call *call)
{
    list(call, answer_resources);
}

void resources_templates(struct mcp_call *call)
{
    list(call, answer_templates);
}

/* ---- our own ---- */

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

static void answer_not_found(struct mcp_call *call, struct span raw_uri, const char *why)
{
    struct fault fault;

    located_not_found(call, raw_uri, &fault);
    if (why && json_kind(raw_uri) == JSON_KIND_STRING)
        snprintf(fault.text, sizeof(fault.text), "Resource not found: %s", why);
    call_answer_fault(call, &fault);
}

static void read_own(struct mcp_call *call, struct span raw_uri, struct span uri)
{
    CLEANUP(buf) struct buf text = BUF(LIMIT_KEPT_RESULTS_BYTES);
    struct err err = ERR_INIT;
    const char *mime = NULL;

    if (exec_read_kept(call->server->parts.exec, uri, &text, &mime, &err) < 0)
        answer_not_found(call, raw_uri, err.text);
    else
        answer_contents(call, raw_uri, mime, buf_span(&text));
}

/* ---- those of servers ---- */

static void write_contents(struct buf *out, const char *server_key, struct span contents)
{
    struct json_iter it = json_iter(contents);

    while (json_next(&it))
        rewrite_resource(out, server_key, it.value, false);
}

static void answer_read(struct mcp_call *call, const char *server_key, struct span result)
{
    static const char *const rewritten[] = { "contents", NULL };
    CLEANUP(buf) struct buf members = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct span contents = SPAN_NONE;

    if (!json_get(result, "contents", &contents)) {
        relay_answer(call, server_key, result);
        return;
    }
    buf_add_str(&members, "\"contents\":[");
    write_contents(&members, server_key, contents);
    buf_add_char(&members, ']');
    relay_answer_with(call, result, rewritten, buf_span(&members));
}

static void run_read(struct mcp_call *call)
{
    CLEANUP(located) struct located located = LOCATED_INIT;
    CLEANUP(buf)
    struct buf params = BUF(2 * LIMIT_HTTP_BODY_BYTES), uri = BUF(2 * WRAPPED_URI_BYTES);
    struct span raw_uri = SPAN_NONE;

    call_param(call, "uri", &raw_uri);
    if (located_read(call, raw_uri, &located) < 0) {
        answer_not_found(call, raw_uri, NULL);
        return;
    }
    json_write_string(&uri, buf_span(&located.uri));
    rewrite_member(&params, call->message.params, "uri", buf_span(&uri));
    relay_start(call, located.server_key, buf_span(&params), answer_read);
}

void resources_read(struct mcp_call *call)
{
    CLEANUP(buf) struct buf uri = BUF(WRAPPED_URI_BYTES);
    struct span raw_uri = SPAN_NONE;

    if (asking_resume(call))
        return;
    call_param(call, "uri", &raw_uri);
    json_decode_string(raw_uri, &uri);
    if (span_starts_with(buf_span(&uri), SPAN(OWN_SCHEME)))
        read_own(call, raw_uri, buf_span(&uri));
    else if (mode_exposes_resources(call->server) && uri.len)
        server_when_settled(call, run_read);
    else
        answer_not_found(call, raw_uri, NULL);
}

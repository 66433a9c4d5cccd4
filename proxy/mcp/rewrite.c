#include "proxy/mcp/rewrite.h"

#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/owner.h"
#include "proxy/mcp/wrapped_uri.h"

static void add_member(struct buf *out, struct span raw_key, struct span raw_value)
{
    json_write_comma(out);
    buf_add_char(out, '"');
    buf_add_span(out, raw_key);
    buf_add_str(out, "\":");
    buf_add_span(out, raw_value);
}

void rewrite_member(struct buf *out, struct span object, const char *name, struct span raw)
{
    struct json_iter it = json_iter(object);
    struct span value;

    if (json_kind(object) != JSON_KIND_OBJECT || !json_get(object, name, &value)) {
        buf_add_span(out, object);
        return;
    }
    buf_add_char(out, '{');
    while (json_next(&it))
        add_member(out, it.key, json_key_is(it.key, name) ? raw : it.value);
    buf_add_char(out, '}');
}

static bool is_of_hop(struct span raw_key)
{
    CLEANUP(buf) struct buf quoted = BUF(512), key = BUF(512);

    buf_printf(&quoted, "\"%.*s\"", SPAN_ARG(raw_key));
    if (json_decode_string(buf_span(&quoted), &key) < 0)
        return false;
    return span_is(buf_span(&key), "progressToken") ||
           span_starts_with(buf_span(&key), SPAN("io.modelcontextprotocol/"));
}

void rewrite_meta(struct buf *out, struct span meta)
{
    struct json_iter it = json_iter(meta);

    while (it.object && json_next(&it)) {
        if (!is_of_hop(it.key))
            add_member(out, it.key, it.value);
    }
}

static bool is_one_of(struct span raw_key, const char *const *names)
{
    while (*names && !json_key_is(raw_key, *names))
        names++;
    return *names != NULL;
}

void rewrite_members(struct buf *out, struct span object, const char *const *but)
{
    struct json_iter it = json_iter(object);

    while (it.object && json_next(&it)) {
        if (!is_one_of(it.key, but))
            add_member(out, it.key, it.value);
    }
}

void rewrite_result(struct buf *out, struct span result, const char *const *but)
{
    static const char *const of_hop[] = { "_meta", "resultType", "ttlMs", "cacheScope", NULL };
    struct json_iter it = json_iter(result);

    while (it.object && json_next(&it)) {
        if (!is_one_of(it.key, of_hop) && !is_one_of(it.key, but))
            add_member(out, it.key, it.value);
    }
}

static int write_wrapped(
    struct buf *out, const char *server_key, struct span object, const char *name, bool is_template)
{
    CLEANUP(buf) struct buf uri = BUF(WRAPPED_INNER_BYTES);
    CLEANUP(buf) struct buf wrapped = BUF(WRAPPED_URI_BYTES);
    struct span value;
    int result;

    if (!json_get(object, name, &value) || json_decode_string(value, &uri) < 0)
        return -1;
    result = is_template ? wrapped_uri_write_template(&wrapped, server_key, buf_span(&uri))
                         : wrapped_uri_write(&wrapped, server_key, buf_span(&uri));
    return result < 0 ? -1 : json_write_string(out, buf_span(&wrapped));
}

void rewrite_resource(struct buf *out, const char *server_key, struct span object, bool is_template)
{
    const char *name = is_template ? "uriTemplate" : "uri";
    CLEANUP(buf) struct buf uri = BUF(2 * WRAPPED_URI_BYTES);

    if (write_wrapped(&uri, server_key, object, name, is_template) < 0)
        return;
    json_write_comma(out);
    rewrite_member(out, object, name, buf_span(&uri));
}

/* `object` with its uri wrapped, when it has one whose server is known. */
static void
write_located(struct buf *out, const struct mcp_call *call, const char *key, struct span object)
{
    CLEANUP(buf) struct buf uri = BUF(2 * WRAPPED_URI_BYTES);
    struct span raw = SPAN_NONE;

    json_get(object, "uri", &raw);
    if (!key)
        key = owner_of_uri(call->server, raw);
    if (!key || write_wrapped(&uri, key, object, "uri", false) < 0)
        buf_add_span(out, object);
    else
        rewrite_member(out, object, "uri", buf_span(&uri));
}

void rewrite_block(struct buf *out,
                   const struct mcp_call *call,
                   const char *server_key,
                   struct span block)
{
    CLEANUP(buf) struct buf inner = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct span type = SPAN_NONE, resource;

    json_get(block, "type", &type);
    if (json_string_is(type, "resource_link")) {
        write_located(out, call, server_key, block);
    } else if (json_string_is(type, "resource") && json_get(block, "resource", &resource)) {
        write_located(&inner, call, server_key, resource);
        rewrite_member(out, block, "resource", buf_span(&inner));
    } else {
        buf_add_span(out, block);
    }
}

/*
 * What a client can't read is told in words.
 */
#include "proxy/mcp/content.h"

#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/mode.h"
#include "proxy/mcp/rewrite.h"

/* A description of a block is about its name and address, not its bytes. */
#define DESCRIPTION_BYTES 8192

static const struct {
    const char *type, *since;
    const char *told[2]; /* the members that say what it is */
} newer_types[] = {
    { "audio", "2025-03-26", { "mimeType" } },
    { "resource_link", "2025-06-18", { "name", "uri" } },
};

static void write_text(struct buf *out, struct span text)
{
    buf_add_char(out, '{');
    json_write_member_string(out, "type", SPAN("text"));
    json_write_member_string(out, "text", text);
    buf_add_char(out, '}');
}

void content_add_text(struct buf *out, struct span text)
{
    json_write_comma(out);
    write_text(out, text);
}

static void write_description(struct buf *out, size_t newer, struct span block)
{
    CLEANUP(buf) struct buf text = BUF(DESCRIPTION_BYTES);
    struct span value;

    buf_printf(&text, "[%s", newer_types[newer].type);
    for (size_t i = 0; i < ARRAY_COUNT(newer_types[newer].told); i++) {
        if (!newer_types[newer].told[i] || !json_get(block, newer_types[newer].told[i], &value))
            continue;
        buf_add_char(&text, ' ');
        json_decode_string(value, &text);
    }
    buf_add_char(&text, ']');
    write_text(out, buf_span(&text));
}

void content_write_block(struct buf *out,
                         const struct mcp_call *call,
                         const char *server_key,
                         struct span block)
{
    struct span type = SPAN_NONE;

    json_get(block, "type", &type);
    for (size_t i = 0; i < ARRAY_COUNT(newer_types); i++) {
        if (json_string_is(type, newer_types[i].type) &&
            !call_version_at_least(call, newer_types[i].since)) {
            write_description(out, i, block);
            return;
        }
    }
    if (mode_exposes_resources(call->server))
        rewrite_block(out, call, server_key, block);
    else
        buf_add_span(out, block);
}

void content_add_blocks(struct buf *out, const struct mcp_call *call, struct span blocks)
{
    CLEANUP(buf) struct buf array = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct json_iter it;

    buf_add_char(&array, '[');
    buf_add_span(&array, blocks);
    buf_add_char(&array, ']');
    it = json_iter(buf_span(&array));
    while (json_next(&it)) {
        json_write_comma(out);
        content_write_block(out, call, NULL, it.value);
    }
}

/*
 * What a client can't read is told in words.
 */
#include "proxy/mcp/content.h"

#include "base/json.h"
#include "base/limits.h"

/* A description of a block is about its name and address, not its bytes. */
#define DESCRIPTION_BYTES 8192

static const struct {
    const char *type, *since;
    const char *told[2]; /* the members that say what it is */
} newer_types[] = {
    { "audio", "2025-03-26", { "mimeType" } },
    { "resource_link", "2025-06-18", { "name", "uri" } },
};

void content_add_text(struct buf *out, struct span text)
{
    json_write_comma(out);
    buf_add_char(out, '{');
    json_write_member_string(out, "type", SPAN("text"));
    json_write_member_string(out, "text", text);
    buf_add_char(out, '}');
}

static void add_description(struct buf *out, size_t newer, struct span block)
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
    content_add_text(out, buf_span(&text));
}

static void add_block(struct buf *out, const struct mcp_call *call, struct span block)
{
    struct span type = SPAN_NONE;

    json_get(block, "type", &type);
    for (size_t i = 0; i < ARRAY_COUNT(newer_types); i++) {
        if (json_string_is(type, newer_types[i].type) &&
            !call_version_at_least(call, newer_types[i].since)) {
            add_description(out, i, block);
            return;
        }
    }
    json_write_comma(out);
    buf_add_span(out, block);
}

void content_add_blocks(struct buf *out, const struct mcp_call *call, struct span blocks)
{
    CLEANUP(buf) struct buf array = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct json_iter it;

    if (blocks.len == 0)
        return;
    if (call_version_at_least(call, "2025-06-18")) {
        json_write_comma(out);
        buf_add_span(out, blocks);
        return;
    }
    buf_add_char(&array, '[');
    buf_add_span(&array, blocks);
    buf_add_char(&array, ']');
    it = json_iter(buf_span(&array));
    while (json_next(&it))
        add_block(out, call, it.value);
}

/*
 * Writing JSON into a buffer.
 */
#include "base/json.h"

#include "base/utf8.h"

/* Characters that stand for themselves: all but quotes, backslash, controls, and the two line
 * separators that JavaScript once took for line ends. */
static bool needs_escape(uint32_t point)
{
    return point < 0x20 || point == '"' || point == '\\' || (point >= 0x7F && point < 0xA0) ||
           point == 0x2028 || point == 0x2029;
}

static void write_escape(struct buf *out, uint32_t point)
{
    switch (point) {
    case '"':
        buf_add_str(out, "\\\"");
        break;
    case '\\':
        buf_add_str(out, "\\\\");
        break;
    case '\n':
        buf_add_str(out, "\\n");
        break;
    case '\r':
        buf_add_str(out, "\\r");
        break;
    case '\t':
        buf_add_str(out, "\\t");
        break;
    default:
        buf_printf(out, "\\u%04x", point);
        break;
    }
}

/* The bytes at the head of `rest` that need no change. */
static size_t plain_len(struct span rest)
{
    size_t len = 0;

    while (len < rest.len) {
        unsigned char c = (unsigned char)rest.data[len];
        uint32_t point;
        size_t n;

        if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
            len++;
            continue;
        }
        n = utf8_decode(rest.data + len, rest.len - len, &point);
        if (n == 0 || needs_escape(point))
            break;
        len += n;
    }
    return len;
}

/* Writes the one character at the head of `rest` that needs it; returns the bytes used. */
static size_t write_special(struct buf *out, struct span rest)
{
    uint32_t point;
    size_t n = utf8_decode(rest.data, rest.len, &point);

    if (n == 0) {
        utf8_encode(out, 0xFFFD);
        return 1;
    }
    write_escape(out, point);
    return n;
}

int json_write_string(struct buf *out, struct span text)
{
    buf_add_char(out, '"');
    while (text.len) {
        size_t len = plain_len(text);

        buf_add(out, text.data, len);
        text = span_skip(text, len);
        if (text.len)
            text = span_skip(text, write_special(out, text));
    }
    buf_add_char(out, '"');
    return buf_failed(out) ? -1 : 0;
}

int json_write_comma(struct buf *out)
{
    char last = out->len ? out->data[out->len - 1] : '{';

    return last == '{' || last == '[' ? 0 : buf_add_char(out, ',');
}

int json_write_key(struct buf *out, const char *name)
{
    json_write_comma(out);
    json_write_string(out, span_of(name));
    return buf_add_char(out, ':');
}

int json_write_member_string(struct buf *out, const char *name, struct span text)
{
    json_write_key(out, name);
    return json_write_string(out, text);
}

int json_write_member_raw(struct buf *out, const char *name, struct span raw)
{
    json_write_key(out, name);
    return buf_add_span(out, raw);
}

int json_write_member_at(struct buf *out, const struct json_iter *it)
{
    json_write_comma(out);
    buf_add_char(out, '"');
    buf_add_span(out, it->key);
    buf_add_str(out, "\":");
    return buf_add_span(out, it->value);
}

int json_write_member_int(struct buf *out, const char *name, int64_t number)
{
    json_write_key(out, name);
    return buf_printf(out, "%lld", (long long)number);
}

int json_write_member_bool(struct buf *out, const char *name, bool value)
{
    json_write_key(out, name);
    return buf_add_str(out, value ? "true" : "false");
}

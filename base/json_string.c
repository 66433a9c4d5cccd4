/*
 * JSON strings: decoding and comparing.
 */
#include "base/json.h"

#include <stdlib.h>

#include "base/utf8.h"

static unsigned hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a' + 10);
    return (unsigned)(c - 'A' + 10);
}

/* The four digits at `text`, which has at least four bytes. */
static uint32_t hex_unit(const char *text)
{
    return hex_digit(text[0]) << 12 | hex_digit(text[1]) << 8 | hex_digit(text[2]) << 4 |
           hex_digit(text[3]);
}

/* Decodes \uXXXX (and its second half) at the head of `rest`; returns the bytes used. */
static size_t decode_unicode(struct span rest, struct buf *out)
{
    uint32_t unit, low;

    if (rest.len < 6)
        return 0;
    unit = hex_unit(rest.data + 2);
    if (unit < 0xD800 || unit > 0xDBFF || rest.len < 12 || rest.data[6] != '\\' ||
        rest.data[7] != 'u')
        return utf8_encode(out, unit) < 0 ? 0 : 6;
    low = hex_unit(rest.data + 8);
    if (low < 0xDC00 || low > 0xDFFF)
        return utf8_encode(out, unit) < 0 ? 0 : 6;
    return utf8_encode(out, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)) < 0 ? 0 : 12;
}

static char simple_escape(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c;
    }
}

/* Decodes the escape at the head of `rest`; returns the bytes used, 0 when it is cut off or `out`
 * is full. */
static size_t decode_escape(struct span rest, struct buf *out)
{
    if (rest.len < 2)
        return 0;
    if (rest.data[1] == 'u')
        return decode_unicode(rest, out);
    return buf_add_char(out, simple_escape(rest.data[1])) < 0 ? 0 : 2;
}

static size_t plain_run(struct span rest)
{
    const char *escape = memchr(rest.data, '\\', rest.len);

    return escape ? (size_t)(escape - rest.data) : rest.len;
}

int json_decode_string(struct span value, struct buf *out)
{
    struct span rest;

    value = span_trim(value);
    if (value.len < 2 || value.data[0] != '"' || value.data[value.len - 1] != '"')
        return -1;
    rest = span_make(value.data + 1, value.len - 2);
    while (rest.len) {
        size_t used = plain_run(rest);

        if (used > 0) {
            if (buf_add(out, rest.data, used) < 0)
                return -1;
        } else {
            used = decode_escape(rest, out);
            if (used == 0)
                return -1;
        }
        rest = span_skip(rest, used);
    }
    return 0;
}

char *json_dup_string(struct span value, size_t max_bytes)
{
    CLEANUP(buf) struct buf text = BUF(max_bytes);

    if (json_decode_string(value, &text) < 0)
        return NULL;
    if (text.len && memchr(text.data, '\0', text.len))
        return NULL;
    return buf_take(&text);
}

static bool decoded_is(struct span quoted, const char *text)
{
    size_t len = strlen(text);
    CLEANUP(buf) struct buf decoded = BUF(len);

    return json_decode_string(quoted, &decoded) == 0 &&
           span_equal(buf_span(&decoded), span_make(text, len));
}

bool json_string_is(struct span value, const char *text)
{
    value = span_trim(value);
    if (value.len < 2 || value.data[0] != '"')
        return false;
    return json_key_is(span_make(value.data + 1, value.len - 2), text);
}

bool json_key_is(struct span raw_key, const char *text)
{
    if (raw_key.len == 0)
        return text[0] == '\0';
    if (!memchr(raw_key.data, '\\', raw_key.len))
        return span_is(raw_key, text);
    return decoded_is(span_make(raw_key.data - 1, raw_key.len + 2), text);
}

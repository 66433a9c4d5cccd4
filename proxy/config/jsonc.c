#include "proxy/config/jsonc.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"
#define ESCAPE_LEN      6 /* \uXXXX */

static struct span from_newline(struct span text)
{
    const char *end = memchr(text.data, '\n', text.len);

    return span_skip(text, end ? (size_t)(end - text.data) : text.len);
}

/* What follows the comment that `text` begins with; an open one goes to the end. */
static struct span behind_comment(struct span text)
{
    const char *end;

    if (text.data[1] == '/')
        return from_newline(text);
    text = span_skip(text, 2);
    end = text.len ? memmem(text.data, text.len, "*/", 2) : NULL;
    return span_skip(text, end ? (size_t)(end - text.data) + 2 : text.len);
}

static bool begins_comment(struct span text)
{
    return span_starts_with(text, SPAN("//")) || span_starts_with(text, SPAN("/*"));
}

static struct span skip_blank(struct span text)
{
    while (text.len) {
        if (begins_comment(text))
            text = behind_comment(text);
        else if (isspace((unsigned char)text.data[0]))
            text = span_skip(text, 1);
        else
            break;
    }
    return text;
}

bool jsonc_is_object(struct span text)
{
    if (span_starts_with(text, SPAN(BYTE_ORDER_MARK)))
        text = span_skip(text, sizeof(BYTE_ORDER_MARK) - 1);
    text = skip_blank(text);
    if (!span_starts_with(text, SPAN("{")))
        return false;
    text = skip_blank(span_skip(text, 1));
    return span_starts_with(text, SPAN("\"")) || span_starts_with(text, SPAN("}"));
}

/* A comment's bytes as blanks, its lines kept. */
static void add_blanks(struct span comment, struct buf *out)
{
    for (size_t i = 0; i < comment.len; i++)
        buf_add_char(out, comment.data[i] == '\n' ? '\n' : ' ');
}

/* The UTF-16 unit of a \uXXXX at the head of `text`; 0 when there is none. */
static uint32_t escaped_unit(struct span text)
{
    uint32_t unit = 0;

    if (text.len < ESCAPE_LEN || !span_starts_with(text, SPAN("\\u")))
        return 0;
    for (size_t i = 2; i < ESCAPE_LEN; i++) {
        char c = text.data[i];

        if (!isxdigit((unsigned char)c))
            return 0;
        unit = unit * 16 + (uint32_t)(isdigit((unsigned char)c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return unit;
}

/* Copies one escape of a string; returns how many bytes it was. */
static size_t add_escape(struct span text, struct buf *out)
{
    uint32_t high = escaped_unit(text), low = escaped_unit(span_skip(text, ESCAPE_LEN));
    size_t len = text.len < 2 ? text.len : 2;

    if (high >> 10 == 0xD800 >> 10 && low >> 10 == 0xDC00 >> 10) {
        buf_printf(out, "\\U%08X", 0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF));
        return (size_t)2 * ESCAPE_LEN;
    }
    buf_add(out, text.data, len);
    return len;
}

/* Copies the string that `text` begins with; returns how many bytes it was. */
static size_t add_string(struct span text, struct buf *out)
{
    size_t at = 1;

    buf_add_char(out, '"');
    while (at < text.len && text.data[at] != '"') {
        if (text.data[at] == '\\')
            at += add_escape(span_skip(text, at), out);
        else
            buf_add_char(out, text.data[at++]);
    }
    if (at < text.len)
        buf_add_char(out, text.data[at++]);
    return at;
}

/* A comment stands behind a blank or a sign of JSON; in http://x it is part of a word. */
static bool may_follow(char c)
{
    return isspace((unsigned char)c) || strchr(",{}[]\"", c);
}

int jsonc_to_yaml(struct span text, struct buf *out, struct err *err)
{
    char last = ' ';

    while (text.len) {
        struct span rest;

        if (text.data[0] == '"') {
            rest = span_skip(text, add_string(text, out));
        } else if (begins_comment(text) && may_follow(last)) {
            rest = behind_comment(text);
            add_blanks(span_make(text.data, text.len - rest.len), out);
        } else {
            buf_add_char(out, text.data[0]);
            rest = span_skip(text, 1);
        }
        last = text.data[text.len - rest.len - 1];
        text = rest;
    }
    return buf_check(out, "the configuration", err);
}

#include "proxy/mcp/wrapped_uri.h"

#include <string.h>

#define PREFIX "mcpfold://servers/"
#define MARK   '~'

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static int hex_value(char c)
{
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~", c));
}

/* RFC 3986: what a path, query or fragment may hold as it is. */
static bool is_uri_character(char c)
{
    return is_unreserved(c) || (c && strchr("/:@!$&'()*+,;=?#", c));
}

static bool is_escape(struct span text, size_t at)
{
    return at + 2 < text.len && text.data[at] == '%' && is_hex(text.data[at + 1]) &&
           is_hex(text.data[at + 2]);
}

/* `.`, `..` and their percent-encoded spellings, as URL parsers see them. */
static bool is_dots(struct span segment)
{
    size_t dots = 0;

    while (segment.len) {
        bool dot = segment.data[0] == '.';
        bool escape = !dot && is_escape(segment, 0) && segment.data[1] == '2' &&
                      (segment.data[2] | 0x20) == 'e';

        if (!dot && !escape)
            return false;
        dots++;
        segment = span_skip(segment, dot ? 1 : 3);
    }
    return dots == 1 || dots == 2;
}

/* Whether a segment of the path, which ends before `?` or `#`, would be resolved. */
static bool has_dot_segments(struct span uri)
{
    size_t start = 0;

    for (size_t i = 0; i <= uri.len; i++) {
        bool ends = i == uri.len || strchr("?#", uri.data[i]) != NULL;

        if (!ends && uri.data[i] != '/')
            continue;
        if (is_dots(span_make(uri.data + start, i - start)))
            return true;
        if (ends)
            return false;
        start = i + 1;
    }
    return false;
}

static bool stands_as_it_is(struct span uri)
{
    unsigned fragments = 0;

    if (uri.data[0] == MARK)
        return false;
    for (size_t i = 0; i < uri.len; i++) {
        fragments += uri.data[i] == '#';
        if (!is_uri_character(uri.data[i]) && !is_escape(uri, i))
            return false;
    }
    return fragments <= 1 && !has_dot_segments(uri);
}

static void write_encoded(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (is_unreserved(text.data[i]))
            buf_add_char(out, text.data[i]);
        else
            buf_printf(out, "%%%02X", (unsigned char)text.data[i]);
    }
}

static void write_prefix(struct buf *out, const char *server_key)
{
    buf_add_str(out, PREFIX);
    write_encoded(out, span_of(server_key));
    buf_add_char(out, '/');
}

int wrapped_uri_write(struct buf *out, const char *server_key, struct span uri)
{
    if (uri.len == 0 || uri.len > WRAPPED_INNER_BYTES)
        return -1;
    write_prefix(out, server_key);
    if (stands_as_it_is(uri)) {
        buf_add_span(out, uri);
    } else {
        buf_add_char(out, MARK);
        write_encoded(out, uri);
    }
    return buf_failed(out) ? -1 : 0;
}

int wrapped_uri_write_template(struct buf *out, const char *server_key, struct span uri_template)
{
    if (uri_template.len == 0 || uri_template.len > WRAPPED_INNER_BYTES ||
        uri_template.data[0] == MARK)
        return -1;
    write_prefix(out, server_key);
    return buf_add_span(out, uri_template);
}

static int decode(struct span text, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];

        if (is_escape(text, i)) {
            c = (char)(hex_value(text.data[i + 1]) << 4 | hex_value(text.data[i + 2]));
            i += 2;
        }
        if (c == '\0' || buf_add_char(out, c) < 0)
            return -1;
    }
    return 0;
}

int wrapped_uri_read(struct span wrapped, struct buf *ret_key, struct buf *ret_uri)
{
    struct span rest = span_skip(wrapped, sizeof(PREFIX) - 1);
    const char *slash;
    size_t len;
    int result;

    if (!span_starts_with(wrapped, SPAN(PREFIX)) || rest.len == 0)
        return -1;
    slash = memchr(rest.data, '/', rest.len);
    if (!slash)
        return -1;
    len = (size_t)(slash - rest.data);
    if (slash == rest.data || len + 1 == rest.len)
        return -1;
    if (decode(span_make(rest.data, len), ret_key) < 0)
        return -1;
    rest = span_skip(rest, len + 1);
    if (rest.data[0] == MARK)
        result = decode(span_skip(rest, 1), ret_uri);
    else
        result = memchr(rest.data, '\0', rest.len) ? -1 : buf_add_span(ret_uri, rest);
    return result < 0 || ret_uri->len == 0 || ret_uri->len > WRAPPED_INNER_BYTES ? -1 : 0;
}

/*
 * Lines and columns of a text, with the line ends of ECMAScript.
 */
#include "base/utf8.h"
#include "proxy/check/report.h"

/* The length of a line end at the head of `rest`, as ECMAScript has them; 0 when there is none. */
static size_t line_end(struct span rest)
{
    if (span_starts_with(rest, SPAN("\r\n")))
        return 2;
    if (rest.len && (rest.data[0] == '\n' || rest.data[0] == '\r'))
        return 1;
    if (span_starts_with(rest, SPAN("\xE2\x80\xA8")) ||
        span_starts_with(rest, SPAN("\xE2\x80\xA9")))
        return 3;
    return 0;
}

size_t text_offset(struct span text, unsigned line, unsigned column)
{
    unsigned at_line = 1, at_column = 1;
    size_t at = 0;

    while (at < text.len && (at_line < line || (at_line == line && at_column < column))) {
        size_t len = line_end(span_skip(text, at));
        uint32_t point = 0;

        if (len) {
            if (at_line == line)
                return at;
            at_line++;
            at_column = 1;
        } else {
            len = utf8_decode(text.data + at, text.len - at, &point);
            len = len ? len : 1;
            at_column += point > 0xFFFF ? 2 : 1;
        }
        at += len;
    }
    return at;
}

unsigned text_lines(struct span text)
{
    unsigned lines = 1;

    for (size_t at = 0; at < text.len;) {
        size_t len = line_end(span_skip(text, at));

        lines += len > 0;
        at += len ? len : 1;
    }
    return lines;
}

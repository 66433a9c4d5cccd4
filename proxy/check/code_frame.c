/*
 * A line of code with its neighbours and carets under a range.
 */
#include <stdint.h>
#include <stdio.h>

#include "base/utf8.h"
#include "proxy/check/checker.h"
#include "proxy/check/report.h"

/* Longer lines are shown in part, around the range. */
#define WIDTH_MAX    160
#define WIDTH_BEFORE 60

static struct span line_of(struct span code, unsigned line)
{
    size_t start = text_offset(code, line, 1), end = text_offset(code, line, UINT32_MAX);

    return span_make(code.data + start, end - start);
}

/* The bytes of a line before a column (from 1, UTF-16 units). */
static size_t bytes_before(struct span text, unsigned column)
{
    return text_offset(text, 1, column);
}

struct window {
    struct span text;
    bool cut_before, cut_behind;
};

/* The part of a line to show around a column. */
static struct window window_of(struct span text, unsigned column)
{
    struct window window = { .text = text };
    size_t units = utf8_utf16_len(text.data, text.len);
    unsigned first = 1;

    if (units <= WIDTH_MAX)
        return window;
    if (column > WIDTH_BEFORE)
        first = column - WIDTH_BEFORE;
    window.cut_before = first > 1;
    window.text = span_skip(text, bytes_before(text, first));
    window.cut_behind = utf8_utf16_len(window.text.data, window.text.len) > WIDTH_MAX;
    window.text.len = bytes_before(window.text, WIDTH_MAX + 1);
    return window;
}

static void write_line(struct buf *out, int width, unsigned number, struct window window)
{
    buf_printf(out, "%*u | %s%.*s%s\n", width, number, window.cut_before ? "…" : "",
               SPAN_ARG(window.text), window.cut_behind ? "…" : "");
}

/* Blanks for the characters before the range (a tab stays one), then a caret for each in it. */
static void write_carets(struct buf *out, struct window window, size_t start, size_t end)
{
    size_t carets = 0;

    if (window.cut_before)
        buf_add_char(out, ' ');
    for (size_t at = 0; at < window.text.len && at < end;) {
        uint32_t point;
        size_t len = utf8_decode(window.text.data + at, window.text.len - at, &point);

        if (at >= start)
            carets += (size_t)(buf_add_char(out, '^') == 0);
        else
            buf_add_char(out, window.text.data[at] == '\t' ? '\t' : ' ');
        at += len ? len : 1;
    }
    if (carets == 0)
        buf_add_char(out, '^');
}

int code_frame(
    struct span code, unsigned line, unsigned column, unsigned end_column, struct buf *out)
{
    unsigned last = text_lines(code);
    struct span text;
    struct window window;
    size_t start, end, skipped;
    int width;

    if (line < 1 || line > last)
        return 0;
    width = snprintf(NULL, 0, "%u", line < last ? line + 1 : line);
    text = line_of(code, line);
    window = window_of(text, column);
    skipped = (size_t)(window.text.data - text.data);
    start = bytes_before(text, column);
    end = bytes_before(text, end_column);
    start = start > skipped ? start - skipped : 0;
    end = end > skipped ? end - skipped : 0;
    if (line > 1)
        write_line(out, width, line - 1, window_of(line_of(code, line - 1), 1));
    write_line(out, width, line, window);
    buf_printf(out, "%*s | ", width, "");
    write_carets(out, window, start, end);
    buf_add_char(out, '\n');
    if (line < last && (line + 1 < last || line_of(code, last).len > 0))
        write_line(out, width, line + 1, window_of(line_of(code, line + 1), 1));
    return buf_failed(out) ? -1 : 0;
}

#include "isolate/edits.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

enum { MARK_KEEP = 0, MARK_BLANK = ' ' };

struct insertion {
    size_t at;
    size_t order; /* of the call */
    char *text;
};

void edits_init(struct edits *edits, struct span code)
{
    *edits = (struct edits){ .code = code };
    edits->marks = xcalloc(code.len + 1, 1);
}

void edits_done(struct edits *edits)
{
    for (size_t i = 0; i < edits->count; i++)
        free(edits->insertions[i].text);
    free(edits->insertions);
    free(edits->marks);
    *edits = (struct edits){ .marks = NULL };
}

bool edits_touched(const struct edits *edits, size_t at)
{
    return at < edits->code.len && edits->marks[at] != MARK_KEEP;
}

void edits_blank(struct edits *edits, size_t start, size_t end)
{
    for (size_t i = start; i < end && i < edits->code.len; i++) {
        if (edits->marks[i] == MARK_KEEP)
            edits->marks[i] = MARK_BLANK;
    }
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

void edits_put(struct edits *edits, size_t at, char c)
{
    if (at >= edits->code.len)
        return;
    while (at > 0 && is_continuation(edits->code.data[at]))
        at--;
    if (edits->marks[at] != MARK_KEEP)
        return;
    edits->marks[at] = (unsigned char)c;
    for (at++; at < edits->code.len && is_continuation(edits->code.data[at]); at++)
        edits->marks[at] = MARK_BLANK;
}

void edits_insert(struct edits *edits, size_t at, const char *format, ...)
{
    va_list args;
    struct buf text = BUF(SIZE_MAX / 2);

    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    if (edits->count == edits->capacity) {
        edits->capacity = edits->capacity ? edits->capacity * 2 : 16;
        edits->insertions =
            xreallocarray(edits->insertions, edits->capacity, sizeof(*edits->insertions));
    }
    edits->insertions[edits->count] =
        (struct insertion){ .at = at, .order = edits->count, .text = buf_take(&text) };
    edits->count++;
}

static int compare_insertions(const void *a, const void *b)
{
    const struct insertion *x = a, *y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

size_t line_end_len(struct span rest)
{
    if (rest.len == 0)
        return 0;
    if (rest.data[0] == '\n')
        return 1;
    if (rest.data[0] == '\r')
        return rest.len > 1 && rest.data[1] == '\n' ? 2 : 1;
    if (span_starts_with(rest, SPAN("\xE2\x80\xA8")) ||
        span_starts_with(rest, SPAN("\xE2\x80\xA9")))
        return 3;
    return 0;
}

bool has_line_end(struct span code, size_t start, size_t end)
{
    for (size_t i = start; i < end && i < code.len; i++) {
        if (line_end_len(span_skip(code, i)))
            return true;
    }
    return false;
}

/* The length of the character at the head of `rest`, which is not empty. */
static size_t character_len(struct span rest)
{
    uint32_t point;
    size_t len = utf8_decode(rest.data, rest.len, &point);

    return len ? len : 1;
}

static unsigned utf16_units(size_t character_len)
{
    return character_len == 4 ? 2 : 1;
}

struct text_position text_position(struct span code, size_t at)
{
    struct text_position position = { .line = 1, .column = 1 };

    for (size_t i = 0; i < at && i < code.len;) {
        size_t len = line_end_len(span_skip(code, i));

        if (len) {
            position.line++;
            position.column = 1;
        } else {
            len = character_len(span_skip(code, i));
            position.column += utf16_units(len);
        }
        i += len;
    }
    return position;
}

static void write_character(const struct edits *edits, size_t at, size_t len, struct buf *out)
{
    unsigned char mark = edits->marks[at];

    if (mark == MARK_KEEP) {
        buf_add(out, edits->code.data + at, len);
        return;
    }
    buf_add_char(out, (char)mark);
    if (len == 4)
        buf_add_char(out, ' ');
}

/* Writes what is inserted before byte `at`, from insertion *next on. */
static void write_insertions(const struct edits *edits,
                             size_t at,
                             size_t *next,
                             struct text_position position,
                             struct buf *out,
                             struct buf *shifts)
{
    size_t by = 0;

    for (; *next < edits->count && edits->insertions[*next].at <= at; ++*next) {
        const char *text = edits->insertions[*next].text;

        buf_add_str(out, text);
        by += utf8_utf16_len(text, strlen(text));
    }
    if (by == 0 || !shifts)
        return;
    buf_printf(shifts, "%s[%u,%u,%zu]", shifts->len > 1 ? "," : "", position.line, position.column,
               by);
}

void edits_write(struct edits *edits, struct buf *out, struct buf *shifts)
{
    struct text_position position = { .line = 1, .column = 1 };
    size_t next = 0;

    if (edits->count)
        qsort(edits->insertions, edits->count, sizeof(*edits->insertions), compare_insertions);
    if (shifts)
        buf_add_char(shifts, '[');
    for (size_t i = 0; i < edits->code.len;) {
        size_t len = line_end_len(span_skip(edits->code, i));

        write_insertions(edits, i, &next, position, out, shifts);
        if (len) {
            buf_add(out, edits->code.data + i, len);
            position = (struct text_position){ .line = position.line + 1, .column = 1 };
        } else {
            len = character_len(span_skip(edits->code, i));
            write_character(edits, i, len, out);
            position.column += utf16_units(len);
        }
        i += len;
    }
    write_insertions(edits, edits->code.len, &next, position, out, shifts);
    if (shifts)
        buf_add_char(shifts, ']');
}

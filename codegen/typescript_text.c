#include "codegen/typescript_text.h"

#include <ctype.h>

#include "base/utf8.h"
#include "codegen/names.h"

#define REPLACEMENT 0xFFFD

/* Reads one character at *at and moves on; U+FFFD for a byte that is no UTF-8. */
static uint32_t next_character(struct span text, size_t *at)
{
    uint32_t c = REPLACEMENT;
    size_t len = utf8_decode(text.data + *at, text.len - *at, &c);

    *at += len ? len : 1;
    return len ? c : REPLACEMENT;
}

static bool is_space(uint32_t c)
{
    return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xA0 || c == 0x2028 || c == 0x2029;
}

/* Characters that show nothing or that change how what is around them is shown: controls,
 * bidirectional marks and overrides, zero-width ones (but the joiners that scripts and emoji need),
 * tag characters, which can hide a whole text. */
static bool is_unseen(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x061C || c == 0x180E ||
           c == 0x200B || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
           (c >= 0xE0000 && c <= 0xE0FFF);
}

/* Adds one character inside a comment; a slash behind a star gets a backslash between. */
static int add_to_comment(struct buf *out, uint32_t c)
{
    if (c == '/' && out->len > 0 && out->data[out->len - 1] == '*')
        buf_add_char(out, '\\');
    return utf8_encode(out, c);
}

/* ASCII that is seen, but for two. */
static bool is_plain(char c, char but, char nor)
{
    return c > ' ' && c < 0x7F && c != but && c != nor;
}

/* How many characters from `at` on are plain, or spaces alone between such: most of all text, which
 * is taken at once. */
static size_t plain_run(struct span text, size_t at, char but, char nor)
{
    size_t end = at;

    for (; end < text.len; end++) {
        if (is_plain(text.data[end], but, nor))
            continue;
        if (text.data[end] != ' ' || end == at || end + 1 == text.len ||
            !is_plain(text.data[end + 1], but, nor))
            break;
    }
    return end - at;
}

/* The run, or what of it is no more than `max` characters and ends in no space. */
static size_t cut_run(struct span text, size_t at, size_t run, size_t max)
{
    if (run <= max)
        return run;
    return text.data[at + max - 1] == ' ' ? max - 1 : max;
}

/* As typescript_comment_line, but stops after `max` characters. */
static int comment_line(struct buf *out, struct span text, size_t max)
{
    size_t at = 0, count = 0;
    bool space = false, any = false;

    while (at < text.len) {
        size_t run = plain_run(text, at, '/', '@'), before = at;
        uint32_t c = run ? 'a' : next_character(text, &at);

        if (is_space(c)) {
            space = any;
            continue;
        }
        if (is_unseen(c))
            continue;
        if (count + space >= max)
            return buf_add_str(out, "…");
        if (!any && c == '@')
            buf_add_char(out, '\\');
        if (space)
            buf_add_char(out, ' ');
        run = cut_run(text, at, run, max - count - space);
        if (run)
            buf_add(out, text.data + before, run);
        else
            add_to_comment(out, c);
        at += run;
        count += (run ? run : 1) + space;
        space = false;
        any = true;
    }
    return buf_failed(out) ? -1 : 0;
}

int typescript_comment_line(struct buf *out, struct span text)
{
    return comment_line(out, text, SIZE_MAX);
}

/* Takes one line off the front of a text; line ends are those of ECMAScript and CRLF. */
static struct span take_line(struct span *text)
{
    size_t at = 0;
    struct span line;

    while (at < text->len) {
        size_t before = at;
        uint32_t c = next_character(*text, &at);

        if (c != '\n' && c != '\r' && c != 0x2028 && c != 0x2029)
            continue;
        line = span_make(text->data, before);
        if (c == '\r' && at < text->len && text->data[at] == '\n')
            at++;
        *text = span_skip(*text, at);
        return line;
    }
    line = *text;
    *text = SPAN_NONE;
    return line;
}

/* Adds a line of a block with its inner and leading white space kept. */
static void add_block_line(struct buf *out, struct span line)
{
    bool first = true;
    size_t at = 0;

    while (at < line.len) {
        uint32_t c = next_character(line, &at);

        if (is_space(c))
            c = ' ';
        else if (is_unseen(c))
            continue;
        if (first && c == '@')
            buf_add_char(out, '\\');
        if (c != ' ')
            first = false;
        add_to_comment(out, c);
    }
}

static struct span trim_end(struct span line)
{
    while (line.len && (line.data[line.len - 1] == ' ' || line.data[line.len - 1] == '\t'))
        line.len--;
    return line;
}

int typescript_comment_block(struct buf *out, struct span text, const char *indent)
{
    bool blank = false, any = false;

    text = span_trim(text);
    while (text.len) {
        struct span line = trim_end(take_line(&text));

        if (line.len == 0) {
            blank = any;
            continue;
        }
        if (blank)
            buf_printf(out, "%s*\n", indent);
        buf_printf(out, "%s* ", indent);
        add_block_line(out, line);
        buf_add_char(out, '\n');
        blank = false;
        any = true;
    }
    return buf_failed(out) ? -1 : 0;
}

/* True when the dot before `at` ends no sentence: "e.g. ", "i.e. ", "etc. ", "vs. ", "1. ". */
static bool is_abbreviation(struct span text, size_t at)
{
    static const char *const known[] = {
        "e.g", "i.e", "vs", "etc", "incl", "approx", "max", "min"
    };
    size_t start = at;

    while (start > 0 && text.data[start - 1] != ' ' && text.data[start - 1] != '(' &&
           text.data[start - 1] != '\n')
        start--;
    for (size_t i = 0; i < ARRAY_COUNT(known); i++) {
        if (span_is(span_make(text.data + start, at - start), known[i]))
            return true;
    }
    return at - start == 1 && text.data[start] >= '0' && text.data[start] <= '9';
}

static bool ends_sentence(struct span text, size_t at)
{
    char c = text.data[at];

    if (c != '.' && c != '!' && c != '?')
        return false;
    if (at + 1 < text.len && text.data[at + 1] != ' ' && text.data[at + 1] != '\n')
        return false;
    return c != '.' || !is_abbreviation(text, at);
}

/* The length of the first sentence, its full stop left out; a line break ends one when the next
 * line is empty, a list, or starts a heading. */
static size_t sentence_len(struct span text)
{
    static const struct span wide_stop = { .data = "。", .len = 3 };

    for (size_t at = 0; at < text.len; at++) {
        struct span rest;

        if (isalnum((unsigned char)text.data[at]) || text.data[at] == ' ')
            continue;
        rest = span_skip(text, at);
        if (text.data[at] == '\n') {
            struct span next = span_skip(rest, 1);

            if (at > 0 && text.data[at - 1] == ':')
                continue;
            if (next.len && next.data[0] != ' ' && next.data[0] >= 'a' && next.data[0] <= 'z')
                continue;
            return at;
        }
        if (span_starts_with(rest, wide_stop))
            return at;
        if (ends_sentence(text, at))
            return text.data[at] == '.' ? at : at + 1;
    }
    return text.len;
}

int typescript_first_sentence(struct buf *out, struct span text, size_t max_characters)
{
    text = span_trim(text);
    text.len = sentence_len(text);
    return comment_line(out, text, max_characters);
}

static int add_escape(struct buf *out, uint32_t c)
{
    if (c > 0xFFFF)
        return buf_printf(out, "\\u{%x}", (unsigned)c);
    return buf_printf(out, "\\u%04x", (unsigned)c);
}

int typescript_string(struct buf *out, struct span text)
{
    size_t at = 0;

    buf_add_char(out, '"');
    while (at < text.len) {
        size_t run = plain_run(text, at, '"', '\\');
        uint32_t c;

        buf_add(out, text.data + at, run);
        at += run;
        if (at == text.len)
            break;
        c = next_character(text, &at);
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", (char)c);
        else if (c == '\n')
            buf_add_str(out, "\\n");
        else if (c == '\t')
            buf_add_str(out, "\\t");
        else if (is_unseen(c) || (is_space(c) && c != ' ') || c == 0x200C || c == 0x200D)
            add_escape(out, c);
        else
            utf8_encode(out, c);
    }
    return buf_add_char(out, '"');
}

int typescript_property(struct buf *out, struct span name)
{
    return name_is_property(name) ? buf_add_span(out, name) : typescript_string(out, name);
}

size_t typescript_characters(struct span text)
{
    return utf8_utf16_len(text.data, text.len);
}

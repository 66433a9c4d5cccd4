/*
 * patternProperties: a pattern of plain characters becomes the key of an
 * index signature, `x-${string}` for "^x-".
 */
#include <ctype.h>
#include <string.h>

#include "base/utf8.h"
#include "codegen/schema_internal.h"

/* True for what stands for itself in a template literal, and is seen there: ASCII, and letters of
 * Latin, Greek, Cyrillic, Japanese and Chinese. */
static bool is_plain(uint32_t c)
{
    if (c < 0x80)
        return c >= ' ' && c < 0x7F && !strchr("`$\\", (int)c);
    return (c >= 0xC0 && c < 0x250) || (c >= 0x370 && c < 0x530) || (c >= 0x3041 && c < 0xA000);
}

/* The length of one plain character of a regular expression, with its escape; 0 when it is none. */
static size_t plain_character(const char *text)
{
    uint32_t c = 0;
    size_t len = utf8_decode(text, strlen(text), &c);

    /* An escaped letter or digit is a class. */
    if (c == '\\')
        return ispunct((unsigned char)text[1]) && is_plain((unsigned char)text[1]) ? 2 : 0;
    return len == 0 || (c < 0x80 && strchr(".*+?()[]{}|^", (int)c)) || !is_plain(c) ? 0 : len;
}

/* The length of a repetition at the end of a pattern that is not bound there: `x*` matches without
 * an x, `x+` with one.  0 when there is none. */
static size_t free_end(const char *text, size_t len)
{
    bool escaped = len > 2 && text[len - 3] == '\\';

    if (len < 2 || text[len - 2] == '\\')
        return 0;
    if (text[len - 1] == '+' && strchr(")]}.", text[len - 2]) == NULL)
        return 1;
    if (text[len - 1] != '*' || strchr(")]}", text[len - 2]) || text[len - 2] & 0x80)
        return 0;
    return escaped ? 3 : 2;
}

bool schema_pattern(struct schema_reader *reader,
                    const char *text,
                    struct type_pattern *ret_pattern)
{
    char *literal = arena_take(&reader->set->arena, strlen(text) + 1);
    size_t len = 0;
    const char *end;

    ret_pattern->starts = *text == '^';
    text += ret_pattern->starts;
    end = text + strlen(text);
    end -= free_end(text, strlen(text));
    ret_pattern->ends = end > text && end[-1] == '$' && (end == text + 1 || end[-2] != '\\');
    end -= ret_pattern->ends;
    while (text < end) {
        size_t character = plain_character(text), escape = *text == '\\';

        if (character == 0)
            return false;
        memcpy(literal + len, text + escape, character - escape);
        len += character - escape;
        text += character;
    }
    ret_pattern->literal = literal;
    ret_pattern->literal_len = len;
    /* What is bound at both ends is one name, and an empty one every name. */
    return len > 0 && !(ret_pattern->starts && ret_pattern->ends);
}

/*
 * patternProperties: a pattern of plain characters becomes the key of an
 * index signature, `x-${string}` for "^x-".
 */
#include <ctype.h>
#include <string.h>

#include "codegen/schema_internal.h"

/* One plain character of a regular expression at *at, which moves on; -1 when it is none. */
static int plain_character(const char **at)
{
    char c = *(*at)++;

    if (c == '\\') {
        c = *(*at)++;
        /* An escaped letter or digit is a class. */
        return c && ispunct((unsigned char)c) ? c : -1;
    }
    return strchr(".*+?()[]{}|^$", c) ? -1 : (unsigned char)c;
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
        int c = plain_character(&text);

        if (c < 0)
            return false;
        literal[len++] = (char)c;
    }
    ret_pattern->literal = literal;
    ret_pattern->literal_len = len;
    /* What is bound at both ends is one name, and an empty one every name. */
    return len > 0 && !(ret_pattern->starts && ret_pattern->ends);
}

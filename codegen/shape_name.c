/*
 * Which names of properties are names, and which are data: the keys of a map
 * by id, address, date or person must not be kept, and say nothing of the
 * next reply.
 */
#include "codegen/shape.h"

/* Digits in a name: `line_2` and `sha256` are names, `item48213` is an id. */
#define DIGITS_MAX 3
/* Changes between letters and digits: `r2d2` has three, a random id more. */
#define CHANGES_MAX 3

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters, digits, `_`, `$` and dashes; `@` only in front, as JSON-LD has it. */
static bool is_written_as_name(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool start = is_letter(c) || c == '_' || c == '$' || c == '@';

        if (i == 0 ? !start : !(is_letter(c) || is_digit(c) || c == '_' || c == '$' || c == '-'))
            return false;
    }
    return name.len > 0;
}

static bool is_made_like_id(struct span name)
{
    size_t digits = 0, changes = 0;

    for (size_t i = 0; i < name.len; i++) {
        digits += is_digit(name.data[i]);
        changes += i > 0 && is_digit(name.data[i]) != is_digit(name.data[i - 1]);
    }
    return digits > DIGITS_MAX || changes > CHANGES_MAX;
}

bool shape_name_is_data(struct span name)
{
    return name.len > SHAPE_NAME_BYTES || !is_written_as_name(name) || is_made_like_id(name);
}

#include "base/utf8.h"

#define REPLACEMENT 0xFFFD

/* Length by lead byte and the least code point of that length; 0 for a byte that can't lead. */
static size_t lead_length(unsigned char lead, uint32_t *ret_bits, uint32_t *ret_least)
{
    if (lead < 0x80) {
        *ret_bits = lead;
        *ret_least = 0;
        return 1;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
        *ret_bits = lead & 0x1Fu;
        *ret_least = 0x80;
        return 2;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        *ret_bits = lead & 0x0Fu;
        *ret_least = 0x800;
        return 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        *ret_bits = lead & 0x07u;
        *ret_least = 0x10000;
        return 4;
    }
    return 0;
}

static bool is_surrogate(uint32_t point)
{
    return point >= 0xD800 && point <= 0xDFFF;
}

size_t utf8_decode(const char *data, size_t len, uint32_t *ret_point)
{
    uint32_t point, least;
    size_t want;

    if (len == 0)
        return 0;
    want = lead_length((unsigned char)data[0], &point, &least);
    if (want == 0 || want > len)
        return 0;
    for (size_t i = 1; i < want; i++) {
        unsigned char next = (unsigned char)data[i];

        if ((next & 0xC0) != 0x80)
            return 0;
        point = point << 6 | (next & 0x3Fu);
    }
    if (point < least || point > 0x10FFFF || is_surrogate(point))
        return 0;
    *ret_point = point;
    return want;
}

int utf8_encode(struct buf *out, uint32_t point)
{
    char bytes[4];
    size_t len;

    if (point > 0x10FFFF || is_surrogate(point))
        point = REPLACEMENT;
    if (point < 0x80) {
        bytes[0] = (char)point;
        len = 1;
    } else if (point < 0x800) {
        bytes[0] = (char)(0xC0 | point >> 6);
        bytes[1] = (char)(0x80 | (point & 0x3F));
        len = 2;
    } else if (point < 0x10000) {
        bytes[0] = (char)(0xE0 | point >> 12);
        bytes[1] = (char)(0x80 | (point >> 6 & 0x3F));
        bytes[2] = (char)(0x80 | (point & 0x3F));
        len = 3;
    } else {
        bytes[0] = (char)(0xF0 | point >> 18);
        bytes[1] = (char)(0x80 | (point >> 12 & 0x3F));
        bytes[2] = (char)(0x80 | (point >> 6 & 0x3F));
        bytes[3] = (char)(0x80 | (point & 0x3F));
        len = 4;
    }
    return buf_add(out, bytes, len);
}

size_t utf8_utf16_len(const char *data, size_t len)
{
    size_t units = 0;

    while (len) {
        uint32_t point = 0;
        size_t n = utf8_decode(data, len, &point);

        units += point >= 0x10000 ? 2 : 1;
        if (n == 0)
            n = 1;
        data += n;
        len -= n;
    }
    return units;
}

static bool continues(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

size_t utf8_count(struct span text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += !continues(text.data[i]);
    return count;
}

struct span utf8_prefix(struct span text, size_t characters)
{
    size_t end = 0;

    for (; end < text.len; end++) {
        if (continues(text.data[end]))
            continue;
        if (characters == 0)
            break;
        characters--;
    }
    return span_make(text.data, end);
}

struct span utf8_skip(struct span text, size_t characters)
{
    return span_skip(text, utf8_prefix(text, characters).len);
}

struct span utf8_suffix(struct span text, size_t characters)
{
    size_t start = text.len;

    while (start > 0 && characters > 0) {
        start--;
        characters -= !continues(text.data[start]);
    }
    return span_skip(text, start);
}

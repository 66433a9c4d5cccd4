/*
 * UTF-8 one character at a time, and counting and cutting text by characters
 * (code points; a byte that is no continuation counts as one, valid or not).
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/*
 * Decodes the first character of `len` bytes: returns its length (1 to 4) and
 * sets *ret_point, or returns 0 when it is not valid UTF-8 (RFC 3629: no
 * surrogates, no over-long forms, nothing above U+10FFFF) or `len` is 0.
 */
size_t utf8_decode(const char *data, size_t len, uint32_t *ret_point);

/* Appends a code point; a surrogate or one above U+10FFFF becomes U+FFFD. */
int utf8_encode(struct buf *out, uint32_t point);

/* The number of UTF-16 units of `len` bytes of UTF-8; an invalid byte counts one. */
size_t utf8_utf16_len(const char *data, size_t len);

/* How many characters `text` has. */
size_t utf8_count(struct span text);

/* The bytes of the first `characters` characters (all of them when there are fewer). */
struct span utf8_prefix(struct span text, size_t characters);

/* What is behind utf8_prefix(text, characters). */
struct span utf8_skip(struct span text, size_t characters);

/* The bytes of the last `characters` characters. */
struct span utf8_suffix(struct span text, size_t characters);

#endif

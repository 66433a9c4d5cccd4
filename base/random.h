/*
 * Bytes from the kernel's random source.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>

/* Fills `out` with `len` random bytes; aborts when the kernel has none to give. */
void random_bytes(void *out, size_t len);

/* Writes 2 * `len` lower-case hex digits of `len` (at most 64) random bytes and a terminator. */
void random_hex(char *out, size_t len);

#endif

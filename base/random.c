#include "base/random.h"

#include <errno.h>
#include <sys/random.h>

#include "base/mem.h"

#define HEX_BYTES_MAX 64

void random_bytes(void *out, size_t len)
{
    char *next = out;

    while (len) {
        ssize_t n = getrandom(next, len, 0);

        BUG_ON(n < 0 && errno != EINTR);
        if (n < 0)
            continue;
        next += n;
        len -= (size_t)n;
    }
}

void random_hex(char *out, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[HEX_BYTES_MAX];

    BUG_ON(len > sizeof(bytes));
    random_bytes(bytes, len);
    for (size_t i = 0; i < len; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}

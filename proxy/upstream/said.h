/*
 * What the log has been told of a server's items, so that lists that are read
 * again and again do not repeat it; and the digest by which that, and the lists
 * themselves, are compared.
 */
#ifndef PROXY_UPSTREAM_SAID_H
#define PROXY_UPSTREAM_SAID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/* FNV-1a, with the length of each text behind it.  Begin with DIGEST_START. */
#define DIGEST_START 0xcbf29ce484222325u
uint64_t digest_mix(uint64_t digest, struct span text);

#define SAID_MAX 256

/* Zero it before first use. */
struct said {
    uint64_t digests[SAID_MAX];
    size_t count;
};

/* True when the same has been asked before, among the last SAID_MAX; it is kept. */
bool said_before(struct said *said, const char *what, struct span item, const char *why);

#endif

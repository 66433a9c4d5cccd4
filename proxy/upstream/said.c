#include "proxy/upstream/said.h"

#define PRIME 0x100000001b3u

uint64_t digest_mix(uint64_t digest, struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        digest = (digest ^ (unsigned char)text.data[i]) * PRIME;
    return (digest ^ text.len) * PRIME;
}

bool said_before(struct said *said, const char *what, struct span item, const char *why)
{
    uint64_t digest = DIGEST_START;

    digest = digest_mix(digest, span_of(what));
    digest = digest_mix(digest, item);
    digest = digest_mix(digest, span_of(why));
    for (size_t i = 0; i < SAID_MAX && i < said->count; i++) {
        if (said->digests[i] == digest)
            return true;
    }
    said->digests[said->count++ % SAID_MAX] = digest;
    return false;
}

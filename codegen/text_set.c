#include "codegen/text_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/random.h"

#define FIRST_ROOM 64 /* a power of two */

/* Of this process, so that nobody can send texts that all have one hash; 0 until it is needed. */
static uint64_t seed;

static void need_seed(void)
{
    while (seed == 0)
        random_bytes(&seed, sizeof(seed));
}

/* The last eight bytes of a text or fewer as a number, another one for each text of that length. */
static uint64_t end_number(const char *text, size_t len)
{
    uint64_t whole;
    uint32_t first, last;

    if (len >= sizeof(whole)) {
        memcpy(&whole, text + len - sizeof(whole), sizeof(whole));
        return whole;
    }
    if (len >= sizeof(first)) {
        memcpy(&first, text, sizeof(first));
        memcpy(&last, text + len - sizeof(last), sizeof(last));
        return (uint64_t)last << 32 | first;
    }
    if (len == 0)
        return 0;
    return (uint64_t)(unsigned char)text[0] | (uint64_t)(unsigned char)text[len / 2] << 8 |
           (uint64_t)(unsigned char)text[len - 1] << 16;
}

/* Eight bytes at a time, as most words have no more. */
static inline uint32_t hash_of(struct span text)
{
    static const uint64_t multiplier = 0x9E3779B97F4A7C15; /* 2^64 by the golden ratio */
    uint64_t hash = seed ^ text.len;

    for (; text.len > 8; text.data += 8, text.len -= 8) {
        hash = (hash ^ end_number(text.data, 8)) * multiplier;
        hash ^= hash >> 32;
    }
    hash = (hash ^ end_number(text.data, text.len)) * multiplier;
    return (uint32_t)(hash >> 32 ^ hash >> 48); /* the higher a bit, the more bytes are in it */
}

uint32_t text_hash(struct span text)
{
    need_seed();
    return hash_of(text);
}

static void make_slots(struct text_set *set, size_t count)
{
    set->slots = xcalloc(count, sizeof(*set->slots));
    set->slot_mask = (uint32_t)count - 1;
}

void text_set_init(struct text_set *set)
{
    need_seed();
    *set = (struct text_set){ .room = FIRST_ROOM };
    set->texts = xcalloc(set->room, sizeof(*set->texts));
    make_slots(set, 2 * set->room);
}

void text_set_done(struct text_set *set)
{
    free(set->texts);
    free(set->slots);
    *set = (struct text_set){ 0 };
}

/* The slot of a text, or the free one where it belongs. */
static inline struct text_slot *slot_of(const struct text_set *set, struct span text, uint32_t hash)
{
    for (uint32_t at = hash;; at++) {
        struct text_slot *slot = &set->slots[at & set->slot_mask];

        if (slot->number == 0 ||
            (slot->hash == hash && span_equal(set->texts[slot->number - 1], text)))
            return slot;
    }
}

uint32_t text_set_find(const struct text_set *set, struct span text, uint32_t hash)
{
    uint32_t number = slot_of(set, text, hash)->number;

    return number ? number - 1 : TEXT_SET_NONE;
}

static void grow(struct text_set *set)
{
    struct text_slot *old = set->slots;

    make_slots(set, 4 * set->room);
    for (size_t i = 0; i < 2 * set->room; i++) {
        uint32_t at = old[i].hash;

        if (old[i].number == 0)
            continue;
        while (set->slots[at & set->slot_mask].number)
            at++;
        set->slots[at & set->slot_mask] = old[i];
    }
    free(old);
    set->room *= 2;
    set->texts = xreallocarray(set->texts, set->room, sizeof(*set->texts));
}

static uint32_t add(struct text_set *set, struct span text, uint32_t hash)
{
    if (set->count == set->room)
        grow(set);
    set->texts[set->count++] = text;
    *slot_of(set, text, hash) = (struct text_slot){ .hash = hash, .number = (uint32_t)set->count };
    return (uint32_t)set->count - 1;
}

uint32_t text_set_add(struct text_set *set, struct span text)
{
    uint32_t hash = hash_of(text);
    uint32_t number = slot_of(set, text, hash)->number;

    return number ? number - 1 : add(set, text, hash);
}

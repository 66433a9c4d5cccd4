/*
 * Texts, each once and with its place in the order they came, to be looked up
 * by what they say.
 */
#ifndef CODEGEN_TEXT_SET_H
#define CODEGEN_TEXT_SET_H

#include <stdint.h>

#include "base/span.h"

/* A place of the hash table. */
struct text_slot {
    uint32_t hash;
    uint32_t number; /* the text's place and one; 0 when the slot is free */
};

struct text_set {
    struct span *texts; /* borrowed, in the order they came */
    size_t count, room;
    struct text_slot *slots; /* half of them free; a text is in the first from its hash on */
    uint32_t slot_mask;
};

/* Not the place of any text. */
#define TEXT_SET_NONE UINT32_MAX

void text_set_init(struct text_set *set);
void text_set_done(struct text_set *set);

/* The hash of a text, to look it up in many sets of this process. */
uint32_t text_hash(struct span text);

/* The place of a text, or TEXT_SET_NONE. */
uint32_t text_set_find(const struct text_set *set, struct span text, uint32_t hash);

/* The place of a text, which is added when it is new: its place is then what `count` was before. It
 * stays the caller's, who may put a copy that lasts in its place in `texts`.  Not for more texts
 * than half of UINT32_MAX. */
uint32_t text_set_add(struct text_set *set, struct span text);

#endif

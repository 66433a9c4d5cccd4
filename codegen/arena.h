/*
 * Memory for what is made and dropped together: the types of one tool.  What
 * is taken from it is freed with it, never alone.
 */
#ifndef CODEGEN_ARENA_H
#define CODEGEN_ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks;
    size_t used, size; /* of the newest chunk */
};

/* Zeroed memory, aligned for any object.  The caller bounds how much a peer can make it take. */
void *arena_take(struct arena *arena, size_t size);

/* Frees all of it; the arena can be used again. */
void arena_done(struct arena *arena);

#endif

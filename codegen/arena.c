#include "codegen/arena.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Of the first chunk, which is enough for most tools; each further one is twice the last, up to the
 * second size. */
#define FIRST_BYTES ((size_t)4 * 1024)
#define CHUNK_BYTES ((size_t)64 * 1024)
#define ALIGNMENT   _Alignof(max_align_t)

struct arena_chunk {
    struct arena_chunk *next;
    max_align_t data[];
};

/* With room for `needed` bytes. */
static void add_chunk(struct arena *arena, size_t needed)
{
    size_t size = arena->chunks ? 2 * arena->size : FIRST_BYTES;
    struct arena_chunk *chunk;

    if (size > CHUNK_BYTES)
        size = CHUNK_BYTES;
    if (size < needed)
        size = needed;
    chunk = xreallocarray(NULL, 1, sizeof(*chunk) + size);
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    arena->used = 0;
    arena->size = size;
}

void *arena_take(struct arena *arena, size_t size)
{
    void *taken;

    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (!arena->chunks || arena->size - arena->used < size)
        add_chunk(arena, size);
    taken = (char *)arena->chunks->data + arena->used;
    arena->used += size;
    return memset(taken, 0, size);
}

void arena_done(struct arena *arena)
{
    while (arena->chunks) {
        struct arena_chunk *chunk = arena->chunks;

        arena->chunks = chunk->next;
        free(chunk);
    }
    *arena = (struct arena){ 0 };
}

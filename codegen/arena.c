#include "codegen/arena.h"

#include <stdlib.h>

#include "base/mem.h"

#define CHUNK_BYTES ((size_t)32 * 1024)
#define ALIGNMENT   _Alignof(max_align_t)

struct arena_chunk {
    struct arena_chunk *next;
    max_align_t data[];
};

static void add_chunk(struct arena *arena, size_t size)
{
    struct arena_chunk *chunk = xcalloc(1, sizeof(*chunk) + size);

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
        add_chunk(arena, size > CHUNK_BYTES ? size : CHUNK_BYTES);
    taken = (char *)arena->chunks->data + arena->used;
    arena->used += size;
    return taken;
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

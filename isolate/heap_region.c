/*
 * Places the engine's heap in one region of the address space.
 *
 * V8 asks for each chunk of its heap at a random address: each then has page
 * tables of its own, three of them, which every fork makes and every exit takes
 * down, and chunks that could be one mapping are many.  These functions stand
 * before libc's, since the engine calls them through the dynamic linker, and
 * answer such requests side by side, from where the first one pointed: the
 * region is as hard to guess as the first chunk was.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

#include <sys/syscall.h>
#include <unistd.h>

/* What is larger is no chunk: address space held in reserve, or one large object. */
#define CHUNK_MAX_BYTES (UINT64_C(16) * 1024 * 1024)

/* So much a table of pages covers. */
#define TABLE_BYTES (UINT64_C(2) * 1024 * 1024)

/* Where the next chunk is tried; one thread. */
static uintptr_t next;

static bool is_chunk(const void *hint, size_t length, int flags)
{
    return hint && length <= CHUNK_MAX_BYTES && (flags & MAP_ANONYMOUS) &&
           !(flags & (MAP_FIXED | MAP_FIXED_NOREPLACE));
}

/* The names in libc's declarations are reserved ones. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
void *mmap64(void *hint, size_t length, int protection, int flags, int fd, off_t offset);

void *mmap64(void *hint, size_t length, int protection, int flags, int fd, off_t offset)
{
    const bool chunk = is_chunk(hint, length, flags);
    void *result;

    if (chunk && !next)
        next = (uintptr_t)hint / TABLE_BYTES * TABLE_BYTES;
    if (chunk)
        hint = (void *)next; /* NOLINT(performance-no-int-to-ptr) */
    /* NOLINTNEXTLINE(performance-no-int-to-ptr) */
    result = (void *)syscall(SYS_mmap, hint, length, protection, flags, fd, offset);
    /* Where something else is already, the kernel finds a place, and this one is tried again. */
    if (chunk && result == hint)
        next += length;
    return result;
}

/* The engine asks for more than it needs, to have a part that is aligned, and gives back the rest.
 */
int munmap(void *address, size_t length)
{
    int result = (int)syscall(SYS_munmap, address, length);

    if (result == 0 && (uintptr_t)address + length == next)
        next = (uintptr_t)address;
    return result;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/*
 * Keeps the engine's memory in forked children.
 *
 * V8 marks every mapping MADV_DONTFORK where it was built with private mapping
 * fork optimisation, as Debian's is: a child would die at its first access.
 * This madvise stands before libc's, since the engine calls it through the
 * dynamic linker, and says yes to that one advice without following it.
 */
#include <sys/mman.h>

#include <sys/syscall.h>
#include <unistd.h>

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): reserved names in libc. */
int madvise(void *address, size_t length, int advice)
{
    if (advice == MADV_DONTFORK)
        return 0;
    return (int)syscall(SYS_madvise, address, length, advice);
}

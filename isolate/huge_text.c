#include "isolate/huge_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/span.h"
#include "isolate/mappings.h"

#define HUGE_PAGE_BYTES (UINT64_C(2) * 1024 * 1024)
#define MAPS_MAX_BYTES  (1024 * 1024)
#define PAGES_MAX       512 /* in a huge page, when a page is the smallest there is */
/* Of an entry of /proc/self/pagemap (Documentation/admin-guide/mm/pagemap.rst). */
#define PAGE_PRESENT (UINT64_C(1) << 63)

/* Anonymous memory for `len` bytes whose place within a huge page is that of `like`. */
static char *map_like(uintptr_t like, size_t len, size_t *ret_total, char **ret_base)
{
    size_t total = len + 2 * HUGE_PAGE_BYTES;
    char *base = mmap(NULL, total, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    uintptr_t place;

    if (base == MAP_FAILED)
        return NULL;
    place = ((uintptr_t)base + HUGE_PAGE_BYTES - 1) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES +
            like % HUGE_PAGE_BYTES;
    *ret_base = base;
    *ret_total = total;
    return base + (place - (uintptr_t)base);
}

static int move_mapping(const struct mapping *m, struct err *err)
{
    size_t len = m->end - m->start, total = 0;
    char *base = NULL, *copy = map_like(m->start, len, &total, &base);
    int result = 0;

    if (!copy)
        return err_sys(err, ERR_IO, errno, "no memory for %zu bytes of text", len);
    madvise(copy, len, MADV_HUGEPAGE);
    memcpy(copy, (const void *)m->start, len); /* NOLINT(performance-no-int-to-ptr) */
    if (mprotect(copy, len, m->protection) < 0 ||
        mremap(copy, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)m->start) ==
            MAP_FAILED) /* NOLINT(performance-no-int-to-ptr) */
        result = err_sys(err, ERR_IO, errno, "cannot move %zu bytes of text", len);
    /* What was put beside it to find the right place; the middle is gone when it was moved. */
    munmap(base, total);
    return result;
}

struct file {
    uintptr_t address;
    struct span inode_and_path;
    int pagemap_fd;
};

static int find_file(const struct mapping *mapping, void *ctx, struct err *err)
{
    struct file *file = ctx;

    (void)err;
    if (file->address < mapping->start || file->address >= mapping->end)
        return 0;
    file->inode_and_path = mapping->inode_and_path;
    return 1;
}

/* What of a mapping is whole huge pages; the rest stays mapped from the file. */
static struct mapping whole_huge_pages(const struct mapping *mapping)
{
    struct mapping inner = *mapping;

    inner.start = (mapping->start + HUGE_PAGE_BYTES - 1) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
    inner.end = mapping->end / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
    return inner;
}

/* True when something of this huge page has been executed or read. */
static bool is_used(int pagemap_fd, uintptr_t start)
{
    const size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE), pages = HUGE_PAGE_BYTES / page_bytes;
    uint64_t entries[PAGES_MAX];
    ssize_t n = pread(pagemap_fd, entries, pages * sizeof(entries[0]),
                      (off_t)(start / page_bytes * sizeof(entries[0])));

    for (size_t i = 0; n > 0 && i < (size_t)n / sizeof(entries[0]); i++) {
        if (entries[i] & PAGE_PRESENT)
            return true;
    }
    return false;
}

/* Moves the used ones of these huge pages, those that lie side by side at once. */
static int move_used(const struct mapping *whole, int pagemap_fd, struct err *err)
{
    struct mapping run = *whole;
    int result = 0;

    for (uintptr_t at = whole->start; result == 0 && at < whole->end; at = run.end) {
        bool used = is_used(pagemap_fd, at);

        run.start = at;
        run.end = at + HUGE_PAGE_BYTES;
        while (run.end < whole->end && is_used(pagemap_fd, run.end) == used)
            run.end += HUGE_PAGE_BYTES;
        if (used)
            result = move_mapping(&run, err);
    }
    return result;
}

static int move_if_of_file(const struct mapping *mapping, void *ctx, struct err *err)
{
    const struct file *file = ctx;
    struct mapping inner = whole_huge_pages(mapping);

    if (!span_equal(mapping->inode_and_path, file->inode_and_path) || !mapping->is_private ||
        mapping->protection != (PROT_READ | PROT_EXEC) || inner.end <= inner.start)
        return 0;
    return move_used(&inner, file->pagemap_fd, err);
}

int huge_text_move(const void *address, struct err *err)
{
    CLEANUP(buf) struct buf maps = BUF(MAPS_MAX_BYTES);
    CLEANUP(fd) int pagemap_fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    struct file file = { .address = (uintptr_t)address, .pagemap_fd = pagemap_fd };

    if (pagemap_fd < 0)
        return err_sys(err, ERR_IO, errno, "cannot open /proc/self/pagemap");
    if (mappings_read(&maps, err) < 0)
        return -1;
    if (mappings_each(buf_span(&maps), find_file, &file, NULL) == 0)
        return err_set(err, ERR_NOT_FOUND, "no mapping holds the engine's text");
    return mappings_each(buf_span(&maps), move_if_of_file, &file, err);
}

#include "isolate/huge_text.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "base/buf.h"
#include "base/span.h"
#include "isolate/mappings.h"
#include "isolate/pagemap.h"

#define HUGE_PAGE_BYTES (UINT64_C(2) * 1024 * 1024)
#define MAPS_MAX_BYTES  (1024 * 1024)

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
    struct pagemap pagemap;
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

static void note_present(void *ctx, uintptr_t page, uint64_t entry)
{
    bool *used = ctx;

    (void)page;
    *used = *used || (entry & PAGE_PRESENT);
}

/* True when something of this huge page has been executed or read. */
static bool is_used(const struct pagemap *pagemap, uintptr_t start)
{
    struct err err = ERR_INIT;
    bool used = false;

    return pagemap_each(pagemap, start, start + HUGE_PAGE_BYTES, note_present, &used, &err) == 0 &&
           used;
}

/* Moves the used ones of these huge pages, those that lie side by side at once. */
static int move_used(const struct mapping *whole, const struct pagemap *pagemap, struct err *err)
{
    struct mapping run = *whole;
    int result = 0;

    for (uintptr_t at = whole->start; result == 0 && at < whole->end; at = run.end) {
        bool used = is_used(pagemap, at);

        run.start = at;
        run.end = at + HUGE_PAGE_BYTES;
        while (run.end < whole->end && is_used(pagemap, run.end) == used)
            run.end += HUGE_PAGE_BYTES;
        if (used)
            result = move_mapping(&run, err);
    }
    return result;
}

static bool is_text(const struct mapping *mapping, const struct file *file)
{
    return span_equal(mapping->inode_and_path, file->inode_and_path) && mapping->is_private &&
           mapping->protection == (PROT_READ | PROT_EXEC);
}

static int forget_if_of_file(const struct mapping *mapping, void *ctx, struct err *err)
{
    void *start = (void *)mapping->start; /* NOLINT(performance-no-int-to-ptr) */

    if (is_text(mapping, ctx) && madvise(start, mapping->end - mapping->start, MADV_DONTNEED) < 0)
        return err_sys(err, ERR_IO, errno, "cannot take text out of the page table");
    return 0;
}

static int move_if_of_file(const struct mapping *mapping, void *ctx, struct err *err)
{
    const struct file *file = ctx;
    struct mapping inner = whole_huge_pages(mapping);

    if (!is_text(mapping, file) || inner.end <= inner.start)
        return 0;
    return move_used(&inner, &file->pagemap, err);
}

/* Calls `use` for each mapping, with the file that has this address. */
static int each_mapping(struct file *file,
                        int (*use)(const struct mapping *mapping, void *ctx, struct err *err),
                        struct err *err)
{
    CLEANUP(buf) struct buf maps = BUF(MAPS_MAX_BYTES);

    if (mappings_read(&maps, err) < 0)
        return -1;
    if (mappings_each(buf_span(&maps), find_file, file, NULL) == 0)
        return err_set(err, ERR_NOT_FOUND, "no mapping holds the engine's text");
    return mappings_each(buf_span(&maps), use, file, err);
}

int huge_text_forget(const void *address, struct err *err)
{
    struct file file = { .address = (uintptr_t)address };

    return each_mapping(&file, forget_if_of_file, err);
}

int huge_text_move(const void *address, struct err *err)
{
    struct file file = { .address = (uintptr_t)address };
    int result;

    if (pagemap_open(&file.pagemap, err) < 0)
        return -1;
    result = each_mapping(&file, move_if_of_file, err);
    pagemap_close(&file.pagemap);
    return result;
}

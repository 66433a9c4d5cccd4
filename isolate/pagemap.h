/*
 * What the page table of this process holds, from /proc/self/pagemap
 * (Documentation/admin-guide/mm/pagemap.rst).
 */
#ifndef ISOLATE_PAGEMAP_H
#define ISOLATE_PAGEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "isolate/mappings.h"

struct pagemap {
    int fd;
    size_t page_bytes;
};

/* Of a page that belongs to one process or to several forked from it. */
#define PAGE_PRESENT   (UINT64_C(1) << 63)
#define PAGE_SWAPPED   (UINT64_C(1) << 62)
#define PAGE_OF_FILE   (UINT64_C(1) << 61)
#define PAGE_EXCLUSIVE (UINT64_C(1) << 56)

/* 0, or -1 with err; to be closed with pagemap_close(). */
int pagemap_open(struct pagemap *ret, struct err *err);

void pagemap_close(struct pagemap *map);

/* Calls use(ctx, page's address, its entry) for each page from `start` to `end`.  0, or -1 with
 * err. */
int pagemap_each(const struct pagemap *map,
                 uintptr_t start,
                 uintptr_t end,
                 void (*use)(void *ctx, uintptr_t page, uint64_t entry),
                 void *ctx,
                 struct err *err);

/* Memory of this process's own: not of a file, or written to since it was mapped. */
static inline bool page_is_own(uint64_t entry)
{
    return (entry & PAGE_SWAPPED) || (entry & (PAGE_PRESENT | PAGE_OF_FILE)) == PAGE_PRESENT;
}

/* Own, and of no other process: in a new one, written to since the fork. */
static inline bool page_is_written(uint64_t entry)
{
    return (entry & (PAGE_PRESENT | PAGE_OF_FILE | PAGE_EXCLUSIVE)) ==
           (PAGE_PRESENT | PAGE_EXCLUSIVE);
}

/* A page of a file, as it is there: read since it was mapped, or near to one that was. */
static inline bool page_is_read(uint64_t entry)
{
    return (entry & (PAGE_PRESENT | PAGE_OF_FILE)) == (PAGE_PRESENT | PAGE_OF_FILE);
}

#endif

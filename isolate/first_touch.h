/*
 * The pages that every execution uses.
 *
 * A new process shares its memory with the one it was forked from, page by
 * page until it writes, and starts without page tables for files that are
 * mapped: an execution would pay a page fault for each of the hundred pages
 * that it writes to, and for each piece of a library that it reads, whatever
 * the script.  The zygote learns once which they are, and each worker asks
 * for them before it is leased.
 */
#ifndef ISOLATE_FIRST_TOUCH_H
#define ISOLATE_FIRST_TOUCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define PAGE_RANGES 256

struct page_ranges {
    size_t count;
    struct {
        uintptr_t start;
        size_t len; /* bytes */
    } list[PAGE_RANGES];
};

struct first_touch {
    struct page_ranges written; /* none: nothing is known */
    struct page_ranges read;    /* of libraries */
};

/*
 * Forks a process that calls run(ctx, err) and finds out which pages it used.  To be called in a
 * process with one thread that can read /proc/self.  0, or -1 with err; nothing is known then.
 */
int first_touch_learn(struct first_touch *ret,
                      int (*run)(void *ctx, struct err *err),
                      void *ctx,
                      struct err *err);

/* Gets this process its own copies of the pages that are written to, and maps those that are read.
 * False when none are known, or the kernel can't (before Linux 5.14); both then happens page by
 * page. */
bool first_touch_use(const struct first_touch *touched);

#endif

/*
 * The pages that every execution uses.
 *
 * A new process shares its memory with the one it was forked from, page by
 * page until it writes, and starts without page tables for files that are
 * mapped and were only read: an execution would pay a page fault for each of
 * the hundred pages that it writes to, and for each piece of a library that it
 * looks at, whatever the script.  The zygote learns once which they are.  It
 * makes those that are only read its own, so that each fork has them; each
 * worker writes to the others before it is leased.
 */
#ifndef ISOLATE_FIRST_TOUCH_H
#define ISOLATE_FIRST_TOUCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define PAGE_RANGES 1024

struct page_ranges {
    size_t count;
    struct {
        uintptr_t start;
        size_t len; /* bytes */
    } list[PAGE_RANGES];
};

/* What workers do ahead of an execution. */
struct first_touch {
    struct page_ranges written;
    struct page_ranges text; /* one page of each piece that they look at */
};

/*
 * Forks a process that calls run(ctx, err), finds out which pages it used, and
 * makes those that are only read this process's own, with those around them;
 * what else this process has looked at of files is forgotten.  Text is left to the workers unless
 * `hold_text` is set: it would be executable memory that is of no file.  To be called in a process
 * with one thread that can read /proc/self.  0, or -1 with err; nothing is known then.
 */
int first_touch_learn(struct first_touch *ret,
                      bool hold_text,
                      int (*run)(void *ctx, struct err *err),
                      void *ctx,
                      struct err *err);

/* In a fork: gets it its own copies of the pages that are written to, and maps text that is not
 * held. */
void first_touch_use(const struct first_touch *touched);

#endif

/*
 * The pages that every execution writes to.
 *
 * A new process shares its memory with the one it was forked from, page by
 * page until it writes: an execution would pay a page fault for each of the
 * hundred pages that it writes to whatever the script.  The zygote learns
 * once which they are, and each worker asks for its own copies before it is
 * leased.
 */
#ifndef ISOLATE_FIRST_TOUCH_H
#define ISOLATE_FIRST_TOUCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define FIRST_TOUCH_RANGES 256

struct first_touch {
    size_t count; /* 0: nothing is known */
    struct {
        uintptr_t start;
        size_t len; /* bytes */
    } ranges[FIRST_TOUCH_RANGES];
};

/*
 * Forks a process that calls run(ctx) and finds out which pages it wrote to.  To be called in a
 * process with one thread that can read /proc/self.  0, or -1 with err; nothing is known then.
 */
int first_touch_learn(struct first_touch *ret, void (*run)(void *ctx), void *ctx, struct err *err);

/* Gets this process its own copies of those pages.  False when none are known, or the kernel
 * can't (before Linux 5.14); pages are then copied as they are written to. */
bool first_touch_copy(const struct first_touch *touched);

#endif

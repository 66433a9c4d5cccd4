/*
 * The zygote's memory as a file.
 *
 * A fork copies the page table of all memory that a process has ever written
 * to, and the new process takes it down again at its end: for an engine that
 * has started that is a thousand pages, of which an execution looks at a
 * fifth.  So what engine and libraries hold when they are warm is put into a
 * file of memory and mapped from there, privately: only what is touched after
 * that is copied by forks, and the rest is there for who looks at it.
 *
 * Memory that is given back by MADV_DONTNEED comes back as it was in the file,
 * not as zeros.  V8 counts on nothing in pages that it discards, and maps anew
 * what it decommits (v8-platform.h, DiscardSystemPages and DecommitPages); the
 * C library gives back the end of the heap, by brk().
 */
#ifndef ISOLATE_MEMORY_IMAGE_H
#define ISOLATE_MEMORY_IMAGE_H

#include "base/err.h"

/*
 * Moves the larger pieces of this process's private memory into a sealed file,
 * and smaller ones that lie side by side with the same rights, such as a
 * library's constants and what the loader locked behind them, which become one
 * mapping by that: each costs a fork and an exit a few microseconds.  To be called in a process
 * with one thread.  0, or -1 with err; what has been moved by then works as well.
 */
int memory_image_take(struct err *err);

#endif

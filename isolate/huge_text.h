/*
 * The engine's text in huge pages of our own.
 *
 * A forked process does not inherit the page tables of mapped files: each
 * worker would fault in anew what it uses of the engine's 49 MB, and its end
 * would unmap it again.  Anonymous memory is inherited, and in huge pages that
 * costs next to nothing.  The price is that much memory, once, so only what has
 * been used by then is moved.  Moving the constants as well (20 MB more) was
 * measured to gain nothing.
 */
#ifndef ISOLATE_HUGE_TEXT_H
#define ISOLATE_HUGE_TEXT_H

#include <stddef.h>

#include "base/err.h"

/* Takes the text out of the page table, so that huge_text_move() finds only what is used after
 * this. 0, or -1 with err. */
int huge_text_forget(const void *address, struct err *err);

/*
 * Moves what was used of the executable mapping of the file that holds `address` into anonymous
 * huge pages, in place.  To be called in a process with one thread, before memory can't be made
 * executable any more. -1 with err when it can't be read or moved; all works as before.
 */
int huge_text_move(const void *address, struct err *err);

#endif

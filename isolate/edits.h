/*
 * Changes to a text that keep every line, and every column where that can be:
 * what is erased becomes spaces, a character may stand in an erased one's
 * place, and the few insertions that move columns are listed as "shifts".
 *
 * The first change to a byte wins, so that whoever knows more of the
 * surroundings speaks first.  A change behind the end of the text is none.
 */
#ifndef ISOLATE_EDITS_H
#define ISOLATE_EDITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

struct insertion;

struct edits {
    struct span code;     /* borrowed; valid UTF-8 */
    unsigned char *marks; /* owned, one per byte: kept, blank, or the character to stand there */
    struct insertion *insertions; /* owned */
    size_t count, capacity;
};

/* No changes to `code`, which must outlive the edits. */
void edits_init(struct edits *edits, struct span code);
void edits_done(struct edits *edits);

/* True when the byte at `at` is no longer what it was. */
bool edits_touched(const struct edits *edits, size_t at);

/* Turns [start, end) into spaces; line ends stay. */
void edits_blank(struct edits *edits, size_t start, size_t end);

/* Lets the ASCII character `c` stand in place of the character that the byte `at` belongs to. */
void edits_put(struct edits *edits, size_t at, char c);

/* Puts a text (one line) before the byte at `at`; texts at the same place keep the order of calls.
 */
void edits_insert(struct edits *edits, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Appends the changed text to `out`, and to `shifts` (may be NULL) a JSON array
 * [[line, column, by], ...] of the insertions that moved something. */
void edits_write(struct edits *edits, struct buf *out, struct buf *shifts);

/* Where the byte `at` is: line and column from 1, in UTF-16 units, with the line ends of
 * ECMAScript (LF, CR, CRLF, U+2028, U+2029). */
struct text_position {
    unsigned line, column;
};
struct text_position text_position(struct span code, size_t at);

/* The length of the line end at the head of `rest`, 0 when there is none. */
size_t line_end_len(struct span rest);

/* True when a line ends within [start, end). */
bool has_line_end(struct span code, size_t start, size_t end);

#endif

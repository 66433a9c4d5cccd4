/*
 * JSON within a budget of characters, cut by its structure: what comes out is
 * valid JSON, arrays and objects lose members at their end and say how many,
 * long strings lose their tail.
 *
 * Each member gets a fair share of what is left, so that five large members
 * are all seen in part and a thousand small ones as many as fit.  Work is
 * linear in the value for each of SHORTEN_DEPTH levels at most.
 */
#ifndef PROXY_EXEC_SHORTEN_H
#define PROXY_EXEC_SHORTEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"

#define SHORTEN_DEPTH 8

/*
 * Appends `value` (checked JSON), in at most `budget` characters.  A container
 * of more than a line's length has each of its own members on a line.  Returns
 * true when something was left out.
 */
bool shorten_json(struct span value, size_t budget, struct buf *out);

/* Appends plain text in at most about `budget` characters: its beginning and its end, with a line
 * between that says how much was left out.  Returns true when something was. */
bool shorten_text(struct span text, size_t budget, struct buf *out);

#endif

/*
 * What a script gets of a CallToolResult (DESIGN "What a tool call returns"):
 *
 * 1. isError: an error with the joined text, and the content;
 * 2. structuredContent (other than null): that value, byte for byte;
 * 3. one or more text blocks and nothing else: the joined text, as the value
 *    it spells if that is a JSON object or array, else as a string;
 * 4. anything else: the content array; without one, the whole result.
 */
#ifndef PROXY_EXEC_RESULT_UNWRAP_H
#define PROXY_EXEC_RESULT_UNWRAP_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

/* Appends the texts of a result's text blocks, a line feed between. */
void result_text(struct span result, struct buf *out);

/* Whether a raw result says isError. */
bool result_is_error(struct span result);

/*
 * Appends to `out` the value, or with *ret_ok false the error (host_error.h)
 * of a call of `tool` at `server`.  `result` is checked JSON.  -1 with
 * ERR_PROTOCOL when it is no complete result, ERR_LIMIT when `out` is too
 * small.
 */
int result_unwrap(struct span result,
                  struct span server,
                  struct span tool,
                  struct buf *out,
                  bool *ret_ok,
                  struct err *err);

#endif

/*
 * Several messages in one JSON array, which revision 2025-03-26 alone has
 * (basic, "Batching").  Private to mcp/.
 */
#ifndef PROXY_MCP_BATCH_H
#define PROXY_MCP_BATCH_H

#include "base/buf.h"
#include "proxy/mcp/fault.h"

/* True when a session of this version (NULL: none yet) may send batches. */
bool batch_is_in(const char *version);

/*
 * Checks a whole batch before any of it is done: JSON, from one to
 * LIMIT_BATCH_MESSAGES messages, and none that must stand alone.  0 with the
 * number of requests, or -1 with a fault that the whole batch gets.
 */
int batch_check(struct span batch, unsigned *ret_requests, struct fault *fault);

/* Adds an answer to those of a batch; `answers` was empty before the first. */
void batch_add_answer(struct buf *answers, struct span answer);

/* Makes an array of them; without any it stays empty.  -1 when they are more than it holds. */
int batch_end_answers(struct buf *answers);

#endif

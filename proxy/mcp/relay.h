/*
 * A request of a client carried to one server, and its answer back: progress
 * and log messages under the client's token meanwhile, questions by asking.h,
 * cancelled there when the client cancels here.  Private to mcp/.
 */
#ifndef PROXY_MCP_RELAY_H
#define PROXY_MCP_RELAY_H

#include "proxy/mcp/call.h"

/* Answers the call with a server's result, a raw object. */
typedef void relay_answer_fn(struct mcp_call *call, const char *server_key, struct span result);

/*
 * Sends the call's own method to a server with these params (a raw object whose
 * `_meta` does not count: that of the call goes with it).  `answer` follows, or
 * an error answer: the server's code, message and data, but -32603 in the place
 * of what concerns only the hop behind us.
 */
void relay_start(struct mcp_call *call,
                 const char *server_key,
                 struct span params,
                 relay_answer_fn *answer);

/* Answers with what the server's result says beside the members of an era: `members` (raw, comma
 * separated, maybe none) in the place of those named by `but` (NULL-terminated), all others and
 * `_meta` as they are. */
void relay_answer_with(struct mcp_call *call,
                       struct span result,
                       const char *const *but,
                       struct span members);

/* Answers with the result as it is; a relay_answer_fn. */
void relay_answer(struct mcp_call *call, const char *server_key, struct span result);

#endif

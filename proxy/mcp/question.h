/*
 * A question of a server as a client sees it: whether it can be asked, what it
 * is shown, whether its answer is one.  Private to mcp/.
 */
#ifndef PROXY_MCP_QUESTION_H
#define PROXY_MCP_QUESTION_H

#include "base/buf.h"
#include "base/err.h"
#include "proxy/mcp/call.h"
#include "proxy/upstream/ask.h"

/* Where the server that asks stands beside what it asks: a member of `_meta`. */
#define META_ASKING_SERVER "mcpfold/server"

/* 0 when the call's client has declared that it answers such questions (2025-11-25, client/...;
 * 2026-07-28 in the request itself), or -1 with ERR_UNAVAILABLE, which says what is missing. */
int question_check_client(const struct mcp_call *call, const struct ask *ask, struct err *err);

/*
 * Appends the params for the call's client.  What a person is shown begins with
 * the server's name in brackets (client/elicitation: "which server is
 * requesting"), once; `_meta` names it in all kinds.  `elicitation_id` is given
 * to legacy clients with a URL.
 */
int question_write_params(const struct mcp_call *call,
                          const struct ask *ask,
                          const char *elicitation_id,
                          struct buf *out);

/* 0 when a client's raw result answers such a question, or -1 with ERR_INVALID. */
int question_check_answer(enum ask_kind kind, struct span result, struct err *err);

#endif

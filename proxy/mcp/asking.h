/*
 * Questions of servers, put to the client that made the call: a legacy client
 * gets a request on the call's stream (2025-11-25, client/...), a modern one an
 * `input_required` answer, and the call goes on with its retry (2026-07-28,
 * basic/patterns/mrtr).  Private to mcp/.
 *
 * How long a client may take is limits.ask.  Then a legacy client's question is
 * refused, and a modern client's call ends: nobody came back for it.
 */
#ifndef PROXY_MCP_ASKING_H
#define PROXY_MCP_ASKING_H

#include "proxy/mcp/call.h"
#include "proxy/upstream/ask.h"

struct inbound;

/* Puts a question of a server to the call's client, or refuses it when that can't be asked. */
void asking_put(struct mcp_call *call, struct ask *ask);

/* The question is gone: its server has taken it back, or the request it belongs to has ended. */
void asking_withdrawn(struct mcp_call *call, struct ask *ask);

/* A legacy client answers a question of ours; what answers none of its session's is ignored: the
 * question may have been taken back meanwhile. */
void asking_answered(struct mcp_server *server, const struct inbound *in);

/* The session's client can't answer any more: its questions are refused, those to come too. */
void asking_silence(struct mcp_server *server, struct mcp_session *session);

/*
 * True when the modern request is the retry of one that was answered with `input_required`; it is
 * taken then: the suspended call goes on in its place, or it is answered with an error.  To be
 * asked first by each method whose calls may be asked questions.
 */
bool asking_resume(struct mcp_call *retry);

/* True when the call's client has yet to come back with a retry: the answer (a raw result, or a
 * fault) waits for it. */
bool asking_holds_answer(struct mcp_call *call, struct span result, const struct fault *fault);

/* True when the call that has just been answered was a retry: its answer is kept a while, in case
 * the retry comes twice, and so is the call. */
bool asking_keeps_answer(struct mcp_call *call, struct span result, const struct fault *fault);

/* The calls that the session's client was to come back for end. */
void asking_session_gone(struct mcp_server *server, const struct mcp_session *session);

/* Nobody can come back any more: suspended calls end. */
void asking_stop(struct mcp_server *server);

/* After all work has ended: frees what is kept. */
void asking_forget_all(struct mcp_server *server);

/* The call ends: so do its questions.  Its memory is still needed. */
void asking_end(struct mcp_call *call);
/* Takes NULL. */
void asking_free(struct asking *asking);

#endif

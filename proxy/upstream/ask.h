/*
 * A question that a server puts to its client in the middle of a request:
 * elicitation/create, sampling/createMessage, roots/list.  A legacy server sends
 * a request for it (2025-11-25, client/...), a modern one ends its answer with
 * `input_required` (2026-07-28, basic/patterns/mrtr), and some tell an error
 * with URLs (2025-11-25, client/elicitation).  Whoever made the request sees
 * none of that: each question is a struct ask, answered by a bare result.
 *
 * An ask is the upstream's.  It lives until it is answered or refused, or until
 * upstream_call_events.on_ask_gone.
 */
#ifndef PROXY_UPSTREAM_ASK_H
#define PROXY_UPSTREAM_ASK_H

#include <stdint.h>

#include "base/span.h"

enum ask_kind { ASK_ELICIT_FORM, ASK_ELICIT_URL, ASK_SAMPLE, ASK_ROOTS, ASK_KINDS };

struct ask;

enum ask_kind ask_kind(const struct ask *ask);
/* The configuration key of the server that asks. */
const char *ask_server(const struct ask *ask);
/* The method of a kind of question, the same in both eras: a constant. */
const char *ask_method(enum ask_kind kind);
/* The params as the server wrote them, raw and checked, without its `_meta`; an object.  An
 * `elicitationId` is the hop's own and is not in it. */
struct span ask_params(const struct ask *ask);

/*
 * A client is asked to visit a URL, by a question of this number (not 0, and never used again).
 * When the server says that the user is done there, upstreams_events.on_visited follows with the
 * number and the session that the call was made for: also after the answer and the end of the call,
 * once at most, and not after an answer other than "accept".  Does nothing when that can't be told:
 * another kind of question, one of a modern server, one without an id, a call of no session.
 */
void ask_note_visit(struct ask *ask, uint64_t number);

/* Gives the client's answer, a raw result object, and frees the ask. */
void ask_answer(struct ask *ask, struct span result);
/*
 * Nobody can or will answer: the server gets what the specification has for that (elicitation:
 * action "cancel"; roots and sampling: an error), with `why` where it has room.  Frees the ask.
 * When the request then fails, its error says `why` too.
 */
void ask_refuse(struct ask *ask, const char *why);

#endif

/*
 * The requestState of an `input_required` answer (2026-07-28,
 * basic/patterns/mrtr): which suspended call a retry goes on with.  It comes
 * back from the client, so it is signed with a key of this process, and bound
 * to the client, the request's method and params, and a time.  Private to mcp/.
 */
#ifndef PROXY_MCP_REQUEST_STATE_H
#define PROXY_MCP_REQUEST_STATE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

#define REQUEST_STATE_ID_CHARACTERS 32
#define REQUEST_STATE_KEY_BYTES     32

struct request_state_key {
    unsigned char bytes[REQUEST_STATE_KEY_BYTES];
};

struct request_state {
    char id[REQUEST_STATE_ID_CHARACTERS + 1]; /* of the suspended call: lower-case hex digits */
    unsigned round;                           /* of its answers, from 1 */
    uint64_t expires_ms;                      /* of loop_now_ms */
};

/* What a retry must have in common with the request before it. */
struct request_binding {
    int principal; /* which bearer token it came with */
    struct span method;
    struct span params; /* raw; `_meta`, `inputResponses` and `requestState` don't count, nor does
                         * the order of members */
};

void request_state_key_init(struct request_state_key *key);

/* Appends the state as text of letters, digits and dots.  0, or -1 when `out` is full. */
int request_state_write(const struct request_state_key *key,
                        const struct request_state *state,
                        const struct request_binding *binding,
                        struct buf *out);

/* Reads a text that came back.  -1 when it was not written with that key for that binding, or was
 * changed; whether it has expired is the caller's to see. */
int request_state_read(const struct request_state_key *key,
                       struct span text,
                       const struct request_binding *binding,
                       struct request_state *ret_state);

#endif

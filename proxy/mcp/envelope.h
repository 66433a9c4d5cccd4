/*
 * What a message says of itself in params._meta, and the era that follows from
 * it (2026-07-28, basic/versioning).  Private to mcp/.
 */
#ifndef PROXY_MCP_ENVELOPE_H
#define PROXY_MCP_ENVELOPE_H

#include "proxy/mcp/fault.h"
#include "proxy/rpc/log_level.h"
#include "proxy/rpc/message.h"

struct envelope {
    struct span claim;          /* raw protocolVersion of _meta; data is NULL when there is none */
    struct span capabilities;   /* raw clientCapabilities */
    struct span progress_token; /* raw string or integer; empty when none */
    enum message_level log_level; /* MESSAGE_NONE when none was asked for */
};

/* True when params._meta names a protocol version. */
bool envelope_claims(const struct rpc_message *message);

/* True for the request that begins a legacy session. */
bool envelope_is_initialize(const struct rpc_message *message);

/*
 * The era of a message that came over HTTP; `header` is the value of
 * MCP-Protocol-Version, data NULL when absent.  -1 with a fault when header
 * and body contradict each other.
 */
int envelope_classify_http(const struct rpc_message *message,
                           struct span header,
                           enum era *ret_era,
                           struct fault *fault);

/*
 * The era of a message that came over stdio.  *pin is the connection's era;
 * the first message that decides it sets it.
 */
int envelope_classify_stdio(const struct rpc_message *message,
                            enum era *pin,
                            enum era *ret_era,
                            struct fault *fault);

/* Reads and checks the envelope of a modern request; spans are of the message. */
int envelope_read_modern(const struct rpc_message *message,
                         struct envelope *ret_envelope,
                         struct fault *fault);

/* The progress token of a legacy request, if any; a token of a wrong type is a fault. */
int envelope_read_legacy(const struct rpc_message *message,
                         struct envelope *ret_envelope,
                         struct fault *fault);

#endif

/*
 * Eras and envelopes, in the order in which the official servers look: body
 * claim, then `initialize`, then header.
 */
#include "proxy/mcp/envelope.h"

#include "base/json.h"

static bool get_meta(const struct rpc_message *message, const char *key, struct span *ret)
{
    struct span meta;

    return json_get(message->params, "_meta", &meta) && json_get(meta, key, ret);
}

bool envelope_claims(const struct rpc_message *message)
{
    struct span claim;

    return get_meta(message, META_PROTOCOL_VERSION, &claim);
}

/* Revisions are dates, so their order is that of their text. */
static bool is_modern_text(struct span version)
{
    size_t len = strlen(PROTOCOL_MODERN);

    return version.len == len && memcmp(version.data, PROTOCOL_MODERN, len) >= 0;
}

bool envelope_is_initialize(const struct rpc_message *message)
{
    return message->kind == RPC_REQUEST && span_is(message->method, "initialize");
}

static int check_header(struct span claim, struct span header, struct fault *fault)
{
    CLEANUP(buf) struct buf version = BUF(64);

    if (!header.data)
        return fault_set(fault, RPC_HEADER_MISMATCH, 400,
                         "Header MCP-Protocol-Version is missing; it must repeat the version in "
                         "_meta");
    if (json_decode_string(claim, &version) < 0 || !span_equal(buf_span(&version), header))
        return fault_set(fault, RPC_HEADER_MISMATCH, 400,
                         "Header MCP-Protocol-Version differs from the version in _meta");
    return 0;
}

/* `initialize` is legacy unless it validly claims to be modern. */
static bool is_legacy_initialize(const struct rpc_message *message, struct span claim)
{
    return envelope_is_initialize(message) && !json_string_is(claim, PROTOCOL_MODERN);
}

int envelope_classify_http(const struct rpc_message *message,
                           struct span header,
                           enum era *ret_era,
                           struct fault *fault)
{
    struct span claim = SPAN_NONE;

    *ret_era = ERA_LEGACY;
    if (!get_meta(message, META_PROTOCOL_VERSION, &claim)) {
        if (envelope_is_initialize(message) || !is_modern_text(header))
            return 0;
        *ret_era = ERA_MODERN;
        return 0;
    }
    if (is_legacy_initialize(message, claim))
        return 0;
    *ret_era = ERA_MODERN;
    return check_header(claim, header, fault);
}

int envelope_classify_stdio(const struct rpc_message *message,
                            enum era *pin,
                            enum era *ret_era,
                            struct fault *fault)
{
    struct span claim = SPAN_NONE;
    bool claims = get_meta(message, META_PROTOCOL_VERSION, &claim);

    if (is_legacy_initialize(message, claim)) {
        if (*pin == ERA_MODERN) {
            json_get(message->params, "protocolVersion", &claim);
            return fault_version(fault, claim);
        }
        *pin = *ret_era = ERA_LEGACY;
        return 0;
    }
    *ret_era = *pin != ERA_UNKNOWN ? *pin : claims ? ERA_MODERN : ERA_LEGACY;
    /* A probe: the client may still choose. */
    if (span_is(message->method, "server/discover"))
        *ret_era = claims ? ERA_MODERN : *ret_era;
    else if (message->kind == RPC_REQUEST && !span_is(message->method, "ping"))
        *pin = *ret_era;
    return 0;
}

static int read_token(const struct rpc_message *message, struct span *ret, struct fault *fault)
{
    int64_t number;

    *ret = SPAN_NONE;
    if (!get_meta(message, "progressToken", ret))
        return 0;
    if (json_kind(*ret) == JSON_KIND_STRING || json_int64(*ret, &number))
        return 0;
    return fault_set(fault, RPC_INVALID_PARAMS, 400,
                     "_meta.progressToken must be a string or an integer");
}

static int read_log_level(const struct rpc_message *message,
                          enum message_level *ret_level,
                          struct fault *fault)
{
    struct span level;

    *ret_level = MESSAGE_NONE;
    if (!get_meta(message, META_LOG_LEVEL, &level))
        return 0;
    if (message_level_read(level, ret_level) < 0)
        return fault_set(fault, RPC_INVALID_PARAMS, 400, "Unknown log level in _meta");
    return 0;
}

int envelope_read_modern(const struct rpc_message *message,
                         struct envelope *ret_envelope,
                         struct fault *fault)
{
    struct envelope envelope = { .claim = SPAN_NONE };

    if (!get_meta(message, META_PROTOCOL_VERSION, &envelope.claim) ||
        json_kind(envelope.claim) != JSON_KIND_STRING)
        return fault_set(fault, RPC_INVALID_PARAMS, 400, "params._meta lacks %s",
                         META_PROTOCOL_VERSION);
    if (!json_string_is(envelope.claim, PROTOCOL_MODERN))
        return fault_version(fault, envelope.claim);
    if (!get_meta(message, META_CLIENT_CAPABILITIES, &envelope.capabilities) ||
        json_kind(envelope.capabilities) != JSON_KIND_OBJECT)
        return fault_set(fault, RPC_INVALID_PARAMS, 400, "params._meta lacks %s, an object",
                         META_CLIENT_CAPABILITIES);
    if (read_token(message, &envelope.progress_token, fault) < 0 ||
        read_log_level(message, &envelope.log_level, fault) < 0)
        return -1;
    *ret_envelope = envelope;
    return 0;
}

int envelope_read_legacy(const struct rpc_message *message,
                         struct envelope *ret_envelope,
                         struct fault *fault)
{
    *ret_envelope = (struct envelope){ .log_level = MESSAGE_NONE };
    return read_token(message, &ret_envelope->progress_token, fault);
}

/*
 * JSON-RPC 2.0 messages as spans: reading the envelope, writing one.  The
 * params, result, error data and id stay raw JSON.
 */
#ifndef PROXY_RPC_MESSAGE_H
#define PROXY_RPC_MESSAGE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

enum rpc_kind { RPC_REQUEST, RPC_NOTIFICATION, RPC_RESULT, RPC_ERROR };

struct rpc_message {
    enum rpc_kind kind;
    struct span
        id; /* raw: a string or a number; empty for a notification (and an error without id) */
    struct span method; /* without quotes and escapes; only printable ASCII is accepted */
    struct span params; /* raw object (or array); empty when absent */
    struct span result; /* raw */
    struct span error;  /* raw object */
    int64_t error_code;
};

/*
 * Reads one message.  `text` is checked for JSON and depth here.  -1 with
 * ERR_INVALID: not JSON (*ret_code RPC_PARSE_ERROR) or no valid message
 * (RPC_INVALID_REQUEST; ret->id is set when there is a usable one).
 * `ret_code` may be NULL.
 */
int rpc_read(struct span text, struct rpc_message *ret, int *ret_code, struct err *err);

/* The decoded error message of an RPC_ERROR, appended to `out`. */
int rpc_error_text(const struct rpc_message *message, struct buf *out);

/* Each appends one whole message without a line feed or carriage return, whatever white space the
 * raw arguments hold; these must be JSON. `params`, `data` and `id` may be SPAN_NONE: an error
 * without id has none, as MCP's schemas want it (2025-11-25, JSONRPCErrorResponse), where JSON-RPC
 * would have null.  0, or -1 when `out` is full. */
int rpc_write_request(struct buf *out, struct span id, const char *method, struct span params);
int rpc_write_notification(struct buf *out, const char *method, struct span params);
int rpc_write_result(struct buf *out, struct span id, struct span result);
int rpc_write_error(
    struct buf *out, struct span id, int code, struct span message, struct span data);

#endif

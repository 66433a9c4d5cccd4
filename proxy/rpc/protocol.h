/*
 * What MCP fixes for both of our roles: revisions, eras, error codes, the keys
 * of `_meta`.  No behaviour here.
 */
#ifndef PROXY_RPC_PROTOCOL_H
#define PROXY_RPC_PROTOCOL_H

#include <stdbool.h>

#include "base/span.h"

/* Protocol eras: legacy begins with `initialize`, modern carries its version in each request. */
enum era { ERA_UNKNOWN, ERA_LEGACY, ERA_MODERN };

#define PROTOCOL_MODERN        "2026-07-28"
#define PROTOCOL_LEGACY_NEWEST "2025-11-25"
/* Assumed when an HTTP request names none (2025-06-18, basic/transports). */
#define PROTOCOL_LEGACY_ASSUMED "2025-03-26"

/* Legacy revisions that we speak, newest first, NULL-terminated. */
extern const char *const protocol_legacy[];

/* True when `version` is one of protocol_legacy. */
bool protocol_is_legacy(struct span version);

/* Our own copy of a method's name (methods.def); NULL when MCP has no such method. */
const char *protocol_method(struct span name);

/* JSON-RPC 2.0 and MCP error codes (2026-07-28, basic/index "Error Codes"). */
enum rpc_code {
    RPC_PARSE_ERROR = -32700,
    RPC_INVALID_REQUEST = -32600,
    RPC_METHOD_NOT_FOUND = -32601,
    RPC_INVALID_PARAMS = -32602,
    RPC_INTERNAL_ERROR = -32603,
    RPC_SERVER_ERROR = -32000,
    RPC_RESOURCE_NOT_FOUND = -32002, /* legacy */
    RPC_HEADER_MISMATCH = -32020,
    RPC_MISSING_CAPABILITY = -32021,
    RPC_UNSUPPORTED_VERSION = -32022,
    RPC_URL_ELICITATION_REQUIRED = -32042 /* legacy, 2025-11-25 alone */
};

#define META_PROTOCOL_VERSION    "io.modelcontextprotocol/protocolVersion"
#define META_CLIENT_CAPABILITIES "io.modelcontextprotocol/clientCapabilities"
#define META_CLIENT_INFO         "io.modelcontextprotocol/clientInfo"
#define META_SERVER_INFO         "io.modelcontextprotocol/serverInfo"
#define META_LOG_LEVEL           "io.modelcontextprotocol/logLevel"
#define META_SUBSCRIPTION_ID     "io.modelcontextprotocol/subscriptionId"

/* Extensions, as capabilities name them. */
#define EXTENSION_TASKS "io.modelcontextprotocol/tasks"

#endif

/*
 * A JSON-RPC error that is to be answered: code, text, data, and the HTTP
 * status that goes with it in the modern era.  Private to mcp/.
 */
#ifndef PROXY_MCP_FAULT_H
#define PROXY_MCP_FAULT_H

#include "base/buf.h"
#include "proxy/rpc/protocol.h"

#define FAULT_DATA_BYTES 1024

struct fault {
    int code;        /* of enum rpc_code; 0: no fault */
    int http_status; /* over modern HTTP; legacy answers are 200 */
    char text[512];
    char data[FAULT_DATA_BYTES]; /* raw JSON, or empty */
};

#define FAULT_INIT \
    {              \
        .code = 0  \
    }

/* Fills `fault`.  Returns -1. */
int fault_set(struct fault *fault, int code, int http_status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Gives it data; raw JSON that is too long is left out. */
void fault_set_data(struct fault *fault, struct span raw);

/* UnsupportedProtocolVersion with `supported` and `requested` as data.  Returns -1. */
int fault_version(struct fault *fault, struct span requested_raw);

/* Appends the whole error message for a request id (SPAN_NONE: without one). */
int fault_write(const struct fault *fault, struct span id, struct buf *out);

#endif

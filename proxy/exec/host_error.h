/*
 * The error of a host call, as the script gets it: {"name","message","server"?,
 * "tool"?,"content"?,"code"?,"data"?}.
 */
#ifndef PROXY_EXEC_HOST_ERROR_H
#define PROXY_EXEC_HOST_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "proxy/exec/kinds.h"

struct host_error {
    enum exec_kind kind;
    struct span message;       /* text */
    struct span server, tool;  /* text; empty: left out */
    struct span content, data; /* raw JSON; empty: left out */
    bool has_code;
    int64_t code; /* of JSON-RPC */
};

/* Appends the error as JSON. */
void host_error_write(const struct host_error *error, struct buf *out);

#endif

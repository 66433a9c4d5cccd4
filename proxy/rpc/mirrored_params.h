/*
 * `x-mcp-header`: which arguments of a tool are mirrored in HTTP headers, and
 * what these then say (2026-07-28, basic/transports/streamable-http, SEP-2243).
 * Both of our roles read it: a client writes the headers, a server compares.
 */
#ifndef PROXY_RPC_MIRRORED_PARAMS_H
#define PROXY_RPC_MIRRORED_PARAMS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define MIRRORED_PREFIX      "Mcp-Param-"
#define MIRRORED_NAME_BYTES  128
#define MIRRORED_VALUE_BYTES 16384
#define MIRRORED_MAX         64

/* One annotated property. */
struct mirrored_param {
    char header[sizeof(MIRRORED_PREFIX) + MIRRORED_NAME_BYTES];
    struct span value; /* of the arguments; empty when absent */
};

struct mirrored_params {
    struct mirrored_param items[MIRRORED_MAX];
    size_t count;
};

/* Finds the annotated properties of a tool's raw inputSchema and their values in the raw arguments
 * (may be empty).  ERR_INVALID when an annotation breaks the rules. */
int mirrored_params_read(struct mirrored_params *ret,
                         struct span schema,
                         struct span arguments,
                         struct err *err);

/* Appends the text of a header's value before it is encoded.  1; 0 when there is no header for it
 * (absent or null); -1 with err when it is no string, integer or boolean. */
int mirrored_param_text(const struct mirrored_param *param, struct buf *out, struct err *err);

#endif

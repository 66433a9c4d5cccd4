/*
 * `x-mcp-header`: arguments of a tool that are mirrored in HTTP headers
 * (2026-07-28, basic/transports/streamable-http, SEP-2243).
 */
#ifndef PROXY_UPSTREAM_PARAM_HEADERS_H
#define PROXY_UPSTREAM_PARAM_HEADERS_H

#include "base/err.h"
#include "base/span.h"
#include "proxy/upstream/headers.h"

/* 0 when every annotation of a tool's raw inputSchema keeps the rules, else ERR_INVALID: over HTTP
 * such a tool must not be offered. */
int param_headers_check(struct span schema, struct err *err);

/* Adds Mcp-Param-* for the annotated members of `arguments` (raw object) that are present and not
 * null.  `schema` may be empty. */
int param_headers_add(struct header_list *out,
                      struct span schema,
                      struct span arguments,
                      struct err *err);

#endif

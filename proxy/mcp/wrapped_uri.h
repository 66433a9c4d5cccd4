/*
 * URIs of servers' resources as clients see them.  Two servers may have the
 * same URI, so a client's says whose it is:
 *
 *     mcpfold://servers/<key>/<URI as the server wrote it>
 *     mcpfold://servers/<key>/~<URI, percent-encoded>
 *
 * The first form is for a URI that can stand there: it stays readable, and a
 * template stays a template, whatever its expressions expand to (RFC 6570).
 * The second is for what is no URI (RFC 3986), for `.` and `..` segments, which
 * clients resolve, and for what begins with `~`.  Private to mcp/.
 */
#ifndef PROXY_MCP_WRAPPED_URI_H
#define PROXY_MCP_WRAPPED_URI_H

#include "base/buf.h"
#include "base/span.h"

/* The longest URI of a server that is passed on, and what it becomes at most. */
#define WRAPPED_INNER_BYTES 8192
#define WRAPPED_URI_BYTES   (4 * WRAPPED_INNER_BYTES)

/* Appends the client's URI for one of the server with that key.  -1 when it is longer than
 * WRAPPED_INNER_BYTES or `out` is full. */
int wrapped_uri_write(struct buf *out, const char *server_key, struct span uri);

/* The same for a template, whose expressions stay as they are; -1 also when it begins with `~`. */
int wrapped_uri_write_template(struct buf *out, const char *server_key, struct span uri_template);

/* Takes a client's URI apart: appends the key and the server's own URI.  -1 when it is none of
 * these forms, or a part is empty or too long. */
int wrapped_uri_read(struct span wrapped, struct buf *ret_key, struct buf *ret_uri);

#endif

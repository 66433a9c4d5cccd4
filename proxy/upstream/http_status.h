/*
 * What an HTTP answer that is no MCP answer means, in words that name the mend.
 */
#ifndef PROXY_UPSTREAM_HTTP_STATUS_H
#define PROXY_UPSTREAM_HTTP_STATUS_H

#include "base/err.h"
#include "proxy/upstream/http_client.h"

/* Fills err for an answer of status 400 and above, or of a type that MCP does not have. */
void http_status_explain(const struct http_head *head, const char *url, struct err *err);

#endif

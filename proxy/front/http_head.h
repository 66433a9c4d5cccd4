/*
 * What a request's head says of the body behind it, and whether it may.
 *
 * libwebsockets takes a negative length, two lengths, and a length beside a
 * transfer coding; each of them lets two servers in a row disagree on where a
 * request ends.  All are refused here.
 */
#ifndef PROXY_FRONT_HTTP_HEAD_H
#define PROXY_FRONT_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "proxy/front/http_server.h"

enum http_framing { HTTP_BODY_NONE, HTTP_BODY_LENGTH, HTTP_BODY_CHUNKED };

/* Headers that count for the framing; data is NULL where there was none.  Values of repeated
 * headers are joined by commas. */
struct http_head {
    enum http_method method;
    bool version_1_1;
    struct span content_length;
    struct span transfer_encoding;
    struct span expect;
    size_t header_bytes; /* of all headers */
};

struct http_body_plan {
    enum http_framing framing;
    uint64_t length;      /* with HTTP_BODY_LENGTH */
    bool expect_continue; /* the client waits for "100 Continue" */
};

/*
 * 0 with *ret_plan, or the HTTP status to refuse with and *ret_why, a
 * constant: 400, 411 (POST without a length), 413, 417, 431, 501 (a transfer
 * coding other than chunked).
 */
int http_head_plan(const struct http_head *head,
                   size_t max_body_bytes,
                   struct http_body_plan *ret_plan,
                   const char **ret_why);

#endif

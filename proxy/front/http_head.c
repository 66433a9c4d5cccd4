/*
 * The rules of RFC 9112 section 6 on message bodies, without the leniency.
 */
#include "proxy/front/http_head.h"

#include <strings.h>

#include "base/limits.h"

static bool is_word(struct span value, const char *word)
{
    value = span_trim(value);
    return value.len == strlen(word) && strncasecmp(value.data, word, value.len) == 0;
}

static int refuse(int status, const char *why, const char **ret_why)
{
    *ret_why = why;
    return status;
}

/* Digits only: no sign, no list, no white space inside. */
static bool parse_length(struct span text, uint64_t *ret_length)
{
    uint64_t length = 0;

    text = span_trim(text);
    if (text.len == 0 || text.len > 18)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        length = length * 10 + (uint64_t)(text.data[i] - '0');
    }
    *ret_length = length;
    return true;
}

static int plan_length(const struct http_head *head,
                       size_t max_body_bytes,
                       struct http_body_plan *plan,
                       const char **ret_why)
{
    if (!parse_length(head->content_length, &plan->length))
        return refuse(400, "Content-Length must be one plain number", ret_why);
    if (plan->length > max_body_bytes)
        return refuse(413, "the body is larger than this server takes", ret_why);
    plan->framing = plan->length ? HTTP_BODY_LENGTH : HTTP_BODY_NONE;
    return 0;
}

static int
plan_coding(const struct http_head *head, struct http_body_plan *plan, const char **ret_why)
{
    if (head->content_length.data)
        return refuse(400, "Content-Length and Transfer-Encoding exclude each other", ret_why);
    if (!head->version_1_1)
        return refuse(400, "HTTP/1.0 knows no Transfer-Encoding", ret_why);
    if (!is_word(head->transfer_encoding, "chunked"))
        return refuse(501, "the only Transfer-Encoding known here is chunked", ret_why);
    plan->framing = HTTP_BODY_CHUNKED;
    return 0;
}

static int plan_framing(const struct http_head *head,
                        size_t max_body_bytes,
                        struct http_body_plan *plan,
                        const char **ret_why)
{
    if (head->transfer_encoding.data)
        return plan_coding(head, plan, ret_why);
    if (head->content_length.data)
        return plan_length(head, max_body_bytes, plan, ret_why);
    if (head->method == HTTP_POST)
        return refuse(411, "a POST needs Content-Length or chunked coding", ret_why);
    return 0;
}

int http_head_plan(const struct http_head *head,
                   size_t max_body_bytes,
                   struct http_body_plan *ret_plan,
                   const char **ret_why)
{
    struct http_body_plan plan = { .framing = HTTP_BODY_NONE };
    int status;

    if (head->header_bytes > LIMIT_HTTP_HEADER_BYTES)
        return refuse(431, "the headers are longer than this server takes", ret_why);
    status = plan_framing(head, max_body_bytes, &plan, ret_why);
    if (status)
        return status;
    if (plan.framing != HTTP_BODY_NONE && head->method != HTTP_POST)
        return refuse(400, "only a POST may have a body", ret_why);
    if (head->expect.data) {
        if (!is_word(head->expect, "100-continue"))
            return refuse(417, "the only expectation known here is 100-continue", ret_why);
        plan.expect_continue = head->version_1_1 && plan.framing != HTTP_BODY_NONE;
    }
    *ret_plan = plan;
    return 0;
}

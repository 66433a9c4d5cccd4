/*
 * A proxy on the way may decide by these headers, so a body that says
 * something else must not get through.
 */
#include "proxy/mcp/http_mirror.h"

#include <openssl/evp.h>

#include "base/json.h"
#include "base/limits.h"

#define SENTINEL_START "=?base64?"
#define SENTINEL_END   "?="

static const struct {
    const char *method;
    const char *member; /* of params, whose value Mcp-Name repeats */
} named[] = {
    { "tools/call", "name" },
    { "prompts/get", "name" },
    { "resources/read", "uri" },
};

static bool is_sentinel(struct span value)
{
    size_t start = sizeof(SENTINEL_START) - 1, end = sizeof(SENTINEL_END) - 1;

    return value.len >= start + end && span_starts_with(value, SPAN(SENTINEL_START)) &&
           memcmp(value.data + value.len - end, SENTINEL_END, end) == 0;
}

static int decode_base64(struct span text, struct buf *out)
{
    char *room;
    int len;

    if (text.len % 4 || text.len > LIMIT_HTTP_HEADER_BYTES)
        return -1;
    if (text.len == 0)
        return 0;
    room = buf_room(out, text.len / 4 * 3);
    if (!room)
        return -1;
    len = EVP_DecodeBlock((unsigned char *)room, (const unsigned char *)text.data, (int)text.len);
    if (len < 0)
        return -1;
    for (size_t i = 1; i <= 2 && text.data[text.len - i] == '='; i++)
        len--;
    buf_filled(out, (size_t)len);
    return 0;
}

int http_mirror_decode(struct span header, struct buf *out)
{
    size_t start = sizeof(SENTINEL_START) - 1, end = sizeof(SENTINEL_END) - 1;

    if (!is_sentinel(header))
        return buf_add_span(out, header);
    return decode_base64(span_make(header.data + start, header.len - start - end), out);
}

bool http_mirror_equal(struct span header, struct span raw_string)
{
    CLEANUP(buf) struct buf wanted = BUF(LIMIT_HTTP_HEADER_BYTES);
    CLEANUP(buf) struct buf decoded = BUF(LIMIT_HTTP_HEADER_BYTES);

    return json_decode_string(raw_string, &wanted) == 0 &&
           http_mirror_decode(header, &decoded) == 0 &&
           span_equal(buf_span(&decoded), buf_span(&wanted));
}

static int mismatch(struct fault *fault, const char *header, const char *what)
{
    return fault_set(fault, RPC_HEADER_MISMATCH, 400, "Header %s %s", header, what);
}

static int check_method(const struct http_request *request,
                        const struct rpc_message *message,
                        struct fault *fault)
{
    struct span value;

    if (!http_request_header(request, "mcp-method", &value))
        return mismatch(fault, "Mcp-Method", "is missing");
    if (!span_equal(value, message->method))
        return mismatch(fault, "Mcp-Method", "differs from the body's method");
    return 0;
}

static int check_name(const struct http_request *request,
                      const struct rpc_message *message,
                      const char *member,
                      struct fault *fault)
{
    struct span value, wanted;

    if (!json_get(message->params, member, &wanted))
        return 0; /* the method itself refuses that */
    if (!http_request_header(request, "mcp-name", &value))
        return mismatch(fault, "Mcp-Name", "is missing");
    if (!http_mirror_equal(value, wanted))
        return mismatch(fault, "Mcp-Name", "differs from the body");
    return 0;
}

int http_mirror_check(const struct http_request *request,
                      const struct rpc_message *message,
                      struct fault *fault)
{
    if (check_method(request, message, fault) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_COUNT(named); i++) {
        if (span_is(message->method, named[i].method))
            return check_name(request, message, named[i].member, fault);
    }
    return 0;
}

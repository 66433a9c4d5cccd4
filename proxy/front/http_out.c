/*
 * Builds answers; knows no connection.
 */
#include "proxy/front/http_out.h"

#include "base/limits.h"

/* A head of ours: status line and a handful of short headers. */
#define HEAD_BYTES 4096
/* One piece may be as large as a message; what waits before it is bounded by the queue's limit. */
#define OUT_BYTES     (LIMIT_STREAM_QUEUE_BYTES + LIMIT_RPC_MESSAGE_BYTES + HEAD_BYTES)
#define COMPACT_BYTES 65536

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    { 200, "OK" },
    { 202, "Accepted" },
    { 204, "No Content" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 406, "Not Acceptable" },
    { 408, "Request Timeout" },
    { 409, "Conflict" },
    { 411, "Length Required" },
    { 413, "Content Too Large" },
    { 415, "Unsupported Media Type" },
    { 417, "Expectation Failed" },
    { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 503, "Service Unavailable" },
};

static const char *reason_of(int status)
{
    for (size_t i = 0; i < ARRAY_COUNT(reasons); i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Unknown";
}

/* A value with a control character would let its author write headers of his own. */
static bool is_header_value(struct span value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.data[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static void add_header(struct buf *b, const char *name, struct span value)
{
    BUG_ON(!is_header_value(value));
    buf_printf(b, "%s: %.*s\r\n", name, SPAN_ARG(value));
}

static void add_head(struct buf *b, const struct http_out_options *options)
{
    buf_printf(b, "HTTP/1.1 %d %s\r\n", options->status, reason_of(options->status));
    if (options->content_type)
        add_header(b, "content-type", span_of(options->content_type));
    for (const struct http_header *h = options->headers; h && h->name; h++)
        add_header(b, h->name, h->value);
    if (!options->keep_alive)
        add_header(b, "connection", SPAN("close"));
}

void http_out_init(struct http_out *out)
{
    *out = (struct http_out){ .bytes = BUF(OUT_BYTES) };
}

void http_out_done(struct http_out *out)
{
    buf_done(&out->bytes);
}

void http_out_whole(struct http_out *out, const struct http_out_options *options, struct span body)
{
    struct buf *b = &out->bytes;

    b->max = HEAD_BYTES + body.len;
    add_head(b, options);
    if (options->status != 204)
        buf_printf(b, "content-length: %zu\r\n", body.len);
    buf_add(b, "\r\n", 2);
    if (!options->head_only)
        buf_add_span(b, body);
    BUG_ON(buf_failed(b));
    out->ended = true;
}

void http_out_begin(struct http_out *out, const struct http_out_options *options)
{
    struct buf *b = &out->bytes;

    out->chunked = options->chunked;
    add_head(b, options);
    if (options->chunked)
        add_header(b, "transfer-encoding", SPAN("chunked"));
    buf_add(b, "\r\n", 2);
    BUG_ON(buf_failed(b));
}

static void compact(struct http_out *out)
{
    if (out->sent < COMPACT_BYTES || out->sent < out->bytes.len / 2)
        return;
    buf_drop(&out->bytes, out->sent);
    out->sent = 0;
}

int http_out_add(struct http_out *out, struct span piece, struct err *err)
{
    struct buf *b = &out->bytes;

    if (piece.len == 0)
        return 0;
    compact(out);
    if (b->len - out->sent > LIMIT_STREAM_QUEUE_BYTES)
        return err_set(err, ERR_LIMIT,
                       "the reader is too slow: more than STREAM_QUEUE_BYTES (%d) wait for it",
                       LIMIT_STREAM_QUEUE_BYTES);
    if (out->chunked)
        buf_printf(b, "%zx\r\n", piece.len);
    buf_add_span(b, piece);
    if (out->chunked)
        buf_add(b, "\r\n", 2);
    return buf_check(b, "an answer", err);
}

void http_out_end(struct http_out *out)
{
    if (out->chunked)
        buf_add_str(&out->bytes, "0\r\n\r\n");
    out->ended = true;
}

struct span http_out_next(const struct http_out *out, size_t max_bytes)
{
    struct span rest = span_skip(buf_span(&out->bytes), out->sent);

    if (rest.len > max_bytes)
        rest.len = max_bytes;
    return rest;
}

void http_out_sent(struct http_out *out, size_t len)
{
    out->sent += len;
    if (out->sent >= out->bytes.len) {
        buf_done(&out->bytes);
        out->sent = 0;
    }
}

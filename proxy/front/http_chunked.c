/*
 * The decoder: one state a byte, except for the data itself, which is copied
 * in pieces.
 */
#include "proxy/front/http_chunked.h"

#include "base/limits.h"

#define SIZE_DIGITS_MAX 8 /* 4 GiB, far over any body we take */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static int broken(struct err *err, const char *what)
{
    return err_set(err, ERR_PROTOCOL, "chunked body: %s", what);
}

static int feed_size(struct http_chunked *c, char byte, struct err *err)
{
    int digit = hex_value(byte);

    if (digit >= 0) {
        if (++c->digits > SIZE_DIGITS_MAX)
            return broken(err, "a chunk size of too many digits");
        c->left = c->left * 16 + (unsigned)digit;
        return 0;
    }
    if (c->digits == 0)
        return broken(err, "a chunk size that is no hexadecimal number");
    if (byte == ';' || byte == ' ' || byte == '\t')
        c->state = CHUNKED_EXTENSION;
    else if (byte == '\r')
        c->state = CHUNKED_SIZE_LF;
    else
        return broken(err, "a chunk size that is no hexadecimal number");
    return 0;
}

/* A byte of an extension or a trailer: skipped, counted, never a bare line feed. */
static int
feed_ignored(struct http_chunked *c, char byte, enum http_chunked_state at_cr, struct err *err)
{
    if (++c->ignored_bytes > LIMIT_HTTP_HEADER_BYTES)
        return broken(err, "extensions and trailers that are too long");
    if (byte == '\r') {
        c->state = at_cr;
        return 0;
    }
    if ((unsigned char)byte < 0x20 && byte != '\t')
        return broken(err, "a control character in an extension or trailer");
    return 0;
}

static int expect(
    struct http_chunked *c, char byte, char wanted, enum http_chunked_state next, struct err *err)
{
    if (byte != wanted)
        return broken(err, "a line that does not end with CR LF");
    c->state = next;
    return 0;
}

static void next_chunk(struct http_chunked *c)
{
    c->state = CHUNKED_SIZE;
    c->digits = 0;
    c->left = 0;
}

static int feed_trailer_start(struct http_chunked *c, char byte, struct err *err)
{
    if (byte == '\r') {
        c->state = CHUNKED_END_LF;
        return 0;
    }
    c->state = CHUNKED_TRAILER;
    return feed_ignored(c, byte, CHUNKED_TRAILER_LF, err);
}

static int feed_byte(struct http_chunked *c, char byte, struct err *err)
{
    switch (c->state) {
    case CHUNKED_SIZE:
        return feed_size(c, byte, err);
    case CHUNKED_EXTENSION:
        return feed_ignored(c, byte, CHUNKED_SIZE_LF, err);
    case CHUNKED_SIZE_LF:
        return expect(c, byte, '\n', c->left ? CHUNKED_DATA : CHUNKED_TRAILER_START, err);
    case CHUNKED_DATA_CR:
        return expect(c, byte, '\r', CHUNKED_DATA_LF, err);
    case CHUNKED_DATA_LF:
        if (expect(c, byte, '\n', CHUNKED_SIZE, err) < 0)
            return -1;
        next_chunk(c);
        return 0;
    case CHUNKED_TRAILER_START:
        return feed_trailer_start(c, byte, err);
    case CHUNKED_TRAILER:
        return feed_ignored(c, byte, CHUNKED_TRAILER_LF, err);
    case CHUNKED_TRAILER_LF:
        return expect(c, byte, '\n', CHUNKED_TRAILER_START, err);
    case CHUNKED_END_LF:
        return expect(c, byte, '\n', CHUNKED_DONE, err);
    case CHUNKED_DATA:
    case CHUNKED_DONE:
        break;
    }
    return broken(err, "bytes behind its end");
}

/* Copies what there is of the chunk's data; returns the bytes used. */
static size_t feed_data(struct http_chunked *c, struct span in, struct buf *out, struct err *err)
{
    size_t len = in.len < c->left ? in.len : (size_t)c->left;

    if (buf_add(out, in.data, len) < 0) {
        err_set(err, ERR_LIMIT, "body of more than %zu bytes", out->max);
        return 0;
    }
    c->left -= len;
    if (c->left == 0)
        c->state = CHUNKED_DATA_CR;
    return len;
}

int http_chunked_feed(struct http_chunked *chunked,
                      struct span in,
                      struct buf *out,
                      size_t *ret_used,
                      struct err *err)
{
    size_t at = 0;

    while (at < in.len && chunked->state != CHUNKED_DONE) {
        if (chunked->state == CHUNKED_DATA) {
            size_t used = feed_data(chunked, span_skip(in, at), out, err);

            if (used == 0)
                return -1;
            at += used;
        } else if (feed_byte(chunked, in.data[at++], err) < 0) {
            return -1;
        }
    }
    *ret_used = at;
    return chunked->state == CHUNKED_DONE;
}

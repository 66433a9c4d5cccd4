/*
 * Any bytes as a client's URI, and as a server's: what is read is within its
 * bounds, and what was written reads back as it was.
 */
#include <stdint.h>

#include "proxy/mcp/owner.h"
#include "proxy/mcp/wrapped_uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_read(struct span text)
{
    CLEANUP(buf) struct buf key = BUF(1024), uri = BUF(WRAPPED_INNER_BYTES);

    if (wrapped_uri_read(text, &key, &uri) < 0)
        return;
    BUG_ON(key.len == 0 || uri.len == 0);
    BUG_ON(memchr(key.data, '\0', key.len) || memchr(uri.data, '\0', uri.len));
}

static void check_round_trip(const char *key, struct span uri)
{
    CLEANUP(buf) struct buf wrapped = BUF(WRAPPED_URI_BYTES);
    CLEANUP(buf) struct buf read_key = BUF(1024), read_uri = BUF(WRAPPED_INNER_BYTES);

    if (wrapped_uri_write(&wrapped, key, uri) < 0) {
        BUG_ON(uri.len > 0 && uri.len <= WRAPPED_INNER_BYTES);
        return;
    }
    for (size_t i = 0; i < wrapped.len; i++)
        BUG_ON(wrapped.data[i] <= ' ' || wrapped.data[i] > '~');
    BUG_ON(wrapped_uri_read(buf_span(&wrapped), &read_key, &read_uri) < 0);
    BUG_ON(!span_is(buf_span(&read_key), key) || !span_equal(buf_span(&read_uri), uri));
}

/* The first line is the key; what follows is a URI of the server. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_make((const char *)data, size), uri = text;
    const char *end = size ? memchr(text.data, '\n', size) : NULL;
    size_t len = end ? (size_t)(end - text.data) : 0;
    CLEANUP(str) char *key = len && len < 200 ? xstrndup(text.data, len) : xstrdup("server");

    check_read(text);
    if (end)
        uri = span_skip(text, len + 1);
    /* URIs are decoded JSON strings without zero bytes. */
    if (*key && (uri.len == 0 || !memchr(uri.data, '\0', uri.len)))
        check_round_trip(key, uri);
    owner_template_fits(span_make(text.data, len), uri);
    return 0;
}

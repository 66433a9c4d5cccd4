/*
 * The chunked decoder: the same result however the bytes are cut, and never
 * more than the limit.
 */
#include <stdint.h>

#include "proxy/front/http_chunked.h"

#define BODY_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int feed(struct http_chunked *chunked, struct span in, struct buf *out, size_t *ret_used)
{
    struct err err = ERR_INIT;

    return http_chunked_feed(chunked, in, out, ret_used, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(buf) struct buf whole = BUF(BODY_MAX), pieces = BUF(BODY_MAX);
    struct http_chunked one = { 0 }, many = { 0 };
    struct span in = span_make((const char *)data, size);
    size_t used = 0, used_byte;
    int at_once = feed(&one, in, &whole, &used), stepwise = 0;

    for (size_t i = 0; i < in.len && stepwise == 0; i++)
        stepwise = feed(&many, span_make(in.data + i, 1), &pieces, &used_byte);
    BUG_ON(at_once != stepwise);
    BUG_ON(at_once >= 0 && !span_equal(buf_span(&whole), buf_span(&pieces)));
    BUG_ON(at_once >= 0 && used > size);
    BUG_ON(whole.len > BODY_MAX);
    return 0;
}

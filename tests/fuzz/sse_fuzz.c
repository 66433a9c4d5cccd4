/*
 * Server-sent events: any bytes are read without a fault, and the events are
 * the same whether the bytes come at once or one by one.
 */
#include <stdint.h>

#include "proxy/rpc/sse.h"

#define EVENT_MAX_BYTES 4096
#define OUT_MAX_BYTES   (64 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print_event(void *ctx, const struct sse_event *event)
{
    struct buf *out = ctx;

    buf_add_span(out, event->type);
    buf_add_char(out, '|');
    buf_add_span(out, event->data);
    buf_add_char(out, '|');
    buf_add_span(out, event->id);
    buf_printf(out, "|%lld\n", (long long)event->retry_ms);
}

static int feed(struct span bytes, size_t step, struct buf *out)
{
    struct sse_reader *reader = sse_reader_new(EVENT_MAX_BYTES, print_event, out);
    struct err err = ERR_INIT;
    int result = 0;

    while (bytes.len && result == 0) {
        size_t len = step < bytes.len ? step : bytes.len;

        result = sse_reader_feed(reader, span_make(bytes.data, len), &err);
        bytes = span_skip(bytes, len);
    }
    sse_reader_free(reader);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(buf) struct buf whole = BUF(OUT_MAX_BYTES);
    CLEANUP(buf) struct buf pieces = BUF(OUT_MAX_BYTES);
    struct span bytes = span_make((const char *)data, size);
    int result = feed(bytes, size ? size : 1, &whole);

    BUG_ON(feed(bytes, 1, &pieces) != result);
    BUG_ON(!span_equal(buf_span(&whole), buf_span(&pieces)));
    return 0;
}

/*
 * Frames of the compiler: any bytes, in pieces of a size the first byte gives.
 */
#include <stdint.h>

#include "base/mem.h"
#include "proxy/check/frames.h"

#define FRAME_MAX_BYTES 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = span_make((const char *)data, size), body;
    size_t piece = size ? (size_t)data[0] + 1 : 1;
    struct frame_reader reader;
    struct err err = ERR_INIT;
    int got = 0;

    frame_reader_init(&reader, FRAME_MAX_BYTES);
    while (rest.len && got >= 0) {
        struct span part = span_make(rest.data, rest.len < piece ? rest.len : piece);

        rest = span_skip(rest, part.len);
        got = frame_feed(&reader, part, &err);
        while (got >= 0 && (got = frame_next(&reader, &body, &err)) > 0)
            BUG_ON(body.len > FRAME_MAX_BYTES);
    }
    frame_reader_done(&reader);
    return 0;
}

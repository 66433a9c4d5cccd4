/*
 * A hostile worker against the reader of frames: whatever the bytes, a frame
 * that is accepted lies within them, is permitted in the state it came in, and
 * is written again as the same bytes.  The first byte chooses state and
 * direction.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "isolate/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const enum wire_state states[] = { WIRE_STATE_IDLE, WIRE_STATE_PREPARING, WIRE_STATE_RUNNING,
                                          WIRE_STATE_DONE, WIRE_STATE_STARTING };

/* The parts of a body lie in it, one behind the other, up to its end. */
static void check_parts(struct span body, size_t count)
{
    struct span parts[4];
    size_t total = 0;

    if (wire_parts(body, parts, count, NULL) < 0)
        return;
    for (size_t i = 0; i < count; i++) {
        BUG_ON(parts[i].len &&
               (parts[i].data < body.data || parts[i].data + parts[i].len > body.data + body.len));
        total += 4 + parts[i].len;
    }
    BUG_ON(total != body.len);
}

static void check_frame(struct span bytes, const struct wire_frame *frame, size_t len)
{
    CLEANUP(buf) struct buf again = BUF(len);

    BUG_ON(len > bytes.len || len != WIRE_HEADER_BYTES + frame->body.len);
    BUG_ON(frame->body.data != bytes.data + WIRE_HEADER_BYTES);
    BUG_ON(wire_write(&again, frame->type, frame->id, frame->body, NULL) < 0);
    BUG_ON(!span_equal(buf_span(&again), span_make(bytes.data, len)));
    for (size_t count = 0; count <= 4; count++)
        check_parts(frame->body, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bytes = span_make((const char *)data, size);
    enum wire_direction direction;
    enum wire_state state;

    if (size == 0)
        return 0;
    state = states[data[0] % ARRAY_COUNT(states)];
    direction = data[0] & 0x80 ? WIRE_TO_WORKER : WIRE_FROM_WORKER;
    bytes = span_skip(bytes, 1);
    for (;;) {
        struct wire_frame frame;
        struct err err = ERR_INIT;
        long len = wire_read(bytes, direction, state, &frame, &err);

        BUG_ON(len < 0 && err.code != ERR_PROTOCOL);
        if (len <= 0)
            return 0;
        check_frame(bytes, &frame, (size_t)len);
        bytes = span_skip(bytes, (size_t)len);
    }
}

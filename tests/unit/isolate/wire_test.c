#include "isolate/wire.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "tests/unit/test.h"

/* The header of a frame, as bytes of which each may be forged. */
static struct span
header_of(char bytes[WIRE_HEADER_BYTES], uint32_t len, uint32_t type, uint32_t id)
{
    wire_header((unsigned char *)bytes, (enum wire_type)type, id, len);
    return span_make(bytes, WIRE_HEADER_BYTES);
}

static const struct {
    enum wire_type type;
    enum wire_direction direction;
    unsigned states;
    uint32_t max_bytes;
} frames[] = {
#define FRAME(name, number, direction, states, bytes, meaning) \
    { WIRE_##name, direction, states, bytes },
#include "isolate/wire_frames.def"
#undef FRAME
};

static const enum wire_state states[] = { WIRE_STATE_IDLE, WIRE_STATE_PREPARING, WIRE_STATE_RUNNING,
                                          WIRE_STATE_DONE, WIRE_STATE_STARTING };

static uint32_t id_for(enum wire_type type)
{
    return type == WIRE_CALL || type == WIRE_REPLY ? 7 : 0;
}

static void frames_come_back(void **state)
{
    CLEANUP(buf) struct buf out = BUF(1000);
    struct wire_frame frame;
    struct err err = ERR_INIT;
    long len;

    (void)state;
    assert_int_equal(wire_write(&out, WIRE_CALL, 0x01020304, SPAN("{\"a\":1}"), &err), 0);
    assert_int_equal(wire_write(&out, WIRE_DONE, 0, SPAN_NONE, &err), 0);
    len = wire_read(buf_span(&out), WIRE_FROM_WORKER, WIRE_STATE_RUNNING, &frame, &err);
    assert_int_equal(len, WIRE_HEADER_BYTES + 7);
    assert_int_equal(frame.type, WIRE_CALL);
    assert_int_equal(frame.id, 0x01020304);
    assert_span_equal(frame.body, "{\"a\":1}");
    buf_drop(&out, (size_t)len);
    len = wire_read(buf_span(&out), WIRE_FROM_WORKER, WIRE_STATE_RUNNING, &frame, &err);
    assert_int_equal(len, WIRE_HEADER_BYTES);
    assert_int_equal(frame.type, WIRE_DONE);
    assert_int_equal(frame.body.len, 0);
}

/* The layout is agreed between two programs: it may not change by accident. */
static void the_layout_is_fixed(void **state)
{
    CLEANUP(buf) struct buf out = BUF(1000);

    (void)state;
    wire_write(&out, WIRE_CALL, 0x01020304, SPAN("xy"), NULL);
    assert_int_equal(out.len, 14);
    assert_memory_equal(out.data, "\x02\0\0\0\x11\0\0\0\x04\x03\x02\x01xy", 14);
}

static void incomplete_frames_wait(void **state)
{
    CLEANUP(buf) struct buf out = BUF(1000);
    struct wire_frame frame;
    struct err err = ERR_INIT;

    (void)state;
    wire_write(&out, WIRE_LOG, 0, SPAN("{}"), &err);
    for (size_t len = 0; len < out.len; len++)
        assert_int_equal(
            wire_read(span_make(out.data, len), WIRE_FROM_WORKER, WIRE_STATE_RUNNING, &frame, &err),
            0);
}

/* Each type in each state and direction, against the table. */
static void only_what_is_permitted_passes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(frames); i++) {
        for (size_t j = 0; j < ARRAY_COUNT(states) * 2; j++) {
            enum wire_direction direction =
                j < ARRAY_COUNT(states) ? WIRE_TO_WORKER : WIRE_FROM_WORKER;
            enum wire_state now = states[j % ARRAY_COUNT(states)];
            bool wanted = direction == frames[i].direction && (frames[i].states & (unsigned)now);
            char bytes[WIRE_HEADER_BYTES];
            struct wire_frame frame;
            struct err err = ERR_INIT;
            long len = wire_read(header_of(bytes, 0, frames[i].type, id_for(frames[i].type)),
                                 direction, now, &frame, &err);

            assert_int_equal(len, wanted ? WIRE_HEADER_BYTES : -1);
            assert_int_equal(err.code, wanted ? ERR_NONE : ERR_PROTOCOL);
        }
    }
}

static void unknown_types_are_refused(void **state)
{
    static const uint32_t types[] = { 0, 4, 14, 23, 255, 0x111, 0x11000011, UINT32_MAX };
    char bytes[WIRE_HEADER_BYTES];
    struct wire_frame frame;
    struct err err = ERR_INIT;

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(types); i++)
        assert_int_equal(wire_read(header_of(bytes, 0, types[i], 0), WIRE_FROM_WORKER,
                                   WIRE_STATE_RUNNING, &frame, &err),
                         -1);
    assert_string_equal(wire_type_name((enum wire_type)23), "UNKNOWN");
    assert_string_equal(wire_type_name(WIRE_DONE), "DONE");
}

static void ids_belong_to_calls_only(void **state)
{
    char bytes[WIRE_HEADER_BYTES];
    struct wire_frame frame;
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(wire_read(header_of(bytes, 0, WIRE_CALL, 0), WIRE_FROM_WORKER,
                               WIRE_STATE_RUNNING, &frame, &err),
                     -1);
    assert_int_equal(wire_read(header_of(bytes, 0, WIRE_LOG, 1), WIRE_FROM_WORKER,
                               WIRE_STATE_RUNNING, &frame, &err),
                     -1);
    assert_int_equal(wire_read(header_of(bytes, 0, WIRE_REPLY, 0), WIRE_TO_WORKER,
                               WIRE_STATE_RUNNING, &frame, &err),
                     -1);
}

/* What a header of this frame with a body of so many bytes is answered with. */
static long read_header(size_t i, uint32_t len)
{
    char bytes[WIRE_HEADER_BYTES];
    struct wire_frame frame;
    enum wire_state any = (enum wire_state)(frames[i].states & -frames[i].states);

    return wire_read(header_of(bytes, len, frames[i].type, id_for(frames[i].type)),
                     frames[i].direction, any, &frame, NULL);
}

static void each_length_is_limited(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(frames); i++) {
        struct span over = { .data = "", .len = (size_t)frames[i].max_bytes + 1 };
        CLEANUP(buf) struct buf out = BUF(2 * LIMIT_WIRE_FRAME_BYTES);
        struct err err = ERR_INIT;

        assert_true(frames[i].max_bytes <= LIMIT_WIRE_FRAME_BYTES);
        assert_int_equal(read_header(i, frames[i].max_bytes),
                         frames[i].max_bytes ? 0 : WIRE_HEADER_BYTES);
        assert_int_equal(read_header(i, frames[i].max_bytes + 1), -1);
        assert_int_equal(read_header(i, UINT32_MAX), -1);
        assert_int_equal(wire_write(&out, frames[i].type, id_for(frames[i].type), over, &err), -1);
        assert_int_equal(err.code, ERR_LIMIT);
        assert_int_equal(out.len, 0);
    }
}

static void a_queue_takes_whole_frames(void **state)
{
    struct err err = ERR_INIT;
    CLEANUP(buf) struct buf out = BUF(WIRE_HEADER_BYTES + 4);

    (void)state;
    /* A queue that is full takes all of a frame or nothing. */
    assert_int_equal(wire_write(&out, WIRE_LOG, 0, SPAN("12345"), &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    assert_int_equal(out.len, 0);
    assert_int_equal(wire_write(&out, WIRE_LOG, 0, SPAN("1234"), &err), 0);
}

static void parts_come_back(void **state)
{
    CLEANUP(buf) struct buf body = BUF(100);
    struct span parts[3];
    struct err err = ERR_INIT;

    (void)state;
    wire_add_part(&body, SPAN("ok"));
    wire_add_part(&body, SPAN_NONE);
    wire_add_part(&body, SPAN("{}"));
    assert_int_equal(wire_parts(buf_span(&body), parts, 3, &err), 0);
    assert_span_equal(parts[0], "ok");
    assert_int_equal(parts[1].len, 0);
    assert_span_equal(parts[2], "{}");
    /* Too many, too few, cut anywhere. */
    assert_int_equal(wire_parts(buf_span(&body), parts, 2, &err), -1);
    for (size_t len = 0; len < body.len; len++)
        assert_int_equal(wire_parts(span_make(body.data, len), parts, 3, &err), -1);
    assert_int_equal(err.code, ERR_PROTOCOL);
}

static void part_lengths_do_not_wrap(void **state)
{
    struct span parts[2];

    (void)state;
    assert_int_equal(wire_parts(span_make("\xff\xff\xff\xff", 4), parts, 1, NULL), -1);
    assert_int_equal(wire_parts(span_make("\0\0\0\0\xfc\xff\xff\xff", 8), parts, 2, NULL), -1);
    assert_int_equal(wire_parts(SPAN_NONE, parts, 1, NULL), -1);
    assert_int_equal(wire_parts(SPAN_NONE, parts, 0, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_back),
        cmocka_unit_test(the_layout_is_fixed),
        cmocka_unit_test(incomplete_frames_wait),
        cmocka_unit_test(only_what_is_permitted_passes),
        cmocka_unit_test(unknown_types_are_refused),
        cmocka_unit_test(ids_belong_to_calls_only),
        cmocka_unit_test(each_length_is_limited),
        cmocka_unit_test(a_queue_takes_whole_frames),
        cmocka_unit_test(parts_come_back),
        cmocka_unit_test(part_lengths_do_not_wrap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

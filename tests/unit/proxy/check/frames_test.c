/*
 * Frames with a Content-Length, whole, in pieces, and broken.
 */
#include "proxy/check/frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_next(struct frame_reader *reader, const char *expected)
{
    struct err err = ERR_INIT;
    struct span body;

    assert_int_equal(frame_next(reader, &body, &err), 1);
    assert_true(span_is(body, expected));
}

static void reads_two_frames(void **state)
{
    struct frame_reader reader;
    struct err err = ERR_INIT;
    struct span body;

    (void)state;
    frame_reader_init(&reader, 100);
    assert_int_equal(frame_feed(&reader,
                                SPAN("Content-Length: 2\r\n\r\n{}Content-Type: x\r\n"
                                     "content-length:  3\r\n\r\n[1]"),
                                &err),
                     0);
    assert_next(&reader, "{}");
    assert_next(&reader, "[1]");
    assert_int_equal(frame_next(&reader, &body, &err), 0);
    frame_reader_done(&reader);
}

static void reads_a_frame_byte_by_byte(void **state)
{
    static const char text[] = "Content-Length: 5\r\n\r\nhello";
    struct frame_reader reader;
    struct err err = ERR_INIT;
    struct span body;

    (void)state;
    frame_reader_init(&reader, 5);
    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        assert_int_equal(frame_next(&reader, &body, &err), 0);
        assert_int_equal(frame_feed(&reader, span_make(text + i, 1), &err), 0);
    }
    assert_next(&reader, "hello");
    frame_reader_done(&reader);
}

static void refuses_broken_frames(void **state)
{
    static const struct {
        const char *text;
        enum err_code code;
    } cases[] = {
        { "Content-Length: x\r\n\r\n", ERR_PROTOCOL },
        { "Content-Length: -1\r\n\r\n", ERR_PROTOCOL },
        { "Content-Length: 99999999999\r\n\r\n", ERR_PROTOCOL },
        { "Content-Length: \r\n\r\n", ERR_PROTOCOL },
        { "\r\n\r\n{}", ERR_PROTOCOL },
        { "Length: 2\r\n\r\n{}", ERR_PROTOCOL },
        { "Content-Length: 101\r\n\r\n", ERR_LIMIT },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct frame_reader reader;
        struct err err = ERR_INIT;
        struct span body;

        frame_reader_init(&reader, 100);
        assert_int_equal(frame_feed(&reader, span_of(cases[i].text), &err), 0);
        assert_int_equal(frame_next(&reader, &body, &err), -1);
        assert_int_equal(err.code, cases[i].code);
        frame_reader_done(&reader);
    }
}

static void refuses_a_head_without_end(void **state)
{
    struct frame_reader reader;
    struct err err = ERR_INIT;
    struct span body;
    int got = 0;

    (void)state;
    frame_reader_init(&reader, 10000);
    for (int i = 0; i < 1025 && got == 0; i++) {
        assert_int_equal(frame_feed(&reader, SPAN("x"), &err), 0);
        got = frame_next(&reader, &body, &err);
    }
    assert_int_equal(got, -1);
    assert_int_equal(err.code, ERR_PROTOCOL);
    frame_reader_done(&reader);
}

static void writes_what_it_reads(void **state)
{
    struct buf out = BUF(100);
    struct frame_reader reader;
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(frame_write(&out, SPAN("{\"a\":1}")), 0);
    frame_reader_init(&reader, 100);
    assert_int_equal(frame_feed(&reader, buf_span(&out), &err), 0);
    assert_next(&reader, "{\"a\":1}");
    frame_reader_done(&reader);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_two_frames),      cmocka_unit_test(reads_a_frame_byte_by_byte),
        cmocka_unit_test(refuses_broken_frames), cmocka_unit_test(refuses_a_head_without_end),
        cmocka_unit_test(writes_what_it_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

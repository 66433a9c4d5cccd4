/*
 * The stream of events must read the same however it is cut into portions.
 */
#include "proxy/rpc/sse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void print_event(void *ctx, const struct sse_event *event)
{
    struct buf *out = ctx;

    buf_printf(out, "%.*s|%.*s|%.*s|%lld;", SPAN_ARG(event->type), SPAN_ARG(event->data),
               SPAN_ARG(event->id), (long long)event->retry_ms);
}

/* Feeds `text` in portions of `step` bytes and returns what came. */
static int feed(struct span text, size_t step, struct buf *out, struct err *err)
{
    struct sse_reader *reader = sse_reader_new(64, print_event, out);
    int result = 0;

    while (text.len && result == 0) {
        size_t len = step < text.len ? step : text.len;

        result = sse_reader_feed(reader, span_make(text.data, len), err);
        text = span_skip(text, len);
    }
    sse_reader_free(reader);
    return result;
}

struct stream {
    const char *text, *events;
};

static const struct stream streams[] = {
    { "data: a\n\n", "message|a||-1;" },
    { "data:a\r\rdata:  b\r\r", "message|a||-1;message| b||-1;" },
    { "data: a\r\ndata: b\r\n\r\n", "message|a\nb||-1;" },
    { "\xef\xbb\xbf"
      "data: a\n\n",
      "message|a||-1;" },
    { ": hello\n\ndata: a\n\n", "message|a||-1;" },
    { "event: endpoint\ndata: /x?y=1\n\n", "endpoint|/x?y=1||-1;" },
    { "event: x\n\ndata: a\n\n", "message|a||-1;" },
    { "id: 7\ndata:\n\ndata: a\n\n", "message||7|-1;message|a|7|-1;" },
    { "id\ndata\n\n", "message|||-1;" },
    { "retry: 250\n\n", "message|||250;" },
    { "retry: soon\ndata: a\n\n", "message|a||-1;" },
    { "retry: 99999999999999999999\n\n", "message|||86400000;" },
    { "unknown: 1\ndata: a\n\n", "message|a||-1;" },
    { "data: never ended\n", "" },
    { "data\ndata\n\n", "message|\n||-1;" },
};

static void reads_streams_however_they_are_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(streams); i++) {
        for (size_t step = 1; step < 40; step++) {
            CLEANUP(buf) struct buf out = BUF(1000);
            struct err err = ERR_INIT;

            assert_int_equal(feed(span_of(streams[i].text), step, &out, &err), 0);
            if (!span_is(buf_span(&out), streams[i].events))
                fail_msg("stream %zu in portions of %zu: %s", i, step, buf_str(&out));
        }
    }
}

static void holds_the_limit(void **state)
{
    static const char *const too_long[] = {
        "data: 01234567890123456789012345678901234567890123456789012345678901234\n\n",
        "data: 0123456789012345678901234567890123456789\ndata: 0123456789012345678901234\n\n",
        "x0123456789012345678901234567890123456789012345678901234567890123456789",
    };
    static const char fits[] =
        "data: 0123456789012345678901234567890123456789012345678901234567\n\n";

    (void)state;
    for (size_t step = 1; step < 80; step++) {
        CLEANUP(buf) struct buf out = BUF(1000);
        struct err err = ERR_INIT;

        assert_int_equal(feed(span_of(fits), step, &out, &err), 0);
        for (size_t i = 0; i < ARRAY_COUNT(too_long); i++) {
            err = (struct err)ERR_INIT;
            assert_int_equal(feed(span_of(too_long[i]), step, &out, &err), -1);
            assert_int_equal(err.code, ERR_LIMIT);
        }
    }
}

static void stays_refused_after_the_limit(void **state)
{
    CLEANUP(buf) struct buf out = BUF(1000);
    struct sse_reader *reader = sse_reader_new(4, print_event, &out);
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(sse_reader_feed(reader, SPAN("data: 12345"), &err), -1);
    assert_int_equal(sse_reader_feed(reader, SPAN("\n\ndata:1\n\n"), &err), -1);
    assert_int_equal(out.len, 0);
    sse_reader_free(reader);
}

static void writes_what_it_reads(void **state)
{
    CLEANUP(buf) struct buf text = BUF(1000);
    CLEANUP(buf) struct buf out = BUF(1000);
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(sse_write_comment(&text, "keep-alive"), 0);
    assert_int_equal(sse_write_event(&text, SPAN("3"), SPAN("message"), SPAN("{}")), 0);
    assert_int_equal(sse_write_event(&text, SPAN("4"), SPAN_NONE, SPAN_NONE), 0);
    assert_string_equal(buf_str(&text),
                        ":keep-alive\n\nid: 3\nevent: message\ndata: {}\n\nid: 4\ndata: \n\n");
    assert_int_equal(feed(buf_span(&text), 5, &out, &err), 0);
    assert_string_equal(buf_str(&out), "message|{}|3|-1;message||4|-1;");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_streams_however_they_are_cut),
        cmocka_unit_test(holds_the_limit),
        cmocka_unit_test(stays_refused_after_the_limit),
        cmocka_unit_test(writes_what_it_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

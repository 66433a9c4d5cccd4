/*
 * Good and broken chunked bodies, whole and byte by byte.
 */
#include "proxy/front/http_chunked.h"

#include "base/limits.h"
#include "tests/unit/test.h"

struct sample {
    const char *in;
    int result;       /* of the last feed */
    const char *data; /* decoded so far */
    size_t used;
};

static const struct sample samples[] = {
    { "5\r\nhello\r\n0\r\n\r\n", 1, "hello", 15 },
    { "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\nGET /", 1, "hello!", 21 },
    { "A;name=value\r\n0123456789\r\n0\r\n\r\n", 1, "0123456789", 31 },
    { "0\r\nTrailer: x\r\nOther: y\r\n\r\n", 1, "", 27 },
    { "0000\r\n\r\n", 1, "", 8 },
    { "5\r\nhel", 0, "hel", 6 },
    { "", 0, "", 0 },
    { "5\nhello\n0\n\n", -1, "", 0 },
    { "\r\n", -1, "", 0 },
    { "-5\r\nhello\r\n", -1, "", 0 },
    { "0x5\r\nhello\r\n", -1, "", 0 },
    { "5\r\nhelloX\r\n", -1, "hello", 0 },
    { "5\r\nhello\rX", -1, "hello", 0 },
    { "123456789\r\n", -1, "", 0 },
    { "5;a\nb\r\nhello", -1, "", 0 },
    { "5 x\r\nhello\r\n0\r\n\r\n", 1, "hello", 17 },
    { "g\r\n", -1, "", 0 },
};

static void decodes_at_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(samples); i++) {
        CLEANUP(buf) struct buf out = BUF(100);
        struct http_chunked chunked = { 0 };
        struct err err = ERR_INIT;
        size_t used = 0;

        assert_int_equal(http_chunked_feed(&chunked, span_of(samples[i].in), &out, &used, &err),
                         samples[i].result);
        assert_string_equal(buf_str(&out), samples[i].data);
        if (samples[i].result >= 0)
            assert_int_equal(used, samples[i].used);
        else
            assert_int_equal(err.code, ERR_PROTOCOL);
    }
}

static void decodes_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(samples); i++) {
        CLEANUP(buf) struct buf out = BUF(100);
        struct http_chunked chunked = { 0 };
        struct err err = ERR_INIT;
        size_t used, at;
        int result = 0;

        for (at = 0; samples[i].in[at] && result == 0; at++)
            result =
                http_chunked_feed(&chunked, span_make(samples[i].in + at, 1), &out, &used, &err);
        assert_int_equal(result, samples[i].result);
        assert_string_equal(buf_str(&out), samples[i].data);
    }
}

static void keeps_the_limit_of_the_body(void **state)
{
    CLEANUP(buf) struct buf out = BUF(5);
    struct http_chunked chunked = { 0 };
    struct err err = ERR_INIT;
    size_t used;

    (void)state;
    assert_int_equal(http_chunked_feed(&chunked, SPAN("5\r\nhello\r\n"), &out, &used, &err), 0);
    assert_int_equal(http_chunked_feed(&chunked, SPAN("1\r\n!\r\n"), &out, &used, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
}

static void bounds_what_it_skips(void **state)
{
    CLEANUP(buf) struct buf in = BUF(2 * LIMIT_HTTP_HEADER_BYTES);
    CLEANUP(buf) struct buf out = BUF(5);
    struct http_chunked chunked = { 0 };
    struct err err = ERR_INIT;
    size_t used;

    (void)state;
    buf_add_str(&in, "0\r\nX: ");
    while (in.len < LIMIT_HTTP_HEADER_BYTES + 100)
        buf_add_char(&in, 'a');
    assert_int_equal(http_chunked_feed(&chunked, buf_span(&in), &out, &used, &err), -1);
    assert_int_equal(err.code, ERR_PROTOCOL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_at_once),
        cmocka_unit_test(decodes_byte_by_byte),
        cmocka_unit_test(keeps_the_limit_of_the_body),
        cmocka_unit_test(bounds_what_it_skips),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

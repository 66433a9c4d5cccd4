/*
 * The bytes of answers.
 */
#include "proxy/front/http_out.h"

#include "base/limits.h"
#include "tests/unit/test.h"

static void assert_all(struct http_out *out, const char *expected)
{
    struct span bytes = http_out_next(out, SIZE_MAX);

    assert_span_equal(bytes, expected);
    http_out_sent(out, bytes.len);
    assert_int_equal(http_out_next(out, SIZE_MAX).len, 0);
}

static void writes_a_whole_answer(void **state)
{
    const struct http_header headers[] = { { "x-one", SPAN("1") }, { NULL, SPAN_NONE } };
    struct http_out_options options = {
        .status = 200, .content_type = "text/plain", .headers = headers, .keep_alive = true
    };
    struct http_out out;

    (void)state;
    http_out_init(&out);
    http_out_whole(&out, &options, SPAN("hello"));
    assert_true(out.ended);
    assert_all(&out, "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nx-one: 1\r\n"
                     "content-length: 5\r\n\r\nhello");
    http_out_done(&out);
}

static void leaves_the_body_out_for_head(void **state)
{
    struct http_out_options options = { .status = 404, .head_only = true };
    struct http_out out;

    (void)state;
    http_out_init(&out);
    http_out_whole(&out, &options, SPAN("hello"));
    assert_all(&out, "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 5\r\n\r\n");
    http_out_done(&out);
}

static void frames_the_pieces_of_a_stream(void **state)
{
    struct http_out_options options = { .status = 200, .keep_alive = true, .chunked = true };
    struct err err = ERR_INIT;
    struct http_out out;

    (void)state;
    http_out_init(&out);
    http_out_begin(&out, &options);
    assert_all(&out, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    assert_int_equal(http_out_add(&out, SPAN("0123456789abcdef"), &err), 0);
    assert_int_equal(http_out_add(&out, SPAN_NONE, &err), 0);
    assert_all(&out, "10\r\n0123456789abcdef\r\n");
    assert_false(out.ended);
    http_out_end(&out);
    assert_true(out.ended);
    assert_all(&out, "0\r\n\r\n");
    http_out_done(&out);
}

static void leaves_pieces_bare_for_http_1_0(void **state)
{
    struct http_out_options options = { .status = 200 };
    struct err err = ERR_INIT;
    struct http_out out;

    (void)state;
    http_out_init(&out);
    http_out_begin(&out, &options);
    assert_int_equal(http_out_add(&out, SPAN("abc"), &err), 0);
    http_out_end(&out);
    assert_all(&out, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc");
    http_out_done(&out);
}

static void bounds_what_waits_for_a_slow_reader(void **state)
{
    struct http_out_options options = { .status = 200 };
    char *piece = xcalloc(1, 1024 * 1024);
    struct err err = ERR_INIT;
    struct http_out out;
    int pieces = 0;

    (void)state;
    http_out_init(&out);
    http_out_begin(&out, &options);
    while (http_out_add(&out, span_make(piece, 1024 * 1024), &err) == 0)
        pieces++;
    assert_int_equal(err.code, ERR_LIMIT);
    assert_int_equal(pieces, LIMIT_STREAM_QUEUE_BYTES / (1024 * 1024));
    /* What is sent makes room again. */
    http_out_sent(&out, 4 * 1024 * 1024);
    assert_int_equal(http_out_add(&out, SPAN("more"), &err), 0);
    http_out_done(&out);
    free(piece);
}

static void sends_in_parts(void **state)
{
    struct http_out_options options = { .status = 204 };
    struct http_out out;

    (void)state;
    http_out_init(&out);
    http_out_whole(&out, &options, SPAN_NONE);
    assert_span_equal(http_out_next(&out, 8), "HTTP/1.1");
    http_out_sent(&out, 8);
    assert_span_equal(http_out_next(&out, 4), " 204");
    http_out_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_whole_answer),
        cmocka_unit_test(leaves_the_body_out_for_head),
        cmocka_unit_test(frames_the_pieces_of_a_stream),
        cmocka_unit_test(leaves_pieces_bare_for_http_1_0),
        cmocka_unit_test(bounds_what_waits_for_a_slow_reader),
        cmocka_unit_test(sends_in_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

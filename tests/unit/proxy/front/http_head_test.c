/*
 * Which heads are taken, and which are refused with what.
 */
#include "proxy/front/http_head.h"

#include "base/limits.h"
#include "tests/unit/test.h"

struct sample {
    const char *name;
    struct http_head head;
    int status;
    enum http_framing framing;
    uint64_t length;
    bool expect_continue;
};

#define POST_1_1 .method = HTTP_POST, .version_1_1 = true
#define GET_1_1  .method = HTTP_GET, .version_1_1 = true

static const struct sample samples[] = {
    { "a length", { POST_1_1, .content_length = { "12", 2 } }, 0, HTTP_BODY_LENGTH, 12, false },
    { "the largest",
      { POST_1_1, .content_length = { "100", 3 } },
      0,
      HTTP_BODY_LENGTH,
      100,
      false },
    { "one more", { POST_1_1, .content_length = { "101", 3 } }, 413, 0, 0, false },
    { "no body", { POST_1_1, .content_length = { "0", 1 } }, 0, HTTP_BODY_NONE, 0, false },
    { "blanks", { POST_1_1, .content_length = { " 7 ", 3 } }, 0, HTTP_BODY_LENGTH, 7, false },
    { "minus", { POST_1_1, .content_length = { "-1", 2 } }, 400, 0, 0, false },
    { "plus", { POST_1_1, .content_length = { "+1", 2 } }, 400, 0, 0, false },
    { "hex", { POST_1_1, .content_length = { "0x1", 3 } }, 400, 0, 0, false },
    { "two", { POST_1_1, .content_length = { "5,5", 3 } }, 400, 0, 0, false },
    { "inner blank", { POST_1_1, .content_length = { "5 5", 3 } }, 400, 0, 0, false },
    { "empty", { POST_1_1, .content_length = { "", 0 } }, 400, 0, 0, false },
    { "overflow",
      { POST_1_1, .content_length = { "18446744073709551621", 20 } },
      400,
      0,
      0,
      false },
    { "chunked",
      { POST_1_1, .transfer_encoding = { "chunked", 7 } },
      0,
      HTTP_BODY_CHUNKED,
      0,
      false },
    { "Chunked",
      { POST_1_1, .transfer_encoding = { " Chunked ", 9 } },
      0,
      HTTP_BODY_CHUNKED,
      0,
      false },
    { "gzip", { POST_1_1, .transfer_encoding = { "gzip, chunked", 13 } }, 501, 0, 0, false },
    { "both",
      { POST_1_1, .transfer_encoding = { "chunked", 7 }, .content_length = { "5", 1 } },
      400,
      0,
      0,
      false },
    { "1.0", { .method = HTTP_POST, .transfer_encoding = { "chunked", 7 } }, 400, 0, 0, false },
    { "none", { POST_1_1 }, 411, 0, 0, false },
    { "GET", { GET_1_1 }, 0, HTTP_BODY_NONE, 0, false },
    { "GET with a body", { GET_1_1, .content_length = { "1", 1 } }, 400, 0, 0, false },
    { "expect",
      { POST_1_1, .content_length = { "5", 1 }, .expect = { "100-Continue", 12 } },
      0,
      HTTP_BODY_LENGTH,
      5,
      true },
    { "expect else",
      { POST_1_1, .content_length = { "5", 1 }, .expect = { "tea", 3 } },
      417,
      0,
      0,
      false },
    { "headers at the limit",
      { GET_1_1, .header_bytes = LIMIT_HTTP_HEADER_BYTES },
      0,
      0,
      0,
      false },
    { "headers over it",
      { GET_1_1, .header_bytes = LIMIT_HTTP_HEADER_BYTES + 1 },
      431,
      0,
      0,
      false },
};

static void plans_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(samples); i++) {
        struct http_body_plan plan = { .framing = HTTP_BODY_NONE };
        const char *why = NULL;
        int status = http_head_plan(&samples[i].head, 100, &plan, &why);

        if (status != samples[i].status)
            fail_msg("%s: status %d", samples[i].name, status);
        assert_int_equal(plan.framing, samples[i].framing);
        assert_int_equal(plan.length, samples[i].length);
        assert_int_equal(plan.expect_continue, samples[i].expect_continue);
        assert_true(status == 0 || why != NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_bodies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

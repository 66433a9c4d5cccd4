/*
 * What a script gets of a tool's result: the order of the rules, byte for byte.
 */
#include "proxy/exec/result_unwrap.h"

#include "base/json.h"
#include "tests/unit/test.h"

#define TEXT(text) "{\"type\":\"text\",\"text\":\"" text "\"}"
#define IMAGE      "{\"type\":\"image\",\"data\":\"AAAA\",\"mimeType\":\"image/png\"}"

static const struct {
    const char *result;
    bool ok;
    const char *reply;
} rows[] = {
    /* structuredContent before text, byte for byte */
    { "{\"content\":[" TEXT("x") "],\"structuredContent\":{ \"n\": 0.10 }}", true,
      "{ \"n\": 0.10 }" },
    { "{\"content\":[],\"structuredContent\":[12345678901234567890]}", true,
      "[12345678901234567890]" },
    { "{\"content\":[],\"structuredContent\":false}", true, "false" },
    { "{\"content\":[" TEXT("x") "],\"structuredContent\":null}", true, "\"x\"" },
    /* text */
    { "{\"content\":[" TEXT("plain") "]}", true, "\"plain\"" },
    { "{\"content\":[" TEXT("") "]}", true, "\"\"" },
    { "{\"content\":[" TEXT("one") "," TEXT("two") "]}", true, "\"one\\ntwo\"" },
    { "{\"content\":[" TEXT(" {\\\"a\\\":1.50}\\n") "]}", true, "{\"a\":1.50}" },
    { "{\"content\":[" TEXT("[1,") "," TEXT("2]") "]}", true, "[1,\n2]" },
    { "{\"content\":[" TEXT("[not json]") "]}", true, "\"[not json]\"" },
    { "{\"content\":[" TEXT("{\\\"a\\\":1} and more") "]}", true, "\"{\\\"a\\\":1} and more\"" },
    { "{\"content\":[" TEXT("42") "]}", true, "\"42\"" },
    { "{\"content\":[" TEXT("true") "]}", true, "\"true\"" },
    { "{\"content\":[" TEXT("{\\\"__proto__\\\":{}}") "]}", true, "{\"__proto__\":{}}" },
    /* anything else */
    { "{\"content\":[" TEXT("x") "," IMAGE "]}", true, "[" TEXT("x") "," IMAGE "]" },
    { "{\"content\":[" IMAGE "]}", true, "[" IMAGE "]" },
    { "{\"content\":[]}", true, "[]" },
    { "{\"content\":[{\"type\":\"text\",\"text\":7}]}", true, "[{\"type\":\"text\",\"text\":7}]" },
    { "{\"toolResult\":1}", true, "{\"toolResult\":1}" },
    { "{\"content\":\"x\"}", true, "{\"content\":\"x\"}" },
    /* errors before all */
    { "{\"isError\":true,\"content\":[" TEXT("a") "," IMAGE
                                                  "," TEXT("b") "],"
                                                                "\"structuredContent\":{}}",
      false,
      "{\"name\":\"ToolError\",\"message\":\"a\\nb\",\"server\":\"s\",\"tool\":\"t\","
      "\"content\":[" TEXT("a") "," IMAGE "," TEXT("b") "]}" },
    { "{\"isError\":true}", false,
      "{\"name\":\"ToolError\",\"message\":\"the tool reported an error without a text\","
      "\"server\":\"s\",\"tool\":\"t\",\"content\":[]}" },
    { "{\"isError\":false,\"content\":[" TEXT("x") "]}", true, "\"x\"" },
    { "{\"isError\":\"true\",\"content\":[" TEXT("x") "]}", true, "\"x\"" },
    { "{\"resultType\":\"complete\",\"content\":[" TEXT("x") "]}", true, "\"x\"" },
};

static void follows_the_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        CLEANUP(buf) struct buf out = BUF(4096);
        bool ok = !rows[i].ok;

        assert_int_equal(json_check(span_of(rows[i].result), 0, NULL), 0);
        assert_int_equal(
            result_unwrap(span_of(rows[i].result), SPAN("s"), SPAN("t"), &out, &ok, NULL), 0);
        assert_string_equal(buf_str(&out), rows[i].reply);
        assert_int_equal(ok, rows[i].ok);
        assert_int_equal(json_check(buf_span(&out), 0, NULL), 0);
    }
}

static void refuses_what_is_no_result(void **state)
{
    static const char *const wrong[] = {
        "[]",
        "\"x\"",
        "null",
        "{\"resultType\":\"input_required\",\"inputRequests\":{}}",
        "{\"resultType\":\"task\"}",
        "{\"resultType\":7}",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        CLEANUP(buf) struct buf out = BUF(4096);
        struct err err = ERR_INIT;
        bool ok;

        assert_int_equal(result_unwrap(span_of(wrong[i]), SPAN("s"), SPAN("t"), &out, &ok, &err),
                         -1);
        assert_int_equal(err.code, ERR_PROTOCOL);
        assert_int_equal(out.len, 0);
    }
}

static int unwrap_into(size_t max, const char *result, struct err *err)
{
    CLEANUP(buf) struct buf out = BUF(max);
    bool ok;

    return result_unwrap(span_of(result), SPAN("s"), SPAN("t"), &out, &ok, err);
}

static void keeps_to_the_limit(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(unwrap_into(7, "{\"content\":[" TEXT("hello") "]}", &err), 0);
    assert_int_equal(unwrap_into(6, "{\"content\":[" TEXT("hello") "]}", &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    assert_int_equal(unwrap_into(4, "{\"content\":[" TEXT("hello") "]}", &err), -1);
    assert_int_equal(unwrap_into(2, "{\"structuredContent\":42}", &err), 0);
    assert_int_equal(unwrap_into(1, "{\"structuredContent\":42}", &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_order),
        cmocka_unit_test(refuses_what_is_no_result),
        cmocka_unit_test(keeps_to_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/test.h"

#include "base/json.h"

struct check_case {
    const char *text;
    int accepted;
};

static void checks_texts(void **state)
{
    static const struct check_case cases[] = {
        { "{}", 1 },
        { " [1, 2.5e+3, -0, true, false, null, \"a\\u00e9\"] ", 1 },
        { "{\"a\":{\"b\":[{}]}}", 1 },
        { "0", 1 },
        { "\"\\ud800\"", 1 },
        { "", 0 },
        { "{", 0 },
        { "[1,]", 0 },
        { "{\"a\":1,}", 0 },
        { "{a:1}", 0 },
        { "01", 0 },
        { "1.", 0 },
        { "-", 0 },
        { "+1", 0 },
        { "1e", 0 },
        { "nul", 0 },
        { "\"\t\"", 0 },
        { "\"\\x\"", 0 },
        { "\"\\u12g4\"", 0 },
        { "\"\xff\"", 0 },
        { "\"\xed\xa0\x80\"", 0 },
        { "\"\xc0\x80\"", 0 },
        { "[1 2]", 0 },
        { "{} {}", 0 },
        { "[}", 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct err err = ERR_INIT;
        int result = json_check(span_of(cases[i].text), 0, &err);

        if ((result == 0) != cases[i].accepted)
            fail_msg("%s: %d %s", cases[i].text, result, err.text);
    }
}

static void counts_depth(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(json_check(SPAN("[[[]]]"), 3, &err), 0);
    assert_int_equal(json_check(SPAN("[[[]]]"), 2, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    assert_int_equal(json_check(SPAN("[[],[],[[]]]"), 3, NULL), 0);
}

static void walks_containers(void **state)
{
    struct json_iter it = json_iter(SPAN("{ \"a\" : 1 , \"b\":[2,3] }"));

    (void)state;
    assert_true(json_next(&it));
    assert_span_equal(it.key, "a");
    assert_span_equal(it.value, "1");
    assert_true(json_next(&it));
    assert_span_equal(it.key, "b");
    assert_span_equal(it.value, "[2,3]");
    assert_false(json_next(&it));
    assert_int_equal(json_count(SPAN("[1,[2,3],{}]")), 3);
    assert_int_equal(json_count(SPAN("\"x\"")), 0);
}

static void finds_members(void **state)
{
    struct span value;

    (void)state;
    assert_true(json_get(SPAN("{\"x\":1,\"m\":2,\"\\u006d\":3}"), "m", &value));
    assert_span_equal(value, "3");
    assert_false(json_get(SPAN("[\"m\"]"), "m", &value));
    assert_true(
        json_get_path(SPAN("{\"a\":{\"b\":[true]}}"), (const char *[]){ "a", "b", NULL }, &value));
    assert_span_equal(value, "[true]");
    assert_int_equal(json_no_duplicates(SPAN("{\"m\":1,\"\\u006d\":2}"), NULL), -1);
    assert_int_equal(json_no_duplicates(SPAN("{\"m\":1,\"n\":{\"m\":2}}"), NULL), 0);
}

static void decodes_strings(void **state)
{
    CLEANUP(buf) struct buf out = BUF(100);
    char *text;

    (void)state;
    assert_int_equal(json_decode_string(SPAN("\"a\\n\\u00e9\\ud83d\\ude00\\ud800x\""), &out), 0);
    assert_string_equal(buf_str(&out), "a\n\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbdx");
    text = json_dup_string(SPAN("\"abc\""), 3);
    assert_string_equal(text, "abc");
    free(text);
    assert_null(json_dup_string(SPAN("\"abcd\""), 3));
    assert_null(json_dup_string(SPAN("\"a\\u0000\""), 10));
    assert_true(json_string_is(SPAN("\"to\\u006fls\""), "tools"));
    assert_false(json_string_is(SPAN("\"tool\""), "tools"));
}

static void reads_numbers(void **state)
{
    int64_t number = 0;
    double real = 0;
    bool flag = false;

    (void)state;
    assert_true(json_int64(SPAN("-9223372036854775808"), &number));
    assert_true(number == INT64_MIN);
    assert_true(json_int64(SPAN("1e3"), &number));
    assert_int_equal(number, 1000);
    assert_false(json_int64(SPAN("9223372036854775808"), &number));
    assert_false(json_int64(SPAN("1.5"), &number));
    assert_false(json_int64(SPAN("\"1\""), &number));
    assert_true(json_double(SPAN("0.1"), &real));
    assert_true(real == 0.1);
    assert_false(json_double(SPAN("1e999"), &real));
    assert_true(json_bool(SPAN("true"), &flag) && flag);
    assert_false(json_bool(SPAN("1"), &flag));
}

static void writes_values(void **state)
{
    CLEANUP(buf) struct buf out = BUF(400);

    (void)state;
    buf_add_char(&out, '{');
    json_write_member_string(&out, "s", SPAN("a\"\\\n\x1b\x7f\xc2\x9b\xe2\x80\xa8\xff"));
    json_write_member_int(&out, "i", -5);
    json_write_member_bool(&out, "b", true);
    json_write_member_raw(&out, "r", SPAN("[0.1]"));
    buf_add_char(&out, '}');
    assert_string_equal(buf_str(&out),
                        "{\"s\":\"a\\\"\\\\\\n\\u001b\\u007f\\u009b\\u2028\xef\xbf\xbd\",\"i\":-5,"
                        "\"b\":true,\"r\":[0.1]}");
    assert_int_equal(json_check(buf_span(&out), 0, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_texts),     cmocka_unit_test(counts_depth),
        cmocka_unit_test(walks_containers), cmocka_unit_test(finds_members),
        cmocka_unit_test(decodes_strings),  cmocka_unit_test(reads_numbers),
        cmocka_unit_test(writes_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

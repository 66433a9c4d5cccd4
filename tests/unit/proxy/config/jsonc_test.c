#include "tests/unit/test.h"

#include "proxy/config/jsonc.h"

static void assert_yaml(const char *json, const char *yaml)
{
    CLEANUP(buf) struct buf out = BUF(1000);
    struct err err = ERR_INIT;

    assert_int_equal(jsonc_to_yaml(span_of(json), &out, &err), 0);
    assert_string_equal(buf_str(&out), yaml);
}

static void knows_an_object(void **state)
{
    static const char *const objects[] = { "{}", " {\"a\":1}", "\xEF\xBB\xBF{\n\t\"a\"",
                                           "// x\n/* y */ { // z\n\"a\"" };
    static const char *const others[] = { "",      "{",    "a: 1",    "{ a: 1 }",  "[\"a\"]",
                                          "// {}", "/* {", "# x\n{}", "{ 'a': 1 }" };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(objects); i++)
        assert_true(jsonc_is_object(span_of(objects[i])));
    for (size_t i = 0; i < ARRAY_COUNT(others); i++)
        assert_false(jsonc_is_object(span_of(others[i])));
}

static void blanks_comments(void **state)
{
    (void)state;
    assert_yaml("{ // a\n\"b\":1}", "{     \n\"b\":1}");
    assert_yaml("{/*a\nb*/\"c\":\"// d /* e\"}", "{   \n   \"c\":\"// d /* e\"}");
    assert_yaml("{\"a\":\"\\\"//\"}// b", "{\"a\":\"\\\"//\"}    ");
    assert_yaml("{\"a\": http://b, \"c\": 1}", "{\"a\": http://b, \"c\": 1}");
    assert_yaml("{\"a\":1 /* b", "{\"a\":1     ");
    assert_yaml("{\"a\":1,//", "{\"a\":1,  ");
    assert_yaml("{\"a", "{\"a");
    assert_yaml("{\"a\\", "{\"a\\");
}

static void joins_surrogates(void **state)
{
    (void)state;
    assert_yaml("\"\\ud83d\\ude00\"", "\"\\U0001F600\"");
    assert_yaml("\"\\uDBFF\\uDFFFx\\u00e9\"", "\"\\U0010FFFFx\\u00e9\"");
    assert_yaml("\"\\ud83d\"", "\"\\ud83d\"");
    assert_yaml("\"\\ud83d\\n\"", "\"\\ud83d\\n\"");
    assert_yaml("\"\\\\ud83d\\\\ude00\"", "\"\\\\ud83d\\\\ude00\"");
}

static void keeps_its_limit(void **state)
{
    CLEANUP(buf) struct buf out = BUF(4);
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(jsonc_to_yaml(SPAN("{\"a\":1}"), &out, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_an_object),
        cmocka_unit_test(blanks_comments),
        cmocka_unit_test(joins_surrogates),
        cmocka_unit_test(keeps_its_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/test.h"

#include <stdlib.h>

#include "proxy/config/env_file.h"

struct variables {
    struct config_pair *pairs;
    size_t count;
};

static void variables_cleanup(struct variables *v)
{
    for (size_t i = 0; i < v->count; i++) {
        free(v->pairs[i].name);
        free(v->pairs[i].value);
    }
    free(v->pairs);
}

static void reads_each_form(void **state)
{
    static const char text[] = "\xEF\xBB\xBF# a comment\n"
                               "\n"
                               "PLAIN=a b # comment\n"
                               "  export EXPORTED = x#y \r\n"
                               "SINGLE='a \"b\" \\n # c' # comment\n"
                               "DOUBLE=\"a\\n\\\"b\\\" $X \\q\"\n"
                               "LINES=\"one\ntwo\"\n"
                               "EMPTY=\n"
                               "EQUALS=a=b==\n"
                               "TWICE=1\n"
                               "TWICE=2\n"
                               "LAST=end";
    static const struct {
        const char *name, *value;
    } expected[] = {
        { "PLAIN", "a b" },
        { "EXPORTED", "x#y" },
        { "SINGLE", "a \"b\" \\n # c" },
        { "DOUBLE", "a\n\"b\" $X \\q" },
        { "LINES", "one\ntwo" },
        { "EMPTY", "" },
        { "EQUALS", "a=b==" },
        { "TWICE", "2" },
        { "LAST", "end" },
    };
    CLEANUP(variables) struct variables got = { 0 };
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(env_file_parse(SPAN(text), ".env", &got.pairs, &got.count, &err), 0);
    assert_int_equal(got.count, ARRAY_COUNT(expected));
    for (size_t i = 0; i < got.count; i++) {
        assert_string_equal(got.pairs[i].name, expected[i].name);
        assert_string_equal(got.pairs[i].value, expected[i].value);
    }
}

static void names_the_line(void **state)
{
    static const struct {
        const char *text, *message;
    } faults[] = {
        { "A=1\nB\n", ".env:2: this is no NAME=VALUE" },
        { "A='1\n2\n", ".env:1: a quote is not closed" },
        { "A=\"1\n2\"\nB=\"x\" y\n", ".env:3: text behind a closing quote" },
        { "=x", ".env:1: no name stands before `=`" },
        { "A\x01=x", ".env:1: no name stands" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(faults); i++) {
        CLEANUP(variables) struct variables got = { 0 };
        struct err err = ERR_INIT;

        assert_int_equal(
            env_file_parse(span_of(faults[i].text), ".env", &got.pairs, &got.count, &err), -1);
        if (!strstr(err.text, faults[i].message))
            fail_msg("%s\n gave: %s", faults[i].text, err.text);
    }
}

static void refuses_a_zero_byte(void **state)
{
    CLEANUP(variables) struct variables got = { 0 };
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(env_file_parse(SPAN("A=x\0y"), ".env", &got.pairs, &got.count, &err), -1);
    assert_non_null(strstr(err.text, "zero byte"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_each_form),
        cmocka_unit_test(names_the_line),
        cmocka_unit_test(refuses_a_zero_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

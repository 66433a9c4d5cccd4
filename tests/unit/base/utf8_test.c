/*
 * Counting and cutting text by characters.
 */
#include "base/utf8.h"

#include "tests/unit/test.h"

static const struct {
    const char *text;
    size_t count, cut;
    const char *prefix, *rest;
} rows[] = {
    { "", 0, 3, "", "" },
    { "abc", 3, 0, "", "abc" },
    { "abc", 3, 2, "ab", "c" },
    { "abc", 3, 9, "abc", "" },
    { "a\xC3\xA9\xF0\x9F\x98\x80z", 4, 2, "a\xC3\xA9", "\xF0\x9F\x98\x80z" },
    { "\xF0\x9F\x98\x80", 1, 1, "\xF0\x9F\x98\x80", "" },
    { "a\x80\x80"
      "b",
      2, 1, "a\x80\x80", "b" },
};

static void cuts_between_characters(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct span text = span_of(rows[i].text);

        assert_int_equal(utf8_count(text), rows[i].count);
        assert_true(span_is(utf8_prefix(text, rows[i].cut), rows[i].prefix));
        assert_true(span_is(utf8_skip(text, rows[i].cut), rows[i].rest));
    }
}

static void takes_the_end(void **state)
{
    struct span text = SPAN("a\xC3\xA9\xF0\x9F\x98\x80z");

    (void)state;
    assert_true(span_is(utf8_suffix(text, 2), "\xF0\x9F\x98\x80z"));
    assert_true(span_is(utf8_suffix(text, 0), ""));
    assert_true(span_equal(utf8_suffix(text, 4), text));
    assert_true(span_equal(utf8_suffix(text, 400), text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_between_characters),
        cmocka_unit_test(takes_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/test.h"

#include <stdlib.h>

#include "codegen/typescript_text.h"

struct text_case {
    const char *text, *expected;
};

typedef int write_fn(struct buf *out, struct span text);

static void check_cases(const struct text_case *cases, size_t count, write_fn *write)
{
    for (size_t i = 0; i < count; i++) {
        CLEANUP(buf) struct buf out = BUF(4096);

        assert_int_equal(write(&out, span_of(cases[i].text)), 0);
        assert_string_equal(buf_str(&out), cases[i].expected);
    }
}

static void writes_comment_lines(void **state)
{
    static const struct text_case cases[] = {
        { "", "" },
        { "  plain  text ", "plain text" },
        { "two\r\nlines", "two lines" },
        { "one  two   three ", "one two three" },
        { "one \ttwo @three", "one two @three" },
        { "end */ here", "end *\\/ here" },
        { "**//", "**\\//" },
        { "@ts-ignore this", "\\@ts-ignore this" },
        { "a\xe2\x80\xa8"
          "b\xe2\x80\xa9"
          "c",
          "a b c" },
        /* NOLINTNEXTLINE(misc-misleading-bidirectional): what is to be removed. */
        { "a\xe2\x80\xae"
          "b\xe2\x81\xa6"
          "c\xe2\x80\x8f",
          "abc" },
        { "a\x1b[31m\x7f", "a[31m" },
        { "a\xc2\x9b"
          "b",
          "ab" },
        { "zero\xe2\x80\x8bwidth\xef\xbb\xbf", "zerowidth" },
        { "family \xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9",
          "family \xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9" },
        { "tag\xf3\xa0\x81\x81s", "tags" },
        { "bad\xff\xc3", "bad\xef\xbf\xbd\xef\xbf\xbd" },
        /* What stands between star and slash is dropped: they must not meet. */
        { "*\xe2\x80\x8b/", "*\\/" },
        { "*\x01/", "*\\/" },
    };

    (void)state;
    check_cases(cases, ARRAY_COUNT(cases), typescript_comment_line);
}

static void writes_strings(void **state)
{
    static const struct text_case cases[] = {
        { "", "\"\"" },
        { "a\"b\\c'd`e${f}", "\"a\\\"b\\\\c'd`e${f}\"" },
        { "a\nb\tc\rd", "\"a\\nb\\tc\\u000dd\"" },
        /* NOLINTNEXTLINE(misc-misleading-bidirectional): what is to be escaped. */
        { "\xe2\x80\xa8\xe2\x80\xae\xef\xbb\xbf", "\"\\u2028\\u202e\\ufeff\"" },
        { "\xf3\xa0\x81\x81", "\"\\u{e0041}\"" },
        { "日本", "\"日本\"" },
    };

    (void)state;
    check_cases(cases, ARRAY_COUNT(cases), typescript_string);
}

static void writes_properties(void **state)
{
    static const struct text_case cases[] = {
        { "plain", "plain" }, { "class", "class" },           { "a-b", "\"a-b\"" }, { "", "\"\"" },
        { "1a", "\"1a\"" },   { "a\"]; x", "\"a\\\"]; x\"" }, { "$ref", "$ref" },
    };

    (void)state;
    check_cases(cases, ARRAY_COUNT(cases), typescript_property);
}

static int write_block(struct buf *out, struct span text)
{
    return typescript_comment_block(out, text, " ");
}

static void writes_blocks(void **state)
{
    static const struct text_case cases[] = {
        { "one", " * one\n" },
        { "\n\none\n\n\n\n  two  \n", " * one\n *\n *   two\n" },
        { "a\r\nb\rc", " * a\n * b\n * c\n" },
        { "@deprecated\n  @x", " * \\@deprecated\n *   \\@x\n" },
        { "*/\n/", " * *\\/\n * /\n" },
        { "", "" },
    };

    (void)state;
    check_cases(cases, ARRAY_COUNT(cases), write_block);
}

static int write_sentence(struct buf *out, struct span text)
{
    return typescript_first_sentence(out, text, 20);
}

static void cuts_sentences(void **state)
{
    static const struct text_case cases[] = {
        { "Does it. Then more.", "Does it" },
        { "Reads e.g. a file. B", "Reads e.g. a file" },
        { "Version 1.2 is. Ok", "Version 1.2 is" },
        { "Really? Yes", "Really?" },
        { "First line\nSecond", "First line" },
        { "First line\nwent on. B", "First line went on" },
        { "Uses:\n- a", "Uses: - a" },
        { "This one is far too long for it", "This one is far too…" },
        { "This one is far to long for it", "This one is far to l…" },
        { "This is just far too", "This is just far too" },
        { "\xe6\x97\xa5\xe6\x9c\xac\xe3\x80\x82\xe6\xac\xa1", "\xe6\x97\xa5\xe6\x9c\xac" },
        { "", "" },
    };

    (void)state;
    check_cases(cases, ARRAY_COUNT(cases), write_sentence);
}

static void counts_characters(void **state)
{
    (void)state;
    assert_int_equal(typescript_characters(SPAN("abc")), 3);
    assert_int_equal(typescript_characters(SPAN("a\xc3\xa9\xe2\x82\xac")), 3);
    assert_int_equal(typescript_characters(SPAN("\xf0\x9f\x98\x80")), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_comment_lines), cmocka_unit_test(writes_strings),
        cmocka_unit_test(writes_properties),    cmocka_unit_test(writes_blocks),
        cmocka_unit_test(cuts_sentences),       cmocka_unit_test(counts_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Shortening: always valid JSON, always within the budget, and whole when it
 * fits.
 */
#include "proxy/exec/shorten.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/utf8.h"
#include "tests/unit/test.h"

#define MAX_BYTES (16 * 1024 * 1024)

static void assert_short(const char *value, size_t budget, const char *expected)
{
    CLEANUP(buf) struct buf out = BUF(MAX_BYTES);

    shorten_json(span_of(value), budget, &out);
    assert_string_equal(buf_str(&out), expected);
}

static void leaves_what_fits(void **state)
{
    static const char *const values[] = { "1", "null", "\"x\"", "[]", "{\"a\":[1,2]}" };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
        CLEANUP(buf) struct buf out = BUF(1000);

        assert_false(shorten_json(span_of(values[i]), 1000, &out));
        assert_string_equal(buf_str(&out), values[i]);
    }
}

static void puts_members_of_long_containers_on_lines(void **state)
{
    (void)state;
    assert_short("[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
                 "{\"b\":\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"}]",
                 1000,
                 "[\n\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\n"
                 "{\"b\":\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"}\n]");
}

/* `count` elements, each `element`. */
static char *repeat(const char *element, size_t count, const char *open, const char *close)
{
    struct buf out = BUF(MAX_BYTES);

    buf_add_str(&out, open);
    for (size_t i = 0; i < count; i++)
        buf_printf(&out, "%s%s", i ? "," : "", element);
    buf_add_str(&out, close);
    return buf_take(&out);
}

static void tells_how_many_are_left_out(void **state)
{
    char *value = repeat("12345678901234567890", 1000, "[", "]");
    CLEANUP(buf) struct buf out = BUF(MAX_BYTES);

    (void)state;
    assert_true(shorten_json(span_of(value), 400, &out));
    assert_true(out.len <= 400);
    assert_non_null(strstr(buf_str(&out), " more of 1000\"\n]"));
    assert_true(json_count(buf_span(&out)) > 10);
    assert_int_equal(json_check(buf_span(&out), 0, NULL), 0);
    free(value);
}

static void shows_a_part_of_each_large_member(void **state)
{
    char *text = repeat("x", 5000, "\"", "\"");
    char *value =
        xasprintf("{\"a\":%s,\"b\":%s,\"c\":[%s],\"d\":{\"e\":%s}}", text, text, text, text);
    CLEANUP(buf) struct buf out = BUF(MAX_BYTES);
    struct json_iter it;
    size_t seen = 0;

    (void)state;
    assert_true(shorten_json(span_of(value), 2000, &out));
    it = json_iter(buf_span(&out));
    while (json_next(&it)) {
        assert_true(it.value.len > 300);
        seen++;
    }
    assert_int_equal(seen, 4);
    assert_true(out.len > 1200 && out.len <= 2000);
    free(value);
    free(text);
}

static void cuts_strings_between_characters(void **state)
{
    static const char *const units[] = { "x",    "\xC3\xA4", "\xF0\x9F\x98\x80",
                                         "\\n",  "\\u00e4",  "\\ud83d\\ude00",
                                         "\\\\", "\\\"" };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(units); i++) {
        CLEANUP(buf) struct buf content = BUF(MAX_BYTES);
        CLEANUP(str) char *value = NULL;

        buf_add_char(&content, '"');
        for (int n = 0; n < 1000; n++)
            buf_add_str(&content, units[i]);
        buf_add_char(&content, '"');
        value = buf_take(&content);
        for (size_t budget = 60; budget < 80; budget++) {
            CLEANUP(buf) struct buf out = BUF(MAX_BYTES), text = BUF(MAX_BYTES);

            assert_true(shorten_json(span_of(value), budget, &out));
            assert_int_equal(json_check(buf_span(&out), 0, NULL), 0);
            assert_true(utf8_count(buf_span(&out)) <= budget);
            json_decode_string(buf_span(&out), &text);
            assert_null(strstr(buf_str(&text), "\xEF\xBF\xBD"));
        }
    }
}

/* A value with a bit of everything, from a seed. */
static void grow(struct buf *out, unsigned *seed, unsigned depth)
{
    unsigned kind = (*seed = *seed * 1103515245u + 12345u) >> 16;
    unsigned count = kind / 8 % 40;

    if (depth > 5 || kind % 8 < 3 || out->len > 60000) {
        buf_add_char(out, '"');
        for (unsigned i = 0; i < count * 5; i++)
            buf_add_str(out, i % 7 ? "s" : "\\u00fc");
        buf_add_char(out, '"');
    } else if (kind % 8 == 3) {
        buf_printf(out, "%u", kind);
    } else {
        bool object = kind % 8 == 4;

        buf_add_char(out, object ? '{' : '[');
        for (unsigned i = 0; i < count / 2; i++) {
            buf_add_str(out, i ? "," : "");
            if (object)
                buf_printf(out, "\"key%u\":", i);
            grow(out, seed, depth + 1);
        }
        buf_add_char(out, object ? '}' : ']');
    }
}

static void is_always_valid_and_within_the_budget(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 300; seed++) {
        CLEANUP(buf) struct buf value = BUF(MAX_BYTES);
        unsigned random = seed;

        grow(&value, &random, 0);
        for (size_t budget = 150; budget < 20000; budget = budget * 3 / 2) {
            CLEANUP(buf) struct buf out = BUF(MAX_BYTES);
            bool shortened = shorten_json(buf_span(&value), budget, &out);

            assert_int_equal(json_check(buf_span(&out), 0, NULL), 0);
            if (utf8_count(buf_span(&out)) > budget)
                fail_msg("seed %u, budget %zu: %zu characters", seed, budget,
                         utf8_count(buf_span(&out)));
            if (!shortened && json_count(buf_span(&value)) != json_count(buf_span(&out)))
                fail_msg("seed %u, budget %zu: not told", seed, budget);
        }
    }
}

static void bears_very_deep_values(void **state)
{
    CLEANUP(buf) struct buf value = BUF(MAX_BYTES), out = BUF(MAX_BYTES);

    (void)state;
    for (int i = 0; i < 500; i++)
        buf_add_char(&value, '[');
    for (int i = 0; i < 500; i++)
        buf_add_char(&value, ']');
    assert_true(shorten_json(buf_span(&value), 300, &out));
    assert_int_equal(json_check(buf_span(&out), 0, NULL), 0);
}

static void shortens_text_in_the_middle(void **state)
{
    CLEANUP(buf) struct buf text = BUF(MAX_BYTES), out = BUF(MAX_BYTES);

    (void)state;
    for (int i = 0; i < 1000; i++)
        buf_add_str(&text, "\xC3\xA4");
    buf_add_str(&text, "END");
    assert_true(shorten_text(buf_span(&text), 500, &out));
    assert_true(utf8_count(buf_span(&out)) <= 500);
    assert_non_null(strstr(buf_str(&out), " characters left out ...]\n"));
    assert_string_equal(buf_str(&out) + out.len - 3, "END");
    buf_clear(&out);
    assert_false(shorten_text(buf_span(&text), 1003, &out));
    assert_int_equal(out.len, text.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_what_fits),
        cmocka_unit_test(puts_members_of_long_containers_on_lines),
        cmocka_unit_test(tells_how_many_are_left_out),
        cmocka_unit_test(shows_a_part_of_each_large_member),
        cmocka_unit_test(cuts_strings_between_characters),
        cmocka_unit_test(is_always_valid_and_within_the_budget),
        cmocka_unit_test(bears_very_deep_values),
        cmocka_unit_test(shortens_text_in_the_middle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Kept results: what goes first, pages by characters, wrong addresses.
 */
#include "proxy/exec/kept.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/unit/test.h"

static void assert_page(struct kept *kept, const char *uri, const char *text, const char *mime)
{
    CLEANUP(buf) struct buf out = BUF(4096);
    const char *found = NULL;
    struct err err = ERR_INIT;

    assert_int_equal(kept_page(kept, span_of(uri), &out, &found, &err), 0);
    assert_string_equal(buf_str(&out), text);
    assert_string_equal(found, mime);
}

static void keeps_a_value(void **state)
{
    struct kept *kept = kept_new(100, 50);
    char uri[KEPT_URI_BYTES];
    struct span value;

    (void)state;
    assert_int_equal(kept_add(kept, SPAN("{\"a\":1}"), uri, NULL), 0);
    assert_int_equal(strlen(uri), KEPT_URI_BYTES - 1);
    assert_int_equal(kept_value(kept, span_of(uri), &value, NULL), 0);
    assert_span_equal(value, "{\"a\":1}");
    assert_page(kept, uri, "{\"a\":1}", "application/json");
    kept_free(kept);
}

static void gives_pages_of_characters(void **state)
{
    struct kept *kept = kept_new(100, 3);
    char uri[KEPT_URI_BYTES], *second, *third, *text;

    (void)state;
    assert_int_equal(kept_add(kept, SPAN("\"\xC3\xA4\xC3\xB6\\u00fc\\nxyz\""), uri, NULL), 0);
    second = xasprintf("%s?offset=3", uri);
    third = xasprintf("%s?offset=6", uri);
    text = xasprintf("\xC3\xA4\xC3\xB6\xC3\xBC\n[characters 0 to 3 of 7; next: %s]", second);
    assert_page(kept, uri, text, "text/plain");
    free(text);
    text = xasprintf("\nxy\n[characters 3 to 6 of 7; next: %s]", third);
    assert_page(kept, second, text, "text/plain");
    assert_page(kept, third, "z", "text/plain");
    free(text);
    free(second);
    free(third);
    kept_free(kept);
}

static void drops_the_longest_unused(void **state)
{
    struct kept *kept = kept_new(10, 50);
    char first[KEPT_URI_BYTES], second[KEPT_URI_BYTES], third[KEPT_URI_BYTES];
    struct err err = ERR_INIT;
    struct span value;

    (void)state;
    assert_int_equal(kept_add(kept, SPAN("11111"), first, NULL), 0);
    assert_int_equal(kept_add(kept, SPAN("22222"), second, NULL), 0);
    assert_int_equal(kept_value(kept, span_of(first), &value, NULL), 0);
    assert_int_equal(kept_add(kept, SPAN("33333"), third, NULL), 0);
    assert_int_equal(kept_value(kept, span_of(first), &value, NULL), 0);
    assert_int_equal(kept_value(kept, span_of(second), &value, &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(kept_value(kept, span_of(third), &value, NULL), 0);
    kept_free(kept);
}

static void refuses_what_is_larger_than_the_store(void **state)
{
    struct kept *kept = kept_new(5, 50);
    char uri[KEPT_URI_BYTES];
    struct err err = ERR_INIT;
    struct span value;

    (void)state;
    assert_int_equal(kept_add(kept, SPAN("12345"), uri, &err), 0);
    assert_int_equal(kept_add(kept, SPAN("123456"), (char[KEPT_URI_BYTES]){ 0 }, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    assert_int_equal(kept_value(kept, span_of(uri), &value, NULL), 0);
    kept_free(kept);
}

static void refuses_wrong_addresses(void **state)
{
    static const struct {
        const char *uri;
        enum err_code code;
    } rows[] = {
        { "", ERR_INVALID },
        { "mcpfold://results/", ERR_INVALID },
        { "mcpfold://results/0123456789abcdef0123456789abcde", ERR_INVALID },
        { "mcpfold://results/0123456789abcdef0123456789abcdef0", ERR_INVALID },
        { "https://results/0123456789abcdef0123456789abcdef", ERR_INVALID },
        { "mcpfold://results/0123456789abcdef0123456789abcdef", ERR_NOT_FOUND },
    };
    struct kept *kept = kept_new(100, 50);

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct err err = ERR_INIT;
        struct span value;

        assert_int_equal(kept_value(kept, span_of(rows[i].uri), &value, &err), -1);
        assert_int_equal(err.code, rows[i].code);
    }
    kept_free(kept);
}

static void refuses_wrong_offsets(void **state)
{
    static const char *const queries[] = { "?",          "?offset=", "?offset=x",
                                           "?offset=-1", "?page=1",  "?offset=9999999999999999" };
    struct kept *kept = kept_new(100, 50);
    char uri[KEPT_URI_BYTES];

    (void)state;
    assert_int_equal(kept_add(kept, SPAN("1"), uri, NULL), 0);
    for (size_t i = 0; i < ARRAY_COUNT(queries); i++) {
        CLEANUP(str) char *page = xasprintf("%s%s", uri, queries[i]);
        CLEANUP(buf) struct buf out = BUF(100);
        struct err err = ERR_INIT;
        const char *mime;

        assert_int_equal(kept_page(kept, span_of(page), &out, &mime, &err), -1);
        assert_int_equal(err.code, ERR_INVALID);
    }
    kept_free(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_a_value),
        cmocka_unit_test(gives_pages_of_characters),
        cmocka_unit_test(drops_the_longest_unused),
        cmocka_unit_test(refuses_what_is_larger_than_the_store),
        cmocka_unit_test(refuses_wrong_addresses),
        cmocka_unit_test(refuses_wrong_offsets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

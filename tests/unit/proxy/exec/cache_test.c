/*
 * The cache of prepared and checked code: keys, counts, the bound.
 */
#include "proxy/exec/cache.h"

#include <string.h>

#include "tests/unit/test.h"

#define BIG 4000

static void put(struct cache *cache, const char *code, size_t check_bytes)
{
    char *text = xcalloc(check_bytes + 1, 1);
    struct prepared *prepared;

    memset(text, 'x', check_bytes);
    prepared = prepared_new(true, span_make(text, check_bytes), SPAN("run"), SPAN("{}"));
    assert_non_null(prepared);
    cache_put_prepared(cache, span_of(code), prepared);
    prepared_unref(prepared);
    free(text);
}

static void check(struct cache *cache, const char *code, uint64_t change, bool ok)
{
    struct checked *checked = checked_new(change, ok, xstrdup(ok ? "" : "wrong"), xstrdup("[]"));

    cache_put_checked(cache, span_of(code), checked);
    checked_unref(checked);
}

static void finds_by_code_and_change(void **state)
{
    struct cache *cache = cache_new(1 << 20);

    (void)state;
    put(cache, "a", 1);
    assert_non_null(cache_prepared(cache, SPAN("a")));
    assert_null(cache_prepared(cache, SPAN("b")));
    assert_null(cache_checked(cache, SPAN("a"), 1));
    check(cache, "a", 1, false);
    check(cache, "b", 1, true);
    assert_false(cache_checked(cache, SPAN("a"), 1)->ok);
    assert_null(cache_checked(cache, SPAN("a"), 2));
    assert_null(cache_checked(cache, SPAN("b"), 1));
    check(cache, "a", 2, true);
    assert_true(cache_checked(cache, SPAN("a"), 2)->ok);
    check(cache, "a", 1, false);
    assert_null(cache_checked(cache, SPAN("a"), 1));
    assert_non_null(cache_checked(cache, SPAN("a"), 2));
    cache_free(cache);
}

static void what_is_in_use_outlives_its_entry(void **state)
{
    struct cache *cache = cache_new(1 << 20);
    struct prepared *prepared;

    (void)state;
    put(cache, "a", 1);
    prepared = prepared_ref(cache_prepared(cache, SPAN("a")));
    cache_free(cache);
    assert_string_equal(buf_str(&prepared->run_text), "run");
    prepared_unref(prepared);
}

static void drops_the_longest_unused(void **state)
{
    struct cache *cache = cache_new((size_t)2 * BIG + 2000);

    (void)state;
    put(cache, "a", BIG);
    put(cache, "b", BIG);
    assert_non_null(cache_prepared(cache, SPAN("a")));
    put(cache, "c", BIG);
    assert_non_null(cache_prepared(cache, SPAN("a")));
    assert_null(cache_prepared(cache, SPAN("b")));
    assert_non_null(cache_prepared(cache, SPAN("c")));
    cache_free(cache);
}

static void does_not_keep_what_is_too_large(void **state)
{
    struct cache *cache = cache_new(BIG);

    (void)state;
    put(cache, "a", 1);
    put(cache, "b", BIG);
    assert_null(cache_prepared(cache, SPAN("b")));
    put(cache, "a", 2);
    put(cache, "a", 3);
    assert_int_equal(cache_prepared(cache, SPAN("a"))->check_text.len, 3);
    cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_by_code_and_change),
        cmocka_unit_test(what_is_in_use_outlives_its_entry),
        cmocka_unit_test(drops_the_longest_unused),
        cmocka_unit_test(does_not_keep_what_is_too_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

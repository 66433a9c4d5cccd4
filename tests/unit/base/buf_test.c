#include "tests/unit/test.h"

#include "base/buf.h"

static void keeps_its_limit(void **state)
{
    CLEANUP(buf) struct buf b = BUF(8);
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(buf_add_str(&b, "12345678"), 0);
    assert_int_equal(buf_check(&b, "text", &err), 0);
    assert_int_equal(buf_add_char(&b, '9'), -1);
    assert_string_equal(buf_str(&b), "12345678");
    assert_true(buf_failed(&b));
    assert_int_equal(buf_check(&b, "text", &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    buf_clear(&b);
    assert_false(buf_failed(&b));
    assert_int_equal(buf_printf(&b, "%08d", 42), 0);
    assert_int_equal(buf_printf(&b, "x"), -1);
}

/* Room that is not filled leaves a terminated text: a file without a byte reads as "". */
static void room_is_terminated(void **state)
{
    CLEANUP(buf) struct buf b = BUF(100);
    char *room = buf_room(&b, 50);

    (void)state;
    assert_non_null(room);
    assert_string_equal(buf_str(&b), "");
    memset(room, 'x', 3);
    buf_filled(&b, 3);
    assert_string_equal(buf_str(&b), "xxx");
}

static void drops_and_takes(void **state)
{
    CLEANUP(buf) struct buf b = BUF(100);
    char *text;

    (void)state;
    buf_add_str(&b, "hello world");
    buf_drop(&b, 6);
    assert_string_equal(buf_str(&b), "world");
    buf_truncate(&b, 3);
    assert_string_equal(buf_str(&b), "wor");
    text = buf_take(&b);
    assert_string_equal(text, "wor");
    free(text);
    assert_int_equal(b.len, 0);
    buf_drop(&b, 5);
    text = buf_take(&b);
    assert_string_equal(text, "");
    free(text);
}

static void refuses_sizes_that_wrap(void **state)
{
    CLEANUP(buf) struct buf b = BUF(100);

    (void)state;
    buf_add_str(&b, "x");
    assert_null(buf_room(&b, SIZE_MAX));
    assert_null(buf_room(&b, 100));
    assert_non_null(buf_room(&b, 99));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_its_limit),
        cmocka_unit_test(room_is_terminated),
        cmocka_unit_test(drops_and_takes),
        cmocka_unit_test(refuses_sizes_that_wrap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

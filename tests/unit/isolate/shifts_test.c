/*
 * Columns of the text that ran, back to columns of the code.
 */
#include "isolate/shifts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Line 1: eight characters before column 5, then three before column 9. */
#define NOTES SPAN("{\"shifts\":[[1,5,8],[1,9,3],[3,1,2]]}")

static void takes_columns_back(void **state)
{
    (void)state;
    assert_int_equal(shifts_column(NOTES, 1, 4), 4);
    assert_int_equal(shifts_column(NOTES, 1, 5), 5);  /* within the first insertion */
    assert_int_equal(shifts_column(NOTES, 1, 12), 5); /* its end */
    assert_int_equal(shifts_column(NOTES, 1, 13), 5); /* behind it */
    assert_int_equal(shifts_column(NOTES, 1, 14), 6);
    assert_int_equal(shifts_column(NOTES, 1, 17), 9); /* within the second */
    assert_int_equal(shifts_column(NOTES, 1, 20), 9);
    assert_int_equal(shifts_column(NOTES, 1, 21), 10);
    assert_int_equal(shifts_column(NOTES, 2, 21), 21); /* a line without one */
    assert_int_equal(shifts_column(NOTES, 3, 3), 1);
}

static void bears_any_notes(void **state)
{
    (void)state;
    assert_int_equal(shifts_column(SPAN_NONE, 1, 7), 7);
    assert_int_equal(shifts_column(SPAN("[]"), 1, 7), 7);
    assert_int_equal(shifts_column(SPAN("{\"shifts\":5}"), 1, 7), 7);
    assert_int_equal(shifts_column(SPAN("{\"shifts\":[[1,2]]}"), 1, 7), 7);
    assert_int_equal(shifts_column(SPAN("{\"shifts\":[[1,\"a\",2],[1,2,1]]}"), 1, 7), 6);
    assert_int_equal(shifts_column(SPAN("{\"shifts\":[[1,-5,900]]}"), 1, 7), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_columns_back),
        cmocka_unit_test(bears_any_notes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

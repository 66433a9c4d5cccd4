#include "tests/unit/test.h"

#include <errno.h>

#include "base/err.h"

static void wraps_context(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(err_in(&err, "nothing to wrap"), -1);
    assert_string_equal(err.text, "");
    assert_int_equal(err_sys(&err, ERR_IO, ENOENT, "cannot open %s", "x"), -1);
    err_in(&err, "server '%s'", "files");
    assert_string_equal(err.text, "server 'files': cannot open x: No such file or directory");
    assert_int_equal(err.code, ERR_IO);
    assert_string_equal(err_code_name(ERR_NOT_FOUND), "not_found");
    assert_int_equal(err_set(NULL, ERR_IO, "nobody listens"), -1);
}

static void cuts_at_a_character(void **state)
{
    struct err err = ERR_INIT;
    char text[ERR_TEXT_BYTES + 10];

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text + ERR_TEXT_BYTES - 2, "\xc3\xa9", 2);
    text[sizeof(text) - 1] = '\0';
    err_set(&err, ERR_INVALID, "%s", text);
    assert_int_equal(strlen(err.text), ERR_TEXT_BYTES - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wraps_context),
        cmocka_unit_test(cuts_at_a_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/test.h"

#include <stdlib.h>

#include "codegen/names.h"

static void tells_identifiers(void **state)
{
    (void)state;
    assert_true(name_is_identifier(SPAN("create_issue")));
    assert_true(name_is_identifier(SPAN("$a1")));
    assert_true(name_is_identifier(SPAN("type")));
    assert_false(name_is_identifier(SPAN("")));
    assert_false(name_is_identifier(SPAN("get-env")));
    assert_false(name_is_identifier(SPAN("1st")));
    assert_false(name_is_identifier(SPAN("delete")));
    assert_false(name_is_identifier(SPAN("a b")));
    assert_true(name_is_property(SPAN("delete")));
    assert_false(name_is_property(SPAN("a.b")));
}

static void makes_identifiers(void **state)
{
    static const char *const cases[][2] = {
        { "create_issue", "create_issue" },
        { "get-env", "get_env" },
        { "issue.create", "issue_create" },
        { "1st", "_1st" },
        { "", "_" },
        { "export", "export_" },
        { "a b/c", "a_b_c" },
        { "日本", "__" },
        { "caf\xc3\xa9", "caf_" },
        { "\xff\xfe", "__" },
        { "await", "await_" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        char *made = name_identifier(span_of(cases[i][0]));

        assert_string_equal(made, cases[i][1]);
        assert_true(name_is_identifier(span_of(made)));
        free(made);
    }
}

static void resolves_clashes(void **state)
{
    static const char *const names[] = { "get-it", "get_it", "get.it", "get_it_2", "mcp", "mcp" };
    static const char *const expected[] = { "get_it_3", "get_it", "get_it_4",
                                            "get_it_2", "mcp_2",  "mcp_3" };
    char *made[ARRAY_COUNT(names)];

    (void)state;
    name_identifiers(names, ARRAY_COUNT(names), name_reserved_globals, made);
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        assert_string_equal(made[i], expected[i]);
        free(made[i]);
    }
}

static void measures_distance(void **state)
{
    (void)state;
    assert_int_equal(name_distance(SPAN("create_issue"), SPAN("createIssue"), 3), 0);
    assert_int_equal(name_distance(SPAN("get-env"), SPAN("GET_ENV"), 3), 0);
    assert_int_equal(name_distance(SPAN("serach"), SPAN("search"), 3), 1);
    assert_int_equal(name_distance(SPAN("serch"), SPAN("search"), 3), 1);
    assert_int_equal(name_distance(SPAN("searchs"), SPAN("search"), 3), 1);
    assert_int_equal(name_distance(SPAN("abc"), SPAN("xyz"), 3), 3);
    assert_int_equal(name_distance(SPAN("abc"), SPAN("xyz"), 2), 3);
    assert_int_equal(name_distance(SPAN(""), SPAN("xyz"), 2), 3);
    assert_int_equal(name_distance(SPAN(""), SPAN(""), 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_identifiers),
        cmocka_unit_test(makes_identifiers),
        cmocka_unit_test(resolves_clashes),
        cmocka_unit_test(measures_distance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

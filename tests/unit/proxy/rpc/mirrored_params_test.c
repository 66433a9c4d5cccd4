/*
 * Annotated properties of a tool with their values, and what a header says of
 * each; the rules that annotations break are in unit/proxy/upstream/parts_test.
 */
#include "proxy/rpc/mirrored_params.h"

#include "base/json.h"
#include "tests/unit/test.h"

static void finds_values_below_properties(void **state)
{
    struct mirrored_params params;
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(
        mirrored_params_read(
            &params,
            SPAN("{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"},\"b\":{"
                 "\"properties\":{\"c\":{\"type\":\"integer\",\"x-mcp-header\":\"C\"}}}}}"),
            SPAN("{\"b\":{\"c\":7}}"), &err),
        0);
    assert_int_equal(params.count, 2);
    assert_string_equal(params.items[0].header, "Mcp-Param-A");
    assert_int_equal(params.items[0].value.len, 0);
    assert_string_equal(params.items[1].header, "Mcp-Param-C");
    assert_span_equal(params.items[1].value, "7");
}

static void writes_what_a_header_says(void **state)
{
    static const struct {
        const char *value, *text;
        int result;
    } cases[] = {
        { "\"a\\u00fc\"", "a\xC3\xBC", 1 },
        { "1e1", "10", 1 },
        { "-0", "0", 1 },
        { "true", "true", 1 },
        { "null", "", 0 },
        { "", "", 0 },
        { "1.5", "", -1 },
        { "[]", "", -1 },
        { "9007199254740992", "", -1 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        CLEANUP(buf) struct buf out = BUF(MIRRORED_VALUE_BYTES);
        struct mirrored_param param = { .header = "Mcp-Param-A", .value = span_of(cases[i].value) };

        assert_int_equal(mirrored_param_text(&param, &out, NULL), cases[i].result);
        assert_string_equal(buf_str(&out), cases[i].text);
    }
}

static void refuses_broken_annotations(void **state)
{
    struct mirrored_params params;
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(
        mirrored_params_read(&params,
                             SPAN("{\"properties\":{\"a\":{\"type\":\"number\",\"x-mcp-header\":"
                                  "\"A\"}}}"),
                             SPAN_NONE, &err),
        -1);
    assert_int_equal(err.code, ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_values_below_properties),
        cmocka_unit_test(writes_what_a_header_says),
        cmocka_unit_test(refuses_broken_annotations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

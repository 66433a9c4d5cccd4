/*
 * Header values against the body's strings.
 */
#include "proxy/mcp/http_mirror.h"

#include "tests/unit/test.h"

static const struct {
    const char *header, *raw;
    bool equal;
} samples[] = {
    { "execute_code", "\"execute_code\"", true },
    { "execute_code", "\"execute\\u005fcode\"", true },
    { "Execute_code", "\"execute_code\"", false },
    { "", "\"\"", true },
    { "x", "5", false },
    { "=?base64?w7w=?=", "\"\xc3\xbc\"", true },
    { "=?base64?w7w=?=", "\"\\u00fc\"", true },
    { "=?base64?eA==?=", "\"x\"", true },
    { "=?base64?eHl6?=", "\"xyz\"", true },
    { "=?base64?"
      "?=",
      "\"\"", true },
    { "=?base64?eHl6?=", "\"xy\"", false },
    { "=?base64?eHl?=", "\"xy\"", false },
    { "=?base64?e!l6?=", "\"xyz\"", false },
    { "=?BASE64?eHl6?=", "\"xyz\"", false },
    { "=?base64?", "\"=?base64?\"", true },
};

static void compares_decoded(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(samples); i++) {
        if (http_mirror_equal(span_of(samples[i].header), span_of(samples[i].raw)) !=
            samples[i].equal)
            fail_msg("%s against %s", samples[i].header, samples[i].raw);
    }
}

static const struct {
    const char *header, *raw;
    bool equal;
} arguments[] = {
    { "eu", "\"eu\"", true },
    { "", "\"\"", true },
    { "=?base64?ZXU=?=", "\"eu\"", true },
    { "us", "\"eu\"", false },
    { "42", "42", true },
    { "42.0", "42", true },
    { "=?base64?NDI=?=", "42", true },
    { "43", "42", false },
    { "42x", "42", false },
    { "", "42", false },
    { "true", "true", true },
    { "True", "true", false },
    { "1", "true", false },
    { "=?base64?!?=", "42", false },
    { "42.0", "\"42\"", false },
};

static void compares_arguments(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(arguments); i++) {
        if (http_mirror_equal_argument(span_of(arguments[i].header), span_of(arguments[i].raw)) !=
            arguments[i].equal)
            fail_msg("%s against %s", arguments[i].header, arguments[i].raw);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_decoded),
        cmocka_unit_test(compares_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

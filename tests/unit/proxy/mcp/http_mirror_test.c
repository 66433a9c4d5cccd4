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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_decoded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

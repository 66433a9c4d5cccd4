/*
 * The parts that need no server: headers, mirrored arguments, lines, the
 * environment, URLs.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proxy/upstream/headers.h"
#include "proxy/upstream/http_url.h"
#include "proxy/upstream/line_reader.h"
#include "proxy/upstream/param_headers.h"
#include "proxy/upstream/server_environment.h"
#include "tests/unit/test.h"

struct pair {
    const char *from, *to;
};

static void encodes_what_a_header_cannot_hold(void **state)
{
    static const struct pair values[] = {
        { "plain", "X: plain" },
        { "two words", "X: two words" },
        { "", "X: " },
        { " leading", "X: =?base64?IGxlYWRpbmc=?=" },
        { "caf\xc3\xa9", "X: =?base64?Y2Fmw6k=?=" },
        { "a\r\nEvil: 1", "X: =?base64?YQ0KRXZpbDogMQ==?=" },
        { "=?base64?eA==?=", "X: =?base64?PT9iYXNlNjQ/ZUE9PT89?=" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
        CLEANUP(header_list) struct header_list list = { 0 };
        struct err err = ERR_INIT;

        assert_int_equal(header_list_add_encoded(&list, "X", span_of(values[i].from), &err), 0);
        assert_string_equal(list.lines[0], values[i].to);
    }
}

static void refuses_header_injection(void **state)
{
    CLEANUP(header_list) struct header_list list = { 0 };
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(header_list_add(&list, "X", SPAN("secret\r\nEvil: 1"), &err), -1);
    assert_null(strstr(err.text, "secret"));
    assert_int_equal(header_list_add(&list, "X: y", SPAN("1"), &err), -1);
    assert_int_equal(header_list_add(&list, "", SPAN("1"), &err), -1);
    assert_int_equal(list.count, 0);
}

#define SCHEMA(properties) "{\"type\":\"object\",\"properties\":{" properties "}}"

static const char *const faulty_schemas[] = {
    SCHEMA("\"a\":{\"type\":\"number\",\"x-mcp-header\":\"A\"}"),
    SCHEMA("\"a\":{\"type\":\"string\",\"x-mcp-header\":\"\"}"),
    SCHEMA("\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A b\"}"),
    SCHEMA("\"a\":{\"type\":\"string\",\"x-mcp-header\":7}"),
    SCHEMA("\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"},"
           "\"b\":{\"type\":\"string\",\"x-mcp-header\":\"a\"}"),
    SCHEMA("\"a\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}"),
    "{\"anyOf\":[{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}}]}",
};

static void finds_faulty_annotations(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(faulty_schemas); i++) {
        if (param_headers_check(span_of(faulty_schemas[i]), &err) == 0)
            fail_msg("accepted: %s", faulty_schemas[i]);
    }
    assert_int_equal(param_headers_check(SPAN("{\"type\":\"object\"}"), &err), 0);
    assert_int_equal(param_headers_check(SPAN_NONE, &err), 0);
}

static void mirrors_arguments(void **state)
{
    static const char schema[] =
        SCHEMA("\"region\":{\"type\":\"string\",\"x-mcp-header\":\"Region\"},"
               "\"n\":{\"type\":\"integer\",\"x-mcp-header\":\"N\"},"
               "\"on\":{\"type\":\"boolean\",\"x-mcp-header\":\"On\"},"
               "\"none\":{\"type\":\"string\",\"x-mcp-header\":\"None\"},"
               "\"null\":{\"type\":\"string\",\"x-mcp-header\":\"Null\"},"
               "\"deep\":{\"type\":\"object\",\"properties\":{"
               "\"x-mcp-header\":{\"type\":\"string\",\"x-mcp-header\":\"Deep\"}}}");
    static const char arguments[] = "{\"region\":\"eu\",\"n\":42,\"on\":true,\"null\":null,"
                                    "\"deep\":{\"x-mcp-header\":\"\\u00e9\"}}";
    static const char *const expected[] = { "Mcp-Param-Region: eu", "Mcp-Param-N: 42",
                                            "Mcp-Param-On: true",
                                            "Mcp-Param-Deep: =?base64?w6k=?=" };
    CLEANUP(header_list) struct header_list list = { 0 };
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(param_headers_check(SPAN(schema), &err), 0);
    assert_int_equal(param_headers_add(&list, SPAN(schema), SPAN(arguments), &err), 0);
    assert_int_equal(list.count, ARRAY_COUNT(expected));
    for (size_t i = 0; i < list.count; i++)
        assert_string_equal(list.lines[i], expected[i]);
}

static void refuses_arguments_no_header_can_hold(void **state)
{
    static const char schema[] = SCHEMA("\"n\":{\"type\":\"integer\",\"x-mcp-header\":\"N\"}");
    static const char *const arguments[] = { "{\"n\":9007199254740992}", "{\"n\":1.5}",
                                             "{\"n\":[1]}" };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(arguments); i++) {
        CLEANUP(header_list) struct header_list list = { 0 };
        struct err err = ERR_INIT;

        assert_int_equal(param_headers_add(&list, SPAN(schema), span_of(arguments[i]), &err), -1);
    }
}

static void print_line(void *ctx, struct span line, bool cut)
{
    buf_printf(ctx, "%zu%s:%.*s|", line.len, cut ? "!" : "", line.len < 20 ? (int)line.len : 3,
               line.data);
}

static void feed_lines(struct span text, size_t step, struct buf *out)
{
    struct line_reader reader;

    line_reader_init(&reader, 2048, print_line, out);
    while (text.len) {
        size_t len = step < text.len ? step : text.len;

        line_reader_feed(&reader, span_make(text.data, len));
        text = span_skip(text, len);
    }
    line_reader_end(&reader);
    line_reader_done(&reader);
}

static void cuts_lines_however_they_come(void **state)
{
    CLEANUP(buf) struct buf text = BUF(20000);
    static const size_t long_lines[] = { 2048, 2049, 9000 };

    (void)state;
    buf_add_str(&text, "one\r\n\ntwo\n");
    for (size_t i = 0; i < ARRAY_COUNT(long_lines); i++) {
        for (size_t k = 0; k < long_lines[i]; k++)
            buf_add_char(&text, "abc"[k % 3]);
        buf_add_char(&text, '\n');
    }
    buf_add_str(&text, "end");
    for (size_t step = 1; step < 3000; step = step * 3 + 1) {
        CLEANUP(buf) struct buf out = BUF(20000);

        feed_lines(buf_span(&text), step, &out);
        assert_string_equal(buf_str(&out), "3:one|0:|3:two|2048:abc|1280!:abc|1280!:abc|3:end|");
    }
}

static void gives_children_few_variables(void **state)
{
    struct config_pair env[] = { { .name = xstrdup("TOKEN"), .value = xstrdup("abcdef123") },
                                 { .name = xstrdup("HOME"), .value = xstrdup("/other") } };
    struct server_config server = { .env = env, .env_count = ARRAY_COUNT(env) };
    struct server_environment environment;
    unsigned homes = 0;

    (void)state;
    setenv("MCPFOLD_TEST_SECRET", "x", 1);
    environment = server_environment_of(&server);
    for (char **pair = environment.pairs; *pair; pair++) {
        assert_null(strstr(*pair, "MCPFOLD_TEST_SECRET"));
        homes += strncmp(*pair, "HOME=", 5) == 0;
    }
    assert_int_equal(homes, 1);
    server_environment_done(&environment);
    for (size_t i = 0; i < ARRAY_COUNT(env); i++) {
        free(env[i].name);
        free(env[i].value);
    }
}

static void hides_secrets(void **state)
{
    struct config_pair env[] = { { .name = xstrdup("A"), .value = xstrdup("secret") },
                                 { .name = xstrdup("B"), .value = xstrdup("secret-and-more") },
                                 { .name = xstrdup("C"), .value = xstrdup("1") } };
    struct server_config server = { .env = env, .env_count = ARRAY_COUNT(env) };
    CLEANUP(buf) struct buf out = BUF(1000);

    (void)state;
    server_environment_hide_secrets(&server, SPAN("1 secret, secret-and-more."), &out);
    assert_string_equal(buf_str(&out), "1 ***, ***.");
    for (size_t i = 0; i < ARRAY_COUNT(env); i++) {
        free(env[i].name);
        free(env[i].value);
    }
}

struct reference {
    const char *base, *reference, *result;
};

static void keeps_to_one_origin(void **state)
{
    static const struct reference rows[] = {
        { "http://a:80/x/sse", "/message?s=1", "http://a:80/message?s=1" },
        { "http://a/x/sse", "message", "http://a/x/message" },
        { "http://a/x", "http://A:80/y", "http://A:80/y" },
        { "http://a/x", "http://b/y", NULL },
        { "http://a/x", "https://a/y", NULL },
        { "http://a/x", "http://a:81/y", NULL },
        { "http://a/x", "//b/y", NULL },
        { "http://a/x", "file:///etc/passwd", NULL },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        CLEANUP(str) char *url = http_same_origin_url(rows[i].base, rows[i].reference);

        if (!rows[i].result && url)
            fail_msg("%s leads to %s", rows[i].reference, url);
        if (rows[i].result) {
            assert_non_null(url);
            assert_string_equal(url, rows[i].result);
        }
    }
}

static void shows_urls_without_secrets(void **state)
{
    CLEANUP(str) char *url = http_url_for_people("https://u:p@host/path?key=secret#f");
    CLEANUP(str) char *none = http_url_for_people("::");

    (void)state;
    assert_string_equal(url, "https://host/path");
    assert_string_equal(none, "(not a URL)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_what_a_header_cannot_hold),
        cmocka_unit_test(refuses_header_injection),
        cmocka_unit_test(finds_faulty_annotations),
        cmocka_unit_test(mirrors_arguments),
        cmocka_unit_test(refuses_arguments_no_header_can_hold),
        cmocka_unit_test(cuts_lines_however_they_come),
        cmocka_unit_test(gives_children_few_variables),
        cmocka_unit_test(hides_secrets),
        cmocka_unit_test(keeps_to_one_origin),
        cmocka_unit_test(shows_urls_without_secrets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

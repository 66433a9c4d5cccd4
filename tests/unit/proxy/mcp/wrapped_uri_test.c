/*
 * URIs of servers as clients see them: each reads back, whatever it is.
 */
#include "proxy/mcp/wrapped_uri.h"
#include "tests/unit/test.h"

static void assert_wrapped(const char *key, const char *uri, const char *expected)
{
    CLEANUP(buf) struct buf out = BUF(WRAPPED_URI_BYTES);
    CLEANUP(buf) struct buf read_key = BUF(1024), read_uri = BUF(WRAPPED_INNER_BYTES);

    assert_int_equal(wrapped_uri_write(&out, key, span_of(uri)), 0);
    assert_string_equal(buf_str(&out), expected);
    assert_int_equal(wrapped_uri_read(buf_span(&out), &read_key, &read_uri), 0);
    assert_string_equal(buf_str(&read_key), key);
    assert_string_equal(buf_str(&read_uri), uri);
}

static void stays_readable(void **state)
{
    (void)state;
    assert_wrapped("files", "file:///srv/a.txt", "mcpfold://servers/files/file:///srv/a.txt");
    assert_wrapped("web", "https://x.org/a%20b?q=1&r=%3F#top",
                   "mcpfold://servers/web/https://x.org/a%20b?q=1&r=%3F#top");
    assert_wrapped("a/b c", "demo://1", "mcpfold://servers/a%2Fb%20c/demo://1");
    assert_wrapped("results", "note", "mcpfold://servers/results/note");
    assert_wrapped("k", "/abs", "mcpfold://servers/k//abs");
    assert_wrapped("k", "mcpfold://servers/x/y:z", "mcpfold://servers/k/mcpfold://servers/x/y:z");
}

static void encodes_what_is_no_uri(void **state)
{
    (void)state;
    assert_wrapped("k", "a b", "mcpfold://servers/k/~a%20b");
    assert_wrapped("k", "50%", "mcpfold://servers/k/~50%25");
    assert_wrapped("k", "~x", "mcpfold://servers/k/~~x");
    assert_wrapped("k", "x:\xC3\xBC", "mcpfold://servers/k/~x%3A%C3%BC");
    assert_wrapped("k", "a#b#c", "mcpfold://servers/k/~a%23b%23c");
    assert_wrapped("k", "http://[::1]/", "mcpfold://servers/k/~http%3A%2F%2F%5B%3A%3A1%5D%2F");
    assert_wrapped("k", "a%zz", "mcpfold://servers/k/~a%25zz");
}

static void hides_segments_that_clients_resolve(void **state)
{
    (void)state;
    assert_wrapped("k", "file:///a/../b", "mcpfold://servers/k/~file%3A%2F%2F%2Fa%2F..%2Fb");
    assert_wrapped("k", "file:///a/%2e%2E", "mcpfold://servers/k/~file%3A%2F%2F%2Fa%2F%252e%252E");
    assert_wrapped("k", "./x", "mcpfold://servers/k/~.%2Fx");
    assert_wrapped("k", "file:///a.b/..c", "mcpfold://servers/k/file:///a.b/..c");
    assert_wrapped("k", "x?a/../b", "mcpfold://servers/k/x?a/../b");
}

static void keeps_templates(void **state)
{
    CLEANUP(buf) struct buf out = BUF(WRAPPED_URI_BYTES);

    (void)state;
    assert_int_equal(wrapped_uri_write_template(&out, "k", SPAN("x://{+path}/{id}{?q}")), 0);
    assert_string_equal(buf_str(&out), "mcpfold://servers/k/x://{+path}/{id}{?q}");
    assert_int_equal(wrapped_uri_write_template(&out, "k", SPAN("~{x}")), -1);
}

static void refuses_others(void **state)
{
    static const char *const others[] = {
        "",
        "file:///x",
        "mcpfold://servers/",
        "mcpfold://servers/k",
        "mcpfold://servers/k/",
        "mcpfold://servers//x",
        "mcpfold://servers/k/~",
        "mcpfold://servers/k/~%00",
        "mcpfold://servers/k%00/x",
        "mcpfold://results/abc",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(others); i++) {
        CLEANUP(buf) struct buf key = BUF(1024), uri = BUF(WRAPPED_INNER_BYTES);

        assert_int_equal(wrapped_uri_read(span_of(others[i]), &key, &uri), -1);
    }
}

static void bounds_what_is_long(void **state)
{
    CLEANUP(buf)
    struct buf out = BUF(WRAPPED_URI_BYTES), key = BUF(64), uri = BUF(WRAPPED_URI_BYTES);
    char *text = xcalloc(1, WRAPPED_INNER_BYTES + 2);

    (void)state;
    memset(text, ' ', WRAPPED_INNER_BYTES + 1);
    assert_int_equal(wrapped_uri_write(&out, "k", span_of(text)), -1);
    text[WRAPPED_INNER_BYTES] = '\0';
    assert_int_equal(wrapped_uri_write(&out, "k", span_of(text)), 0);
    assert_int_equal(wrapped_uri_read(buf_span(&out), &key, &uri), 0);
    assert_int_equal(uri.len, WRAPPED_INNER_BYTES);
    assert_int_equal(wrapped_uri_write(&out, "k", SPAN_NONE), -1);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stays_readable),
        cmocka_unit_test(encodes_what_is_no_uri),
        cmocka_unit_test(hides_segments_that_clients_resolve),
        cmocka_unit_test(keeps_templates),
        cmocka_unit_test(refuses_others),
        cmocka_unit_test(bounds_what_is_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

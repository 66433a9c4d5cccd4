/*
 * Single members of foreign JSON replaced; the rest byte for byte.  And whose a
 * URI is by the templates of a server.
 */
#include "proxy/mcp/rewrite.h"

#include "base/json.h"
#include "proxy/mcp/owner.h"
#include "tests/unit/test.h"

static void replaces_one_member(void **state)
{
    CLEANUP(buf) struct buf out = BUF(1024);

    (void)state;
    rewrite_member(&out, SPAN("{ \"a\" : 1.50 , \"n\\u0061me\": \"x\", \"z\":[ 1 ]}"), "name",
                   SPAN("\"y\""));
    assert_string_equal(buf_str(&out), "{\"a\":1.50,\"n\\u0061me\":\"y\",\"z\":[ 1 ]}");
    buf_clear(&out);
    rewrite_member(&out, SPAN("{\"a\":1}"), "name", SPAN("2"));
    assert_string_equal(buf_str(&out), "{\"a\":1}");
    buf_clear(&out);
    rewrite_member(&out, SPAN("[1]"), "name", SPAN("2"));
    assert_string_equal(buf_str(&out), "[1]");
}

static void keeps_what_vendors_say(void **state)
{
    CLEANUP(buf) struct buf out = BUF(1024);

    (void)state;
    rewrite_meta(&out,
                 SPAN("{\"progressToken\":1,\"io.modelcontextprotocol/serverInfo\":{},"
                      "\"x.org/a\":1,\"io.modelcontextprotocol\\u002fx\":2,\"b\":{\"c\":1}}"));
    assert_string_equal(buf_str(&out), "\"x.org/a\":1,\"b\":{\"c\":1}");
    buf_clear(&out);
    rewrite_meta(&out, SPAN("[1]"));
    assert_string_equal(buf_str(&out), "");
    rewrite_result(&out,
                   SPAN("{\"resultType\":\"complete\",\"tools\":[],\"ttlMs\":1,\"cacheScope\":"
                        "\"public\",\"_meta\":{},\"nextCursor\":\"c\"}"),
                   (const char *const[]){ "tools", NULL });
    assert_string_equal(buf_str(&out), "\"nextCursor\":\"c\"");
}

static void wraps_resources(void **state)
{
    CLEANUP(buf) struct buf out = BUF(1024);

    (void)state;
    rewrite_resource(&out, "k", SPAN("{\"uri\":\"a:b\",\"name\":\"n\"}"), false);
    rewrite_resource(&out, "k", SPAN("{\"name\":\"has none\"}"), false);
    rewrite_resource(&out, "k", SPAN("{\"uriTemplate\":\"a:{b}\",\"_meta\":{\"v\":1}}"), true);
    assert_string_equal(buf_str(&out),
                        "{\"uri\":\"mcpfold://servers/k/a:b\",\"name\":\"n\"},"
                        "{\"uriTemplate\":\"mcpfold://servers/k/a:{b}\",\"_meta\":{\"v\":1}}");
}

static void finds_templates_that_fit(void **state)
{
    static const struct {
        const char *uri_template, *uri;
        bool fits;
    } cases[] = {
        { "x://{id}", "x://1", true },
        { "x://{id}/data", "x://1/data", true },
        { "x://{id}/data", "x://1/date", false },
        { "x://{a}/{b}{?q}", "x://1/2?q=3", true },
        { "x://{a}/mid/{b}", "x://1/2", false },
        { "x://plain", "x://plain", true },
        { "x://plain", "x://plainer", false },
        { "{+any}", "x://1", false },
        { "x://{open", "x://1", true },
        { "x://", "", false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        assert_int_equal(owner_template_fits(span_of(cases[i].uri_template), span_of(cases[i].uri)),
                         cases[i].fits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaces_one_member),
        cmocka_unit_test(keeps_what_vendors_say),
        cmocka_unit_test(wraps_resources),
        cmocka_unit_test(finds_templates_that_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

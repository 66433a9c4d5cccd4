/*
 * Hosts, origins, tokens and media types.
 */
#include "proxy/mcp/http_guard.h"

#include "tests/unit/test.h"

static char loopback[] = "127.0.0.1", everywhere[] = "0.0.0.0", named[] = "mcp.example.com";

static struct config config_on(char *host, char **allowed)
{
    return (struct config){ .listen_host = host, .allowed_hosts = allowed };
}

static void loopback_takes_its_own_names_only(void **state)
{
    struct config config = config_on(loopback, NULL);

    (void)state;
    assert_true(guard_host(&config, SPAN("localhost")));
    assert_true(guard_host(&config, SPAN("LOCALHOST:8787")));
    assert_true(guard_host(&config, SPAN("127.0.0.1:1")));
    assert_true(guard_host(&config, SPAN("[::1]:8787")));
    assert_true(guard_host(&config, SPAN("[::1]")));
    assert_false(guard_host(&config, SPAN("evil.example")));
    assert_false(guard_host(&config, SPAN("localhost.evil.example")));
    assert_false(guard_host(&config, SPAN("localhost:80:80")));
    assert_false(guard_host(&config, SPAN("localhost:80@evil.example")));
    assert_false(guard_host(&config, SPAN("[::1")));
    assert_false(guard_host(&config, SPAN("[::1]x")));
    assert_false(guard_host(&config, SPAN("")));
    assert_false(guard_host(&config, SPAN_NONE));
    assert_false(guard_host(&config, SPAN(":80")));
}

static void allowed_hosts_are_taken_too(void **state)
{
    char *allowed[] = { named, NULL };
    struct config config = config_on(everywhere, allowed);

    (void)state;
    assert_true(guard_host(&config, SPAN("MCP.example.com:443")));
    assert_true(guard_host(&config, SPAN("localhost")));
    assert_false(guard_host(&config, SPAN("other.example.com")));
    assert_true(guard_origin(&config, SPAN("https://mcp.example.com"), SPAN("mcp.example.com")));
    assert_false(guard_origin(&config, SPAN("https://other.example"), SPAN("other.example")));
}

static void another_address_without_a_list_takes_any_host_but_only_its_own_origin(void **state)
{
    struct config config = config_on(everywhere, NULL);

    (void)state;
    assert_true(guard_host(&config, SPAN("whatever.example:80")));
    assert_true(guard_origin(&config, SPAN("https://a.example"), SPAN("a.example:443")));
    assert_false(guard_origin(&config, SPAN("https://b.example"), SPAN("a.example")));
}

static void origins_are_web_addresses(void **state)
{
    struct config config = config_on(loopback, NULL);

    (void)state;
    assert_true(guard_origin(&config, SPAN("http://localhost:3000"), SPAN("localhost")));
    assert_true(guard_origin(&config, SPAN("http://[::1]:3000"), SPAN("localhost")));
    assert_false(guard_origin(&config, SPAN("null"), SPAN("localhost")));
    assert_false(guard_origin(&config, SPAN("file://localhost"), SPAN("localhost")));
    assert_false(guard_origin(&config, SPAN("http://localhost.evil.example"), SPAN("localhost")));
    assert_false(guard_origin(&config, SPAN("http://evil.example"), SPAN("evil.example")));
    assert_false(guard_origin(&config, SPAN("http://localhost/path"), SPAN("localhost")));
}

static void tokens_open_the_door(void **state)
{
    char first[] = "one", second[] = "two-two";
    char *tokens[] = { first, second, NULL };
    struct config config = { .tokens = tokens }, open = { .tokens = NULL };

    (void)state;
    assert_int_equal(guard_principal(&open, SPAN_NONE), 0);
    assert_int_equal(guard_principal(&config, SPAN("Bearer one")), 0);
    assert_int_equal(guard_principal(&config, SPAN("bearer   two-two ")), 1);
    assert_int_equal(guard_principal(&config, SPAN("Bearer onE")), -1);
    assert_int_equal(guard_principal(&config, SPAN("Bearer on")), -1);
    assert_int_equal(guard_principal(&config, SPAN("Bearer ")), -1);
    assert_int_equal(guard_principal(&config, SPAN("Bearer")), -1);
    assert_int_equal(guard_principal(&config, SPAN("Basic one")), -1);
    assert_int_equal(guard_principal(&config, SPAN_NONE), -1);
}

static void an_empty_token_opens_nothing(void **state)
{
    char empty[] = "";
    char *tokens[] = { empty, NULL };
    struct config config = { .tokens = tokens };

    (void)state;
    assert_int_equal(guard_principal(&config, SPAN("Bearer ")), -1);
    assert_int_equal(guard_principal(&config, SPAN_NONE), -1);
}

static void media_types_may_have_parameters(void **state)
{
    (void)state;
    assert_true(guard_is_json(SPAN("application/json")));
    assert_true(guard_is_json(SPAN("Application/JSON ; charset=utf-8")));
    assert_false(guard_is_json(SPAN("application/jsonp")));
    assert_false(guard_is_json(SPAN("text/plain; application/json")));
    assert_false(guard_is_json(SPAN_NONE));
    assert_true(guard_accepts(SPAN("application/json, text/event-stream"), "text/event-stream"));
    assert_true(guard_accepts(SPAN("text/html,application/json;q=0.9"), "application/json"));
    assert_true(guard_accepts(SPAN("*/*"), "text/event-stream"));
    assert_true(guard_accepts(SPAN("text/*"), "text/event-stream"));
    assert_true(guard_accepts(SPAN_NONE, "application/json"));
    assert_false(guard_accepts(SPAN("text/*"), "application/json"));
    assert_false(guard_accepts(SPAN("application/json"), "text/event-stream"));
    assert_false(guard_accepts(SPAN("texts/*"), "text/event-stream"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loopback_takes_its_own_names_only),
        cmocka_unit_test(allowed_hosts_are_taken_too),
        cmocka_unit_test(another_address_without_a_list_takes_any_host_but_only_its_own_origin),
        cmocka_unit_test(origins_are_web_addresses),
        cmocka_unit_test(tokens_open_the_door),
        cmocka_unit_test(an_empty_token_opens_nothing),
        cmocka_unit_test(media_types_may_have_parameters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

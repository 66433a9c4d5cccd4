/*
 * Prompts, resources, completions and tools of servers as clients see them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"
#include "tests/unit/proxy/mcp/endpoint.h"
#include "tests/unit/test.h"

static char files_key[] = "files", git_key[] = "git";
static struct server_config configured[] = { { .key = files_key }, { .key = git_key } };

static const struct fake_server servers[] = {
    { "files",
      "[{\"name\":\"read\",\"inputSchema\":{\"type\":\"object\"},\"outputSchema\":{\"type\":"
      "\"array\"},\"x-vendor\":{\"a\": "
      "1}},{\"name\":\"write\",\"inputSchema\":{\"type\":\"object\"}}]",
      "[{\"uri\":\"file:///a\",\"name\":\"a\",\"size\":1}]",
      "[{\"uriTemplate\":\"file:///{path}\",\"name\":\"t\"}]",
      "[{\"name\":\"sum\",\"title\":\"Sum\",\"arguments\":[{\"name\":\"x\"}]}]" },
    { "git", "[{\"name\":\"log\",\"inputSchema\":{\"type\":\"object\"}}]",
      "[{\"uri\":\"git://head\",\"name\":\"h\"}]", NULL, "[{\"name\":\"sum\"}]" },
};

static int set_up(void **state)
{
    if (endpoint_set_up(state) < 0)
        return -1;
    configured[1].isolation = ISOLATION_SHARED;
    w.config.servers = configured;
    w.config.server_count = ARRAY_COUNT(configured);
    w.config.expose = (struct expose_config){ .prompts = true, .resources = true };
    w.upstreams.capabilities = "{\"completions\":{},\"resources\":{\"subscribe\":true}}";
    fake_servers(&w, servers, ARRAY_COUNT(servers));
    return 0;
}

static void lists_prompts(void **state)
{
    (void)state;
    post_modern("prompts/list", NULL, "");
    expect(
        "\"prompts\":[{\"name\":\"files.sum\",\"title\":\"Sum\",\"arguments\":[{\"name\":\"x\"}]},"
        "{\"name\":\"git.sum\"}]");
    expect("\"ttlMs\":60000");
    post_modern("prompts/list", NULL, "\"cursor\":\"x\"");
    expect("-32602");
}

static void gets_a_prompt(void **state)
{
    (void)state;
    post_modern("prompts/get", "git.sum", "\"name\":\"git.sum\",\"arguments\":{\"x\": \"1.0\"}");
    wait_for_call("prompts/get");
    assert_string_equal(fake_call(&w, "prompts/get")->server, "git");
    assert_string_equal(fake_call(&w, "prompts/get")->params,
                        "{\"name\":\"sum\",\"arguments\":{\"x\": \"1.0\"}}");
    assert_non_null(strstr(fake_call(&w, "prompts/get")->meta, "x.org/v"));
    fake_result(
        &w, "prompts/get",
        "{\"description\":\"d\",\"messages\":[{\"role\":\"user\",\"content\":{\"type\":"
        "\"resource\",\"resource\":{\"uri\":\"git://1\",\"text\":\"t\"}}}],\"_meta\":{\"v\":"
        "1,\"io.modelcontextprotocol/serverInfo\":{\"name\":\"theirs\"}}}");
    expect(
        "\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"resource\",\"resource\":{\"uri\":"
        "\"mcpfold://servers/git/git://1\",\"text\":\"t\"}}}]");
    expect("\"description\":\"d\"");
    expect("\"_meta\":{\"v\":1,\"io.modelcontextprotocol/serverInfo\":{\"name\":\"mcpfold\"");
    expect_not("theirs");
    post_modern("prompts/get", "sum", "\"name\":\"sum\"");
    expect("Unknown prompt");
}

static void lists_resources_beside_ours(void **state)
{
    (void)state;
    post_modern("resources/list", NULL, "");
    expect(
        "\"resources\":[{\"uri\":\"mcpfold://servers/files/file:///a\",\"name\":\"a\",\"size\":1},"
        "{\"uri\":\"mcpfold://servers/git/git://head\",\"name\":\"h\"}]");
    post_modern("resources/templates/list", NULL, "");
    expect("\"resourceTemplates\":[{\"uriTemplate\":\"mcpfold://results/{id}{?offset}\"");
    expect("{\"uriTemplate\":\"mcpfold://servers/files/file:///{path}\",\"name\":\"t\"}]");
}

static void read_resource(const char *uri)
{
    CLEANUP(str) char *params = xasprintf("\"uri\":\"%s\"", uri);

    post_modern("resources/read", uri, params);
}

static void reads_a_resource(void **state)
{
    (void)state;
    read_resource("mcpfold://servers/files/file:///x%20y");
    wait_for_call("resources/read");
    assert_string_equal(fake_call(&w, "resources/read")->server, "files");
    assert_string_equal(fake_call(&w, "resources/read")->params, "{\"uri\":\"file:///x%20y\"}");
    fake_result(
        &w, "resources/read",
        "{\"contents\":[{\"uri\":\"file:///x%20y\",\"text\":\"hi\"}],\"ttlMs\":7,\"cacheScope\":"
        "\"public\"}");
    expect("\"contents\":[{\"uri\":\"mcpfold://servers/files/file:///x%20y\",\"text\":\"hi\"}]");
    expect("\"ttlMs\":7,\"cacheScope\":\"public\"");
    /* As the server wrote it, since only one has it. */
    read_resource("git://head");
    wait_for_call("resources/read");
    assert_string_equal(fake_call(&w, "resources/read")->server, "git");
    fake_error(&w, -32002, "gone", "{\"uri\":\"git://head\"}");
    expect("\"error\":{\"code\":-32602,\"message\":\"gone\",\"data\":{\"uri\":\"git://head\"}}");
    read_resource("mcpfold://servers/none/x");
    expect("Resource not found");
}

static void completes(void **state)
{
    (void)state;
    post_modern(
        "completion/complete", NULL,
        "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"files.sum\"},\"argument\":{\"name\":\"x\","
        "\"value\":\"1\"},\"context\":{\"arguments\":{\"y\":\"2\"}}");
    wait_for_call("completion/complete");
    assert_string_equal(
        fake_call(&w, "completion/complete")->params,
        "{\"ref\":{\"type\":\"ref/prompt\",\"name\":\"sum\"},\"argument\":{\"name\":"
        "\"x\",\"value\":\"1\"},\"context\":{\"arguments\":{\"y\":\"2\"}}}");
    fake_result(&w, "completion/complete", "{\"completion\":{\"values\":[\"12\"]}}");
    expect("\"completion\":{\"values\":[\"12\"]}");
    post_modern(
        "completion/complete", NULL,
        "\"ref\":{\"type\":\"ref/resource\",\"uri\":\"mcpfold://servers/files/file:///{path}\"},"
        "\"argument\":{\"name\":\"path\",\"value\":\"\"}");
    wait_for_call("completion/complete");
    assert_non_null(
        strstr(fake_call(&w, "completion/complete")->params, "\"uri\":\"file:///{path}\""));
    fake_error(&w, 0, "took too long", "");
    expect("-32603");
    expect("Server 'files': took too long");
    post_modern("completion/complete", NULL,
                "\"ref\":{\"type\":\"ref/resource\",\"uri\":\"mcpfold://results/"
                "{id}{?offset}\"},\"argument\":{}");
    expect("\"values\":[]");
    post_modern("completion/complete", NULL, "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"no\"}");
    expect("ref names no prompt");
    w.upstreams.capabilities = "{}";
    post_modern("completion/complete", NULL,
                "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"git.sum\"}");
    expect("-32601");
}

static void offers_nothing_that_is_off(void **state)
{
    (void)state;
    w.config.expose = (struct expose_config){ .prompts = false };
    post_modern("prompts/list", NULL, "");
    expect("HTTP/1.1 404");
    post_modern("resources/list", NULL, "");
    expect("\"resources\":[]");
    read_resource("mcpfold://servers/files/file:///a");
    expect("Resource not found");
    post_modern("server/discover", NULL, "");
    expect("\"capabilities\":{\"logging\":{},\"resources\":{},\"tools\":{\"listChanged\":true}}");
}

static void declares_what_is_on(void **state)
{
    (void)state;
    post_modern("server/discover", NULL, "");
    expect("\"capabilities\":{\"completions\":{},\"logging\":{},\"prompts\":{\"listChanged\":true},"
           "\"resources\":{\"subscribe\":true,\"listChanged\":true},\"tools\":{\"listChanged\":"
           "true}}");
}

/* ---- tools ---- */

static char there[] = "files.read", gone[] = "git.gone";
static char *pins[] = { there, gone, NULL };

static void pins_tools(void **state)
{
    (void)state;
    w.config.expose.tools = pins;
    post_modern("tools/list", NULL, "");
    expect("{\"name\":\"execute_code\"");
    expect(",{\"name\":\"files__read\",\"inputSchema\"");
    expect_not("files__write");
    post_modern("tools/call", "files__read", "\"name\":\"files__read\"");
    wait_for_call("tools/call");
    assert_string_equal(fake_call(&w, "tools/call")->params, "{\"name\":\"read\"}");
    fake_result(&w, "tools/call", "{\"content\":[],\"structuredContent\":[]}");
    expect("\"structuredContent\":[]");
    post_modern("tools/call", "files__write", "\"name\":\"files__write\"");
    expect("run code with execute_code");
    call_modern("1+1", "");
    expect("\"text\":\"1+1\"");
}

static void calls_in_direct_mode(void **state)
{
    (void)state;
    w.config.mode = OFFER_DIRECT;
    post_modern("tools/list", NULL, "");
    expect("\"tools\":[{\"name\":\"files__read\",\"inputSchema\":{\"type\":\"object\"},"
           "\"outputSchema\":{"
           "\"type\":\"array\"},\"x-vendor\":{\"a\": 1}},{\"name\":\"files__write\"");
    expect("{\"name\":\"git__log\"");
    expect_not("execute_code");
    post_modern("tools/call", "files__read",
                "\"name\":\"files__read\",\"arguments\":{\"n\":1.0e2}");
    wait_for_call("tools/call");
    assert_string_equal(fake_call(&w, "tools/call")->params,
                        "{\"name\":\"read\",\"arguments\":{\"n\":1.0e2}}");
    fake_result(&w, "tools/call",
                "{\"content\":[{\"type\":\"resource_link\",\"uri\":\"file:///b\",\"name\":\"b\"}],"
                "\"structuredContent\":[1],\"isError\":true,\"_meta\":{\"v\":2}}");
    expect("\"content\":[{\"type\":\"resource_link\",\"uri\":\"mcpfold://servers/files/file:///b\","
           "\"name\":\"b\"}],\"structuredContent\":[1],\"isError\":true");
    expect("\"_meta\":{\"v\":2,");
    post_modern("tools/call", "execute_code", "\"name\":\"execute_code\"");
    expect("Unknown tool");
    post_modern("tools/list", NULL, "\"cursor\":\"files__write\"");
    expect("\"tools\":[{\"name\":\"git__log\"");
    post_modern("tools/list", NULL, "\"cursor\":\"nothing\"");
    expect("Invalid cursor");
}

static void stands_results_in_objects_for_legacy_clients(void **state)
{
    (void)state;
    w.config.mode = OFFER_DIRECT;
    initialize("2025-11-25");
    post(session, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
    expect("\"outputSchema\":{\"type\":\"object\",\"properties\":{\"result\":{\"type\":\"array\"}},"
           "\"required\":[\"result\"]}");
    post(session, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":"
                  "\"files__read\"}}");
    wait_for_call("tools/call");
    fake_result(&w, "tools/call", "{\"structuredContent\":[1],\"resultType\":\"complete\"}");
    expect("\"content\":[{\"type\":\"text\",\"text\":\"[1]\"}],\"structuredContent\":{\"result\":["
           "1]}");
    expect_not("resultType");
}

static void takes_the_mode_of_the_address(void **state)
{
    (void)state;
    socket_client_clear(client);
    socket_client_sendf(
        client,
        "POST /mcp?mode=direct HTTP/1.1\r\n" COMMON "MCP-Protocol-Version: "
        "2026-07-28\r\nMcp-Method: tools/list\r\nContent-Length: %zu\r\n\r\n%s",
        strlen("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":" MODERN_META
               "}"),
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":" MODERN_META "}");
    expect("files__read");
    socket_client_clear(client);
    socket_client_sendf(client,
                        "POST /mcp?x=1&mode=all HTTP/1.1\r\n" COMMON "Content-Length: 2\r\n\r\n{}");
    expect("HTTP/1.1 400");
    expect("?mode= in the address must be code or direct");
}

static void cancels_what_it_asked_for(void **state)
{
    (void)state;
    read_resource("mcpfold://servers/files/file:///a");
    wait_for_call("resources/read");
    reconnect();
    run_for(w.loop, 50);
    assert_true(TAILQ_EMPTY(&w.upstreams.calls));
}

static void keeps_errors_of_the_hop_to_itself(void **state)
{
    static const int codes[] = { -32020, -32021, -32022, -32042 };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(codes); i++) {
        read_resource("mcpfold://servers/files/file:///a");
        wait_for_call("resources/read");
        fake_error(&w, codes[i], "no good", "{\"x\":1}");
        expect("HTTP/1.1 200");
        expect("\"error\":{\"code\":-32603,\"message\":\"Server 'files' ");
        expect_not("\"data\"");
    }
    read_resource("mcpfold://servers/files/file:///a");
    wait_for_call("resources/read");
    fake_error(&w, -32099 - 901, "own", "{\"x\": 1}");
    expect("\"error\":{\"code\":-33000,\"message\":\"own\",\"data\":{\"x\": 1}}");
}

static void call_region(const char *headers, const char *arguments)
{
    CLEANUP(str)
    char *lines = xasprintf(MODERN("tools/call", "Mcp-Name: web__get\r\n") "%s", headers);
    CLEANUP(str)
    char *body = xasprintf("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/call\",\"params\":{"
                           "\"name\":\"web__get\",\"arguments\":%s," ENVELOPE "}}}",
                           arguments);

    post(lines, body);
}

static void checks_headers_that_repeat_arguments(void **state)
{
    static const struct fake_server web = {
        .key = "web",
        .tools = "[{\"name\":\"get\",\"inputSchema\":{\"type\":\"object\",\"properties\":{"
                 "\"region\":{\"type\":\"string\",\"x-mcp-header\":\"Region\"},"
                 "\"level\":{\"type\":\"integer\",\"x-mcp-header\":\"Level\"}}}}]",
    };
    static const struct {
        const char *headers, *arguments;
        bool good;
    } cases[] = {
        { "Mcp-Param-Region: eu\r\n", "{\"region\":\"eu\"}", true },
        { "MCP-PARAM-REGION: =?base64?ZXU=?=\r\n", "{\"region\":\"eu\"}", true },
        { "Mcp-Param-Level: 2\r\n", "{\"level\":2.0,\"region\":null}", true },
        { "", "{}", true },
        { "", "{\"region\":\"eu\"}", false },
        { "Mcp-Param-Region: us\r\n", "{\"region\":\"eu\"}", false },
        { "Mcp-Param-Region: eu\r\n", "{}", false },
        { "Mcp-Param-Region: =?base64?!?=\r\n", "{\"region\":\"eu\"}", false },
        { "Mcp-Param-Level: two\r\n", "{\"level\":2}", false },
    };

    (void)state;
    w.config.mode = OFFER_DIRECT;
    fake_servers(&w, &web, 1);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        call_region(cases[i].headers, cases[i].arguments);
        if (!cases[i].good) {
            expect("HTTP/1.1 400");
            expect("-32020");
            continue;
        }
        wait_for_call("tools/call");
        fake_result(&w, "tools/call", "{\"content\":[]}");
        expect("HTTP/1.1 200");
    }
}

/* ---- changes ---- */

static void tells_of_subscribed_resources_alone(void **state)
{
    (void)state;
    initialize("2025-11-25");
    post(session,
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/subscribe\",\"params\":{\"uri\":"
         "\"mcpfold://servers/files/file:///a\"}}");
    expect("\"result\":{}");
    assert_string_equal(buf_str(&w.upstreams.watched), "+files file:///a\n");
    post(session,
         "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"resources/subscribe\",\"params\":{\"uri\":"
         "\"mcpfold://servers/none/file:///a\"}}");
    expect("-32002");
    socket_client_clear(client);
    socket_client_sendf(
        client, "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n%s\r\n",
        session);
    expect("text/event-stream");
    mcp_server_resource_updated(w.server, "git", SPAN_NONE, SPAN("{\"uri\":\"file:///a\"}"));
    mcp_server_resource_updated(w.server, "files", SPAN_NONE, SPAN("{\"uri\":\"file:///ab\"}"));
    mcp_server_resource_updated(w.server, "files", SPAN_NONE, SPAN("{\"uri\":\"file:///a/c\"}"));
    expect("\"notifications/resources/updated\",\"params\":{\"uri\":"
           "\"mcpfold://servers/files/file:///a/c\"}");
    expect_not("servers/git");
    expect_not("file:///ab");
    reconnect();
    post(session,
         "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"resources/unsubscribe\",\"params\":{\"uri\":"
         "\"mcpfold://servers/files/file:///a\"}}");
    expect("\"result\":{}");
    assert_string_equal(buf_str(&w.upstreams.watched), "+files file:///a\n-files file:///a\n");
}

/* The id in the header line of the session. */
static struct span session_id(void)
{
    const char *id = strchr(session, ' ') + 1;

    return span_make(id, strcspn(id, "\r"));
}

static void subscribe_to_git(void)
{
    post(session, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/subscribe\",\"params\":{"
                  "\"uri\":\"mcpfold://servers/git/git://head\"}}");
}

static void tell_git(struct span connection, const char *params)
{
    mcp_server_resource_updated(w.server, "git", connection, span_of(params));
}

/* isolation: session: what is told on other connections concerns others. */
static void subscribes_over_the_connection_of_the_session(void **state)
{
    CLEANUP(str) char *watched = NULL, *heard = NULL;

    (void)state;
    configured[1].isolation = ISOLATION_SESSION;
    initialize("2025-11-25");
    subscribe_to_git();
    expect("\"result\":{}");
    watched = xasprintf("+git git://head of %.*s\n", SPAN_ARG(session_id()));
    assert_string_equal(buf_str(&w.upstreams.watched), watched);
    assert_false(mcp_server_is_heard(w.server, session_id()));
    socket_client_clear(client);
    socket_client_sendf(
        client, "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n%s\r\n",
        session);
    expect("text/event-stream");
    heard = xasprintf("%.*s\n", SPAN_ARG(session_id()));
    assert_string_equal(buf_str(&w.upstreams.heard), heard);
    assert_true(mcp_server_is_heard(w.server, session_id()));
    assert_true(mcp_server_is_heard(w.server, SPAN("principal-0")));
    tell_git(SPAN("principal-0"), "{\"uri\":\"git://head/theirs\"}");
    tell_git(SPAN_NONE, "{\"uri\":\"git://head/shared\"}");
    mcp_server_session_lists(w.server, "git", session_id(), UPSTREAM_RESOURCES);
    tell_git(session_id(), "{\"uri\":\"git://head/ours\"}");
    expect("git://head/ours");
    expect_not("theirs");
    expect_not("shared");
    expect_not("list_changed");
    reconnect();
    run_for(w.loop, 50);
    assert_false(mcp_server_is_heard(w.server, session_id()));
}

static void listens_over_the_connection_of_the_principal(void **state)
{
    (void)state;
    configured[1].isolation = ISOLATION_SESSION;
    post_modern("subscriptions/listen", NULL,
                "\"notifications\":{\"resourceSubscriptions\":["
                "\"mcpfold://servers/git/git://head\"]}");
    expect("git://head");
    assert_string_equal(buf_str(&w.upstreams.watched), "+git git://head of principal-0\n");
    tell_git(SPAN("principal-1"), "{\"uri\":\"git://head/theirs\"}");
    tell_git(SPAN("principal-0"), "{\"uri\":\"git://head/ours\"}");
    expect("git://head/ours");
    expect_not("theirs");
    reconnect();
    run_for(w.loop, 50);
    assert_non_null(strstr(buf_str(&w.upstreams.watched), "-git git://head of principal-0\n"));
}

static void says_when_nothing_more_can_be_watched(void **state)
{
    (void)state;
    w.upstreams.full = true;
    initialize("2025-11-25");
    subscribe_to_git();
    expect("-32603");
    expect("no connection is left");
    reconnect();
    post_modern("subscriptions/listen", NULL,
                "\"notifications\":{\"resourceSubscriptions\":["
                "\"mcpfold://servers/git/git://head\"]}");
    expect("no connection is left");
    assert_int_equal(w.upstreams.watched.len, 0);
}

static void listens_to_lists_and_resources(void **state)
{
    (void)state;
    post_modern("prompts/list", NULL, "");
    expect("files.sum");
    post_modern("subscriptions/listen", NULL,
                "\"notifications\":{\"promptsListChanged\":true,\"resourcesListChanged\":false,"
                "\"resourceSubscriptions\":[\"mcpfold://servers/git/git://head\",\"x\"]}");
    expect("\"notifications\":{\"promptsListChanged\":true,\"resourceSubscriptions\":["
           "\"mcpfold://servers/git/git://head\"]}");
    assert_string_equal(buf_str(&w.upstreams.watched), "+git git://head\n");
    mcp_server_resource_updated(w.server, "git", SPAN_NONE, SPAN("{\"uri\":\"git://head\"}"));
    expect("\"params\":{\"uri\":\"mcpfold://servers/git/git://head\",\"_meta\":{"
           "\"io.modelcontextprotocol/subscriptionId\":5}}");
    fake_servers(&w, servers, 1);
    expect("notifications/prompts/list_changed");
    expect_not("notifications/resources/list_changed");
    reconnect();
    run_for(w.loop, 50);
    assert_string_equal(buf_str(&w.upstreams.watched), "+git git://head\n-git git://head\n");
}

#define EXPOSE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, endpoint_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EXPOSE_TEST(lists_prompts),
        EXPOSE_TEST(gets_a_prompt),
        EXPOSE_TEST(lists_resources_beside_ours),
        EXPOSE_TEST(reads_a_resource),
        EXPOSE_TEST(completes),
        EXPOSE_TEST(offers_nothing_that_is_off),
        EXPOSE_TEST(declares_what_is_on),
        EXPOSE_TEST(pins_tools),
        EXPOSE_TEST(calls_in_direct_mode),
        EXPOSE_TEST(stands_results_in_objects_for_legacy_clients),
        EXPOSE_TEST(takes_the_mode_of_the_address),
        EXPOSE_TEST(cancels_what_it_asked_for),
        EXPOSE_TEST(keeps_errors_of_the_hop_to_itself),
        EXPOSE_TEST(checks_headers_that_repeat_arguments),
        EXPOSE_TEST(tells_of_subscribed_resources_alone),
        EXPOSE_TEST(subscribes_over_the_connection_of_the_session),
        EXPOSE_TEST(listens_over_the_connection_of_the_principal),
        EXPOSE_TEST(says_when_nothing_more_can_be_watched),
        EXPOSE_TEST(listens_to_lists_and_resources),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * mode: passthrough: requests go to the one server as they are.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"
#include "tests/unit/proxy/mcp/endpoint.h"
#include "tests/unit/test.h"

static char key[] = "only";
static struct server_config configured[] = { { .key = key } };

static const struct fake_server server = {
    .key = "only",
    .tools = "[{\"name\":\"list\",\"inputSchema\":{\"type\":\"object\"},\"outputSchema\":{\"type\":"
             "\"array\"}}]",
};

static int set_up(void **state)
{
    if (endpoint_set_up(state) < 0)
        return -1;
    w.config.servers = configured;
    w.config.server_count = 1;
    w.config.mode = OFFER_PASSTHROUGH;
    w.upstreams.era = ERA_MODERN;
    w.upstreams.capabilities =
        "{\"tools\":{\"listChanged\":true},\"prompts\":{},\"resources\":{\"subscribe\":true},"
        "\"tasks\":{},\"extensions\":{\"io.modelcontextprotocol/ui\":{\"a\":1},\"x/y\":{}}}";
    fake_servers(&w, &server, 1);
    return 0;
}

static void says_what_its_server_can(void **state)
{
    (void)state;
    post_modern("server/discover", NULL, "");
    expect("\"capabilities\":{\"prompts\":{},\"resources\":{\"subscribe\":true},\"tools\":{"
           "\"listChanged\":true},\"extensions\":{\"io.modelcontextprotocol/ui\":{\"a\":1}}}");
    fake_change_catalogue(&w, "only");
    post_modern("server/discover", NULL, "");
    expect("Server 'only' is not available: it fell over");
    post("",
         "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
         "\"2025-11-25\",\"capabilities\":{}}}");
    expect("is not available");
    run_for(w.loop, 20);
}

static void passes_lists_with_their_pages(void **state)
{
    (void)state;
    post_modern("tools/list", NULL, "\"cursor\":\"c1\"");
    wait_for_call("tools/list");
    assert_string_equal(fake_call(&w, "tools/list")->params, "{\"cursor\":\"c1\"}");
    fake_result(
        &w, "tools/list",
        "{\"tools\":[{\"name\":\"a.b\",\"inputSchema\":{\"type\":\"object\",\"x-v\":1.0}},{"
        "\"name\":\"bad\",\"inputSchema\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":"
        "\"number\",\"x-mcp-header\":\"A\"}}}}],\"nextCursor\":\"c2\",\"ttlMs\":9}");
    expect("\"tools\":[{\"name\":\"a.b\",\"inputSchema\":{\"type\":\"object\",\"x-v\":1.0}}]");
    expect("\"nextCursor\":\"c2\"");
    expect("\"ttlMs\":9,\"cacheScope\":\"private\"");
    expect_not("bad");
}

/* isolation: session: its lists come over its own connection. */
static void tells_a_session_of_its_own_lists(void **state)
{
    (void)state;
    post_modern("subscriptions/listen", NULL,
                "\"notifications\":{\"toolsListChanged\":true,\"promptsListChanged\":true}");
    expect("\"notifications\":{\"toolsListChanged\":true}");
    mcp_server_session_lists(w.server, "only", SPAN("principal-1"), UPSTREAM_TOOLS);
    mcp_server_session_lists(w.server, "only", SPAN("principal-0"),
                             UPSTREAM_PROMPTS | UPSTREAM_RESOURCES);
    expect_not("list_changed");
    mcp_server_session_lists(w.server, "only", SPAN("principal-0"), UPSTREAM_TOOLS);
    expect("notifications/tools/list_changed");
    reconnect();
    initialize("2025-11-25");
    socket_client_clear(client);
    socket_client_sendf(
        client, "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n%s\r\n",
        session);
    expect("text/event-stream");
    mcp_server_session_lists(w.server, "only", SPAN("principal-0"), UPSTREAM_TOOLS);
    expect_not("list_changed");
    mcp_server_session_lists(w.server, "only", span_make(strchr(session, ' ') + 1, 32),
                             UPSTREAM_PROMPTS);
    expect("notifications/prompts/list_changed");
}

static void passes_questions_of_a_modern_server(void **state)
{
    (void)state;
    post_modern("tools/call", "list", "\"name\":\"list\",\"arguments\":{}");
    wait_for_call("tools/call");
    assert_true(fake_call(&w, "tools/call")->takes_input_required);
    fake_result(
        &w, "tools/call",
        "{\"resultType\":\"input_required\",\"inputRequests\":{\"k\":{\"method\":\"roots/list\","
        "\"params\":{}}},\"requestState\":\"theirs\"}");
    expect("\"resultType\":\"input_required\"");
    expect("\"inputRequests\":{\"k\":{\"method\":\"roots/"
           "list\",\"params\":{}}},\"requestState\":\"theirs\"");
    expect_not("content\":");
    post_modern("tools/call", "list",
                "\"name\":\"list\",\"arguments\":{},\"inputResponses\":{\"k\":{\"roots\":[]}},"
                "\"requestState\":"
                "\"theirs\"");
    wait_for_call("tools/call");
    assert_string_equal(
        fake_call(&w, "tools/call")->params,
        "{\"name\":\"list\",\"arguments\":{},\"inputResponses\":{\"k\":{\"roots\":[]}},"
        "\"requestState\":\"theirs\"}");
    fake_result(&w, "tools/call", "{\"resultType\":\"complete\",\"content\":[]}");
    expect("\"resultType\":\"complete\"");
}

/* A legacy server has no requestState, so one that comes would be ours. */
static void takes_retries_for_a_legacy_server_itself(void **state)
{
    (void)state;
    w.upstreams.era = ERA_LEGACY;
    post_modern("tools/call", "list", "\"name\":\"list\",\"requestState\":\"forged\"");
    expect("requestState is none of this server's");
    assert_true(TAILQ_EMPTY(&w.upstreams.calls));
}

static void tells_errors_as_the_server_does(void **state)
{
    (void)state;
    post_modern("tools/call", "x", "\"name\":\"x\"");
    wait_for_call("tools/call");
    fake_error(&w, -32602, "Tool x not found", "[1]");
    expect("HTTP/1.1 200");
    expect("\"error\":{\"code\":-32602,\"message\":\"Tool x not found\",\"data\":[1]}");
    post_modern("tools/call", "x", "\"name\":\"x\"");
    wait_for_call("tools/call");
    fake_error(&w, -32021, "needs sampling", "{\"requiredCapabilities\":{\"sampling\":{}}}");
    expect("HTTP/1.1 400");
    expect("\"code\":-32021");
    expect("\"data\":{\"requiredCapabilities\":{\"sampling\":{}}}");
    post_modern("prompts/list", NULL, "");
    wait_for_call("prompts/list");
    fake_error(&w, -32601, "Method not found", "");
    expect("HTTP/1.1 404");
    post_modern("tools/call", "x", "\"name\":\"x\"");
    wait_for_call("tools/call");
    fake_error(&w, -32020, "header", "");
    expect("HTTP/1.1 200");
    expect("-32603");
    post_modern("resources/read", "a:b", "\"uri\":\"a:b\"");
    wait_for_call("resources/read");
    fake_error(&w, -32002, "none", "");
    expect("\"error\":{\"code\":-32602,\"message\":\"none\",\"data\":{\"uri\":\"a:b\"}}");
}

static void subscribes_under_the_servers_own_uris(void **state)
{
    (void)state;
    initialize("2025-11-25");
    post(session,
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/subscribe\",\"params\":{\"uri\":"
         "\"a:b\"}}");
    expect("\"result\":{}");
    assert_string_equal(buf_str(&w.upstreams.watched), "+only a:b\n");
    post(session, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"resources/read\",\"params\":{\"uri\":"
                  "\"a:b\"}}");
    wait_for_call("resources/read");
    fake_result(
        &w, "resources/read",
        "{\"resultType\":\"complete\",\"contents\":[{\"uri\":\"a:b\",\"text\":\"t\"}],\"ttlMs\":1,"
        "\"cacheScope\":\"public\",\"_meta\":{\"io.modelcontextprotocol/x\":1}}");
    expect("\"result\":{\"contents\":[{\"uri\":\"a:b\",\"text\":\"t\"}]}}");
}

static void stands_results_in_objects_for_legacy_clients(void **state)
{
    (void)state;
    initialize("2025-06-18");
    post(session,
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"list\"}}");
    wait_for_call("tools/call");
    fake_result(&w, "tools/call", "{\"content\":[],\"structuredContent\":[1,2]}");
    expect("\"structuredContent\":{\"result\":[1,2]}");
    post(session, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}");
    wait_for_call("tools/list");
    fake_result(&w, "tools/list",
                "{\"tools\":[{\"name\":\"list\",\"inputSchema\":{},\"outputSchema\":{\"type\":"
                "\"array\"}}]}");
    expect("\"outputSchema\":{\"type\":\"object\",\"properties\":{\"result\":{\"type\":\"array\"}},"
           "\"required\":[\"result\"]}");
}

#define MIRROR_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, endpoint_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MIRROR_TEST(says_what_its_server_can),
        MIRROR_TEST(passes_lists_with_their_pages),
        MIRROR_TEST(tells_a_session_of_its_own_lists),
        MIRROR_TEST(passes_questions_of_a_modern_server),
        MIRROR_TEST(takes_retries_for_a_legacy_server_itself),
        MIRROR_TEST(tells_errors_as_the_server_does),
        MIRROR_TEST(subscribes_under_the_servers_own_uris),
        MIRROR_TEST(stands_results_in_objects_for_legacy_clients),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

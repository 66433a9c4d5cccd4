/*
 * The endpoint as a modern client sees it: statuses, headers and bodies.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"
#include "tests/unit/proxy/mcp/endpoint.h"
#include "tests/unit/test.h"

static void discovers_without_starting_anything(void **state)
{
    (void)state;
    post(MODERN("server/discover", ""),
         "{\"jsonrpc\":\"2.0\",\"id\":\"d\",\"method\":\"server/discover\",\"params\":" MODERN_META
         "}");
    expect("\"supportedVersions\":[\"2026-07-28\"]");
    expect("\"resultType\":\"complete\"");
    expect("\"ttlMs\":");
    expect("\"cacheScope\":\"public\"");
    expect("\"io.modelcontextprotocol/serverInfo\":{\"name\":\"mcpfold\",\"version\":\"1.2.3\"}");
    expect("HTTP/1.1 200 OK");
    assert_int_equal(w.starts, 0);
    assert_int_equal(w.upstreams.waits, 0);
}

static void lists_one_tool_when_upstreams_settle(void **state)
{
    (void)state;
    w.upstreams.hold = true;
    post(MODERN("tools/list", ""),
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":" MODERN_META "}");
    expect_not("HTTP/1.1");
    assert_int_equal(w.starts, 1);
    fake_settle(&w);
    expect("\"tools\":[{\"name\":\"execute_code\"");
    expect("\"ttlMs\":60000");
    assert_int_equal(w.upstreams.waits, 1);
}

static void runs_code_and_answers_json(void **state)
{
    (void)state;
    call_modern("1+1", "");
    expect("content-type: application/json");
    expect("\"content\":[{\"type\":\"text\",\"text\":\"1+1\"}],\"isError\":false");
    expect("\"mcpfold/run\":{\"run\":\"r1\"}");
    expect("\"id\":5");
    call_modern("fail", "");
    expect("\"isError\":true");
    call_modern("kept", "");
    expect("{\"type\":\"resource_link\",\"uri\":\"mcpfold://results/abc\"");
}

static void tells_progress_and_logs_on_a_stream(void **state)
{
    (void)state;
    call_modern("progress",
                ",\"progressToken\":\"p\",\"io.modelcontextprotocol/logLevel\":\"info\"");
    expect("content-type: text/event-stream");
    expect("x-accel-buffering: no");
    expect("{\"progressToken\":\"p\",\"progress\":1,\"total\":2,\"message\":\"half\"}");
    expect("\"progress\":2,\"total\":2,\"message\":\"done\"");
    expect("{\"level\":\"warning\",\"logger\":\"execute_code\",\"data\":\"careful\"}");
    expect("\"resultType\":\"complete\"");
    expect("0\r\n\r\n");
    expect_not("not more");
    expect_not("quiet");
}

static void tells_nothing_that_was_not_asked_for(void **state)
{
    (void)state;
    call_modern("progress", "");
    expect("content-type: application/json");
    expect("\"resultType\":\"complete\"");
    expect_not("notifications/");
}

static void tells_servers_logs(void **state)
{
    (void)state;
    call_modern("hold", ",\"io.modelcontextprotocol/logLevel\":\"notice\"");
    run_for(w.loop, 10);
    fake_server_log(&w, "files", "{\"level\":\"info\",\"data\":\"quiet\"}");
    fake_server_log(&w, "files", "{\"level\":\"loud\",\"data\":\"quiet\"}");
    fake_server_log(&w, "files", "{\"level\":\"notice\",\"logger\":\"db\",\"data\":{\"a\":1}}");
    fake_server_log(&w, "web", "{\"level\":\"error\",\"data\":[2]}");
    fake_end_held(&w);
    expect("{\"level\":\"notice\",\"logger\":\"files/db\",\"data\":{\"a\":1}}");
    expect("{\"level\":\"error\",\"logger\":\"web\",\"data\":[2]}");
    expect("released");
    expect_not("quiet");
}

static void the_clients_meta_goes_on(void **state)
{
    (void)state;
    call_modern("1", ",\"traceparent\":\"00-1\",\"a.b/c\":[1]");
    expect("\"resultType\":\"complete\"");
    assert_non_null(strstr(buf_str(&w.exec.meta), "\"traceparent\":\"00-1\",\"a.b/c\":[1]"));
    assert_string_equal(buf_str(&w.exec.capabilities), "{}");
}

static void closing_the_stream_cancels(void **state)
{
    (void)state;
    call_modern("hang", ",\"progressToken\":1");
    run_for(w.loop, 30);
    assert_int_equal(w.exec.running, 1);
    reconnect();
    run_for(w.loop, 30);
    assert_int_equal(w.exec.cancelled, 1);
    assert_int_equal(w.exec.running, 0);
}

static const struct {
    const char *name, *headers, *body, *status, *text;
} modern_faults[] = {
    { "not JSON", "", "{\"jsonrpc\":", " 400 ", "-32700" },
    { "no method", "", "{\"jsonrpc\":\"2.0\",\"id\":1}", " 400 ", "-32600" },
    { "unknown method", MODERN("no/such", ""),
      "{\"jsonrpc\":\"2.0\",\"id\":77,\"method\":\"no/such\",\"params\":" MODERN_META "}", " 404 ",
      "\"id\":77,\"error\":{\"code\":-32601" },
    { "removed method", MODERN("ping", ""),
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\",\"params\":" MODERN_META "}", " 404 ",
      "-32601" },
    { "initialize with a modern claim", MODERN("initialize", ""),
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"initialize\",\"params\":" MODERN_META "}",
      " 404 ", "-32601" },
    { "header without an envelope", MODERN("tools/list", ""),
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\"}", " 400 ", "-32602" },
    { "no capabilities", MODERN("tools/list", ""),
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\",\"params\":{\"_meta\":{"
      "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}}}",
      " 400 ", "-32602" },
    { "no version header", "Mcp-Method: tools/list\r\n",
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\",\"params\":" MODERN_META "}",
      " 400 ", "-32020" },
    { "another version header", "MCP-Protocol-Version: 2025-11-25\r\nMcp-Method: tools/list\r\n",
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\",\"params\":" MODERN_META "}",
      " 400 ", "-32020" },
    { "unknown version", "MCP-Protocol-Version: 2099-01-01\r\nMcp-Method: tools/list\r\n",
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\",\"params\":{\"_meta\":{"
      "\"io.modelcontextprotocol/protocolVersion\":\"2099-01-01\","
      "\"io.modelcontextprotocol/clientCapabilities\":{}}}}",
      " 400 ", "\"code\":-32022" },
    { "unknown version, data", "MCP-Protocol-Version: 2099-01-01\r\nMcp-Method: tools/list\r\n",
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\",\"params\":{\"_meta\":{"
      "\"io.modelcontextprotocol/protocolVersion\":\"2099-01-01\","
      "\"io.modelcontextprotocol/clientCapabilities\":{}}}}",
      " 400 ", "{\"supported\":[\"2026-07-28\"],\"requested\":\"2099-01-01\"}" },
    { "no method header", "MCP-Protocol-Version: 2026-07-28\r\n",
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\",\"params\":" MODERN_META "}",
      " 400 ", "-32020" },
    { "wrong method header", MODERN("tools/call", ""),
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\",\"params\":" MODERN_META "}",
      " 400 ", "-32020" },
    { "wrong name header", MODERN("tools/call", "Mcp-Name: other\r\n"),
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":"
      "\"execute_code\",\"arguments\":{\"code\":\"1\"}," ENVELOPE "}}}",
      " 400 ", "-32020" },
    { "unknown tool", MODERN("tools/call", "Mcp-Name: =?base64?b3RoZXI=?=\r\n"),
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"other\","
      "\"arguments\":{}," ENVELOPE "}}}",
      " 200 ", "-32602" },
    { "unknown log level", MODERN("tools/list", ""),
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\",\"params\":{" ENVELOPE
      ",\"io.modelcontextprotocol/logLevel\":\"loud\"}}}",
      " 400 ", "-32602" },
    { "a progress token that is an object", MODERN("tools/list", ""),
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\",\"params\":{" ENVELOPE
      ",\"progressToken\":{}}}}",
      " 400 ", "-32602" },
    { "a cursor that was never given", MODERN("tools/list", ""),
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/"
      "list\",\"params\":{\"cursor\":\"x\"," ENVELOPE "}}}",
      " 200 ", "-32602" },
    { "a resource that is not there",
      MODERN("resources/read", "Mcp-Name: mcpfold://results/none\r\n"),
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"resources/read\",\"params\":{\"uri\":"
      "\"mcpfold://results/none\"," ENVELOPE "}}}",
      " 200 ", "\"code\":-32602" },
    { "a batch with a modern claim", "",
      "[{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\",\"params\":" MODERN_META "}]",
      " 400 ", "-32600" },
};

static void answers_modern_mistakes_as_specified(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(modern_faults); i++) {
        post(modern_faults[i].headers, modern_faults[i].body);
        if (!socket_client_wait(client, modern_faults[i].text) ||
            !strstr(buf_str(&client->in), modern_faults[i].status))
            fail_msg("%s: %s", modern_faults[i].name, buf_str(&client->in));
    }
    assert_int_equal(w.exec.started, 0);
}

static void arguments_mistakes_are_for_the_model(void **state)
{
    static const struct {
        const char *arguments, *text;
    } samples[] = {
        { "{}", "code must be a string" },
        { "{\"code\":5}", "code must be a string" },
        { "[]", "arguments must be an object" },
        { "{\"code\":\"1\",\"timeout\":5}", "there is no argument 'timeout'" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(samples); i++) {
        CLEANUP(str)
        char *body = xasprintf(
            "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/call\",\"params\":{\"name\":"
            "\"execute_code\",\"arguments\":%s," ENVELOPE "}}}",
            samples[i].arguments);

        post(MODERN("tools/call", "Mcp-Name: execute_code\r\n"), body);
        expect(samples[i].text);
        expect("\"isError\":true");
    }
    assert_int_equal(w.exec.started, 0);
}

static void reads_resources(void **state)
{
    (void)state;
    post(MODERN("resources/read", "Mcp-Name: mcpfold://results/abc\r\n"),
         "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"resources/read\",\"params\":{\"uri\":"
         "\"mcpfold://results/abc\"," ENVELOPE "}}}");
    expect("\"contents\":[{\"uri\":\"mcpfold://results/abc\",\"mimeType\":\"text/plain\","
           "\"text\":\"the whole\"}]");
    expect("\"cacheScope\":\"private\"");
    post(MODERN("resources/list", ""),
         "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"resources/list\",\"params\":" MODERN_META "}");
    expect("\"resources\":[]");
    post(MODERN("resources/templates/list", ""),
         "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"resources/templates/list\","
         "\"params\":" MODERN_META "}");
    expect("mcpfold://results/{id}");
}

static void listens_for_changes(void **state)
{
    struct socket_client *listener = client;

    (void)state;
    post(MODERN("subscriptions/listen", ""),
         "{\"jsonrpc\":\"2.0\",\"id\":\"L\",\"method\":\"subscriptions/listen\",\"params\":{"
         "\"notifications\":{\"toolsListChanged\":true,\"promptsListChanged\":true}," ENVELOPE
         "}}}");
    expect("notifications/subscriptions/acknowledged\",\"params\":{\"notifications\":{"
           "\"toolsListChanged\":true},\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":"
           "\"L\"}}");
    client = socket_client_new(w.loop, mcp_http_port(http));
    post(MODERN("tools/list", ""),
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":" MODERN_META "}");
    expect("execute_code");
    fake_change_catalogue(&w, "fallen");
    assert_true(socket_client_wait(listener,
                                   "notifications/tools/list_changed\",\"params\":{\"_meta\":{"
                                   "\"io.modelcontextprotocol/subscriptionId\":\"L\"}}"));
    mcp_server_stop(w.server);
    assert_true(socket_client_wait(listener, "\"id\":\"L\",\"result\":{\"resultType\""));
    assert_true(socket_client_wait(listener, "0\r\n\r\n"));
    socket_client_free(listener);
}

static void takes_notifications_without_a_word(void **state)
{
    static const char bare[] = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
                               "\"params\":{\"requestId\":5}}";
    static const char claiming[] = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
                                   "\"params\":{\"requestId\":5," ENVELOPE "}}}";
    struct socket_client *caller = client;

    (void)state;
    call_modern("hold", "");
    run_for(w.loop, 20);
    client = socket_client_new(w.loop, mcp_http_port(http));
    post("MCP-Protocol-Version: 2026-07-28\r\n", bare);
    expect("HTTP/1.1 202 Accepted\r\ncontent-length: 0");
    post("MCP-Protocol-Version: 2026-07-28\r\n", claiming);
    expect("HTTP/1.1 202 Accepted\r\ncontent-length: 0");
    /* Over HTTP the end of the stream alone cancels: any client could name any id. */
    assert_int_equal(w.exec.cancelled, 0);
    fake_end_held(&w);
    assert_true(socket_client_wait(caller, "released"));
    socket_client_free(caller);
}

static void takes_no_answers(void **state)
{
    (void)state;
    post("MCP-Protocol-Version: 2026-07-28\r\n", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
    expect(" 400 ");
    expect("-32600");
}

static void ends_a_subscription_to_nothing(void **state)
{
    (void)state;
    post(MODERN("subscriptions/listen", ""),
         "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"subscriptions/listen\",\"params\":{"
         "\"notifications\":{\"promptsListChanged\":true}," ENVELOPE "}}}");
    expect("\"notifications\":{},");
    expect("\"id\":3,\"result\":");
    expect("0\r\n\r\n");
}

static void answers_json_only_clients_without_a_stream(void **state)
{
    static const char body[] =
        "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/call\",\"params\":{\"name\":"
        "\"execute_code\",\"arguments\":{\"code\":\"progress\"}," ENVELOPE
        ",\"progressToken\":1}}}";

    (void)state;
    socket_client_sendf(
        client,
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Accept: application/json\r\n%sContent-Length: %zu\r\n\r\n%s",
        MODERN("tools/call", "Mcp-Name: execute_code\r\n"), strlen(body), body);
    expect("content-type: application/json");
    expect("\"text\":\"progress\"");
    expect_not("notifications");
}

static void serves_large_results(void **state)
{
    (void)state;
    call_modern("big 12000000", "");
    expect("\"isError\":false");
    assert_true(client->in.len > 12000000);
}

static void serves_many_requests_at_once(void **state)
{
    struct socket_client *clients[30];

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(clients); i++) {
        struct socket_client *mine = client;

        clients[i] = client = socket_client_new(w.loop, mcp_http_port(http));
        call_modern(i % 2 ? "hang" : "quick", "");
        client = mine;
    }
    for (size_t i = 0; i < ARRAY_COUNT(clients); i += 2)
        assert_true(socket_client_wait(clients[i], "quick"));
    assert_int_equal(w.exec.started, 30);
    assert_int_equal(w.exec.running, 15);
    for (size_t i = 0; i < ARRAY_COUNT(clients); i++)
        socket_client_free(clients[i]);
    run_for(w.loop, 50);
    assert_int_equal(w.exec.cancelled, 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENDPOINT_TEST(discovers_without_starting_anything),
        ENDPOINT_TEST(lists_one_tool_when_upstreams_settle),
        ENDPOINT_TEST(runs_code_and_answers_json),
        ENDPOINT_TEST(tells_progress_and_logs_on_a_stream),
        ENDPOINT_TEST(tells_nothing_that_was_not_asked_for),
        ENDPOINT_TEST(tells_servers_logs),
        ENDPOINT_TEST(the_clients_meta_goes_on),
        ENDPOINT_TEST(closing_the_stream_cancels),
        ENDPOINT_TEST(answers_modern_mistakes_as_specified),
        ENDPOINT_TEST(arguments_mistakes_are_for_the_model),
        ENDPOINT_TEST(reads_resources),
        ENDPOINT_TEST(listens_for_changes),
        ENDPOINT_TEST(takes_notifications_without_a_word),
        ENDPOINT_TEST(takes_no_answers),
        ENDPOINT_TEST(ends_a_subscription_to_nothing),
        ENDPOINT_TEST(answers_json_only_clients_without_a_stream),
        ENDPOINT_TEST(serves_large_results),
        ENDPOINT_TEST(serves_many_requests_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

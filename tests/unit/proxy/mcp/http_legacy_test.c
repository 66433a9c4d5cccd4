/*
 * The endpoint as a legacy client sees it: sessions, streams, batches.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"
#include "tests/unit/proxy/mcp/endpoint.h"
#include "tests/unit/test.h"

static void negotiates_legacy_versions(void **state)
{
    static const char *const versions[][2] = {
        { "2025-11-25", "2025-11-25" }, { "2025-06-18", "2025-06-18" },
        { "2025-03-26", "2025-03-26" }, { "2024-11-05", "2024-11-05" },
        { "1999-01-01", "2025-11-25" }, { "2026-07-28", "2025-11-25" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(versions); i++) {
        CLEANUP(str) char *wanted = xasprintf("\"protocolVersion\":\"%s\"", versions[i][1]);

        initialize(versions[i][0]);
        expect(wanted);
        expect_not("resultType");
    }
    assert_int_equal(w.starts, 0);
}

static void keeps_a_legacy_session(void **state)
{
    (void)state;
    initialize("2025-11-25");
    post(session, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
    expect("HTTP/1.1 202 Accepted\r\ncontent-length: 0");
    post(session, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
    expect("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
    post(session, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}");
    expect("\"name\":\"execute_code\"");
    expect_not("resultType");
    expect_not("ttlMs");
    expect_not("_meta");
    post(session, "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{}}");
    expect(" 202 ");
}

static void refuses_a_broken_initialize(void **state)
{
    static const char *const params[] = { "{\"protocolVersion\":5}", "{}", "[]",
                                          "{\"_meta\":{\"progressToken\":{}}}" };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(params); i++) {
        CLEANUP(str)
        char *body = xasprintf("{\"jsonrpc\":\"2.0\",\"id\":%zu,\"method\":\"initialize\","
                               "\"params\":%s}",
                               i, params[i]);

        post("", body);
        expect("-32602");
        assert_null(strstr(buf_str(&client->in), "mcp-session-id"));
    }
    initialize("2025-11-25");
}

static void needs_the_session(void **state)
{
    (void)state;
    post("", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
    expect(" 400 ");
    post("Mcp-Session-Id: 0123456789abcdef0123456789abcdef\r\n",
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
    expect(" 404 ");
    initialize("2025-11-25");
    socket_client_clear(client);
    socket_client_sendf(client, "DELETE /mcp HTTP/1.1\r\nHost: localhost\r\n%s\r\n", session);
    expect(" 200 ");
    reconnect();
    post(session, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
    expect(" 404 ");
    initialize("2025-11-25");
    {
        CLEANUP(str) char *both = xasprintf("%sMCP-Protocol-Version: 1999-01-01\r\n", session);

        post(both, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
        expect(" 400 ");
    }
}

static void legacy_faults_are_200(void **state)
{
    (void)state;
    initialize("2025-11-25");
    post(session, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\"}");
    expect(" 200 ");
    expect("-32601");
    post(session, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/"
                  "read\",\"params\":{\"uri\":\"x:y\"}}");
    expect("{\"code\":-32002");
    expect("\"data\":{\"uri\":\"x:y\"}");
    post(session,
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"x\"}}");
    expect("-32602");
}

static void tells_a_legacy_client_by_its_level(void **state)
{
    (void)state;
    initialize("2025-11-25");
    post(session, LEGACY_CALL("progress"));
    expect("\"progressToken\":4,\"progress\":1");
    expect("careful");
    expect("\"id\":9");
    expect("0\r\n\r\n");
    post(session,
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"logging/setLevel\",\"params\":{\"level\":"
         "\"error\"}}");
    expect("\"result\":{}");
    post(session, LEGACY_CALL("progress"));
    expect("\"id\":9");
    expect_not("careful");
    post(session,
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"logging/setLevel\",\"params\":{\"level\":"
         "\"loud\"}}");
    expect("-32602");
}

static void old_clients_get_no_resource_links(void **state)
{
    (void)state;
    initialize("2025-03-26");
    post(session, LEGACY_CALL("kept"));
    expect("\"id\":9");
    expect_not("resource_link");
}

static void losing_the_connection_cancels_no_legacy_request(void **state)
{
    (void)state;
    initialize("2025-11-25");
    post(session, LEGACY_CALL("hang"));
    run_for(w.loop, 30);
    reconnect();
    run_for(w.loop, 30);
    assert_int_equal(w.exec.running, 1);
    assert_int_equal(w.exec.cancelled, 0);
}

static void a_notification_cancels_a_legacy_request(void **state)
{
    struct socket_client *waiting = client;

    (void)state;
    initialize("2025-11-25");
    post(session, LEGACY_CALL("hang"));
    run_for(w.loop, 30);
    client = socket_client_new(w.loop, mcp_http_port(http));
    post(session, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"
                  "cancelled\",\"params\":{\"requestId\":9}}");
    expect(" 202 ");
    assert_true(socket_client_wait(waiting, " 202 "));
    assert_null(strstr(buf_str(&waiting->in), "\"id\":9"));
    run_for(w.loop, 10);
    assert_int_equal(w.exec.cancelled, 1);
    assert_int_equal(w.exec.running, 0);
    socket_client_free(waiting);
}

static void gives_a_stream_of_changes(void **state)
{
    struct socket_client *stream = socket_client_new(w.loop, mcp_http_port(http));

    (void)state;
    initialize("2025-11-25");
    socket_client_sendf(stream,
                        "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                        "%s\r\n",
                        session);
    assert_true(socket_client_wait(stream, "text/event-stream"));
    fake_change_catalogue(&w, "one");
    run_for(w.loop, 400);
    /* Who has not seen the list has nothing to forget. */
    assert_null(strstr(buf_str(&stream->in), "list_changed"));
    post(session, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}");
    expect("execute_code");
    fake_change_catalogue(&w, "two");
    assert_true(socket_client_wait(
        stream, "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}"));
    socket_client_clear(client);
    socket_client_sendf(client, "DELETE /mcp HTTP/1.1\r\nHost: localhost\r\n%s\r\n", session);
    expect(" 200 ");
    assert_true(socket_client_wait(stream, "0\r\n\r\n"));
    socket_client_free(stream);
}

static void bounds_the_streams_of_a_session(void **state)
{
    struct socket_client *streams[LIMIT_SESSION_STREAMS + 1];

    (void)state;
    initialize("2025-11-25");
    for (int i = 0; i <= LIMIT_SESSION_STREAMS; i++) {
        streams[i] = socket_client_new(w.loop, mcp_http_port(http));
        socket_client_sendf(streams[i], "GET /mcp HTTP/1.1\r\nHost: localhost\r\n%s\r\n", session);
        assert_true(socket_client_wait(streams[i], i < LIMIT_SESSION_STREAMS ? " 200 " : " 409 "));
    }
    for (int i = 0; i <= LIMIT_SESSION_STREAMS; i++)
        socket_client_free(streams[i]);
    run_for(w.loop, 20);
}

static void takes_batches_of_2025_03_26_only(void **state)
{
    static const char batch[] = "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"},"
                                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"},"
                                "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"no/such\"}]";

    (void)state;
    initialize("2025-03-26");
    post(session, batch);
    expect("[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}},{\"jsonrpc\":\"2.0\",\"id\":2,\"error\"");
    post(session,
         "[" LEGACY_CALL("progress") ",{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]");
    expect("text/event-stream");
    expect("data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
    expect("data: {\"jsonrpc\":\"2.0\",\"id\":9,\"result\"");
    expect("0\r\n\r\n");
    post(session, "[{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}]");
    expect(" 202 ");
    post(session, "[]");
    expect("-32600");
    initialize("2025-06-18");
    post(session, batch);
    expect(" 400 ");
}

static void bounds_a_batch(void **state)
{
    CLEANUP(buf) struct buf batch = BUF(65536);

    (void)state;
    buf_add_span(&batch, SPAN("[{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"ping\"}"));
    for (int i = 1; i < LIMIT_BATCH_MESSAGES; i++)
        buf_printf(&batch, ",{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"ping\"}", i);
    buf_add_char(&batch, ']');
    initialize("2025-03-26");
    post(session, buf_str(&batch));
    expect("{\"jsonrpc\":\"2.0\",\"id\":199,\"result\":{}}]");
    batch.len--;
    buf_add_span(&batch, SPAN(",{\"jsonrpc\":\"2.0\",\"id\":200,\"method\":\"ping\"}]"));
    post(session, buf_str(&batch));
    expect("BATCH_MESSAGES is 200");
}

static void tells_servers_logs_by_the_sessions_level(void **state)
{
    (void)state;
    initialize("2025-11-25");
    post(session, LEGACY_CALL("hold"));
    run_for(w.loop, 10);
    fake_server_log(&w, "files", "{\"level\":\"debug\",\"data\":\"quiet\"}");
    fake_server_log(&w, "files", "{\"level\":\"info\",\"logger\":\"db\",\"data\":\"said\"}");
    fake_end_held(&w);
    expect("{\"level\":\"info\",\"logger\":\"files/db\",\"data\":\"said\"}");
    expect("released");
    expect_not("quiet");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENDPOINT_TEST(negotiates_legacy_versions),
        ENDPOINT_TEST(keeps_a_legacy_session),
        ENDPOINT_TEST(refuses_a_broken_initialize),
        ENDPOINT_TEST(needs_the_session),
        ENDPOINT_TEST(legacy_faults_are_200),
        ENDPOINT_TEST(tells_a_legacy_client_by_its_level),
        ENDPOINT_TEST(old_clients_get_no_resource_links),
        ENDPOINT_TEST(losing_the_connection_cancels_no_legacy_request),
        ENDPOINT_TEST(a_notification_cancels_a_legacy_request),
        ENDPOINT_TEST(gives_a_stream_of_changes),
        ENDPOINT_TEST(bounds_the_streams_of_a_session),
        ENDPOINT_TEST(takes_batches_of_2025_03_26_only),
        ENDPOINT_TEST(bounds_a_batch),
        ENDPOINT_TEST(tells_servers_logs_by_the_sessions_level),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

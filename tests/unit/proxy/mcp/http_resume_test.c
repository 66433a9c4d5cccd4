/*
 * A legacy client whose connection breaks, and what it finds when it is back.
 */
#include <stdio.h>

#include "base/limits.h"
#include "tests/unit/proxy/mcp/endpoint.h"
#include "tests/unit/test.h"

/* Resumes behind an event, on a new connection. */
static void resume(const char *id)
{
    CLEANUP(str)
    char *headers = xasprintf("Host: localhost\r\nAccept: text/event-stream\r\n%sLast-Event-ID: "
                              "%s\r\n",
                              session, id);

    reconnect();
    get("/mcp", headers);
}

static struct socket_client *open_stream(void)
{
    struct socket_client *stream = socket_client_new(w.loop, mcp_http_port(http));

    socket_client_sendf(stream,
                        "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                        "%s\r\n",
                        session);
    assert_true(socket_client_wait(stream, "text/event-stream"));
    return stream;
}

/* A session whose client has asked for a script that tells 1 and then waits. */
static void begin_held(const char *version)
{
    initialize(version);
    post(session, LEGACY_CALL("hold"));
    run_for(w.loop, 20);
    fake_tell_held(&w, 1);
    expect("\"progress\":1");
}

static void a_stream_begins_with_its_id(void **state)
{
    (void)state;
    begin_held("2025-11-25");
    expect("retry: 1000\nid: 1-0\ndata: \n\n");
    expect("id: 1-1\nevent: message\ndata: "
           "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"");
    fake_end_held(&w);
    expect("id: 1-2\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":9,\"result\"");
    expect("0\r\n\r\n");
}

/* They can't read an event without data. */
static void older_clients_get_ids_alone(void **state)
{
    (void)state;
    begin_held("2025-06-18");
    expect("id: 1-1\n");
    expect_not("retry:");
    expect_not("id: 1-0");
    fake_end_held(&w);
    expect("id: 1-2\n");
}

static void a_long_answer_becomes_a_stream(void **state)
{
    (void)state;
    initialize("2025-11-25");
    post(session, LEGACY_CALL("hold"));
    expect("id: 1-0\ndata: \n\n");
    fake_end_held(&w);
    expect("id: 1-1\n");
}

static void a_json_client_waits_for_its_json(void **state)
{
    (void)state;
    initialize("2025-11-25");
    socket_client_clear(client);
    socket_client_sendf(
        client,
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Accept: application/json\r\n%sContent-Length: %zu\r\n\r\n%s",
        session, sizeof(LEGACY_CALL("hold")) - 1, LEGACY_CALL("hold"));
    run_for(w.loop, 2200);
    assert_int_equal(client->in.len, 0);
    fake_end_held(&w);
    expect("content-type: application/json");
    expect("released");
}

static void fetches_what_came_without_it(void **state)
{
    (void)state;
    begin_held("2025-11-25");
    reconnect();
    run_for(w.loop, 20);
    fake_tell_held(&w, 2);
    fake_end_held(&w);
    assert_int_equal(w.exec.cancelled, 0);
    resume("1-1");
    expect("id: 1-2\nevent: message\ndata: "
           "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"");
    expect("id: 1-3\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":9,\"result\"");
    expect("0\r\n\r\n");
    expect_not("id: 1-1\n");
    /* As often as it likes. */
    resume("1-2");
    expect("released");
    expect("0\r\n\r\n");
}

static void goes_on_with_what_comes(void **state)
{
    (void)state;
    begin_held("2025-11-25");
    reconnect();
    run_for(w.loop, 20);
    fake_tell_held(&w, 2);
    resume("1-0");
    expect("\"progress\":1");
    expect("\"progress\":2");
    fake_tell_held(&w, 3);
    expect("\"progress\":3");
    reconnect();
    run_for(w.loop, 20);
    fake_tell_held(&w, 4);
    resume("1-3");
    expect("\"progress\":4");
    expect_not("\"progress\":3");
    fake_end_held(&w);
    expect("released");
    expect("0\r\n\r\n");
}

/* The client has noticed what we have not: the old connection hangs. */
static void a_new_connection_takes_over(void **state)
{
    struct socket_client *old = client;

    (void)state;
    begin_held("2025-11-25");
    /* resume() drops this one. */
    client = socket_client_new(w.loop, mcp_http_port(http));
    resume("1-1");
    expect("text/event-stream");
    assert_true(socket_client_wait(old, "0\r\n\r\n"));
    fake_end_held(&w);
    expect("id: 1-2\n");
    expect("released");
    expect("0\r\n\r\n");
    assert_null(strstr(buf_str(&old->in), "released"));
    socket_client_free(old);
}

static void a_lost_request_can_still_be_cancelled(void **state)
{
    static const char cancel[] = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
                                 "\"params\":{\"requestId\":9}}";

    (void)state;
    begin_held("2025-11-25");
    reconnect();
    run_for(w.loop, 20);
    post(session, cancel);
    expect(" 202 ");
    run_for(w.loop, 20);
    assert_int_equal(w.exec.cancelled, 1);
    w.exec.held = NULL;
    /* Lost before it was a stream. */
    post(session, LEGACY_CALL("hang"));
    run_for(w.loop, 20);
    reconnect();
    run_for(w.loop, 20);
    post(session, cancel);
    expect(" 202 ");
    run_for(w.loop, 20);
    assert_int_equal(w.exec.cancelled, 2);
    assert_int_equal(w.exec.running, 0);
}

static void refuses_what_it_does_not_keep(void **state)
{
    (void)state;
    begin_held("2025-11-25");
    reconnect();
    resume("7-1");
    expect(" 400 ");
    expect("Last-Event-ID");
    resume("1-9");
    expect(" 400 ");
    resume("nonsense");
    expect(" 400 ");
    {
        CLEANUP(str) char *first = xstrdup(session);

        reconnect();
        initialize("2025-11-25");
        assert_string_not_equal(first, session);
        resume("1-1"); /* of the other session */
        expect(" 400 ");
    }
    fake_end_held(&w);
}

static void the_stream_of_a_session_is_resumed(void **state)
{
    struct socket_client *stream;

    (void)state;
    initialize("2025-11-25");
    post(session, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}");
    expect("execute_code");
    stream = open_stream();
    assert_true(socket_client_wait(stream, "id: 1-0\n"));
    socket_client_free(stream);
    run_for(w.loop, 20);
    fake_change_catalogue(&w, "one");
    run_for(w.loop, 400);
    resume("1-0");
    expect("id: 1-1\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/"
           "list_changed\"");
    fake_change_catalogue(&w, "two");
    expect("id: 1-2\n");
}

/* Nothing is sent twice: the second stream has it, so the first has not. */
static void a_message_is_on_one_stream_only(void **state)
{
    struct socket_client *first, *second;

    (void)state;
    initialize("2025-11-25");
    post(session, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}");
    expect("execute_code");
    first = open_stream();
    second = open_stream();
    fake_change_catalogue(&w, "one");
    assert_true(socket_client_wait(second, "id: 2-1\n"));
    socket_client_free(second);
    run_for(w.loop, 20);
    fake_change_catalogue(&w, "two");
    assert_true(socket_client_wait(first, "id: 1-1\n"));
    socket_client_free(first);
    run_for(w.loop, 20);
    resume("1-1");
    expect("text/event-stream");
    expect_not("list_changed");
}

static void resumed_streams_count_as_one(void **state)
{
    struct socket_client *streams[LIMIT_SESSION_STREAMS];

    (void)state;
    initialize("2025-11-25");
    for (int round = 0; round < 3; round++) {
        /* Taken over; one more than the limit; the oldest of those that nobody reads has gone. */
        static const char *const statuses[] = { " 200 ", " 409 ", " 400 " };

        for (int i = 0; i < LIMIT_SESSION_STREAMS; i++)
            streams[i] = open_stream();
        resume("1-0");
        expect(statuses[round]);
        for (int i = 0; i < LIMIT_SESSION_STREAMS; i++)
            socket_client_free(streams[i]);
        reconnect();
        run_for(w.loop, 20);
    }
}

static void a_session_ends_with_its_streams(void **state)
{
    struct socket_client *reader;

    (void)state;
    begin_held("2025-11-25");
    reconnect();
    run_for(w.loop, 20);
    resume("1-0");
    expect("\"progress\":1");
    reader = client;
    client = socket_client_new(w.loop, mcp_http_port(http));
    socket_client_sendf(client, "DELETE /mcp HTTP/1.1\r\nHost: localhost\r\n%s\r\n", session);
    expect(" 200 ");
    assert_true(socket_client_wait(reader, "0\r\n\r\n"));
    run_for(w.loop, 20);
    assert_int_equal(w.exec.cancelled, 1);
    w.exec.held = NULL;
    resume("1-0");
    expect(" 404 ");
    socket_client_free(reader);
}

static void a_batch_is_resumed(void **state)
{
    (void)state;
    initialize("2025-03-26");
    post(session, "[" LEGACY_CALL("hold") ",{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]");
    run_for(w.loop, 20);
    fake_tell_held(&w, 1);
    expect("id: 1-1\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
    expect("id: 1-2\n");
    reconnect();
    run_for(w.loop, 20);
    fake_end_held(&w);
    resume("1-1");
    expect("id: 1-2\n");
    expect("id: 1-3\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":9,\"result\"");
    expect("0\r\n\r\n");
}

/* What had been gathered for an array goes out first. */
static void a_long_batch_becomes_a_stream(void **state)
{
    (void)state;
    initialize("2025-03-26");
    post(session, "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}," LEGACY_CALL("hold") "]");
    expect("id: 1-1\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
    fake_end_held(&w);
    expect("id: 1-2\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":9,\"result\"");
    expect("0\r\n\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENDPOINT_TEST(a_stream_begins_with_its_id),
        ENDPOINT_TEST(older_clients_get_ids_alone),
        ENDPOINT_TEST(a_long_answer_becomes_a_stream),
        ENDPOINT_TEST(a_json_client_waits_for_its_json),
        ENDPOINT_TEST(fetches_what_came_without_it),
        ENDPOINT_TEST(goes_on_with_what_comes),
        ENDPOINT_TEST(a_new_connection_takes_over),
        ENDPOINT_TEST(a_lost_request_can_still_be_cancelled),
        ENDPOINT_TEST(refuses_what_it_does_not_keep),
        ENDPOINT_TEST(the_stream_of_a_session_is_resumed),
        ENDPOINT_TEST(a_message_is_on_one_stream_only),
        ENDPOINT_TEST(resumed_streams_count_as_one),
        ENDPOINT_TEST(a_session_ends_with_its_streams),
        ENDPOINT_TEST(a_batch_is_resumed),
        ENDPOINT_TEST(a_long_batch_becomes_a_stream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Questions to a legacy client: a request on the call's own stream, its answer
 * by another POST.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "proxy/mcp/server_private.h"
#include "tests/unit/proxy/fake_ask.h"
#include "tests/unit/proxy/mcp/endpoint.h"
#include "tests/unit/test.h"

#define ALL "{\"elicitation\":{\"form\":{},\"url\":{}},\"sampling\":{},\"roots\":{}}"
#define RESULT(number, result) \
    "{\"jsonrpc\":\"2.0\",\"id\":\"question-" number "\",\"result\":" result "}"

static struct socket_client *caller; /* whose call it is; `client` answers */

static int tear_down(void **state)
{
    if (caller)
        socket_client_free(TAKE(caller));
    return endpoint_tear_down(state);
}

#define ASK_TEST(name) cmocka_unit_test_setup_teardown(name, endpoint_set_up, tear_down)

/* Fails unless `text` comes on the call's connection. */
static void expect_asked(const char *text)
{
    if (!socket_client_wait(caller, text))
        fail_msg("no '%s' in: %s", text, buf_str(&caller->in));
}

static void call(const char *code)
{
    CLEANUP(str)
    char *body = xasprintf("{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"tools/call\",\"params\":{"
                           "\"name\":\"execute_code\",\"arguments\":{\"code\":\"%s\"}}}",
                           code);

    post(session, body);
    caller = client;
    client = socket_client_new(w.loop, mcp_http_port(http));
}

static void begin(const char *version, const char *code)
{
    initialize_with(version, ALL);
    call(code);
}

/* Answers, which is taken whatever it is. */
static void reply(const char *body)
{
    post(session, body);
    expect("HTTP/1.1 202 ");
}

static void asks_on_the_stream_of_the_call(void **state)
{
    (void)state;
    begin("2025-11-25", "ask form");
    expect_asked("content-type: text/event-stream");
    expect_asked("\"id\":\"question-1\",\"method\":\"elicitation/create\",\"params\":{\"mode\":"
                 "\"form\",\"message\":\"[github] Your name?\",\"requestedSchema\":{");
    expect_asked("\"_meta\":{\"mcpfold/server\":\"github\"}}}");
    reply(RESULT("1", "{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}}"));
    expect_asked("\"id\":9,\"result\":");
    expect_asked("{\\\"action\\\":\\\"accept\\\",\\\"content\\\":{\\\"name\\\":\\\"Ada\\\"}}");
    assert_null(strstr(buf_str(&caller->in), "resultType"));
}

static void asks_all_kinds_side_by_side(void **state)
{
    (void)state;
    begin("2025-11-25", "ask url,sample,roots");
    expect_asked("\"url\":\"https://a.test/\",\"elicitationId\":\"question-1\",\"_meta\"");
    expect_asked("\"id\":\"question-2\",\"method\":\"sampling/createMessage\"");
    expect_asked("\"id\":\"question-3\",\"method\":\"roots/list\"");
    reply(RESULT("3", "{\"roots\":[{\"uri\":\"file:///a\"}]}"));
    reply(RESULT("1", "{\"action\":\"decline\"}"));
    reply(RESULT("2", "{\"role\":\"assistant\",\"model\":\"m\",\"content\":{\"type\":\"text\","
                      "\"text\":\"hi\"}}"));
    expect_asked("\"id\":9,\"result\":");
    expect_asked(
        "roots/list: {\\\"roots\\\":[{\\\"uri\\\":\\\"file:///a\\\"}]}. elicitation/create: "
        "{\\\"action\\\":\\\"decline\\\"}. sampling/createMessage: {\\\"role\\\"");
}

static void older_clients_are_asked_what_they_know(void **state)
{
    (void)state;
    begin("2025-06-18", "ask form,url");
    expect_asked("\"params\":{\"message\":\"[github] Your name?\"");
    assert_null(strstr(buf_str(&caller->in), "\"mode\""));
    assert_non_null(strstr(buf_str(&fake_ask_log), "refuse the client does not declare the "
                                                   "capability elicitation.url"));
    assert_int_equal(fake_ask_visit, 0);
    reply(RESULT("1", "{\"action\":\"cancel\"}"));
    expect_asked("\"id\":9,\"result\":");
    buf_clear(&fake_ask_log);
    reconnect();
    socket_client_free(TAKE(caller));
    begin("2025-03-26", "ask form");
    expect_asked("elicitation/create refused");
}

static const struct {
    const char *body, *why;
} refusals[] = {
    { "{\"jsonrpc\":\"2.0\",\"id\":\"question-1\",\"error\":{\"code\":-1,\"message\":\"I won't\"}}",
      "the client answered with an error: I won't (code -1)" },
    { RESULT("1", "{\"action\":\"maybe\"}"), "the client's answer is not valid: action must be" },
    { RESULT("1", "{}"), "the client's answer is not valid" },
};

static void what_is_no_answer_is_a_refusal(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(refusals); i++) {
        w.server->questions = 0;
        begin("2025-11-25", "ask form");
        expect_asked("question-1");
        reply(refusals[i].body);
        expect_asked("elicitation/create refused: ");
        expect_asked(refusals[i].why);
        socket_client_free(TAKE(caller));
    }
}

static void answers_to_nothing_are_ignored(void **state)
{
    char mine[sizeof(session)];

    (void)state;
    begin("2025-11-25", "ask form");
    expect_asked("question-1");
    memcpy(mine, session, sizeof(mine));
    reply(RESULT("2", "{\"action\":\"accept\"}"));
    reply("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
    reply("{\"jsonrpc\":\"2.0\",\"id\":9,\"result\":{}}");
    initialize_with("2025-11-25", ALL);
    reply(RESULT("1", "{\"action\":\"accept\"}")); /* of another session */
    assert_string_equal(buf_str(&fake_ask_log), "");
    memcpy(session, mine, sizeof(mine));
    reply(RESULT("1", "{\"action\":\"accept\"}"));
    expect_asked("\"id\":9,\"result\":");
    reply(RESULT("1", "{\"action\":\"accept\"}")); /* too late */
}

static void an_answer_may_take_its_time_but_not_all(void **state)
{
    (void)state;
    w.config.limits.ask_ms = 80;
    begin("2025-11-25", "ask form");
    expect_asked("question-1");
    expect_asked("\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":\"question-1\","
                 "\"reason\":\"nobody answered within 80 ms (limits.ask in the configuration)\"}");
    expect_asked("elicitation/create refused: nobody answered within 80 ms");
    expect_asked("\"id\":9,\"result\":");
}

static void a_question_can_be_taken_back(void **state)
{
    (void)state;
    begin("2025-11-25", "ask form");
    expect_asked("question-1");
    fake_take_back(&w);
    expect_asked("\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":\"question-1\"");
    expect_asked("\"id\":9,\"result\":");
}

static void a_lost_connection_keeps_the_question(void **state)
{
    CLEANUP(str) char *headers = NULL;
    char id[32];
    const char *at;

    (void)state;
    begin("2025-11-25", "ask form");
    expect_asked("question-1");
    at = strstr(buf_str(&caller->in), "id: ");
    snprintf(id, sizeof(id), "%.*s", (int)strcspn(at + 4, "\r\n"), at + 4);
    socket_client_free(TAKE(caller));
    run_for(w.loop, 20);
    assert_string_equal(buf_str(&fake_ask_log), "");
    headers = xasprintf("Host: localhost:1\r\nAccept: text/event-stream\r\n%sLast-Event-ID: %s\r\n",
                        session, id);
    caller = client;
    get("/mcp", headers);
    expect_asked("question-1"); /* again, behind the priming event */
    client = socket_client_new(w.loop, mcp_http_port(http));
    reply(RESULT("1", "{\"action\":\"accept\"}"));
    expect_asked("\"id\":9,\"result\":");
}

static void the_end_of_the_session_ends_it(void **state)
{
    (void)state;
    begin("2025-11-25", "ask form");
    expect_asked("question-1");
    socket_client_sendf(client, "DELETE /mcp HTTP/1.1\r\nHost: localhost:1\r\n%s\r\n", session);
    expect("HTTP/1.1 200 ");
    run_for(w.loop, 10);
    assert_int_equal(w.exec.running, 0);
    assert_int_equal(fake_asks_open, 0);
    assert_int_equal(strncmp(buf_str(&w.upstreams.gone), session + strlen("mcp-session-id: "), 32),
                     0);
}

static void a_client_that_takes_no_stream_can_not_be_asked(void **state)
{
    static const char body[] = "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"tools/call\","
                               "\"params\":{\"name\":\"execute_code\",\"arguments\":{\"code\":"
                               "\"ask form\"}}}";

    (void)state;
    initialize_with("2025-11-25", ALL);
    socket_client_sendf(client,
                        "POST /mcp HTTP/1.1\r\nHost: localhost:1\r\n%sContent-Type: "
                        "application/json\r\nAccept: application/json\r\nContent-Length: "
                        "%zu\r\n\r\n%s",
                        session, strlen(body), body);
    expect("the client accepts no event stream for this request");
}

static void cancelling_the_call_ends_its_questions(void **state)
{
    (void)state;
    begin("2025-11-25", "ask form,roots");
    expect_asked("question-2");
    reply("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"
          "cancelled\",\"params\":{\"requestId\":9}}");
    run_for(w.loop, 10);
    assert_int_equal(w.exec.running, 0);
    assert_int_equal(fake_asks_open, 0);
}

static void too_many_questions_at_a_time_are_refused(void **state)
{
    struct socket_client *callers[LIMIT_SESSION_QUESTIONS / 8 + 1];
    size_t last = ARRAY_COUNT(callers) - 1;

    (void)state;
    initialize_with("2025-11-25", ALL);
    for (size_t i = 0; i <= last; i++) {
        call("ask f,f,f,f,f,f,f,f");
        expect_asked(i < last ? "\"id\":\"question-" : "limit SESSION_QUESTIONS");
        callers[i] = TAKE(caller);
    }
    assert_int_equal(fake_asks_open, LIMIT_SESSION_QUESTIONS);
    for (size_t i = 0; i <= last; i++)
        socket_client_free(callers[i]);
}

/* ---- visits ---- */

#define DONE(number)                                                          \
    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/elicitation/complete\"," \
    "\"params\":{\"elicitationId\":\"question-" number "\"}}"

/* The id of the session in use, as servers know it. */
static struct span session_name(void)
{
    return span_make(session + strlen("mcp-session-id: "), SESSION_ID_CHARACTERS);
}

/* A connection that reads what belongs to no request of the session in use. */
static struct socket_client *listen_to_session(void)
{
    CLEANUP(str)
    char *headers = xasprintf("Host: localhost:1\r\nAccept: text/event-stream\r\n%s", session);
    struct socket_client *listener;

    reconnect();
    get("/mcp", headers);
    expect("content-type: text/event-stream");
    listener = TAKE(client);
    client = socket_client_new(w.loop, mcp_http_port(http));
    return listener;
}

static void expect_at(struct socket_client *reader, const char *text)
{
    if (!socket_client_wait(reader, text))
        fail_msg("no '%s' in: %s", text, buf_str(&reader->in));
}

static void the_end_of_a_visit_is_told_on_the_stream_of_its_call(void **state)
{
    struct socket_client *listener;

    (void)state;
    initialize_with("2025-11-25", ALL);
    listener = listen_to_session();
    call("ask url,form");
    expect_asked("question-2");
    assert_int_equal(fake_ask_visit, 1);
    reply(RESULT("1", "{\"action\":\"accept\"}"));
    mcp_server_visited(w.server, session_name(), 1);
    expect_asked(DONE("1"));
    reply(RESULT("2", "{\"action\":\"cancel\"}"));
    expect_asked("\"id\":9,\"result\":");
    mcp_server_visited(w.server, session_name(), 3);
    expect_at(listener, DONE("3"));
    assert_null(strstr(buf_str(&listener->in), "question-1"));
    socket_client_free(listener);
}

/* Another call of the session goes on meanwhile: it has nothing to do with it. */
static void the_end_of_a_visit_is_told_when_the_call_is_over(void **state)
{
    struct socket_client *listener, *first;

    (void)state;
    initialize_with("2025-11-25", ALL);
    listener = listen_to_session();
    call("ask url");
    expect_asked("question-1");
    reply(RESULT("1", "{\"action\":\"accept\"}"));
    expect_asked("\"id\":9,\"result\":");
    first = TAKE(caller);
    call("ask url");
    expect_asked("question-2");
    mcp_server_visited(w.server, session_name(), 1);
    expect_at(listener, DONE("1"));
    assert_null(strstr(buf_str(&caller->in), "complete"));
    reply(RESULT("2", "{\"action\":\"accept\"}"));
    expect_asked("\"id\":9,\"result\":");
    socket_client_free(first);
    socket_client_free(listener);
}

static void the_end_of_a_visit_is_told_to_its_session_alone(void **state)
{
    struct socket_client *first, *second;
    char mine[sizeof(session)];

    (void)state;
    initialize_with("2025-11-25", ALL);
    memcpy(mine, session, sizeof(mine));
    first = listen_to_session();
    initialize_with("2025-11-25", ALL);
    second = listen_to_session();
    mcp_server_visited(w.server, SPAN("stdio"), 1);
    mcp_server_visited(w.server, SPAN("principal-0"), 2);
    mcp_server_visited(w.server, SPAN_NONE, 3);
    mcp_server_visited(w.server, session_name(), 4);
    expect_at(second, DONE("4"));
    memcpy(session, mine, sizeof(mine));
    mcp_server_visited(w.server, session_name(), 5);
    expect_at(first, DONE("5"));
    assert_null(strstr(buf_str(&first->in), "question-4"));
    assert_null(strstr(buf_str(&second->in), "question-5"));
    socket_client_free(first);
    socket_client_free(second);
}

/* It comes when the stream is resumed, and to nobody when there is none. */
static void the_end_of_a_visit_waits_for_a_lost_stream(void **state)
{
    CLEANUP(str) char *headers = NULL;
    struct socket_client *listener;
    char id[32];
    const char *at;

    (void)state;
    initialize_with("2025-11-25", ALL);
    mcp_server_visited(w.server, session_name(), 1);
    listener = listen_to_session();
    expect_at(listener, "id: ");
    at = strstr(buf_str(&listener->in), "id: ");
    snprintf(id, sizeof(id), "%.*s", (int)strcspn(at + 4, "\r\n"), at + 4);
    socket_client_free(listener);
    run_for(w.loop, 20);
    mcp_server_visited(w.server, session_name(), 2);
    headers = xasprintf("Host: localhost:1\r\nAccept: text/event-stream\r\n%sLast-Event-ID: %s\r\n",
                        session, id);
    get("/mcp", headers);
    expect(DONE("2"));
    assert_null(strstr(buf_str(&client->in), "question-1"));
}

static void older_clients_are_not_told_of_visits(void **state)
{
    struct socket_client *listener;

    (void)state;
    initialize_with("2025-06-18", ALL);
    listener = listen_to_session();
    mcp_server_visited(w.server, session_name(), 1);
    run_for(w.loop, 20);
    assert_null(strstr(buf_str(&listener->in), "elicitation"));
    socket_client_free(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ASK_TEST(asks_on_the_stream_of_the_call),
        ASK_TEST(asks_all_kinds_side_by_side),
        ASK_TEST(older_clients_are_asked_what_they_know),
        ASK_TEST(what_is_no_answer_is_a_refusal),
        ASK_TEST(answers_to_nothing_are_ignored),
        ASK_TEST(an_answer_may_take_its_time_but_not_all),
        ASK_TEST(a_question_can_be_taken_back),
        ASK_TEST(a_lost_connection_keeps_the_question),
        ASK_TEST(the_end_of_the_session_ends_it),
        ASK_TEST(a_client_that_takes_no_stream_can_not_be_asked),
        ASK_TEST(cancelling_the_call_ends_its_questions),
        ASK_TEST(too_many_questions_at_a_time_are_refused),
        ASK_TEST(the_end_of_a_visit_is_told_on_the_stream_of_its_call),
        ASK_TEST(the_end_of_a_visit_is_told_when_the_call_is_over),
        ASK_TEST(the_end_of_a_visit_is_told_to_its_session_alone),
        ASK_TEST(the_end_of_a_visit_waits_for_a_lost_stream),
        ASK_TEST(older_clients_are_not_told_of_visits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

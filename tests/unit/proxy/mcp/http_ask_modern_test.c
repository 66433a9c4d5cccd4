/*
 * Questions to a modern client: the answer that asks, the retry that goes on,
 * and every retry that must not.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "proxy/mcp/server_private.h"
#include "tests/unit/proxy/fake_ask.h"
#include "tests/unit/proxy/mcp/endpoint.h"
#include "tests/unit/test.h"

#define ALL  "{\"elicitation\":{\"form\":{},\"url\":{}},\"sampling\":{},\"roots\":{}}"
#define FORM "{\"elicitation\":{}}"

#define ACCEPT(name) "{\"action\":\"accept\",\"content\":{\"name\":\"" name "\"}}"

/* A tools/call of execute_code with further members of params. */
static void call(int id, const char *capabilities, const char *code, const char *more)
{
    CLEANUP(str)
    char *body = xasprintf(
        "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/call\",\"params\":{\"name\":"
        "\"execute_code\",\"arguments\":{\"code\":\"%s\"},\"_meta\":{"
        "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
        "\"io.modelcontextprotocol/clientCapabilities\":%s,\"progressToken\":\"p%d\"}%s}}",
        id, code, capabilities, id, more);

    post(MODERN("tools/call", "Mcp-Name: execute_code\r\n"), body);
}

/* The requestState that has come last. */
static char *state_of_answer(void)
{
    const char *at = strstr(buf_str(&client->in), "\"requestState\":\"");

    assert_non_null(at);
    at += strlen("\"requestState\":\"");
    return xstrndup(at, strcspn(at, "\""));
}

/* Calls and waits for the questions. */
static char *ask(const char *capabilities, const char *code)
{
    call(1, capabilities, code, "");
    expect("\"resultType\":\"input_required\"");
    return state_of_answer();
}

static void retry(int id, const char *code, const char *responses, const char *state)
{
    CLEANUP(str)
    char *more = xasprintf(",\"inputResponses\":%s,\"requestState\":\"%s\"", responses, state);

    call(id, ALL, code, more);
}

static void the_answer_asks_and_the_retry_goes_on(void **test)
{
    CLEANUP(str) char *state = NULL;

    (void)test;
    state = ask(FORM, "ask form");
    expect("\"inputRequests\":{\"question-1\":{\"method\":\"elicitation/create\",\"params\":{"
           "\"mode\":\"form\",\"message\":\"[github] Your name?\",");
    expect("\"_meta\":{\"mcpfold/server\":\"github\"}}}}");
    expect("\"id\":1");
    expect_not("elicitationId");
    assert_int_equal(w.exec.running, 1);
    retry(2, "ask form", "{\"question-1\":" ACCEPT("Ada") "}", state);
    expect("\"id\":2");
    expect("elicitation/create: {\\\"action\\\":\\\"accept\\\",\\\"content\\\":{\\\"name\\\":"
           "\\\"Ada\\\"}}");
    expect("\"resultType\":\"complete\"");
    assert_int_equal(w.exec.started, 1);
    assert_string_equal(buf_str(&w.exec.capabilities), ALL);
}

static void questions_of_one_time_are_asked_together(void **test)
{
    CLEANUP(str) char *state = NULL;

    (void)test;
    state = ask(ALL, "ask form,url,sample,roots");
    expect("\"question-2\":{\"method\":\"elicitation/create\",\"params\":{\"mode\":\"url\","
           "\"message\":\"[github] Sign in\",\"url\":\"https://a.test/\",");
    expect("\"question-3\":{\"method\":\"sampling/createMessage\",\"params\":{\"messages\":[");
    expect("\"systemPrompt\":\"Be brief\"");
    expect("\"question-4\":{\"method\":\"roots/list\",\"params\":{\"_meta\":{");
    assert_int_equal(fake_ask_visit, 0); /* there is no way to tell its end */
    retry(2, "ask form,url,sample,roots",
          "{\"question-1\":{\"action\":\"decline\"},\"question-2\":{\"action\":\"cancel\"},"
          "\"question-3\":{\"role\":\"assistant\",\"model\":\"m\",\"content\":{\"type\":\"text\","
          "\"text\":\"hi\"}},\"question-4\":{\"roots\":[{\"uri\":\"file:///a\"}]},\"other\":7}",
          state);
    expect("\"resultType\":\"complete\"");
    expect("decline");
    expect("cancel");
    expect("roots/list: {");
    assert_int_equal(w.exec.started, 1);
}

static void later_questions_are_the_next_round(void **test)
{
    CLEANUP(str) char *first = NULL;
    CLEANUP(str) char *second = NULL;

    (void)test;
    first = ask(FORM, "ask form;form");
    retry(2, "ask form;form", "{\"question-1\":" ACCEPT("a") "}", first);
    expect("\"question-2\":{");
    expect_not("\"question-1\":{");
    second = state_of_answer();
    assert_string_not_equal(first, second);
    /* The answer to the first retry got lost: it asks again. */
    retry(3, "ask form;form", "{\"question-1\":" ACCEPT("a") "}", first);
    expect("\"id\":3");
    expect("\"question-2\":{");
    retry(4, "ask form;form", "{\"question-2\":" ACCEPT("b") "}", second);
    expect("\"resultType\":\"complete\"");
    /* The first round is over for good now. */
    retry(5, "ask form;form", "{\"question-1\":" ACCEPT("a") "}", first);
    expect("\"code\":-32602");
    assert_int_equal(w.exec.started, 1);
}

static void missing_answers_are_asked_for_again(void **test)
{
    CLEANUP(str) char *first = NULL;
    CLEANUP(str) char *second = NULL;

    (void)test;
    first = ask(ALL, "ask form,roots");
    retry(2, "ask form,roots", "{\"question-2\":{\"roots\":[]}}", first);
    expect("\"resultType\":\"input_required\"");
    expect("\"question-1\":{");
    expect_not("question-2");
    second = state_of_answer();
    retry(3, "ask form,roots", "{\"question-1\":" ACCEPT("a") "}", second);
    expect("\"resultType\":\"complete\"");
    expect("roots/list: {\\\"roots\\\":[]}");
}

static const struct {
    const char *code, *responses, *text;
} bad_answers[] = {
    { "ask form", "[]", "inputResponses must be an object" },
    { "ask form", "{\"question-1\":7}", "question-1 does not answer elicitation/create" },
    { "ask form", "{\"question-1\":{\"action\":\"yes\"}}", "action must be" },
    { "ask form", "{\"question-1\":{\"action\":\"accept\",\"content\":[]}}", "content must be" },
    { "ask roots", "{\"question-1\":{\"roots\":[{\"uri\":1}]}}", "each root needs a uri" },
    { "ask sample", "{\"question-1\":{\"roots\":[]}}", "role and model" },
};

static void a_bad_answer_leaves_the_round_open(void **test)
{
    (void)test;
    for (size_t i = 0; i < ARRAY_COUNT(bad_answers); i++) {
        CLEANUP(str) char *state = NULL;

        w.server->questions = 0;
        state = ask(ALL, bad_answers[i].code);
        retry(2, bad_answers[i].code, bad_answers[i].responses, state);
        expect("\"id\":2,\"error\":{\"code\":-32602");
        expect(bad_answers[i].text);
        assert_int_equal(w.exec.running, 1);
        retry(3, bad_answers[i].code, "{}", state);
        expect("\"resultType\":\"input_required\"");
        exec_cancel(w.exec.asking, "the next one");
        run_for(w.loop, 10);
    }
}

static void a_foreign_state_does_nothing(void **test)
{
    CLEANUP(str) char *state = NULL;
    CLEANUP(str) char *changed = NULL;

    (void)test;
    state = ask(FORM, "ask form");
    changed = xstrdup(state);
    changed[33] = '2'; /* another round */
    retry(2, "ask form", "{\"question-1\":" ACCEPT("a") "}", changed);
    expect("\"id\":2,\"error\":{\"code\":-32602,\"message\":\"requestState is none of this");
    retry(3, "ask  form", "{\"question-1\":" ACCEPT("a") "}", state);
    expect("\"id\":3,\"error\":{\"code\":-32602");
    retry(4, "ask form", "{}", "");
    expect("\"id\":4,\"error\":{\"code\":-32602");
    call(5, FORM, "ask form", ",\"requestState\":{}");
    expect("\"id\":5,\"error\":{\"code\":-32602");
    assert_int_equal(w.exec.started, 1);
    assert_string_equal(buf_str(&fake_ask_log), "");
}

static void another_client_cannot_go_on(void **test)
{
    static char mine[] = "mine", theirs[] = "theirs";
    CLEANUP(str) char *state = NULL;
    CLEANUP(str) char *body = NULL;
    CLEANUP(str) char *as_they = NULL;

    (void)test;
    tokens[0] = mine;
    tokens[1] = theirs;
    body = xasprintf("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":"
                     "\"execute_code\",\"arguments\":{\"code\":\"ask form\"},\"_meta\":{"
                     "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                     "\"io.modelcontextprotocol/clientCapabilities\":" FORM "}}}");
    post(MODERN("tools/call", "Mcp-Name: execute_code\r\nAuthorization: Bearer mine\r\n"), body);
    expect("input_required");
    state = state_of_answer();
    body[strlen(body) - 2] = '\0';
    as_they = xasprintf("%s,\"inputResponses\":{},\"requestState\":\"%s\"}}", body, state);
    post(MODERN("tools/call", "Mcp-Name: execute_code\r\nAuthorization: Bearer theirs\r\n"),
         as_they);
    expect("\"code\":-32602");
    post(MODERN("tools/call", "Mcp-Name: execute_code\r\nAuthorization: Bearer mine\r\n"), as_they);
    expect("input_required");
}

static void nobody_comes_back(void **test)
{
    CLEANUP(str) char *state = NULL;

    (void)test;
    w.config.limits.ask_ms = 60;
    state = ask(FORM, "ask form");
    run_for(w.loop, 150);
    assert_int_equal(w.exec.running, 0);
    assert_int_equal(w.exec.cancelled, 1);
    assert_string_equal(buf_str(&fake_ask_log),
                        "github elicitation/create refuse nobody answered within 60 ms "
                        "(limits.ask in the configuration)\n");
    retry(2, "ask form", "{\"question-1\":" ACCEPT("a") "}", state);
    expect("\"code\":-32602");
    expect("is over or has expired");
    assert_int_equal(w.exec.started, 1);
}

static void a_retry_that_comes_twice_is_answered_twice(void **test)
{
    CLEANUP(str) char *state = NULL;

    (void)test;
    state = ask(FORM, "ask form");
    retry(2, "ask form", "{\"question-1\":" ACCEPT("a") "}", state);
    expect("\"resultType\":\"complete\"");
    retry(3, "ask form", "{\"question-1\":" ACCEPT("other") "}", state);
    expect("\"id\":3,\"result\":");
    expect("\\\"name\\\":\\\"a\\\"");
    assert_int_equal(w.exec.started, 1);
}

static void a_second_retry_takes_over_the_running_call(void **test)
{
    CLEANUP(str) char *state = NULL;
    struct socket_client *first;

    (void)test;
    state = ask(FORM, "ask form;hold");
    retry(2, "ask form;hold", "{\"question-1\":" ACCEPT("a") "}", state);
    run_for(w.loop, 20);
    assert_non_null(w.exec.held);
    first = client;
    client = socket_client_new(w.loop, mcp_http_port(http));
    retry(3, "ask form;hold", "{\"question-1\":" ACCEPT("a") "}", state);
    assert_true(socket_client_wait(first, "\"id\":2,\"error\":{\"code\":-32600"));
    socket_client_free(first);
    run_for(w.loop, 20);
    assert_int_equal(w.exec.cancelled, 0);
    fake_tell_held(&w, 5);
    expect("\"progressToken\":\"p3\",\"progress\":5");
    fake_end_held(&w);
    expect("released");
    assert_int_equal(w.exec.started, 1);
}

static void what_ended_meanwhile_waits_for_the_retry(void **test)
{
    CLEANUP(str) char *state = NULL;

    (void)test;
    state = ask(FORM, "ask form");
    fake_take_back(&w);
    run_for(w.loop, 10);
    assert_int_equal(w.exec.running, 0);
    retry(2, "ask form", "{\"question-1\":" ACCEPT("a") "}", state);
    expect("\"id\":2,\"result\":{\"content\":");
    expect("\"resultType\":\"complete\"");
    retry(3, "ask form", "{}", state);
    expect("\"id\":3,\"result\":{\"content\":");
}

static void what_is_not_declared_is_refused_at_once(void **test)
{
    (void)test;
    call(1, "{\"elicitation\":{\"url\":{}}}", "ask form,sample,roots,url", "");
    expect("\"resultType\":\"input_required\"");
    expect("\"mode\":\"url\"");
    expect_not("\"mode\":\"form\"");
    assert_non_null(strstr(buf_str(&fake_ask_log),
                           "github elicitation/create refuse the client does not declare the "
                           "capability elicitation.form. Use a client that does"));
    assert_non_null(strstr(buf_str(&fake_ask_log), "capability sampling."));
    assert_non_null(strstr(buf_str(&fake_ask_log), "capability roots."));
}

static void a_retry_may_declare_less(void **test)
{
    CLEANUP(str) char *state = NULL;
    CLEANUP(str) char *more = NULL;

    (void)test;
    state = ask(ALL, "ask form,roots");
    more = xasprintf(",\"inputResponses\":{\"question-1\":" ACCEPT("a") "},\"requestState\":\"%s\"",
                     state);
    call(2, FORM, "ask form,roots", more);
    expect("\"resultType\":\"complete\"");
    expect("roots/list refused: the client does not declare the capability roots");
}

static void only_a_request_that_waits_is_cancelled_by_its_end(void **test)
{
    CLEANUP(str) char *state = NULL;

    (void)test;
    state = ask(FORM, "ask form;hold");
    reconnect();
    run_for(w.loop, 30);
    assert_int_equal(w.exec.cancelled, 0);
    retry(2, "ask form;hold", "{\"question-1\":" ACCEPT("a") "}", state);
    run_for(w.loop, 20);
    assert_non_null(w.exec.held);
    reconnect();
    run_for(w.loop, 30);
    assert_int_equal(w.exec.cancelled, 1);
    w.exec.held = NULL;
    retry(3, "ask form;hold", "{\"question-1\":" ACCEPT("a") "}", state);
    expect("\"code\":-32602");
}

static void a_stop_ends_suspended_calls(void **test)
{
    (void)test;
    free(ask(FORM, "ask form"));
    mcp_server_stop(w.server);
    run_for(w.loop, 10);
    assert_int_equal(w.exec.running, 0);
    assert_non_null(strstr(buf_str(&fake_ask_log), "refuse mcpfold is shutting down"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENDPOINT_TEST(the_answer_asks_and_the_retry_goes_on),
        ENDPOINT_TEST(questions_of_one_time_are_asked_together),
        ENDPOINT_TEST(later_questions_are_the_next_round),
        ENDPOINT_TEST(missing_answers_are_asked_for_again),
        ENDPOINT_TEST(a_bad_answer_leaves_the_round_open),
        ENDPOINT_TEST(a_foreign_state_does_nothing),
        ENDPOINT_TEST(another_client_cannot_go_on),
        ENDPOINT_TEST(nobody_comes_back),
        ENDPOINT_TEST(a_retry_that_comes_twice_is_answered_twice),
        ENDPOINT_TEST(a_second_retry_takes_over_the_running_call),
        ENDPOINT_TEST(what_ended_meanwhile_waits_for_the_retry),
        ENDPOINT_TEST(what_is_not_declared_is_refused_at_once),
        ENDPOINT_TEST(a_retry_may_declare_less),
        ENDPOINT_TEST(only_a_request_that_waits_is_cancelled_by_its_end),
        ENDPOINT_TEST(a_stop_ends_suspended_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Servers that ask in every way that the official ones do not: outside of
 * calls, too much, in the wrong way; and what is told to servers of who calls.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "proxy/upstream/keeper.h"
#include "tests/unit/proxy/upstream/harness.h"
#include "tests/unit/test.h"

#define FORM     "{\"message\":\"Who?\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{}}}"
#define ASK_FORM "{\"method\":\"elicitation/create\",\"params\":" FORM "}"
#define ACCEPTED "{\"action\":\"accept\",\"content\":{}}"
#define ALL      "{\"elicitation\":{\"form\":{},\"url\":{}},\"sampling\":{},\"roots\":{}}"
#define LITERAL(t)         \
    {                      \
        (t), sizeof(t) - 1 \
    }

static const int owners[2];

static void connect_to(struct harness *harness, const char *script)
{
    harness_stdio(harness, script, NULL);
    harness_connect(harness);
    if (harness_status(harness).state != SERVER_READY)
        fail_msg("%s: %s", script, harness_status(harness).problem);
}

static void call_as(struct harness *harness,
                    struct outcome *outcome,
                    const char *tool,
                    const char *arguments,
                    const struct upstream_caller *caller)
{
    harness_start_asking(harness, outcome, tool, arguments, HARNESS_TIMEOUT_MS, caller);
    harness_wait(harness, &outcome->done);
}

/* Calls on behalf of somebody who can do all, and fails unless the result holds `text`. */
static void expect(struct harness *harness,
                   struct outcome outcome,
                   const char *tool,
                   const char *arguments,
                   const char *text)
{
    const struct upstream_caller caller = { .owner = &owners[0], .capabilities = LITERAL(ALL) };

    call_as(harness, &outcome, tool, arguments, &caller);
    if (outcome.err.code != ERR_NONE)
        fail_msg("%s: %s", tool, outcome.err.text);
    if (!strstr(outcome.result, text))
        fail_msg("%s: no '%s' in %s", tool, text, outcome.result);
    outcome_done(&outcome);
}

static void
expect_error(struct harness *harness, const char *tool, enum err_code code, const char *text)
{
    const struct upstream_caller caller = { .owner = &owners[0], .capabilities = LITERAL(ALL) };
    struct outcome outcome = { .answers = { [ASK_ELICIT_FORM] = ACCEPTED } };

    call_as(harness, &outcome, tool, "{}", &caller);
    assert_int_equal(outcome.err.code, code);
    if (!strstr(outcome.err.text, text))
        fail_msg("%s: no '%s' in %s", tool, text, outcome.err.text);
    outcome_done(&outcome);
}

/* --- legacy --- */

static void declares_what_the_configuration_permits(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "asking.mjs");
    expect(&harness, (struct outcome){ 0 }, "capabilities", "{}",
           "{\\\"elicitation\\\":{\\\"form\\\":{},\\\"url\\\":{}},\\\"roots\\\":{},"
           "\\\"sampling\\\":{}}");
    harness_end(&harness);
    harness_stdio(&harness, "asking.mjs", NULL);
    harness.server.ask = (struct ask_config){ .roots = true };
    harness_connect(&harness);
    expect(&harness, (struct outcome){ 0 }, "capabilities", "{}", "\"{\\\"roots\\\":{}}\"");
    expect(&harness, (struct outcome){ 0 }, "ask", ASK_FORM, "-32601");
    harness_end(&harness);
}

static void refuses_what_is_not_valid(void **state)
{
    static const char *const asked[] = {
        "{\"method\":\"elicitation/create\",\"params\":{\"message\":\"no schema\"}}",
        "{\"method\":\"elicitation/create\",\"params\":{\"mode\":\"url\",\"url\":\"no address\"}}",
        "{\"method\":\"elicitation/create\",\"params\":{\"mode\":\"mind\",\"message\":\"m\"}}",
        "{\"method\":\"sampling/createMessage\",\"params\":{\"messages\":[]}}",
        "{\"method\":\"roots/list\",\"params\":[]}",
    };
    struct harness harness;

    (void)state;
    connect_to(&harness, "asking.mjs");
    for (size_t i = 0; i < ARRAY_COUNT(asked); i++)
        expect(&harness, (struct outcome){ 0 }, "ask", asked[i], "-32602");
    expect(&harness, (struct outcome){ 0 }, "ask", "{\"method\":\"tools/list\"}", "-32601");
    expect(&harness, (struct outcome){ 0 }, "ask", "{\"method\":\"ping\"}", "{\\\"result\\\":{}}");
    expect(&harness, (struct outcome){ .keeps_asks = true }, "repeat", "{}", "-32600");
    harness_end(&harness);
}

static void refusals_are_the_documented_ones(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "asking.mjs");
    expect(&harness, (struct outcome){ 0 }, "ask", ASK_FORM, "{\\\"action\\\":\\\"cancel\\\"}");
    expect(&harness, (struct outcome){ 0 }, "ask",
           "{\"method\":\"sampling/createMessage\",\"params\":{\"messages\":[],\"maxTokens\":1}}",
           "{\\\"code\\\":-1,\\\"message\\\":\\\"the client can't do that\\\"}");
    expect(&harness, (struct outcome){ 0 }, "ask", "{\"method\":\"roots/list\"}", "-32601");
    harness_end(&harness);
}

static void errors_tell_of_a_refusal(void **state)
{
    const struct upstream_caller caller = { .owner = &owners[0] };
    struct outcome outcome = { 0 };
    struct harness harness;

    (void)state;
    connect_to(&harness, "asking.mjs");
    call_as(&harness, &outcome, "demand", ASK_FORM, &caller);
    assert_int_equal(outcome.err.code, ERR_REMOTE);
    assert_non_null(strstr(outcome.err.text, "nothing goes without it"));
    assert_non_null(strstr(outcome.err.text, "elicitation/create"));
    assert_non_null(strstr(outcome.err.text, "the client can't do that"));
    outcome_done(&outcome);
    harness_end(&harness);
}

static void takes_back_questions(void **state)
{
    const struct upstream_caller caller = { .owner = &owners[0] };
    struct outcome outcome = { .keeps_asks = true };
    struct harness harness;

    (void)state;
    connect_to(&harness, "asking.mjs");
    call_as(&harness, &outcome, "regret", "{}", &caller);
    assert_non_null(strstr(outcome.result, "silent"));
    assert_int_equal(outcome.gone, 1);
    outcome_done(&outcome);
    outcome = (struct outcome){ .keeps_asks = true };
    call_as(&harness, &outcome, "impatient", "{}", &caller);
    assert_int_equal(outcome.gone, 1);
    outcome_done(&outcome);
    expect(&harness, (struct outcome){ 0 }, "told", "{}", "has ended");
    harness_end(&harness);
}

static void bounds_the_questions_of_a_server(void **state)
{
    const struct upstream_caller caller = { .owner = &owners[0] };
    struct outcome outcome = { .keeps_asks = true };
    struct harness harness;

    (void)state;
    connect_to(&harness, "asking.mjs");
    harness_start_asking(&harness, &outcome, "flood", "{\"count\":200}", HARNESS_TIMEOUT_MS,
                         &caller);
    harness_sleep(&harness, 500);
    assert_int_equal(outcome.asked[ASK_ELICIT_FORM], LIMIT_QUESTIONS);
    upstream_call_cancel(outcome.call);
    harness_wait(&harness, &outcome.done);
    assert_int_equal(outcome.gone, LIMIT_QUESTIONS);
    outcome_done(&outcome);
    harness_end(&harness);
}

static void ends_questions_with_the_connection(void **state)
{
    const struct upstream_caller caller = { .owner = &owners[0] };
    struct outcome asking = { .keeps_asks = true }, dying = { 0 };
    struct harness harness;

    (void)state;
    connect_to(&harness, "asking.mjs");
    harness_start_asking(&harness, &asking, "ask", ASK_FORM, HARNESS_TIMEOUT_MS, &caller);
    while (!asking.ask)
        loop_run(harness.loop);
    call_as(&harness, &dying, "die", "{}", &caller);
    harness_wait(&harness, &asking.done);
    assert_int_equal(asking.err.code, ERR_CLOSED);
    assert_int_equal(asking.gone, 1);
    outcome_done(&asking);
    outcome_done(&dying);
    harness_end(&harness);
}

static void answers_roots_itself(void **state)
{
    char *roots[] = { (char[]){ "file:///srv/a" }, NULL };
    struct harness harness;

    (void)state;
    connect_to(&harness, "asking.mjs");
    expect(&harness, (struct outcome){ 0 }, "outside", "{\"method\":\"roots/list\"}", "later");
    harness_sleep(&harness, 200);
    expect(&harness, (struct outcome){ 0 }, "told", "{}", "[{\\\"result\\\":{\\\"roots\\\":[]}}]");
    harness_end(&harness);
    harness_stdio(&harness, "asking.mjs", NULL);
    harness.server.roots = roots;
    harness_connect(&harness);
    expect(&harness, (struct outcome){ 0 }, "outside", "{\"method\":\"roots/list\"}", "later");
    harness_sleep(&harness, 200);
    expect(&harness, (struct outcome){ 0 }, "told", "{}", "file:///srv/a");
    expect(&harness, (struct outcome){ 0 }, "ask", "{\"method\":\"roots/list\"}", "file:///srv/a");
    expect(
        &harness,
        (struct outcome){ .answers = { [ASK_ROOTS] = "{\"roots\":[{\"uri\":\"file:///own\"}]}" } },
        "ask", "{\"method\":\"roots/list\"}", "file:///own");
    harness_end(&harness);
}

static void refuses_questions_of_nobody(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "asking.mjs");
    expect(&harness, (struct outcome){ 0 }, "outside", ASK_FORM, "later");
    harness_sleep(&harness, 200);
    expect(&harness, (struct outcome){ 0 }, "told", "{}", "cancel");
    harness_end(&harness);
}

/* A call that goes on beside the one that asks. */
static void ask_beside(const void *owner, const char *expected, unsigned asked)
{
    const struct upstream_caller first = { .owner = &owners[0] }, second = { .owner = owner };
    struct outcome waiting = { .keeps_asks = true };
    struct outcome outcome = { .answers = { [ASK_ELICIT_FORM] = ACCEPTED } };
    struct harness harness;

    connect_to(&harness, "asking.mjs");
    harness_start_asking(&harness, &waiting, "ask", ASK_FORM, HARNESS_TIMEOUT_MS, &first);
    while (!waiting.ask)
        loop_run(harness.loop);
    call_as(&harness, &outcome, "ask", ASK_FORM, &second);
    if (!strstr(outcome.result, expected))
        fail_msg("no '%s' in %s", expected, outcome.result);
    assert_int_equal(outcome.asked[ASK_ELICIT_FORM], asked);
    ask_refuse(waiting.ask, "enough");
    harness_wait(&harness, &waiting.done);
    outcome_done(&waiting);
    outcome_done(&outcome);
    harness_end(&harness);
}

static void asks_the_owner_alone(void **state)
{
    (void)state;
    ask_beside(&owners[0], "accept", 1);
    ask_beside(&owners[1], "servers.faulty.isolation: session", 0);
    ask_beside(NULL, "servers.faulty.isolation: session", 0);
}

static void visits_urls_and_calls_again(void **state)
{
    const struct upstream_caller caller = { .owner = &owners[0] };
    struct outcome outcome = { .answers = { [ASK_ELICIT_URL] = "{\"action\":\"accept\"}" } };
    struct harness harness;

    (void)state;
    connect_to(&harness, "asking.mjs");
    call_as(&harness, &outcome, "url", "{\"completes\":true}", &caller);
    assert_int_equal(outcome.err.code, ERR_NONE);
    assert_non_null(strstr(outcome.result, "visited 2"));
    assert_int_equal(outcome.asked[ASK_ELICIT_URL], 1);
    assert_string_equal(outcome.question, "{\"mode\":\"url\",\"message\":\"Please sign in\","
                                          "\"url\":\"https://example.com/sign-in\"}");
    outcome_done(&outcome);
    outcome = (struct outcome){ .answers = { [ASK_ELICIT_URL] = "{\"action\":\"accept\"}" } };
    call_as(&harness, &outcome, "url", "{\"completes\":true,\"again\":true}", &caller);
    assert_int_equal(outcome.code, -32042);
    assert_int_equal(outcome.asked[ASK_ELICIT_URL], 1);
    outcome_done(&outcome);
    harness_end(&harness);
}

static void tells_the_error_when_no_url_is_visited(void **state)
{
    static const char *const answers[] = { NULL, "{\"action\":\"decline\"}" };
    static const char *const why[] = { "the client can't do that", "did not accept" };
    const struct upstream_caller caller = { .owner = &owners[0] };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(answers); i++) {
        struct outcome outcome = { .answers = { [ASK_ELICIT_URL] = answers[i] } };
        struct harness harness;

        connect_to(&harness, "asking.mjs");
        call_as(&harness, &outcome, "url", "{}", &caller);
        assert_int_equal(outcome.err.code, ERR_REMOTE);
        assert_int_equal(outcome.code, -32042);
        assert_non_null(strstr(outcome.err.text, why[i]));
        assert_non_null(strstr(outcome.result, "https://example.com/sign-in"));
        outcome_done(&outcome);
        harness_end(&harness);
    }
}

/* --- modern --- */

static void refuses_rounds_that_are_not_valid(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "asking_modern.mjs");
    expect_error(&harness, "unknown", ERR_PROTOCOL, "is not valid");
    expect_error(&harness, "malformed", ERR_PROTOCOL, "needs a message");
    expect_error(&harness, "neither", ERR_PROTOCOL, "neither questions nor a state");
    expect_error(&harness, "endless", ERR_LIMIT, "QUESTION_ROUNDS (10)");
    harness_end(&harness);
}

static void refuses_what_was_not_declared(void **state)
{
    static const struct {
        const char *tool, *text;
    } rows[] = { { "sample", "asks for sampling/createMessage" },
                 { "url", "asks for elicitation/create by url" },
                 { "roots", "asks for roots/list" } };
    const struct upstream_caller caller = { .capabilities = LITERAL("{\"elicitation\":{}}") };
    struct harness harness;

    (void)state;
    connect_to(&harness, "asking_modern.mjs");
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct outcome outcome = { 0 };

        call_as(&harness, &outcome, rows[i].tool, "{}", &caller);
        assert_int_equal(outcome.err.code, ERR_PROTOCOL);
        assert_non_null(strstr(outcome.err.text, rows[i].text));
        assert_non_null(strstr(outcome.err.text, "did not declare"));
        outcome_done(&outcome);
    }
    harness_end(&harness);
}

static void goes_on_with_a_state_alone(void **state)
{
    struct outcome outcome = { .answers = { [ASK_ELICIT_FORM] = ACCEPTED } };
    struct harness harness;

    (void)state;
    connect_to(&harness, "asking_modern.mjs");
    expect(&harness, outcome, "state", "{}", "after 2 rounds");
    expect(&harness, outcome, "odd", "{}", "the same bytes");
    expect(&harness, outcome, "form", "{}", "{\\\"a\\\":{\\\"action\\\":\\\"accept\\\"");
    harness_end(&harness);
}

static void passes_rounds_to_whoever_takes_them(void **state)
{
    const struct upstream_caller caller = { .capabilities = LITERAL(ALL),
                                            .takes_input_required = true };
    struct outcome outcome = { 0 };
    struct harness harness;

    (void)state;
    connect_to(&harness, "asking_modern.mjs");
    call_as(&harness, &outcome, "odd", "{}", &caller);
    assert_int_equal(outcome.err.code, ERR_NONE);
    assert_non_null(strstr(outcome.result, "\"requestState\":\"\\u0041\\/\\u00e9 b\""));
    assert_int_equal(outcome.asked[ASK_ELICIT_FORM], 0);
    outcome_done(&outcome);
    harness_end(&harness);
}

static void configured_roots_need_no_client(void **state)
{
    char *roots[] = { (char[]){ "file:///srv/a" }, NULL };
    const struct upstream_caller caller = { .owner = &owners[0] };
    struct outcome outcome = { 0 };
    struct harness harness;

    (void)state;
    harness_stdio(&harness, "asking_modern.mjs", NULL);
    harness.server.roots = roots;
    harness_connect(&harness);
    call_as(&harness, &outcome, "roots", "{}", &caller);
    assert_int_equal(outcome.err.code, ERR_NONE);
    assert_non_null(strstr(outcome.result, "file:///srv/a"));
    outcome_done(&outcome);
    harness_end(&harness);
}

/* --- what goes with a request --- */

#define TRACE_ID "4bf92f3577b34da6a3ce929d0e0e4736"
#define META                                                                          \
    "{\"progressToken\":\"theirs\",\"io.modelcontextprotocol/logLevel\":\"debug\","   \
    "\"dev.mcp/x\":1,\"example.com/vendor\":{\"a\":[1]},\"plain\":0.10,"              \
    "\"traceparent\":\"00-" TRACE_ID "-00f067aa0ba902b7-01\",\"tracestate\":\"a=b\"," \
    "\"baggage\":\"c=d\"}"

static void assert_lacks(const struct outcome *outcome, const char *text)
{
    if (strstr(outcome->result, text))
        fail_msg("'%s' stands in %s", text, outcome->result);
}

static void assert_holds(const struct outcome *outcome, const char *text)
{
    if (!strstr(outcome->result, text))
        fail_msg("no '%s' in %s", text, outcome->result);
}

static void metadata_travels(void **state)
{
    static const char *const scripts[] = { "asking.mjs", "asking_modern.mjs" };
    const struct upstream_caller caller = { .meta = LITERAL(META), .capabilities = LITERAL(ALL) };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(scripts); i++) {
        struct outcome outcome = { 0 };
        struct harness harness;

        connect_to(&harness, scripts[i]);
        call_as(&harness, &outcome, "meta", "{}", &caller);
        assert_holds(&outcome, "\\\"example.com/vendor\\\":{\\\"a\\\":[1]}");
        assert_holds(&outcome, "\\\"traceparent\\\":\\\"00-" TRACE_ID "-");
        assert_holds(&outcome, "\\\"tracestate\\\":\\\"a=b\\\"");
        assert_holds(&outcome, "\\\"baggage\\\":\\\"c=d\\\"");
        assert_lacks(&outcome, "00f067aa0ba902b7");
        assert_lacks(&outcome, "theirs");
        assert_lacks(&outcome, "dev.mcp/x");
        assert_lacks(&outcome, "logLevel");
        outcome_done(&outcome);
        harness_end(&harness);
    }
}

static void logs_reach_the_call(void **state)
{
    const struct upstream_caller info = { .owner = &owners[0], .log_level = "info" };
    const struct upstream_caller debug = { .owner = &owners[0], .log_level = "debug" };
    struct outcome outcome = { 0 };
    struct harness harness;

    (void)state;
    connect_to(&harness, "asking.mjs");
    call_as(&harness, &outcome, "log", "{}", &info);
    assert_holds(&outcome, "\"info\"");
    assert_int_equal(outcome.logs, 2);
    assert_non_null(strstr(outcome.logged, "at error"));
    outcome_done(&outcome);
    outcome = (struct outcome){ 0 };
    call_as(&harness, &outcome, "log", "{}", &debug);
    assert_holds(&outcome, "\"debug\"");
    assert_int_equal(outcome.logs, 3);
    outcome_done(&outcome);
    outcome = (struct outcome){ 0 };
    call_as(&harness, &outcome, "log", "{}", NULL);
    assert_holds(&outcome, "\"debug\"");
    assert_int_equal(outcome.logs, 0);
    outcome_done(&outcome);
    harness_end(&harness);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(declares_what_the_configuration_permits),
        cmocka_unit_test(refuses_what_is_not_valid),
        cmocka_unit_test(refusals_are_the_documented_ones),
        cmocka_unit_test(errors_tell_of_a_refusal),
        cmocka_unit_test(takes_back_questions),
        cmocka_unit_test(bounds_the_questions_of_a_server),
        cmocka_unit_test(ends_questions_with_the_connection),
        cmocka_unit_test(answers_roots_itself),
        cmocka_unit_test(refuses_questions_of_nobody),
        cmocka_unit_test(asks_the_owner_alone),
        cmocka_unit_test(visits_urls_and_calls_again),
        cmocka_unit_test(tells_the_error_when_no_url_is_visited),
        cmocka_unit_test(refuses_rounds_that_are_not_valid),
        cmocka_unit_test(refuses_what_was_not_declared),
        cmocka_unit_test(goes_on_with_a_state_alone),
        cmocka_unit_test(passes_rounds_to_whoever_takes_them),
        cmocka_unit_test(configured_roots_need_no_client),
        cmocka_unit_test(metadata_travels),
        cmocka_unit_test(logs_reach_the_call),
    };

    keeper_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

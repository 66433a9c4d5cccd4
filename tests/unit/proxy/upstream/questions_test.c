/*
 * Questions that servers of the official SDK put to their clients: in both
 * eras and over both transports they reach whoever made the call, and the
 * answers return.
 */
#include "proxy/upstream/ask.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proxy/upstream/keeper.h"
#include "tests/unit/proxy/upstream/harness.h"
#include "tests/unit/test.h"

#define CAPABILITIES                                                                    \
    "{\"elicitation\":{\"form\":{},\"url\":{}},\"sampling\":{\"tools\":{}},\"roots\":{" \
    "\"listChanged\":true},\"experimental\":{}}"

static const struct upstream_caller client = {
    .owner = CAPABILITIES, .capabilities = { CAPABILITIES, sizeof(CAPABILITIES) - 1 }
};

/* The ways in which a server may be reached and speak. */
static const struct way {
    const char *transport, *era;
} ways[] = {
    { "stdio", "legacy" },
    { "stdio", "modern" },
    { "http", "legacy" },
    { "http", "modern" },
};

static void prepare(struct harness *harness, const struct way *way)
{
    if (strcmp(way->transport, "http") == 0) {
        harness_http(harness, "conformance.mjs", way->era, "/mcp");
    } else {
        harness_command(harness,
                        (const char *[]){ harness_node(), "tests/fixtures/servers/conformance.mjs",
                                          "stdio", way->era, NULL });
    }
}

static void connect_prepared(struct harness *harness, const struct way *way)
{
    harness_connect(harness);
    if (harness_status(harness).state != SERVER_READY)
        fail_msg("%s %s: %s", way->transport, way->era, harness_status(harness).problem);
    assert_int_equal(harness_status(harness).era,
                     strcmp(way->era, "legacy") == 0 ? ERA_LEGACY : ERA_MODERN);
}

static void connect_way(struct harness *harness, const struct way *way)
{
    prepare(harness, way);
    connect_prepared(harness, way);
}

static void
ask(struct harness *harness, struct outcome *outcome, const char *tool, const char *args)
{
    harness_start_asking(harness, outcome, tool, args, HARNESS_TIMEOUT_MS, &client);
    harness_wait(harness, &outcome->done);
}

/* Fails unless the call came to a result that holds `text`. */
static void assert_told(struct outcome *outcome, const struct way *way, const char *text)
{
    if (outcome->err.code != ERR_NONE)
        fail_msg("%s %s: %s", way->transport, way->era, outcome->err.text);
    if (!strstr(outcome->result, text))
        fail_msg("%s %s: no '%s' in %s", way->transport, way->era, text, outcome->result);
}

static void answer_three(struct harness *harness, const struct way *way)
{
    struct outcome outcome = {
        .answers = { [ASK_ELICIT_FORM] = "{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}}",
                     [ASK_SAMPLE] = "{\"role\":\"assistant\",\"model\":\"m\",\"content\":{"
                                    "\"type\":\"text\",\"text\":\"Good day\"}}",
                     [ASK_ROOTS] =
                         "{\"roots\":[{\"uri\":\"file:///a\"},{\"uri\":\"file:///b\"}]}" }
    };

    ask(harness, &outcome, "test_input_required_result_multiple_inputs", "{}");
    assert_told(&outcome, way, "Good day Ada, 2 root(s)");
    assert_int_equal(outcome.asked[ASK_ELICIT_FORM], 1);
    assert_int_equal(outcome.asked[ASK_SAMPLE], 1);
    assert_int_equal(outcome.asked[ASK_ROOTS], 1);
    outcome_done(&outcome);
}

static void answer_in_rounds(struct harness *harness, const struct way *way)
{
    struct outcome outcome = {
        .answers = { [ASK_ELICIT_FORM] = "{\"action\":\"accept\",\"content\":{\"name\":\"Ada\","
                                         "\"color\":\"blue\"}}" }
    };

    ask(harness, &outcome, "test_input_required_result_multi_round", "{}");
    assert_told(&outcome, way, "Ada likes blue");
    assert_int_equal(outcome.asked[ASK_ELICIT_FORM], 2);
    outcome_done(&outcome);
}

static void answers_reach_the_server(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(ways); i++) {
        struct harness harness;

        connect_way(&harness, &ways[i]);
        answer_three(&harness, &ways[i]);
        answer_in_rounds(&harness, &ways[i]);
        harness_end(&harness);
    }
}

static void refuse_elicitation(struct harness *harness, const struct way *way)
{
    struct outcome outcome = { 0 };

    ask(harness, &outcome, "test_elicitation", "{\"message\":\"Who?\"}");
    assert_told(&outcome, way, "action=cancel");
    assert_non_null(strstr(outcome.question, "\"message\":\"Who?\""));
    outcome_done(&outcome);
}

static void refuse_sampling(struct harness *harness, const struct way *way)
{
    struct outcome outcome = { 0 };
    bool modern = strcmp(way->era, "modern") == 0;

    ask(harness, &outcome, "test_sampling", "{\"prompt\":\"Say\"}");
    if (!modern) {
        assert_told(&outcome, way, "\"isError\":true");
    } else {
        assert_int_equal(outcome.err.code, ERR_UNSUPPORTED);
        assert_non_null(
            strstr(outcome.err.text, "server 'faulty' asks for sampling/createMessage"));
        assert_non_null(strstr(outcome.err.text, "the client can't do that"));
    }
    outcome_done(&outcome);
}

static void refusals_reach_the_server(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(ways); i++) {
        struct harness harness;

        connect_way(&harness, &ways[i]);
        refuse_elicitation(&harness, &ways[i]);
        refuse_sampling(&harness, &ways[i]);
        harness_end(&harness);
    }
}

/* The deadline would have passed three times. */
static void waits_as_long_as_the_user(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(ways); i++) {
        struct outcome outcome = { .keeps_asks = true };
        struct harness harness;

        connect_way(&harness, &ways[i]);
        harness_start_asking(&harness, &outcome, "test_elicitation", "{\"message\":\"Who?\"}", 1500,
                             &client);
        while (!outcome.ask && !outcome.done)
            loop_run(harness.loop);
        harness_sleep(&harness, 4500);
        assert_false(outcome.done);
        ask_answer(outcome.ask, SPAN("{\"action\":\"accept\",\"content\":{\"username\":\"Ada\"}}"));
        harness_wait(&harness, &outcome.done);
        assert_told(&outcome, &ways[i], "action=accept, content={\\\"username\\\":\\\"Ada\\\"}");
        outcome_done(&outcome);
        harness_end(&harness);
    }
}

static void questions_end_with_their_call(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(ways); i++) {
        struct outcome outcome = { .keeps_asks = true };
        struct harness harness;

        connect_way(&harness, &ways[i]);
        harness_start_asking(&harness, &outcome, "test_elicitation", "{\"message\":\"Who?\"}",
                             HARNESS_TIMEOUT_MS, &client);
        while (!outcome.ask && !outcome.done)
            loop_run(harness.loop);
        upstream_call_cancel(outcome.call);
        harness_wait(&harness, &outcome.done);
        assert_int_equal(outcome.err.code, ERR_CANCELLED);
        assert_int_equal(outcome.gone, 1);
        outcome_done(&outcome);
        harness_expect(&harness, "test_simple_text", "{}", "text");
        harness_end(&harness);
    }
}

/* Each by its own way: a level for the connection, or one in each request. */
static void logs_reach_who_wants_them(void **state)
{
    struct upstream_caller caller = client;

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(ways); i++) {
        struct outcome wanted = { 0 }, unwanted = { 0 };
        struct harness harness;

        connect_way(&harness, &ways[i]);
        caller.log_level = "info";
        harness_start_asking(&harness, &wanted, "test_tool_with_logging", "{}", HARNESS_TIMEOUT_MS,
                             &caller);
        harness_wait(&harness, &wanted.done);
        assert_told(&wanted, &ways[i], "logged");
        if (wanted.logs != 3)
            fail_msg("%s %s: %u messages", ways[i].transport, ways[i].era, wanted.logs);
        assert_non_null(strstr(wanted.logged, "Tool execution completed"));
        caller.log_level = "error";
        harness_start_asking(&harness, &unwanted, "test_tool_with_logging", "{}",
                             HARNESS_TIMEOUT_MS, &caller);
        harness_wait(&harness, &unwanted.done);
        assert_int_equal(unwanted.logs, 0);
        outcome_done(&wanted);
        outcome_done(&unwanted);
        harness_end(&harness);
    }
}

static unsigned updates;

static void
on_resource_updated(void *ctx, const char *server_key, struct span session, struct span params)
{
    (void)ctx;
    assert_string_equal(server_key, HARNESS_KEY);
    assert_int_equal(session.len, 0);
    assert_non_null(memmem(params.data, params.len, "test://watched-resource", 23));
    updates++;
}

static void updates_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(ways); i++) {
        struct harness harness;
        struct err err = ERR_INIT;

        /* This fixture has nobody to tell there; asking_modern.mjs has. */
        if (strcmp(ways[i].transport, "stdio") == 0 && strcmp(ways[i].era, "modern") == 0)
            continue;
        updates = 0;
        prepare(&harness, &ways[i]);
        harness.on_resource_updated = on_resource_updated;
        connect_prepared(&harness, &ways[i]);
        assert_int_equal(upstreams_watch(harness.upstreams, SPAN(HARNESS_KEY), SPAN_NONE,
                                         SPAN("test://watched-resource"), &err),
                         0);
        harness_sleep(&harness, 300);
        harness_expect(&harness, "test_trigger_resource_update",
                       "{\"uri\":\"test://watched-resource\"}", "changed");
        harness_sleep(&harness, 300);
        if (updates != 1)
            fail_msg("%s %s: %u updates", ways[i].transport, ways[i].era, updates);
        harness_end(&harness);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_reach_the_server),
        cmocka_unit_test(refusals_reach_the_server),
        cmocka_unit_test(waits_as_long_as_the_user),
        cmocka_unit_test(questions_end_with_their_call),
        cmocka_unit_test(logs_reach_who_wants_them),
        cmocka_unit_test(updates_are_told),
    };

    keeper_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

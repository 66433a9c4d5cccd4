/*
 * What a server's configuration says of its connections: one for each session
 * of a client, the era; and the resources that are watched over them.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proxy/upstream/keeper.h"
#include "tests/unit/proxy/upstream/harness.h"
#include "tests/unit/test.h"

#define FORM     "{\"message\":\"Who?\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{}}}"
#define ASK_FORM "{\"method\":\"elicitation/create\",\"params\":" FORM "}"
#define ACCEPTED "{\"action\":\"accept\",\"content\":{}}"

static const int owners[2];
static const struct upstream_caller sessions[] = {
    { .owner = &owners[0], .session = { "first", 5 } },
    { .owner = &owners[1], .session = { "second", 6 } },
};

static void connect_isolated(struct harness *harness)
{
    harness_stdio(harness, "asking.mjs", NULL);
    harness->server.isolation = ISOLATION_SESSION;
    harness_connect(harness);
    if (harness_status(harness).state != SERVER_READY)
        fail_msg("%s", harness_status(harness).problem);
}

/* The process that a call of that session reaches; 0 when the call fails. */
static int pid_of(struct harness *harness, const struct upstream_caller *caller)
{
    struct outcome outcome = { 0 };
    const char *text;
    int pid = 0;

    harness_start_asking(harness, &outcome, "pid", "{}", HARNESS_TIMEOUT_MS, caller);
    harness_wait(harness, &outcome.done);
    if (outcome.err.code == ERR_NONE && (text = strstr(outcome.result, "\"text\":\"")))
        pid = (int)strtol(text + 8, NULL, 10);
    outcome_done(&outcome);
    return pid;
}

static void assert_ended(struct harness *harness, int pid)
{
    for (unsigned waited_ms = 0; waited_ms < HARNESS_TIMEOUT_MS; waited_ms += 50) {
        if (kill(pid, 0) < 0)
            return;
        harness_sleep(harness, 50);
    }
    fail_msg("process %d is left", pid);
}

static void each_session_has_a_process(void **state)
{
    struct harness harness;
    int shared, first, second;

    (void)state;
    connect_isolated(&harness);
    shared = pid_of(&harness, NULL);
    first = pid_of(&harness, &sessions[0]);
    second = pid_of(&harness, &sessions[1]);
    assert_true(shared && first && second);
    assert_true(shared != first && first != second && second != shared);
    assert_int_equal(pid_of(&harness, &sessions[0]), first);
    assert_int_equal(harness_status(&harness).tools, harness_server(&harness)->tool_count);
    assert_int_equal(harness.changes, 1);
    upstreams_session_gone(harness.upstreams, SPAN("first"));
    assert_ended(&harness, first);
    assert_int_equal(pid_of(&harness, &sessions[1]), second);
    assert_true(pid_of(&harness, &sessions[0]) != first);
    harness_end(&harness);
    assert_int_equal(kill(second, 0), -1);
}

static void shared_servers_take_no_notice(void **state)
{
    struct harness harness;

    (void)state;
    harness_stdio(&harness, "asking.mjs", NULL);
    harness_connect(&harness);
    assert_int_equal(pid_of(&harness, &sessions[0]), pid_of(&harness, &sessions[1]));
    upstreams_session_gone(harness.upstreams, SPAN("first"));
    assert_true(pid_of(&harness, &sessions[0]) != 0);
    harness_end(&harness);
}

/* Its process dies; the next call begins another, and nobody else has noticed. */
static void a_lost_session_begins_anew(void **state)
{
    struct outcome outcome = { 0 };
    struct harness harness;
    int shared, first, second;

    (void)state;
    connect_isolated(&harness);
    shared = pid_of(&harness, NULL);
    first = pid_of(&harness, &sessions[0]);
    second = pid_of(&harness, &sessions[1]);
    harness_start_asking(&harness, &outcome, "die", "{}", HARNESS_TIMEOUT_MS, &sessions[0]);
    harness_wait(&harness, &outcome.done);
    assert_int_equal(outcome.err.code, ERR_CLOSED);
    outcome_done(&outcome);
    assert_ended(&harness, first);
    assert_true(pid_of(&harness, &sessions[0]) != 0);
    assert_int_equal(pid_of(&harness, &sessions[1]), second);
    assert_int_equal(pid_of(&harness, NULL), shared);
    assert_int_equal(harness_status(&harness).state, SERVER_READY);
    harness_end(&harness);
}

static void a_session_that_can_not_begin_says_why(void **state)
{
    struct outcome outcome = { 0 };
    struct harness harness;

    (void)state;
    connect_isolated(&harness);
    free(harness.argv[1]);
    harness.argv[1] = xstrdup("tests/fixtures/servers/none.mjs");
    harness_start_asking(&harness, &outcome, "pid", "{}", HARNESS_TIMEOUT_MS, &sessions[0]);
    harness_wait(&harness, &outcome.done);
    assert_int_equal(outcome.err.code, ERR_UNAVAILABLE);
    if (!strstr(outcome.err.text, "exited with status 1"))
        fail_msg("%s", outcome.err.text);
    outcome_done(&outcome);
    harness_end(&harness);
}

/* Over one connection the second question would be nobody's. */
static void questions_of_sessions_do_not_mix(void **state)
{
    struct outcome outcomes[2] = { { .keeps_asks = true }, { .keeps_asks = true } };
    struct harness harness;

    (void)state;
    connect_isolated(&harness);
    for (size_t i = 0; i < 2; i++) {
        harness_start_asking(&harness, &outcomes[i], "ask", ASK_FORM, HARNESS_TIMEOUT_MS,
                             &sessions[i]);
        while (!outcomes[i].ask)
            loop_run(harness.loop);
    }
    for (size_t i = 0; i < 2; i++)
        ask_answer(outcomes[i].ask, SPAN(ACCEPTED));
    for (size_t i = 0; i < 2; i++) {
        harness_wait(&harness, &outcomes[i].done);
        assert_non_null(strstr(outcomes[i].result, "accept"));
        outcome_done(&outcomes[i]);
    }
    harness_end(&harness);
}

static void frees_sessions_at_work(void **state)
{
    struct outcome outcome = { .keeps_asks = true };
    struct harness harness;

    (void)state;
    connect_isolated(&harness);
    harness_start_asking(&harness, &outcome, "ask", ASK_FORM, HARNESS_TIMEOUT_MS, &sessions[0]);
    while (!outcome.ask)
        loop_run(harness.loop);
    harness_end(&harness);
    assert_true(outcome.done);
    assert_int_equal(outcome.gone, 1);
    outcome_done(&outcome);
}

/* --- the era --- */

static void
assert_era(const char *script, const char *mode, enum era_choice choice, enum era expected)
{
    struct harness harness;

    harness_stdio(&harness, script, mode);
    harness.server.era = choice;
    harness_connect(&harness);
    if (expected == ERA_UNKNOWN) {
        assert_int_equal(harness_status(&harness).state, SERVER_DOWN);
        if (choice == ERA_CHOICE_MODERN)
            assert_non_null(strstr(harness_status(&harness).problem, "servers.faulty.era: modern"));
    } else {
        assert_int_equal(harness_status(&harness).state, SERVER_READY);
        assert_int_equal(harness_status(&harness).era, expected);
    }
    harness_end(&harness);
}

static void speaks_the_era_that_is_chosen(void **state)
{
    (void)state;
    assert_era("asking.mjs", NULL, ERA_CHOICE_LEGACY, ERA_LEGACY);
    assert_era("asking.mjs", NULL, ERA_CHOICE_MODERN, ERA_UNKNOWN);
    assert_era("asking_modern.mjs", NULL, ERA_CHOICE_MODERN, ERA_MODERN);
    assert_era("asking_modern.mjs", NULL, ERA_CHOICE_LEGACY, ERA_UNKNOWN);
    assert_era("asking_modern.mjs", "late", ERA_CHOICE_AUTO, ERA_MODERN);
}

/* --- resources --- */

struct updates {
    unsigned count;
    char uri[256];
};

static struct updates updates;

static void on_resource_updated(void *ctx, const char *server_key, struct span params)
{
    (void)ctx;
    assert_string_equal(server_key, HARNESS_KEY);
    updates.count++;
    assert_true(params.len < sizeof(updates.uri));
    memcpy(updates.uri, params.data, params.len);
    updates.uri[params.len] = '\0';
}

/* With an event of resources, which the harness does not have by itself. */
static void connect_watching(struct harness *harness, const char *script)
{
    harness_stdio(harness, script, NULL);
    harness->on_resource_updated = on_resource_updated;
    harness_connect(harness);
    assert_int_equal(harness_status(harness).state, SERVER_READY);
    updates = (struct updates){ 0 };
}

#define WATCH(harness, uri)   upstreams_watch((harness)->upstreams, SPAN(HARNESS_KEY), SPAN(uri))
#define UNWATCH(harness, uri) upstreams_unwatch((harness)->upstreams, SPAN(HARNESS_KEY), SPAN(uri))

static void watches_resources_of_legacy_servers(void **state)
{
    struct outcome outcome;
    struct harness harness;

    (void)state;
    connect_watching(&harness, "asking.mjs");
    WATCH(&harness, "test://a");
    WATCH(&harness, "test://a");
    WATCH(&harness, "test://b");
    harness_expect(&harness, "subscribed", "{}", "[\\\"test://a\\\",\\\"test://b\\\"]");
    harness_expect(&harness, "touch", "{\"uri\":\"test://a\"}", "touched");
    assert_int_equal(updates.count, 1);
    assert_string_equal(updates.uri, "{\"uri\":\"test://a\"}");
    UNWATCH(&harness, "test://a");
    UNWATCH(&harness, "test://b");
    UNWATCH(&harness, "test://never");
    harness_expect(&harness, "subscribed", "{}", "[\\\"test://a\\\"]");
    harness_call(&harness, &outcome, "die", "{}");
    outcome_done(&outcome);
    harness_expect(&harness, "subscribed", "{}", "[\\\"test://a\\\"]");
    harness_end(&harness);
}

static void watches_resources_of_modern_servers(void **state)
{
    struct harness harness;

    (void)state;
    connect_watching(&harness, "asking_modern.mjs");
    harness_expect(&harness, "listens", "{}", "\"[]\"");
    WATCH(&harness, "test://a");
    WATCH(&harness, "test://b");
    harness_sleep(&harness, 50);
    UNWATCH(&harness, "test://b");
    harness_sleep(&harness, 50);
    harness_expect(&harness, "listens", "{}",
                   "\"[[\\\"test://a\\\",\\\"test://b\\\"],[\\\"test://a\\\"]]\"");
    harness_expect(&harness, "touch", "{\"uri\":\"t://a\"}", "touched");
    assert_int_equal(updates.count, 1);
    harness_end(&harness);
}

static void tells_the_capabilities_of_a_server(void **state)
{
    struct harness harness;

    (void)state;
    harness_stdio(&harness, "asking.mjs", NULL);
    harness_connect(&harness);
    assert_true(span_is(harness_status(&harness).capabilities,
                        "{\"tools\":{},\"resources\":{\"subscribe\":true},\"logging\":{}}"));
    harness_end(&harness);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_session_has_a_process),
        cmocka_unit_test(shared_servers_take_no_notice),
        cmocka_unit_test(a_lost_session_begins_anew),
        cmocka_unit_test(a_session_that_can_not_begin_says_why),
        cmocka_unit_test(questions_of_sessions_do_not_mix),
        cmocka_unit_test(frees_sessions_at_work),
        cmocka_unit_test(speaks_the_era_that_is_chosen),
        cmocka_unit_test(watches_resources_of_legacy_servers),
        cmocka_unit_test(watches_resources_of_modern_servers),
        cmocka_unit_test(tells_the_capabilities_of_a_server),
    };

    keeper_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * What a server's configuration says of its connections: one for each session
 * of a client, the era; and the resources that are watched over them.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    char session[32]; /* on whose connection the last was told */
};

static struct updates updates;

static void
on_resource_updated(void *ctx, const char *server_key, struct span session, struct span params)
{
    (void)ctx;
    assert_string_equal(server_key, HARNESS_KEY);
    updates.count++;
    assert_true(params.len < sizeof(updates.uri));
    memcpy(updates.uri, params.data, params.len);
    updates.uri[params.len] = '\0';
    assert_true(session.len < sizeof(updates.session));
    snprintf(updates.session, sizeof(updates.session), "%.*s", SPAN_ARG(session));
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

static void watch(struct harness *harness, const char *session, const char *uri)
{
    struct err err = ERR_INIT;

    assert_int_equal(upstreams_watch(harness->upstreams, SPAN(HARNESS_KEY), span_of(session),
                                     span_of(uri), &err),
                     0);
}

static void unwatch(struct harness *harness, const char *session, const char *uri)
{
    upstreams_unwatch(harness->upstreams, SPAN(HARNESS_KEY), span_of(session), span_of(uri));
}

#define WATCH(harness, uri)   watch((harness), "", (uri))
#define UNWATCH(harness, uri) unwatch((harness), "", (uri))

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

/* --- what is told on a session's own connection --- */

struct told_lists {
    unsigned count, lists;
    char session[32];
};

static struct told_lists told;

static void on_session_lists(void *ctx, const char *server_key, struct span session, unsigned lists)
{
    (void)ctx;
    assert_string_equal(server_key, HARNESS_KEY);
    told.count++;
    told.lists |= lists;
    snprintf(told.session, sizeof(told.session), "%.*s", SPAN_ARG(session));
}

/* With a file that all processes of the server list, NULL: none. */
static void connect_stateful(struct harness *harness, const char *script, const char *file)
{
    harness_stdio(harness, script, file);
    harness->server.isolation = ISOLATION_SESSION;
    harness->on_resource_updated = on_resource_updated;
    harness->on_session_lists = on_session_lists;
    harness_connect(harness);
    if (harness_status(harness).state != SERVER_READY)
        fail_msg("%s", harness_status(harness).problem);
    updates = (struct updates){ 0 };
    told = (struct told_lists){ 0 };
}

/* The text that a call of that session (-1: of none) gives holds `expected`. */
static void expect_of(struct harness *harness,
                      int session,
                      const char *tool,
                      const char *arguments,
                      const char *expected)
{
    struct outcome outcome = { 0 };

    harness_start_asking(harness, &outcome, tool, arguments, HARNESS_TIMEOUT_MS,
                         session < 0 ? NULL : &sessions[session]);
    harness_wait(harness, &outcome.done);
    if (outcome.err.code != ERR_NONE)
        fail_msg("%s: %s", tool, outcome.err.text);
    if (!strstr(outcome.result, expected))
        fail_msg("%s: no '%s' in %s", tool, expected, outcome.result);
    outcome_done(&outcome);
}

static void wait_for(struct harness *harness, const unsigned *count, unsigned least)
{
    for (unsigned waited_ms = 0; *count < least; waited_ms += 20) {
        if (waited_ms >= HARNESS_TIMEOUT_MS)
            fail_msg("%u of %u came", *count, least);
        harness_sleep(harness, 20);
    }
}

/* A folder for one file, which stands in `path`. */
static void make_place(char *folder, char *path, size_t size)
{
    assert_non_null(mkdtemp(folder));
    snprintf(path, size, "%s/listed", folder);
}

static void remove_place(const char *folder, const char *path)
{
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
}

/* What all processes list is read again, whoever tells of it; each kind of list. */
static void lists_told_by_a_session_are_read_again(void **state)
{
    static const char *const published[] = {
        "{\"list\":\"tools\",\"name\":\"more\"}",
        "{\"list\":\"prompts\",\"name\":\"more\"}",
        "{\"list\":\"resources\",\"name\":\"more\"}",
    };
    static const unsigned bits[] = { UPSTREAM_TOOLS, UPSTREAM_PROMPTS, UPSTREAM_RESOURCES };
    char folder[] = "/tmp/mcpfold-lists-XXXXXX", path[64];
    struct harness harness;

    (void)state;
    make_place(folder, path, sizeof(path));
    connect_stateful(&harness, "stateful.mjs", path);
    for (unsigned i = 0; i < ARRAY_COUNT(published); i++) {
        told = (struct told_lists){ 0 };
        expect_of(&harness, 0, "publish", published[i], "published");
        wait_for(&harness, &told.count, 1);
        assert_int_equal(told.lists, bits[i]);
        assert_string_equal(told.session, "first");
        wait_for(&harness, &harness.changes, 2 + i);
    }
    assert_true(harness_has_tool(&harness, "more"));
    assert_int_equal(harness_server(&harness)->prompt_count, 2);
    assert_int_equal(harness_server(&harness)->resource_count, 2);
    harness_end(&harness);
    remove_place(folder, path);
}

/* How often the shared connection was asked for its tools. */
static unsigned listings(struct harness *harness)
{
    struct outcome outcome;
    const char *text;
    unsigned count = 0;

    harness_call(harness, &outcome, "listings", "{}");
    if (outcome.err.code == ERR_NONE && (text = strstr(outcome.result, "\"text\":\"")))
        count = (unsigned)strtoul(text + 8, NULL, 10);
    outcome_done(&outcome);
    return count;
}

/* A tool that only one session has is not in the catalogue, and nobody is told of a change.  How
 * many readings there are is a matter of how fast the sessions tell; not one for each. */
static void many_sessions_that_tell_are_one_reason(void **state)
{
    struct outcome outcomes[12] = { 0 };
    struct harness harness;
    unsigned before;

    (void)state;
    connect_stateful(&harness, "stateful.mjs", NULL);
    pid_of(&harness, &sessions[0]);
    pid_of(&harness, &sessions[1]);
    before = listings(&harness);
    for (size_t i = 0; i < ARRAY_COUNT(outcomes); i++)
        harness_start_asking(&harness, &outcomes[i], "login", "{}", HARNESS_TIMEOUT_MS,
                             &sessions[i % 2]);
    for (size_t i = 0; i < ARRAY_COUNT(outcomes); i++) {
        harness_wait(&harness, &outcomes[i].done);
        outcome_done(&outcomes[i]);
    }
    for (unsigned waited = 0; listings(&harness) == before && waited < 400; waited++)
        harness_sleep(&harness, 50);
    assert_in_range(listings(&harness), before + 1, before + 4);
    assert_true(told.count >= 1 && told.lists == UPSTREAM_TOOLS);
    assert_true(harness_server(&harness)->isolated);
    assert_false(harness_has_tool(&harness, "secret"));
    assert_int_equal(harness.changes, 1);
    expect_of(&harness, 0, "secret", "{}", "told");
    harness_end(&harness);
}

static void sessions_watch_on_their_own_connections(void **state)
{
    struct harness harness;

    (void)state;
    connect_stateful(&harness, "stateful.mjs", NULL);
    watch(&harness, "first", "test://a");
    watch(&harness, "second", "test://a");
    watch(&harness, "second", "test://b");
    expect_of(&harness, 0, "subscribed", "{}", "[\\\"test://a\\\"]");
    expect_of(&harness, 1, "subscribed", "{}", "[\\\"test://a\\\",\\\"test://b\\\"]");
    expect_of(&harness, -1, "subscribed", "{}", "\"[]\"");
    expect_of(&harness, 1, "touch", "{\"uri\":\"test://a\"}", "touched");
    assert_int_equal(updates.count, 1);
    assert_string_equal(updates.session, "second");
    unwatch(&harness, "second", "test://a");
    expect_of(&harness, 1, "subscribed", "{}", "[\\\"test://b\\\"]");
    expect_of(&harness, 0, "subscribed", "{}", "[\\\"test://a\\\"]");
    upstreams_session_gone(harness.upstreams, SPAN("first"));
    expect_of(&harness, 0, "subscribed", "{}", "\"[]\"");
    harness_end(&harness);
}

static void modern_servers_are_told_what_sessions_watch(void **state)
{
    struct harness harness;

    (void)state;
    connect_stateful(&harness, "asking_modern.mjs", NULL);
    watch(&harness, "first", "test://a");
    expect_of(&harness, 0, "listens", "{}", "\"[[\\\"test://a\\\"]]\"");
    expect_of(&harness, 1, "listens", "{}", "\"[]\"");
    expect_of(&harness, 0, "touch", "{\"uri\":\"test://a\"}", "touched");
    assert_int_equal(updates.count, 1);
    assert_string_equal(updates.session, "first");
    harness_end(&harness);
}

/* Nobody calls, yet it is there again; what was missed is told. */
static void watches_outlive_the_process_of_a_session(void **state)
{
    struct outcome outcome = { 0 };
    struct harness harness;

    (void)state;
    connect_stateful(&harness, "stateful.mjs", NULL);
    watch(&harness, "first", "test://a");
    harness_start_asking(&harness, &outcome, "die", "{}", HARNESS_TIMEOUT_MS, &sessions[0]);
    harness_wait(&harness, &outcome.done);
    assert_int_equal(outcome.err.code, ERR_CLOSED);
    outcome_done(&outcome);
    wait_for(&harness, &updates.count, 1);
    assert_string_equal(updates.session, "first");
    assert_string_equal(updates.uri, "{\"uri\":\"test://a\"}");
    expect_of(&harness, 0, "subscribed", "{}", "[\\\"test://a\\\"]");
    expect_of(&harness, 0, "touch", "{\"uri\":\"test://a\"}", "touched");
    assert_int_equal(updates.count, 2);
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
        cmocka_unit_test(lists_told_by_a_session_are_read_again),
        cmocka_unit_test(many_sessions_that_tell_are_one_reason),
        cmocka_unit_test(sessions_watch_on_their_own_connections),
        cmocka_unit_test(modern_servers_are_told_what_sessions_watch),
        cmocka_unit_test(watches_outlive_the_process_of_a_session),
        cmocka_unit_test(tells_the_capabilities_of_a_server),
    };

    keeper_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

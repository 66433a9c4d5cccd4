/*
 * A legacy server says that the user is done at a URL: who hears of it, when,
 * and when nobody does.
 */
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "proxy/upstream/keeper.h"
#include "tests/unit/proxy/upstream/harness.h"
#include "tests/unit/test.h"

#define ACCEPTED "{\"action\":\"accept\"}"
#define ASK_URL(id)                                                                \
    "{\"method\":\"elicitation/create\",\"params\":{\"mode\":\"url\",\"message\":" \
    "\"m\",\"url\":\"https://a.test/\"" id "}}"
#define ID(id) ",\"elicitationId\":" id

static const int owners[2];
static const struct upstream_caller sessions[] = {
    { .owner = &owners[0], .session = { "first", 5 } },
    { .owner = &owners[1], .session = { "second", 6 } },
};
static const struct upstream_caller nobody = { .owner = &owners[0] };

static void connect_to(struct harness *harness, enum isolation isolation)
{
    harness_stdio(harness, "asking.mjs", NULL);
    harness->server.isolation = isolation;
    harness_connect(harness);
    if (harness_status(harness).state != SERVER_READY)
        fail_msg("%s", harness_status(harness).problem);
}

/* A call that is asked to visit a URL, as the question of that number. */
static void ask_as(struct harness *harness,
                   const struct upstream_caller *caller,
                   const char *tool,
                   const char *arguments,
                   const char *answer,
                   uint64_t number)
{
    struct outcome outcome = { .answers = { [ASK_ELICIT_URL] = answer }, .visits_as = number };

    harness_start_asking(harness, &outcome, tool, arguments, HARNESS_TIMEOUT_MS, caller);
    harness_wait(harness, &outcome.done);
    assert_int_equal(outcome.asked[ASK_ELICIT_URL], 1);
    outcome_done(&outcome);
}

/* The server says that these are done; it has been heard when this returns. */
static void complete(struct harness *harness, const struct upstream_caller *caller, const char *ids)
{
    CLEANUP(str) char *arguments = xasprintf("{\"ids\":%s}", ids);
    struct outcome outcome = { 0 };

    harness_start_asking(harness, &outcome, "complete", arguments, HARNESS_TIMEOUT_MS, caller);
    harness_wait(harness, &outcome.done);
    assert_int_equal(outcome.err.code, ERR_NONE);
    outcome_done(&outcome);
}

static void
expect(const struct harness *harness, unsigned visits, uint64_t number, const char *session)
{
    assert_int_equal(harness->visits, visits);
    assert_int_equal(harness->visited, number);
    assert_string_equal(harness->visitor, session);
}

static void hears_when_the_call_is_over(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, ISOLATION_SHARED);
    ask_as(&harness, &sessions[0], "ask", ASK_URL(ID("\"a\\u0062\"")), ACCEPTED, 7);
    ask_as(&harness, &sessions[1], "ask", ASK_URL(ID("\"c\"")), ACCEPTED, 8);
    complete(&harness, &sessions[1], "[\"ab\"]");
    expect(&harness, 1, 7, "first");
    complete(&harness, &sessions[0], "[\"ab\",\"never\",7,null,[\"c\"],\"\"]");
    expect(&harness, 1, 7, "first");
    complete(&harness, &sessions[0], "[\"c\"]");
    expect(&harness, 2, 8, "second");
    harness_end(&harness);
}

static void hears_of_urls_of_an_error(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, ISOLATION_SHARED);
    ask_as(&harness, &sessions[0], "url", "{\"completes\":true}", ACCEPTED, 9);
    expect(&harness, 1, 9, "first");
    harness_end(&harness);
}

/* Without an id, with one that is none or too long, of no session. */
static void hears_of_nothing_that_has_no_name(void **state)
{
    static const char id[] = "[\"e\",5,null,\"f\"]";
    char too_long[LIMIT_ELICITATION_ID_BYTES + 2] = "";
    CLEANUP(str) char *long_ids = NULL, *ask_long = NULL;
    struct harness harness;

    (void)state;
    memset(too_long, 'x', sizeof(too_long) - 1);
    long_ids = xasprintf("[\"%s\"]", too_long);
    ask_long = xasprintf(ASK_URL(ID("\"%s\"")), too_long);
    connect_to(&harness, ISOLATION_SHARED);
    ask_as(&harness, &sessions[0], "ask", ASK_URL(""), ACCEPTED, 1);
    ask_as(&harness, &sessions[0], "ask", ASK_URL(ID("5")), ACCEPTED, 2);
    ask_as(&harness, &sessions[0], "ask", ask_long, ACCEPTED, 3);
    ask_as(&harness, &nobody, "ask", ASK_URL(ID("\"f\"")), ACCEPTED, 4);
    complete(&harness, &sessions[0], id);
    complete(&harness, &sessions[0], long_ids);
    expect(&harness, 0, 0, "");
    harness_end(&harness);
}

static void hears_of_nothing_that_was_not_accepted(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, ISOLATION_SHARED);
    ask_as(&harness, &sessions[0], "ask", ASK_URL(ID("\"a\"")), "{\"action\":\"decline\"}", 1);
    ask_as(&harness, &sessions[0], "ask", ASK_URL(ID("\"a\"")), NULL, 2);
    complete(&harness, &sessions[0], "[\"a\"]");
    expect(&harness, 0, 0, "");
    ask_as(&harness, &sessions[0], "ask", ASK_URL(ID("\"a\"")), ACCEPTED, 3);
    complete(&harness, &sessions[0], "[\"a\"]");
    expect(&harness, 1, 3, "first");
    harness_end(&harness);
}

static void an_id_of_two_sessions_is_of_none(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, ISOLATION_SHARED);
    ask_as(&harness, &sessions[0], "ask", ASK_URL(ID("\"a\"")), ACCEPTED, 1);
    ask_as(&harness, &sessions[0], "ask", ASK_URL(ID("\"a\"")), ACCEPTED, 2);
    complete(&harness, &sessions[0], "[\"a\"]");
    expect(&harness, 2, 2, "first");
    ask_as(&harness, &sessions[0], "ask", ASK_URL(ID("\"a\"")), ACCEPTED, 3);
    ask_as(&harness, &sessions[1], "ask", ASK_URL(ID("\"a\"")), ACCEPTED, 4);
    complete(&harness, &sessions[0], "[\"a\",\"a\"]");
    expect(&harness, 2, 2, "first");
    ask_as(&harness, &sessions[1], "ask", ASK_URL(ID("\"a\"")), ACCEPTED, 5);
    complete(&harness, &sessions[0], "[\"a\"]");
    expect(&harness, 3, 5, "second");
    harness_end(&harness);
}

static void a_connection_ends_only_its_own(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, ISOLATION_SESSION);
    ask_as(&harness, &sessions[0], "ask", ASK_URL(ID("\"a\"")), ACCEPTED, 1);
    ask_as(&harness, &sessions[1], "ask", ASK_URL(ID("\"a\"")), ACCEPTED, 2);
    complete(&harness, &nobody, "[\"a\"]");
    expect(&harness, 0, 0, "");
    complete(&harness, &sessions[1], "[\"a\"]");
    expect(&harness, 1, 2, "second");
    complete(&harness, &sessions[0], "[\"a\"]");
    expect(&harness, 2, 1, "first");
    harness_end(&harness);
}

static void a_session_that_is_gone_hears_nothing(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, ISOLATION_SHARED);
    ask_as(&harness, &sessions[0], "ask", ASK_URL(ID("\"a\"")), ACCEPTED, 1);
    ask_as(&harness, &sessions[1], "ask", ASK_URL(ID("\"b\"")), ACCEPTED, 2);
    upstreams_session_gone(harness.upstreams, sessions[0].session);
    complete(&harness, &sessions[1], "[\"a\",\"b\"]");
    expect(&harness, 1, 2, "second");
    harness_end(&harness);
}

static void a_connection_that_is_lost_is_forgotten(void **state)
{
    struct outcome outcome;
    struct harness harness;

    (void)state;
    connect_to(&harness, ISOLATION_SHARED);
    ask_as(&harness, &sessions[0], "ask", ASK_URL(ID("\"a\"")), ACCEPTED, 1);
    harness_call(&harness, &outcome, "die", "{}");
    outcome_done(&outcome);
    complete(&harness, &sessions[0], "[\"a\"]");
    expect(&harness, 0, 0, "");
    harness_end(&harness);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hears_when_the_call_is_over),
        cmocka_unit_test(hears_of_urls_of_an_error),
        cmocka_unit_test(hears_of_nothing_that_has_no_name),
        cmocka_unit_test(hears_of_nothing_that_was_not_accepted),
        cmocka_unit_test(an_id_of_two_sessions_is_of_none),
        cmocka_unit_test(a_connection_ends_only_its_own),
        cmocka_unit_test(a_session_that_is_gone_hears_nothing),
        cmocka_unit_test(a_connection_that_is_lost_is_forgotten),
    };

    keeper_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

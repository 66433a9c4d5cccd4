/*
 * What can happen on the way of one message over HTTP: answers that are broken
 * off, resumed, polled or cut, sessions that expire, bytes that are no message.
 * Each time a second call is under way that must not notice.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "proxy/upstream/keeper.h"
#include "tests/unit/proxy/upstream/harness.h"
#include "tests/unit/test.h"

static void connect_to(struct harness *harness, const char *path)
{
    harness_http(harness, "faulty_wire.mjs", NULL, path);
    harness_connect(harness);
    if (harness_status(harness).state != SERVER_READY)
        fail_msg("not ready: %s", harness_status(harness).problem);
}

/* --- resumption --- */

/* The waits before each resumption, in ms, as the server saw them. */
static size_t read_waits(struct harness *harness, int64_t *waits, size_t max)
{
    struct outcome outcome;
    struct span content, text, list;
    struct json_iter it;
    size_t count = 0;
    CLEANUP(str) char *counts = NULL;

    harness_call(harness, &outcome, "counts", "{}");
    assert_true(json_get(span_of(outcome.result), "content", &content));
    it = json_iter(content);
    assert_true(json_next(&it));
    assert_true(json_get(it.value, "text", &text));
    counts = json_dup_string(text, 65536);
    assert_true(json_get(span_of(counts), "waits", &list));
    it = json_iter(list);
    while (json_next(&it) && count < max)
        assert_true(json_int64(it.value, &waits[count++]));
    outcome_done(&outcome);
    return count;
}

static void resumes_after_the_time_the_server_named(void **state)
{
    struct harness harness;
    int64_t waits[8];

    (void)state;
    connect_to(&harness, "/mcp");
    harness_expect(&harness, "poll", "{\"times\":2,\"retry\":500}", "poll answered");
    harness_expect(&harness, "counts", "{}", "\\\"poll\\\":1");
    assert_int_equal(read_waits(&harness, waits, ARRAY_COUNT(waits)), 3);
    /* No upper bound: a busy machine is late.  The lower one allows for the server's own clock. */
    for (size_t i = 0; i < 3; i++)
        assert_true(waits[i] >= 450);
    harness_end(&harness);
}

static void resumes_without_a_session(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "/sessionless");
    harness_expect(&harness, "poll", "{\"times\":1,\"retry\":100}", "poll answered");
    /* Nothing is asked for behind the answer. */
    harness_sleep(&harness, 400);
    harness_expect(&harness, "counts", "{}", "\\\"gets\\\":3,\\\"ran\\\":{\\\"poll\\\":1");
    harness_end(&harness);
}

static void waits_longer_each_time_that_nothing_comes(void **state)
{
    struct harness harness;
    int64_t waits[8];

    (void)state;
    connect_to(&harness, "/mcp");
    harness_expect(&harness, "barren", "{\"times\":3,\"retry\":0}", "barren answered");
    assert_int_equal(read_waits(&harness, waits, ARRAY_COUNT(waits)), 4);
    assert_true(waits[0] >= 90);
    assert_true(waits[3] >= 90 + 150 + 225 + 337);
    harness_end(&harness);
}

static void resumes_from_a_server_that_is_busy(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "/mcp");
    harness_expect(&harness, "busy", "{\"times\":2,\"retry\":0}", "busy answered");
    harness_end(&harness);
}

static void expect_loss(struct harness *harness, const char *tool, const char *text)
{
    struct outcome outcome;
    CLEANUP(str) char *once = xasprintf("\\\"%s\\\":1", tool);

    harness_call(harness, &outcome, tool, "{\"times\":100,\"retry\":0}");
    assert_int_equal(outcome.err.code, ERR_CLOSED);
    if (!strstr(outcome.err.text, text))
        fail_msg("%s: %s", tool, outcome.err.text);
    outcome_done(&outcome);
    harness_expect(harness, "counts", "{}", once);
}

static void gives_up_what_can_not_be_resumed(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "/mcp");
    expect_loss(&harness, "forgotten", "could not be resumed");
    expect_loss(&harness, "barren", "could not be resumed");
    expect_loss(&harness, "expired", "could not be resumed");
    harness_expect(&harness, "echo", "{\"text\":\"on\"}", "on");
    harness_end(&harness);
}

/* --- sessions --- */

static void renews_a_session_beside_what_is_under_way(void **state)
{
    struct harness harness;
    struct outcome slow, first, second;
    unsigned changes;

    (void)state;
    connect_to(&harness, "/mcp");
    harness_sleep(&harness, 1300); /* the stream of changes is open */
    changes = harness.changes;
    harness_start(&harness, &slow, "slow", "{\"ms\":1500}", HARNESS_TIMEOUT_MS);
    harness_sleep(&harness, 100);
    harness_expect(&harness, "expire", "{}", "forgotten");
    harness_start(&harness, &first, "echo", "{\"text\":\"one\"}", HARNESS_TIMEOUT_MS);
    harness_start(&harness, &second, "echo", "{\"text\":\"two\"}", HARNESS_TIMEOUT_MS);
    harness_wait(&harness, &first.done);
    harness_wait(&harness, &second.done);
    assert_int_equal(first.err.code, ERR_NONE);
    assert_int_equal(second.err.code, ERR_NONE);
    harness_wait(&harness, &slow.done);
    assert_int_equal(slow.err.code, ERR_NONE);
    harness_expect(&harness, "counts", "{}", "\\\"initialized\\\":2,\\\"deleted\\\":0");
    harness_expect(&harness, "counts", "{}", "\\\"echo\\\":2");
    assert_int_equal(harness.changes, changes);
    outcome_done(&slow);
    outcome_done(&first);
    outcome_done(&second);
    harness_end(&harness);
}

static void learns_of_a_lost_session_by_its_stream(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "/mcp");
    harness_sleep(&harness, 1300);
    harness_expect(&harness, "expire", "{}", "forgotten");
    harness_sleep(&harness, 1500); /* the stream is opened again, and gets 404 */
    harness_expect(&harness, "counts", "{}", "\\\"initialized\\\":2");
    harness_end(&harness);
}

static void does_not_renew_for_ever(void **state)
{
    struct harness harness;

    (void)state;
    harness_http(&harness, "faulty_wire.mjs", NULL, "/once");
    harness_connect(&harness);
    assert_int_equal(harness_status(&harness).state, SERVER_DOWN);
    assert_non_null(strstr(harness_status(&harness).problem, "the server has ended the session"));
    harness_end(&harness);
}

/* --- faults of an answer --- */

struct fault {
    const char *tool;
    enum err_code code;
    const char *text;
};

static void tells_what_went_wrong_and_nothing_else_notices(void **state)
{
    static const struct fault faults[] = {
        { "cut", ERR_CLOSED, "" },
        { "cut_stream", ERR_CLOSED, "" },
        { "short_length", ERR_CLOSED, "" },
        { "junk_json", ERR_PROTOCOL, "does not answer the request" },
        { "unknown_id", ERR_PROTOCOL, "does not answer the request" },
        { "wrong_type", ERR_PROTOCOL, "with text/plain" },
        { "pour", ERR_LIMIT, "limit RPC_MESSAGE_BYTES" },
        { "pour_stream", ERR_LIMIT, "server-sent event over" },
    };
    struct harness harness;
    struct outcome other;

    (void)state;
    connect_to(&harness, "/mcp");
    harness_start(&harness, &other, "never", "{}", HARNESS_TIMEOUT_MS);
    for (size_t i = 0; i < ARRAY_COUNT(faults); i++) {
        struct outcome outcome;
        CLEANUP(str) char *once = xasprintf("\\\"%s\\\":1", faults[i].tool);

        harness_call(&harness, &outcome, faults[i].tool, "{}");
        if (outcome.err.code != faults[i].code || !strstr(outcome.err.text, faults[i].text))
            fail_msg("%s: %d %s", faults[i].tool, outcome.err.code, outcome.err.text);
        outcome_done(&outcome);
        harness_expect(&harness, "counts", "{}", once);
        assert_false(other.done);
    }
    harness_expect(&harness, "counts", "{}", "\\\"initialized\\\":1");
    upstream_call_cancel(other.call);
    harness_wait(&harness, &other.done);
    assert_int_equal(other.err.code, ERR_CANCELLED);
    outcome_done(&other);
    harness_end(&harness);
}

static void gets_over_what_is_no_answer(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "/mcp");
    harness_expect(&harness, "twice", "{}", "first");
    harness_expect(&harness, "junk", "{}", "after junk");
    harness_expect(&harness, "counts", "{}", "\\\"initialized\\\":1");
    harness_end(&harness);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resumes_after_the_time_the_server_named),
        cmocka_unit_test(resumes_without_a_session),
        cmocka_unit_test(waits_longer_each_time_that_nothing_comes),
        cmocka_unit_test(resumes_from_a_server_that_is_busy),
        cmocka_unit_test(gives_up_what_can_not_be_resumed),
        cmocka_unit_test(renews_a_session_beside_what_is_under_way),
        cmocka_unit_test(learns_of_a_lost_session_by_its_stream),
        cmocka_unit_test(does_not_renew_for_ever),
        cmocka_unit_test(tells_what_went_wrong_and_nothing_else_notices),
        cmocka_unit_test(gets_over_what_is_no_answer),
    };

    keeper_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

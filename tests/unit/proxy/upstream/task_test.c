/*
 * Tools that run as tasks, of the core of 2025-11-25 and of the extension of
 * 2026-07-28: whoever calls sees an answer, progress and questions.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proxy/upstream/keeper.h"
#include "tests/unit/proxy/upstream/harness.h"
#include "tests/unit/test.h"

static const char *const eras[] = { "legacy", "modern" };

static void connect_to(struct harness *harness, const char *era)
{
    harness_stdio(harness, "tasks.mjs", era);
    harness_connect(harness);
    if (harness_status(harness).state != SERVER_READY)
        fail_msg("%s: %s", era, harness_status(harness).problem);
}

static void polls_a_task_until_its_result(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(eras); i++) {
        struct harness harness;
        struct outcome outcome;

        connect_to(&harness, eras[i]);
        harness_call(&harness, &outcome, "work", "{\"steps\":3}");
        assert_int_equal(outcome.err.code, ERR_NONE);
        assert_non_null(strstr(outcome.result, "worked 3 steps"));
        assert_true(outcome.progress >= 1);
        outcome_done(&outcome);
        harness_expect(&harness, "is_error", "{}", "\"isError\":true");
        harness_expect(&harness, "seen", "{}", "\\\"cancel\\\":0");
        harness_expect(&harness, "seen", "{}", "\\\"undeclared\\\":0");
        if (i == 0)
            harness_expect(&harness, "seen", "{}", "\\\"ttl\\\":200000");
        harness_end(&harness);
    }
}

struct failure {
    const char *tool;
    enum err_code code;
    int64_t rpc_code;
    const char *text;
};

static void tells_how_a_task_failed(void **state)
{
    static const struct failure failures[] = {
        { "fails", ERR_REMOTE, -32007, "the disk is full" },
        { "is_cancelled", ERR_REMOTE, 0, "has cancelled its task: an operator has ended it" },
        { "vanishes", ERR_REMOTE, -32602, "Task not found" },
        { "nonsense", ERR_PROTOCOL, 0, "is in a state that is not known" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(eras) * ARRAY_COUNT(failures); i++) {
        const struct failure *failure = &failures[i / 2];
        struct harness harness;
        struct outcome outcome;

        connect_to(&harness, eras[i % 2]);
        harness_call(&harness, &outcome, failure->tool, "{}");
        if (outcome.err.code != failure->code || outcome.code != failure->rpc_code ||
            !strstr(outcome.err.text, failure->text))
            fail_msg("%s %s: %d %lld %s", eras[i % 2], failure->tool, outcome.err.code,
                     (long long)outcome.code, outcome.err.text);
        if (strcmp(failure->tool, "fails") == 0)
            assert_string_equal(outcome.result, "{\"left\":0}");
        outcome_done(&outcome);
        harness_expect(&harness, "work", "{\"steps\":1}", "worked");
        harness_end(&harness);
    }
}

static void cancels_the_task_of_a_call_that_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(eras); i++) {
        struct harness harness;
        struct outcome outcome, other;

        connect_to(&harness, eras[i]);
        harness_start(&harness, &other, "work", "{\"steps\":8}", HARNESS_TIMEOUT_MS);
        harness_start(&harness, &outcome, "never", "{}", HARNESS_TIMEOUT_MS);
        harness_sleep(&harness, 350);
        upstream_call_cancel(outcome.call);
        harness_wait(&harness, &outcome.done);
        assert_int_equal(outcome.err.code, ERR_CANCELLED);
        outcome_done(&outcome);
        harness_expect(&harness, "seen", "{}", "\\\"cancel\\\":1");
        harness_start(&harness, &outcome, "never", "{}", 300);
        harness_wait(&harness, &outcome.done);
        assert_int_equal(outcome.err.code, ERR_TIMEOUT);
        assert_non_null(strstr(outcome.err.text, "did not get on in 300 ms"));
        outcome_done(&outcome);
        harness_expect(&harness, "seen", "{}", "\\\"cancel\\\":2");
        harness_wait(&harness, &other.done);
        assert_int_equal(other.err.code, ERR_NONE);
        outcome_done(&other);
        harness_end(&harness);
    }
}

static void lets_a_task_that_gets_on_take_its_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(eras); i++) {
        struct harness harness;
        struct outcome outcome;

        connect_to(&harness, eras[i]);
        harness_start(&harness, &outcome, "work", "{\"steps\":12}", 1000);
        harness_wait(&harness, &outcome.done);
        assert_int_equal(outcome.err.code, ERR_NONE);
        outcome_done(&outcome);
        /* ... but not for ever. */
        harness_start(&harness, &outcome, "work", "{\"steps\":1000}", 250);
        harness_wait(&harness, &outcome.done);
        assert_int_equal(outcome.err.code, ERR_TIMEOUT);
        outcome_done(&outcome);
        harness_end(&harness);
    }
}

static void puts_what_a_task_asks(void **state)
{
    const struct upstream_caller caller = { .capabilities =
                                                SPAN("{\"elicitation\":{\"form\":{}}}") };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(eras); i++) {
        struct harness harness;
        struct outcome outcome = {
            .answers[ASK_ELICIT_FORM] = "{\"action\":\"accept\",\"content\":{\"colour\":\"blue\"}}"
        };

        connect_to(&harness, eras[i]);
        harness_start_asking(&harness, &outcome, "asks", "{}", HARNESS_TIMEOUT_MS, &caller);
        harness_wait(&harness, &outcome.done);
        if (outcome.err.code != ERR_NONE)
            fail_msg("%s: %s", eras[i], outcome.err.text);
        assert_non_null(strstr(outcome.result, "the colour is blue"));
        assert_int_equal(outcome.asked[ASK_ELICIT_FORM], 1);
        outcome_done(&outcome);
        harness_expect(&harness, "seen", "{}", "\\\"cancel\\\":0");
        harness_end(&harness);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polls_a_task_until_its_result),
        cmocka_unit_test(tells_how_a_task_failed),
        cmocka_unit_test(cancels_the_task_of_a_call_that_ends),
        cmocka_unit_test(lets_a_task_that_gets_on_take_its_time),
        cmocka_unit_test(puts_what_a_task_asks),
    };

    keeper_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

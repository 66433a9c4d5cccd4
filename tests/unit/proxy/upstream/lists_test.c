/*
 * Lists that grow old, and tools whose headers change, of a server that tells
 * of neither.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/upstream/keeper.h"
#include "proxy/upstream/said.h"
#include "tests/unit/proxy/upstream/harness.h"
#include "tests/unit/test.h"

#define TOOLS 7

static void connect_to(struct harness *harness, const char *path, uint64_t list_age_ms)
{
    harness_http(harness, "faulty_modern.mjs", NULL, path);
    harness->config.limits.list_age_ms = list_age_ms;
    harness_connect(harness);
    if (harness_status(harness).state != SERVER_READY)
        fail_msg("not ready: %s", harness_status(harness).problem);
    assert_int_equal(harness_status(harness).era, ERA_MODERN);
}

/* Looks at the catalogue as somebody who is about to use it. */
static void look_for(struct harness *harness, uint64_t ms)
{
    for (uint64_t waited_ms = 0; waited_ms < ms; waited_ms += 50) {
        harness_server(harness);
        harness_sleep(harness, 50);
    }
}

static int count_lists(struct harness *harness)
{
    static const char member[] = "\\\"lists\\\":";
    struct outcome outcome;
    const char *at;
    int lists;

    harness_call(harness, &outcome, "counts", "{}");
    at = strstr(outcome.result, member);
    assert_non_null(at);
    lists = (int)strtoul(at + sizeof(member) - 1, NULL, 10);
    outcome_done(&outcome);
    return lists;
}

static void reads_lists_again_that_are_old_and_used(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "/500", 100);
    harness_expect(&harness, "grow", "{}", "grown");
    assert_false(harness_has_tool(&harness, "grown"));
    /* Nobody looks: nobody asks. */
    harness_sleep(&harness, 1500);
    harness_expect(&harness, "counts", "{}", "\\\"lists\\\":1");
    harness_wait_tool(&harness, "grown");
    harness_expect(&harness, "counts", "{}", "\\\"lists\\\":2");
    harness_end(&harness);
}

static void does_not_read_them_in_a_loop(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "/0", 60000);
    harness_expect(&harness, "grow", "{}", "grown");
    look_for(&harness, 1000);
    harness_expect(&harness, "counts", "{}", "\\\"lists\\\":1");
    harness_end(&harness);
}

static void bounds_how_often_a_server_that_keeps_nothing_is_asked(void **state)
{
    struct harness harness;
    uint64_t start_ns;
    int lists;

    (void)state;
    connect_to(&harness, "/0", 400);
    start_ns = clock_now_ns();
    look_for(&harness, 1500);
    harness_expect(&harness, "grow", "{}", "grown");
    harness_wait_tool(&harness, "grown");
    lists = count_lists(&harness);
    assert_true(lists >= 2);
    assert_true((uint64_t)lists <= (clock_now_ns() - start_ns) / 400000000 + 2);
    harness_end(&harness);
}

static void keeps_lists_whose_age_is_not_named(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "/none", 100);
    look_for(&harness, 700);
    harness_expect(&harness, "counts", "{}", "\\\"lists\\\":1");
    harness_end(&harness);
}

static void asks_for_a_resource_each_time(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "/500", 100);
    for (int i = 1; i <= 2; i++) {
        struct outcome outcome;
        char read[32];

        harness_start_method(&harness, &outcome, "resources/read", "{\"uri\":\"test://a\"}");
        harness_wait(&harness, &outcome.done);
        snprintf(read, sizeof(read), "\"text\":\"%d\"", i);
        assert_non_null(strstr(outcome.result, read));
        outcome_done(&outcome);
    }
    harness_end(&harness);
}

static void drops_tools_whose_annotations_are_not_valid(void **state)
{
    static const char *const dropped[] = { "bad_name", "bad_type", "bad_empty", "bad_twice" };
    struct harness harness;

    (void)state;
    connect_to(&harness, "/none", 100);
    assert_int_equal(harness_status(&harness).tools, TOOLS);
    for (size_t i = 0; i < ARRAY_COUNT(dropped); i++)
        assert_false(harness_has_tool(&harness, dropped[i]));
    harness_end(&harness);
}

static void keeps_them_over_stdio(void **state)
{
    struct harness harness;

    (void)state;
    harness_stdio(&harness, "tasks.mjs", "modern");
    harness_connect(&harness);
    assert_int_equal(harness_status(&harness).era, ERA_MODERN);
    assert_true(harness_has_tool(&harness, "seen"));
    harness_end(&harness);
}

static void lists_again_when_headers_do_not_fit(void **state)
{
    struct harness harness;
    struct outcome other, refused;

    (void)state;
    connect_to(&harness, "/none", 100);
    harness_start(&harness, &other, "never", "{}", HARNESS_TIMEOUT_MS);
    harness_expect(&harness, "region", "{\"region\":\"north\"}", "in north");
    harness_expect(&harness, "rename", "{}", "renamed");
    harness_expect(&harness, "region", "{\"region\":\"south\"}", "in south");
    harness_expect(&harness, "counts", "{}",
                   "\\\"lists\\\":2,\\\"reads\\\":0,\\\"mismatches\\\":1");
    /* Once, and no more. */
    harness_expect(&harness, "stick", "{}", "stuck");
    harness_call(&harness, &refused, "region", "{\"region\":\"west\"}");
    assert_int_equal(refused.err.code, ERR_REMOTE);
    assert_int_equal(refused.code, -32020);
    harness_expect(&harness, "counts", "{}",
                   "\\\"lists\\\":3,\\\"reads\\\":0,\\\"mismatches\\\":3");
    assert_false(other.done);
    upstream_call_cancel(other.call);
    harness_wait(&harness, &other.done);
    outcome_done(&refused);
    outcome_done(&other);
    harness_end(&harness);
}

static void remembers_what_was_said(void **state)
{
    struct said said = { .count = 0 };
    char name[16];

    (void)state;
    assert_false(said_before(&said, "dropped", SPAN("a"), "why"));
    assert_true(said_before(&said, "dropped", SPAN("a"), "why"));
    assert_false(said_before(&said, "dropped", SPAN("a"), "another reason"));
    assert_false(said_before(&said, "dropped", SPAN("aw"), "hy"));
    for (int i = 0; i < SAID_MAX; i++) {
        snprintf(name, sizeof(name), "%d", i);
        assert_false(said_before(&said, "dropped", span_of(name), "why"));
    }
    assert_false(said_before(&said, "dropped", SPAN("a"), "why"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_lists_again_that_are_old_and_used),
        cmocka_unit_test(does_not_read_them_in_a_loop),
        cmocka_unit_test(bounds_how_often_a_server_that_keeps_nothing_is_asked),
        cmocka_unit_test(keeps_lists_whose_age_is_not_named),
        cmocka_unit_test(asks_for_a_resource_each_time),
        cmocka_unit_test(drops_tools_whose_annotations_are_not_valid),
        cmocka_unit_test(keeps_them_over_stdio),
        cmocka_unit_test(lists_again_when_headers_do_not_fit),
        cmocka_unit_test(remembers_what_was_said),
    };

    keeper_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

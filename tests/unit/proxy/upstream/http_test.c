/*
 * Servers over HTTP with faults of every kind, and the one that speaks only
 * 2026-07-28.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proxy/upstream/keeper.h"
#include "tests/unit/proxy/upstream/harness.h"
#include "tests/unit/test.h"

#define TOOLS 16

static void connect_to(struct harness *harness, const char *path)
{
    harness_http(harness, "faulty_http.mjs", NULL, path);
    harness_connect(harness);
}

static void assert_ready(const struct harness *harness, size_t tools)
{
    struct upstream_status status = harness_status(harness);

    if (status.state != SERVER_READY)
        fail_msg("not ready: %s", status.problem);
    assert_int_equal(status.tools, tools);
}

static void assert_down(const char *path, const char *problem)
{
    struct harness harness;

    connect_to(&harness, path);
    assert_int_equal(harness_status(&harness).state, SERVER_DOWN);
    if (!strstr(harness_status(&harness).problem, problem))
        fail_msg("%s: %s", path, harness_status(&harness).problem);
    harness_end(&harness);
}

static void connects_lists_and_calls(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "/mcp");
    assert_ready(&harness, TOOLS);
    assert_int_equal(harness_status(&harness).era, ERA_LEGACY);
    harness_expect(&harness, "echo", "{\"text\":\"hello\"}", "hello");
    harness_expect(&harness, "headers", "{}", "\\\"mcp-protocol-version\\\":\\\"2025-11-25\\\"");
    harness_expect(&harness, "headers", "{}", "\\\"mcp-session-id\\\"");
    harness_end(&harness);
}

static void does_without_a_session(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "/stateless");
    assert_ready(&harness, TOOLS);
    harness_expect(&harness, "echo", "{\"text\":\"hello\"}", "hello");
    harness_end(&harness);
}

static void sends_configured_headers(void **state)
{
    struct harness harness;
    struct config_pair headers[] = { { .name = xstrdup("Authorization"),
                                       .value = xstrdup("Bearer abc") },
                                     { .name = xstrdup("X-Empty"), .value = xstrdup("") } };

    (void)state;
    harness_http(&harness, "faulty_http.mjs", NULL, "/mcp");
    harness.server.headers = headers;
    harness.server.header_count = ARRAY_COUNT(headers);
    harness_connect(&harness);
    harness_expect(&harness, "headers", "{}", "Bearer abc");
    harness_expect(&harness, "headers", "{}", "\\\"x-empty\\\":\\\"\\\"");
    harness_end(&harness);
    for (size_t i = 0; i < ARRAY_COUNT(headers); i++) {
        free(headers[i].name);
        free(headers[i].value);
    }
}

static void reads_streams(void **state)
{
    struct harness harness;
    struct outcome outcome;

    (void)state;
    connect_to(&harness, "/mcp");
    harness_call(&harness, &outcome, "stream", "{}");
    assert_int_equal(outcome.err.code, ERR_NONE);
    assert_int_equal(outcome.progress, 1);
    assert_non_null(strstr(outcome.result, "streamed"));
    outcome_done(&outcome);
    harness_expect(&harness, "endless", "{}", "endless");
    harness_sleep(&harness, 1200);
    harness_expect(&harness, "echo", "{\"text\":\"on\"}", "on");
    harness_end(&harness);
}

static void resumes_a_stream_that_was_broken_off(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "/mcp");
    harness_expect(&harness, "resume", "{}", "resumed");
    harness_expect(&harness, "count", "{}", "\\\"executed\\\":1");
    harness_end(&harness);
}

static void
assert_fails(struct harness *harness, const char *tool, enum err_code code, const char *text)
{
    struct outcome outcome;

    harness_call(harness, &outcome, tool, "{\"bytes\":40000000}");
    assert_int_equal(outcome.err.code, code);
    if (!strstr(outcome.err.text, text))
        fail_msg("%s: %s", tool, outcome.err.text);
    outcome_done(&outcome);
}

static void tells_what_went_wrong_with_a_call(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "/mcp");
    assert_fails(&harness, "broken", ERR_CLOSED, "ended the stream without an answer");
    assert_fails(&harness, "html", ERR_PROTOCOL, "text/html: that is no MCP server");
    assert_fails(&harness, "busy", ERR_REMOTE, "HTTP 503");
    assert_fails(&harness, "huge", ERR_LIMIT, "over");
    harness_expect(&harness, "echo", "{\"text\":\"on\"}", "on");
    harness_end(&harness);
}

static void never_sends_a_call_twice(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "/mcp");
    harness_expect(&harness, "echo", "{\"text\":\"a connection is open now\"}", "open");
    assert_fails(&harness, "reset", ERR_CLOSED, "");
    harness_expect(&harness, "count", "{}", "\\\"executed\\\":1");
    harness_end(&harness);
}

static void begins_a_new_session_when_one_is_lost(void **state)
{
    static const char *const tools[] = { "forget", "forget400" };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(tools); i++) {
        struct harness harness;

        connect_to(&harness, "/nostream");
        harness_expect(&harness, tools[i], "{}", "forgotten");
        harness_expect(&harness, "echo", "{\"text\":\"in a new one\"}", "in a new one");
        harness_end(&harness);
    }
}

static void cancels_and_times_out(void **state)
{
    struct harness harness;
    struct outcome outcome;

    (void)state;
    connect_to(&harness, "/mcp");
    harness_start(&harness, &outcome, "never", "{}", 100);
    harness_wait(&harness, &outcome.done);
    assert_int_equal(outcome.err.code, ERR_TIMEOUT);
    outcome_done(&outcome);
    harness_start(&harness, &outcome, "never", "{}", HARNESS_TIMEOUT_MS);
    harness_sleep(&harness, 50);
    upstream_call_cancel(outcome.call);
    harness_wait(&harness, &outcome.done);
    assert_int_equal(outcome.err.code, ERR_CANCELLED);
    outcome_done(&outcome);
    harness_expect(&harness, "echo", "{\"text\":\"on\"}", "on");
    harness_end(&harness);
}

static void bounds_what_a_server_does_not_take(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "/deaf");
    harness_expect(&harness, "flood", "{}", "untaken 64");
    harness_expect(&harness, "echo", "{\"text\":\"on\"}", "on");
    harness_end(&harness);
}

static void follows_changes_of_the_lists(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "/mcp");
    harness_sleep(&harness, 1300); /* the stream of changes is opened */
    harness_expect(&harness, "change", "{}", "changed");
    harness_wait_tool(&harness, "extra");
    harness_end(&harness);
}

static void follows_redirects_within_the_origin(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "/moved");
    assert_ready(&harness, TOOLS);
    harness_expect(&harness, "echo", "{\"text\":\"moved\"}", "moved");
    harness_end(&harness);
    assert_down("/away",
                "leads to http://example.invalid/mcp: only redirects within one origin are "
                "followed; set the new address as `url`");
    assert_down("/round", "/round: too many redirects; set the new address as `url`");
    assert_down("/changed", "/mcp: only 307 and 308 keep what is sent; set the new address");
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    assert_down("/401?key=secret", "/401 answered HTTP 401: it wants credentials; set `headers:");
    assert_down("/500", "answered HTTP 500");
    assert_down("/page", "text/html: that is no MCP server; look at `url`");
    assert_down("/none", "there is no MCP endpoint at this address");
}

static void asks_again_for_a_version_that_is_offered(void **state)
{
    struct harness harness;

    (void)state;
    connect_to(&harness, "/hesitant");
    assert_ready(&harness, 1);
    assert_int_equal(harness_status(&harness).era, ERA_MODERN);
    harness_end(&harness);
    assert_down("/contrary", "Unsupported protocol version");
}

static void says_when_nobody_listens(void **state)
{
    struct harness harness;

    (void)state;
    harness_http(&harness, "faulty_http.mjs", NULL, "/mcp");
    harness_stop_fixture(&harness);
    harness_connect(&harness);
    assert_int_equal(harness_status(&harness).state, SERVER_DOWN);
    assert_non_null(strstr(harness_status(&harness).problem, "is the server running?"));
    harness_end(&harness);
}

static void comes_back_with_its_server(void **state)
{
    struct harness harness;
    struct outcome outcome;
    CLEANUP(str) char *port = NULL;

    (void)state;
    connect_to(&harness, "/mcp");
    port = xstrdup(strrchr(harness.url, ':') + 1);
    *strchr(port, '/') = '\0';
    harness_stop_fixture(&harness);
    harness_call(&harness, &outcome, "echo", "{}");
    assert_int_not_equal(outcome.err.code, ERR_NONE);
    outcome_done(&outcome);
    harness_start_fixture(&harness, "faulty_http.mjs", port);
    for (int i = 0; i < 100; i++) {
        harness_call(&harness, &outcome, "echo", "{}");
        outcome_done(&outcome);
        if (outcome.err.code == ERR_NONE)
            break;
        harness_sleep(&harness, 100);
    }
    harness_expect(&harness, "echo", "{\"text\":\"back\"}", "back");
    harness_end(&harness);
}

/* --- 2026-07-28 alone --- */

static void assert_modern(struct harness *harness)
{
    assert_ready(harness, 5);
    assert_int_equal(harness_status(harness).era, ERA_MODERN);
    assert_string_equal(harness_status(harness).protocol, "2026-07-28");
    assert_string_equal(harness_server(harness)->title, "Modern fixture");
    assert_string_equal(harness_server(harness)->instructions, "Be modern.");
    assert_int_equal(harness_server(harness)->resource_count, 1);
    harness_expect(harness, "echo", "{\"text\":\"hello\"}", "hello");
    harness_expect(harness, "region", "{\"region\":\" h\xc3\xa9 \",\"level\":3}",
                   "\\\"level\\\":3");
}

static void expect_progress(struct harness *harness)
{
    struct outcome outcome;

    harness_call(harness, &outcome, "count", "{\"to\":3}");
    assert_int_equal(outcome.err.code, ERR_NONE);
    assert_int_equal(outcome.progress, 3);
    outcome_done(&outcome);
}

static void expect_cancellation(struct harness *harness)
{
    struct outcome outcome;

    harness_start(harness, &outcome, "wait", "{}", HARNESS_TIMEOUT_MS);
    harness_sleep(harness, 100);
    upstream_call_cancel(outcome.call);
    harness_wait(harness, &outcome.done);
    assert_int_equal(outcome.err.code, ERR_CANCELLED);
    outcome_done(&outcome);
}

static void expect_growth(struct harness *harness)
{
    harness_sleep(harness, 200);
    harness_expect(harness, "grow", "{}", "grown");
    harness_wait_tool(harness, "grown");
    harness_expect(harness, "grown", "{}", "here");
}

static void speaks_2026_07_28_over_stdio(void **state)
{
    struct harness harness;

    (void)state;
    harness_stdio(&harness, "modern.mjs", NULL);
    harness_connect(&harness);
    assert_modern(&harness);
    expect_progress(&harness);
    expect_cancellation(&harness);
    expect_growth(&harness);
    harness_end(&harness);
}

static void speaks_2026_07_28_over_http(void **state)
{
    struct harness harness;

    (void)state;
    harness_http(&harness, "modern.mjs", NULL, "/mcp");
    harness_connect(&harness);
    assert_modern(&harness);
    expect_progress(&harness);
    expect_cancellation(&harness);
    expect_growth(&harness);
    harness_end(&harness);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connects_lists_and_calls),
        cmocka_unit_test(does_without_a_session),
        cmocka_unit_test(sends_configured_headers),
        cmocka_unit_test(reads_streams),
        cmocka_unit_test(resumes_a_stream_that_was_broken_off),
        cmocka_unit_test(tells_what_went_wrong_with_a_call),
        cmocka_unit_test(never_sends_a_call_twice),
        cmocka_unit_test(begins_a_new_session_when_one_is_lost),
        cmocka_unit_test(cancels_and_times_out),
        cmocka_unit_test(bounds_what_a_server_does_not_take),
        cmocka_unit_test(follows_changes_of_the_lists),
        cmocka_unit_test(follows_redirects_within_the_origin),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(asks_again_for_a_version_that_is_offered),
        cmocka_unit_test(says_when_nobody_listens),
        cmocka_unit_test(comes_back_with_its_server),
        cmocka_unit_test(speaks_2026_07_28_over_stdio),
        cmocka_unit_test(speaks_2026_07_28_over_http),
    };

    keeper_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The official servers from npm, over each transport that they have.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "proxy/upstream/keeper.h"
#include "tests/unit/proxy/upstream/harness.h"
#include "tests/unit/test.h"

#define PACKAGES TEST_DEPS "/tests/node_modules/@modelcontextprotocol/"

static void connect_package(struct harness *harness, const char *package, const char *argument)
{
    CLEANUP(str) char *path = xasprintf(PACKAGES "%s/dist/index.js", package);

    harness_command(harness, (const char *[]){ harness_node(), path, argument, NULL });
    harness_connect(harness);
    if (harness_status(harness).state != SERVER_READY)
        fail_msg("%s: %s", package, harness_status(harness).problem);
}

static void everything_over_stdio(void **state)
{
    struct harness harness;
    struct outcome outcome;

    (void)state;
    connect_package(&harness, "server-everything", "stdio");
    assert_true(harness_server(&harness)->resource_count > 0);
    assert_true(harness_server(&harness)->template_count > 0);
    assert_true(harness_server(&harness)->prompt_count > 0);
    harness_expect(&harness, "echo", "{\"message\":\"hello\"}", "Echo: hello");
    harness_call(&harness, &outcome, "trigger-long-running-operation",
                 "{\"duration\":0.2,\"steps\":2}");
    assert_int_equal(outcome.err.code, ERR_NONE);
    assert_int_equal(outcome.progress, 2);
    outcome_done(&outcome);
    harness_end(&harness);
}

static void everything_that_requires_a_task(void **state)
{
    struct harness harness;
    struct outcome outcome;

    (void)state;
    connect_package(&harness, "server-everything", "stdio");
    harness_call(&harness, &outcome, "simulate-research-query", "{\"topic\":\"tides\"}");
    if (outcome.err.code != ERR_NONE)
        fail_msg("%s", outcome.err.text);
    assert_non_null(strstr(outcome.result, "Research Report: tides"));
    assert_true(outcome.progress >= 1);
    outcome_done(&outcome);
    harness_end(&harness);
}

static void filesystem(void **state)
{
    struct harness harness;
    char folder[] = "/tmp/mcpfold-test-XXXXXX";

    (void)state;
    assert_non_null(mkdtemp(folder));
    connect_package(&harness, "server-filesystem", folder);
    CLEANUP(str)
    char *arguments = xasprintf("{\"path\":\"%s/note.txt\",\"content\":\"a note\"}", folder);
    CLEANUP(str) char *path = xasprintf("{\"path\":\"%s/note.txt\"}", folder);
    CLEANUP(str) char *file = xasprintf("%s/note.txt", folder);

    harness_expect(&harness, "write_file", arguments, "Successfully");
    harness_expect(&harness, "read_text_file", path, "a note");
    harness_end(&harness);
    unlink(file);
    rmdir(folder);
}

static void memory(void **state)
{
    struct harness harness;

    (void)state;
    connect_package(&harness, "server-memory", NULL);
    harness_expect(&harness, "read_graph", "{}", "entities");
    harness_end(&harness);
}

static void sequential_thinking(void **state)
{
    struct harness harness;

    (void)state;
    connect_package(&harness, "server-sequential-thinking", NULL);
    harness_expect(&harness, "sequentialthinking",
                   "{\"thought\":\"t\",\"nextThoughtNeeded\":false,\"thoughtNumber\":1,"
                   "\"totalThoughts\":1}",
                   "thoughtNumber");
    harness_end(&harness);
}

static void connect_everything_http(struct harness *harness, const char *mode, const char *path)
{
    harness_http(harness, "everything.mjs", mode, path);
    harness_connect(harness);
    if (harness_status(harness).state != SERVER_READY)
        fail_msg("%s: %s", mode, harness_status(harness).problem);
    harness_expect(harness, "echo", "{\"message\":\"hello\"}", "Echo: hello");
    harness_end(harness);
}

static void everything_over_streamable_http(void **state)
{
    struct harness harness;

    (void)state;
    connect_everything_http(&harness, "streamableHttp", "/mcp");
}

static void everything_over_http_and_sse(void **state)
{
    struct harness harness;

    (void)state;
    connect_everything_http(&harness, "sse", "/sse");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_over_stdio),
        cmocka_unit_test(everything_that_requires_a_task),
        cmocka_unit_test(filesystem),
        cmocka_unit_test(memory),
        cmocka_unit_test(sequential_thinking),
        cmocka_unit_test(everything_over_streamable_http),
        cmocka_unit_test(everything_over_http_and_sse),
    };

    keeper_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

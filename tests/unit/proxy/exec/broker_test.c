/*
 * The broker against stand-ins: each operation, each limit at the limit and
 * just over it, every way a call can fail, and what the ledger then says.
 */
#include "proxy/exec/broker.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "tests/unit/proxy/exec/fakes.h"
#include "tests/unit/test.h"

#define RUN_MS 1000

static struct broker *broker;
static struct kept *kept;
static unsigned stopped;
static const struct upstream_caller caller;

static void on_reply(void *ctx, uint32_t id, bool ok, struct span json)
{
    (void)ctx;
    assert_int_equal(json_check(json, 0, NULL), 0);
    buf_printf(&fakes.replies, "%u %s %.*s\n", id, ok ? "ok" : "error", SPAN_ARG(json));
}

static void on_progress(void *ctx, const char *server, const char *tool, struct span params)
{
    (void)ctx;
    buf_printf(&fakes.replies, "progress %s %s %.*s\n", server, tool, SPAN_ARG(params));
}

static void on_stopped(void *ctx)
{
    (void)ctx;
    stopped++;
}

static int set_up(void **state)
{
    static const struct broker_events events = { .on_reply = on_reply,
                                                 .on_progress = on_progress,
                                                 .on_stopped = on_stopped };

    if (fakes_set_up(state) < 0)
        return -1;
    stopped = 0;
    kept = kept_new(1 << 20, 100);
    broker = broker_new(&(struct broker_parts){ .loop = fakes.loop,
                                                .config = &fakes.config,
                                                .catalogue = fakes.catalogue,
                                                .kept = kept,
                                                .caller = &caller },
                        &events, NULL);
    return 0;
}

static int tear_down(void **state)
{
    broker_stop(broker);
    broker_stop(broker);
    fakes_run(RUN_MS);
    assert_int_equal(stopped, 1);
    broker_free(broker);
    kept_free(kept);
    return fakes_tear_down(state);
}

/* Makes a call, runs what follows and compares the whole reply. */
static void assert_reply(const char *json, const char *reply)
{
    buf_clear(&fakes.replies);
    broker_call(broker, 1, span_of(json));
    fakes_run(RUN_MS);
    assert_string_equal(buf_str(&fakes.replies), reply);
}

/* As assert_reply, for the name of an error and a part of its text. */
static void assert_refused(const char *json, const char *name, const char *part)
{
    char *start = xasprintf("1 error {\"name\":\"%s\",\"message\":\"", name);

    buf_clear(&fakes.replies);
    broker_call(broker, 1, span_of(json));
    fakes_run(RUN_MS);
    if (strncmp(buf_str(&fakes.replies), start, strlen(start)) != 0 ||
        !strstr(buf_str(&fakes.replies), part))
        fail_msg("no %s with \"%s\": %s", name, part, buf_str(&fakes.replies));
    free(start);
}

static void assert_ledger(const char *part)
{
    CLEANUP(buf) struct buf json = BUF(1 << 20);

    ledger_write_json(broker_ledger(broker), &json);
    assert_int_equal(json_check(buf_span(&json), 0, NULL), 0);
    if (!strstr(buf_str(&json), part))
        fail_msg("no %s in %s", part, buf_str(&json));
}

static void calls_a_tool(void **state)
{
    (void)state;
    assert_reply("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"read_file\","
                 "\"args\":{\"path\":\"/a\",\"n\":0.10}}",
                 "1 ok \"hello\"\n");
    assert_string_equal(buf_str(&fakes.requests),
                        "files tools/call 60000 "
                        "{\"name\":\"read_file\",\"arguments\":{\"path\":\"/a\",\"n\":0.10}}\n");
    assert_ledger("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"read_file\",\"outcome\":\"ok\","
                  "\"effect\":\"reads\",");
}

static void calls_by_identifier(void **state)
{
    (void)state;
    assert_reply("{\"op\":\"tool\",\"server\":\"odd_name\",\"tool\":\"dotted_tool\"}",
                 "1 ok \"hello\"\n");
    assert_string_equal(buf_str(&fakes.requests), "odd-name tools/call 60000 "
                                                  "{\"name\":\"dotted.tool\",\"arguments\":{}}\n");
}

static void gives_the_whole_result_when_asked(void **state)
{
    (void)state;
    fakes.result = "{\"isError\":true,\"content\":[]}";
    assert_reply("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\",\"raw\":true}",
                 "1 ok {\"isError\":true,\"content\":[]}\n");
    assert_ledger("\"outcome\":\"error\"");
}

static void hands_on_a_tools_error(void **state)
{
    (void)state;
    fakes.result = "{\"isError\":true,\"content\":[{\"type\":\"text\",\"text\":\"no file\"}]}";
    assert_reply("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\",\"args\":null}",
                 "1 error {\"name\":\"ToolError\",\"message\":\"no file\",\"server\":\"files\","
                 "\"tool\":\"plain\",\"content\":[{\"type\":\"text\",\"text\":\"no file\"}]}\n");
    assert_ledger("\"outcome\":\"error\"");
}

static const struct {
    enum err_code code;
    const char *name, *text, *outcome;
} failures[] = {
    { ERR_REMOTE, "ToolError", "the server says no", "error" },
    { ERR_TIMEOUT, "ToolTimeout",
      "server \\\"files\\\" did not answer within 60000 ms (limits.call in", "outcome unknown" },
    { ERR_UNAVAILABLE, "ServerUnavailable", "the server says no", "failed" },
    { ERR_CLOSED, "ConnectionLost", "was lost during the call: the server says no",
      "outcome unknown" },
    { ERR_LIMIT, "ReplyLimit", "the server says no", "outcome unknown" },
    { ERR_CANCELLED, "Cancelled", "the server says no", "cancelled" },
    { ERR_PROTOCOL, "ToolError", "the server says no", "outcome unknown" },
};

static void tells_how_a_request_failed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(failures); i++) {
        char *outcome = xasprintf("\"outcome\":\"%s\"", failures[i].outcome);

        fakes.call_error = failures[i].code;
        assert_refused("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\"}",
                       failures[i].name, failures[i].text);
        assert_ledger(outcome);
        free(outcome);
    }
}

static void names_the_setting_of_a_deadline(void **state)
{
    (void)state;
    fakes.call_error = ERR_TIMEOUT;
    fakes.server_configs[0].timeout_ms = 2000;
    assert_refused("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\"}", "ToolTimeout",
                   "within 2000 ms (servers.files.timeout in the configuration)");
    assert_refused("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\",\"timeout_ms\":70}",
                   "ToolTimeout", "within 70 ms (the timeout that the call asked for)");
}

static void hands_on_code_and_data(void **state)
{
    (void)state;
    fakes.call_error = ERR_REMOTE;
    fakes.call_code = -32602;
    fakes.call_data = "{\"x\":1}";
    assert_reply("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\"}",
                 "1 error {\"name\":\"ToolError\",\"message\":\"the server says no\","
                 "\"server\":\"files\",\"tool\":\"plain\",\"code\":-32602,\"data\":{\"x\":1}}\n");
}

static void refuses_what_does_not_exist(void **state)
{
    (void)state;
    assert_refused("{\"op\":\"tool\",\"server\":\"nobody\",\"tool\":\"x\"}", "UnknownServer",
                   "the servers are: files, down, odd-name");
    assert_refused("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"raed_file\"}", "UnknownTool",
                   "did you mean files.read_file?");
    assert_refused("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"zzz\"}", "UnknownTool",
                   "it has 4 tools");
    assert_refused("{\"op\":\"tool\",\"server\":\"down\",\"tool\":\"x\"}", "ServerUnavailable",
                   "the program was not found");
    assert_refused("{\"op\":\"nonsense\"}", "InvalidCall", "no such operation");
    assert_refused("{}", "InvalidCall", "no such operation");
    assert_refused("[]", "InvalidCall", "no such operation");
    assert_refused("{\"op\":\"tool\"}", "InvalidCall", "name of a server");
    assert_refused("{\"op\":\"tool\",\"server\":7,\"tool\":\"x\"}", "InvalidCall",
                   "name of a server");
    assert_refused("{\"op\":\"tool\",\"server\":\"files\"}", "InvalidCall", "name of a tool");
    assert_refused("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\",\"args\":[1]}",
                   "InvalidCall", "one object");
    assert_refused("{\"op\":\"search\"}", "InvalidCall", "`query`");
    assert_refused("{\"op\":\"describe\",\"path\":\"nothing\"}", "NotFound", "'nothing'");
    assert_refused("{\"op\":\"resource_read\",\"server\":\"files\"}", "InvalidCall", "`uri`");
    assert_refused("{\"op\":\"open\",\"uri\":\"mcpfold://results/0\"}", "NotFound",
                   "no address of a kept result");
    assert_int_equal(fakes.calls, 0);
    assert_int_equal(ledger_rerun(broker_ledger(broker)), RERUN_NOTHING_DONE);
}

static size_t found(const char *call)
{
    struct span reply;

    buf_clear(&fakes.replies);
    broker_call(broker, 1, span_of(call));
    fakes_run(RUN_MS);
    reply = span_skip(buf_span(&fakes.replies), sizeof("1 ok ") - 1);
    assert_int_equal(strncmp(buf_str(&fakes.replies), "1 ok [", 6), 0);
    return json_count(span_trim(reply));
}

static void answers_discovery_itself(void **state)
{
    (void)state;
    assert_int_equal(found("{\"op\":\"search\",\"query\":\"files\"}"), 4);
    assert_int_equal(found("{\"op\":\"search\",\"query\":\"files\",\"limit\":3}"), 3);
    assert_int_equal(found("{\"op\":\"search\",\"query\":\"files\",\"limit\":9999}"), 4);
    assert_int_equal(found("{\"op\":\"search\",\"query\":\"files\",\"limit\":-1}"), 4);
    assert_int_equal(found("{\"op\":\"servers\"}"), 3);
    broker_call(broker, 1, SPAN("{\"op\":\"describe\",\"path\":\"files.read_file\"}"));
    assert_non_null(strstr(buf_str(&fakes.replies), "1 ok \""));
    assert_int_equal(fakes.calls, 0);
}

static void lists_what_the_catalogue_holds(void **state)
{
    (void)state;
    assert_reply("{\"op\":\"resources\",\"server\":\"files\"}",
                 "1 ok [{\"uri\":\"file:///a\",\"name\":\"a\"}]\n");
    assert_reply("{\"op\":\"templates\",\"server\":\"files\"}",
                 "1 ok [{\"uriTemplate\":\"file:///{x}\",\"name\":\"t\"}]\n");
    assert_reply("{\"op\":\"prompts\",\"server\":\"files\"}", "1 ok [{\"name\":\"ask\"}]\n");
    assert_reply("{\"op\":\"prompts\"}", "1 ok [{\"name\":\"ask\",\"server\":\"files\"},"
                                         "{\"name\":\"ask\",\"server\":\"odd-name\"}]\n");
    assert_refused("{\"op\":\"prompts\",\"server\":\"down\"}", "ServerUnavailable", "not found");
}

static void reads_resources_and_prompts(void **state)
{
    (void)state;
    fakes.result = "{\"contents\":[]}";
    assert_reply("{\"op\":\"resource_read\",\"server\":\"files\",\"uri\":\"file:///\\\"\"}",
                 "1 ok {\"contents\":[]}\n");
    assert_reply(
        "{\"op\":\"prompt_get\",\"server\":\"files\",\"name\":\"ask\",\"args\":{\"a\":\"b\"}}",
        "1 ok {\"contents\":[]}\n");
    assert_string_equal(buf_str(&fakes.requests),
                        "files resources/read 60000 {\"uri\":\"file:///\\\"\"}\n"
                        "files prompts/get 60000 {\"name\":\"ask\",\"arguments\":{\"a\":\"b\"}}\n");
    fakes.result = "[]";
    assert_refused("{\"op\":\"resource_read\",\"server\":\"files\",\"uri\":\"x\"}", "ToolError",
                   "no object");
}

static void completes_arguments(void **state)
{
    (void)state;
    fakes.result = "{\"completion\":{\"values\":[\"Rome\"],\"hasMore\":false},\"x\":1}";
    assert_reply("{\"op\":\"complete\",\"server\":\"files\",\"ref\":{\"type\":\"ref/prompt\","
                 "\"name\":\"p\"},\"argument\":{\"name\":\"a\",\"value\":\"R\"},"
                 "\"context\":{\"arguments\":{\"b\":\"c\"}}}",
                 "1 ok {\"values\":[\"Rome\"],\"hasMore\":false}\n");
    assert_string_equal(buf_str(&fakes.requests),
                        "files completion/complete 60000 {\"ref\":{\"type\":\"ref/prompt\","
                        "\"name\":\"p\"},\"argument\":{\"name\":\"a\",\"value\":\"R\"},"
                        "\"context\":{\"arguments\":{\"b\":\"c\"}}}\n");
    assert_refused("{\"op\":\"complete\",\"server\":\"files\",\"ref\":1,\"argument\":{}}",
                   "InvalidCall", "`ref` is needed: an object");
    assert_refused("{\"op\":\"complete\",\"server\":\"no\",\"ref\":{},\"argument\":{}}",
                   "UnknownServer", "no");
    fakes.result = "{}";
    assert_refused("{\"op\":\"complete\",\"server\":\"files\",\"ref\":{},\"argument\":{}}",
                   "ToolError", "has no completion");
}

static void opens_kept_results(void **state)
{
    char uri[KEPT_URI_BYTES], *call;

    (void)state;
    assert_int_equal(kept_add(kept, SPAN("[1,2]"), uri, NULL), 0);
    call = xasprintf("{\"op\":\"open\",\"uri\":\"%s\"}", uri);
    assert_reply(call, "1 ok [1,2]\n");
    free(call);
}

static void chooses_the_deadline(void **state)
{
    static const struct {
        uint64_t server_ms;
        const char *asked;
        unsigned expected_ms;
    } rows[] = {
        { 0, "null", 60000 },      { 30000, "null", 30000 },  { 90000, "null", 90000 },
        { 30000, "1500", 1500 },   { 30000, "1500.7", 1500 }, { 30000, "40000", 30000 },
        { 30000, "0", 30000 },     { 30000, "-5", 30000 },    { 30000, "1e300", 30000 },
        { 30000, "\"9\"", 30000 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char *call = xasprintf("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\","
                               "\"timeout_ms\":%s}",
                               rows[i].asked);
        char *start = xasprintf("files tools/call %u ", rows[i].expected_ms);

        fakes.server_configs[0].timeout_ms = rows[i].server_ms;
        buf_clear(&fakes.requests);
        assert_reply(call, "1 ok \"hello\"\n");
        assert_int_equal(strncmp(buf_str(&fakes.requests), start, strlen(start)), 0);
        free(call);
        free(start);
    }
}

/* --- limits --------------------------------------------------------------- */

static void limits_the_number_of_calls(void **state)
{
    (void)state;
    fakes.config.limits.calls = 2;
    assert_int_equal(found("{\"op\":\"servers\"}"), 3);
    assert_int_equal(found("{\"op\":\"servers\"}"), 3);
    assert_refused("{\"op\":\"servers\"}", "CallLimit",
                   "the limit is 2 (limits.calls in the configuration)");
    assert_int_equal(broker_calls(broker), 3);
    assert_int_equal(broker_ledger(broker)->count, 2);
    assert_int_equal(broker_ledger(broker)->refused, 1);
}

static void limits_arguments(void **state)
{
    (void)state;
    fakes.config.limits.argument_bytes = 9;
    assert_reply("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\",\"args\":{\"a\":123}}",
                 "1 ok \"hello\"\n");
    assert_refused(
        "{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\",\"args\":{\"a\":1234}}",
        "ArgumentLimit", "the limit is 9 (limits.argument");
    assert_int_equal(fakes.calls, 1);
}

static void limits_replies(void **state)
{
    (void)state;
    fakes.config.limits.reply_bytes = 7;
    assert_reply("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\"}", "1 ok \"hello\"\n");
    fakes.config.limits.reply_bytes = 6;
    assert_refused("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\"}", "ReplyLimit",
                   "larger than 6 bytes (limits.reply");
    assert_ledger("\"outcome\":\"ok\"");
}

static void an_error_too_large_keeps_its_name(void **state)
{
    size_t len = 200000;
    char *result = xasprintf(
        "{\"isError\":true,\"content\":[{\"type\":\"text\",\"text\":\"%0*d\"}]}", (int)len, 0);

    (void)state;
    fakes.config.limits.reply_bytes = 300000;
    fakes.result = result;
    assert_refused("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\"}", "ReplyLimit",
                   "larger than 300000 bytes");
    free(result);
}

static void queues_calls_in_their_order(void **state)
{
    (void)state;
    fakes.config.limits.concurrent_calls = 2;
    fakes.hold_calls = true;
    for (uint32_t id = 1; id <= 4; id++)
        broker_call(broker, id, SPAN("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\"}"));
    broker_call(broker, 5, SPAN("{\"op\":\"resources\",\"server\":\"files\"}"));
    fakes_run(10);
    assert_int_equal(fakes.calls, 2);
    for (unsigned i = 0; i < 4; i++) {
        fake_answer_call();
        fakes_run(10);
    }
    assert_int_equal(fakes.calls, 4);
    assert_int_equal(fakes.most_live_calls, 2);
    assert_string_equal(buf_str(&fakes.replies),
                        "5 ok [{\"uri\":\"file:///a\",\"name\":\"a\"}]\n1 ok \"hello\"\n"
                        "2 ok \"hello\"\n3 ok \"hello\"\n"
                        "4 ok \"hello\"\n");
}

static void limits_what_waits(void **state)
{
    size_t len = 4 * 1024 * 1024 - 8;
    char *call = xasprintf("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\","
                           "\"args\":{\"a\":\"%0*d\"}}",
                           (int)len, 0);
    uint32_t id = 0;

    (void)state;
    fakes.config.limits.concurrent_calls = 1;
    fakes.hold_calls = true;
    while (fakes.replies.len == 0 && id < 30)
        broker_call(broker, ++id, span_of(call));
    assert_int_equal(id, 1 + LIMIT_CALL_QUEUE_BYTES / (4 * 1024 * 1024));
    assert_non_null(strstr(buf_str(&fakes.replies), "limit CALL_QUEUE_BYTES"));
    free(call);
}

static void stopping_answers_nothing_more(void **state)
{
    CLEANUP(buf) struct buf report = BUF(4096);

    (void)state;
    fakes.config.limits.concurrent_calls = 1;
    fakes.hold_calls = true;
    for (uint32_t id = 1; id <= 3; id++)
        broker_call(broker, id,
                    SPAN("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"write_file\"}"));
    broker_stop(broker);
    assert_int_equal(stopped, 0);
    broker_call(broker, 4, SPAN("{\"op\":\"servers\"}"));
    fakes_run(RUN_MS);
    assert_int_equal(stopped, 1);
    assert_int_equal(fakes.replies.len, 0);
    assert_int_equal(fakes.calls, 1);
    ledger_write_report(broker_ledger(broker), &report);
    assert_string_equal(buf_str(&report),
                        "Calls before the failure:\n"
                        "- files.write_file: in flight; changes something\n"
                        "Running the code again as it is would repeat calls that change "
                        "something: continue from what was done instead.\n");
}

static void tells_progress_of_tools_alone(void **state)
{
    (void)state;
    fakes.hold_calls = true;
    broker_call(broker, 1, SPAN("{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\"}"));
    fake_tell_progress("{\"progress\":1}");
    assert_string_equal(buf_str(&fakes.replies), "progress files plain {\"progress\":1}\n");
    broker_stop(broker);
    fake_tell_progress("{\"progress\":2}");
    assert_string_equal(buf_str(&fakes.replies), "progress files plain {\"progress\":1}\n");
}

static void tells_no_progress_of_resources(void **state)
{
    (void)state;
    fakes.hold_calls = true;
    broker_call(broker, 1,
                SPAN("{\"op\":\"resource_read\",\"server\":\"files\",\"uri\":\"file:///a\"}"));
    fake_tell_progress("{\"progress\":1}");
    assert_string_equal(buf_str(&fakes.replies), "");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(calls_a_tool),
        TEST(calls_by_identifier),
        TEST(gives_the_whole_result_when_asked),
        TEST(hands_on_a_tools_error),
        TEST(tells_how_a_request_failed),
        TEST(names_the_setting_of_a_deadline),
        TEST(hands_on_code_and_data),
        TEST(refuses_what_does_not_exist),
        TEST(answers_discovery_itself),
        TEST(lists_what_the_catalogue_holds),
        TEST(reads_resources_and_prompts),
        TEST(tells_progress_of_tools_alone),
        TEST(tells_no_progress_of_resources),
        TEST(completes_arguments),
        TEST(opens_kept_results),
        TEST(chooses_the_deadline),
        TEST(limits_the_number_of_calls),
        TEST(limits_arguments),
        TEST(limits_replies),
        TEST(an_error_too_large_keeps_its_name),
        TEST(queues_calls_in_their_order),
        TEST(limits_what_waits),
        TEST(stopping_answers_nothing_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * MCP over pipes, with stand-ins for executions and upstreams.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "tests/unit/proxy/fake_ask.h"
#include "tests/unit/proxy/mcp/fakes.h"
#include "tests/unit/proxy/socket_client.h"
#include "tests/unit/test.h"

static struct fake_world w;
static struct mcp_stdio *stdio;
static int to_server, from_server;
static struct buf out;
static unsigned ends;

static void on_end(void *ctx)
{
    (void)ctx;
    ends++;
}

static int set_up(void **state)
{
    int in[2], back[2];
    struct err err = ERR_INIT;

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(back, O_CLOEXEC) < 0)
        return -1;
    fake_world_init(&w);
    ends = 0;
    buf_init(&out, 64 * 1024 * 1024);
    to_server = in[1];
    from_server = back[0];
    if (fd_set_nonblocking(from_server, &err) < 0 || fd_set_nonblocking(to_server, &err) < 0)
        return -1;
    stdio = mcp_stdio_new(w.server, in[0], back[1], on_end, NULL, &err);
    return stdio ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    mcp_server_stop(w.server);
    run_for(w.loop, 10);
    mcp_stdio_free(stdio);
    fake_world_done(&w);
    fd_close(&to_server);
    fd_close(&from_server);
    buf_done(&out);
    return 0;
}

static void send_text(const char *text)
{
    struct span rest = span_of(text);

    while (rest.len) {
        ssize_t len = write(to_server, rest.data, rest.len);

        if (len > 0)
            rest = span_skip(rest, (size_t)len);
        else
            run_for(w.loop, 2);
    }
}

static void send_line(const char *line)
{
    send_text(line);
    send_text("\n");
}

static void read_some(void)
{
    char *room = buf_room(&out, 65536);
    ssize_t len = read(from_server, room, 65536);

    if (len > 0)
        buf_filled(&out, (size_t)len);
}

static void expect(const char *text)
{
    for (int i = 0; i < 1000; i++) {
        read_some();
        if (strstr(buf_str(&out), text))
            return;
        run_for(w.loop, 2);
    }
    fail_msg("no '%s' in: %s", text, buf_str(&out));
}

static void expect_nothing(void)
{
    run_for(w.loop, 50);
    read_some();
    assert_string_equal(buf_str(&out), "");
}

#define INITIALIZE                                                                             \
    "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":" \
    "\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}"
#define ENVELOPE                                                             \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"," \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}"
#define CALL(id, code)                                                                   \
    "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"tools/call\",\"params\":{\"name\":" \
    "\"execute_code\",\"arguments\":{\"code\":\"" code "\"}}}"
#define MODERN_CALL(id, code)                                                            \
    "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"tools/call\",\"params\":{\"name\":" \
    "\"execute_code\",\"arguments\":{\"code\":\"" code "\"}," ENVELOPE "}}"

static void a_probe_costs_nothing(void **state)
{
    (void)state;
    send_line(
        "{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"server/discover\",\"params\":{" ENVELOPE
        "}}");
    expect("\"supportedVersions\":[\"2026-07-28\"]");
    send_line(INITIALIZE);
    expect("\"protocolVersion\":\"2025-11-25\"");
    send_line("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
    expect("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n");
    assert_int_equal(w.starts, 0);
    assert_int_equal(w.exec.started, 0);
}

static void the_first_real_request_pins_the_era(void **state)
{
    (void)state;
    send_line("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" ENVELOPE "}}");
    expect("\"resultType\":\"complete\"");
    buf_clear(&out);
    send_line(INITIALIZE);
    expect("\"code\":-32022");
    send_line("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}");
    expect("\"id\":2,\"error\":{\"code\":-32602");
}

static void a_legacy_client_gets_nothing_modern(void **state)
{
    (void)state;
    send_line(INITIALIZE);
    send_line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
    send_line("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
    expect("\"name\":\"execute_code\"");
    assert_null(strstr(buf_str(&out), "resultType"));
    assert_null(strstr(buf_str(&out), "ttlMs"));
    assert_int_equal(w.starts, 1);
}

static void requests_run_side_by_side(void **state)
{
    (void)state;
    send_line(INITIALIZE);
    send_line(CALL("1", "hang"));
    send_line(CALL("2", "quick"));
    expect("\"id\":2,\"result\"");
    assert_int_equal(w.exec.running, 1);
    send_line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
              "\"requestId\":1}}");
    run_for(w.loop, 50);
    read_some();
    assert_int_equal(w.exec.running, 0);
    assert_null(strstr(buf_str(&out), "\"id\":1"));
}

static void cancels_modern_requests_too(void **state)
{
    (void)state;
    send_line(MODERN_CALL("\"a\"", "hang"));
    run_for(w.loop, 50);
    assert_int_equal(w.exec.running, 1);
    /* Another id of the same text but another type is another id. */
    send_line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
              "\"requestId\":\"b\"}}");
    run_for(w.loop, 50);
    assert_int_equal(w.exec.running, 1);
    send_line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
              "\"requestId\":\"a\"}}");
    run_for(w.loop, 50);
    assert_int_equal(w.exec.running, 0);
    expect_nothing();
}

static void a_request_that_waits_for_upstreams_can_be_cancelled(void **state)
{
    (void)state;
    w.upstreams.hold = true;
    send_line(CALL("1", "quick"));
    run_for(w.loop, 20);
    send_line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
              "\"requestId\":1}}");
    run_for(w.loop, 20);
    fake_settle(&w);
    expect_nothing();
    assert_int_equal(w.exec.started, 0);
}

static void bad_lines_are_answered_and_survived(void **state)
{
    (void)state;
    send_line("not json");
    expect("\"error\":{\"code\":-32700");
    send_line("");
    send_line("   ");
    send_line("{\"jsonrpc\":\"2.0\",\"id\":4}");
    expect("\"id\":4,\"error\":{\"code\":-32600");
    send_line("[]");
    send_line("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/list\",\"params\":[1]}");
    expect("\"id\":5,\"error\":{\"code\":-32602");
    send_line("{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"ping\"}");
    expect("\"id\":6,\"result\":{}");
}

static void lines_may_come_in_pieces(void **state)
{
    (void)state;
    send_text("{\"jsonrpc\":\"2.0\",\"id\":1,");
    run_for(w.loop, 10);
    send_text(
        "\"method\":\"ping\"}\r\n{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}\n{\"json");
    expect("\"id\":1,\"result\":{}");
    expect("\"id\":2,\"result\":{}");
    send_text("rpc\":\"2.0\",\"id\":3,\"method\":\"ping\"}\n");
    expect("\"id\":3,\"result\":{}");
}

static void bounds_a_line(void **state)
{
    char *much = xcalloc(1, LIMIT_HTTP_BODY_BYTES + 2);

    (void)state;
    memset(much, ' ', LIMIT_HTTP_BODY_BYTES + 1);
    send_line(much);
    expect("HTTP_BODY_BYTES");
    send_line("{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"ping\"}");
    expect("\"id\":6,\"result\":{}");
    free(much);
}

static void takes_batches_of_2025_03_26(void **state)
{
    (void)state;
    send_line("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{"
              "\"protocolVersion\":\"2025-03-26\"}}");
    expect("2025-03-26");
    send_line("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"},{\"jsonrpc\":\"2.0\",\"id\":2,"
              "\"method\":\"ping\"}]");
    expect("[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}},{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":"
           "{}}]\n");
    buf_clear(&out);
    send_line("[{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"ping\"}," CALL(
        "4", "hold") ",{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"no/such\"}]");
    expect_nothing();
    fake_end_held(&w);
    expect("[{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{}},{\"jsonrpc\":\"2.0\",\"id\":5,\"error\"");
    expect("released");
    buf_clear(&out);
    send_line("[{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}]");
    expect_nothing();
}

static void a_cancelled_request_leaves_its_batch(void **state)
{
    (void)state;
    send_line("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{"
              "\"protocolVersion\":\"2025-03-26\"}}");
    expect("2025-03-26");
    buf_clear(&out);
    send_line("[{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"ping\"}," CALL("4", "hang") "]");
    expect_nothing();
    send_line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
              "\"requestId\":4}}");
    expect("[{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{}}]\n");
}

static void the_end_of_input_waits_for_a_batch(void **state)
{
    (void)state;
    send_line("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{"
              "\"protocolVersion\":\"2025-03-26\"}}");
    expect("2025-03-26");
    send_line("[" CALL("4", "hold") "]");
    run_for(w.loop, 20);
    fd_close(&to_server);
    run_for(w.loop, 20);
    assert_int_equal(ends, 0);
    fake_end_held(&w);
    expect("released");
    run_for(w.loop, 20);
    assert_int_equal(ends, 1);
}

static void bounds_a_batch(void **state)
{
    CLEANUP(buf) struct buf batch = BUF(65536);

    (void)state;
    send_line("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{"
              "\"protocolVersion\":\"2025-03-26\"}}");
    expect("2025-03-26");
    buf_add_span(&batch, SPAN("[{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"ping\"}"));
    for (int i = 1; i < LIMIT_BATCH_MESSAGES; i++)
        buf_printf(&batch, ",{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"ping\"}", i);
    buf_add_char(&batch, ']');
    send_line(buf_str(&batch));
    expect("\"id\":199,\"result\":{}");
    batch.len--;
    buf_add_span(&batch, SPAN(",{\"jsonrpc\":\"2.0\",\"id\":200,\"method\":\"ping\"}]"));
    send_line(buf_str(&batch));
    expect("BATCH_MESSAGES is 200");
    assert_null(strstr(buf_str(&out), "\"id\":200"));
    send_line("[]");
    expect("An empty batch");
}

static void tells_of_changes(void **state)
{
    (void)state;
    send_line(INITIALIZE);
    send_line("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
    expect("execute_code\"");
    fake_change_catalogue(&w, "one");
    expect("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n");
}

static void tells_a_listener_of_changes_and_ends_by_cancel(void **state)
{
    (void)state;
    send_line("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"subscriptions/listen\",\"params\":{"
              "\"notifications\":{\"toolsListChanged\":true}," ENVELOPE "}}");
    expect("\"io.modelcontextprotocol/subscriptionId\":7}");
    send_line("{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"tools/list\",\"params\":{" ENVELOPE "}}");
    expect("execute_code\"");
    fake_change_catalogue(&w, "one");
    expect("list_changed\",\"params\":{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":7}}");
    send_line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
              "\"requestId\":7}}");
    run_for(w.loop, 20);
    buf_clear(&out);
    fake_change_catalogue(&w, "two");
    run_for(w.loop, 400);
    expect_nothing();
}

static void the_end_of_input_waits_for_the_answers(void **state)
{
    (void)state;
    send_line(CALL("1", "hang"));
    send_line(CALL("2", "quick"));
    expect("\"id\":2");
    fd_close(&to_server);
    run_for(w.loop, 50);
    assert_int_equal(ends, 0);
    mcp_server_stop(w.server);
    expect("\"id\":1,\"result\"");
    run_for(w.loop, 20);
    assert_int_equal(ends, 1);
}

static void a_last_line_needs_no_line_feed(void **state)
{
    (void)state;
    send_text("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
    fd_close(&to_server);
    expect("\"id\":1,\"result\":{}");
    run_for(w.loop, 20);
    assert_int_equal(ends, 1);
}

static void a_client_that_reads_no_more_ends_it(void **state)
{
    (void)state;
    send_line(CALL("1", "hang"));
    run_for(w.loop, 20);
    fd_close(&from_server);
    send_line("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
    run_for(w.loop, 50);
    assert_int_equal(ends, 1);
    assert_int_equal(w.exec.cancelled, 1);
}

#define ASKED_INITIALIZE                                                                       \
    "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":" \
    "\"2025-11-25\",\"capabilities\":{\"elicitation\":{}},\"clientInfo\":{\"name\":\"t\","     \
    "\"version\":\"1\"}}}"
#define ASKED_CALL                                                                  \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":" \
    "\"execute_code\",\"arguments\":{\"code\":\"ask form\"},\"_meta\":{"            \
    "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                   \
    "\"io.modelcontextprotocol/clientCapabilities\":{\"elicitation\":{}}}}}"

static void a_question_is_a_line_and_its_answer_another(void **state)
{
    (void)state;
    send_line(ASKED_INITIALIZE);
    send_line(CALL("1", "ask form"));
    expect("{\"jsonrpc\":\"2.0\",\"id\":\"question-1\",\"method\":\"elicitation/create\"");
    send_line("{\"jsonrpc\":\"2.0\",\"id\":\"question-2\",\"result\":{}}");
    send_line("{\"jsonrpc\":\"2.0\",\"id\":\"question-1\",\"result\":{\"action\":\"decline\"}}");
    expect("elicitation/create: {\\\"action\\\":\\\"decline\\\"}");
}

static void the_end_of_a_visit_is_a_line(void **state)
{
    (void)state;
    send_line("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{"
              "\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"elicitation\":{\"url\":{}}},"
              "\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}");
    send_line(CALL("1", "ask url"));
    expect("\"elicitationId\":\"question-1\"");
    send_line("{\"jsonrpc\":\"2.0\",\"id\":\"question-1\",\"result\":{\"action\":\"accept\"}}");
    expect("elicitation/create: {\\\"action\\\":\\\"accept\\\"}");
    mcp_server_visited(w.server, SPAN("stdio"), 1);
    expect("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/elicitation/complete\",\"params\":{"
           "\"elicitationId\":\"question-1\"}}\n");
}

static void who_has_closed_stdin_can_not_answer(void **state)
{
    (void)state;
    send_line(ASKED_INITIALIZE);
    send_line(CALL("1", "ask form;form"));
    expect("question-1");
    fd_close(&to_server);
    expect("elicitation/create refused: the client has closed its end and can't answer. "
           "elicitation/create refused: the client has closed its end");
    run_for(w.loop, 20);
    assert_int_equal(ends, 1);
}

static void a_suspended_call_ends_with_the_connection(void **state)
{
    (void)state;
    send_line(ASKED_CALL);
    expect("\"resultType\":\"input_required\"");
    fd_close(&to_server);
    run_for(w.loop, 20);
    assert_int_equal(ends, 1);
    mcp_stdio_free(TAKE(stdio));
    run_for(w.loop, 20);
    assert_int_equal(w.exec.running, 0);
    assert_non_null(strstr(buf_str(&fake_ask_log), "refuse the client is gone"));
    assert_string_equal(buf_str(&w.upstreams.gone), "stdio\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_probe_costs_nothing),
        TEST(the_first_real_request_pins_the_era),
        TEST(a_legacy_client_gets_nothing_modern),
        TEST(requests_run_side_by_side),
        TEST(cancels_modern_requests_too),
        TEST(a_request_that_waits_for_upstreams_can_be_cancelled),
        TEST(bad_lines_are_answered_and_survived),
        TEST(lines_may_come_in_pieces),
        TEST(bounds_a_line),
        TEST(takes_batches_of_2025_03_26),
        TEST(a_cancelled_request_leaves_its_batch),
        TEST(the_end_of_input_waits_for_a_batch),
        TEST(bounds_a_batch),
        TEST(tells_of_changes),
        TEST(tells_a_listener_of_changes_and_ends_by_cancel),
        TEST(the_end_of_input_waits_for_the_answers),
        TEST(a_last_line_needs_no_line_feed),
        TEST(a_client_that_reads_no_more_ends_it),
        TEST(a_question_is_a_line_and_its_answer_another),
        TEST(the_end_of_a_visit_is_a_line),
        TEST(who_has_closed_stdin_can_not_answer),
        TEST(a_suspended_call_ends_with_the_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * JSON-RPC envelopes: what is read, what is refused with which code, and that
 * written messages stand on one line.
 */
#include "proxy/rpc/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proxy/rpc/protocol.h"

static struct rpc_message read_ok(const char *text)
{
    struct rpc_message message;
    struct err err = ERR_INIT;

    if (rpc_read(span_of(text), &message, NULL, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    return message;
}

static void assert_span(struct span actual, const char *expected)
{
    if (!span_is(actual, expected))
        fail_msg("\"%.*s\" is not \"%s\"", SPAN_ARG(actual), expected);
}

static void reads_a_request(void **state)
{
    struct rpc_message m = read_ok(
        "  {\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"tools/call\",\"params\":{\"x\": 1}} ");

    (void)state;
    assert_int_equal(m.kind, RPC_REQUEST);
    assert_span(m.id, "\"a\"");
    assert_span(m.method, "tools/call");
    assert_span(m.params, "{\"x\": 1}");
}

static void reads_a_notification(void **state)
{
    struct rpc_message m = read_ok("{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":null}");

    (void)state;
    assert_int_equal(m.kind, RPC_NOTIFICATION);
    assert_int_equal(m.id.len, 0);
    assert_int_equal(m.params.len, 0);
}

static void reads_answers(void **state)
{
    struct rpc_message m = read_ok("{\"result\":[1],\"jsonrpc\":\"2.0\",\"id\":7,\"error\":null}");

    (void)state;
    assert_int_equal(m.kind, RPC_RESULT);
    assert_span(m.id, "7");
    assert_span(m.result, "[1]");
    m = read_ok("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32000,\"message\":\"no\"}}");
    assert_int_equal(m.kind, RPC_ERROR);
    assert_int_equal(m.id.len, 0);
    assert_int_equal(m.error_code, -32000);
}

static void reads_escaped_methods_of_mcp(void **state)
{
    struct rpc_message m = read_ok("{\"jsonrpc\":\"2.0\",\"method\":\"notifications\\/message\"}");

    (void)state;
    assert_span(m.method, "notifications/message");
}

static void gives_the_error_text(void **state)
{
    CLEANUP(buf) struct buf out = BUF(100);
    struct rpc_message m =
        read_ok("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1,\"message\":\"a\\u00e9\"}}");

    (void)state;
    assert_int_equal(rpc_error_text(&m, &out), 0);
    assert_string_equal(buf_str(&out), "a\xc3\xa9");
    m = read_ok("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1}}");
    buf_clear(&out);
    assert_int_equal(rpc_error_text(&m, &out), 0);
    assert_string_equal(buf_str(&out), "error without a message");
}

struct refused {
    const char *text;
    int code;
    const char *id;
};

static const struct refused refused[] = {
    { "", RPC_PARSE_ERROR, "" },
    { "{", RPC_PARSE_ERROR, "" },
    { "{} {}", RPC_PARSE_ERROR, "" },
    { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}", RPC_PARSE_ERROR, "" },
    { "[]", RPC_INVALID_REQUEST, "" },
    { "1", RPC_INVALID_REQUEST, "" },
    { "{}", RPC_INVALID_REQUEST, "" },
    { "{\"id\":1,\"method\":\"a\"}", RPC_INVALID_REQUEST, "1" },
    { "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"a\"}", RPC_INVALID_REQUEST, "1" },
    { "{\"jsonrpc\":\"2.0\",\"id\":1}", RPC_INVALID_REQUEST, "1" },
    { "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"a\"}", RPC_INVALID_REQUEST, "" },
    { "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"a\"}", RPC_INVALID_REQUEST, "" },
    { "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":3}", RPC_INVALID_REQUEST, "2" },
    { "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"\"}", RPC_INVALID_REQUEST, "2" },
    { "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"own\\u0020name\"}", RPC_INVALID_REQUEST, "2" },
    { "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"\xc3\xa9\"}", RPC_INVALID_REQUEST, "2" },
    { "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"a\",\"params\":1}", RPC_INVALID_REQUEST, "2" },
    { "{\"jsonrpc\":\"2.0\",\"id\":2,\"id\":3,\"method\":\"a\"}", RPC_INVALID_REQUEST, "" },
    { "{\"jsonrpc\":\"2.0\",\"result\":{}}", RPC_INVALID_REQUEST, "" },
    { "{\"jsonrpc\":\"2.0\",\"id\":4,\"error\":\"no\"}", RPC_INVALID_REQUEST, "4" },
    { "{\"jsonrpc\":\"2.0\",\"id\":4,\"error\":{\"code\":\"x\"}}", RPC_INVALID_REQUEST, "4" },
    { "{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":1,\"error\":{\"code\":1}}", RPC_INVALID_REQUEST,
      "4" },
};

static void refuses_what_is_no_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(refused); i++) {
        struct rpc_message m;
        struct err err = ERR_INIT;
        int code = 0;

        if (rpc_read(span_of(refused[i].text), &m, &code, &err) == 0)
            fail_msg("accepted: %s", refused[i].text);
        assert_true(err.code == ERR_INVALID);
        if (code != refused[i].code)
            fail_msg("%s: code %d", refused[i].text, code);
        assert_span(m.id, refused[i].id);
    }
}

static void refuses_deep_messages(void **state)
{
    CLEANUP(buf) struct buf text = BUF(100000);
    struct rpc_message m;
    struct err err = ERR_INIT;

    (void)state;
    buf_add_str(&text, "{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":");
    for (int i = 0; i < 5000; i++)
        buf_add_char(&text, '[');
    for (int i = 0; i < 5000; i++)
        buf_add_char(&text, ']');
    buf_add_char(&text, '}');
    assert_int_equal(rpc_read(buf_span(&text), &m, NULL, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
}

static void writes_messages_on_one_line(void **state)
{
    CLEANUP(buf) struct buf out = BUF(1000);

    (void)state;
    assert_int_equal(rpc_write_request(&out, SPAN("1"), "ping", SPAN("{\r\n \"a\": \"\\n\"}")), 0);
    assert_string_equal(buf_str(&out), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\","
                                       "\"params\":{   \"a\": \"\\n\"}}");
    buf_clear(&out);
    assert_int_equal(rpc_write_notification(&out, "a", SPAN_NONE), 0);
    assert_string_equal(buf_str(&out), "{\"jsonrpc\":\"2.0\",\"method\":\"a\"}");
    buf_clear(&out);
    assert_int_equal(rpc_write_result(&out, SPAN("\"x\""), SPAN("{}")), 0);
    assert_string_equal(buf_str(&out), "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{}}");
    buf_clear(&out);
    assert_int_equal(rpc_write_error(&out, SPAN_NONE, -32600, SPAN("n\"o"), SPAN("[1]")), 0);
    assert_string_equal(buf_str(&out), "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,"
                                       "\"message\":\"n\\\"o\",\"data\":[1]}}");
}

static void reports_a_full_buffer(void **state)
{
    CLEANUP(buf) struct buf out = BUF(20);

    (void)state;
    assert_int_equal(rpc_write_result(&out, SPAN("1"), SPAN("{}")), -1);
}

static void knows_the_revisions(void **state)
{
    (void)state;
    assert_true(protocol_is_legacy(SPAN(PROTOCOL_LEGACY_NEWEST)));
    assert_true(protocol_is_legacy(SPAN("2024-11-05")));
    assert_false(protocol_is_legacy(SPAN(PROTOCOL_MODERN)));
    assert_string_equal(protocol_method(SPAN("tools/list")), "tools/list");
    assert_null(protocol_method(SPAN("tools/lis")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_request),       cmocka_unit_test(reads_a_notification),
        cmocka_unit_test(reads_answers),         cmocka_unit_test(reads_escaped_methods_of_mcp),
        cmocka_unit_test(gives_the_error_text),  cmocka_unit_test(refuses_what_is_no_message),
        cmocka_unit_test(refuses_deep_messages), cmocka_unit_test(writes_messages_on_one_line),
        cmocka_unit_test(reports_a_full_buffer), cmocka_unit_test(knows_the_revisions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

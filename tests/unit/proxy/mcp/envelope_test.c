/*
 * Eras of messages, by transport.
 */
#include "proxy/mcp/envelope.h"

#include "tests/unit/test.h"

#define CLAIM(version)                                                                    \
    "\"params\":{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"" version "\"," \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}}"
#define REQUEST(method, rest) "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" method "\"" rest "}"

static struct rpc_message read_message(const char *text)
{
    struct rpc_message message;
    struct err err = ERR_INIT;

    if (rpc_read(span_of(text), &message, NULL, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    return message;
}

static const struct {
    const char *text, *header;
    enum era era;
    int code; /* of the fault, 0 when none */
} over_http[] = {
    { REQUEST("tools/list", ""), NULL, ERA_LEGACY, 0 },
    { REQUEST("tools/list", ""), "2025-06-18", ERA_LEGACY, 0 },
    { REQUEST("tools/list", ""), "2026-07-28", ERA_MODERN, 0 },
    { REQUEST("tools/list", ""), "nonsense", ERA_LEGACY, 0 },
    { REQUEST("initialize", ""), "2026-07-28", ERA_LEGACY, 0 },
    { REQUEST("initialize", "," CLAIM("2026-07-28")), "2026-07-28", ERA_MODERN, 0 },
    { REQUEST("initialize", "," CLAIM("2025-11-25")), NULL, ERA_LEGACY, 0 },
    { REQUEST("tools/list", "," CLAIM("2026-07-28")), "2026-07-28", ERA_MODERN, 0 },
    { REQUEST("tools/list", "," CLAIM("2026-07-28")), NULL, ERA_MODERN, RPC_HEADER_MISMATCH },
    { REQUEST("tools/list", "," CLAIM("2026-07-28")), "2025-11-25", ERA_MODERN,
      RPC_HEADER_MISMATCH },
    { "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\"}", "2026-07-28", ERA_MODERN, 0 },
    { "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\"}", "2025-11-25", ERA_LEGACY, 0 },
};

static void classifies_over_http(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(over_http); i++) {
        struct rpc_message message = read_message(over_http[i].text);
        struct fault fault = FAULT_INIT;
        enum era era = ERA_UNKNOWN;

        envelope_classify_http(&message, span_of(over_http[i].header), &era, &fault);
        if (era != over_http[i].era || fault.code != over_http[i].code)
            fail_msg("%s with %s", over_http[i].text, over_http[i].header);
    }
}

static const struct {
    const char *text;
    enum era pin, era, pinned;
    int code;
} over_stdio[] = {
    { REQUEST("initialize", ""), ERA_UNKNOWN, ERA_LEGACY, ERA_LEGACY, 0 },
    { REQUEST("initialize", ""), ERA_MODERN, ERA_UNKNOWN, ERA_MODERN, RPC_UNSUPPORTED_VERSION },
    { REQUEST("server/discover", "," CLAIM("2026-07-28")), ERA_UNKNOWN, ERA_MODERN, ERA_UNKNOWN,
      0 },
    { REQUEST("server/discover", ""), ERA_UNKNOWN, ERA_LEGACY, ERA_UNKNOWN, 0 },
    { REQUEST("server/discover", "," CLAIM("2026-07-28")), ERA_LEGACY, ERA_MODERN, ERA_LEGACY, 0 },
    { REQUEST("tools/list", "," CLAIM("2026-07-28")), ERA_UNKNOWN, ERA_MODERN, ERA_MODERN, 0 },
    { REQUEST("tools/list", ""), ERA_UNKNOWN, ERA_LEGACY, ERA_LEGACY, 0 },
    { REQUEST("tools/list", ""), ERA_MODERN, ERA_MODERN, ERA_MODERN, 0 },
    { REQUEST("ping", ""), ERA_UNKNOWN, ERA_LEGACY, ERA_UNKNOWN, 0 },
};

static void classifies_over_stdio(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(over_stdio); i++) {
        struct rpc_message message = read_message(over_stdio[i].text);
        struct fault fault = FAULT_INIT;
        enum era era = ERA_UNKNOWN, pin = over_stdio[i].pin;

        envelope_classify_stdio(&message, &pin, &era, &fault);
        if (era != over_stdio[i].era || pin != over_stdio[i].pinned ||
            fault.code != over_stdio[i].code)
            fail_msg("%s, pinned %d", over_stdio[i].text, over_stdio[i].pin);
    }
}

static const struct {
    const char *params;
    int code;
} envelopes[] = {
    { CLAIM("2026-07-28"), 0 },
    { CLAIM("2099-01-01"), RPC_UNSUPPORTED_VERSION },
    { "\"params\":{}", RPC_INVALID_PARAMS },
    { "\"params\":{\"_meta\":5}", RPC_INVALID_PARAMS },
    { "\"params\":{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":5}}",
      RPC_INVALID_PARAMS },
    { "\"params\":{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
      "\"io.modelcontextprotocol/clientCapabilities\":[]}}",
      RPC_INVALID_PARAMS },
};

static void checks_modern_envelopes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(envelopes); i++) {
        CLEANUP(str)
        char *text =
            xasprintf("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",%s}", envelopes[i].params);
        struct rpc_message message = read_message(text);
        struct envelope envelope;
        struct fault fault = FAULT_INIT;

        envelope_read_modern(&message, &envelope, &fault);
        if (fault.code != envelopes[i].code)
            fail_msg("%s: %d %s", text, fault.code, fault.text);
    }
}

static void a_fault_repeats_a_version_only_when_it_fits(void **state)
{
    CLEANUP(buf) struct buf raw = BUF(10000);
    struct fault fault;

    (void)state;
    buf_add_char(&raw, '"');
    while (raw.len < 5000)
        buf_add_char(&raw, 'v');
    buf_add_char(&raw, '"');
    fault_version(&fault, buf_span(&raw));
    assert_string_equal(fault.data, "");
    fault_version(&fault, SPAN("\"v\""));
    assert_string_equal(fault.data, "{\"supported\":[\"2026-07-28\"],\"requested\":\"v\"}");
    fault_version(&fault, SPAN("5"));
    assert_string_equal(fault.data, "{\"supported\":[\"2026-07-28\"]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classifies_over_http),
        cmocka_unit_test(classifies_over_stdio),
        cmocka_unit_test(checks_modern_envelopes),
        cmocka_unit_test(a_fault_repeats_a_version_only_when_it_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

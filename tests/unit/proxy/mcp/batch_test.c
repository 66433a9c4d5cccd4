/*
 * What a batch may be, before any of it is done.
 */
#include "proxy/mcp/batch.h"

#include "base/limits.h"
#include "tests/unit/test.h"

#define PING "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"

/* An array of `count` pings. */
static void write_pings(struct buf *out, unsigned count)
{
    buf_add_char(out, '[');
    for (unsigned i = 0; i < count; i++) {
        buf_add_span(out, i ? SPAN(",") : SPAN_NONE);
        buf_add_span(out, SPAN(PING));
    }
    buf_add_char(out, ']');
}

static void one_revision_has_batches(void **state)
{
    (void)state;
    assert_true(batch_is_in("2025-03-26"));
    assert_false(batch_is_in("2025-06-18"));
    assert_false(batch_is_in(NULL));
}

static void the_count_is_bounded(void **state)
{
    CLEANUP(buf) struct buf full = BUF(65536);
    CLEANUP(buf) struct buf over = BUF(65536);
    struct fault fault = FAULT_INIT;
    unsigned requests;

    (void)state;
    write_pings(&full, LIMIT_BATCH_MESSAGES);
    write_pings(&over, LIMIT_BATCH_MESSAGES + 1);
    assert_int_equal(batch_check(buf_span(&full), &requests, &fault), 0);
    assert_int_equal(requests, LIMIT_BATCH_MESSAGES);
    assert_int_equal(batch_check(buf_span(&over), &requests, &fault), -1);
    assert_int_equal(fault.code, RPC_INVALID_REQUEST);
    assert_int_equal(fault.http_status, 413);
    assert_string_equal(fault.text, "A batch of 201 messages; the limit BATCH_MESSAGES is 200, and "
                                    "none of them was done");
}

static void counts_requests_alone(void **state)
{
    struct fault fault = FAULT_INIT;
    unsigned requests;

    (void)state;
    assert_int_equal(
        batch_check(SPAN("[" PING ",{\"jsonrpc\":\"2.0\",\"method\":\"x\"}]"), &requests, &fault),
        0);
    assert_int_equal(requests, 1);
}

static void is_refused_whole(void **state)
{
    static const struct {
        struct span batch;
        int code;
    } cases[] = {
        { SPAN("[]"), RPC_INVALID_REQUEST },
        { SPAN("[" PING), RPC_PARSE_ERROR },
        { SPAN("[" PING ",3]"), RPC_INVALID_REQUEST },
        { SPAN("[[" PING "]]"), RPC_INVALID_REQUEST },
        { SPAN("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\"}]"), RPC_INVALID_REQUEST },
        { SPAN("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"_meta\":{"
               "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}}}]"),
          RPC_INVALID_REQUEST },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fault fault = FAULT_INIT;
        unsigned requests;

        assert_int_equal(batch_check(cases[i].batch, &requests, &fault), -1);
        assert_int_equal(fault.code, cases[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_revision_has_batches),
        cmocka_unit_test(the_count_is_bounded),
        cmocka_unit_test(counts_requests_alone),
        cmocka_unit_test(is_refused_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

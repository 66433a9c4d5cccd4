/*
 * requestState: what was written is read, and nothing else is.
 */
#include "proxy/mcp/request_state.h"

#include <string.h>

#include "base/mem.h"
#include "tests/unit/test.h"

#define ID "0123456789abcdef0123456789abcdef"

static struct request_state_key key;

static struct request_binding binding(int principal, const char *params)
{
    return (struct request_binding){ .principal = principal,
                                     .method = SPAN("tools/call"),
                                     .params = span_of(params) };
}

static int set_up(void **state)
{
    (void)state;
    request_state_key_init(&key);
    return 0;
}

static void write_state(struct buf *out, const struct request_binding *bound)
{
    const struct request_state state = { .id = ID, .round = 3, .expires_ms = 600000 };

    assert_int_equal(request_state_write(&key, &state, bound, out), 0);
}

static int read_state(struct span text, const char *params)
{
    struct request_state state;
    struct request_binding bound = binding(1, params);

    return request_state_read(&key, text, &bound, &state);
}

static void reads_what_it_wrote(void **test)
{
    CLEANUP(buf) struct buf text = BUF(1024);
    struct request_binding bound = binding(1, "{\"name\":\"a\"}");
    struct request_state state;

    (void)test;
    write_state(&text, &bound);
    assert_int_equal(strncmp(buf_str(&text), ID ".3.600000.", 42), 0);
    assert_int_equal(request_state_read(&key, buf_span(&text), &bound, &state), 0);
    assert_string_equal(state.id, ID);
    assert_int_equal(state.round, 3);
    assert_int_equal(state.expires_ms, 600000);
}

static void each_byte_counts(void **test)
{
    CLEANUP(buf) struct buf text = BUF(1024);
    struct request_binding bound = binding(1, "{}");

    (void)test;
    write_state(&text, &bound);
    for (size_t i = 0; i < text.len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            text.data[i] = (char)(text.data[i] ^ (1 << bit));
            assert_int_equal(read_state(buf_span(&text), "{}"), -1);
            text.data[i] = (char)(text.data[i] ^ (1 << bit));
        }
        assert_int_equal(read_state(span_make(text.data, i), "{}"), -1);
    }
    assert_int_equal(read_state(buf_span(&text), "{}"), 0);
    buf_add_char(&text, '0');
    assert_int_equal(read_state(buf_span(&text), "{}"), -1);
    assert_int_equal(read_state(SPAN_NONE, "{}"), -1);
}

static void is_bound_to_the_request(void **test)
{
    static const char params[] = "{\"name\":\"t\",\"arguments\":{\"a\":1.5,\"b\":[\"x\"]}}";
    static const char *const same[] = {
        params,
        " { \"arguments\" : {\"b\":[\"\\u0078\"],\"a\":15e-1}, \"name\":\"t\" } ",
        "{\"_meta\":{\"x\":1},\"inputResponses\":{},\"requestState\":\"y\",\"name\":\"t\","
        "\"arguments\":{\"a\":1.5,\"b\":[\"x\"]}}",
    };
    static const char *const others[] = {
        "{\"name\":\"t\",\"arguments\":{\"a\":1.6,\"b\":[\"x\"]}}",
        "{\"name\":\"u\",\"arguments\":{\"a\":1.5,\"b\":[\"x\"]}}",
        "{\"name\":\"t\",\"arguments\":{\"a\":1.5,\"b\":[\"x\"],\"c\":null}}",
        "{\"name\":\"t\"}",
        "{}",
        "",
        "[1]",
    };
    CLEANUP(buf) struct buf text = BUF(1024);
    struct request_binding bound = binding(1, params);
    struct request_state state;

    (void)test;
    write_state(&text, &bound);
    for (size_t i = 0; i < ARRAY_COUNT(same); i++)
        assert_int_equal(read_state(buf_span(&text), same[i]), 0);
    for (size_t i = 0; i < ARRAY_COUNT(others); i++)
        assert_int_equal(read_state(buf_span(&text), others[i]), -1);
    bound.principal = 2;
    assert_int_equal(request_state_read(&key, buf_span(&text), &bound, &state), -1);
    bound.principal = 1;
    bound.method = SPAN("prompts/get");
    assert_int_equal(request_state_read(&key, buf_span(&text), &bound, &state), -1);
}

static void is_bound_to_the_process(void **test)
{
    CLEANUP(buf) struct buf text = BUF(1024);
    struct request_binding bound = binding(1, "{}");

    (void)test;
    write_state(&text, &bound);
    request_state_key_init(&key);
    assert_int_equal(read_state(buf_span(&text), "{}"), -1);
}

static void numbers_of_any_size_count(void **test)
{
    CLEANUP(buf) struct buf text = BUF(1024);
    struct request_binding bound = binding(1, "{\"a\":1e999}");

    (void)test;
    write_state(&text, &bound);
    assert_int_equal(read_state(buf_span(&text), "{\"a\":1e999,\"_meta\":{}}"), 0);
    assert_int_equal(read_state(buf_span(&text), "{\"a\":2e999}"), -1);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_what_it_wrote),       TEST(each_byte_counts),
        TEST(is_bound_to_the_request),   TEST(is_bound_to_the_process),
        TEST(numbers_of_any_size_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * What is kept of streams, how it is bounded, and in which order it goes.
 */
#include "proxy/mcp/event_store.h"

#include <stdio.h>

#include "base/json.h"
#include "base/limits.h"
#include "tests/unit/test.h"

static struct event_store store;
static struct event_history history, other;
static struct buf seen;

static int set_up(void **state)
{
    (void)state;
    event_store_init(&store);
    event_history_init(&history, &store);
    event_history_init(&other, &store);
    buf_init(&seen, 65536);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    event_history_done(&history);
    event_history_done(&other);
    buf_done(&seen);
    return store.ages.count == 0 && store.ages.bytes == 0 ? 0 : -1;
}

static void see(void *ctx, uint64_t number, struct span message)
{
    (void)ctx;
    buf_printf(&seen, "%d:%.*s ", (int)number, message.len > 40 ? 40 : (int)message.len,
               message.data);
}

/* What comes behind an event, as "number:message " each. */
static const char *replayed(const struct event_stream *stream, uint64_t after)
{
    buf_clear(&seen);
    event_stream_replay(stream, after, see, NULL);
    return buf_str(&seen);
}

static void replays_behind_an_event(void **state)
{
    struct event_stream *a = event_stream_open(&history, false);
    struct event_stream *b = event_stream_open(&history, true);

    (void)state;
    assert_int_equal(event_stream_add(a, EVENT_NOTIFICATION, SPAN("one")), 1);
    assert_int_equal(event_stream_add(b, EVENT_NOTIFICATION, SPAN("elsewhere")), 1);
    assert_int_equal(event_stream_add(a, EVENT_ANSWER, SPAN("two")), 2);
    assert_string_equal(replayed(a, 0), "1:one 2:two ");
    assert_string_equal(replayed(a, 1), "2:two ");
    assert_string_equal(replayed(a, 2), "");
}

static void finds_a_stream_by_an_event_of_it(void **state)
{
    struct event_stream *first = event_stream_open(&history, false), *stream;
    CLEANUP(buf) struct buf id = BUF(64);
    uint64_t number;

    (void)state;
    stream = event_stream_open(&history, false);
    event_stream_add(stream, EVENT_ANSWER, SPAN("x"));
    event_write_id(stream, 1, &id);
    assert_string_equal(buf_str(&id), "2-1");
    assert_ptr_equal(event_history_find(&history, buf_span(&id), &number), stream);
    assert_int_equal(number, 1);
    assert_ptr_equal(event_history_find(&history, SPAN("1-0"), &number), first);
    assert_null(event_history_find(&other, buf_span(&id), &number));
}

static void refuses_ids_that_it_never_gave(void **state)
{
    static const char *const ids[] = { "",
                                       "1",
                                       "1-",
                                       "-1",
                                       "a-1",
                                       "1-1x",
                                       "1-99",
                                       "2-0",
                                       "1 1",
                                       "1--1",
                                       "+1-1",
                                       "1-0x0",
                                       "1111111111111111111-1",
                                       "1-99999999999999999999999999" };
    uint64_t number;

    (void)state;
    event_stream_add(event_stream_open(&history, false), EVENT_ANSWER, SPAN("x"));
    for (size_t i = 0; i < ARRAY_COUNT(ids); i++)
        assert_null(event_history_find(&history, span_of(ids[i]), &number));
}

static void a_stream_lives_as_long_as_its_events(void **state)
{
    struct event_stream *stream = event_stream_open(&history, false);
    uint64_t number;

    (void)state;
    event_store_expire(&store, 1000);
    event_stream_add(stream, EVENT_ANSWER, SPAN("x"));
    event_stream_close(stream);
    event_store_expire(&store, 1000 + LIMIT_EVENT_MS);
    assert_ptr_equal(event_history_find(&history, SPAN("1-1"), &number), stream);
    event_store_expire(&store, 1001 + LIMIT_EVENT_MS);
    assert_null(event_history_find(&history, SPAN("1-1"), &number));
    assert_true(TAILQ_EMPTY(&history.streams));
}

static void an_open_stream_outlives_its_events(void **state)
{
    struct event_stream *stream = event_stream_open(&history, true);
    uint64_t number;

    (void)state;
    event_stream_add(stream, EVENT_NOTIFICATION, SPAN("x"));
    event_store_expire(&store, 10 * LIMIT_EVENT_MS);
    assert_ptr_equal(event_history_find(&history, SPAN("1-1"), &number), stream);
    assert_string_equal(replayed(stream, 0), "");
    event_stream_close(stream);
    assert_true(TAILQ_EMPTY(&history.streams));
}

static void notifications_go_before_answers(void **state)
{
    struct event_stream *stream = event_stream_open(&history, false);

    (void)state;
    event_stream_add(stream, EVENT_ANSWER, SPAN("kept"));
    for (int i = 1; i < LIMIT_EVENT_SESSION_COUNT; i++)
        event_stream_add(stream, EVENT_NOTIFICATION, SPAN("n"));
    assert_int_equal(history.ages.count, LIMIT_EVENT_SESSION_COUNT);
    event_stream_add(stream, EVENT_NOTIFICATION, SPAN("last"));
    assert_int_equal(history.ages.count, LIMIT_EVENT_SESSION_COUNT);
    replayed(stream, 0);
    assert_true(strncmp(buf_str(&seen), "1:kept 3:n ", 11) == 0);
    assert_non_null(strstr(buf_str(&seen), "1001:last"));
}

/* An answer of that size with an id. */
static void add_answer(struct event_stream *stream, int id, size_t bytes)
{
    CLEANUP(buf) struct buf answer = BUF(bytes + 100);

    buf_printf(&answer, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"result\":\"", id);
    while (answer.len < bytes - 2)
        buf_add_char(&answer, 'x');
    buf_add_str(&answer, "\"}");
    event_stream_add(stream, EVENT_ANSWER, buf_span(&answer));
}

static void an_error_stands_for_an_answer_that_went(void **state)
{
    struct event_stream *stream = event_stream_open(&history, false);

    (void)state;
    add_answer(stream, 1, LIMIT_EVENT_SESSION_BYTES / 2);
    add_answer(stream, 2, LIMIT_EVENT_SESSION_BYTES / 2);
    assert_int_equal(history.ages.bytes, LIMIT_EVENT_SESSION_BYTES);
    add_answer(stream, 3, LIMIT_EVENT_SESSION_BYTES / 4);
    assert_in_range(history.ages.bytes, LIMIT_EVENT_SESSION_BYTES / 2, LIMIT_EVENT_SESSION_BYTES);
    replayed(stream, 0);
    assert_non_null(strstr(buf_str(&seen), "1:{\"jsonrpc\":\"2.0\",\"id\":1,\"error\""));
    assert_non_null(strstr(buf_str(&seen), "2:{\"jsonrpc\":\"2.0\",\"id\":2,\"result\""));
    assert_non_null(strstr(buf_str(&seen), "3:{\"jsonrpc\":\"2.0\",\"id\":3,\"result\""));
}

static void an_answer_over_the_limit_is_an_error_at_once(void **state)
{
    struct event_stream *stream = event_stream_open(&history, false);

    (void)state;
    add_answer(stream, 7, LIMIT_EVENT_SESSION_BYTES + 1);
    assert_string_equal(replayed(stream, 0),
                        "1:{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\": ");
    assert_in_range(history.ages.bytes, 1, 1024);
}

/* Sessions that each keep within their limit are still bounded together. */
static void bounds_all_sessions_together(void **state)
{
    enum { SESSIONS = LIMIT_EVENT_STORE_BYTES / LIMIT_EVENT_SESSION_BYTES + 2 };
    struct event_history histories[SESSIONS];

    (void)state;
    for (int i = 0; i < SESSIONS; i++) {
        event_history_init(&histories[i], &store);
        add_answer(event_stream_open(&histories[i], false), i, LIMIT_EVENT_SESSION_BYTES);
        assert_in_range(store.ages.bytes, 1, LIMIT_EVENT_STORE_BYTES);
    }
    assert_in_range(histories[0].ages.bytes, 1, 1024);
    assert_int_equal(histories[SESSIONS - 1].ages.bytes, LIMIT_EVENT_SESSION_BYTES);
    for (int i = 0; i < SESSIONS; i++)
        event_history_done(&histories[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(replays_behind_an_event),
        TEST(finds_a_stream_by_an_event_of_it),
        TEST(refuses_ids_that_it_never_gave),
        TEST(a_stream_lives_as_long_as_its_events),
        TEST(an_open_stream_outlives_its_events),
        TEST(notifications_go_before_answers),
        TEST(an_error_stands_for_an_answer_that_went),
        TEST(an_answer_over_the_limit_is_an_error_at_once),
        TEST(bounds_all_sessions_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * When connections of sessions begin, rest and end, over a stand-in for the
 * upstreams: no server, and idle times of milliseconds.
 */
#include "proxy/upstream/session_links.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proxy/upstream/upstream_call.h"
#include "tests/unit/test.h"

#define IDLE_MS 30
#define MAX     2

struct upstream {
    struct upstream_options options;
    struct upstream_calls calls;
    struct loop_task task;
    char watched[256]; /* URIs, a space behind each */
    bool over, inherited;
    unsigned number;
};

static struct loop *loop;
static struct session_links *links;
static struct upstream shared = { .options = { .loop = NULL } };
static struct upstream *made[16]; /* in the order of their making; NULL: freed */
static unsigned made_count, living, at_work;
static bool heard, empty;
static char told[64];

/* ---- the stand-in ---- */

struct upstream *upstream_new(const struct upstream_options *options)
{
    struct upstream *upstream = NEW(struct upstream);

    assert_true(made_count < ARRAY_COUNT(made));
    upstream->options = *options;
    upstream->number = made_count;
    TAILQ_INIT(&upstream->calls.list);
    made[made_count++] = upstream;
    living++;
    return upstream;
}

void upstream_start(struct upstream *upstream)
{
    assert_false(upstream->over);
    at_work++;
}

static void tell_stopped(void *ctx)
{
    struct upstream *upstream = ctx;

    upstream->options.on_stopped(upstream->options.ctx);
}

void upstream_stop(struct upstream *upstream)
{
    at_work -= !upstream->over;
    upstream->over = true;
    loop_post(loop, &upstream->task, tell_stopped, upstream);
}

void upstream_free(struct upstream *upstream)
{
    at_work -= !upstream->over;
    living--;
    made[upstream->number] = NULL;
    loop_unpost(loop, &upstream->task);
    loop_reap(loop, upstream, free);
}

struct upstream_options upstream_options(const struct upstream *upstream)
{
    return upstream->options;
}

const char *upstream_key(const struct upstream *upstream)
{
    (void)upstream;
    return "server";
}

bool upstream_is_over(const struct upstream *upstream)
{
    return upstream->over;
}

struct upstream_calls *upstream_calls(struct upstream *upstream)
{
    return &upstream->calls;
}

void upstream_watch(struct upstream *upstream, struct span uri)
{
    size_t used = strlen(upstream->watched);

    snprintf(upstream->watched + used, sizeof(upstream->watched) - used, "%.*s ", SPAN_ARG(uri));
}

void upstream_unwatch(struct upstream *upstream, struct span uri)
{
    (void)uri;
    upstream->watched[0] = '\0';
}

bool upstream_is_watched(const struct upstream *upstream)
{
    return upstream->watched[0] != '\0';
}

void upstream_inherit_watches(struct upstream *upstream, struct upstream *over)
{
    assert_true(over->over);
    memcpy(upstream->watched, over->watched, sizeof(upstream->watched));
    over->watched[0] = '\0';
    upstream->inherited = true;
}

/* ---- the links under test ---- */

static void on_empty(void *ctx)
{
    (void)ctx;
    empty = true;
    loop_stop(loop);
}

static void on_resource_updated(void *ctx, const char *key, struct span session, struct span params)
{
    (void)ctx;
    snprintf(told, sizeof(told), "%s %.*s %.*s", key, SPAN_ARG(session), SPAN_ARG(params));
}

static void on_lists(void *ctx, const char *key, struct span session, unsigned lists)
{
    (void)ctx;
    snprintf(told, sizeof(told), "%s %.*s %u", key, SPAN_ARG(session), lists);
}

static bool is_heard(void *ctx, struct span session)
{
    (void)ctx;
    assert_true(session.len > 0);
    return heard;
}

static int set_up(void **state)
{
    struct err err = ERR_INIT;
    struct session_links_options options = {
        .idle_ms = IDLE_MS,
        .max = MAX,
        .on_empty = on_empty,
        .on_resource_updated = on_resource_updated,
        .on_lists = on_lists,
        .is_heard = is_heard,
    };

    (void)state;
    loop = options.loop = loop_new(&err);
    assert_non_null(loop);
    made_count = living = at_work = 0;
    heard = true;
    empty = false;
    told[0] = '\0';
    links = session_links_new(&options);
    return 0;
}

/* In order, until none is left. */
static int tear_down(void **state)
{
    (void)state;
    session_links_stop(links);
    while (!empty)
        loop_run(loop);
    assert_int_equal(living, 0);
    session_links_free(links);
    loop_drain(loop, 1000);
    loop_free(loop);
    return 0;
}

static void on_time(void *ctx)
{
    *(bool *)ctx = true;
    loop_stop(loop);
}

static void run_for(uint64_t ms)
{
    bool over = false;
    struct loop_timer *timer = loop_timer_new(loop, on_time, &over);

    loop_timer_start(timer, ms);
    while (!over)
        loop_run(loop);
    loop_timer_free(timer);
}

static void run_until(const unsigned *count, unsigned wanted)
{
    for (unsigned waited_ms = 0; *count != wanted; waited_ms += 10) {
        if (waited_ms > 20000)
            fail_msg("%u instead of %u", *count, wanted);
        run_for(10);
    }
}

static struct upstream_calls *call(const char *session)
{
    struct err err = ERR_INIT;

    return session_links_calls(links, &shared, span_of(session), &err);
}

static int watch(const char *session, const char *uri)
{
    struct err err = ERR_INIT;

    return session_links_watch(links, &shared, span_of(session), span_of(uri), &err);
}

/* As when its process dies. */
static void lose(struct upstream *upstream)
{
    upstream_stop(upstream);
}

/* ---- what is to hold ---- */

static void ends_what_nobody_uses(void **state)
{
    (void)state;
    assert_non_null(call("a"));
    assert_int_equal(at_work, 1);
    run_until(&living, 0);
    assert_non_null(call("a"));
    assert_int_equal(made_count, 2);
}

static void keeps_what_is_watched_and_heard(void **state)
{
    (void)state;
    assert_int_equal(watch("a", "x"), 0);
    run_for(10 * IDLE_MS);
    assert_int_equal(at_work, 1);
    assert_int_equal(made_count, 1);
    session_links_unwatch(links, &shared, SPAN("a"), SPAN("x"));
    run_until(&living, 0);
}

/* A client that has vanished costs no connection; when it is back it has what it had. */
static void rests_while_nobody_hears(void **state)
{
    (void)state;
    assert_int_equal(watch("a", "x"), 0);
    heard = false;
    run_until(&at_work, 0);
    assert_int_equal(living, 1);
    run_for(5 * IDLE_MS);
    assert_int_equal(made_count, 1);
    heard = true;
    session_links_heard(links, SPAN("other"));
    assert_int_equal(made_count, 1);
    session_links_heard(links, SPAN("a"));
    assert_int_equal(made_count, 2);
    assert_true(made[1]->inherited);
    assert_string_equal(made[1]->watched, "x ");
    run_until(&living, 1);
    session_links_heard(links, SPAN("a"));
    assert_int_equal(made_count, 2);
}

static void a_call_or_a_watch_wakes_what_rests(void **state)
{
    (void)state;
    assert_int_equal(watch("a", "x"), 0);
    heard = false;
    run_until(&at_work, 0);
    assert_non_null(call("a"));
    assert_string_equal(made[1]->watched, "x ");
    run_until(&at_work, 0);
    assert_int_equal(watch("a", "y"), 0);
    assert_string_equal(made[2]->watched, "x y ");
}

static void forgets_what_rests_with_its_session_and_its_last_watch(void **state)
{
    (void)state;
    assert_int_equal(watch("a", "x"), 0);
    assert_int_equal(watch("b", "x"), 0);
    heard = false;
    run_until(&at_work, 0);
    assert_int_equal(living, 2);
    session_links_gone(links, SPAN("a"));
    run_until(&living, 1);
    session_links_unwatch(links, &shared, SPAN("b"), SPAN("x"));
    run_until(&living, 0);
    session_links_unwatch(links, &shared, SPAN("b"), SPAN("x"));
    session_links_heard(links, SPAN("b"));
    assert_int_equal(made_count, 2);
}

static void begins_again_what_is_lost_and_watched(void **state)
{
    (void)state;
    assert_int_equal(watch("a", "x"), 0);
    lose(made[0]);
    run_until(&made_count, 2);
    assert_string_equal(made[1]->watched, "x ");
    run_until(&living, 1);
    lose(made[1]);
    assert_non_null(call("a")); /* which does not wait */
    assert_int_equal(made_count, 3);
    assert_string_equal(made[2]->watched, "x ");
    session_links_unwatch(links, &shared, SPAN("a"), SPAN("x"));
    lose(made[2]);
    run_until(&living, 0);
    assert_int_equal(made_count, 3);
}

/* A session that has ended while its connection was lost leaves nothing. */
static void ends_what_is_lost(void **state)
{
    (void)state;
    assert_int_equal(watch("a", "x"), 0);
    lose(made[0]);
    run_for(5);
    session_links_gone(links, SPAN("a"));
    run_until(&living, 0);
    assert_int_equal(made_count, 1);
}

static void those_that_watch_make_room_last(void **state)
{
    (void)state;
    assert_int_equal(watch("a", "x"), 0);
    assert_non_null(call("b"));
    assert_non_null(call("c"));
    assert_true(made[1] == NULL || made[1]->over);
    assert_false(made[0]->over);
    assert_int_equal(watch("c", "y"), 0);
    assert_non_null(call("d"));
    assert_true(made[0]->over);
    run_until(&living, 3);
    session_links_heard(links, SPAN("a"));
    assert_int_equal(made_count, 4);
    assert_non_null(call("a"));
    assert_string_equal(made[4]->watched, "x ");
}

/* Nothing makes room that has a call. */
static void says_when_there_is_no_room(void **state)
{
    struct upstream_call *busy = (struct upstream_call *)&shared;
    struct err err = ERR_INIT;

    (void)state;
    for (unsigned i = 0; i < MAX; i++)
        call(i ? "b" : "a")->list.tqh_first = busy;
    assert_null(session_links_calls(links, &shared, SPAN("c"), &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_int_equal(watch("c", "x"), -1);
    for (unsigned i = 0; i < MAX; i++)
        call(i ? "b" : "a")->list.tqh_first = NULL;
    assert_int_equal(watch("c", "x"), 0);
}

static void tells_by_the_session(void **state)
{
    (void)state;
    call("a");
    call("b");
    made[1]->options.on_resource_updated(made[1]->options.ctx, "server", SPAN("{}"));
    assert_string_equal(told, "server b {}");
    made[0]->options.on_lists(made[0]->options.ctx, UPSTREAM_PROMPTS);
    assert_string_equal(told, "server a 2");
    session_links_gone(links, SPAN("a"));
    made[0]->options.on_lists(made[0]->options.ctx, UPSTREAM_TOOLS);
    assert_string_equal(told, "server a 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ends_what_nobody_uses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_what_is_watched_and_heard, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rests_while_nobody_hears, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_call_or_a_watch_wakes_what_rests, set_up, tear_down),
        cmocka_unit_test_setup_teardown(forgets_what_rests_with_its_session_and_its_last_watch,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(begins_again_what_is_lost_and_watched, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ends_what_is_lost, set_up, tear_down),
        cmocka_unit_test_setup_teardown(those_that_watch_make_room_last, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_when_there_is_no_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_by_the_session, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Several servers at once: one that is slow, dead or disabled delays and
 * breaks nothing of the others.
 */
#include "proxy/upstream/upstreams.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proxy/upstream/keeper.h"
#include "tests/unit/proxy/upstream/harness.h"
#include "tests/unit/test.h"

#define WAIT_MS 20000

enum { GOOD, MISSING, OFF, SLOW, SERVERS };

struct set {
    struct loop *loop;
    struct upstreams *upstreams;
    struct server_config servers[SERVERS];
    struct config config;
    char *good[4], *missing[2], *slow[3];
    unsigned settled, stopped, ended;
    struct err err; /* of the last call */
    char *result;   /* owned */
};

static void count_settled(void *ctx)
{
    struct set *set = ctx;

    set->settled++;
    loop_stop(set->loop);
}

static void count_stopped(void *ctx)
{
    struct set *set = ctx;

    set->stopped++;
    loop_stop(set->loop);
}

static void set_up(struct set *set, size_t count)
{
    struct err err = ERR_INIT;
    static const char *const keys[] = { "good", "missing", "off", "slow" };

    *set = (struct set){ .config = { .servers = set->servers, .server_count = count } };
    set->good[0] = xstrdup(harness_node());
    set->good[1] = xstrdup("tests/fixtures/servers/faulty.mjs");
    set->missing[0] = xstrdup("no-such-program-here");
    set->slow[0] = xstrdup("sleep");
    set->slow[1] = xstrdup("600");
    for (size_t i = 0; i < SERVERS; i++)
        set->servers[i].key = xstrdup(keys[i]);
    set->servers[GOOD].argv = set->good;
    set->servers[MISSING].argv = set->missing;
    set->servers[OFF].argv = set->missing;
    set->servers[OFF].disabled = true;
    set->servers[SLOW].argv = set->slow;
    log_setup(LOG_OFF, LOG_FORMAT_TEXT);
    set->loop = loop_new(&err);
    set->upstreams =
        upstreams_new(set->loop, &set->config, &(const struct upstreams_events){ 0 }, NULL);
}

static void tear_down(struct set *set)
{
    upstreams_stop(set->upstreams, count_stopped, set);
    assert_int_equal(set->stopped, 0);
    while (!set->stopped)
        loop_run(set->loop);
    upstreams_free(set->upstreams);
    loop_drain(set->loop, 2000);
    loop_free(set->loop);
    for (size_t i = 0; i < SERVERS; i++)
        free(set->servers[i].key);
    for (size_t i = 0; i < 2; i++) {
        free(set->good[i]);
        free(set->missing[i]);
        free(set->slow[i]);
    }
    free(set->result);
}

static void on_result(void *ctx, struct span result)
{
    struct set *set = ctx;

    set->ended++;
    set->err = (struct err)ERR_INIT;
    free(set->result);
    set->result = span_dup(result);
    loop_stop(set->loop);
}

static void on_error(void *ctx, const struct err *err, int64_t code, struct span data)
{
    struct set *set = ctx;

    (void)code;
    (void)data;
    set->ended++;
    set->err = *err;
    loop_stop(set->loop);
}

static struct upstream_call *start_call(struct set *set, const char *key, uint64_t timeout_ms)
{
    static const struct upstream_call_events events = { .on_result = on_result,
                                                        .on_error = on_error };
    unsigned ended = set->ended;
    struct upstream_call *call =
        upstreams_call(set->upstreams, span_of(key), "tools/call",
                       SPAN("{\"name\":\"echo\",\"arguments\":{\"text\":\"hello\"}}"), timeout_ms,
                       NULL, &events, set);

    assert_int_equal(set->ended, ended);
    return call;
}

static enum err_code call_echo(struct set *set, const char *key, uint64_t timeout_ms)
{
    unsigned ended = set->ended;

    start_call(set, key, timeout_ms);
    while (set->ended == ended)
        loop_run(set->loop);
    assert_int_equal(set->ended, ended + 1);
    return set->err.code;
}

static void wait_settled(struct set *set, uint64_t timeout_ms)
{
    unsigned settled = set->settled;

    upstreams_when_settled(set->upstreams, timeout_ms, count_settled, set);
    assert_int_equal(set->settled, settled);
    while (set->settled == settled)
        loop_run(set->loop);
}

static const struct catalogue_server *shown(struct set *set, size_t index)
{
    return upstreams_catalogue(set->upstreams)->servers[index];
}

static void serves_what_is_there(void **state)
{
    struct set set;

    (void)state;
    set_up(&set, SLOW);
    assert_int_equal(shown(&set, GOOD)->state, SERVER_CONNECTING);
    wait_settled(&set, WAIT_MS);
    assert_int_equal(shown(&set, GOOD)->state, SERVER_READY);
    assert_int_equal(shown(&set, MISSING)->state, SERVER_DOWN);
    assert_non_null(strstr(shown(&set, MISSING)->problem, "was not found"));
    assert_int_equal(shown(&set, OFF)->state, SERVER_DISABLED);
    assert_int_equal(call_echo(&set, "good", WAIT_MS), ERR_NONE);
    assert_non_null(strstr(set.result, "hello"));
    assert_int_equal(call_echo(&set, "missing", WAIT_MS), ERR_UNAVAILABLE);
    assert_int_equal(call_echo(&set, "off", WAIT_MS), ERR_UNAVAILABLE);
    assert_non_null(strstr(set.err.text, "disabled"));
    assert_int_equal(call_echo(&set, "other", WAIT_MS), ERR_NOT_FOUND);
    tear_down(&set);
}

static void waits_no_longer_than_told(void **state)
{
    struct set set;
    uint64_t start_ns = clock_now_ns();

    (void)state;
    set_up(&set, SERVERS);
    wait_settled(&set, 6000);
    assert_true(clock_now_ns() - start_ns < 12000 * 1000000ull);
    assert_int_equal(shown(&set, GOOD)->state, SERVER_READY);
    assert_int_equal(shown(&set, SLOW)->state, SERVER_CONNECTING);
    assert_int_equal(call_echo(&set, "good", WAIT_MS), ERR_NONE);
    assert_int_equal(call_echo(&set, "slow", 100), ERR_UNAVAILABLE);
    tear_down(&set);
}

/* The turns until a wait for what a script may want is over. */
static void wait_for_wanted(struct set *set, const char *code)
{
    unsigned settled = set->settled;

    upstreams_when_wanted_settled(set->upstreams, span_of(code), WAIT_MS, count_settled, set);
    while (set->settled == settled)
        loop_run(set->loop);
}

static void waits_for_none_that_is_not_named(void **state)
{
    struct set set;
    uint64_t start_ns = clock_now_ns();

    (void)state;
    set_up(&set, SERVERS);
    wait_for_wanted(&set, "return good.echo({ text: 'x' })");
    assert_int_equal(shown(&set, GOOD)->state, SERVER_READY);
    assert_int_equal(shown(&set, SLOW)->state, SERVER_CONNECTING);
    wait_for_wanted(&set, "return 1");
    assert_false(upstreams_settled(set.upstreams));
    assert_true(clock_now_ns() - start_ns < WAIT_MS * 1000000ull);
    tear_down(&set);
}

static void waits_for_all_when_the_text_does_not_tell(void **state)
{
    static const char *const codes[] = { "return mcp.servers()", "return slow.echo()" };
    uint64_t start_ns = clock_now_ns();
    struct set set;

    (void)state;
    set_up(&set, SERVERS);
    for (size_t i = 0; i < ARRAY_COUNT(codes); i++)
        upstreams_when_wanted_settled(set.upstreams, span_of(codes[i]), 300, count_settled, &set);
    while (set.settled < ARRAY_COUNT(codes))
        loop_run(set.loop);
    assert_true(clock_now_ns() - start_ns >= 290 * 1000000ull);
    assert_false(upstreams_settled(set.upstreams));
    tear_down(&set);
}

static void forgets_waits_and_cancels_calls(void **state)
{
    struct set set;
    struct upstream_call *waiting;

    (void)state;
    set_up(&set, SERVERS);
    upstreams_when_settled(set.upstreams, 50, count_settled, &set);
    upstreams_forget_wait(set.upstreams, &set);
    waiting = start_call(&set, "slow", WAIT_MS);
    upstream_call_cancel(waiting);
    assert_int_equal(set.ended, 0);
    while (!set.ended)
        loop_run(set.loop);
    assert_int_equal(set.err.code, ERR_CANCELLED);
    assert_int_equal(call_echo(&set, "good", WAIT_MS), ERR_NONE);
    assert_int_equal(set.settled, 0);
    tear_down(&set);
}

static void ends_calls_when_stopped(void **state)
{
    struct set set;

    (void)state;
    set_up(&set, SERVERS);
    upstreams_start(set.upstreams);
    start_call(&set, "slow", WAIT_MS);
    tear_down(&set);
    assert_int_equal(set.ended, 1);
    assert_int_equal(set.err.code, ERR_UNAVAILABLE);
}

static void does_without_servers(void **state)
{
    struct set set;

    (void)state;
    set_up(&set, 0);
    wait_settled(&set, WAIT_MS);
    assert_int_equal(upstreams_count(set.upstreams), 0);
    assert_int_equal(call_echo(&set, "good", WAIT_MS), ERR_NOT_FOUND);
    tear_down(&set);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serves_what_is_there),
        cmocka_unit_test(waits_no_longer_than_told),
        cmocka_unit_test(waits_for_none_that_is_not_named),
        cmocka_unit_test(waits_for_all_when_the_text_does_not_tell),
        cmocka_unit_test(forgets_waits_and_cancels_calls),
        cmocka_unit_test(ends_calls_when_stopped),
        cmocka_unit_test(does_without_servers),
    };

    keeper_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

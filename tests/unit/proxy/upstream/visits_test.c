/*
 * What is remembered of clients that were sent to URLs, how much and for how
 * long.
 */
#include <stdio.h>

#include "base/limits.h"
#include "proxy/upstream/visits.h"
#include "tests/unit/test.h"

#define ONE SPAN("session one")
#define TWO SPAN("session two")

static struct visits visits;

static int set_up(void **state)
{
    (void)state;
    visits_init(&visits);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    visits_clear(&visits);
    assert_int_equal(visits.count, 0);
    return 0;
}

/* Fails unless the next visit of `id` is that of `number`; 0: there must be none. */
static void expect(struct span id, uint64_t now_ms, uint64_t number)
{
    struct visit *visit = visits_take(&visits, id, now_ms);

    assert_int_equal(visit ? visit->number : 0, number);
    if (visit)
        visit_free(visit);
}

static void gives_each_once(void **state)
{
    struct visit *visit;

    (void)state;
    visits_add(&visits, SPAN("a"), ONE, 1, 0);
    visits_add(&visits, SPAN("b"), TWO, 2, 0);
    expect(SPAN("c"), 0, 0);
    expect(SPAN("aa"), 0, 0);
    expect(SPAN(""), 0, 0);
    visit = visits_take(&visits, SPAN("b"), 0);
    assert_non_null(visit);
    assert_string_equal(visit->session, "session two");
    visit_free(visit);
    expect(SPAN("b"), 0, 0);
    expect(SPAN("a"), 0, 1);
    expect(SPAN("a"), 0, 0);
}

static void an_id_may_stand_for_several_of_a_session(void **state)
{
    (void)state;
    visits_add(&visits, SPAN("a"), ONE, 1, 0);
    visits_add(&visits, SPAN("a"), ONE, 2, 0);
    assert_false(visits_are_mixed(&visits, SPAN("a"), 0));
    visits_add(&visits, SPAN("a"), TWO, 3, 0);
    assert_true(visits_are_mixed(&visits, SPAN("a"), 0));
    assert_false(visits_are_mixed(&visits, SPAN("b"), 0));
    visits_drop(&visits, ONE, 3); /* another's */
    assert_true(visits_are_mixed(&visits, SPAN("a"), 0));
    visits_drop(&visits, TWO, 3);
    assert_false(visits_are_mixed(&visits, SPAN("a"), 0));
    expect(SPAN("a"), 0, 1);
    expect(SPAN("a"), 0, 2);
}

static void forgets_a_session(void **state)
{
    (void)state;
    visits_add(&visits, SPAN("a"), ONE, 1, 0);
    visits_add(&visits, SPAN("b"), TWO, 2, 0);
    visits_add(&visits, SPAN("c"), ONE, 3, 0);
    visits_forget(&visits, ONE);
    expect(SPAN("a"), 0, 0);
    expect(SPAN("c"), 0, 0);
    expect(SPAN("b"), 0, 2);
}

static void forgets_with_time(void **state)
{
    (void)state;
    visits_add(&visits, SPAN("a"), ONE, 1, 5);
    visits_add(&visits, SPAN("b"), ONE, 2, 5);
    visits_add(&visits, SPAN("b"), TWO, 3, 6);
    expect(SPAN("a"), 5 + LIMIT_VISIT_MS, 1);
    assert_true(visits_are_mixed(&visits, SPAN("b"), 5 + LIMIT_VISIT_MS));
    assert_false(visits_are_mixed(&visits, SPAN("b"), 6 + LIMIT_VISIT_MS));
    expect(SPAN("b"), 6 + LIMIT_VISIT_MS, 3);
    visits_add(&visits, SPAN("a"), ONE, 4, 10);
    visits_add(&visits, SPAN("b"), ONE, 5, 11 + LIMIT_VISIT_MS);
    assert_int_equal(visits.count, 1);
}

static void a_session_loses_its_own(void **state)
{
    (void)state;
    visits_add(&visits, SPAN("other"), TWO, 1000, 0);
    for (unsigned i = 1; i <= LIMIT_SESSION_VISITS; i++)
        visits_add(&visits, i == 1 ? SPAN("first") : SPAN("more"), ONE, i, 0);
    assert_int_equal(visits.count, LIMIT_SESSION_VISITS + 1);
    visits_add(&visits, SPAN("one too many"), ONE, 2000, 0);
    assert_int_equal(visits.count, LIMIT_SESSION_VISITS + 1);
    expect(SPAN("first"), 0, 0);
    expect(SPAN("more"), 0, 2);
    expect(SPAN("one too many"), 0, 2000);
    expect(SPAN("other"), 0, 1000);
}

static void a_connection_loses_the_oldest(void **state)
{
    char session[32];

    (void)state;
    for (unsigned i = 1; i <= LIMIT_VISITS + 1; i++) {
        snprintf(session, sizeof(session), "%u", i);
        visits_add(&visits, i == 1 ? SPAN("first") : SPAN("more"), span_of(session), i, 0);
        if (i == LIMIT_VISITS)
            assert_int_equal(visits.count, LIMIT_VISITS);
    }
    assert_int_equal(visits.count, LIMIT_VISITS);
    expect(SPAN("first"), 0, 0);
    expect(SPAN("more"), 0, 2);
}

#define VISITS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        VISITS_TEST(gives_each_once),         VISITS_TEST(an_id_may_stand_for_several_of_a_session),
        VISITS_TEST(forgets_a_session),       VISITS_TEST(forgets_with_time),
        VISITS_TEST(a_session_loses_its_own), VISITS_TEST(a_connection_loses_the_oldest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The store of sessions at its limit.
 */
#include "proxy/mcp/session.h"

#include "base/limits.h"
#include "base/log.h"
#include "tests/unit/test.h"

static struct session_store store;

static int set_up(void **state)
{
    (void)state;
    log_setup(LOG_OFF, LOG_FORMAT_JSON);
    session_store_init(&store);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    session_store_done(&store);
    return 0;
}

static struct mcp_session *add(int principal)
{
    struct err err = ERR_INIT;

    return session_store_add(&store, principal, 1, &err);
}

static void finds_by_id_and_principal(void **state)
{
    struct mcp_session *a = add(0), *b = add(1);

    (void)state;
    assert_int_equal(strlen(a->id), SESSION_ID_CHARACTERS);
    assert_string_not_equal(a->id, b->id);
    assert_ptr_equal(session_store_find(&store, span_of(a->id), 0, 2), a);
    assert_null(session_store_find(&store, span_of(a->id), 1, 2));
    assert_null(session_store_find(&store, SPAN("short"), 0, 2));
    assert_null(session_store_find(&store, SPAN_NONE, 0, 2));
    session_store_remove(&store, b);
    assert_ptr_equal(session_store_find(&store, span_of(a->id), 0, 2), a);
}

static void drops_the_longest_unused_at_the_limit(void **state)
{
    struct mcp_session *first = add(0), *second = add(0), *third = add(0);
    char first_id[SESSION_ID_CHARACTERS + 1], second_id[SESSION_ID_CHARACTERS + 1];

    (void)state;
    memcpy(first_id, first->id, sizeof(first_id));
    memcpy(second_id, second->id, sizeof(second_id));
    for (int i = 3; i < LIMIT_SESSIONS; i++)
        assert_non_null(add(0));
    /* The first is in use now, the second not, the third has a stream. */
    assert_non_null(session_store_find(&store, span_of(first_id), 0, 5));
    third->streams = 1;
    assert_non_null(add(0));
    assert_null(session_store_find(&store, span_of(second_id), 0, 6));
    assert_non_null(session_store_find(&store, span_of(first_id), 0, 6));
}

static void refuses_when_all_are_in_use(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    for (int i = 0; i < LIMIT_SESSIONS; i++)
        add(0)->calls = 1;
    assert_null(session_store_add(&store, 0, 1, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    TAILQ_FIRST(&store.by_use)->calls = 0;
    assert_non_null(add(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_by_id_and_principal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(drops_the_longest_unused_at_the_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_when_all_are_in_use, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The pool follows the load between its bounds.
 */
#include "tests/unit/isolate/pool_runner.h"

#include "base/log.h"
#include "base/mem.h"

#define MIN      1
#define SPARE    4
#define MAX      6
#define SOON_MS  100
#define LATER_MS 60000

static int open_with(uint64_t idle_ms)
{
    const struct isolate_options options = {
        .program = ISOLATE_NULL_PROGRAM,
        .jit = true,
        .sandbox = ISOLATE_SANDBOX_BEST_EFFORT,
        .size = { .min = MIN, .spare = SPARE, .max = MAX, .idle_ms = idle_ms },
        .heap_max_bytes = 64 * 1024 * 1024
    };

    runner_open(&options);
    return 0;
}

static int open_pool(void **state)
{
    (void)state;
    return open_with(SOON_MS);
}

static int open_patient_pool(void **state)
{
    (void)state;
    return open_with(LATER_MS);
}

static int close_pool(void **state)
{
    (void)state;
    runner_close();
    return 0;
}

static struct isolate_pool_state figures(void)
{
    struct isolate_pool_state state;

    isolate_pool_state(runner_pool, &state);
    return state;
}

/* No more ready ones than there always are, nor wanted. */
static void wait_until_quiet(void)
{
    for (int i = 0; i < 2000 && (figures().idle != MIN || figures().wanted != MIN); i++)
        pass_ms(5);
    assert_int_equal(figures().idle, MIN);
    assert_int_equal(figures().wanted, MIN);
}

static void wait_until_idle(unsigned count)
{
    for (int i = 0; i < 2000 && figures().idle != count; i++)
        pass_ms(5);
    assert_int_equal(figures().idle, count);
}

/* More executions than there may be workers, all at once: as many work as may, no more, and as many
 * are wanted ready as may. */
static void load(void)
{
    struct run runs[MAX * 3];
    unsigned most = 0, most_wanted = 0;

    for (size_t i = 0; i < ARRAY_COUNT(runs); i++) {
        runs[i] = run_of("sleep 20\nvalue 1");
        run_start(&runs[i]);
    }
    for (size_t i = 0; i < ARRAY_COUNT(runs); i++) {
        while (!runs[i].ends) {
            pass_ms(1);
            if (figures().idle + figures().leased > most)
                most = figures().idle + figures().leased;
            if (figures().wanted > most_wanted)
                most_wanted = figures().wanted;
        }
        assert_int_equal(runs[i].end, ISOLATE_END_OK);
    }
    assert_int_equal(most, MAX);
    assert_int_equal(most_wanted, SPARE);
}

static void it_grows_and_shrinks(void **state)
{
    (void)state;
    wait_until_quiet();
    load();
    wait_until_quiet();
    /* And again, from where it was. */
    load();
}

/* One after another, each before a replacement can be there. */
static void a_fast_client_gets_more_than_one(void **state)
{
    (void)state;
    wait_until_quiet();
    assert_int_equal(execute("value 1").end, ISOLATE_END_OK);
    assert_int_equal(figures().wanted, 2);
    wait_until_idle(2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_grows_and_shrinks, open_pool, close_pool),
        cmocka_unit_test_setup_teardown(a_fast_client_gets_more_than_one, open_patient_pool,
                                        close_pool),
    };

    log_setup(LOG_OFF, LOG_FORMAT_TEXT);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

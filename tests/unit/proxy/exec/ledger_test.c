/*
 * The ledger: what it says of running the same code again.
 */
#include "proxy/exec/ledger.h"

#include "base/json.h"
#include "tests/unit/test.h"

static struct ledger ledger;

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ledger_done(&ledger);
    return 0;
}

static void add(const char *tool, enum call_effect effect, enum call_outcome outcome)
{
    size_t index = ledger_add(&ledger, "tool", SPAN("s"), span_of(tool), 10);

    ledger_name(&ledger, index, "s", tool, effect);
    if (outcome != OUTCOME_NOT_SENT && outcome != OUTCOME_REFUSED)
        ledger_sent(&ledger, index);
    if (outcome != OUTCOME_NOT_SENT && outcome != OUTCOME_IN_FLIGHT)
        ledger_end(&ledger, index, outcome, 20);
}

static void reads_the_annotations(void **state)
{
    static const struct {
        struct tool tool;
        enum call_effect effect;
    } rows[] = {
        { { .read_only = HINT_TRUE }, EFFECT_READS },
        { { .read_only = HINT_TRUE, .destructive = HINT_TRUE }, EFFECT_READS },
        { { .read_only = HINT_FALSE }, EFFECT_CHANGES },
        { { .read_only = HINT_FALSE, .idempotent = HINT_TRUE }, EFFECT_REPEATABLE },
        { { .destructive = HINT_TRUE }, EFFECT_CHANGES },
        { { .destructive = HINT_FALSE }, EFFECT_UNKNOWN },
        { { .name = NULL }, EFFECT_UNKNOWN },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        assert_int_equal(ledger_effect(&rows[i].tool), rows[i].effect);
    assert_int_equal(ledger_effect(NULL), EFFECT_READS);
}

static void judges_by_the_worst_that_was_reached(void **state)
{
    (void)state;
    assert_int_equal(ledger_rerun(&ledger), RERUN_NOTHING_DONE);
    add("a", EFFECT_CHANGES, OUTCOME_NOT_SENT);
    add("b", EFFECT_CHANGES, OUTCOME_REFUSED);
    add("c", EFFECT_CHANGES, OUTCOME_FAILED);
    assert_int_equal(ledger_rerun(&ledger), RERUN_NOTHING_DONE);
    add("d", EFFECT_READS, OUTCOME_OK);
    add("e", EFFECT_REPEATABLE, OUTCOME_UNKNOWN);
    assert_int_equal(ledger_rerun(&ledger), RERUN_SAFE);
    add("f", EFFECT_UNKNOWN, OUTCOME_ERROR);
    assert_int_equal(ledger_rerun(&ledger), RERUN_UNKNOWN);
    add("g", EFFECT_CHANGES, OUTCOME_IN_FLIGHT);
    assert_int_equal(ledger_rerun(&ledger), RERUN_UNSAFE);
}

static void reports_in_groups(void **state)
{
    CLEANUP(buf) struct buf out = BUF(4096);

    (void)state;
    add("read", EFFECT_READS, OUTCOME_OK);
    add("list", EFFECT_UNKNOWN, OUTCOME_UNKNOWN);
    add("read", EFFECT_READS, OUTCOME_OK);
    add("refused", EFFECT_CHANGES, OUTCOME_REFUSED);
    ledger_write_report(&ledger, &out);
    assert_string_equal(
        buf_str(&out),
        "Calls before the failure:\n"
        "- s.read x 2: ok; only reads\n"
        "- s.list: outcome unknown; may change something, the server does not say\n"
        "Whether running the code again is safe is not known: find out first what the calls above "
        "have done.\n");
}

static void never_says_that_repeating_is_safe_when_it_cannot_know(void **state)
{
    (void)state;
    for (int outcome = OUTCOME_IN_FLIGHT; outcome < OUTCOME_COUNT; outcome++) {
        struct ledger one;
        size_t index;
        bool reached = outcome != OUTCOME_FAILED && outcome != OUTCOME_REFUSED;

        ledger_init(&one);
        index = ledger_add(&one, "tool", SPAN("s"), SPAN("t"), 0);
        ledger_name(&one, index, "s", "t", EFFECT_UNKNOWN);
        ledger_end(&one, index, (enum call_outcome)outcome, 0);
        assert_int_equal(ledger_rerun(&one), reached ? RERUN_UNKNOWN : RERUN_NOTHING_DONE);
        ledger_done(&one);
    }
}

static void stays_short(void **state)
{
    CLEANUP(buf) struct buf json = BUF(1 << 20), report = BUF(1 << 20);
    char name[] = "tool-000";

    (void)state;
    for (int i = 0; i < 2 * LEDGER_SHOWN; i++) {
        name[5] = (char)('0' + i / 100 % 10);
        name[6] = (char)('0' + i / 10 % 10);
        name[7] = (char)('0' + i % 10);
        add(name, EFFECT_CHANGES, OUTCOME_OK);
    }
    ledger_write_json(&ledger, &json);
    assert_int_equal(json_check(buf_span(&json), 0, NULL), 0);
    assert_int_equal(json_count(buf_span(&json)), LEDGER_SHOWN);
    ledger_write_report(&ledger, &report);
    assert_true(report.len < 2048);
    assert_non_null(strstr(buf_str(&report), "- and 188 more kinds of calls\n"));
    assert_non_null(strstr(buf_str(&report), "- further calls: 400 in all\n"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_the_annotations), TEST(judges_by_the_worst_that_was_reached),
        TEST(reports_in_groups),     TEST(never_says_that_repeating_is_safe_when_it_cannot_know),
        TEST(stays_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

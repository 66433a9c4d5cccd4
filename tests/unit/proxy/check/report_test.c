/*
 * Places and frames: from positions of what was checked to lines a model sees.
 */
#include "proxy/check/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"

static void assert_frame(
    const char *code, unsigned line, unsigned column, unsigned end_column, const char *expected)
{
    struct buf out = BUF(4096);

    assert_int_equal(code_frame(span_of(code), line, column, end_column, &out), 0);
    assert_string_equal(buf_str(&out), expected);
    buf_done(&out);
}

static void frames_a_line(void **state)
{
    (void)state;
    assert_frame("let a\nlet bcd\nlet e", 2, 5, 8,
                 "1 | let a\n2 | let bcd\n  |     ^^^\n3 | let e\n");
    assert_frame("x", 1, 1, 2, "1 | x\n  | ^\n");
    assert_frame("x", 1, 2, 2, "1 | x\n  |  ^\n");
    assert_frame("", 1, 1, 2, "1 | \n  | ^\n");
    assert_frame("\té😀x", 1, 5, 6, "1 | \té😀x\n  | \t  ^\n");
    assert_frame("x", 2, 1, 2, "");
    assert_frame("x", 0, 1, 2, "");
}

static void frames_a_part_of_a_long_line(void **state)
{
    char code[1001];
    struct buf out = BUF(4096);

    (void)state;
    memset(code, 'a', 1000);
    code[1000] = '\0';
    memcpy(code + 500, "XYZ", 3);
    assert_int_equal(code_frame(span_of(code), 1, 501, 504, &out), 0);
    assert_non_null(strstr(buf_str(&out), "1 | …aaa"));
    assert_non_null(strstr(buf_str(&out), "^^^"));
    assert_true(out.len < 500);
    /* The caret stands under what it points at: the ellipsis has three bytes and one column. */
    assert_int_equal(strstr(buf_str(&out), "XYZ") - buf_str(&out) - 2,
                     strchr(buf_str(&out), '^') - strchr(buf_str(&out), '\n') - 1);
    buf_done(&out);
}

static struct check_report report_of(const char *text, const char *diagnostics, bool syntax)
{
    struct report_source source = { .text = span_of(text) };
    struct check_report report;

    report_init(&report);
    report_add_diagnostics(&report, &source, span_of(diagnostics), syntax);
    return report;
}

#define CHECKED "head {\nconst é😀 = 1;\nfoo\n}"

static void places_are_those_of_the_code(void **state)
{
    struct check_report report = report_of(
        CHECKED, "[{\"code\":1,\"category\":1,\"pos\":17,\"end\":18,\"text\":\"a\"}]", false);

    (void)state;
    assert_int_equal(report.count, 1);
    assert_int_equal(report.diagnostics[0].line, 1);
    assert_int_equal(report.diagnostics[0].column, 11);
    assert_int_equal(report.diagnostics[0].end_column, 12);
    assert_string_equal(report.diagnostics[0].message, "a");
    report_done(&report);
}

static void places_outside_are_moved_in(void **state)
{
    struct check_report report =
        report_of(CHECKED,
                  "[{\"code\":1,\"category\":1,\"pos\":0,\"end\":3,\"text\":\"a\"},"
                  "{\"code\":1,\"category\":1,\"pos\":999,\"end\":99999,\"text\":\"b\"},"
                  "{\"code\":1,\"category\":1,\"pos\":-5,\"text\":\"c\"}]",
                  false);

    (void)state;
    assert_int_equal(report.count, 3);
    assert_int_equal(report.diagnostics[0].line, 1);
    assert_int_equal(report.diagnostics[1].line, 2);
    assert_int_equal(report.diagnostics[2].line, 1);
    report_done(&report);
}

static void only_the_first_syntax_error_counts(void **state)
{
    struct check_report report =
        report_of(CHECKED,
                  "[{\"code\":1005,\"category\":1,\"pos\":8,\"end\":9,\"text\":\"a\"},"
                  "{\"code\":1128,\"category\":1,\"pos\":10,\"end\":11,\"text\":\"b\"}]",
                  true);

    (void)state;
    assert_int_equal(report.count, 1);
    assert_int_equal(report.more, 0);
    report_done(&report);
}

static void leaves_out_implicit_any_and_suggestions(void **state)
{
    struct check_report report =
        report_of(CHECKED,
                  "[{\"code\":7006,\"category\":1,\"pos\":8,\"end\":9,\"text\":\"a\"},"
                  "{\"code\":6133,\"category\":2,\"pos\":10,\"end\":11,\"text\":\"b\"}]",
                  false);

    (void)state;
    assert_int_equal(report.count, 0);
    report_done(&report);
}

static void tells_eight_and_counts_the_rest(void **state)
{
    struct buf many = BUF(4096);
    struct check_report report;

    (void)state;
    for (int i = 0; i < 11; i++)
        buf_printf(&many, "%s{\"code\":1,\"category\":1,\"pos\":%d,\"end\":99,\"text\":\"a\"}",
                   i ? "," : "[", 8 + i);
    buf_add_char(&many, ']');
    report = report_of(CHECKED, buf_str(&many), false);
    assert_int_equal(report.count, LIMIT_CHECK_FINDINGS);
    assert_int_equal(report.more, 3);
    report_done(&report);
    buf_done(&many);
}

static void tells_one_at_a_place(void **state)
{
    struct check_report report =
        report_of(CHECKED,
                  "[{\"code\":1,\"category\":1,\"pos\":8,\"end\":9,\"text\":\"a\"},"
                  "{\"code\":2,\"category\":1,\"pos\":8,\"end\":12,\"text\":\"b\"},"
                  "{\"code\":3,\"category\":1,\"pos\":9,\"end\":12,\"text\":\"c\"}]",
                  false);

    (void)state;
    assert_int_equal(report.count, 2);
    assert_string_equal(report.diagnostics[0].message, "a");
    assert_string_equal(report.diagnostics[1].message, "c");
    report_done(&report);
}

static void chains_messages(void **state)
{
    struct check_report report =
        report_of(CHECKED,
                  "[{\"code\":1,\"category\":1,\"pos\":8,\"end\":9,\"text\":\"a\",\"messageChain\":"
                  "[{\"text\":\"b\",\"messageChain\":[{\"text\":\"c\"}]},{\"text\":\"d\"}]}]",
                  false);

    (void)state;
    assert_string_equal(report.diagnostics[0].message, "a\n  b\n    c\n  d");
    report_done(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_a_line),
        cmocka_unit_test(frames_a_part_of_a_long_line),
        cmocka_unit_test(places_are_those_of_the_code),
        cmocka_unit_test(places_outside_are_moved_in),
        cmocka_unit_test(only_the_first_syntax_error_counts),
        cmocka_unit_test(leaves_out_implicit_any_and_suggestions),
        cmocka_unit_test(tells_eight_and_counts_the_rest),
        cmocka_unit_test(tells_one_at_a_place),
        cmocka_unit_test(chains_messages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

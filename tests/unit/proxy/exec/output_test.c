/*
 * Console lines, content blocks and progress: what is kept, what is counted.
 */
#include "proxy/exec/output.h"

#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"
#include "tests/unit/test.h"

static struct output output;

static int set_up(void **state)
{
    (void)state;
    output_init(&output);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    output_done(&output);
    return 0;
}

static bool log_line(const char *json, const char *level, const char *line)
{
    CLEANUP(buf) struct buf text = BUF(LIMIT_LOG_BYTES);
    struct span found;
    bool kept = output_log(&output, span_of(json), &found, &text);

    assert_span_equal(found, level);
    assert_string_equal(buf_str(&text), line);
    return kept;
}

static void keeps_console_lines(void **state)
{
    (void)state;
    assert_true(log_line("{\"level\":\"log\",\"text\":\"a\\nb\"}", "log", "a\nb"));
    assert_true(log_line("{\"level\":\"error\",\"text\":\"\\u001b[1m\"}", "error", "\x1b[1m"));
    assert_true(log_line("{\"level\":\"strange\",\"text\":\"c\"}", "log", "c"));
    assert_false(log_line("{\"level\":\"log\"}", "log", ""));
    assert_false(log_line("[]", "log", ""));
    assert_string_equal(buf_str(&output.lines), "a\nb\n[error] \x1b[1m\nc\n");
    assert_string_equal(buf_str(&output.logs), "{\"level\":\"log\",\"text\":\"a\\nb\"},"
                                               "{\"level\":\"error\",\"text\":\"\\u001b[1m\"},"
                                               "{\"level\":\"log\",\"text\":\"c\"}");
    assert_int_equal(output.lines_left_out, 2);
}

static char *line_of(size_t len)
{
    return xasprintf("{\"level\":\"log\",\"text\":\"%0*d\"}", (int)len, 0);
}

static bool log_bytes(size_t len)
{
    CLEANUP(buf) struct buf text = BUF(LIMIT_LOG_BYTES);
    CLEANUP(str) char *json = line_of(len);
    struct span level;

    return output_log(&output, span_of(json), &level, &text);
}

static void stops_at_the_limit(void **state)
{
    (void)state;
    assert_true(log_bytes(LIMIT_LOG_BYTES - 1));
    assert_false(log_bytes(1));
    assert_int_equal(output.lines_left_out, 1);
}

static void leaves_no_holes(void **state)
{
    (void)state;
    assert_true(log_bytes(10));
    assert_false(log_bytes(LIMIT_LOG_BYTES));
    assert_false(log_bytes(10));
    assert_int_equal(output.lines_left_out, 2);
    assert_int_equal(output.lines.len, 11);
}

static void keeps_right_blocks(void **state)
{
    (void)state;
    output_emit(&output, SPAN("{\"type\":\"text\",\"text\":\"a\"}"));
    output_emit(&output, SPAN("{\"type\":\"wrong\"}"));
    output_emit(&output, SPAN("{\"type\":\"text\",\"text\":\"b\"}"));
    assert_string_equal(buf_str(&output.blocks), "{\"type\":\"text\",\"text\":\"a\"},"
                                                 "{\"type\":\"text\",\"text\":\"b\"}");
    assert_int_equal(output.blocks_left_out, 1);
    assert_non_null(strstr(buf_str(&output.notes), "a block was left out"));
}

static void emit_text(size_t json_bytes)
{
    CLEANUP(str)
    char *json = xasprintf("{\"type\":\"text\",\"text\":\"%0*d\"}",
                           (int)(json_bytes - sizeof("{\"type\":\"text\",\"text\":\"\"}") + 1), 0);

    assert_int_equal(strlen(json), json_bytes);
    output_emit(&output, span_of(json));
}

static void limits_all_blocks_together(void **state)
{
    (void)state;
    emit_text(LIMIT_EMIT_BYTES - 100);
    emit_text(101);
    assert_int_equal(output.blocks_left_out, 1);
    emit_text(100);
    assert_int_equal(output.blocks_left_out, 1);
    /* The comma between them is not the script's. */
    assert_int_equal(output.blocks.len, LIMIT_EMIT_BYTES + 1);
    assert_false(buf_failed(&output.blocks));
}

static void passes_on_growing_progress(void **state)
{
    static const struct {
        const char *json;
        bool passed;
        double progress, total;
        const char *message;
    } rows[] = {
        { "{\"progress\":-1}", true, -1, NAN, "" },
        { "{\"progress\":0,\"total\":10,\"message\":\"m\"}", true, 0, 10, "m" },
        { "{\"progress\":0}", false, 0, NAN, "" },
        { "{\"progress\":\"1\"}", false, 0, NAN, "" },
        { "{\"progress\":1e999}", false, 0, NAN, "" },
        { "{}", false, 0, NAN, "" },
        { "{\"progress\":0.5,\"total\":\"x\",\"message\":7}", true, 0.5, NAN, "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        CLEANUP(buf) struct buf message = BUF(100);
        double progress = 0, total = 0;

        assert_int_equal(
            output_progress(&output, span_of(rows[i].json), &progress, &total, &message),
            rows[i].passed);
        if (!rows[i].passed)
            continue;
        assert_true(progress == rows[i].progress);
        assert_true(isnan(rows[i].total) ? isnan(total) : total == rows[i].total);
        assert_string_equal(buf_str(&message), rows[i].message);
    }
}

static void passes_on_only_so_much_progress(void **state)
{
    unsigned passed = 0;

    (void)state;
    for (int i = 0; i < 3 * LIMIT_PROGRESS_PER_SECOND; i++) {
        CLEANUP(str) char *json = xasprintf("{\"progress\":%d}", i);
        CLEANUP(buf) struct buf message = BUF(100);
        double progress, total;

        passed += output_progress(&output, span_of(json), &progress, &total, &message);
        if (i == LIMIT_PROGRESS_PER_SECOND - 1)
            assert_int_equal(passed, LIMIT_PROGRESS_PER_SECOND);
    }
    /* The loop may stand in two seconds of the clock. */
    assert_in_range(passed, LIMIT_PROGRESS_PER_SECOND, 2 * LIMIT_PROGRESS_PER_SECOND);
}

static void tells_progress_of_tools_beside_the_scripts_own(void **state)
{
    static const struct {
        const char *json;
        bool of_tool, passed;
        double progress, total;
        const char *message;
    } rows[] = {
        { "{\"progress\":1,\"total\":3}", true, true, 0, NAN, "s.t: 1 of 3" },
        { "{\"progress\":2}", true, true, 1e-6, NAN, "s.t: 2" },
        { "{\"progress\":0,\"total\":4}", false, true, 2e-6, 4, "" },
        { "{\"progress\":2.50,\"total\":3,\"message\":\"m\"}", true, true, 3e-6, 4,
          "s.t: m (2.50 of 3)" },
        { "{\"progress\":3,\"message\":\"\\u00e4\"}", true, true, 4e-6, 4, "s.t: \u00e4" },
        { "{\"progress\":1}", false, true, 1, NAN, "" },
        { "{\"progress\":1}", false, false, 0, NAN, "" },
        { "{\"message\":\"m\"}", true, false, 0, NAN, "" },
        { "{\"progress\":\"1\"}", true, false, 0, NAN, "" },
        { "{\"progress\":1e300}", false, true, 1e300, NAN, "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        CLEANUP(buf) struct buf message = BUF(100);
        double progress = 0, total = 0;
        struct span json = span_of(rows[i].json);
        bool passed = rows[i].of_tool ? output_tool_progress(&output, "s", "t", json, &progress,
                                                             &total, &message)
                                      : output_progress(&output, json, &progress, &total, &message);

        assert_int_equal(passed, rows[i].passed);
        if (!passed)
            continue;
        assert_true(fabs(progress - rows[i].progress) < 1e-9 * (1 + fabs(progress)));
        assert_true(isnan(rows[i].total) ? isnan(total) : total == rows[i].total);
        assert_string_equal(buf_str(&message), rows[i].message);
    }
}

static void progress_grows_however_large_it_is(void **state)
{
    CLEANUP(buf) struct buf message = BUF(100);
    double before, progress, total;

    (void)state;
    assert_true(output_progress(&output, SPAN("{\"progress\":1e300}"), &before, &total, &message));
    assert_true(output_tool_progress(&output, "s", "t", SPAN("{\"progress\":1}"), &progress, &total,
                                     &message));
    assert_true(progress > before);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keeps_console_lines),
        TEST(stops_at_the_limit),
        TEST(leaves_no_holes),
        TEST(keeps_right_blocks),
        TEST(limits_all_blocks_together),
        TEST(passes_on_growing_progress),
        TEST(passes_on_only_so_much_progress),
        TEST(tells_progress_of_tools_beside_the_scripts_own),
        TEST(progress_grows_however_large_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

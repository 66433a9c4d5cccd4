/*
 * The text of a result: as it is when it fits, shortened and kept when not.
 */
#include "proxy/exec/render_result.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/utf8.h"
#include "tests/unit/test.h"

#define BUDGET 2000

static struct output output;
static struct kept *kept;

static int set_up(void **state)
{
    (void)state;
    output_init(&output);
    kept = kept_new(1 << 20, BUDGET);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    output_done(&output);
    kept_free(kept);
    return 0;
}

static void render(const char *done, struct buf *out, struct result_parts *parts)
{
    struct result_view view = {
        .done = span_of(done), .output = &output, .kept = kept, .budget = BUDGET
    };

    render_result(&view, out, parts);
    assert_true(utf8_count(buf_span(out)) <= BUDGET);
}

static void assert_text(const char *done, const char *text)
{
    CLEANUP(buf) struct buf out = BUF(1 << 20);
    struct result_parts parts;

    render(done, &out, &parts);
    assert_string_equal(buf_str(&out), text);
    assert_string_equal(parts.kept_uri, "");
}

static void writes_values_plainly(void **state)
{
    (void)state;
    assert_text("{\"kind\":\"string\",\"value\":\"a\\n\\\"b\\\"\"}", "a\n\"b\"");
    assert_text("{\"kind\":\"string\",\"value\":\"\"}", "");
    assert_text("{\"kind\":\"json\",\"value\":{\"a\":[1,2.50]}}", "{\"a\":[1,2.50]}");
    assert_text("{\"kind\":\"json\",\"value\":null}", "null");
    assert_text("{\"kind\":\"undefined\",\"value\":null}", "(the script returned no value)");
    assert_text("{}", "(the script returned no value)");
    assert_text("[]", "(the script returned no value)");
}

static void adds_console_and_notes(void **state)
{
    (void)state;
    buf_add_str(&output.lines, "one\n[warn] two\n");
    output.lines_left_out = 3;
    assert_text("{\"kind\":\"json\",\"value\":1,\"unawaited\":2,"
                "\"rejections\":[{\"kind\":\"ScriptError\",\"message\":\"boom\"},\"plain\"]}",
                "1\nConsole:\none\n[warn] two\n"
                "Note: 3 console lines were left out (limit 65536 bytes).\n"
                "Note: 2 calls were not awaited and cut off when the script ended; whether "
                "the work was done is not known. Await every call.\n"
                "Note: an error that nothing caught: boom\n"
                "Note: an error that nothing caught: plain");
}

/* {"kind":kind,"value":...} with `count` copies of `element` between `open` and `close`. */
static char *
done_of(const char *kind, const char *open, const char *element, size_t count, const char *close)
{
    struct buf out = BUF(1 << 20);

    buf_printf(&out, "{\"kind\":\"%s\",\"value\":%s", kind, open);
    for (size_t i = 0; i < count; i++)
        buf_printf(&out, "%s%s", i && *element != 'x' ? "," : "", element);
    buf_printf(&out, "%s}", close);
    return buf_take(&out);
}

static void shortens_and_keeps(void **state)
{
    CLEANUP(str) char *done = done_of("json", "[", "{\"id\":12345}", 1000, "]");
    CLEANUP(buf) struct buf out = BUF(1 << 20);
    struct result_parts parts;
    struct span whole, body;

    (void)state;
    render(done, &out, &parts);
    assert_int_equal(
        strncmp(buf_str(&out), "[Shortened: the whole value has 13001 characters.", 49), 0);
    assert_non_null(strstr(buf_str(&out), parts.kept_uri));
    body = span_of(strchr(buf_str(&out), '\n'));
    assert_int_equal(json_check(body, 0, NULL), 0);
    assert_true(json_count(body) > 80);
    assert_int_equal(kept_value(kept, span_of(parts.kept_uri), &whole, NULL), 0);
    assert_true(span_equal(whole, parts.value));
    assert_int_equal(json_count(whole), 1000);
}

static void leaves_a_value_at_the_limit_whole(void **state)
{
    CLEANUP(str) char *fits = done_of("string", "\"", "x", BUDGET, "\"");
    CLEANUP(str) char *over = done_of("string", "\"", "x", BUDGET + 1, "\"");
    CLEANUP(buf) struct buf out = BUF(1 << 20);
    struct result_parts parts;

    (void)state;
    render(fits, &out, &parts);
    assert_int_equal(out.len, BUDGET);
    assert_string_equal(parts.kept_uri, "");
    buf_clear(&out);
    render(over, &out, &parts);
    assert_string_not_equal(parts.kept_uri, "");
    assert_non_null(strstr(buf_str(&out), "characters left out ...]\nxxx"));
}

static void shortens_json_in_a_string_by_its_structure(void **state)
{
    CLEANUP(str) char *done = done_of("string", "\"[", "1234567", 1000, "]\"");
    CLEANUP(buf) struct buf out = BUF(1 << 20);
    struct result_parts parts;

    (void)state;
    render(done, &out, &parts);
    assert_int_equal(json_check(span_of(strchr(buf_str(&out), '\n')), 0, NULL), 0);
}

static void leaves_room_for_the_value_beside_much_console(void **state)
{
    CLEANUP(str) char *done = done_of("json", "[", "1234567", 1000, "]");
    CLEANUP(buf) struct buf out = BUF(1 << 20);
    struct result_parts parts;

    (void)state;
    for (int i = 0; i < 1000; i++)
        buf_add_str(&output.lines, "a line of the console\n");
    render(done, &out, &parts);
    assert_true(strstr(buf_str(&out), "Console:") - buf_str(&out) > BUDGET / 2);
    assert_non_null(strstr(buf_str(&out), "characters left out"));
}

static void says_when_it_could_not_keep(void **state)
{
    CLEANUP(str) char *done = done_of("json", "[", "1234567", 1000, "]");
    CLEANUP(buf) struct buf out = BUF(1 << 20);
    struct result_parts parts;

    (void)state;
    kept_free(kept);
    kept = kept_new(100, BUDGET);
    render(done, &out, &parts);
    assert_string_equal(parts.kept_uri, "");
    assert_non_null(strstr(buf_str(&out), "It was not kept"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(writes_values_plainly),
        TEST(adds_console_and_notes),
        TEST(shortens_and_keeps),
        TEST(leaves_a_value_at_the_limit_whole),
        TEST(shortens_json_in_a_string_by_its_structure),
        TEST(leaves_room_for_the_value_beside_much_console),
        TEST(says_when_it_could_not_keep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

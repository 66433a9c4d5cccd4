#include "base/log.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "tests/unit/test.h"

#define LOG_MAX_BYTES 200000

/* What `events` writes to stderr. */
static char *logged(void (*events)(struct span text), struct span text)
{
    int file = memfd_create("log", MFD_CLOEXEC), before = dup(2);
    char *lines = xcalloc(1, LOG_MAX_BYTES);

    assert_true(file >= 0 && before >= 0);
    dup2(file, 2);
    events(text);
    dup2(before, 2);
    close(before);
    assert_in_range(pread(file, lines, LOG_MAX_BYTES - 1, 0), 1, LOG_MAX_BYTES - 2);
    close(file);
    return lines;
}

static void log_two(struct span text)
{
    log_warn("part", "first", LOG_SPAN("a", text), LOG_SPAN("b", text), LOG_SPAN("c", text),
             LOG_SPAN("d", text), LOG_SPAN("e", text));
    log_warn("part", "second", LOG_INT("number", 1));
}

static size_t check_lines(const char *lines)
{
    size_t count = 0;

    for (const char *end; (end = strchr(lines, '\n')); lines = end + 1, count++)
        assert_int_equal(json_check(span_make(lines, (size_t)(end - lines)), 8, NULL), 0);
    assert_int_equal(*lines, '\0');
    return count;
}

static void each_event_is_one_line(void **state)
{
    static const char bytes[] = { '\n', '\1', '"', 'a', '\xff', '\xc3' };
    static const size_t lengths[] = { 0, 1, 100, 682, 683, 4095, 4096, 9000 };
    char text[9000];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        memset(text, bytes[i], sizeof(text));
        for (size_t j = 0; j < ARRAY_COUNT(lengths); j++) {
            CLEANUP(str) char *lines = logged(log_two, span_make(text, lengths[j]));

            assert_int_equal(check_lines(lines), 2);
        }
    }
}

static void keeps_what_has_room(void **state)
{
    char text[5000];
    CLEANUP(str) char *lines = NULL;

    (void)state;
    memset(text, '\1', sizeof(text));
    text[0] = 'b';
    text[1] = 'c';
    lines = logged(log_two, span_make(text, sizeof(text)));
    assert_non_null(strstr(lines, "\"e\":\"bc\\u0001"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_event_is_one_line),
        cmocka_unit_test(keeps_what_has_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

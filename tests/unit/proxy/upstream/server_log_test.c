/*
 * What a server writes beside its messages: hidden, bounded, counted.
 */
#include "proxy/upstream/server_log.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "tests/unit/test.h"

#define LOGGED_MAX_BYTES 262144

static char name[] = "TOKEN", value[] = "s3cr3t-value", key[] = "noisy";
static struct config_pair secret = { name, value };
static struct server_config server = { .key = key, .env = &secret, .env_count = 1 };
static struct loop *loop;
static struct server_log server_log;
static int file, before;

static int set_up(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    loop = loop_new(&err);
    assert_non_null(loop);
    file = memfd_create("log", MFD_CLOEXEC);
    before = dup(STDERR_FILENO);
    assert_true(file >= 0 && before >= 0 && dup2(file, STDERR_FILENO) == STDERR_FILENO);
    server_log_init(&server_log, loop, &server);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    close(before);
    close(file);
    loop_free(loop);
    return 0;
}

/* Ends the log; everything that it wrote, to free. */
static char *logged(void)
{
    char *text = xcalloc(1, LOGGED_MAX_BYTES);

    server_log_done(&server_log);
    dup2(before, STDERR_FILENO);
    assert_true(pread(file, text, LOGGED_MAX_BYTES - 1, 0) >= 0);
    return text;
}

static unsigned count_of(const char *text, const char *word)
{
    unsigned count = 0;

    for (; (text = strstr(text, word)); text++)
        count++;
    return count;
}

static void say(unsigned lines)
{
    for (unsigned i = 0; i < lines; i++)
        server_log_stderr(&server_log, SPAN("a line"), false);
}

static void at_the_limit_all_lines_are_logged(void **state)
{
    CLEANUP(str) char *text = NULL;

    (void)state;
    say(LIMIT_SERVER_LOG_LINES);
    text = logged();
    assert_int_equal(count_of(text, "a line"), LIMIT_SERVER_LOG_LINES);
    assert_null(strstr(text, "left_out"));
}

static void over_it_they_are_counted(void **state)
{
    CLEANUP(str) char *text = NULL;

    (void)state;
    say(LIMIT_SERVER_LOG_LINES + 3);
    server_log_stderr(&server_log, SPAN("dying words"), false);
    assert_string_equal(server_log.last_words, "dying words");
    text = logged();
    assert_int_equal(count_of(text, "a line"), LIMIT_SERVER_LOG_LINES);
    assert_non_null(strstr(text, "\"event\":\"stderr_lines_left_out\""));
    assert_non_null(strstr(text, "\"lines\":4"));
}

static void secrets_are_hidden_on_both_streams(void **state)
{
    CLEANUP(str) char *text = NULL;

    (void)state;
    server_log_stderr(&server_log, SPAN("with s3cr3t-value in it"), false);
    assert_string_equal(server_log.last_words, "with *** in it");
    server_log_stdout(&server_log, SPAN("Started with s3cr3t-value"));
    server_log_stdout(&server_log, SPAN("a second line that is no message"));
    text = logged();
    assert_null(strstr(text, "s3cr3t"));
    assert_non_null(strstr(text, "Started with ***"));
    assert_null(strstr(text, "a second line"));
}

/* A secret that stands across the place where a line is cut is hidden before it is cut. */
static void no_part_of_a_secret_is_shown(void **state)
{
    char line[400];
    CLEANUP(str) char *text = NULL;

    (void)state;
    memset(line, 'x', sizeof(line));
    memcpy(line + 194, secret.value, strlen(secret.value));
    server_log_stdout(&server_log, span_make(line, sizeof(line)));
    text = logged();
    assert_non_null(strstr(text, "xxx***"));
    assert_null(strstr(text, "s3c"));
}

static void long_words_are_cut(void **state)
{
    char line[SERVER_LOG_WORDS_BYTES + 50];

    (void)state;
    memset(line, 'x', sizeof(line));
    server_log_stderr(&server_log, span_make(line, sizeof(line)), true);
    assert_int_equal(strlen(server_log.last_words), SERVER_LOG_WORDS_BYTES);
    server_log_stderr(&server_log, SPAN("  \t"), false);
    assert_int_equal(strlen(server_log.last_words), SERVER_LOG_WORDS_BYTES);
    free(logged());
}

/* What Node prints of an error that nobody caught. */
static void a_stack_is_no_last_word(void **state)
{
    static const char *const lines[] = {
        "file:///srv/index.mjs:3",
        "    throw new Error('no key')",
        "    ^",
        "",
        "Error: no key",
        "    at main (file:///srv/index.mjs:3:11)",
        "    at async x {",
        "  code: 'E_KEY'",
        "}",
        "",
        "Node.js v22.23.3",
    };
    CLEANUP(str) char *text = NULL;

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(lines); i++)
        server_log_stderr(&server_log, span_of(lines[i]), false);
    assert_string_equal(server_log.last_words, "Error: no key");
    text = logged();
    assert_non_null(strstr(text, "Node.js v22.23.3"));
}

static void a_detail_alone_is_kept(void **state)
{
    CLEANUP(str) char *text = NULL;

    (void)state;
    server_log_stderr(&server_log, SPAN("  indented"), false);
    assert_string_equal(server_log.last_words, "indented");
    text = logged();
    assert_non_null(strstr(text, "indented"));
}

#define LOG_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOG_TEST(at_the_limit_all_lines_are_logged),
        LOG_TEST(over_it_they_are_counted),
        LOG_TEST(secrets_are_hidden_on_both_streams),
        LOG_TEST(no_part_of_a_secret_is_shown),
        LOG_TEST(long_words_are_cut),
        LOG_TEST(a_stack_is_no_last_word),
        LOG_TEST(a_detail_alone_is_kept),
    };

    log_setup(LOG_INFO, LOG_FORMAT_JSON);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Warnings of files that others on this machine may read or write.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "proxy/config/config.h"
#include "tests/unit/test.h"

static char folder[] = "/tmp/mcpfold-exposure-XXXXXX";
static char *config_path, *token_path;

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

/* The warnings of a configuration of this text and mode, joined; to free. */
static char *warnings_of(const char *text, mode_t mode)
{
    CLEANUP(buf) struct buf all = BUF(65536);
    struct err err = ERR_INIT;
    struct config *config;

    write_file(config_path, text, mode);
    config = config_load(config_path, &err);
    assert_non_null(config);
    for (char **warning = config->warnings; warning && *warning; warning++)
        buf_printf(&all, "%s\n", *warning);
    config_free(config);
    return xstrdup(buf_str(&all));
}

static void assert_warns(const char *text, mode_t mode, const char *path, const char *what)
{
    CLEANUP(str) char *expected = xasprintf("%s %s\n", path, what);
    CLEANUP(str) char *found = warnings_of(text, mode);

    assert_string_equal(found, expected);
}

static void assert_silent(const char *text, mode_t mode)
{
    CLEANUP(str) char *found = warnings_of(text, mode);

    assert_string_equal(found, "");
}

#define READABLE "holds a secret and can be read by every user of this machine; chmod 600 it"
#define WRITABLE "can be written by every user of this machine; chmod o-w it"

static void a_file_with_secrets_is_for_its_owner(void **state)
{
    static const char *const texts[] = {
        "auth: { tokens: [abcdefgh] }\n",
        "auth: { tokens: abcdefgh }\n",
        "servers: { a: { url: \"http://127.0.0.1/\", headers: { X-Key: abcdefgh } } }\n",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        assert_warns(texts[i], 0644, config_path, READABLE);
        assert_silent(texts[i], 0640);
        assert_silent(texts[i], 0600);
    }
}

static void a_file_without_secrets_may_be_read(void **state)
{
    (void)state;
    assert_silent("servers: { a: { command: [\"true\"] } }\n", 0644);
    setenv("EXPOSURE_TOKEN", "abcdefgh", 1);
    assert_silent("auth: { tokens: [\"${EXPOSURE_TOKEN}\"] }\n", 0644);
}

static void a_file_with_commands_is_not_for_others_to_write(void **state)
{
    (void)state;
    assert_warns("servers: { a: { command: [\"true\"] } }\n", 0646, config_path, WRITABLE);
}

static void so_is_a_file_that_a_value_comes_from(void **state)
{
    CLEANUP(str) char *text = xasprintf("auth: { tokens: [\"${file:%s}\"] }\n", token_path);

    (void)state;
    write_file(token_path, "abcdefgh\n", 0644);
    assert_warns(text, 0644, token_path, READABLE);
    write_file(token_path, "abcdefgh\n", 0600);
    assert_silent(text, 0644);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    config_path = xasprintf("%s/config.yaml", folder);
    token_path = xasprintf("%s/token", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(config_path);
    unlink(token_path);
    free(config_path);
    free(token_path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_with_secrets_is_for_its_owner),
        cmocka_unit_test(a_file_without_secrets_may_be_read),
        cmocka_unit_test(a_file_with_commands_is_not_for_others_to_write),
        cmocka_unit_test(so_is_a_file_that_a_value_comes_from),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

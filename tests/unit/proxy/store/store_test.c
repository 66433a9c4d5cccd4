#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "proxy/store/store.h"
#include "tests/unit/proxy/store/folder.h"

/* Where SQLite has user_version, big-endian: https://sqlite.org/fileformat2.html section 1.3. */
#define VERSION_OFFSET 60

static struct folder folder;

static int make(void **state)
{
    (void)state;
    folder_init(&folder);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    folder_done(&folder);
    return 0;
}

static struct store *open_store(void)
{
    struct err err = ERR_INIT;
    struct store *store = store_open(folder.store, &err);

    if (!store)
        fail_msg("%s", err.text);
    return store;
}

static void put(struct store *store, const char *server, const char *tool, const char *shape)
{
    const struct learned_row row = {
        .server = server, .tool = tool, .input_digest = UINT64_MAX, .replies = 3, .shape = shape
    };
    struct err err = ERR_INIT;

    if (store_learned_put(store, &row, 1, &err) < 0)
        fail_msg("%s", err.text);
}

struct seen {
    size_t count;
    char text[200];
};

static void note(void *ctx, const struct learned_row *row)
{
    struct seen *seen = ctx;
    size_t len = strlen(seen->text);

    seen->count++;
    assert_true(row->input_digest == UINT64_MAX && row->replies == 3);
    snprintf(seen->text + len, sizeof(seen->text) - len, "%s.%s=%s ", row->server, row->tool,
             row->shape);
}

static struct seen rows_of(struct store *store, const char *server)
{
    struct seen seen = { 0 };

    assert_int_equal(store_learned_each(store, server, note, &seen, NULL), 0);
    return seen;
}

static void keeps_rows(void **state)
{
    struct store *store = open_store();

    (void)state;
    put(store, "a", "two", "x");
    put(store, "a", "one", "it's");
    put(store, "b", "one", "z");
    put(store, "a", "two", "y");
    store_close(store);
    store = open_store();
    assert_string_equal(rows_of(store, "a").text, "a.one=it's a.two=y ");
    assert_string_equal(rows_of(store, "b").text, "b.one=z ");
    assert_int_equal(rows_of(store, "c").count, 0);
    assert_int_equal(store_learned_delete(store, "a", "one", NULL), 0);
    assert_int_equal(store_learned_delete(store, "a", "unknown", NULL), 0);
    assert_string_equal(rows_of(store, "a").text, "a.two=y ");
    store_close(store);
}

static void is_for_its_owner_alone(void **state)
{
    struct store *store = open_store();
    struct stat stat_of;

    (void)state;
    put(store, "a", "one", "x");
    assert_int_equal(stat(folder.store, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0777, 0700);
    assert_int_equal(stat(folder.file, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0777, 0600);
    store_close(store);
}

static void serves_two_at_a_time(void **state)
{
    struct store *one = open_store(), *two = open_store();

    (void)state;
    put(one, "a", "one", "x");
    put(two, "a", "two", "y");
    assert_string_equal(rows_of(one, "a").text, "a.one=x a.two=y ");
    store_close(one);
    store_close(two);
}

static void drops_the_oldest_rows(void **state)
{
    struct store *store = open_store();
    struct learned_row rows[LIMIT_LEARNED_TOOLS + 5];
    char names[LIMIT_LEARNED_TOOLS + 5][12];
    struct seen first;

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        snprintf(names[i], sizeof(names[i]), "tool%05zu", i);
        rows[i] = (struct learned_row){
            .server = "a", .tool = names[i], .input_digest = UINT64_MAX, .replies = 3, .shape = "x"
        };
    }
    assert_int_equal(store_learned_put(store, rows, ARRAY_COUNT(rows), NULL), 0);
    first = rows_of(store, "a");
    assert_int_equal(first.count, LIMIT_LEARNED_TOOLS);
    assert_int_equal(strncmp(first.text, "a.tool00005=x", 13), 0);
    store_close(store);
}

static void refuses_with(enum err_code code, const char *words)
{
    struct err err = ERR_INIT;

    assert_null(store_open(folder.store, &err));
    assert_int_equal(err.code, code);
    if (!strstr(err.text, words))
        fail_msg("no '%s' in: %s", words, err.text);
}

static void overwrite(const char *bytes, size_t len, off_t offset)
{
    int fd = open(folder.file, O_WRONLY);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, len, offset), len);
    fd_close(&fd);
}

static void refuses_what_is_no_store(void **state)
{
    (void)state;
    store_close(open_store());
    overwrite("this is not a database at all", 29, 0);
    refuses_with(ERR_INVALID, "mcpfold.db");
}

static void refuses_a_newer_store(void **state)
{
    (void)state;
    store_close(open_store());
    overwrite("\0\0\0\x63", 4, VERSION_OFFSET);
    refuses_with(ERR_UNSUPPORTED, "newer version");
}

static void refuses_a_folder_that_cannot_be(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_null(store_open("/dev/null/state", &err));
    assert_int_equal(err.code, ERR_IO);
    assert_non_null(strstr(err.text, "/dev/null"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_rows, make, drop),
        cmocka_unit_test_setup_teardown(is_for_its_owner_alone, make, drop),
        cmocka_unit_test_setup_teardown(serves_two_at_a_time, make, drop),
        cmocka_unit_test_setup_teardown(drops_the_oldest_rows, make, drop),
        cmocka_unit_test_setup_teardown(refuses_what_is_no_store, make, drop),
        cmocka_unit_test_setup_teardown(refuses_a_newer_store, make, drop),
        cmocka_unit_test(refuses_a_folder_that_cannot_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

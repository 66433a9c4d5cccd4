/*
 * Lays out small trees of empty files and asks where the parts are.
 */
#include "proxy/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"

static char root[64];

/* The full path of `tail`, in a buffer that the next call uses again. */
static const char *full(const char *tail)
{
    static char path[256];

    snprintf(path, sizeof(path), "%s/%s", root, tail);
    return path;
}

/* An executable empty file, with the folders above it. */
static void put(const char *tail)
{
    char path[256];
    int fd;

    snprintf(path, sizeof(path), "%s/%s", root, tail);
    for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
        *slash = '/';
    }
    fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0755);
    assert_true(fd >= 0);
    close(fd);
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    (void)stat;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int set_up(void **state)
{
    (void)state;
    memcpy(root, "/tmp/mcpfold-paths.XXXXXX", sizeof("/tmp/mcpfold-paths.XXXXXX"));
    unsetenv("MCPFOLD_ISOLATE");
    unsetenv("MCPFOLD_V8_DIR");
    unsetenv("MCPFOLD_TYPESCRIPT_DIR");
    return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void put_installed(void)
{
    put("bin/mcpfold");
    put("libexec/mcpfold/mcpfold-isolate");
    put("lib/mcpfold/v8/libnode.so.137");
    put("lib/mcpfold/v8/ld-linux-x86-64.so.2");
    put("lib/mcpfold/typescript/tsc");
}

static void assert_same_file(const char *found, const char *tail)
{
    struct stat a, b;

    assert_int_equal(stat(found, &a), 0);
    assert_int_equal(stat(full(tail), &b), 0);
    assert_true(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
}

static int find(const char *dir, struct paths *ret_paths, struct err *err)
{
    return paths_find_from(full(dir), ret_paths, err);
}

static void finds_an_installation(void **state)
{
    CLEANUP(paths) struct paths p = { 0 };
    struct err err = ERR_INIT;

    (void)state;
    put_installed();
    assert_int_equal(find("bin", &p, &err), 0);
    assert_same_file(p.isolate, "libexec/mcpfold/mcpfold-isolate");
    assert_same_file(p.v8_dir, "lib/mcpfold/v8");
    assert_same_file(p.v8_loader, "lib/mcpfold/v8/ld-linux-x86-64.so.2");
    assert_same_file(p.typescript_dir, "lib/mcpfold/typescript");
    assert_same_file(p.tsc, "lib/mcpfold/typescript/tsc");
}

static void finds_a_build_tree(void **state)
{
    CLEANUP(paths) struct paths p = { 0 };
    struct err err = ERR_INIT;

    (void)state;
    put("build/mcpfold-isolate");
    put("build/lib/mcpfold/v8/ld-linux-aarch64.so.1");
    put("build/lib/mcpfold/typescript/tsc");
    assert_int_equal(find("build", &p, &err), 0);
    assert_same_file(p.isolate, "build/mcpfold-isolate");
    assert_same_file(p.v8_loader, "build/lib/mcpfold/v8/ld-linux-aarch64.so.1");
}

static void follows_links(void **state)
{
    CLEANUP(paths) struct paths p = { 0 };
    struct err err = ERR_INIT;
    char *target;

    (void)state;
    put_installed();
    put("elsewhere/tsc");
    assert_int_equal(unlink(full("lib/mcpfold/typescript/tsc")), 0);
    assert_int_equal(rmdir(full("lib/mcpfold/typescript")), 0);
    assert_int_equal(symlink("../../elsewhere", full("lib/mcpfold/typescript")), 0);
    assert_int_equal(find("bin", &p, &err), 0);
    target = realpath(full("elsewhere/tsc"), NULL);
    assert_string_equal(p.tsc, target);
    free(target);
}

static void says_what_is_missing(void **state)
{
    struct paths p = { 0 };
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(find("bin", &p, &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_non_null(strstr(err.text, "mcpfold-isolate"));
    assert_non_null(strstr(err.text, "MCPFOLD_ISOLATE"));

    put_installed();
    assert_int_equal(unlink(full("lib/mcpfold/v8/ld-linux-x86-64.so.2")), 0);
    assert_int_equal(find("bin", &p, &err), -1);
    assert_non_null(strstr(err.text, "MCPFOLD_V8_DIR"));

    put("lib/mcpfold/v8/ld-linux-x86-64.so.2");
    assert_int_equal(unlink(full("lib/mcpfold/typescript/tsc")), 0);
    assert_int_equal(find("bin", &p, &err), -1);
    assert_non_null(strstr(err.text, "MCPFOLD_TYPESCRIPT_DIR"));
    assert_null(p.isolate);
}

static void the_environment_wins(void **state)
{
    CLEANUP(paths) struct paths p = { 0 };
    struct err err = ERR_INIT;
    char *worker = xasprintf("%s/other/worker", root);

    (void)state;
    put_installed();
    put("other/worker");
    setenv("MCPFOLD_ISOLATE", worker, 1);
    assert_int_equal(find("bin", &p, &err), 0);
    assert_string_equal(p.isolate, worker);
    free(worker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_an_installation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(finds_a_build_tree, set_up, tear_down),
        cmocka_unit_test_setup_teardown(follows_links, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_what_is_missing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_environment_wins, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Which libraries are left out of forks.
 */
#include "isolate/idle_libraries.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fd.h"
#include "tests/unit/test.h"

/* In how many mappings of the file the flag stands ("dc": not in forks). */
static unsigned flagged(const char *file, const char *flag)
{
    CLEANUP(buf) struct buf maps = BUF(4 << 20);
    struct err err = ERR_INIT;
    bool of_file = false;
    unsigned count = 0;
    char *rest, *line;

    assert_int_equal(file_read("/proc/self/smaps", &maps, &err), 0);
    rest = maps.data;
    while ((line = strsep(&rest, "\n"))) {
        if (strncmp(line, "VmFlags:", 8) == 0)
            count += of_file && strstr(line, flag);
        else if (strchr(line, '-') < strchr(line, ' ') && strchr(line, '-'))
            of_file = strstr(line, file) != NULL;
    }
    return count;
}

static int set_up(void **state)
{
    (void)state;
    return dlopen("libz.so.1", RTLD_NOW) && dlopen("libuv.so.1", RTLD_NOW) &&
                   dlopen("libcurl.so.4", RTLD_NOW)
               ? 0
               : -1;
}

static void nothing_without_early_binding(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    unsetenv("LD_BIND_NOW");
    assert_int_equal(idle_libraries_leave_out(&err), 0);
    assert_int_equal(flagged("/libz.so", " dc"), 0);
}

static void those_of_the_list_alone(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    setenv("LD_BIND_NOW", "1", 1);
    assert_int_equal(idle_libraries_leave_out(&err), 0);
    assert_true(flagged("/libz.so", " dc") >= 3);
    assert_true(flagged("/libuv.so", " dc") >= 3);
    assert_int_equal(flagged("/libc.so", " dc"), 0);
    assert_int_equal(flagged("/libcurl.so", " dc"), 0);
    assert_true(flagged("/libcurl.so", " rd") >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_without_early_binding),
        cmocka_unit_test(those_of_the_list_alone),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}

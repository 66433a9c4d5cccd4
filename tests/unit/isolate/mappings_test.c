/*
 * Lists of mappings: what the kernel writes, and this process's own.
 */
#include "isolate/mappings.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/test.h"

static struct mapping found[8];
static unsigned count;

static int keep(const struct mapping *mapping, void *ctx, struct err *err)
{
    (void)ctx;
    (void)err;
    assert_true(count < ARRAY_COUNT(found));
    found[count++] = *mapping;
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    count = 0;
    return 0;
}

static void reads_each_line(void **state)
{
    static const char maps[] =
        "5000-6000 r-xp 00001000 fe:00 12345      /lib/libz.so.1.2\n"
        "7f0000000000-7f0000002000 rw-p 00000000 00:00 0\n"
        "7f0000003000-7f0000004000 ---s 00000000 00:00 7 /dev/zero (deleted)";
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(mappings_each(SPAN(maps), keep, NULL, &err), 0);
    assert_int_equal(count, 3);
    assert_int_equal(found[0].start, 0x5000);
    assert_int_equal(found[0].end, 0x6000);
    assert_int_equal(found[0].protection, PROT_READ | PROT_EXEC);
    assert_true(found[0].is_private);
    assert_true(span_is(found[0].inode_and_path, " fe:00 12345      /lib/libz.so.1.2"));
    assert_int_equal(found[1].start, 0x7f0000000000);
    assert_int_equal(found[1].protection, PROT_READ | PROT_WRITE);
    assert_int_equal(found[2].protection, PROT_NONE);
    assert_false(found[2].is_private);
}

static void leaves_out_what_is_no_mapping(void **state)
{
    static const char *const texts[] = { "",       "\n\n",        "nonsense\n",
                                         "5000\n", "5000-6000\n", "5000-6000 r\n",
                                         "-" };
    struct err err = ERR_INIT;

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        assert_int_equal(mappings_each(span_of(texts[i]), keep, NULL, &err), 0);
    assert_int_equal(count, 0);
}

static void knows_whose_each_is(void **state)
{
    static const char maps[] = "5000-6000 r--p 00001000 fe:00 12345      /lib/[v]/libz.so.1.2\n"
                               "7000-8000 r--p 00000000 00:00 0          [vvar]\n"
                               "8000-9000 r-xp 00000000 00:00 0          [vdso]\n"
                               "9000-a000 rw-p 00000000 00:00 0          [heap]\n";
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(mappings_each(SPAN(maps), keep, NULL, &err), 0);
    assert_int_equal(count, 4);
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(mapping_has_file(&found[i]), i == 0);
        assert_int_equal(mapping_is_of_kernel(&found[i]), i == 1 || i == 2);
    }
}

static int stop(const struct mapping *mapping, void *ctx, struct err *err)
{
    keep(mapping, ctx, err);
    return 7;
}

static void stops_when_told(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(
        mappings_each(SPAN("5000-6000 r--p 0 0 0\n6000-7000 r--p 0 0 0\n"), stop, NULL, &err), 7);
    assert_int_equal(count, 1);
}

static int find_own(const struct mapping *mapping, void *ctx, struct err *err)
{
    const uintptr_t *page = ctx;

    (void)err;
    if (*page < mapping->start || *page >= mapping->end)
        return 0;
    found[0] = *mapping;
    return 1;
}

static void reads_those_of_this_process(void **state)
{
    CLEANUP(buf) struct buf maps = BUF(1 << 20);
    size_t bytes = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, bytes, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uintptr_t at = (uintptr_t)page;
    struct err err = ERR_INIT;

    (void)state;
    assert_ptr_not_equal(page, MAP_FAILED);
    assert_int_equal(mappings_read(&maps, &err), 0);
    assert_int_equal(mappings_each(buf_span(&maps), find_own, &at, &err), 1);
    assert_int_equal(found[0].protection, PROT_READ);
    assert_false(found[0].is_private);
    munmap(page, bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reads_each_line, set_up),
        cmocka_unit_test_setup(leaves_out_what_is_no_mapping, set_up),
        cmocka_unit_test_setup(knows_whose_each_is, set_up),
        cmocka_unit_test_setup(stops_when_told, set_up),
        cmocka_unit_test_setup(reads_those_of_this_process, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

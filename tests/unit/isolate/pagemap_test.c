/*
 * What the page table says of memory that is fresh, written, shared by a fork, of a file.
 */
#include "isolate/pagemap.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/test.h"

#define PAGES 1000 /* more than are read at once */

static struct pagemap map;
static char *memory;

static int set_up(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    if (pagemap_open(&map, &err) < 0)
        return -1;
    memory = mmap(NULL, PAGES * map.page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                  -1, 0);
    madvise(memory, PAGES * map.page_bytes, MADV_NOHUGEPAGE);
    return memory == MAP_FAILED ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    munmap(memory, PAGES * map.page_bytes);
    pagemap_close(&map);
    return map.fd == -1 ? 0 : -1;
}

struct tally {
    unsigned pages, own, written, read;
    uintptr_t last;
};

static void count(void *ctx, uintptr_t page, uint64_t entry)
{
    struct tally *tally = ctx;

    tally->pages++;
    tally->own += page_is_own(entry);
    tally->written += page_is_written(entry);
    tally->read += page_is_read(entry);
    tally->last = page;
}

static struct tally tally_of(const struct pagemap *pagemap)
{
    struct tally tally = { 0 };
    struct err err = ERR_INIT;

    assert_int_equal(pagemap_each(pagemap, (uintptr_t)memory,
                                  (uintptr_t)memory + PAGES * map.page_bytes, count, &tally, &err),
                     0);
    return tally;
}

static void each_page_is_told_once_in_order(void **state)
{
    struct tally tally = tally_of(&map);

    (void)state;
    assert_int_equal(tally.pages, PAGES);
    assert_int_equal(tally.last, (uintptr_t)memory + (PAGES - 1) * map.page_bytes);
    assert_int_equal(tally.own + tally.written + tally.read, 0);
}

static void what_is_written_is_own(void **state)
{
    struct tally tally;

    (void)state;
    memory[0] = memory[700 * map.page_bytes] = 1;
    tally = tally_of(&map);
    assert_int_equal(tally.own, 2);
    assert_int_equal(tally.written, 2);
    assert_int_equal(tally.read, 0);
}

/* In the child; the exit code says what was wrong. */
static int look_after_fork(void)
{
    struct err err = ERR_INIT;
    struct pagemap own;
    struct tally before, after;

    if (pagemap_open(&own, &err) < 0)
        return 1;
    before = tally_of(&own);
    memory[0] = 2;
    after = tally_of(&own);
    if (before.own != 2 || before.written != 0)
        return 2;
    return after.own == 2 && after.written == 1 ? 0 : 3;
}

static void a_fork_has_written_what_it_alone_maps(void **state)
{
    int status = 0;
    pid_t pid;

    (void)state;
    memory[0] = memory[1 * map.page_bytes] = 1;
    pid = fork();
    if (pid == 0)
        _exit(look_after_fork());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void a_page_of_a_file_is_read(void **state)
{
    int fd = memfd_create("pages", MFD_CLOEXEC);
    struct tally tally;

    (void)state;
    assert_int_equal(ftruncate(fd, (off_t)(PAGES * map.page_bytes)), 0);
    assert_ptr_equal(
        mmap(memory, PAGES * map.page_bytes, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0), memory);
    close(fd);
    assert_int_equal(memory[0], 0);
    tally = tally_of(&map);
    assert_true(tally.read >= 1);
    assert_int_equal(tally.own, 0);
}

static void a_closed_map_is_an_error(void **state)
{
    struct pagemap closed = { .fd = -1, .page_bytes = map.page_bytes };
    struct tally tally = { 0 };
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(pagemap_each(&closed, (uintptr_t)memory, (uintptr_t)memory + map.page_bytes,
                                  count, &tally, &err),
                     -1);
    assert_non_null(strstr(err.text, "/proc/self/pagemap"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_page_is_told_once_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_written_is_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_fork_has_written_what_it_alone_maps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_page_of_a_file_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_closed_map_is_an_error, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

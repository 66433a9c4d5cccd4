/*
 * Which pages a run uses, and getting them ahead of one.
 */
#include "isolate/first_touch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "isolate/pagemap.h"
#include "tests/unit/test.h"

#define PAGES     64
#define READ_PAGE 21

static size_t page_bytes;
static char *memory; /* PAGES that were written to before any fork */
static char *file;   /* PAGES of a file, none of them looked at */

static void map_file(void)
{
    size_t len = PAGES * page_bytes;
    char text[4096];
    int fd = memfd_create("pages", MFD_CLOEXEC);

    assert_true(fd >= 0);
    memset(text, 'f', sizeof(text));
    for (size_t at = 0; at < len; at += sizeof(text))
        assert_int_equal(write(fd, text, sizeof(text)), sizeof(text));
    file = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
    assert_ptr_not_equal(file, MAP_FAILED);
    close(fd);
}

static int set_up(void **state)
{
    (void)state;
    page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    memory =
        mmap(NULL, PAGES * page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return -1;
    /* One page of a huge one says nothing of the others. */
    madvise(memory, PAGES * page_bytes, MADV_NOHUGEPAGE);
    memset(memory, 1, PAGES * page_bytes);
    map_file();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    munmap(file, PAGES * page_bytes);
    return munmap(memory, PAGES * page_bytes);
}

/* Writes to the first pages, as many as `ctx` says, and reads the last, and one of the file. */
static int touch(void *ctx, struct err *err)
{
    const unsigned *pages = ctx;

    (void)err;
    for (unsigned i = 0; i < *pages; i++)
        memory[i * page_bytes] = 2;
    if (memory[(PAGES - 1) * page_bytes] != 1 || file[READ_PAGE * page_bytes] != 'f')
        abort();
    return 0;
}

static bool covers(const struct page_ranges *ranges, const char *page)
{
    for (size_t i = 0; i < ranges->count; i++) {
        if ((uintptr_t)page >= ranges->list[i].start &&
            (uintptr_t)page < ranges->list[i].start + ranges->list[i].len)
            return true;
    }
    return false;
}

static void learns_which_pages_are_written(void **state)
{
    struct first_touch touched;
    struct err err = ERR_INIT;
    unsigned pages = 5;

    (void)state;
    assert_int_equal(first_touch_learn(&touched, true, touch, &pages, &err), 0);
    for (unsigned i = 0; i < pages; i++)
        assert_true(covers(&touched.written, memory + i * page_bytes));
    assert_false(covers(&touched.written, memory + pages * page_bytes));
    assert_false(covers(&touched.written, memory + (PAGES - 1) * page_bytes));
    assert_int_equal(memory[0], 1); /* of the fork alone */
}

static void ranges_rise_and_fit(void **state)
{
    struct first_touch touched;
    struct err err = ERR_INIT;
    unsigned pages = PAGES / 2;

    (void)state;
    assert_int_equal(first_touch_learn(&touched, true, touch, &pages, &err), 0);
    assert_in_range(touched.written.count, 1, PAGE_RANGES);
    for (size_t i = 1; i < touched.written.count; i++)
        assert_true(touched.written.list[i].start >
                    touched.written.list[i - 1].start + touched.written.list[i - 1].len);
}

static int end_early(void *ctx, struct err *err)
{
    (void)ctx;
    (void)err;
    _exit(3);
}

static int give_up(void *ctx, struct err *err)
{
    (void)ctx;
    return err_set(err, ERR_INVALID, "no");
}

static void a_run_that_ends_itself_teaches_nothing(void **state)
{
    struct first_touch touched;
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(first_touch_learn(&touched, true, end_early, NULL, &err), -1);
    assert_non_null(strstr(err.text, "status 0x300"));
    assert_int_equal(touched.written.count, 0);
    assert_int_equal(first_touch_learn(&touched, true, give_up, NULL, &err), -1);
    assert_int_equal(touched.written.count, 0);
    first_touch_use(&touched); /* has nothing to do */
}

static long minor_faults(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return used.ru_minflt;
}

/* In a new process: the page faults that touch() then costs. */
static int faults_after_use(const struct first_touch *touched)
{
    unsigned pages = PAGES / 2;
    int status = 0;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        long before;

        if (touched)
            first_touch_use(touched);
        before = minor_faults();
        touch(&pages, NULL);
        _exit((int)(minor_faults() - before));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void what_was_used_costs_no_fault_any_more(void **state)
{
    struct first_touch touched;
    struct err err = ERR_INIT;
    unsigned pages = PAGES / 2;

    (void)state;
    assert_int_equal(first_touch_learn(&touched, true, touch, &pages, &err), 0);
    assert_true(faults_after_use(NULL) >= PAGES / 2);
    assert_true(faults_after_use(&touched) < PAGES / 4);
}

static void count_present(void *ctx, uintptr_t page, uint64_t entry)
{
    unsigned *present = ctx;

    (void)page;
    *present += (entry & PAGE_PRESENT) != 0;
}

static unsigned present_of_file(void)
{
    struct err err = ERR_INIT;
    struct pagemap map;
    unsigned present = 0;

    assert_int_equal(pagemap_open(&map, &err), 0);
    assert_int_equal(pagemap_each(&map, (uintptr_t)file, (uintptr_t)(file + PAGES * page_bytes),
                                  count_present, &present, &err),
                     0);
    pagemap_close(&map);
    return present;
}

static bool is_present(const char *page)
{
    struct err err = ERR_INIT;
    struct pagemap map;
    unsigned present = 0;

    assert_int_equal(pagemap_open(&map, &err), 0);
    assert_int_equal(pagemap_each(&map, (uintptr_t)page, (uintptr_t)(page + page_bytes),
                                  count_present, &present, &err),
                     0);
    pagemap_close(&map);
    return present == 1;
}

/* In a new process: what it has of the file before it looks, as its exit code. */
static int inherited_of_file(void)
{
    int status = 0;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0)
        _exit((int)present_of_file());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status);
}

static void what_is_held_is_inherited_and_nothing_else(void **state)
{
    struct first_touch touched;
    struct err err = ERR_INIT;
    unsigned pages = 1, held;

    (void)state;
    assert_int_equal(file[(PAGES - 1) * page_bytes], 'f');
    assert_true(present_of_file() >= 1);
    assert_int_equal(inherited_of_file(), 0);
    assert_int_equal(first_touch_learn(&touched, true, touch, &pages, &err), 0);
    held = present_of_file();
    assert_in_range(held, 1, PAGES / 2);
    assert_int_equal(inherited_of_file(), held);
    assert_int_equal(file[READ_PAGE * page_bytes], 'f');
}

/* No executable page may become memory that is of no file. */
static void text_is_left_to_workers_on_demand(void **state)
{
    struct first_touch touched;
    struct err err = ERR_INIT;
    unsigned pages = 1;

    (void)state;
    if (mprotect(file, PAGES * page_bytes, PROT_READ | PROT_EXEC) < 0)
        skip();
    assert_int_equal(first_touch_learn(&touched, false, touch, &pages, &err), 0);
    assert_int_equal(present_of_file(), 0);
    first_touch_use(&touched);
    assert_true(is_present(file + READ_PAGE * page_bytes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(learns_which_pages_are_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ranges_rise_and_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_run_that_ends_itself_teaches_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_used_costs_no_fault_any_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_held_is_inherited_and_nothing_else, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(text_is_left_to_workers_on_demand, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

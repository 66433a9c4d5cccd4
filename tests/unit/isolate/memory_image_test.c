/*
 * Memory that is moved into a file: the same bytes, writable, private, and no longer copied by
 * forks.
 */
#include "isolate/memory_image.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "isolate/mappings.h"
#include "isolate/pagemap.h"
#include "tests/unit/test.h"

#define PAGES 64

static struct pagemap map;
static char *memory; /* PAGES, of which every second has been written to */

static int set_up(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    if (pagemap_open(&map, &err) < 0)
        return -1;
    memory = mmap(NULL, PAGES * map.page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                  -1, 0);
    if (memory == MAP_FAILED)
        return -1;
    madvise(memory, PAGES * map.page_bytes, MADV_NOHUGEPAGE);
    for (unsigned i = 0; i < PAGES; i += 2)
        memset(memory + i * map.page_bytes, (int)i + 1, map.page_bytes);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    munmap(memory, PAGES * map.page_bytes);
    pagemap_close(&map);
    return 0;
}

static void count_own(void *ctx, uintptr_t page, uint64_t entry)
{
    unsigned *own = ctx;

    (void)page;
    *own += page_is_own(entry);
}

static unsigned own_pages(void)
{
    struct err err = ERR_INIT;
    unsigned own = 0;

    assert_int_equal(pagemap_each(&map, (uintptr_t)memory,
                                  (uintptr_t)memory + PAGES * map.page_bytes, count_own, &own,
                                  &err),
                     0);
    return own;
}

static void the_bytes_stay_and_the_pages_go(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(own_pages(), PAGES / 2);
    assert_int_equal(memory_image_take(&err), 0);
    assert_int_equal(own_pages(), 0);
    for (unsigned i = 0; i < PAGES; i++) {
        assert_int_equal(memory[i * map.page_bytes], i % 2 ? 0 : i + 1);
        assert_int_equal(memory[(i + 1) * map.page_bytes - 1], i % 2 ? 0 : i + 1);
    }
}

static void what_a_fork_writes_is_its_own(void **state)
{
    struct err err = ERR_INIT;
    int status = 0;
    pid_t pid;

    (void)state;
    assert_int_equal(memory_image_take(&err), 0);
    pid = fork();
    if (pid == 0) {
        memset(memory, 100, map.page_bytes);
        _exit(memory[map.page_bytes - 1] == 100 ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(memory[0], 1);
    memory[0] = 50;
    assert_int_equal(memory[0], 50);
    assert_int_equal(own_pages(), 1);
}

/* What the allocator has given out is among what was moved. */
static void the_heap_goes_on(void **state)
{
    enum { BLOCKS = 200, BYTES = 3000 };
    struct err err = ERR_INIT;
    char *blocks[BLOCKS];

    (void)state;
    for (unsigned i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(BYTES);
        assert_non_null(blocks[i]);
        memset(blocks[i], (int)i, BYTES);
    }
    assert_int_equal(memory_image_take(&err), 0);
    for (unsigned i = 0; i < BLOCKS; i++) {
        assert_int_equal((unsigned char)blocks[i][BYTES - 1], i);
        blocks[i] = realloc(blocks[i], 2 * BYTES);
        assert_non_null(blocks[i]);
        assert_int_equal((unsigned char)blocks[i][BYTES - 1], i);
        free(blocks[i]);
    }
}

static void what_was_locked_stays_locked(void **state)
{
    struct err err = ERR_INIT;
    int status = 0;
    pid_t pid;

    (void)state;
    assert_int_equal(mprotect(memory, PAGES * map.page_bytes, PROT_READ), 0);
    assert_int_equal(memory_image_take(&err), 0);
    assert_int_equal(own_pages(), 0);
    pid = fork();
    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL);
        memory[0] = 2;
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
}

struct seen {
    uintptr_t start, end;
    unsigned mappings; /* between them */
};

static int see(const struct mapping *mapping, void *ctx, struct err *err)
{
    struct seen *seen = ctx;

    (void)err;
    seen->mappings += mapping->start < seen->end && mapping->end > seen->start;
    return 0;
}

static unsigned mappings_of(const char *start, size_t pages)
{
    CLEANUP(buf) struct buf maps = BUF(1 << 20);
    struct seen seen = { .start = (uintptr_t)start,
                         .end = (uintptr_t)start + pages * map.page_bytes };
    struct err err = ERR_INIT;

    assert_int_equal(mappings_read(&maps, &err), 0);
    assert_int_equal(mappings_each(buf_span(&maps), see, &seen, &err), 0);
    return seen.mappings;
}

/* A page of a file, and pages that are of none, of which one was written to. */
static void neighbours_become_one(void **state)
{
    const size_t page = map.page_bytes;
    int fd = memfd_create("neighbour", MFD_CLOEXEC);
    struct err err = ERR_INIT;
    char *start = mmap(NULL, 8 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const int rights = PROT_READ | PROT_WRITE, how = MAP_PRIVATE | MAP_FIXED;

    (void)state;
    assert_ptr_not_equal(start, MAP_FAILED);
    assert_int_equal(ftruncate(fd, (off_t)page), 0);
    assert_int_equal(pwrite(fd, "file", 4, 0), 4);
    assert_ptr_equal(mmap(start + 2 * page, page, rights, how, fd, 0), start + 2 * page);
    assert_ptr_equal(mmap(start + 3 * page, 2 * page, rights, how | MAP_ANONYMOUS, -1, 0),
                     start + 3 * page);
    close(fd);
    start[4 * page] = 'x';
    assert_int_equal(mappings_of(start + 2 * page, 3), 2);
    assert_int_equal(memory_image_take(&err), 0);
    assert_int_equal(mappings_of(start + 2 * page, 3), 1);
    assert_string_equal(start + 2 * page, "file");
    assert_int_equal(start[3 * page], 0);
    assert_int_equal(start[4 * page], 'x');
    start[3 * page] = 'y';
    assert_int_equal(start[3 * page], 'y');
    munmap(start, 8 * page);
}

/* A second image takes what was written since, from a file by now. */
static void it_can_be_taken_again(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(memory_image_take(&err), 0);
    for (unsigned i = 0; i < PAGES; i += 4)
        memory[i * map.page_bytes] = 99;
    assert_int_equal(own_pages(), PAGES / 4);
    assert_int_equal(memory_image_take(&err), 0);
    assert_int_equal(own_pages(), 0);
    for (unsigned i = 0; i < PAGES; i++)
        assert_int_equal(memory[i * map.page_bytes], i % 4 == 0 ? 99 : i % 2 ? 0 : i + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_bytes_stay_and_the_pages_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_fork_writes_is_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_heap_goes_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_locked_stays_locked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(neighbours_become_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_can_be_taken_again, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Where the engine's chunks come to lie.  This program calls the functions as
 * the engine does: they stand before libc's.
 */
#include <stdint.h>
#include <sys/mman.h>

#include "tests/unit/test.h"

#define CHUNK_BYTES ((size_t)256 * 1024)
#define MORE_BYTES  (2 * CHUNK_BYTES - 4096) /* what is asked for to have a part that is aligned */
#define FAR         ((char *)0x123456789000)

static char *map(char *hint, size_t len, int flags)
{
    char *result = mmap64(hint, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

    assert_ptr_not_equal(result, MAP_FAILED);
    return result;
}

/* As the engine makes a chunk. */
static char *make_chunk(char *hint)
{
    char *chunk = map(hint, MORE_BYTES, 0);

    assert_int_equal((uintptr_t)chunk % CHUNK_BYTES, 0);
    assert_int_equal(munmap(chunk + CHUNK_BYTES, MORE_BYTES - CHUNK_BYTES), 0);
    return chunk;
}

static void chunks_lie_side_by_side(void **state)
{
    char *first = make_chunk(FAR);
    char *second = make_chunk((char *)0x654321000000);
    char *third;

    (void)state;
    /* Near to where the first was asked for. */
    assert_in_range(FAR - first, 0, 2 * 1024 * 1024);
    assert_ptr_equal(second, first + CHUNK_BYTES);
    /* What is given back at the end is used again. */
    assert_int_equal(munmap(second, CHUNK_BYTES), 0);
    third = make_chunk((char *)0x222222000000);
    assert_ptr_equal(third, second);
    assert_int_equal(munmap(first, CHUNK_BYTES), 0);
    assert_int_equal(munmap(third, CHUNK_BYTES), 0);
}

static void a_place_that_is_taken_is_not_taken_again(void **state)
{
    char *first = make_chunk(FAR);
    char *taken = map(first + CHUNK_BYTES, CHUNK_BYTES, MAP_FIXED_NOREPLACE);
    char *other = map(FAR, CHUNK_BYTES, 0);

    (void)state;
    assert_ptr_equal(taken, first + CHUNK_BYTES);
    assert_true(other + CHUNK_BYTES <= taken || other >= taken + CHUNK_BYTES);
    munmap(other, CHUNK_BYTES);
    munmap(taken, CHUNK_BYTES);
    munmap(first, CHUNK_BYTES);
}

static void other_requests_are_not_changed(void **state)
{
    char *chunk = make_chunk(FAR);
    char *fixed = map((char *)0x333333000000, CHUNK_BYTES, MAP_FIXED_NOREPLACE);
    char *large = map((char *)0x444444000000, (size_t)32 * 1024 * 1024, 0);
    char *anywhere = map(NULL, CHUNK_BYTES, 0);

    (void)state;
    assert_ptr_equal(fixed, (char *)0x333333000000);
    assert_ptr_equal(large, (char *)0x444444000000);
    assert_ptr_not_equal(anywhere, chunk + CHUNK_BYTES);
    munmap(anywhere, CHUNK_BYTES);
    munmap(large, (size_t)32 * 1024 * 1024);
    munmap(fixed, CHUNK_BYTES);
    munmap(chunk, CHUNK_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_lie_side_by_side),
        cmocka_unit_test(a_place_that_is_taken_is_not_taken_again),
        cmocka_unit_test(other_requests_are_not_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

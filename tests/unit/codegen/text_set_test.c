#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "codegen/text_set.h"

#define TEXTS     5000
#define TEXT_SIZE 64

static void numbers_texts_as_they_come(void **state)
{
    static char texts[TEXTS][TEXT_SIZE];
    struct text_set set;

    (void)state;
    text_set_init(&set);
    for (uint32_t i = 0; i < TEXTS; i++) {
        snprintf(texts[i], sizeof(texts[i]), "%s%u", i % 2 ? "a word that is long " : "", i);
        assert_int_equal(text_set_add(&set, span_of(texts[i])), i);
    }
    assert_int_equal(set.count, TEXTS);
    for (uint32_t i = 0; i < TEXTS; i++) {
        char copy[TEXT_SIZE];
        struct span text;

        memcpy(copy, texts[i], sizeof(copy));
        text = span_of(copy);
        assert_int_equal(text_set_find(&set, text, text_hash(text)), i);
        assert_int_equal(text_set_add(&set, text), i);
        assert_ptr_equal(set.texts[i].data, texts[i]);
    }
    assert_int_equal(set.count, TEXTS);
    text_set_done(&set);
}

/* Texts of every length up to some words', and each with another byte at each place. */
static void tells_texts_apart(void **state)
{
    static char texts[41 * 41][TEXT_SIZE];
    struct text_set set;
    size_t count = 0;

    (void)state;
    text_set_init(&set);
    for (size_t len = 0; len <= 40; len++) {
        for (size_t at = 0; at <= len; at++, count++) {
            struct span text = span_make(texts[count], len);

            memset(texts[count], 'a', len);
            if (at < len)
                texts[count][at] = 'b';
            assert_int_equal(text_set_find(&set, text, text_hash(text)), TEXT_SET_NONE);
            assert_int_equal(text_set_add(&set, text), count);
        }
    }
    assert_int_equal(text_set_add(&set, SPAN_NONE), 0);
    assert_int_equal(set.count, count);
    text_set_done(&set);
}

/* A hash that was made before the first set is good for it. */
static void hashes_before_there_is_a_set(void **state)
{
    uint32_t hash = text_hash(SPAN("word"));
    struct text_set set;

    (void)state;
    text_set_init(&set);
    assert_int_equal(text_set_add(&set, SPAN("word")), 0);
    assert_int_equal(text_set_find(&set, SPAN("word"), hash), 0);
    text_set_done(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_before_there_is_a_set), /* first, as the name says */
        cmocka_unit_test(numbers_texts_as_they_come),
        cmocka_unit_test(tells_texts_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

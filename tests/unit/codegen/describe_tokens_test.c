/*
 * The estimate of tokens against exact counts of declarations of real servers
 * (tests/fixtures/tokens, written by tests/tools/count_tokens.mjs).
 */
#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fd.h"
#include "codegen/describe.h"

#define FOLDER         "tests/fixtures/tokens"
#define FILE_MAX_BYTES ((size_t)1024 * 1024)
/* Of any file, and of all together. */
#define ERROR_MAX       0.10
#define ERROR_TOTAL_MAX 0.05

static size_t estimate(const char *name)
{
    CLEANUP(str) char *path = xasprintf(FOLDER "/%s", name);
    CLEANUP(buf) struct buf text = BUF(FILE_MAX_BYTES);
    struct err err = ERR_INIT;

    if (file_read(path, &text, &err) < 0)
        fail_msg("%s", err.text);
    return describe_tokens(buf_span(&text));
}

static void comes_near_the_exact_counts(void **state)
{
    FILE *counts = fopen(FOLDER "/counts.txt", "r");
    char line[256];
    double exact_total = 0, total = 0;
    size_t files = 0;

    (void)state;
    assert_non_null(counts);
    while (fgets(line, sizeof(line), counts)) {
        char *space = strchr(line, ' ');
        double exact, estimated;

        assert_non_null(space);
        *space = '\0';
        exact = (double)strtoul(space + 1, NULL, 10);
        estimated = (double)estimate(line);
        printf("%-50s %6.0f tokens, estimate %+.1f %%\n", line, exact,
               (estimated / exact - 1) * 100);
        assert_true(fabs(estimated / exact - 1) < ERROR_MAX);
        exact_total += exact;
        total += estimated;
        files++;
    }
    fclose(counts);
    printf("%zu files, %.0f tokens, estimate %+.1f %%\n", files, exact_total,
           (total / exact_total - 1) * 100);
    assert_true(files > 15);
    assert_true(fabs(total / exact_total - 1) < ERROR_TOTAL_MAX);
}

static void counts_small_texts(void **state)
{
    (void)state;
    assert_int_equal(describe_tokens(SPAN("")), 0);
    assert_int_equal(describe_tokens(SPAN("word")), 1);
    assert_true(describe_tokens(SPAN("日本語日本語")) >= 3);
    assert_true(describe_tokens(SPAN("\xff\xfe\xfd")) >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_near_the_exact_counts),
        cmocka_unit_test(counts_small_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

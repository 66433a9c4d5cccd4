/*
 * Texts mended for the grammar: what changes, and what must not.
 */
#include "isolate/mend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static const struct mend_case {
    bool (*mend)(struct buf *text);
    const char *before, *after; /* NULL: as before */
} cases[] = {
    { mend_signatures, "{ a: B\n<T>(): C }", "{ a: B;<T>(): C }" },
    { mend_signatures, "{ a: B // c\n\n (d: E): F }", "{ a: B;// c\n\n (d: E): F }" },
    { mend_signatures, "{ a: (b: C) => D\r\n in?: E }", NULL },
    { mend_signatures, "{ a: B\n\tin?: C\n\tin: D }", "{ a: B;\tin?: C;\tin: D }" },
    { mend_signatures, "{ a: B;\n<T>(): C }", NULL },
    { mend_signatures, "f\n(a)\n(b)", NULL },
    { mend_signatures, "`\n${a}\n<b`", NULL },
    { mend_signatures, "x =>\n<T>(): C", NULL },
    { mend_signatures, "a\n(", NULL },
    { mend_signatures, "a/**/\n<T>", NULL },
    { mend_signatures, "", NULL },
    { mend_tag_types, "a<B>`c`", "a   `c`" },
    { mend_tag_types, "a<B<C>, () => D>`e`", "a               `e`" },
    { mend_tag_types, "`${a<B>`c`}`", "`${a   `c`}`" },
    { mend_tag_types, "`${{ b: `}` }}${a<B>`c`}`", "`${{ b: `}` }}${a   `c`}`" },
    { mend_tag_types, "(a) => `b`", NULL },
    { mend_tag_types, "1 > `b`", NULL },
    { mend_tag_types, "> `b`", NULL },
    { mend_tag_types, "\"a<B>`c`\"", NULL },
    { mend_tag_types, "// a<B>`c`", NULL },
    { mend_tag_types, "`a\\`<B>`", NULL },
    { mend_tag_types, "`${", NULL },
    { mend_tag_types, "'\\", NULL },
};

static void mends_what_it_must(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const char *after = cases[i].after ? cases[i].after : cases[i].before;
        struct buf text = BUF(4096);

        buf_add_str(&text, cases[i].before);
        assert_int_equal(cases[i].mend(&text), cases[i].after != NULL);
        assert_string_equal(buf_str(&text), after);
        buf_done(&text);
    }
}

/* Templates deeper in each other than the reader follows. */
static void deep_templates_end(void **state)
{
    struct buf text = BUF(65536);

    (void)state;
    for (int i = 0; i < 100; i++)
        buf_add_str(&text, "`${");
    buf_add_str(&text, "a<B>`c`");
    mend_tag_types(&text);
    mend_signatures(&text);
    assert_int_equal(text.len, 307);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mends_what_it_must),
        cmocka_unit_test(deep_templates_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Code in, the text to run out: each case shows the lines between the wrapper's.
 */
#include "isolate/prepare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/limits.h"

struct strip_case {
    const char *code, *run;
};

/* Statements, so that no result is returned: each ends in a declaration. */
static const struct strip_case strip_cases[] = {
    { "const a: number = 1;", "const a         = 1;" },
    { "let a!: T, b: string | undefined;", "let a    , b                    ;" },
    { "const a = b as unknown as T;", "const a = b                ;" },
    { "const a = b satisfies T;", "const a = b            ;" },
    { "const a = b!.c!;", "const a = b .c ;" },
    { "const a = f<T, U>(b);", "const a = f      (b);" },
    { "const a = <T>b;", "const a =    b;" },
    { "const a = () => <T>{ b: 1 };", "const a = () => (  { b: 1 });" },
    { "let a; interface B<T> extends C { d: T }", "let a; ;                                " },
    { "let a; type B = { c: number };", "let a; ;                      " },
    { "let a; declare const b: number;", "let a; ;                       " },
    { "let a; export type { B } from \"c\"", "let a; ;                         " },
    { "import type { A } from \"b\"; let a", ";                           let a" },
    { "import { type A } from \"b\"; let a", ";                           let a" },
    { "export const a = 1;", "       const a = 1;" },
    { "function a(this: B, c?: number, ...d: T[]): e is F {} let g",
      "function a(         c         , ...d     )         {} let g" },
    { "function a(): void; function a(b?: T) {} let g",
      ";                   function a(b    ) {} let g" },
    { "class A<T> extends B<T> implements C<T> { private readonly a?: T = 1; declare b: T; }",
      "class A    extends B                    { ;                a     = 1; ;           ; }" },
    { "abstract class A { abstract b(): void; static c<T>(d: T): T { return d } }",
      "         class A { ;                 ; static c   (d   )    { return d } }" },
    { "class A { x = 1\n  private [k] = 2 }", "class A { x = 1\n  ;       [k] = 2 }" },
    { "class A { get: T\n  b() {} }", "class A { get;  \n  b() {} }" },
    { "class A { [k: string]: T }", "class A { ;              }" },
    { "try {} catch (e: unknown) {}\nlet a", "try {} catch (e         ) {}\nlet a" },
    { "const a = async <\n T>(b: T): Promise<\n T> => b;",
      "const a = async (\n    b              \n  ) => b;" },
    { "const a = b as T\n(c)\nlet d", "const a = b ;   \n(c)\nlet d" },
    { "const a = b as T\n[c].d\nlet e", "const a = b ;   \n[c].d\nlet e" },
    { "let f = () => {\n return <T\n>b }", "let f = () => {\n return ( \n b) }" },
    { "let a = 1\ntype B = C\n;[1].map(x => x)\nlet d",
      "let a = 1\n;         \n [1].map(x => x)\nlet d" },
    { "let a = 1\ntype B = C\n[1].d\nlet e", "let a = 1\n;         \n[1].d\nlet e" },
    { "const a = \"é😀\" as T /* é😀 */; let b: é = 2",
      "const a = \"é😀\"      /* é😀 */; let b    = 2" },
    { "type A = { /* é😀 */ b: \"😀\" }; let c", ";                               let c" },
    { "import a = B.c; let d", "const  a = B.c; let d" },
    { "let a = b < c > (d); let e", "let a = b       (d); let e" },
    { "for (const a of b as T[]) {}\nlet c", "for (const a of b       ) {}\nlet c" },
    { "let a = { b<T>(c: T): T { return c }, get d(): T { return 1 } }",
      "let a = { b   (c   )    { return c }, get d()    { return 1 } }" },
    { "label: for (;;) { break label }\nlet a", "label: for (;;) { break label }\nlet a" },
    { "#!/usr/bin/env node\nlet a", "                   \nlet a" },
    { "\xEF\xBB\xBFlet a: T", " let a   " },
    { "using a = b();", "using a = b();" },
    { "await using a = b();", "await using a = b();" },
    { "let a: T\r\nlet b: T\r\n", "let a   \r\nlet b   \r\n" },
};

/* The lines between the wrapper's first and last. */
static struct span body_of(struct span text)
{
    const char *first = memchr(text.data, '\n', text.len);
    const char *last = memrchr(text.data, '\n', text.len);

    assert_non_null(first);
    assert_true(last > first);
    return span_make(first + 1, (size_t)(last - first - 1));
}

static void assert_body(struct span text, const char *expected)
{
    char *body = span_dup(body_of(text));

    assert_string_equal(body, expected);
    free(body);
}

static void prepare(const char *code, struct prepare_result *ret)
{
    struct err err = ERR_INIT;

    prepare_result_init(ret);
    if (prepare_code(span_of(code), ret, &err) < 0)
        fail_msg("%s: %s", code, err.text);
    assert_int_equal(json_check(buf_span(&ret->notes), 0, &err), 0);
}

static void prepare_ok(const char *code, struct prepare_result *ret)
{
    prepare(code, ret);
    if (!ret->ok)
        fail_msg("%s: %s", code, buf_str(&ret->notes));
}

static void erases_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(strip_cases); i++) {
        struct prepare_result result;

        prepare_ok(strip_cases[i].code, &result);
        assert_body(buf_span(&result.run_text), strip_cases[i].run);
        prepare_result_done(&result);
    }
}

static const struct {
    const char *code;
    unsigned line, column;
    bool syntax;
    const char *message;
} faults[] = {
    { "const x = ;", 1, 9, true, "wrong near `=`" },
    { "foo(1, {a: 2", 1, 12, true, "ends too early" },
    { "if (x { y }", 1, 6, true, "`)` is missing" },
    { "let a = 1;\nlet b = <div>hi</div>;", 2, 1, true, "JSX" },
    { "let a\n@dec class X {}", 2, 1, false, "decorators" },
    { "class A { accessor b = 1 }", 1, 11, false, "accessor" },
    { "import fs from 'fs'", 1, 1, false, "\"fs\" can't be imported" },
    { "import * as m from 'mcp'", 1, 1, false, "\"mcp\" can't be imported" },
    { "import { a as b } from 'tools'", 1, 1, false, "can't be imported" },
    { "import x = require('y')", 1, 1, false, "\"y\" can't be imported" },
    { "export * from 'z'", 1, 1, false, "\"z\" can't be imported" },
    { "export { a } from 'z'", 1, 1, false, "\"z\" can't be imported" },
    { "let a\nawait import('x')", 2, 7, false, "import() is not available" },
    { "export = 1", 1, 1, false, "no module" },
    { "namespace N { export const a = 1 }\nnamespace N { export const b = (a) => a }", 2, 33, false,
      "a is also exported by another part of the namespace N" },
    { "namespace A.B.C.D.E.F.G.H.I.J.K.L.M.N.O.P.Q { export const a = 1 }", 1, 1, false,
      "too deep" },
    { "let a\xFF", 1, 6, false, "no text" },
    { "let \xC3\xA9 = 1;\n\xC3", 2, 1, false, "no text" },
};

static unsigned note_number(struct span notes, const char *name)
{
    struct span value;
    int64_t number = 0;

    assert_true(json_get(notes, name, &value) && json_int64(value, &number));
    return (unsigned)number;
}

static void assert_fault(size_t i)
{
    struct prepare_result result;
    struct span notes, value;
    bool syntax = !faults[i].syntax;

    prepare(faults[i].code, &result);
    notes = buf_span(&result.notes);
    if (result.ok)
        fail_msg("%s: no fault", faults[i].code);
    if (note_number(notes, "line") != faults[i].line ||
        note_number(notes, "column") != faults[i].column ||
        !strstr(buf_str(&result.notes), faults[i].message[0] == '"' ? "\\\"" : faults[i].message))
        fail_msg("%s: %s", faults[i].code, buf_str(&result.notes));
    assert_true(json_get(notes, "syntax", &value) && json_bool(value, &syntax));
    assert_int_equal(syntax, faults[i].syntax);
    assert_int_equal(result.check_text.len > 0, faults[i].syntax);
    assert_int_equal(result.run_text.len, 0);
    prepare_result_done(&result);
}

static void names_faults_with_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(faults); i++)
        assert_fault(i);
}

static void refuses_a_zero_byte(void **state)
{
    struct prepare_result result;
    struct err err = ERR_INIT;

    (void)state;
    prepare_result_init(&result);
    assert_int_equal(prepare_code(SPAN("let a\0b"), &result, &err), 0);
    assert_false(result.ok);
    assert_int_equal(note_number(buf_span(&result.notes), "column"), 6);
    prepare_result_done(&result);
}

static const struct {
    const char *code, *lints; /* "rule line:column name" each, separated by ", " */
} lint_cases[] = {
    { "Promise.all([a.b()]);\n1", "floating-promise 1:1 Promise" },
    { "await Promise.all([a.b()]);\nvoid Promise.race([]);\nPromise.all([])", "" },
    { "[1].map(async (x) => x);\n1", "async-map 1:5 map" },
    { "const p = [1].map(async (x) => x);\n1", "" },
    { "[1].forEach((x) => b.c(x));\n1", "floating-call 1:5 b.c" },
    { "const p = [];\n[1].forEach((x) => { p.push(b.c(x)) });\n1", "" },
    { "const b = {};\n[1].forEach((x) => b.c(x));\n1", "" },
    { "x = a.filter(async () => true);\n1", "async-test 1:7 filter" },
    { "[1].filter((x) => x > 1);\n1", "unused-result 1:1 filter" },
    { "[1].filter((x) => see(x));\n[1].filter((x) => x > 1)", "" },
    { "return `${a.b()}`", "floating-call 1:11 a.b" },
    { "return `${await a.b()}` + `${f(a.b())}`", "" },
    { "x = JSON.stringify(a.b());\nconsole.log((a.b()))",
      "floating-call 1:20 a.b, floating-call 2:14 a.b" },
    { "return { a: [a.b()] }", "floating-call 1:14 a.b" },
    { "return [await a.b(), f({ c: a.b() })]", "" },
    { "const f = () => { return { p: a.b() } };\n1", "" },
    { "async () => { return { p: a.b() } }", "floating-call 1:27 a.b" },
    { "'x' + a.b()", "floating-call 1:7 a.b" },
    { "github.a({});\nreturn 1", "floating-call 1:1 github.a" },
    { "if (x) { github.a({}).then(f) }\nreturn 1", "floating-call 1:10 github.a" },
    { "github['a-b']({})\nreturn 1", "floating-call 1:1 github['a-b']" },
    { "await github.a({});\nreturn 1", "" },
    { "void github.a({});\nreturn 1", "" },
    { "const p = github.a({});\nreturn p", "" },
    { "github.a({})", "" },
    { "const github = f();\ngithub.a({});\nreturn 1", "" },
    { "function f({ github }) { github.a({}); }\nreturn f({})", "" },
    { "for (const github of []) { github.a({}); }\nreturn 1", "" },
    { "f(github => { github.a() })", "" },
    { "f();\nreturn 1", "" },
    { "[1].forEach(async (x) => { await f(x) });\nreturn 1", "async-for-each 1:5 forEach" },
    { "[1].forEach((x) => f(x));\nreturn 1", "" },
    { "await Promise.all([1].map(async (x) => f(x)));", "" },
    { "const a = 1, b = 2\n;{ a, b }", "block-result 2:2 " },
    { "{ const a = 1 }", "" },
};

static void list_lints(struct span notes, struct buf *out)
{
    struct span lints = SPAN_NONE, rule = SPAN_NONE, name = SPAN_NONE;

    assert_true(json_get(notes, "lints", &lints));
    for (struct json_iter it = json_iter(lints); json_next(&it);) {
        assert_true(json_get(it.value, "rule", &rule) && json_get(it.value, "name", &name));
        if (out->len)
            buf_add_str(out, ", ");
        json_decode_string(rule, out);
        buf_printf(out, " %u:%u ", note_number(it.value, "line"), note_number(it.value, "column"));
        json_decode_string(name, out);
    }
}

static void finds_lints(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(lint_cases); i++) {
        struct buf found = BUF(4096);
        struct prepare_result result;

        prepare_ok(lint_cases[i].code, &result);
        list_lints(buf_span(&result.notes), &found);
        assert_string_equal(buf_str(&found), lint_cases[i].lints);
        buf_done(&found);
        prepare_result_done(&result);
    }
}

/* `count` times `open`, then `middle`, then `count` times `close`. */
static char *nested(const char *open, size_t count, const char *middle, const char *close)
{
    struct buf text = BUF(1024 * 1024);

    for (size_t i = 0; i < count; i++)
        buf_add_str(&text, open);
    buf_add_str(&text, middle);
    for (size_t i = 0; i < count; i++)
        buf_add_str(&text, close);
    return buf_take(&text);
}

static void assert_nesting(const char *open, size_t count, const char *close, bool ok)
{
    struct prepare_result result;
    char *code = nested(open, count, "1", close);

    prepare(code, &result);
    assert_int_equal(result.ok, ok);
    if (!ok)
        assert_non_null(strstr(buf_str(&result.notes), "nested too deeply"));
    prepare_result_done(&result);
    free(code);
}

static void limits_nesting(void **state)
{
    (void)state;
    assert_nesting("[", LIMIT_CODE_NESTING, "]", true);
    assert_nesting("[", LIMIT_CODE_NESTING + 1, "]", false);
    assert_nesting("(", LIMIT_CODE_NESTING, ")", true);
    assert_nesting("(", LIMIT_CODE_NESTING + 1, ")", false);
    assert_nesting("!", LIMIT_CODE_DEPTH / 2, "", true);
    assert_nesting("!", LIMIT_CODE_DEPTH + 1, "", false);
}

static void limits_size(void **state)
{
    char *code = nested(" ", LIMIT_CODE_BYTES, "", "");
    struct prepare_result result;
    struct err err = ERR_INIT;

    (void)state;
    prepare_result_init(&result);
    assert_int_equal(prepare_code(span_of(code), &result, &err), 0);
    assert_true(result.ok);
    prepare_result_done(&result);
    prepare_result_init(&result);
    free(code);
    code = nested(" ", LIMIT_CODE_BYTES + 1, "", "");
    assert_int_equal(prepare_code(span_of(code), &result, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    prepare_result_done(&result);
    free(code);
}

static void wraps_both_texts(void **state)
{
    struct prepare_result result;

    (void)state;
    prepare_ok("const a: number = 1\na + 1", &result);
    assert_string_equal(buf_str(&result.check_text),
                        "export default async function () {\nconst a: number = 1\na + 1\n}");
    assert_string_equal(buf_str(&result.run_text),
                        "(async function () { \"use strict\"; \nconst a         = 1;return (\n"
                        "a + 1)\n})()");
    prepare_result_done(&result);
}

static void calls_what_nobody_calls(void **state)
{
    struct prepare_result result;

    (void)state;
    prepare_ok("async (input: any) => input.a", &result);
    assert_string_equal(buf_str(&result.check_text), "export default async function () {(\n"
                                                     "async (input: any) => input.a)(input)\n}");
    assert_string_equal(buf_str(&result.run_text), "(async function () { \"use strict\"; return (\n"
                                                   "async (input     ) => input.a)(input)\n})()");
    prepare_result_done(&result);
}

static void gives_a_bare_parameter_the_input(void **state)
{
    struct prepare_result result;

    (void)state;
    prepare_ok("const main = x => x.a", &result);
    assert_non_null(strstr(buf_str(&result.run_text), ";return main(input);"));
    assert_non_null(strstr(buf_str(&result.check_text), ";main(input);"));
    prepare_result_done(&result);
}

static void finds_the_form(void **state)
{
    static const char *const forms[][2] = {
        { "1", "statements" },
        { "async () => 1", "arrow" },
        { "async function () { }", "function" },
        { "export default 1", "default" },
        { "async function main() {}", "main" },
        { "const main = x => x", "main" },
        { "const main = async x => x", "main" },
        { "export default function main(x) {}", "default" },
        { "async function main() {}\nawait main()", "statements" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(forms); i++) {
        struct prepare_result result;
        struct span form;

        prepare_ok(forms[i][0], &result);
        assert_true(json_get(buf_span(&result.notes), "form", &form));
        assert_true(json_string_is(form, forms[i][1]));
        prepare_result_done(&result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(erases_types),        cmocka_unit_test(names_faults_with_their_place),
        cmocka_unit_test(refuses_a_zero_byte), cmocka_unit_test(finds_lints),
        cmocka_unit_test(limits_nesting),      cmocka_unit_test(limits_size),
        cmocka_unit_test(wraps_both_texts),    cmocka_unit_test(calls_what_nobody_calls),
        cmocka_unit_test(finds_the_form),      cmocka_unit_test(gives_a_bare_parameter_the_input),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

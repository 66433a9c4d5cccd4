/*
 * The pool with the real engine, in the sandbox as it is installed: what a
 * script may do, and how each limit ends it.
 */
#include "tests/unit/isolate/pool_runner.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"

static bool jit;

static int open_pool(void **state)
{
    const struct isolate_options options = { .loader = ISOLATE_LOADER,
                                             .library_path = ISOLATE_LIBRARY_PATH,
                                             .program = ISOLATE_PROGRAM,
                                             .jit = jit,
                                             .sandbox = ISOLATE_SANDBOX_BEST_EFFORT,
                                             .size = RUNNER_SIZE,
                                             .heap_max_bytes = 128 * 1024 * 1024 };

    (void)state;
    runner_open(&options);
    return 0;
}

static int close_pool(void **state)
{
    (void)state;
    runner_close();
    return 0;
}

static struct run execute_code(const char *code)
{
    struct run run = { .code = code, .environment = ENVIRONMENT(1000), .answer = true };

    run_start(&run);
    run_finish(&run);
    return run;
}

struct engine_case {
    const char *code;
    enum isolate_end end;
    const char *json; /* is part of the frame; NULL for any */
};

static void assert_cases(const struct engine_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct run run = execute_code(cases[i].code);

        if (run.end != cases[i].end || (cases[i].json && !strstr(run.json, cases[i].json)))
            fail_msg("%s: end %d, %s %s", cases[i].code, (int)run.end, run.json, run.err.text);
        assert_int_equal(execute_code("return 1").end, ISOLATE_END_OK);
    }
}

static void scripts_run(void **state)
{
    static const struct engine_case cases[] = {
        { "return 1 as number", ISOLATE_END_OK, "\"value\":1" },
        { "const r = await s.t({ a: 1 }); return r", ISOLATE_END_OK, "\"value\"" },
        { "let x = 0; for (let i = 0; i < 1e6; i++) x += i; return x", ISOLATE_END_OK,
          "499999500000" },
        { "return new Intl.DateTimeFormat('en', { timeZone: 'UTC' }).format(new Date(0))",
          ISOLATE_END_OK, "1/1/1970" },
        { "return [...'b\\u0061'.matchAll(/(a)|b/g)].length", ISOLATE_END_OK, "2" },
        { "throw new Error('x')", ISOLATE_END_ERROR, "\"x\"" },
        { "await new Promise(r => setTimeout(r, 20)); return 2", ISOLATE_END_OK, "2" },
        { "return new Date().getTimezoneOffset()", ISOLATE_END_OK, "0" },
    };

    (void)state;
    assert_cases(cases, ARRAY_COUNT(cases));
}

static void limits_end_scripts(void **state)
{
    static const struct engine_case cases[] = {
        { "while (true);", ISOLATE_END_CPU, NULL },
        { "for (;;) { try { for (;;); } finally { continue } }", ISOLATE_END_CPU, NULL },
        { "for (;;) await null", ISOLATE_END_CPU, NULL },
        { "return /(x+x+)+\\1y/.test('x'.repeat(60))", ISOLATE_END_CPU, NULL },
        { "const a = []; while (true) a.push({ a })", ISOLATE_END_MEMORY, NULL },
        { "const a = []; while (true) a.push(new Array(1e6).fill(0.5))", ISOLATE_END_MEMORY, NULL },
        { "let s = 'x'; while (true) s = (s + s).replace(/^x/, 'y')", ISOLATE_END_MEMORY, NULL },
        { "const m = new Map(); for (let i = 0; ; i++) m.set(i, 'v' + i)", ISOLATE_END_MEMORY,
          NULL },
        { "const a = []; while (true) a.push(new Uint8Array(1e7).fill(1))", ISOLATE_END_ERROR,
          NULL },
        { "const f = () => f() + 1; f()", ISOLATE_END_ERROR, "RangeError" },
    };

    (void)state;
    assert_cases(cases, ARRAY_COUNT(cases));
}

static void no_layer_is_missing(void **state)
{
    struct isolate_pool_state figures;

    (void)state;
    wait_until_ready();
    isolate_pool_state(runner_pool, &figures);
    print_message("%s; layers: %s; refused: %s\n", figures.engine_version, figures.layers_on,
                  figures.layers_off);
    assert_non_null(strstr(figures.engine_version, "V8"));
    assert_non_null(strstr(figures.layers_on, "worker-filter"));
    assert_non_null(strstr(figures.layers_on, "resource-limits"));
}

static void measure(void **state)
{
    (void)state;
    measure_run(jit ? "V8" : "V8 without JIT", "(async () => {\nreturn 1\n})()\n");
    measure_throughput(jit ? "V8" : "V8 without JIT", "(async () => {\nreturn 1\n})()\n", 4, 1000);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_pool, close_pool)

int main(void)
{
    const struct CMUnitTest tests[] = { TEST(scripts_run), TEST(limits_end_scripts),
                                        TEST(no_layer_is_missing), TEST(measure) };
    int failed;

    log_setup(LOG_OFF, LOG_FORMAT_TEXT);
    jit = true;
    failed = cmocka_run_group_tests_name("with JIT", tests, NULL, NULL);
    jit = false;
    return failed + cmocka_run_group_tests_name("without JIT", tests, NULL, NULL);
}

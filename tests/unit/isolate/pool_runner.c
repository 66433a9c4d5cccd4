#include "tests/unit/isolate/pool_runner.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/mem.h"

#define GUARD_MS 30000

struct loop *runner_loop;
struct isolate_pool *runner_pool;

/* As the proxy does: only what changes is said. */
static const char *equipped;

static void start_script(const struct run *run, struct span text)
{
    if (!equipped || strcmp(equipped, run->environment) != 0)
        assert_int_equal(isolate_pool_equip(runner_pool, span_of(run->environment), NULL), 0);
    equipped = run->environment;
    isolate_run(run->isolate, text, SPAN_NONE);
}

static void on_leased(void *ctx)
{
    struct run *run = ctx;

    run->leases++;
    if (run->at_lease)
        run->at_lease();
    if (run->code)
        isolate_prepare(run->isolate, span_of(run->code));
    else
        start_script(run, span_of(run->script));
}

static void on_lost(void *ctx)
{
    ((struct run *)ctx)->losses++;
}

static void
on_prepared(void *ctx, bool ok, struct span check_text, struct span run_text, struct span notes)
{
    struct run *run = ctx;

    (void)check_text;
    (void)notes;
    run->prepared++;
    if (!ok)
        isolate_kill(run->isolate);
    else
        start_script(run, run->script ? span_of(run->script) : run_text);
}

static void on_call(void *ctx, uint32_t id, struct span json)
{
    struct run *run = ctx;

    run->calls++;
    if (run->at_call)
        run->at_call();
    if (run->kill_at_call)
        isolate_kill(run->isolate);
    else if (run->answer)
        isolate_reply(run->isolate, id, true, json);
}

static void on_log(void *ctx, struct span json)
{
    (void)json;
    ((struct run *)ctx)->logs++;
}

static void on_emit(void *ctx, struct span json)
{
    (void)json;
    ((struct run *)ctx)->emits++;
}

static void on_progress(void *ctx, struct span json)
{
    (void)json;
    ((struct run *)ctx)->progresses++;
}

static void on_end(void *ctx, enum isolate_end end, struct span json, const struct err *err)
{
    struct run *run = ctx;

    run->ends++;
    run->end = end;
    run->isolate = NULL;
    snprintf(run->json, sizeof(run->json), "%.*s", SPAN_ARG(json));
    if (err)
        run->err = *err;
    loop_stop(runner_loop);
}

static const struct isolate_events events = { .on_leased = on_leased,
                                              .on_lost = on_lost,
                                              .on_prepared = on_prepared,
                                              .on_call = on_call,
                                              .on_log = on_log,
                                              .on_emit = on_emit,
                                              .on_progress = on_progress,
                                              .on_end = on_end };

struct run run_of(const char *script)
{
    return (struct run){ .script = script, .environment = ENVIRONMENT(5000), .answer = true };
}

static void on_guard(void *ctx)
{
    (void)ctx;
    fail_msg("nothing came within %d ms", GUARD_MS);
}

/* Runs the loop until something stops it. */
static void turn_loop(void)
{
    struct loop_timer *guard = loop_timer_new(runner_loop, on_guard, NULL);

    loop_timer_start(guard, GUARD_MS);
    loop_run(runner_loop);
    loop_timer_free(guard);
}

void run_start(struct run *run)
{
    run->isolate = isolate_lease(runner_pool, &events, run);
    assert_int_equal(run->ends, 0);
}

void run_finish(struct run *run)
{
    while (!run->ends)
        turn_loop();
    assert_int_equal(run->ends, 1);
}

struct run execute(const char *script)
{
    struct run run = run_of(script);

    run_start(&run);
    run_finish(&run);
    return run;
}

static void stop_loop(void *ctx)
{
    (void)ctx;
    loop_stop(runner_loop);
}

void pass_ms(uint64_t ms)
{
    struct loop_timer *timer = loop_timer_new(runner_loop, stop_loop, NULL);

    loop_timer_start(timer, ms);
    loop_run(runner_loop);
    loop_timer_free(timer);
}

void runner_open(const struct isolate_options *options)
{
    struct err err = ERR_INIT;

    runner_loop = loop_new(&err);
    assert_non_null(runner_loop);
    runner_pool = isolate_pool_new(runner_loop, options);
    isolate_pool_start(runner_pool);
}

void runner_close(void)
{
    isolate_pool_free(runner_pool);
    equipped = NULL;
    loop_drain(runner_loop, 1000);
    loop_free(runner_loop);
}

void wait_until_ready(void)
{
    struct isolate_pool_state figures;

    for (int i = 0; i < 1000; i++) {
        isolate_pool_state(runner_pool, &figures);
        if (figures.running && figures.idle == RUNNER_SPARE)
            return;
        pass_ms(5);
    }
    fail_msg("the pool did not fill");
}

static int compare_numbers(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

void measure_run(const char *name, const char *script)
{
    uint64_t took[300];

    wait_until_ready();
    for (size_t i = 0; i < ARRAY_COUNT(took); i++) {
        uint64_t started = clock_now_ns();

        assert_int_equal(execute(script).end, ISOLATE_END_OK);
        took[i] = clock_now_ns() - started;
        pass_ms(5);
    }
    qsort(took, ARRAY_COUNT(took), sizeof(took[0]), compare_numbers);
    print_message("%s, lease to end: p50 %lu us, p99 %lu us\n", name,
                  (unsigned long)(took[ARRAY_COUNT(took) / 2] / 1000),
                  (unsigned long)(took[ARRAY_COUNT(took) * 99 / 100] / 1000));
}

/* Keeps `width` executions going until `count` are over. */
void measure_throughput(const char *name, const char *script, unsigned width, unsigned count)
{
    struct run *runs = xcalloc(width, sizeof(*runs));
    uint64_t began, took;
    unsigned started = 0, ended = 0;

    wait_until_ready();
    began = clock_now_ns();
    for (; started < width; started++) {
        runs[started] = run_of(script);
        run_start(&runs[started]);
    }
    while (ended < count) {
        turn_loop();
        for (unsigned i = 0; i < width; i++) {
            if (!runs[i].ends)
                continue;
            assert_int_equal(runs[i].end, ISOLATE_END_OK);
            ended++;
            runs[i] = run_of(script);
            if (started < count) {
                started++;
                run_start(&runs[i]);
            }
        }
    }
    took = clock_now_ns() - began;
    free(runs);
    print_message("%s, %u at a time: %.0f a second\n", name, width,
                  (double)count * 1e9 / (double)took);
}

void assert_still_works(void)
{
    struct run run = execute("call {\"op\":\"servers\"}\nreply");

    assert_int_equal(run.end, ISOLATE_END_OK);
    assert_string_equal(run.json,
                        "{\"kind\":\"json\",\"value\":{\"op\":\"servers\"},\"unawaited\":0}");
    assert_int_equal(run.calls, 1);
}

int runner_set_up(void **state)
{
    const struct isolate_options options = { .program = ISOLATE_NULL_PROGRAM,
                                             .jit = true,
                                             .sandbox = ISOLATE_SANDBOX_BEST_EFFORT,
                                             .size = RUNNER_SIZE,
                                             .heap_max_bytes = 64 * 1024 * 1024 };

    (void)state;
    runner_open(&options);
    return 0;
}

int runner_tear_down(void **state)
{
    (void)state;
    runner_close();
    return 0;
}

unsigned runner_children(pid_t parent, pid_t *ret_pid)
{
    CLEANUP(buf) struct buf list = BUF(65536);
    CLEANUP(str) char *path = xasprintf("/proc/%d/task/%d/children", (int)parent, (int)parent);
    struct err err = ERR_INIT;
    unsigned count = 0;
    char *next;

    if (file_read(path, &list, &err) < 0 || !list.data)
        return 0;
    next = list.data;
    for (long pid; (pid = strtol(next, &next, 10)) > 0; count++)
        *ret_pid = (pid_t)pid;
    return count;
}

size_t runner_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

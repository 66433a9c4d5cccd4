/*
 * Runs executions through a pool of real workers, for the tests of the proxy's
 * end: one pool and one loop at a time, and what was heard of each execution.
 */
#ifndef TESTS_UNIT_ISOLATE_POOL_RUNNER_H
#define TESTS_UNIT_ISOLATE_POOL_RUNNER_H

#include <unistd.h>

#include "isolate/client.h"
#include "tests/unit/test.h"

#define RUNNER_SPARE 3 /* workers kept ready */
#define RUNNER_SIZE                                                             \
    {                                                                           \
        .min = RUNNER_SPARE, .spare = RUNNER_SPARE, .max = 64, .idle_ms = 10000 \
    }

/* One execution, and what was heard of it. */
struct run {
    struct isolate *isolate;
    const char *code; /* prepared first, when set; else `script` runs as it is */
    const char *script;
    const char *environment;
    bool answer;            /* replies to calls at once, with the call itself */
    bool kill_at_call;      /* kills when the first call comes */
    void (*at_lease)(void); /* before a leased worker is sent anything; may be NULL */
    void (*at_call)(void);  /* before a call is answered; may be NULL */
    unsigned leases, losses, calls, logs, emits, progresses, prepared, ends;
    enum isolate_end end;
    char json[512];
    struct err err;
};

extern struct loop *runner_loop;
extern struct isolate_pool *runner_pool;

#define ENVIRONMENT(cpu_ms)                                                                  \
    "{\"servers\":[{\"key\":\"s\",\"identifier\":\"s\",\"tools\":\",t,\"}],"                 \
    "\"limits\":{\"memory_bytes\":33554432,\"cpu_ms\":" #cpu_ms                              \
    ",\"stack_kib\":984,\"result_bytes\":16777216,\"log_bytes\":65536,\"emit_bytes\":65536," \
    "\"timers\":10,\"calls\":100,"                                                           \
    "\"concurrent_calls\":16,\"argument_bytes\":65536}}"

/* Makes the loop and a started pool; and ends both. */
void runner_open(const struct isolate_options *options);
void runner_close(void);

/* An execution of a script that has no more than 5 s of processor time. */
struct run run_of(const char *script);
/* Starts it; and waits for its end, which must come once. */
void run_start(struct run *run);
void run_finish(struct run *run);
/* All three. */
struct run execute(const char *script);

/* The normal execution that must work after whatever happened before. */
void assert_still_works(void);

/* Processes whose parent is `parent`; the pid of the last one is put in *ret_pid. */
unsigned runner_children(pid_t parent, pid_t *ret_pid);

/* Descriptors that this process has open, and a few more; to be compared. */
size_t runner_descriptors(void);

/* A test with a pool of the null engine around it. */
#define RUNNER_TEST(function) \
    cmocka_unit_test_setup_teardown(function, runner_set_up, runner_tear_down)
int runner_set_up(void **state);
int runner_tear_down(void **state);

/* Lets the loop run for so long. */
void pass_ms(uint64_t ms);
void wait_until_ready(void);

/* No gate: prints what an execution costs from lease to end, on the machine as busy as it is. */
void measure_run(const char *name, const char *script);
/* The same for how many a second go through, `width` at a time. */
void measure_throughput(const char *name, const char *script, unsigned width, unsigned count);

#endif

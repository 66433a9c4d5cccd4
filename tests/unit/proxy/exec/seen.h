/*
 * Executions started against the stand-ins, and what they were seen to come to.
 */
#ifndef TESTS_UNIT_PROXY_EXEC_SEEN_H
#define TESTS_UNIT_PROXY_EXEC_SEEN_H

#include "tests/unit/proxy/exec/fakes.h"

#define RUN_MS 3000

/* What on_done said, and what came before it. */
struct seen {
    unsigned dones;
    bool ok;
    char *kind, *text, *value, *error, *logs, *meta, *blocks;
    unsigned calls;
    char progress[256], log[256];
};

extern struct exec_service *service;
/* Of those that are started: at first without questions. */
extern struct exec_events seen_events;

int seen_set_up(void **state);
int seen_tear_down(void **state);

void seen_forget(struct seen *seen);

static inline void seen_cleanup(struct seen *seen)
{
    seen_forget(seen);
}

/* Starts an execution; fails when it ends before this returns. */
struct exec *start_request(struct seen *seen, const struct exec_request *request);
struct exec *start(struct seen *seen, const char *code);

/* Starts one and runs the loop until its end. */
void run(struct seen *seen, const char *code);

/* Fails unless the only outcome is a failure of that kind with `part` in its text. */
void assert_failed(const struct seen *seen, const char *kind, const char *part);

/* For fakes.on_run: calls files.write_file. */
void call_tool(struct isolate *isolate);

#define TEST(function) cmocka_unit_test_setup_teardown(function, seen_set_up, seen_tear_down)

#endif

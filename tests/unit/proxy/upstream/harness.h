/*
 * One upstream server under test: connect, call, wait, end; and the check that
 * nothing is left over.
 */
#ifndef TESTS_UNIT_UPSTREAM_HARNESS_H
#define TESTS_UNIT_UPSTREAM_HARNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"
#include "proxy/upstream/upstreams.h"

#define HARNESS_KEY        "faulty"
#define HARNESS_TIMEOUT_MS 20000

struct harness {
    struct loop *loop;
    struct upstreams *upstreams;
    struct config config;
    struct server_config server;
    char *argv[8];
    char *url;       /* of a fixture that serves HTTP */
    int fixture_pid; /* its process; 0 when there is none */
    int fixture_out; /* what it prints */
    /* of upstreams_events; NULL: not told */
    void (*on_resource_updated)(void *ctx,
                                const char *server_key,
                                struct span session,
                                struct span params);
    void (*on_session_lists)(void *ctx,
                             const char *server_key,
                             struct span session,
                             unsigned lists);
    uint64_t visited;   /* the number of the last on_visited */
    unsigned visits;    /* how many there were */
    char visitor[32];   /* the session of the last */
    size_t descriptors; /* open before the start */
    unsigned changes;   /* of the catalogue */
    bool settled;
};

/* What came of one call. */
struct outcome {
    struct upstream_call *call;
    struct harness *harness;
    bool done;
    struct err err; /* ERR_NONE: `result` */
    int64_t code;
    char *result; /* owned: result, or error data */
    unsigned progress;
    const char *answers[ASK_KINDS]; /* what questions are answered with; NULL: refused */
    bool keeps_asks;                /* they wait in `ask` instead, the last one */
    uint64_t visits_as;             /* questions are noted as this number; 0: they are not */
    struct ask *ask;
    unsigned asked[ASK_KINDS], gone;
    char *question; /* owned: params of the last question */
    char *logged;   /* owned: params of the last log message */
    unsigned logs;
};

/* The Node that the lock file names. */
const char *harness_node(void);

/* A server by one of tests/fixtures/servers, over stdio; `mode` may be NULL. */
void harness_stdio(struct harness *harness, const char *script, const char *mode);
/* A server of any command over stdio. */
void harness_command(struct harness *harness, const char *const *argv);
/* A fixture that prints "listening PORT", reached over HTTP at `path`. */
void harness_http(struct harness *harness,
                  const char *script,
                  const char *argument,
                  const char *path);
/* Starts the fixture of harness_http alone, or ends it. */
void harness_start_fixture(struct harness *harness, const char *script, const char *argument);
void harness_stop_fixture(struct harness *harness);

/* Begins to connect and waits until that has come to something. */
void harness_connect(struct harness *harness);

struct upstream_status harness_status(const struct harness *harness);
const struct catalogue_server *harness_server(const struct harness *harness);
/* Waits until the catalogue shows a tool of that name; fails after HARNESS_TIMEOUT_MS. */
void harness_wait_tool(struct harness *harness, const char *name);
bool harness_has_tool(const struct harness *harness, const char *name);

/* Starts a call of a tool with raw arguments. */
void harness_start(struct harness *harness,
                   struct outcome *outcome,
                   const char *tool,
                   const char *arguments,
                   uint64_t timeout_ms);
/* Starts a request of any method with raw params. */
void harness_start_method(struct harness *harness,
                          struct outcome *outcome,
                          const char *method,
                          const char *params);
/* As harness_start on behalf of `caller`, for the rest of an outcome that holds `answers`. */
void harness_start_asking(struct harness *harness,
                          struct outcome *outcome,
                          const char *tool,
                          const char *arguments,
                          uint64_t timeout_ms,
                          const struct upstream_caller *caller);
/* Runs the loop until `*flag` is set; fails after HARNESS_TIMEOUT_MS. */
void harness_wait(struct harness *harness, const bool *flag);
void harness_sleep(struct harness *harness, uint64_t ms);
/* Both: the outcome is to be cleared by outcome_done. */
void harness_call(struct harness *harness,
                  struct outcome *outcome,
                  const char *tool,
                  const char *arguments);
void outcome_done(struct outcome *outcome);

/* Fails unless a call of `tool` gives a result that holds `expected`. */
void harness_expect(struct harness *harness,
                    const char *tool,
                    const char *arguments,
                    const char *expected);

/* Stops in order, frees, and fails when a child or a descriptor is left. */
void harness_end(struct harness *harness);
/* Frees without stopping. */
void harness_kill(struct harness *harness);

#endif

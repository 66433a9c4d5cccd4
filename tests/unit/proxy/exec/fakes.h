/*
 * Stand-ins for the asynchronous parts that an execution talks to: the pool of
 * workers, the type checker, the upstream servers.  They keep the rules of the
 * real ones (no callback before a start returns, exactly one end) and do what
 * `fakes` says.
 */
#ifndef TESTS_UNIT_PROXY_EXEC_FAKES_H
#define TESTS_UNIT_PROXY_EXEC_FAKES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/loop.h"
#include "codegen/catalogue.h"
#include "isolate/client.h"
#include "proxy/config/config.h"
#include "proxy/exec/exec.h"
#include "tests/unit/proxy/fake_ask.h"

struct isolate;

struct fakes {
    struct loop *loop;
    struct config config;
    struct server_config server_configs[2];
    struct catalogue *catalogue;

    /* Workers. */
    bool hold_lease, hold_prepare, hold_run; /* never answer */
    bool lease_fails, prepare_fails;
    const char *check_text, *notes;
    enum isolate_end end;                    /* of a run that is not held */
    const char *done;                        /* its JSON */
    const char *end_text;                    /* of its err */
    void (*on_run)(struct isolate *isolate); /* before the end; may make calls */
    struct isolate *isolate;                 /* the latest live one */
    unsigned leases, prepares, equips, runs, kills, live;
    struct buf environment, input, run_text;
    struct buf replies; /* "<id> ok|error <json>\n" each */

    /* The checker. */
    bool hold_check;
    enum err_code check_error;  /* ERR_NONE: a report comes */
    unsigned check_errors_left; /* so many checks fail, then a report comes */
    const char *finding;        /* message of the only diagnostic; NULL: none */
    unsigned checks, check_cancels, live_checks;

    /* Upstreams. */
    bool hold_settle, hold_calls;
    const char *result;       /* of each call */
    enum err_code call_error; /* ERR_NONE: `result` comes */
    int64_t call_code;
    const char *call_data;
    unsigned calls, call_cancels, live_calls, most_live_calls, settles, forgets;
    struct buf requests; /* "<server> <method> <timeout> <params>\n" each */
    struct buf callers;  /* "<session> <capabilities> <log level> <meta>\n" each */
    const void *owner;   /* of the last */
};

extern struct fakes fakes;

/* Fresh fakes with a loop, the default limits and a catalogue of servers `files` (ready: read_file
 * read-only, write_file, plain, put idempotent), `down` and `odd-name`. */
int fakes_set_up(void **state);
int fakes_tear_down(void **state);

struct exec_parts fakes_parts(void);

/* Sends a host call, a console line and so on as a worker would. */
void fake_call(uint32_t id, const char *json);
void fake_log(const char *json);
void fake_emit(const char *json);
void fake_progress(const char *json);
/* Its worker is killed before it began what it was sent; another one is leased at the next turn,
 * unless that is held. */
void fake_lose(void);
/* Ends the held run. */
void fake_end(enum isolate_end end, const char *json);
/* Answers the oldest held call with fakes.result or fakes.call_error. */
void fake_answer_call(void);
/* Tells progress of the oldest held call. */
void fake_tell_progress(const char *params);
/* Tells a log message that belongs to it. */
void fake_tell_log(const char *params);
/* Its server asks; and takes that back. */
struct ask *fake_ask(enum ask_kind kind);
void fake_take_back(struct ask *ask);

/* Runs the loop until nothing is left to do, `max_ms` at most. */
void fakes_run(uint64_t max_ms);

#endif

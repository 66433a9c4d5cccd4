#include "tests/unit/proxy/exec/fakes.h"

#include <stdio.h>
#include <string.h>
#include <sys/queue.h>

#include "base/log.h"
#include "base/mem.h"
#include "tests/unit/test.h"

struct fakes fakes;

/* --- workers -------------------------------------------------------------- */

struct isolate {
    struct isolate_events events;
    void *ctx;
    struct loop_task task;
};

static struct isolate_pool *const the_pool = (struct isolate_pool *)&fakes;

static void
isolate_end(struct isolate *isolate, enum isolate_end end, const char *json, const struct err *err)
{
    fakes.live--;
    fakes.isolate = NULL;
    loop_unpost(fakes.loop, &isolate->task);
    isolate->events.on_end(isolate->ctx, end, span_of(json), err);
    free(isolate);
}

static void end_failed(void *ctx)
{
    struct err err = ERR_INIT;

    err_set(&err, ERR_UNAVAILABLE, "the zygote does not run");
    isolate_end(ctx, ISOLATE_END_FAILED, NULL, &err);
}

static void end_killed(void *ctx)
{
    struct err err = ERR_INIT;

    err_set(&err, ERR_CANCELLED, "killed");
    isolate_end(ctx, ISOLATE_END_FAILED, NULL, &err);
}

static void give_lease(void *ctx)
{
    struct isolate *isolate = ctx;

    isolate->events.on_leased(isolate->ctx);
}

struct isolate *
isolate_lease(struct isolate_pool *pool, const struct isolate_events *events, void *ctx)
{
    struct isolate *isolate = NEW(struct isolate);

    assert_ptr_equal(pool, the_pool);
    isolate->events = *events;
    isolate->ctx = ctx;
    fakes.leases++;
    fakes.live++;
    fakes.isolate = isolate;
    if (fakes.lease_fails)
        loop_post(fakes.loop, &isolate->task, end_failed, isolate);
    else if (!fakes.hold_lease)
        loop_post(fakes.loop, &isolate->task, give_lease, isolate);
    return isolate;
}

static void give_prepared(void *ctx)
{
    struct isolate *isolate = ctx;

    isolate->events.on_prepared(isolate->ctx, !fakes.prepare_fails, span_of(fakes.check_text),
                                fakes.prepare_fails ? SPAN_NONE : SPAN("run text"),
                                span_of(fakes.notes));
}

void isolate_prepare(struct isolate *isolate, struct span code)
{
    (void)code;
    fakes.prepares++;
    if (!fakes.hold_prepare)
        loop_post(fakes.loop, &isolate->task, give_prepared, isolate);
}

static void run(void *ctx)
{
    struct isolate *isolate = ctx;

    if (fakes.on_run)
        fakes.on_run(isolate);
    if (!fakes.hold_run)
        fake_end(fakes.end, fakes.done);
}

int isolate_pool_equip(struct isolate_pool *pool, struct span environment, struct err *err)
{
    (void)pool;
    (void)err;
    fakes.equips++;
    buf_clear(&fakes.environment);
    buf_add_span(&fakes.environment, environment);
    return 0;
}

void isolate_run(struct isolate *isolate, struct span run_text, struct span input)
{
    fakes.runs++;
    buf_clear(&fakes.input);
    buf_add_span(&fakes.input, input);
    buf_clear(&fakes.run_text);
    buf_add_span(&fakes.run_text, run_text);
    loop_post(fakes.loop, &isolate->task, run, isolate);
}

void isolate_reply(struct isolate *isolate, uint32_t id, bool ok, struct span json)
{
    (void)isolate;
    buf_printf(&fakes.replies, "%u %s %.*s\n", id, ok ? "ok" : "error", SPAN_ARG(json));
}

void isolate_kill(struct isolate *isolate)
{
    fakes.kills++;
    loop_unpost(fakes.loop, &isolate->task);
    loop_post(fakes.loop, &isolate->task, end_killed, isolate);
}

void fake_call(uint32_t id, const char *json)
{
    fakes.isolate->events.on_call(fakes.isolate->ctx, id, span_of(json));
}

void fake_log(const char *json)
{
    fakes.isolate->events.on_log(fakes.isolate->ctx, span_of(json));
}

void fake_emit(const char *json)
{
    fakes.isolate->events.on_emit(fakes.isolate->ctx, span_of(json));
}

void fake_progress(const char *json)
{
    fakes.isolate->events.on_progress(fakes.isolate->ctx, span_of(json));
}

void fake_lose(void)
{
    struct isolate *isolate = fakes.isolate;

    loop_unpost(fakes.loop, &isolate->task);
    isolate->events.on_lost(isolate->ctx);
    if (!fakes.hold_lease)
        loop_post(fakes.loop, &isolate->task, give_lease, isolate);
}

void fake_end(enum isolate_end end, const char *json)
{
    struct err err = ERR_INIT;

    err_set(&err, ERR_CLOSED, "%s", fakes.end_text);
    isolate_end(fakes.isolate, end, json, &err);
}

/* --- the checker ---------------------------------------------------------- */

struct checker_job {
    checker_done_fn *fn;
    void *ctx;
    struct loop_task task;
    bool cancelled;
};

static void give_report(void *ctx)
{
    struct checker_job *job = ctx;
    struct diagnostic found = { .code = 2345, .line = 1, .column = 5, .message = NULL };
    struct check_report report = { .diagnostics = &found, .count = fakes.finding != NULL };
    struct err err = ERR_INIT;

    found.message = xstrdup(fakes.finding);
    fakes.live_checks--;
    if (job->cancelled)
        err_set(&err, ERR_CANCELLED, "cancelled");
    else if (fakes.check_errors_left > 0 && fakes.check_errors_left-- > 0)
        err_set(&err, fakes.check_error, "the compiler is gone");
    job->fn(job->ctx, err.code == ERR_NONE ? &report : NULL, &err);
    free(found.message);
    free(job);
}

struct checker_job *checker_check(struct checker *checker,
                                  struct catalogue *catalogue,
                                  struct span text,
                                  struct span notes,
                                  checker_done_fn *fn,
                                  void *ctx)
{
    struct checker_job *job = NEW(struct checker_job);

    (void)checker;
    (void)notes;
    assert_ptr_equal(catalogue, fakes.catalogue);
    assert_true(text.len > 0);
    job->fn = fn;
    job->ctx = ctx;
    fakes.checks++;
    fakes.live_checks++;
    if (!fakes.hold_check)
        loop_post(fakes.loop, &job->task, give_report, job);
    return job;
}

void checker_cancel(struct checker_job *job)
{
    fakes.check_cancels++;
    job->cancelled = true;
    loop_post(fakes.loop, &job->task, give_report, job);
}

int checker_render(const struct check_report *report,
                   struct span code,
                   const struct catalogue *catalogue,
                   struct buf *out,
                   struct err *err)
{
    (void)code;
    (void)catalogue;
    buf_printf(out, "line 1, column 5: %s", report->diagnostics[0].message);
    return buf_check(out, "the report", err);
}

int code_frame(
    struct span code, unsigned line, unsigned column, unsigned end_column, struct buf *out)
{
    (void)end_column;
    return buf_printf(out, "> %u | %.*s (column %u)\n", line, SPAN_ARG(code), column);
}

/* --- upstreams ------------------------------------------------------------ */

struct upstream_call {
    TAILQ_ENTRY(upstream_call) link;
    struct upstream_call_events events;
    void *ctx;
    struct loop_task task;
    bool cancelled;
};

static TAILQ_HEAD(, upstream_call) live = TAILQ_HEAD_INITIALIZER(live);

struct catalogue *upstreams_catalogue(struct upstreams *upstreams)
{
    (void)upstreams;
    return fakes.catalogue;
}

static struct {
    struct loop_task task;
    loop_fn *fn;
    void *ctx;
} waits[8];

bool upstreams_settled(const struct upstreams *upstreams)
{
    (void)upstreams;
    return true;
}

void upstreams_when_wanted_settled(
    struct upstreams *upstreams, struct span code, uint64_t timeout_ms, loop_fn *fn, void *ctx)
{
    (void)upstreams;
    (void)code;
    assert_int_equal(timeout_ms, fakes.config.startup_timeout_ms);
    if (!fakes.hold_settle)
        loop_post(fakes.loop, &waits[fakes.settles].task, fn, ctx);
    waits[fakes.settles].ctx = ctx;
    fakes.settles++;
}

void upstreams_forget_wait(struct upstreams *upstreams, void *ctx)
{
    (void)upstreams;
    fakes.forgets++;
    for (size_t i = 0; i < ARRAY_COUNT(waits); i++) {
        if (waits[i].ctx == ctx)
            loop_unpost(fakes.loop, &waits[i].task);
    }
}

static void answer(void *ctx)
{
    struct upstream_call *call = ctx;
    struct err err = ERR_INIT;
    struct ask *ask;

    while ((ask = fake_ask_of(call))) {
        call->events.on_ask_gone(call->ctx, ask);
        fake_ask_free(ask);
    }
    TAILQ_REMOVE(&live, call, link);
    fakes.live_calls--;
    if (call->cancelled)
        err_set(&err, ERR_CANCELLED, "cancelled");
    else if (fakes.call_error)
        err_set(&err, fakes.call_error, "the server says no");
    if (err.code)
        call->events.on_error(call->ctx, &err, fakes.call_code, span_of(fakes.call_data));
    else
        call->events.on_result(call->ctx, span_of(fakes.result));
    free(call);
}

static void note_caller(const struct upstream_caller *caller)
{
    fakes.owner = caller->owner;
    buf_printf(&fakes.callers, "%.*s %.*s %s %.*s\n", SPAN_ARG(caller->session),
               SPAN_ARG(caller->capabilities), caller->log_level ? caller->log_level : "-",
               SPAN_ARG(caller->meta));
}

struct upstream_call *upstreams_call(struct upstreams *upstreams,
                                     struct span server_key,
                                     const char *method,
                                     struct span params,
                                     uint64_t timeout_ms,
                                     const struct upstream_caller *caller,
                                     const struct upstream_call_events *events,
                                     void *ctx)
{
    struct upstream_call *call = NEW(struct upstream_call);

    (void)upstreams;
    note_caller(caller);
    call->events = *events;
    call->ctx = ctx;
    buf_printf(&fakes.requests, "%.*s %s %llu %.*s\n", SPAN_ARG(server_key), method,
               (unsigned long long)timeout_ms, SPAN_ARG(params));
    TAILQ_INSERT_TAIL(&live, call, link);
    fakes.calls++;
    if (++fakes.live_calls > fakes.most_live_calls)
        fakes.most_live_calls = fakes.live_calls;
    if (!fakes.hold_calls)
        loop_post(fakes.loop, &call->task, answer, call);
    return call;
}

void upstream_call_cancel(struct upstream_call *call)
{
    fakes.call_cancels++;
    call->cancelled = true;
    loop_post(fakes.loop, &call->task, answer, call);
}

void fake_answer_call(void)
{
    struct upstream_call *call = TAILQ_FIRST(&live);

    loop_post(fakes.loop, &call->task, answer, call);
}

void fake_tell_progress(const char *params)
{
    struct upstream_call *call = TAILQ_FIRST(&live);

    call->events.on_progress(call->ctx, span_of(params));
}

void fake_tell_log(const char *params)
{
    struct upstream_call *call = TAILQ_FIRST(&live);

    call->events.on_log(call->ctx, span_of(params));
}

struct ask *fake_ask(enum ask_kind kind)
{
    struct upstream_call *call = TAILQ_FIRST(&live);
    struct ask *ask = fake_ask_new("files", kind, SPAN_NONE);

    ask->owner = call;
    call->events.on_ask(call->ctx, ask);
    return ask;
}

void fake_take_back(struct ask *ask)
{
    struct upstream_call *call = TAILQ_FIRST(&live);

    call->events.on_ask_gone(call->ctx, ask);
    fake_ask_free(ask);
}

/* --- setting up ----------------------------------------------------------- */

static struct catalogue_server *ready_server(const char *key, const char *tools)
{
    struct catalogue_lists lists = {
        .tools = span_of(tools),
        .resources = SPAN("[{\"uri\":\"file:///a\",\"name\":\"a\"}]"),
        .templates = SPAN("[{\"uriTemplate\":\"file:///{x}\",\"name\":\"t\"}]"),
        .prompts = SPAN("[{\"name\":\"ask\"}]"),
    };
    struct err err = ERR_INIT;
    struct catalogue_server *server = catalogue_server_new(key, &lists, NULL, NULL, &err);

    assert_non_null(server);
    server->state = SERVER_READY;
    return server;
}

static struct catalogue *make_catalogue(void)
{
    struct catalogue_server *servers[] = {
        ready_server("files", "[{\"name\":\"read_file\",\"inputSchema\":{\"type\":\"object\"},"
                              "\"annotations\":{\"readOnlyHint\":true}},"
                              "{\"name\":\"write_file\",\"inputSchema\":{\"type\":\"object\"},"
                              "\"annotations\":{\"readOnlyHint\":false,\"destructiveHint\":true}},"
                              "{\"name\":\"plain\",\"inputSchema\":{\"type\":\"object\"}},"
                              "{\"name\":\"put\",\"inputSchema\":{\"type\":\"object\"},"
                              "\"annotations\":{\"idempotentHint\":true}}]"),
        catalogue_server_absent("down", SERVER_DOWN, "the program was not found"),
        ready_server("odd-name",
                     "[{\"name\":\"dotted.tool\",\"inputSchema\":{\"type\":\"object\"}}]"),
    };
    struct catalogue *catalogue = catalogue_new(servers, ARRAY_COUNT(servers), 7);

    for (size_t i = 0; i < ARRAY_COUNT(servers); i++)
        catalogue_server_unref(servers[i]);
    return catalogue;
}

int fakes_set_up(void **state)
{
    static char files_key[] = "files";
    struct err err = ERR_INIT;

    (void)state;
    memset(&fakes, 0, sizeof(fakes));
    memset(waits, 0, sizeof(waits));
    log_setup(LOG_OFF, LOG_FORMAT_TEXT);
    fakes.loop = loop_new(&err);
    fakes.config.limits = limits_default();
    fakes.config.startup_timeout_ms = 10000;
    fakes.server_configs[0] = (struct server_config){ .key = files_key };
    fakes.config.servers = fakes.server_configs;
    fakes.config.server_count = 1;
    fakes.catalogue = make_catalogue();
    fakes.check_text = "check text";
    fakes.notes = "{\"form\":\"statements\",\"lints\":[],\"shifts\":[]}";
    fakes.done = "{\"kind\":\"json\",\"value\":42,\"unawaited\":0}";
    fakes.end_text = "it died";
    fakes.result = "{\"content\":[{\"type\":\"text\",\"text\":\"hello\"}]}";
    buf_init(&fakes.environment, 1 << 20);
    buf_init(&fakes.input, 1 << 20);
    buf_init(&fakes.run_text, 1 << 20);
    buf_init(&fakes.replies, 64 << 20);
    buf_init(&fakes.requests, 64 << 20);
    buf_init(&fakes.callers, 64 << 20);
    return fakes.loop ? 0 : -1;
}

int fakes_tear_down(void **state)
{
    (void)state;
    assert_int_equal(fakes.live, 0);
    assert_int_equal(fakes.live_calls, 0);
    assert_int_equal(fakes.live_checks, 0);
    assert_int_equal(fakes.catalogue->references, 1);
    catalogue_unref(fakes.catalogue);
    buf_done(&fakes.environment);
    buf_done(&fakes.input);
    buf_done(&fakes.run_text);
    buf_done(&fakes.replies);
    buf_done(&fakes.requests);
    buf_done(&fakes.callers);
    buf_done(&fake_ask_log);
    assert_int_equal(fake_asks_open, 0);
    loop_free(fakes.loop);
    return 0;
}

struct exec_parts fakes_parts(void)
{
    return (struct exec_parts){ .loop = fakes.loop, .config = &fakes.config, .isolates = the_pool };
}

void fakes_run(uint64_t max_ms)
{
    loop_drain(fakes.loop, max_ms);
}

/*
 * Jobs one after another through one compiler.  A job that takes too long, or
 * a compiler that ends, costs a new compiler and nothing else.
 */
#include "proxy/check/checker.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "codegen/observed.h"
#include "proxy/check/compiler.h"
#include "proxy/check/files.h"
#include "proxy/check/report.h"
#include "proxy/check/version.h"

/* A compiler that ends in the middle of a check may have been killed from outside: once more. */
#define TRIES_MAX 2

struct checker_job {
    TAILQ_ENTRY(checker_job) link; /* in checker->waiting or checker->over */
    struct checker *checker;
    struct catalogue *catalogue; /* owned reference */
    struct buf text, notes;
    struct buf strict;   /* what was found with observed outputs as they are declared */
    bool loose;          /* asks again, with observed outputs that are any */
    checker_done_fn *fn; /* NULL for a job that only loads a catalogue */
    void *ctx;
    unsigned tries;
    struct check_report report;
    struct err err;        /* why it failed; ERR_NONE when it did not */
    bool over;             /* in checker->over: only the callback is left */
    bool cancelled;        /* the current job after checker_cancel: nobody waits for it */
    struct loop_task task; /* calls back */
};
TAILQ_HEAD(job_list, checker_job);

enum step { STEP_INITIALIZE, STEP_FILES, STEP_RELEASE, STEP_SYNTAX, STEP_TYPES, STEP_COUNT };

struct checker {
    struct loop *loop;
    char *tsc, *library_dir; /* owned */
    bool sandbox_required;
    const char *lacks;         /* of the last compiler's barrier */
    struct compiler *compiler; /* owned; NULL when none runs */
    struct version *version;   /* owned; NULL before the first start */
    struct files files;
    bool opened;          /* the compiler knows the project */
    int64_t snapshot;     /* the one to ask about; 0 for none */
    int64_t old_snapshot; /* to be released; 0 for none */
    char *project;        /* owned; its id as raw JSON */
    enum step step;       /* what was asked last */
    struct job_list waiting, over;
    struct checker_job *current; /* owned */
    struct loop_timer *deadline;
    struct loop_task turn; /* takes the next job */
    struct err trouble;    /* why there is no compiler */
};

static void take_next_job(void *ctx);
static void ask(struct checker *checker, enum step step);

static void forget_compiler(struct checker *checker)
{
    compiler_end(checker->compiler);
    checker->compiler = NULL;
    checker->opened = false;
    checker->snapshot = checker->old_snapshot = 0;
    free(TAKE(checker->project));
    files_done(&checker->files);
}

static void free_job(struct checker_job *job)
{
    loop_unpost(job->checker->loop, &job->task);
    catalogue_unref(job->catalogue);
    buf_done(&job->text);
    buf_done(&job->notes);
    buf_done(&job->strict);
    report_done(&job->report);
    free(job);
}

/* The last of a job: its one callback. */
static void call_back(void *ctx)
{
    struct checker_job *job = ctx;

    TAILQ_REMOVE(&job->checker->over, job, link);
    if (job->err.code != ERR_NONE)
        job->fn(job->ctx, NULL, &job->err);
    else
        job->fn(job->ctx, &job->report, NULL);
    free_job(job);
}

static void end_job(struct checker_job *job)
{
    struct checker *checker = job->checker;

    if (!job->fn) {
        free_job(job);
        return;
    }
    job->over = true;
    TAILQ_INSERT_TAIL(&checker->over, job, link);
    loop_post(checker->loop, &job->task, call_back, job);
}

/* Ends the current job and goes on with the next. */
static void end_current(struct checker *checker)
{
    struct checker_job *job = TAKE(checker->current);

    loop_timer_stop(checker->deadline);
    checker->files.script = SPAN("export {};\n");
    if (job->cancelled)
        free_job(job);
    else
        end_job(job);
    loop_post(checker->loop, &checker->turn, take_next_job, checker);
}

static void fail_current(struct checker *checker, const struct err *err)
{
    checker->current->err = *err;
    end_current(checker);
}

/* The compiler is of no use any more; the current job gets another try with a new one. */
static void compiler_broke(struct checker *checker, const struct err *err)
{
    struct checker_job *job = checker->current;

    log_warn("check", "compiler_lost", LOG_ERR(err));
    checker->trouble = *err;
    forget_compiler(checker);
    if (!job)
        return;
    if (job->tries < TRIES_MAX && !job->cancelled) {
        checker->current = NULL;
        report_done(&job->report);
        TAILQ_INSERT_HEAD(&checker->waiting, job, link);
        loop_timer_stop(checker->deadline);
        loop_post(checker->loop, &checker->turn, take_next_job, checker);
    } else {
        fail_current(checker, err);
    }
}

static void on_gone(void *ctx, const struct err *err)
{
    compiler_broke(ctx, err);
}

static int on_file(void *ctx, struct span method, struct span path, struct buf *answer)
{
    struct checker *checker = ctx;

    return files_answer(&checker->files, method, path, answer);
}

static void on_deadline(void *ctx)
{
    struct checker *checker = ctx;
    struct err err = ERR_INIT;

    err_set(&err, ERR_TIMEOUT,
            "the type check took too long (limit: %d ms): make types and "
            "expressions simpler",
            LIMIT_CHECK_TIMEOUT_MS);
    checker->trouble = err;
    log_warn("check", "check_timed_out", LOG_INT("limit_ms", LIMIT_CHECK_TIMEOUT_MS));
    forget_compiler(checker);
    fail_current(checker, &err);
}

static void write_nothing(struct checker *checker, struct buf *out)
{
    (void)checker;
    buf_add_str(out, "null");
}

/* The change from the files the compiler knows to those of the current job. */
static void write_files(struct checker *checker, struct buf *out)
{
    CLEANUP(buf) struct buf change = BUF(LIMIT_CHECK_MESSAGE_BYTES);

    files_change(&checker->files, checker->current->catalogue, checker->current->loose, &change);
    checker->files.script = buf_span(&checker->current->text);
    if (checker->opened)
        buf_printf(out, "{\"fileChanges\":%s}", buf_str(&change));
    else
        buf_add_str(out, "{\"openProjects\":[\"" FILES_PROJECT "\"]}");
}

static void write_release(struct checker *checker, struct buf *out)
{
    buf_printf(out, "{\"snapshot\":%lld}", (long long)checker->old_snapshot);
}

static void write_question(struct checker *checker, struct buf *out)
{
    buf_printf(out, "{\"snapshot\":%lld,\"project\":%s,\"file\":\"" FILES_SCRIPT "\"}",
               (long long)checker->snapshot, checker->project);
}

static void start_asking(struct checker *checker, struct span result)
{
    (void)result;
    ask(checker, STEP_FILES);
}

/* The id of the first project of a snapshot, as raw JSON. */
static bool read_project(struct span result, struct span *ret_id)
{
    struct span projects;
    struct json_iter it;

    if (!json_get(result, "projects", &projects))
        return false;
    it = json_iter(projects);
    return json_next(&it) && json_get(it.value, "id", ret_id) &&
           json_kind(*ret_id) == JSON_KIND_STRING;
}

static void take_snapshot(struct checker *checker, struct span result)
{
    struct span number, project;
    struct err err = ERR_INIT;
    int64_t snapshot;

    if (!json_get(result, "snapshot", &number) || !json_int64(number, &snapshot) ||
        !read_project(result, &project)) {
        err_set(&err, ERR_PROTOCOL, "the TypeScript compiler gave no snapshot");
        compiler_broke(checker, &err);
        return;
    }
    checker->opened = true;
    checker->old_snapshot = checker->snapshot;
    checker->snapshot = snapshot;
    free(checker->project);
    checker->project = span_dup(project);
    ask(checker, checker->old_snapshot ? STEP_RELEASE : STEP_SYNTAX);
}

static void take_release(struct checker *checker, struct span result)
{
    (void)result;
    checker->old_snapshot = 0;
    ask(checker, STEP_SYNTAX);
}

static struct report_source source_of(const struct checker_job *job)
{
    return (struct report_source){ .text = buf_span(&job->text),
                                   .catalogue = job->catalogue,
                                   .notes = buf_span(&job->notes) };
}

static void take_syntax(struct checker *checker, struct span result)
{
    struct checker_job *job = checker->current;
    struct report_source source = source_of(job);

    if (report_add_diagnostics(&job->report, &source, result, true))
        end_current(checker);
    else
        ask(checker, STEP_TYPES);
}

/* What is found may be of observed outputs alone, and the next reply may differ. */
static bool ask_loosely(struct checker *checker, struct span result)
{
    struct checker_job *job = checker->current;

    if (job->loose || !report_finds(result) || !observed_in_catalogue(job->catalogue))
        return false;
    job->loose = true;
    buf_add_span(&job->strict, result);
    ask(checker, STEP_FILES);
    return true;
}

static void take_types(struct checker *checker, struct span result)
{
    struct checker_job *job = checker->current;
    struct report_source source = source_of(job);

    if (ask_loosely(checker, result))
        return;
    report_add_types(&job->report, &source, buf_span(&job->strict), result);
    report_add_lints(&job->report, &source);
    end_current(checker);
}

/* What is asked, in order; `take` says how it goes on. */
static const struct {
    const char *method;
    void (*write)(struct checker *checker, struct buf *out);
    void (*take)(struct checker *checker, struct span result);
} steps[STEP_COUNT] = {
    [STEP_INITIALIZE] = { "initialize", write_nothing, start_asking },
    [STEP_FILES] = { "updateSnapshot", write_files, take_snapshot },
    [STEP_RELEASE] = { "release", write_release, take_release },
    [STEP_SYNTAX] = { "getSyntacticDiagnostics", write_question, take_syntax },
    [STEP_TYPES] = { "getSemanticDiagnostics", write_question, take_types },
};

static void ask(struct checker *checker, enum step step)
{
    CLEANUP(buf) struct buf params = BUF(LIMIT_CHECK_MESSAGE_BYTES);
    struct err err = ERR_INIT;

    checker->step = step;
    steps[step].write(checker, &params);
    if (compiler_ask(checker->compiler, steps[step].method, buf_span(&params), &err) < 0)
        compiler_broke(checker, &err);
}

static void on_answer(void *ctx, struct span result, const struct err *err)
{
    struct checker *checker = ctx;

    if (err)
        compiler_broke(checker, err);
    else if (checker->current)
        steps[checker->step].take(checker, result);
}

static const struct compiler_events compiler_events = { .on_answer = on_answer,
                                                        .on_file = on_file,
                                                        .on_gone = on_gone };

static int start_compiler(struct checker *checker, struct err *err)
{
    const struct compiler_program program = { .tsc = checker->tsc,
                                              .sandbox_required = checker->sandbox_required };

    if (!checker->version)
        checker->version = version_new(checker->loop, checker->tsc);
    checker->compiler = compiler_start(checker->loop, &program, &compiler_events, checker, err);
    if (checker->compiler)
        checker->lacks = compiler_lacks(checker->compiler);
    return checker->compiler ? 0 : -1;
}

static void begin_job(struct checker *checker, struct checker_job *job)
{
    bool fresh = !checker->compiler;
    struct err err = ERR_INIT;

    checker->current = job;
    job->tries++;
    job->loose = false;
    buf_clear(&job->strict);
    report_init(&job->report);
    loop_timer_start(checker->deadline, LIMIT_CHECK_TIMEOUT_MS);
    if (fresh && start_compiler(checker, &err) < 0) {
        checker->trouble = err;
        log_error("check", "compiler_not_started", LOG_ERR(&err));
        fail_current(checker, &err);
        return;
    }
    ask(checker, fresh ? STEP_INITIALIZE : STEP_FILES);
}

static void take_next_job(void *ctx)
{
    struct checker *checker = ctx;
    struct checker_job *job = TAILQ_FIRST(&checker->waiting);

    if (checker->current || !job)
        return;
    TAILQ_REMOVE(&checker->waiting, job, link);
    begin_job(checker, job);
}

struct checker *checker_new(struct loop *loop, const struct checker_options *options)
{
    struct checker *checker = NEW(struct checker);

    checker->loop = loop;
    checker->tsc = xstrdup(options->tsc);
    checker->library_dir = xstrdup(options->library_dir);
    checker->sandbox_required = options->sandbox_required;
    checker->files = (struct files){ .library_dir = checker->library_dir };
    checker->deadline = loop_timer_new(loop, on_deadline, checker);
    TAILQ_INIT(&checker->waiting);
    TAILQ_INIT(&checker->over);
    err_set(&checker->trouble, ERR_UNAVAILABLE, "the type check was not needed yet");
    return checker;
}

static struct checker_job *
add_job(struct checker *checker, struct catalogue *catalogue, struct span text, struct span notes)
{
    struct checker_job *job = NEW(struct checker_job);

    job->checker = checker;
    job->catalogue = catalogue_ref(catalogue);
    buf_init(&job->text, text.len);
    buf_init(&job->notes, notes.len);
    buf_init(&job->strict, LIMIT_CHECK_MESSAGE_BYTES);
    buf_add_span(&job->text, text);
    buf_add_span(&job->notes, notes);
    TAILQ_INSERT_TAIL(&checker->waiting, job, link);
    loop_post(checker->loop, &checker->turn, take_next_job, checker);
    return job;
}

void checker_start(struct checker *checker, struct catalogue *catalogue)
{
    add_job(checker, catalogue, SPAN("export {};\n"), SPAN_NONE);
}

struct checker_job *checker_check(struct checker *checker,
                                  struct catalogue *catalogue,
                                  struct span text,
                                  struct span notes,
                                  checker_done_fn *fn,
                                  void *ctx)
{
    struct checker_job *job = add_job(checker, catalogue, text, notes);

    job->fn = fn;
    job->ctx = ctx;
    return job;
}

static void set_cancelled(struct checker_job *job)
{
    err_set(&job->err, ERR_CANCELLED, "the type check was cancelled");
}

/* The current job can't be taken from the compiler: it goes on for nobody, and another in its place
 * calls back. */
static void abandon_current(struct checker *checker)
{
    struct checker_job *job = checker->current;
    struct checker_job *rest = NEW(struct checker_job);

    rest->checker = checker;
    rest->catalogue = catalogue_ref(job->catalogue);
    rest->text = job->text; /* moved: the compiler may still ask for it */
    rest->tries = job->tries;
    rest->cancelled = true;
    buf_init(&rest->strict, LIMIT_CHECK_MESSAGE_BYTES);
    rest->report = job->report;
    buf_init(&job->text, 0);
    job->report = (struct check_report){ .diagnostics = NULL };
    checker->current = rest;
}

void checker_cancel(struct checker_job *job)
{
    struct checker *checker = job->checker;

    set_cancelled(job);
    if (job->over)
        return;
    if (checker->current == job)
        abandon_current(checker);
    else
        TAILQ_REMOVE(&checker->waiting, job, link);
    end_job(job);
}

bool checker_ready(const struct checker *checker, const char **ret_why)
{
    if (checker->compiler && checker->snapshot)
        return true;
    *ret_why = checker->compiler ? "the TypeScript compiler is starting" : checker->trouble.text;
    return false;
}

const char *checker_version(const struct checker *checker)
{
    return version_text(checker->version);
}

const char *checker_lacks(const struct checker *checker)
{
    return checker->lacks;
}

int checker_pid(const struct checker *checker)
{
    return compiler_pid(checker->compiler);
}

/* Calls back for each job of a list that still waits to be checked. */
static void cancel_all(struct job_list *list)
{
    struct checker_job *job;

    while ((job = TAILQ_FIRST(list)) != NULL) {
        TAILQ_REMOVE(list, job, link);
        set_cancelled(job);
        if (job->fn)
            job->fn(job->ctx, NULL, &job->err);
        free_job(job);
    }
}

void checker_free(struct checker *checker)
{
    if (!checker)
        return;
    if (checker->current)
        TAILQ_INSERT_HEAD(&checker->waiting, checker->current, link);
    checker->current = NULL;
    cancel_all(&checker->over);
    cancel_all(&checker->waiting);
    loop_unpost(checker->loop, &checker->turn);
    loop_timer_free(checker->deadline);
    forget_compiler(checker);
    version_free(checker->version);
    free(checker->tsc);
    free(checker->library_dir);
    free(checker);
}

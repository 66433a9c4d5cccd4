#include "tests/unit/proxy/exec/seen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "tests/unit/test.h"

struct exec_service *service;

void seen_forget(struct seen *seen)
{
    free(seen->kind);
    free(seen->text);
    free(seen->value);
    free(seen->error);
    free(seen->logs);
    free(seen->meta);
    free(seen->blocks);
    *seen = (struct seen){ 0 };
}

static void on_done(void *ctx, const struct exec_outcome *outcome)
{
    struct seen *seen = ctx;
    unsigned dones = seen->dones + 1;
    struct seen before = *seen;

    seen->dones = dones;
    seen->ok = outcome->ok;
    seen->kind = xstrdup(outcome->kind);
    seen->text = span_dup(outcome->text);
    seen->value = span_dup(outcome->value);
    seen->error = span_dup(outcome->error);
    seen->logs = span_dup(outcome->logs);
    seen->meta = span_dup(outcome->meta);
    seen->blocks = span_dup(outcome->blocks);
    seen->calls = outcome->calls;
    assert_int_equal(before.dones, 0);
    assert_int_equal(json_check(outcome->meta, 0, NULL), 0);
    assert_int_equal(json_check(outcome->logs, 0, NULL), 0);
    assert_int_equal(outcome->error.len ? json_check(outcome->error, 0, NULL) : 0, 0);
}

static void on_progress(void *ctx, double progress, double total, struct span message)
{
    struct seen *seen = ctx;
    size_t len = strlen(seen->progress);

    snprintf(seen->progress + len, sizeof(seen->progress) - len, "%g/%g %.*s;", progress,
             isnan(total) ? -1 : total, SPAN_ARG(message));
}

static void on_log(void *ctx, struct span level, struct span text)
{
    struct seen *seen = ctx;
    size_t len = strlen(seen->log);

    snprintf(seen->log + len, sizeof(seen->log) - len, "%.*s:%.*s;", SPAN_ARG(level),
             SPAN_ARG(text));
}

static const struct exec_events usual_events = { .on_progress = on_progress,
                                                 .on_log = on_log,
                                                 .on_done = on_done };
struct exec_events seen_events;

int seen_set_up(void **state)
{
    struct exec_parts parts;

    if (fakes_set_up(state) < 0)
        return -1;
    seen_events = usual_events;
    parts = fakes_parts();
    service = exec_service_new(&parts);
    return 0;
}

int seen_tear_down(void **state)
{
    assert_int_equal(exec_service_running(service), 0);
    exec_service_free(service);
    return fakes_tear_down(state);
}

struct exec *start_request(struct seen *seen, const struct exec_request *request)
{
    struct exec *exec = exec_start(service, request, &seen_events, seen);

    assert_int_equal(seen->dones, 0);
    return exec;
}

struct exec *start(struct seen *seen, const char *code)
{
    return start_request(seen, &(struct exec_request){ .code = span_of(code) });
}

void run(struct seen *seen, const char *code)
{
    seen_forget(seen);
    start(seen, code);
    fakes_run(RUN_MS);
    assert_int_equal(seen->dones, 1);
}

void assert_failed(const struct seen *seen, const char *kind, const char *part)
{
    assert_int_equal(seen->dones, 1);
    assert_false(seen->ok);
    assert_string_equal(seen->kind, kind);
    if (!strstr(seen->text, part))
        fail_msg("\"%s\" is not in: %s", part, seen->text);
}

void call_tool(struct isolate *isolate)
{
    (void)isolate;
    fake_call(1, "{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"write_file\",\"args\":{}}");
}

#include "tests/unit/proxy/upstream/harness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "tests/unit/test.h"

#define FIXTURES "tests/fixtures/servers/"

const char *harness_node(void)
{
    static char path[512];
    const char *named = getenv("MCPFOLD_NODE");
    glob_t found = { 0 };

    snprintf(path, sizeof(path), "%s", named ? named : "node");
    if (!named && glob(TEST_DEPS "/tests/node_modules/node-linux-*/bin/node", 0, NULL, &found) == 0)
        snprintf(path, sizeof(path), "%s", found.gl_pathv[0]);
    globfree(&found);
    return path;
}

static size_t open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static void on_change(void *ctx)
{
    ((struct harness *)ctx)->changes++;
}

static void on_settled(void *ctx)
{
    struct harness *harness = ctx;

    harness->settled = true;
    loop_stop(harness->loop);
}

static void on_visited(void *ctx, struct span session, uint64_t number)
{
    struct harness *harness = ctx;

    harness->visited = number;
    harness->visits++;
    snprintf(harness->visitor, sizeof(harness->visitor), "%.*s", SPAN_ARG(session));
}

static void begin(struct harness *harness)
{
    struct err err = ERR_INIT;

    /* The first loop of a process opens descriptors that stay. */
    loop_free(loop_new(&err));
    harness->descriptors = open_descriptors();
    log_setup(getenv("DEBUG") ? LOG_DEBUG : LOG_OFF, LOG_FORMAT_TEXT);
    harness->server.key = xstrdup(HARNESS_KEY);
    harness->server.ask = (struct ask_config){ true, true, true };
    harness->config.servers = &harness->server;
    harness->config.server_count = 1;
    harness->config.limits = limits_default();
    harness->loop = loop_new(&err);
    assert_non_null(harness->loop);
}

void harness_command(struct harness *harness, const char *const *argv)
{
    *harness = (struct harness){ .fixture_out = -1 };
    begin(harness);
    for (size_t i = 0; argv[i]; i++) {
        assert_true(i + 1 < ARRAY_COUNT(harness->argv));
        harness->argv[i] = xstrdup(argv[i]);
    }
    harness->server.transport = TRANSPORT_STDIO;
    harness->server.argv = harness->argv;
}

void harness_stdio(struct harness *harness, const char *script, const char *mode)
{
    CLEANUP(str) char *path = xasprintf(FIXTURES "%s", script);

    harness_command(harness, (const char *[]){ harness_node(), path, mode, NULL });
}

static int read_port(int fd)
{
    char line[64] = "";
    size_t len = 0;
    int port = 0;

    while (len + 1 < sizeof(line) && read(fd, line + len, 1) == 1 && line[len] != '\n')
        len++;
    for (const char *c = line; *c; c++) {
        if (*c >= '0' && *c <= '9')
            port = port * 10 + (*c - '0');
    }
    assert_true(port > 0);
    return port;
}

void harness_start_fixture(struct harness *harness, const char *script, const char *argument)
{
    CLEANUP(str) char *path = xasprintf(FIXTURES "%s", script);
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    harness->fixture_pid = fork();
    if (harness->fixture_pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(ends[1], 1);
        execl(harness_node(), "node", path, "http", argument, NULL);
        _exit(127);
    }
    close(ends[1]);
    harness->fixture_out = ends[0];
}

void harness_stop_fixture(struct harness *harness)
{
    if (!harness->fixture_pid)
        return;
    kill(harness->fixture_pid, SIGKILL);
    waitpid(harness->fixture_pid, NULL, 0);
    harness->fixture_pid = 0;
    fd_close(&harness->fixture_out);
}

void harness_http(struct harness *harness,
                  const char *script,
                  const char *argument,
                  const char *path)
{
    *harness = (struct harness){ .fixture_out = -1 };
    begin(harness);
    harness_start_fixture(harness, script, argument);
    harness->url = xasprintf("http://127.0.0.1:%d%s", read_port(harness->fixture_out), path);
    harness->server.transport = TRANSPORT_HTTP;
    harness->server.url = harness->url;
}

void harness_connect(struct harness *harness)
{
    harness->upstreams = upstreams_new(
        harness->loop, &harness->config,
        &(const struct upstreams_events){ .on_catalogue_change = on_change,
                                          .on_resource_updated = harness->on_resource_updated,
                                          .on_visited = on_visited,
                                          .on_session_lists = harness->on_session_lists },
        harness);
    upstreams_when_settled(harness->upstreams, HARNESS_TIMEOUT_MS, on_settled, harness);
    harness_wait(harness, &harness->settled);
}

struct upstream_status harness_status(const struct harness *harness)
{
    struct upstream_status status;

    upstreams_status(harness->upstreams, 0, &status);
    return status;
}

const struct catalogue_server *harness_server(const struct harness *harness)
{
    return upstreams_catalogue(harness->upstreams)->servers[0];
}

bool harness_has_tool(const struct harness *harness, const char *name)
{
    return catalogue_find_tool(harness_server(harness), span_of(name)) != NULL;
}

static void end_outcome(struct outcome *outcome)
{
    assert_false(outcome->done);
    outcome->done = true;
    loop_stop(outcome->harness->loop);
}

static void on_result(void *ctx, struct span result)
{
    struct outcome *outcome = ctx;

    outcome->result = span_dup(result);
    end_outcome(outcome);
}

static void on_error(void *ctx, const struct err *err, int64_t code, struct span data)
{
    struct outcome *outcome = ctx;

    outcome->err = *err;
    outcome->code = code;
    outcome->result = span_dup(data);
    end_outcome(outcome);
}

static void on_progress(void *ctx, struct span params)
{
    (void)params;
    ((struct outcome *)ctx)->progress++;
}

static void on_log(void *ctx, struct span params)
{
    struct outcome *outcome = ctx;

    outcome->logs++;
    free(outcome->logged);
    outcome->logged = span_dup(params);
}

static void on_ask(void *ctx, struct ask *ask)
{
    struct outcome *outcome = ctx;
    enum ask_kind kind = ask_kind(ask);

    assert_string_equal(ask_server(ask), HARNESS_KEY);
    outcome->asked[kind]++;
    free(outcome->question);
    outcome->question = span_dup(ask_params(ask));
    if (outcome->visits_as)
        ask_note_visit(ask, outcome->visits_as);
    if (outcome->keeps_asks) {
        outcome->ask = ask;
        loop_stop(outcome->harness->loop);
    } else if (outcome->answers[kind]) {
        ask_answer(ask, span_of(outcome->answers[kind]));
    } else {
        ask_refuse(ask, "the client can't do that");
    }
}

static void on_ask_gone(void *ctx, struct ask *ask)
{
    struct outcome *outcome = ctx;

    assert_false(outcome->done);
    outcome->gone++;
    if (outcome->ask == ask)
        outcome->ask = NULL;
    loop_stop(outcome->harness->loop);
}

static void start(struct outcome *outcome,
                  const char *tool,
                  const char *arguments,
                  uint64_t timeout_ms,
                  const struct upstream_caller *caller,
                  const struct upstream_call_events *events)
{
    CLEANUP(str)
    char *params = xasprintf("{\"name\":\"%s\",\"arguments\":%s}", tool, arguments);

    outcome->call = upstreams_call(outcome->harness->upstreams, SPAN(HARNESS_KEY), "tools/call",
                                   span_of(params), timeout_ms, caller, events, outcome);
    assert_false(outcome->done);
}

void harness_start(struct harness *harness,
                   struct outcome *outcome,
                   const char *tool,
                   const char *arguments,
                   uint64_t timeout_ms)
{
    static const struct upstream_call_events events = { .on_result = on_result,
                                                        .on_error = on_error,
                                                        .on_progress = on_progress };

    *outcome = (struct outcome){ .harness = harness };
    start(outcome, tool, arguments, timeout_ms, NULL, &events);
}

void harness_start_method(struct harness *harness,
                          struct outcome *outcome,
                          const char *method,
                          const char *params)
{
    static const struct upstream_call_events events = { .on_result = on_result,
                                                        .on_error = on_error };

    *outcome = (struct outcome){ .harness = harness };
    outcome->call = upstreams_call(harness->upstreams, SPAN(HARNESS_KEY), method, span_of(params),
                                   HARNESS_TIMEOUT_MS, NULL, &events, outcome);
}

void harness_start_asking(struct harness *harness,
                          struct outcome *outcome,
                          const char *tool,
                          const char *arguments,
                          uint64_t timeout_ms,
                          const struct upstream_caller *caller)
{
    static const struct upstream_call_events events = { .on_result = on_result,
                                                        .on_error = on_error,
                                                        .on_progress = on_progress,
                                                        .on_log = on_log,
                                                        .on_ask = on_ask,
                                                        .on_ask_gone = on_ask_gone };

    outcome->harness = harness;
    start(outcome, tool, arguments, timeout_ms, caller, &events);
}

static void on_deadline(void *ctx)
{
    struct harness *harness = ctx;

    fprintf(stderr, "waited %d ms in vain\n", HARNESS_TIMEOUT_MS);
    loop_stop(harness->loop);
}

void harness_wait(struct harness *harness, const bool *flag)
{
    struct loop_timer *timer = loop_timer_new(harness->loop, on_deadline, harness);
    uint64_t end_ns = clock_now_ns() + HARNESS_TIMEOUT_MS * 1000000ull;

    loop_timer_start(timer, HARNESS_TIMEOUT_MS);
    while (!*flag && clock_now_ns() < end_ns)
        loop_run(harness->loop);
    loop_timer_free(timer);
    assert_true(*flag);
}

struct nap {
    struct loop *loop;
    bool over;
};

static void on_nap_over(void *ctx)
{
    struct nap *nap = ctx;

    nap->over = true;
    loop_stop(nap->loop);
}

void harness_sleep(struct harness *harness, uint64_t ms)
{
    struct nap nap = { .loop = harness->loop };
    struct loop_timer *timer = loop_timer_new(harness->loop, on_nap_over, &nap);

    loop_timer_start(timer, ms);
    harness_wait(harness, &nap.over);
    loop_timer_free(timer);
}

void harness_call(struct harness *harness,
                  struct outcome *outcome,
                  const char *tool,
                  const char *arguments)
{
    harness_start(harness, outcome, tool, arguments, HARNESS_TIMEOUT_MS);
    harness_wait(harness, &outcome->done);
}

void outcome_done(struct outcome *outcome)
{
    free(TAKE(outcome->result));
    free(TAKE(outcome->question));
    free(TAKE(outcome->logged));
}

void harness_expect(struct harness *harness,
                    const char *tool,
                    const char *arguments,
                    const char *expected)
{
    struct outcome outcome;

    harness_call(harness, &outcome, tool, arguments);
    if (outcome.err.code != ERR_NONE)
        fail_msg("%s: %s", tool, outcome.err.text);
    if (!strstr(outcome.result, expected))
        fail_msg("%s: no '%s' in %s", tool, expected, outcome.result);
    outcome_done(&outcome);
}

/* Frees, then counts what is left of it. */
static void finish(struct harness *harness)
{
    int status;

    upstreams_free(harness->upstreams);
    loop_drain(harness->loop, 2000);
    loop_free(harness->loop);
    harness_stop_fixture(harness);
    for (size_t i = 0; i < ARRAY_COUNT(harness->argv); i++)
        free(harness->argv[i]);
    free(harness->server.key);
    free(harness->url);
    assert_int_equal(waitpid(-1, &status, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    assert_int_equal(open_descriptors(), harness->descriptors);
}

struct stopping {
    struct harness *harness;
    bool done;
};

static void on_harness_stopped(void *ctx)
{
    struct stopping *stopping = ctx;

    stopping->done = true;
    loop_stop(stopping->harness->loop);
}

void harness_end(struct harness *harness)
{
    struct stopping stopping = { .harness = harness };

    upstreams_stop(harness->upstreams, on_harness_stopped, &stopping);
    assert_false(stopping.done);
    harness_wait(harness, &stopping.done);
    finish(harness);
}

void harness_kill(struct harness *harness)
{
    finish(harness);
}

void harness_wait_tool(struct harness *harness, const char *name)
{
    for (unsigned waited_ms = 0; waited_ms < HARNESS_TIMEOUT_MS; waited_ms += 100) {
        if (harness_has_tool(harness, name))
            return;
        harness_sleep(harness, 100);
    }
    fail_msg("no tool '%s' came", name);
}

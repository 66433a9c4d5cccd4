/*
 * Questions of servers in the middle of an execution: the clock, the answers,
 * what a script is told when nobody answers, and that nothing is left over.
 */
#include "proxy/exec/exec.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "tests/unit/proxy/exec/seen.h"
#include "tests/unit/test.h"

/* What the client was asked. */
static struct asked {
    struct ask *open[4];
    unsigned asks, gone;
} asked;

static void on_ask(void *ctx, struct ask *ask)
{
    (void)ctx;
    assert_true(asked.asks < ARRAY_COUNT(asked.open));
    asked.open[asked.asks++] = ask;
}

static void on_ask_gone(void *ctx, struct ask *ask)
{
    (void)ctx;
    assert_non_null(ask);
    asked.gone++;
}

static void on_server_log(void *ctx, const char *server, struct span params)
{
    struct seen *seen = ctx;

    snprintf(seen->log + strlen(seen->log), sizeof(seen->log) - strlen(seen->log), "%s %.*s;",
             server, SPAN_ARG(params));
}

/* Runs the loop until so many calls are under way. */
static void run_until_calls(unsigned calls)
{
    for (int i = 0; fakes.live_calls != calls && i < RUN_MS / 5; i++)
        fakes_run(5);
    assert_int_equal(fakes.live_calls, calls);
}

static void answer_call(void)
{
    fake_answer_call();
    run_until_calls(fakes.live_calls - 1);
}

/* An execution in the middle of a call of files.write_file, for a client that can be asked. */
static struct exec *start_asked(struct seen *seen)
{
    const struct exec_request request = {
        .code = SPAN("x"),
        .caller = { .session = SPAN("s1"),
                    .capabilities = SPAN("{\"elicitation\":{}}"),
                    .meta = SPAN("{\"traceparent\":\"00-1\",\"a/b\":1}"),
                    .log_level = "warning" },
    };
    struct exec *exec;

    memset(&asked, 0, sizeof(asked));
    fakes.hold_run = fakes.hold_calls = true;
    fakes.on_run = call_tool;
    seen_events.on_ask = on_ask;
    seen_events.on_ask_gone = on_ask_gone;
    seen_events.on_server_log = on_server_log;
    exec = start_request(seen, &request);
    run_until_calls(1);
    return exec;
}

static void end(struct seen *seen)
{
    if (fakes.live_calls)
        answer_call();
    if (fakes.live)
        fake_end(ISOLATE_END_OK, fakes.done);
    fakes_run(RUN_MS);
    assert_int_equal(seen->dones, 1);
}

static void calls_are_made_for_the_client(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };
    struct exec *exec;

    (void)state;
    exec = start_asked(&seen);
    assert_ptr_equal(fakes.owner, exec);
    assert_string_equal(buf_str(&fakes.callers), "s1 {\"elicitation\":{}} warning "
                                                 "{\"traceparent\":\"00-1\",\"a/b\":1}\n");
    buf_clear(&fakes.callers);
    exec_set_caller(exec, &(const struct upstream_caller){ .capabilities = SPAN("{}") });
    fake_call(2,
              "{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\",\"meta\":{\"c/d\":[2]}}");
    assert_string_equal(buf_str(&fakes.callers), " {} - {\"c/d\":[2]}\n");
    answer_call();
    end(&seen);
    assert_true(seen.ok);
}

static void a_script_sets_meta_of_its_own(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    start_asked(&seen);
    buf_clear(&fakes.callers);
    buf_clear(&fakes.replies);
    fake_call(2, "{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\",\"meta\":{\"a/b\":2}}");
    assert_string_equal(buf_str(&fakes.callers), "s1 {\"elicitation\":{}} warning "
                                                 "{\"a/b\":2,\"traceparent\":\"00-1\"}\n");
    fake_call(3, "{\"op\":\"tool\",\"server\":\"files\",\"tool\":\"plain\",\"meta\":[]}");
    assert_non_null(strstr(buf_str(&fakes.replies), "3 error {\"name\":\"InvalidCall\""));
    answer_call();
    end(&seen);
}

static void an_answer_reaches_the_server(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };
    struct exec *exec;

    (void)state;
    exec = start_asked(&seen);
    fake_ask(ASK_ELICIT_FORM);
    assert_int_equal(asked.asks, 1);
    exec_answer(exec, asked.open[0], SPAN("{\"action\":\"decline\"}"));
    assert_string_equal(buf_str(&fake_ask_log),
                        "files elicitation/create answer {\"action\":\"decline\"}\n");
    end(&seen);
    assert_true(seen.ok);
    assert_int_equal(asked.gone, 0);
    assert_non_null(strstr(seen.meta, "\"questions\":1"));
    assert_non_null(strstr(seen.meta, "\"asking_us\":"));
    assert_non_null(strstr(buf_str(&fakes.replies), "1 ok \"hello\""));
}

static void the_clock_stands_still_meanwhile(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };
    struct exec *exec;

    (void)state;
    fakes.config.limits.wall_ms = 400;
    exec = start_asked(&seen);
    fake_ask(ASK_ELICIT_FORM);
    fake_ask(ASK_SAMPLE);
    fakes_run(500);
    assert_int_equal(seen.dones, 0);
    exec_answer(exec, asked.open[0], SPAN("{\"action\":\"cancel\"}"));
    fakes_run(500);
    assert_int_equal(seen.dones, 0);
    exec_refuse(exec, asked.open[1], "no");
    assert_int_equal(seen.dones, 0);
    fakes_run(RUN_MS);
    assert_failed(&seen, "TimeLimit", "limits.wall");
}

static void what_nobody_answers_is_a_typed_error(void **state)
{
    static const char *const results[] = {
        "{\"content\":[{\"type\":\"text\",\"text\":\"I needed that\"}],\"isError\":true}",
        NULL,
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(results); i++) {
        CLEANUP(seen) struct seen seen = { 0 };
        struct exec *exec = start_asked(&seen);

        fake_ask(ASK_ELICIT_URL);
        exec_refuse(exec, asked.open[0], "the client is deaf");
        fakes.result = results[i];
        fakes.call_error = results[i] ? ERR_NONE : ERR_REMOTE;
        fakes.call_code = -1;
        buf_clear(&fakes.replies);
        end(&seen);
        assert_non_null(strstr(buf_str(&fakes.replies),
                               "1 error {\"name\":\"QuestionUnanswered\",\"message\":\"server "
                               "\\\"files\\\" asked for a visit of the user to a URL "
                               "(elicitation), and got no answer: the client is deaf. The "));
        assert_non_null(
            strstr(buf_str(&fakes.replies), results[i] ? "I needed that\"" : "says no"));
        assert_non_null(
            strstr(buf_str(&fakes.replies), results[i] ? "\"content\":[" : "\"code\":-1"));
        assert_non_null(strstr(seen.meta, "\"outcome\":\"error\""));
    }
}

static void a_server_that_does_not_even_ask_is_told_of_too(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    start_asked(&seen);
    fakes.call_error = ERR_REMOTE;
    fakes.call_code = -32021;
    end(&seen);
    assert_non_null(strstr(buf_str(&fakes.replies),
                           "1 error {\"name\":\"QuestionUnanswered\",\"message\":\"server "
                           "\\\"files\\\" would ask something, but the client does not declare "
                           "the capability that this needs."));
}

static void a_server_may_go_on_without_an_answer(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };
    struct exec *exec;

    (void)state;
    exec = start_asked(&seen);
    fake_ask(ASK_ROOTS);
    exec_refuse(exec, asked.open[0], "the client has none");
    end(&seen);
    assert_non_null(strstr(buf_str(&fakes.replies), "1 ok \"hello\""));
}

static void nobody_is_asked_where_nobody_is(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    start_asked(&seen);
    seen_events.on_ask = NULL;
    end(&seen);
    seen_forget(&seen);
    fakes.hold_run = fakes.hold_calls = true;
    start(&seen, "y");
    run_until_calls(1);
    fake_ask(ASK_SAMPLE);
    assert_string_equal(buf_str(&fake_ask_log),
                        "files sampling/createMessage refuse this script was not started by a "
                        "client that can be asked\n");
    end(&seen);
}

static void too_many_questions_are_refused(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };
    struct exec *exec;

    (void)state;
    exec = start_asked(&seen);
    for (int i = 0; i < LIMIT_EXECUTION_QUESTIONS; i++) {
        asked.asks = 0;
        fake_ask(ASK_ELICIT_FORM);
        assert_int_equal(asked.asks, 1);
        exec_answer(exec, asked.open[0], SPAN("{\"action\":\"accept\"}"));
    }
    assert_null(strstr(buf_str(&fake_ask_log), "refuse"));
    asked.asks = 0;
    fake_ask(ASK_ELICIT_FORM);
    assert_int_equal(asked.asks, 0);
    assert_non_null(strstr(buf_str(&fake_ask_log), "refuse servers may ask 100 times"));
    end(&seen);
}

static void a_question_can_be_taken_back(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };

    (void)state;
    fakes.config.limits.wall_ms = 400;
    start_asked(&seen);
    fake_ask(ASK_ELICIT_FORM);
    fakes_run(500);
    fake_take_back(asked.open[0]);
    assert_int_equal(asked.gone, 1);
    fakes_run(RUN_MS);
    assert_failed(&seen, "TimeLimit", "limits.wall");
}

static void end_by_cancel(struct exec *exec)
{
    exec_cancel(exec, "over");
}

static void end_by_crash(struct exec *exec)
{
    (void)exec;
    fake_end(ISOLATE_END_MEMORY, NULL);
}

static void end_by_result(struct exec *exec)
{
    (void)exec;
    fake_end(ISOLATE_END_OK, fakes.done);
}

static void end_by_stop(struct exec *exec)
{
    (void)exec;
    exec_service_stop(service, NULL, NULL);
}

static void open_questions_end_with_the_execution(void **state)
{
    static void (*const ends[])(struct exec *) = { end_by_cancel, end_by_crash, end_by_result,
                                                   end_by_stop };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(ends); i++) {
        CLEANUP(seen) struct seen seen = { 0 };
        struct exec *exec = start_asked(&seen);

        fake_ask(ASK_ELICIT_FORM);
        fake_ask(ASK_ROOTS);
        ends[i](exec);
        assert_int_equal(asked.gone, 2);
        fakes_run(RUN_MS);
        assert_int_equal(seen.dones, 1);
        assert_int_equal(fake_asks_open, 0);
        assert_int_equal(asked.gone, 2);
    }
}

static void servers_logs_are_passed_on_within_bounds(void **state)
{
    CLEANUP(seen) struct seen seen = { 0 };
    CLEANUP(str) char *large = xcalloc(1, LIMIT_LOG_BYTES + 2);

    (void)state;
    start_asked(&seen);
    fake_tell_log("{\"level\":\"info\",\"data\":1}");
    memset(large, ' ', LIMIT_LOG_BYTES + 1);
    fake_tell_log(large);
    assert_string_equal(seen.log, "files {\"level\":\"info\",\"data\":1};");
    for (int i = 1; i < LIMIT_SERVER_LOGS; i++) {
        seen.log[0] = '\0';
        fake_tell_log("{}");
        assert_string_equal(seen.log, "files {};");
    }
    seen.log[0] = '\0';
    fake_tell_log("{}");
    assert_string_equal(seen.log, "");
    end(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(calls_are_made_for_the_client),
        TEST(a_script_sets_meta_of_its_own),
        TEST(an_answer_reaches_the_server),
        TEST(the_clock_stands_still_meanwhile),
        TEST(what_nobody_answers_is_a_typed_error),
        TEST(a_server_that_does_not_even_ask_is_told_of_too),
        TEST(a_server_may_go_on_without_an_answer),
        TEST(nobody_is_asked_where_nobody_is),
        TEST(too_many_questions_are_refused),
        TEST(a_question_can_be_taken_back),
        TEST(open_questions_end_with_the_execution),
        TEST(servers_logs_are_passed_on_within_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

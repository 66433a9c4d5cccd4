/*
 * A worker without a sandbox and with the null engine, in a forked process;
 * the test plays the proxy, well and badly.
 */
#include "isolate/worker.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "isolate/wire.h"
#include "isolate/worker_cpu.h"
#include "tests/unit/test.h"

#define WAIT_MS     10000
#define ENVIRONMENT "{\"limits\":{\"cpu_ms\":200}}"

static int proxy_fd;
static pid_t pid;

static int start_worker(void **state)
{
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    pid = fork();
    if (pid == 0) {
        close(pair[0]);
        worker_cpu_install();
        _exit(worker_serve(pair[1], engine_start(NULL, NULL), 0));
    }
    close(pair[1]);
    proxy_fd = pair[0];
    return 0;
}

static int end_worker(void **state)
{
    (void)state;
    fd_close(&proxy_fd);
    if (pid > 0) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    return 0;
}

static int exit_status(void)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    pid = 0;
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void send_bytes(const void *data, size_t len)
{
    assert_int_equal(send(proxy_fd, data, len, MSG_NOSIGNAL), len);
}

static void send_frame(enum wire_type type, uint32_t id, struct span body)
{
    CLEANUP(buf) struct buf frame = BUF(LIMIT_WIRE_FRAME_BYTES);

    assert_int_equal(wire_write(&frame, type, id, body, NULL), 0);
    send_bytes(frame.data, frame.len);
}

static void send_parts(enum wire_type type, uint32_t id, struct span first, struct span second)
{
    CLEANUP(buf) struct buf body = BUF(LIMIT_WIRE_FRAME_BYTES);

    wire_add_part(&body, first);
    wire_add_part(&body, second);
    send_frame(type, id, buf_span(&body));
}

/* The next frame from the worker, in `bytes`; its type, or WIRE_NONE at the end. */
static enum wire_type receive_frame(enum wire_state state, struct buf *bytes, struct span *ret_body)
{
    struct wire_frame frame;
    struct err err = ERR_INIT;

    buf_clear(bytes);
    for (;;) {
        struct pollfd events = { .fd = proxy_fd, .events = POLLIN };
        long len = wire_read(buf_span(bytes), WIRE_FROM_WORKER, state, &frame, &err);
        char *room = buf_room(bytes, 1);

        assert_true(len >= 0);
        if (len > 0)
            break;
        assert_int_equal(poll(&events, 1, WAIT_MS), 1);
        if (recv(proxy_fd, room, 1, 0) <= 0)
            return WIRE_NONE;
        buf_filled(bytes, 1);
    }
    *ret_body = frame.body;
    return frame.type;
}

static void expect_frame(enum wire_state state, enum wire_type type, const char *body)
{
    CLEANUP(buf) struct buf bytes = BUF(LIMIT_WIRE_FRAME_BYTES);
    struct span received;

    assert_int_equal(receive_frame(state, &bytes, &received), type);
    if (body)
        assert_non_null(memmem(received.data, received.len, body, strlen(body)));
}

static void expect_ready(void)
{
    expect_frame(WIRE_STATE_STARTING, WIRE_READY, NULL);
}

static void send_environment(void)
{
    send_frame(WIRE_ENVIRONMENT, 0, SPAN(ENVIRONMENT));
}

static void run_script(const char *script)
{
    expect_ready();
    send_environment();
    send_parts(WIRE_RUN, 0, span_of(script), SPAN_NONE);
}

static void a_worker_prepares_and_runs(void **state)
{
    (void)state;
    expect_ready();
    send_environment();
    send_frame(WIRE_PREPARE, 0, SPAN("return 1"));
    expect_frame(WIRE_STATE_PREPARING, WIRE_PREPARED, "return");
    /* A fault of the code is an answer, and the worker is still good. */
    send_frame(WIRE_PREPARE, 0, SPAN("return ((("));
    expect_frame(WIRE_STATE_PREPARING, WIRE_PREPARED, "error");
    send_parts(WIRE_RUN, 0, SPAN("call {}\nvalue 5"), SPAN_NONE);
    expect_frame(WIRE_STATE_RUNNING, WIRE_CALL, "{}");
    send_parts(WIRE_REPLY, 1, SPAN("ok"), SPAN("null"));
    expect_frame(WIRE_STATE_RUNNING, WIRE_DONE, "\"value\":5");
    assert_int_equal(exit_status(), WORKER_EXIT_OK);
}

static void bytes_may_come_one_by_one(void **state)
{
    CLEANUP(buf) struct buf body = BUF(1000);
    CLEANUP(buf) struct buf frame = BUF(1000);

    (void)state;
    expect_ready();
    wire_add_part(&body, SPAN("value 6"));
    wire_add_part(&body, SPAN("null"));
    wire_write(&frame, WIRE_ENVIRONMENT, 0, SPAN(ENVIRONMENT), NULL);
    wire_write(&frame, WIRE_RUN, 0, buf_span(&body), NULL);
    for (size_t i = 0; i < frame.len; i++)
        send_bytes(frame.data + i, 1);
    expect_frame(WIRE_STATE_RUNNING, WIRE_DONE, "\"value\":6");
    assert_int_equal(exit_status(), WORKER_EXIT_OK);
}

static void it_ends_with_its_proxy(void **state)
{
    (void)state;
    expect_ready();
    fd_close(&proxy_fd);
    assert_int_equal(exit_status(), WORKER_EXIT_OK);
}

static void it_ends_with_its_proxy_while_it_sleeps(void **state)
{
    (void)state;
    run_script("call {}\nvalue 1");
    expect_frame(WIRE_STATE_RUNNING, WIRE_CALL, NULL);
    fd_close(&proxy_fd);
    assert_int_equal(exit_status(), WORKER_EXIT_OK);
}

static void nonsense_ends_it(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {
        { "\0\0\0\0\x63\0\0\0\0\0\0\0", 12 },               /* no such type */
        { "\0\0\0\0\x11\0\0\0\1\0\0\0", 12 },               /* a frame of its own */
        { "\0\0\0\0\3\0\0\0\1\0\0\0", 12 },                 /* a reply; nothing runs */
        { "\xff\xff\xff\xff\2\0\0\0\0\0\0\0", 12 },         /* too long */
        { "\0\0\0\0\2\0\0\0\1\0\0\0", 12 },                 /* RUN with an id */
        { "\4\0\0\0\2\0\0\0\0\0\0\0\xff\xff\xff\xff", 16 }, /* a part beyond the end */
        { "\4\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0", 16 },         /* one part of two */
    };

    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        if (i)
            start_worker(state);
        expect_ready();
        send_environment();
        send_bytes(cases[i].bytes, cases[i].len);
        assert_int_equal(exit_status(), WORKER_EXIT_PROTOCOL);
        end_worker(state);
    }
}

static void nothing_runs_without_an_environment(void **state)
{
    (void)state;
    expect_ready();
    send_parts(WIRE_RUN, 0, SPAN("value 2"), SPAN_NONE);
    assert_int_equal(exit_status(), WORKER_EXIT_PROTOCOL);
}

static void the_last_environment_counts(void **state)
{
    (void)state;
    expect_ready();
    send_environment();
    send_frame(WIRE_ENVIRONMENT, 0, SPAN("{\"limits\":{\"cpu_ms\":201}}"));
    send_parts(WIRE_RUN, 0, SPAN("environment"), SPAN_NONE);
    expect_frame(WIRE_STATE_RUNNING, WIRE_DONE, "\"cpu_ms\":201");
    assert_int_equal(exit_status(), WORKER_EXIT_OK);
}

static void one_execution_a_worker(void **state)
{
    (void)state;
    run_script("call {}\nvalue 1");
    expect_frame(WIRE_STATE_RUNNING, WIRE_CALL, NULL);
    send_parts(WIRE_RUN, 0, SPAN("value 2"), SPAN_NONE);
    assert_int_equal(exit_status(), WORKER_EXIT_PROTOCOL);
}

static void used_up_time_is_told(void **state)
{
    (void)state;
    run_script("spin\nvalue 1");
    expect_frame(WIRE_STATE_RUNNING, WIRE_FATAL, "\"cpu\"");
    assert_int_equal(exit_status(), WORKER_EXIT_CPU);
}

static void what_was_said_before_a_fatal_end_arrives(void **state)
{
    (void)state;
    run_script("log {\"n\":1}\nlog {\"n\":2}\nfatal");
    expect_frame(WIRE_STATE_RUNNING, WIRE_LOG, "{\"n\":1}");
    expect_frame(WIRE_STATE_RUNNING, WIRE_LOG, "{\"n\":2}");
    expect_frame(WIRE_STATE_RUNNING, WIRE_FATAL, "\"engine\"");
    assert_int_equal(exit_status(), WORKER_EXIT_ENGINE);
}

/* Far more than the socket holds waits in the worker until it is read, in order. */
static void a_slow_reader_loses_nothing(void **state)
{
    CLEANUP(buf) struct buf script = BUF(8 * 1024 * 1024);
    char line[1100];

    (void)state;
    memset(line, 'x', sizeof(line));
    for (int i = 0; i < 2000; i++)
        buf_printf(&script, "log {\"n\":%d,\"text\":\"%.*s\"}\n", i, 1000, line);
    buf_add_str(&script, "value 1");
    run_script(buf_str(&script));
    poll(NULL, 0, 100);
    for (int i = 0; i < 2000; i++) {
        snprintf(line, sizeof(line), "{\"n\":%d,", i);
        expect_frame(WIRE_STATE_RUNNING, WIRE_LOG, line);
    }
    expect_frame(WIRE_STATE_RUNNING, WIRE_DONE, "1");
    assert_int_equal(exit_status(), WORKER_EXIT_OK);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start_worker, end_worker)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_worker_prepares_and_runs),
        TEST(bytes_may_come_one_by_one),
        TEST(it_ends_with_its_proxy),
        TEST(it_ends_with_its_proxy_while_it_sleeps),
        TEST(nonsense_ends_it),
        TEST(nothing_runs_without_an_environment),
        TEST(the_last_environment_counts),
        TEST(one_execution_a_worker),
        TEST(used_up_time_is_told),
        TEST(what_was_said_before_a_fatal_end_arrives),
        TEST(a_slow_reader_loses_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

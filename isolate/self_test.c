#include "isolate/self_test.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/limits.h"
#include "isolate/engine.h"
#include "isolate/wire.h"
#include "isolate/zygote_messages.h"

#define WAIT_MS    10000
#define READ_BYTES 4096

#define ENVIRONMENT                                                                      \
    "{\"servers\":[],\"limits\":{\"memory_bytes\":67108864,\"cpu_ms\":5000,"             \
    "\"stack_kib\":984,\"result_bytes\":65536,\"log_bytes\":65536,\"emit_bytes\":65536," \
    "\"timers\":10,\"calls\":10,\"concurrent_calls\":4,\"argument_bytes\":65536}}"

static int wait_readable(int fd, const char *what, struct err *err)
{
    struct pollfd events = { .fd = fd, .events = POLLIN };

    if (poll(&events, 1, WAIT_MS) <= 0)
        return err_set(err, ERR_TIMEOUT, "%s did not come within %d ms", what, WAIT_MS);
    return 0;
}

/* Receives one message; a descriptor that comes with it is put in *ret_fd, a second is closed. */
static int receive_message(int control_fd, struct zygote_message *ret, int *ret_fd, struct err *err)
{
    char control[CMSG_SPACE(sizeof(int) * ZYGOTE_DESCRIPTORS)] = { 0 };
    struct iovec bytes = { .iov_base = ret, .iov_len = sizeof(*ret) - 1 };
    struct msghdr header = { .msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control) };
    int fds[ZYGOTE_DESCRIPTORS] = { -1, -1 };
    ssize_t n;

    if (wait_readable(control_fd, "a message of the zygote", err) < 0)
        return -1;
    memset(ret, 0, sizeof(*ret));
    n = recvmsg(control_fd, &header, MSG_CMSG_CLOEXEC);
    if (n < (ssize_t)ZYGOTE_MESSAGE_BYTES)
        return err_set(err, ERR_CLOSED, "the zygote ended without a word");
    if (CMSG_FIRSTHDR(&header))
        memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&header)), sizeof(fds));
    *ret_fd = fds[0];
    fd_close(&fds[1]);
    return 0;
}

static int expect_message(int control_fd, uint32_t type, int *ret_fd, struct err *err)
{
    struct zygote_message message;

    if (receive_message(control_fd, &message, ret_fd, err) < 0)
        return -1;
    if (message.type == ZYGOTE_FAILED || message.type == ZYGOTE_REFUSED)
        return err_set(err, ERR_UNAVAILABLE, "%s", message.text);
    if (message.type != type)
        return err_set(err, ERR_PROTOCOL, "the zygote sent message %u", message.type);
    printf("%s", message.text);
    return 0;
}

/* Receives into `in` until a frame is complete, which must be of this type. */
static int expect_frame(int fd,
                        struct buf *in,
                        enum wire_state state,
                        enum wire_type type,
                        struct wire_frame *ret_frame,
                        struct err *err)
{
    buf_clear(in);
    for (;;) {
        long len = wire_read(buf_span(in), WIRE_FROM_WORKER, state, ret_frame, err);
        char *room = buf_room(in, READ_BYTES);
        ssize_t n;

        if (len < 0 || !room)
            return -1;
        if (len > 0)
            break;
        if (wait_readable(fd, wire_type_name(type), err) < 0)
            return -1;
        n = recv(fd, room, READ_BYTES, 0);
        if (n <= 0)
            return err_set(err, ERR_CLOSED, "the worker ended without a word");
        buf_filled(in, (size_t)n);
    }
    if (ret_frame->type != type)
        return err_set(err, ERR_PROTOCOL, "%s came instead of %s: %.*s",
                       wire_type_name(ret_frame->type), wire_type_name(type),
                       SPAN_ARG(ret_frame->body));
    return 0;
}

static int send_frame(int fd, enum wire_type type, struct span body, struct err *err)
{
    CLEANUP(buf) struct buf out = BUF(LIMIT_WIRE_FRAME_BYTES);

    if (wire_write(&out, type, 0, body, err) < 0)
        return -1;
    return fd_write_all(fd, out.data, out.len, err);
}

/* A script is prepared, and its type is gone. */
static int test_prepare(int fd, struct buf *in, struct err *err)
{
    struct wire_frame frame;
    struct span parts[4];

    if (send_frame(fd, WIRE_PREPARE, SPAN("const n: number = 2\nreturn n"), err) < 0)
        return -1;
    if (expect_frame(fd, in, WIRE_STATE_PREPARING, WIRE_PREPARED, &frame, err) < 0 ||
        wire_parts(frame.body, parts, 4, err) < 0)
        return -1;
    if (!span_is(parts[0], "ok") || memmem(parts[2].data, parts[2].len, ": number", 8))
        return err_set(err, ERR_INVALID, "prepare gave: %.*s", SPAN_ARG(frame.body));
    printf("prepare ok\n");
    return 0;
}

static int test_run(int fd, struct buf *in, struct err *err)
{
    CLEANUP(buf) struct buf body = BUF(LIMIT_CODE_BYTES);
    struct wire_frame frame;
    struct span parts[2], value;

    wire_add_part(&body, span_of(engine_probe_text()));
    wire_add_part(&body, SPAN_NONE);
    if (send_frame(fd, WIRE_ENVIRONMENT, SPAN(ENVIRONMENT), err) < 0 ||
        send_frame(fd, WIRE_RUN, buf_span(&body), err) < 0)
        return -1;
    if (expect_frame(fd, in, WIRE_STATE_RUNNING, WIRE_DONE, &frame, err) < 0 ||
        wire_parts(frame.body, parts, 2, err) < 0)
        return -1;
    if (!span_is(parts[0], "ok") || !json_get(parts[1], "value", &value) || !span_is(value, "2"))
        return err_set(err, ERR_INVALID, "a script gave: %.*s", SPAN_ARG(parts[1]));
    printf("script ok\n");
    return 0;
}

static int test_worker(int control_fd, struct err *err)
{
    struct zygote_message request = { .protocol = ZYGOTE_PROTOCOL_NUMBER, .type = ZYGOTE_FORK };
    CLEANUP(buf) struct buf in = BUF(LIMIT_CODE_BYTES);
    CLEANUP(fd) int worker_fd = -1;
    struct wire_frame frame;

    if (send(control_fd, &request, ZYGOTE_MESSAGE_BYTES, MSG_NOSIGNAL) < 0)
        return err_sys(err, ERR_IO, errno, "the zygote can't be asked");
    if (expect_message(control_fd, ZYGOTE_WORKER, &worker_fd, err) < 0 ||
        expect_frame(worker_fd, &in, WIRE_STATE_STARTING, WIRE_READY, &frame, err) < 0)
        return -1;
    printf("fork ok\n");
    if (test_prepare(worker_fd, &in, err) < 0)
        return -1;
    return test_run(worker_fd, &in, err);
}

int self_test(const struct zygote_options *options)
{
    struct zygote_options own = *options;
    struct err err = ERR_INIT;
    int pair[2], none = -1, result;
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 || (pid = fork()) < 0) {
        perror("self-test");
        return 1;
    }
    if (pid == 0) {
        fd_close(&pair[0]);
        own.control_fd = pair[1];
        _exit(zygote_main(&own));
    }
    fd_close(&pair[1]);
    result = expect_message(pair[0], ZYGOTE_HELLO, &none, &err);
    if (result == 0)
        result = test_worker(pair[0], &err);
    fd_close(&pair[0]);
    waitpid(pid, NULL, 0);
    if (result < 0)
        fprintf(stderr, "self-test failed: %s\n", err.text);
    return result < 0 ? 1 : 0;
}

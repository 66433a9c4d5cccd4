#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/io.h"

struct end {
    struct loop *loop;
    struct io *io;
    struct buf got;
    int ends, drained;
    enum err_code code;
};

static void on_data(void *ctx, struct span data)
{
    struct end *end = ctx;

    buf_add_span(&end->got, data);
}

static void on_end(void *ctx, const struct err *err)
{
    struct end *end = ctx;

    end->ends++;
    end->code = err ? err->code : ERR_NONE;
    io_free(TAKE(end->io));
}

static void on_drained(void *ctx)
{
    struct end *end = ctx;

    end->drained++;
    io_close_write(end->io);
}

static const struct io_events events = { on_data, on_end, on_drained };

static struct end make_end(struct loop *loop)
{
    return (struct end){ .loop = loop, .got = BUF(64 << 20) };
}

static void sends_more_than_a_socket_holds(void **state)
{
    struct loop *loop = loop_new(NULL);
    struct end a = make_end(loop), b = make_end(loop);
    size_t len = 8 << 20;
    char *bytes = calloc(1, len);
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    a.io = io_new(loop, pair[0], pair[0], len, &events, &a, NULL);
    b.io = io_new(loop, pair[1], pair[1], len, &events, &b, NULL);
    assert_int_equal(io_write(a.io, span_make(bytes, len), NULL), 0);
    assert_int_equal(io_write(a.io, span_make(bytes, len), NULL), -1);
    loop_run(loop);
    assert_int_equal(b.got.len, len);
    assert_int_equal(a.drained, 1);
    assert_int_equal(a.ends + b.ends, 2);
    assert_int_equal(b.code, ERR_NONE);
    buf_done(&a.got);
    buf_done(&b.got);
    free(bytes);
    loop_free(loop);
}

static void answer_twice(void *ctx, struct span data)
{
    struct end *end = ctx;

    on_data(ctx, data);
    assert_int_equal(io_write(end->io, SPAN("one "), NULL), 0);
    assert_int_equal(io_write(end->io, SPAN("two"), NULL), 0);
}

/* Each write to such a socket is a packet, and each read takes one. */
static void what_is_written_while_data_is_taken_goes_out_together(void **state)
{
    static const struct io_events answering = { answer_twice, on_end, NULL };
    struct loop *loop = loop_new(NULL);
    struct end end = make_end(loop);
    char bytes[64];
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    end.io = io_new(loop, pair[0], pair[0], 1000, &answering, &end, NULL);
    assert_int_equal(write(pair[1], "ask", 3), 3);
    assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
    loop_run(loop);
    assert_int_equal(end.got.len, 3);
    assert_int_equal(end.ends, 1);
    assert_int_equal(read(pair[1], bytes, sizeof(bytes)), 7);
    assert_memory_equal(bytes, "one two", 7);
    close(pair[1]);
    buf_done(&end.got);
    loop_free(loop);
}

static void reads_a_regular_file(void **state)
{
    struct loop *loop = loop_new(NULL);
    struct end file = make_end(loop);
    char path[] = "/tmp/mcpfold-io-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_int_equal(fd_write_all(fd, "hello", 5, NULL), 0);
    lseek(fd, 0, SEEK_SET);
    file.io = io_new(loop, fd, -1, 0, &events, &file, NULL);
    loop_run(loop);
    assert_string_equal(buf_str(&file.got), "hello");
    assert_int_equal(file.ends, 1);
    unlink(path);
    buf_done(&file.got);
    loop_free(loop);
}

static void tells_a_broken_pipe(void **state)
{
    struct loop *loop = loop_new(NULL);
    struct end a = make_end(loop);
    int fds[2];

    (void)state;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    a.io = io_new(loop, -1, fds[1], 100, &events, &a, NULL);
    fd_close(&fds[0]);
    assert_int_equal(io_write(a.io, SPAN("x"), NULL), 0);
    loop_run(loop);
    assert_int_equal(a.ends, 1);
    assert_int_equal(a.code, ERR_CLOSED);
    buf_done(&a.got);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_more_than_a_socket_holds),
        cmocka_unit_test(what_is_written_while_data_is_taken_goes_out_together),
        cmocka_unit_test(reads_a_regular_file),
        cmocka_unit_test(tells_a_broken_pipe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

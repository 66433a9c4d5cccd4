/*
 * Foreign lines on the stdio of a whole downstream server, executions and
 * upstreams played by stand-ins.  Every line of output must be one JSON-RPC
 * message or the answers to a batch, and no request but a question; the end of input ends the
 * server.
 */
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/log.h"
#include "proxy/rpc/message.h"
#include "tests/unit/proxy/mcp/fakes.h"

#define INPUT_MAX    60000 /* what a pipe takes without a reader */
#define OUTPUT_BYTES (16 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct session {
    struct fake_world world;
    struct mcp_stdio *stdio;
    int to_server, from_server;
    struct buf out;
    bool ended;
};

static void on_end(void *ctx)
{
    struct session *session = ctx;

    session->ended = true;
    loop_stop(session->world.loop);
}

static void on_late(void *ctx)
{
    struct session *session = ctx;

    /* A script that hangs ends with the server, as at a stop. */
    mcp_server_stop(session->world.server);
}

static void check_message(struct span text)
{
    struct rpc_message message;
    struct err err = ERR_INIT;

    BUG_ON(rpc_read(text, &message, NULL, &err) < 0);
    BUG_ON(message.kind == RPC_REQUEST && !span_starts_with(message.id, SPAN("\"question-")));
}

/* One message, or the answers to a batch. */
static void check_line(struct span line)
{
    struct json_iter it = json_iter(line);

    if (json_kind(line) != JSON_KIND_ARRAY) {
        check_message(line);
        return;
    }
    BUG_ON(json_check(line, 0, NULL) < 0 || json_count(line) == 0);
    while (json_next(&it))
        check_message(it.value);
}

/* Each whole line must be in order; returns the bytes of all whole lines. */
static size_t check_lines(struct span out)
{
    size_t checked = 0;
    const char *end;

    while (checked < out.len && (end = memchr(out.data + checked, '\n', out.len - checked))) {
        struct span line = span_make(out.data + checked, (size_t)(end - out.data) - checked);

        check_line(line);
        checked += line.len + 1;
    }
    return checked;
}

static void on_output(void *ctx, unsigned events)
{
    struct session *session = ctx;
    char *room = buf_room(&session->out, 65536);
    ssize_t len;

    (void)events;
    BUG_ON(!room);
    len = read(session->from_server, room, 65536);
    if (len > 0)
        buf_filled(&session->out, (size_t)len);
    buf_drop(&session->out, check_lines(buf_span(&session->out)));
}

static void start(struct session *session)
{
    struct err err = ERR_INIT;
    int in[2], back[2];

    BUG_ON(pipe2(in, O_CLOEXEC) < 0 || pipe2(back, O_CLOEXEC) < 0);
    fake_world_init(&session->world);
    buf_init(&session->out, OUTPUT_BYTES);
    session->to_server = in[1];
    session->from_server = back[0];
    BUG_ON(fd_set_nonblocking(back[0], &err) < 0);
    session->stdio = mcp_stdio_new(session->world.server, in[0], back[1], on_end, session, &err);
    BUG_ON(!session->stdio);
}

static void run(struct session *session, const uint8_t *data, size_t size)
{
    struct err err = ERR_INIT;
    struct loop *loop = session->world.loop;
    struct loop_timer *late = loop_timer_new(loop, on_late, session);
    struct loop_watch *watch = loop_watch_new(loop, session->from_server, on_output, session, &err);

    BUG_ON(fd_write_all(session->to_server, data, size, &err) < 0);
    fd_close(&session->to_server);
    loop_watch_set(watch, LOOP_READ);
    loop_timer_start(late, 20);
    loop_run(loop);
    loop_watch_free(watch);
    loop_timer_free(late);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct session session = { .ended = false };

    if (size > INPUT_MAX)
        return 0;
    log_setup(LOG_OFF, LOG_FORMAT_JSON);
    start(&session);
    run(&session, data, size);
    BUG_ON(!session.ended);
    mcp_stdio_free(session.stdio);
    on_output(&session, LOOP_READ);
    fake_world_done(&session.world);
    BUG_ON(session.out.len > 0);
    fd_close(&session.from_server);
    buf_done(&session.out);
    return 0;
}

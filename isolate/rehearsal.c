#include "isolate/rehearsal.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/limits.h"
#include "isolate/wire.h"
#include "isolate/worker.h"

#define FRAME_MAX_BYTES 16384 /* far less than a socket takes before anybody reads */

/* A packet for each frame, so that the worker takes them one at a time, as in an execution. */
static int send_frame(int fd, enum wire_type type, uint32_t id, struct span body, struct err *err)
{
    CLEANUP(buf) struct buf frame = BUF(FRAME_MAX_BYTES);

    if (wire_write(&frame, type, id, body, err) < 0)
        return -1;
    return fd_write_all(fd, frame.data, frame.len, err);
}

static int send_script(int fd, const struct engine_script *script, struct err *err)
{
    CLEANUP(buf) struct buf body = BUF(FRAME_MAX_BYTES);

    wire_add_part(&body, script->run_text);
    wire_add_part(&body, script->input);
    return send_frame(fd, WIRE_RUN, 0, buf_span(&body), err);
}

static int send_reply(int fd, uint32_t id, struct span json, struct err *err)
{
    CLEANUP(buf) struct buf body = BUF(FRAME_MAX_BYTES);

    wire_add_part(&body, SPAN("ok"));
    wire_add_part(&body, json);
    return send_frame(fd, WIRE_REPLY, id, buf_span(&body), err);
}

/* All that the worker will be sent: it reads the replies when it has made the calls. */
static int send_all(int fd, const struct engine *engine, struct err *err)
{
    struct engine_sample sample;

    engine_sample(engine, &sample);
    if (send_frame(fd, WIRE_ENVIRONMENT, 0, sample.environment, err) < 0 ||
        send_script(fd, &sample.script, err) < 0)
        return -1;
    for (uint32_t id = 1; id <= sample.calls; id++) {
        if (send_reply(fd, id, sample.reply, err) < 0)
            return -1;
    }
    return 0;
}

int rehearsal_serve(struct engine *engine, struct err *err)
{
    CLEANUP(fd) int near = -1;
    CLEANUP(fd) int far = -1;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return err_sys(err, ERR_IO, errno, "no socket for a rehearsal");
    near = pair[0];
    far = pair[1];
    if (send_all(far, engine, err) < 0)
        return -1;
    if (worker_serve(near, engine, 0) != WORKER_EXIT_OK)
        return err_set(err, ERR_INVALID, "the rehearsal failed");
    return 0;
}

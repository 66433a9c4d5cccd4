#include "isolate/rehearsal.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/limits.h"
#include "isolate/wire.h"
#include "isolate/worker.h"

#define FRAMES_MAX_BYTES 16384 /* what a socket takes before anybody reads */

static int write_run(struct buf *frames, const struct engine_sample *sample, struct err *err)
{
    CLEANUP(buf) struct buf body = BUF(FRAMES_MAX_BYTES);

    wire_add_part(&body, sample->script.run_text);
    wire_add_part(&body, sample->script.input);
    if (wire_write(frames, WIRE_ENVIRONMENT, 0, sample->environment, err) < 0)
        return -1;
    return wire_write(frames, WIRE_RUN, 0, buf_span(&body), err);
}

static int write_reply(struct buf *frames, uint32_t id, struct span json, struct err *err)
{
    CLEANUP(buf) struct buf body = BUF(FRAMES_MAX_BYTES);

    wire_add_part(&body, SPAN("ok"));
    wire_add_part(&body, json);
    return wire_write(frames, WIRE_REPLY, id, buf_span(&body), err);
}

/* All that the worker will be sent: it reads the replies when it has made the calls. */
static int write_frames(struct buf *frames, const struct engine *engine, struct err *err)
{
    struct engine_sample sample;

    engine_sample(engine, &sample);
    if (write_run(frames, &sample, err) < 0)
        return -1;
    for (uint32_t id = 1; id <= sample.calls; id++) {
        if (write_reply(frames, id, sample.reply, err) < 0)
            return -1;
    }
    return 0;
}

int rehearsal_serve(struct engine *engine, struct err *err)
{
    CLEANUP(buf) struct buf frames = BUF(FRAMES_MAX_BYTES);
    CLEANUP(fd) int near = -1;
    CLEANUP(fd) int far = -1;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return err_sys(err, ERR_IO, errno, "no socket for a rehearsal");
    near = pair[0];
    far = pair[1];
    if (write_frames(&frames, engine, err) < 0 ||
        fd_write_all(far, frames.data, frames.len, err) < 0)
        return -1;
    if (worker_serve(near, engine, 0) != WORKER_EXIT_OK)
        return err_set(err, ERR_INVALID, "the rehearsal failed");
    return 0;
}

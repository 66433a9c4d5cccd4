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

static void
find_sample(enum rehearsal rehearsal, const struct engine *engine, struct engine_sample *ret)
{
    engine_sample(engine, ret);
    if (rehearsal == REHEARSAL_PROBE) {
        ret->script = (struct engine_script){ .run_text = span_of(engine_probe_text()) };
        ret->calls = 0;
    }
}

static int write_frames(struct buf *frames, const struct engine_sample *sample, struct err *err)
{
    if (write_run(frames, sample, err) < 0)
        return -1;
    for (uint32_t id = 1; id <= sample->calls; id++) {
        if (write_reply(frames, id, sample->reply, err) < 0)
            return -1;
    }
    return 0;
}

/* All that the worker will be sent: it reads the replies when it has made the calls.  The frames
 * are no longer in the heap when it begins. */
static int
send_frames(int fd, enum rehearsal rehearsal, const struct engine *engine, struct err *err)
{
    CLEANUP(buf) struct buf frames = BUF(FRAMES_MAX_BYTES);
    struct engine_sample sample;

    find_sample(rehearsal, engine, &sample);
    if (write_frames(&frames, &sample, err) < 0)
        return -1;
    return fd_write_all(fd, frames.data, frames.len, err);
}

int rehearsal_serve(enum rehearsal rehearsal, struct engine *engine, struct err *err)
{
    CLEANUP(fd) int near = -1;
    CLEANUP(fd) int far = -1;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return err_sys(err, ERR_IO, errno, "no socket for a rehearsal");
    near = pair[0];
    far = pair[1];
    if (send_frames(far, rehearsal, engine, err) < 0)
        return -1;
    if (worker_serve(near, engine, 0) != WORKER_EXIT_OK)
        return err_set(err, ERR_INVALID, "the rehearsal failed");
    return 0;
}

#include "isolate/rehearsal.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/limits.h"
#include "isolate/wire.h"
#include "isolate/worker.h"

#define FRAME_MAX_BYTES 8192

void rehearsal_write_run(struct buf *body)
{
    wire_add_part(body, span_of(engine_probe_text()));
    wire_add_part(body,
                  SPAN("{\"input\":null,\"servers\":[],\"limits\":{\"memory_bytes\":67108864,"
                       "\"cpu_ms\":5000,\"stack_kib\":984,\"result_bytes\":65536,\"log_bytes\":"
                       "65536,\"emit_bytes\":65536,\"timers\":10,"
                       "\"calls\":10,\"concurrent_calls\":4,\"argument_bytes\":65536},"
                       "\"seed\":\"00112233445566778899aabbccddeeff\",\"now_ms\":0}"));
}

int rehearsal_serve(struct engine *engine, struct err *err)
{
    CLEANUP(buf) struct buf body = BUF(FRAME_MAX_BYTES);
    CLEANUP(buf) struct buf frame = BUF(FRAME_MAX_BYTES);
    CLEANUP(fd) int near = -1;
    CLEANUP(fd) int far = -1;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return err_sys(err, ERR_IO, errno, "no socket for a rehearsal");
    near = pair[0];
    far = pair[1];
    rehearsal_write_run(&body);
    /* It lies in the socket when the worker looks: nobody has to serve the other end. */
    if (wire_write(&frame, WIRE_RUN, 0, buf_span(&body), err) < 0 ||
        fd_write_all(far, frame.data, frame.len, err) < 0)
        return -1;
    if (worker_serve(near, engine, 0) != WORKER_EXIT_OK)
        return err_set(err, ERR_INVALID, "the rehearsal failed");
    return 0;
}

/*
 * One worker: serves one execution on its socket, then ends.
 *
 * It is the only code that stands between the socket and the engine.  What it
 * knows of the execution is what the frames say; it holds no secret and
 * decides nothing: a worker that is taken over gains what its script had.
 */
#ifndef ISOLATE_WORKER_H
#define ISOLATE_WORKER_H

#include <stdint.h>

#include "isolate/engine.h"

/* How a worker's process ends; the proxy reads it from the wait status when no frame said it. */
enum worker_exit {
    WORKER_EXIT_OK = 0,
    WORKER_EXIT_PROTOCOL = 96, /* the proxy's bytes made no sense */
    WORKER_EXIT_MEMORY = 97,   /* out of memory, and no room left to say so */
    WORKER_EXIT_CPU = 98,      /* processor time used up in code that can't be interrupted */
    WORKER_EXIT_SANDBOX = 99,  /* a layer of the sandbox that was possible before is refused now */
    WORKER_EXIT_ENGINE = 100   /* the engine gave up */
};

/*
 * Serves the execution that comes on `fd` (a stream socket; borrowed) with a
 * started engine, and returns how to exit.  Tells READY first.
 * `data_bytes` is what the process may have in data beside the memory that
 * WIRE_ENVIRONMENT grants; 0 sets no limit.
 */
enum worker_exit worker_serve(int fd, struct engine *engine, uint64_t data_bytes);

#endif

/*
 * The zygote: starts the engine once, closes itself into the sandbox, and
 * forks a worker for each request on its control socket.
 *
 * It reads nothing but requests without content, so nothing foreign ever
 * reaches it.
 */
#ifndef ISOLATE_ZYGOTE_H
#define ISOLATE_ZYGOTE_H

#include <stdbool.h>
#include <stdint.h>

struct zygote_options {
    int control_fd; /* SOCK_SEQPACKET; see zygote_messages.h */
    bool jit;
    bool require_sandbox;    /* a refused layer is fatal */
    uint64_t heap_max_bytes; /* the largest heap any execution may ask for */
};

/*
 * Becomes the parent of the zygote: enters the namespaces, forks the zygote,
 * and waits for its end.  Never returns in the zygote or in a worker; returns
 * the status to exit with.
 */
int zygote_main(const struct zygote_options *options);

#endif

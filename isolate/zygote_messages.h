/*
 * What the proxy and the zygote say to each other: datagrams on a SEQPACKET
 * socket, one struct each, of which `text` is sent as far as it is used.
 *
 *   proxy → zygote   FORK    make a worker
 *   zygote → proxy   HELLO   it is ready: engine and layers, as lines (below)
 *                    FAILED  it can't work and exits: the reason
 *                    WORKER  pid; with two descriptors: the worker's socket and its pidfd
 *                    REFUSED a fork that failed: the reason
 *                    EXIT    pid and wait status of a worker that ended
 *
 * A pid is one of the zygote's own PID namespace.  It stands for the worker
 * until its EXIT, which is always sent before the number is used again.
 *
 * HELLO's lines: "engine NAME", then one for each layer of the sandbox:
 * "on NAME", "off NAME: REASON" or "relaxed NAME".
 */
#ifndef ISOLATE_ZYGOTE_MESSAGES_H
#define ISOLATE_ZYGOTE_MESSAGES_H

#include <stddef.h>
#include <stdint.h>

#define ZYGOTE_TEXT_BYTES      4096
#define ZYGOTE_DESCRIPTORS     2 /* that go with WORKER */
#define ZYGOTE_PROTOCOL_NUMBER 1

enum zygote_message_type {
    ZYGOTE_FORK = 1,
    ZYGOTE_HELLO,
    ZYGOTE_FAILED,
    ZYGOTE_WORKER,
    ZYGOTE_REFUSED,
    ZYGOTE_EXIT
};

struct zygote_message {
    uint32_t protocol; /* ZYGOTE_PROTOCOL_NUMBER: a proxy never talks to another version's zygote */
    uint32_t type;
    int32_t pid;
    int32_t status;
    char text[ZYGOTE_TEXT_BYTES]; /* terminated */
};

#define ZYGOTE_MESSAGE_BYTES offsetof(struct zygote_message, text) /* without any text */

#endif

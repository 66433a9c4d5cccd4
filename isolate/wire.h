/*
 * The frames between the proxy and a worker, and between a worker's engine and
 * nobody else.
 *
 * A frame is a header of 12 bytes (length of the body, type, three zero bytes,
 * id; little-endian) and a body.  Both ends refuse a frame that is of unknown
 * type, longer than one of its type may be, or not permitted in the present
 * state (wire_frames.def); the proxy kills such a worker, the worker exits.
 */
#ifndef ISOLATE_WIRE_H
#define ISOLATE_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define WIRE_HEADER_BYTES 12

/* States of the conversation, as bits, for the "permitted" column. */
enum wire_state {
    WIRE_STATE_IDLE = 1,      /* leased, nothing asked yet; or prepared, waiting for more */
    WIRE_STATE_PREPARING = 2, /* PREPARE sent, PREPARED not yet back */
    WIRE_STATE_RUNNING = 4,   /* RUN sent, DONE not yet back */
    WIRE_STATE_DONE = 8,      /* DONE or FATAL came: nothing may follow */
    WIRE_STATE_STARTING = 16  /* forked, READY not yet back */
};

enum wire_type {
    WIRE_NONE = 0,
#define FRAME(name, number, direction, states, bytes, meaning) WIRE_##name = (number),
#include "isolate/wire_frames.def"
#undef FRAME
};

/* Which way a type may travel. */
enum wire_direction { WIRE_TO_WORKER, WIRE_FROM_WORKER };

struct wire_frame {
    enum wire_type type;
    uint32_t id;
    struct span body; /* borrowed from the reader's buffer until the next call */
};

/* Appends a frame to `out`.  -1 with ERR_LIMIT when it is too long. */
int wire_write(
    struct buf *out, enum wire_type type, uint32_t id, struct span body, struct err *err);

/* Only the header of a frame whose body of `len` bytes follows; for a writer that must not
 * allocate.
 */
void wire_header(unsigned char ret_header[WIRE_HEADER_BYTES],
                 enum wire_type type,
                 uint32_t id,
                 uint32_t len);

/*
 * The first frame in `bytes`, checked for length, type, direction and state.
 * Returns the bytes it takes with *ret_frame set, 0 if more are needed, -1
 * with ERR_PROTOCOL.
 */
long wire_read(struct span bytes,
               enum wire_direction direction,
               enum wire_state state,
               struct wire_frame *ret_frame,
               struct err *err);

/* The name of a type for logs and errors; "UNKNOWN" for none. */
const char *wire_type_name(enum wire_type type);

/*
 * Bodies made of parts: each part is its length (u32 little-endian) and its
 * bytes.  wire_parts reads exactly `count` parts that fill the body, or
 * returns -1 with ERR_PROTOCOL.
 */
int wire_add_part(struct buf *body, struct span part);
int wire_parts(struct span body, struct span *ret_parts, size_t count, struct err *err);

#endif

/*
 * A small execution whose way through a worker is that of any other.
 */
#ifndef ISOLATE_REHEARSAL_H
#define ISOLATE_REHEARSAL_H

#include "base/buf.h"
#include "isolate/engine.h"

/* Appends the body of a RUN frame (wire_frames.def) whose value is 2. */
void rehearsal_write_run(struct buf *body);

/* Lets this process serve such an execution as a worker does, with nobody at the other end; it is
 * of no other use afterwards.  0, or -1 with err. */
int rehearsal_serve(struct engine *engine, struct err *err);

#endif

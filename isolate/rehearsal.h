/*
 * An execution whose way through a worker is that of any other, with nobody at
 * the other end.
 */
#ifndef ISOLATE_REHEARSAL_H
#define ISOLATE_REHEARSAL_H

#include "base/err.h"
#include "isolate/engine.h"

/* Lets this process serve the engine's sample as a worker does; it is of no other use afterwards.
 * 0, or -1 with err. */
int rehearsal_serve(struct engine *engine, struct err *err);

#endif

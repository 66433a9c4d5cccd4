/*
 * An execution whose way through a worker is that of any other, with nobody at
 * the other end.
 */
#ifndef ISOLATE_REHEARSAL_H
#define ISOLATE_REHEARSAL_H

#include "base/err.h"
#include "isolate/engine.h"

/* There are a script that makes calls and one that does next to nothing. */
enum rehearsal { REHEARSAL_SAMPLE, REHEARSAL_PROBE, REHEARSAL_COUNT };

/* Lets this process serve such a script as a worker does; it is of no other use afterwards.
 * 0, or -1 with err. */
int rehearsal_serve(enum rehearsal rehearsal, struct engine *engine, struct err *err);

#endif

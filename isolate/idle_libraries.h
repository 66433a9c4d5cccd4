/*
 * Libraries that workers do without.
 *
 * The engine's library is linked with those of the program that it comes from
 * (TLS, HTTP, databases, compression), which the engine itself never calls.
 * Each has five mappings, and each mapping costs a fork and an exit about a
 * microsecond.  So they are left out of what workers inherit, which also
 * leaves less code there for one that was taken over.
 */
#ifndef ISOLATE_IDLE_LIBRARIES_H
#define ISOLATE_IDLE_LIBRARIES_H

#include <stdbool.h>

#include "base/err.h"
#include "isolate/mappings.h"

/*
 * Leaves them out of every process that is forked from now on.  Does nothing unless all symbols
 * were bound at the start (LD_BIND_NOW), since the dynamic linker reads every library to find one
 * later.  -1 with err when the mappings can't be read or marked; forks then only cost more.
 */
int idle_libraries_leave_out(struct err *err);

/* True for a piece of a library that the engine never calls. */
bool idle_libraries_have(const struct mapping *mapping);

#endif

/*
 * The processor time of one execution, in milliseconds.
 *
 * RLIMIT_CPU counts whole seconds and from the fork on, so an interval timer
 * of the process does the counting and RLIMIT_CPU stands behind it for code
 * that has taken the timer away.
 */
#ifndef ISOLATE_WORKER_CPU_H
#define ISOLATE_WORKER_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "isolate/engine.h"

/* Installs the signal handlers; once, before the sandbox is closed. */
void worker_cpu_install(void);

/*
 * From now on the process may use `cpu_ms` of processor time.  When it is used
 * up, the script of `engine` is ended from the signal handler; when that has
 * not helped a second later, or `engine` is NULL, the process exits with
 * WORKER_EXIT_CPU.
 */
void worker_cpu_start(uint64_t cpu_ms, struct engine *engine);

/* Takes the limit away again. */
void worker_cpu_stop(void);

/* True once the time was used up. */
bool worker_cpu_expired(void);

#endif

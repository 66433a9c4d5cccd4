/*
 * What the TypeScript compiler is kept from.  It reads what models wrote and
 * what servers declare: it may read its own library, start threads and answer
 * over its pipes, and nothing else: no other file, no network, no process.
 */
#ifndef PROXY_CHECK_COMPILER_BARRIER_H
#define PROXY_CHECK_COMPILER_BARRIER_H

#include <stdbool.h>

#include "base/child.h"
#include "base/err.h"

/*
 * The barrier for a compiler whose program and library lie in `dir`; ended by
 * compiler_barrier_done.  A part that this kernel refuses is an error when
 * `required`; else it is left out, with a warning in the log that names it.
 */
int compiler_barrier_make(const char *dir,
                          bool required,
                          struct child_barrier *ret_barrier,
                          struct err *err);
/* The parts that it lacks, as "landlock, filter"; "" when it is whole. */
const char *compiler_barrier_missing(const struct child_barrier *barrier);
void compiler_barrier_done(struct child_barrier *barrier);

#endif

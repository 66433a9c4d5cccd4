/*
 * The environment of a script: what isolate/wire_frames.def calls RUN's
 * second part.  Names of servers and tools are written once per change of the
 * catalogue.
 */
#ifndef PROXY_EXEC_SCRIPT_ENVIRONMENT_H
#define PROXY_EXEC_SCRIPT_ENVIRONMENT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/span.h"
#include "codegen/catalogue.h"

struct script_environment {
    uint64_t change; /* of the catalogue that `servers` was made of; 0: none yet */
    struct buf servers;
};

void script_environment_init(struct script_environment *environment);
void script_environment_done(struct script_environment *environment);

/* Appends the environment of one execution; `input` is raw JSON or empty.  -1 with ERR_LIMIT. */
int script_environment_write(struct script_environment *environment,
                             const struct catalogue *catalogue,
                             const struct limits *limits,
                             struct span input,
                             struct buf *out,
                             struct err *err);

#endif

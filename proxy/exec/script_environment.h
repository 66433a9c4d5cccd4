/*
 * What scripts find: servers, tools and limits, as isolate/wire_frames.def
 * says of ENVIRONMENT.  Written once per change of the catalogue or the limits.
 */
#ifndef PROXY_EXEC_SCRIPT_ENVIRONMENT_H
#define PROXY_EXEC_SCRIPT_ENVIRONMENT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "codegen/catalogue.h"

struct script_environment {
    uint64_t change;      /* of the catalogue that `json` was made of */
    struct limits limits; /* in it */
    struct buf json;      /* empty: none yet */
};

void script_environment_init(struct script_environment *environment);
void script_environment_done(struct script_environment *environment);

/* Forgets it: the next refresh is a change. */
void script_environment_clear(struct script_environment *environment);

/* Makes it that of this catalogue and these limits.  1 when that was a change, 0 when it was so
 * already, -1 with ERR_LIMIT: then there is none. */
int script_environment_refresh(struct script_environment *environment,
                               const struct catalogue *catalogue,
                               const struct limits *limits,
                               struct err *err);

#endif

/*
 * On whose behalf an execution makes its requests: a copy of the client's
 * upstream_caller that outlives the request it came with.
 */
#ifndef PROXY_EXEC_CALLER_H
#define PROXY_EXEC_CALLER_H

#include "base/buf.h"
#include "proxy/upstream/upstreams.h"

struct exec_caller {
    struct upstream_caller view; /* of the texts below */
    char *session, *capabilities, *meta;
};

/* Copies `from`, in place of what was there; `owner` is whose requests they are.  A `_meta` over
 * LIMIT_META_BYTES is left out, and that is logged. */
void exec_caller_set(struct exec_caller *caller,
                     const struct upstream_caller *from,
                     const void *owner);

void exec_caller_done(struct exec_caller *caller);

/* Appends the `_meta` of one call: the members that its script gives (`own`, an object or empty),
 * and of the client's those that the script does not give. */
void exec_caller_write_meta(const struct upstream_caller *caller, struct span own, struct buf *out);

#endif

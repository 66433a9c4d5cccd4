/*
 * On whose behalf a request is made (struct upstream_caller), kept for as long
 * as the request lasts.
 */
#ifndef PROXY_UPSTREAM_CALLER_H
#define PROXY_UPSTREAM_CALLER_H

#include "base/buf.h"
#include "proxy/upstream/upstreams.h"

struct caller {
    const void *owner;
    char *session;      /* owned, as all strings here; NULL: none */
    char *capabilities; /* raw; NULL: none */
    char *meta;         /* raw; NULL: none */
    const char *log_level;
    bool takes_input_required;
};

/* `from` may be NULL. */
void caller_init(struct caller *caller, const struct upstream_caller *from);
void caller_done(struct caller *caller);

/*
 * Appends the object of what travels of `meta`, a raw `_meta` or nothing: not
 * the keys of the hop (progressToken and those of MCP's own prefixes), and a
 * `traceparent` that names a new span below the one given.  A traceparent that
 * is not valid is left out, with its tracestate (W3C Trace Context, 3.3).
 */
int caller_write_meta(struct buf *out, struct span meta);

#endif

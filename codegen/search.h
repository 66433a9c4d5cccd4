/*
 * Discovery from inside a script: mcp.search, mcp.describe, mcp.servers.
 *
 * Deterministic ranking, forgiving of plural, case style and small typos.
 * Results are JSON text, ready to be the reply to a host call.
 */
#ifndef CODEGEN_SEARCH_H
#define CODEGEN_SEARCH_H

#include "base/buf.h"
#include "codegen/catalogue.h"

#define SEARCH_LIMIT_DEFAULT 10
#define SEARCH_LIMIT_MAX     100

/*
 * Appends `[{path, signature, description, matched}]`, best first, `limit` at
 * most.  `path` is "server.tool" as a script writes it.
 */
int search_tools(const struct catalogue *catalogue,
                 struct span query,
                 size_t limit,
                 struct buf *out,
                 struct err *err);

/* Appends in words what the policy says of calls of a tool; false when scripts may not call it. */
typedef bool
describe_policy_fn(const void *ctx, const char *server_key, struct span tool, struct buf *out);
struct describe_policy {
    describe_policy_fn *say;
    const void *ctx;
};

/*
 * Appends a JSON string: the full declaration with documentation of what
 * `path` names ("server", "server.tool", by identifier or by raw name; for a
 * tool also an example call, its annotations and what the policy says).
 * ERR_NOT_FOUND with the nearest paths in the text when it names nothing;
 * ERR_DENIED when it names a tool that scripts may not call.
 */
int search_describe(const struct catalogue *catalogue,
                    struct span path,
                    const struct describe_policy *policy, /* NULL: none */
                    struct buf *out,
                    struct err *err);

/* Appends `[{name, identifier, title, description, tools, resources, prompts, state, problem}]`. */
int search_servers(const struct catalogue *catalogue, struct buf *out, struct err *err);

/* Appends to `out` up to `max` nearest "server.tool" paths to a name that does not exist, separated
 * by ", "; nothing when none is near.  `server_key` may be empty when the server is unknown too. */
int search_nearest(const struct catalogue *catalogue,
                   struct span server_key,
                   struct span tool,
                   size_t max,
                   struct buf *out);

#endif

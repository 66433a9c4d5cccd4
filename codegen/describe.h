/*
 * The description of execute_code: what a model reads before it writes a
 * script (DESIGN "What the client sees").
 *
 * Deterministic: the same catalogue and options give the same bytes.  The
 * first 2,048 characters stand alone: what it is, the rules, each server with
 * its number of tools (which are down and why), how to search and describe,
 * and whether what follows is COMPLETE or PARTIAL n of m.  Then declarations,
 * whole servers first, within the token budget and, for a client that cuts
 * descriptions, within what it keeps.
 *
 * The rule: when all servers fit, all are declared.  Else, in the order of the
 * configuration, each server that still fits in four fifths of the room is
 * declared as a whole; the rest of the room is shared evenly by the names of
 * the tools of the other servers.
 */
#ifndef CODEGEN_DESCRIBE_H
#define CODEGEN_DESCRIBE_H

#include "base/buf.h"
#include "codegen/catalogue.h"

#define DESCRIBE_LEAD_CHARACTERS 2048

struct describe_options {
    size_t budget_tokens;  /* for the declarations; the lead is not counted */
    size_t max_characters; /* of the whole, DESCRIBE_LEAD_CHARACTERS or more; 0: no limit */
};

/* Appends the description.  0, or -1 with ERR_LIMIT. */
int describe_catalogue(const struct catalogue *catalogue,
                       const struct describe_options *options,
                       struct buf *out,
                       struct err *err);

/* An estimate of the o200k tokens of a text, good within 10 % on TypeScript declarations. */
size_t describe_tokens(struct span text);

/* How many characters of a tool description the named client keeps (by clientInfo.name), 0 when no
 * limit is known; `ret_known` (may be NULL) tells whether the client is known at all. */
size_t describe_client_limit(const char *client_name, bool *ret_known);

/* Names of clients with a known limit, NULL-terminated, for `--client`. */
extern const char *const describe_clients[];

#endif

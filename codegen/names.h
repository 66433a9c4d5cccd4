/*
 * How server keys and tool names become identifiers of a script: the one rule
 * in the one place (DESIGN "Names").
 *
 * Valid names stay as they are; each invalid character becomes `_`; a leading
 * digit gets `_` before it; a reserved word gets `_` behind it; a clash is
 * resolved by a numeric suffix in the order given.
 */
#ifndef CODEGEN_NAMES_H
#define CODEGEN_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* True when `name` may stand as an identifier: ECMAScript's ID_Start/ID_Continue of ASCII, and no
 * reserved word. */
bool name_is_identifier(struct span name);

/* True when `name` may be a property name without quotes (reserved words may). */
bool name_is_property(struct span name);

/* The identifier of one name, without regard to others; the caller frees it. */
char *name_identifier(struct span name);

/*
 * Identifiers of `count` names, unique among each other and against `taken`
 * (NULL-terminated, may be NULL; the globals of a script for server keys).
 * ret_identifiers gets `count` strings that the caller frees.
 */
void name_identifiers(const char *const *names,
                      size_t count,
                      const char *const *taken,
                      char **ret_identifiers);

/* Names of globals that no server may take (mcp, input, console, ...), NULL-terminated. */
extern const char *const name_reserved_globals[];

/*
 * How far apart two names are for "did you mean": 0 when equal but for case,
 * `_`, `-`, `.`; else an edit distance (transposition counts one) up to `max`,
 * or `max + 1`.  Bounded work for long names.
 */
unsigned name_distance(struct span a, struct span b, unsigned max);

#endif

/*
 * JSON as editors and clients write it, made into what a YAML reader takes.
 */
#ifndef PROXY_CONFIG_JSONC_H
#define PROXY_CONFIG_JSONC_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

/* True when `text` is a JSON object: `{` and then a quoted key or `}`, comments aside. */
bool jsonc_is_object(struct span text);

/*
 * Appends the JSON of `text` to `out`: comments of both kinds, which YAML lacks,
 * become blanks, and a surrogate pair of escapes, which YAML refuses, becomes
 * one escape (two bytes shorter; else all lines and columns stay).  Text that
 * is no JSON is passed on for the YAML reader to refuse.  -1 with err when
 * `out` has no room.
 */
int jsonc_to_yaml(struct span text, struct buf *out, struct err *err);

#endif

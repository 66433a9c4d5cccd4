/*
 * Asks a compiler for its version: `tsc --version` prints "Version 7.0.2".
 */
#ifndef PROXY_CHECK_VERSION_H
#define PROXY_CHECK_VERSION_H

#include "base/loop.h"

struct version;

/* Starts asking; the answer is there some turns later.  A failure is logged. */
struct version *version_new(struct loop *loop, const char *tsc);

/* "7.0.2", or NULL as long as it is not known.  Takes NULL. */
const char *version_text(const struct version *version);

void version_free(struct version *version); /* takes NULL */

#endif

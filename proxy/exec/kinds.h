/*
 * The kinds of failure, as the client sees them: one table, kinds.def.
 */
#ifndef PROXY_EXEC_KINDS_H
#define PROXY_EXEC_KINDS_H

#include <stdbool.h>

#include "base/span.h"

enum exec_kind {
#define KIND(name, text, ran, advice) KIND_##name,
#include "proxy/exec/kinds.def"
#undef KIND
    KIND_COUNT
};

struct kind_row {
    const char *name;
    bool ran;           /* false: nothing of the script was executed, for certain */
    const char *advice; /* NULL when the message says all */
};

/* The row of a kind. */
const struct kind_row *kind_row(enum exec_kind kind);

/* The kind of that name; KIND_SCRIPT for a name that is in no row (a script's own error class). */
enum exec_kind kind_parse(struct span name);

#endif

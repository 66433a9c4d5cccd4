#include "proxy/exec/kinds.h"

#include <stddef.h>

static const struct kind_row rows[KIND_COUNT] = {
#define KIND(name, text, ran, advice) [KIND_##name] = { text, ran, advice },
#include "proxy/exec/kinds.def"
#undef KIND
};

const struct kind_row *kind_row(enum exec_kind kind)
{
    return &rows[kind];
}

enum exec_kind kind_parse(struct span name)
{
    for (int i = 0; i < KIND_COUNT; i++) {
        if (span_is(name, rows[i].name))
            return (enum exec_kind)i;
    }
    return KIND_SCRIPT;
}

/*
 * A set of names: filled first, then asked.
 */
#ifndef ISOLATE_NAME_SET_H
#define ISOLATE_NAME_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct name_set {
    struct span *names; /* owned; what they view is not */
    size_t count, capacity;
    bool sorted;
};

#define NAME_SET_INIT \
    {                 \
        .names = NULL \
    }

/* Adds a name, which must outlive the set. */
void name_set_add(struct name_set *set, struct span name);
bool name_set_has(struct name_set *set, struct span name);
void name_set_done(struct name_set *set);

static inline void name_set_cleanup(struct name_set *set)
{
    name_set_done(set);
}

#endif

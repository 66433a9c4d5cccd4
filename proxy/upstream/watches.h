/*
 * The resources of one server that somebody watches, each as often as it was
 * asked for.
 */
#ifndef PROXY_UPSTREAM_WATCHES_H
#define PROXY_UPSTREAM_WATCHES_H

#include <stdbool.h>

#include <uthash.h>

#include "base/span.h"

struct watch {
    UT_hash_handle hh;
    char *uri; /* owned */
    size_t count;
};

/* Zeroed to begin with; walk it along hh.next. */
struct watches {
    struct watch *first; /* owned */
};

/* True when it is the first watch of that resource. */
bool watches_add(struct watches *watches, struct span uri);
/* True when it was the last. */
bool watches_remove(struct watches *watches, struct span uri);
void watches_done(struct watches *watches);

#endif

#include "proxy/upstream/watches.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"

static struct watch *find(const struct watches *watches, struct span uri)
{
    struct watch *watch;

    HASH_FIND(hh, watches->first, uri.data, uri.len, watch);
    return watch;
}

bool watches_add(struct watches *watches, struct span uri)
{
    struct watch *watch = find(watches, uri);

    if (watch) {
        watch->count++;
        return false;
    }
    if (!uri.len || HASH_COUNT(watches->first) >= LIMIT_WATCHES)
        return false;
    watch = NEW(struct watch);
    watch->uri = span_dup(uri);
    watch->count = 1;
    HASH_ADD_KEYPTR(hh, watches->first, watch->uri, uri.len, watch);
    return true;
}

static void drop(struct watches *watches, struct watch *watch)
{
    HASH_DEL(watches->first, watch);
    free(watch->uri);
    free(watch);
}

bool watches_remove(struct watches *watches, struct span uri)
{
    struct watch *watch = find(watches, uri);

    if (!watch || --watch->count)
        return false;
    drop(watches, watch);
    return true;
}

void watches_done(struct watches *watches)
{
    while (watches->first)
        drop(watches, watches->first);
}

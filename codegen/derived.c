#include "codegen/derived.h"

#include <stdlib.h>

#include "base/mem.h"
#include "codegen/search_index.h"
#include "codegen/server_text.h"

static void free_derived(void *derived)
{
    struct derived *cache = derived;

    server_text_free(cache->text);
    search_index_free(cache->index);
    free(cache);
}

struct derived *derived_of(const struct catalogue_server *server)
{
    struct catalogue_server *owner = (struct catalogue_server *)(uintptr_t)server;

    if (!owner->derived) {
        owner->derived = NEW(struct derived);
        owner->derived_free = free_derived;
    }
    return owner->derived;
}

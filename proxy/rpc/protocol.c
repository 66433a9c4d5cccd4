#include "proxy/rpc/protocol.h"

#include <stddef.h>

#include "base/mem.h"

const char *const protocol_legacy[] = { "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05",
                                        NULL };

static const char *const methods[] = {
#define METHOD(name) name,
#include "proxy/rpc/methods.def"
#undef METHOD
};

bool protocol_is_legacy(struct span version)
{
    for (size_t i = 0; protocol_legacy[i]; i++) {
        if (span_is(version, protocol_legacy[i]))
            return true;
    }
    return false;
}

const char *protocol_method(struct span name)
{
    for (size_t i = 0; i < ARRAY_COUNT(methods); i++) {
        if (span_is(name, methods[i]))
            return methods[i];
    }
    return NULL;
}

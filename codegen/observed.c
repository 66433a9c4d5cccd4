#include "codegen/observed.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* FNV-1a, 64 bits. */
#define DIGEST_START 0xcbf29ce484222325u
#define DIGEST_PRIME 0x100000001b3u

struct observed *observed_new(uint64_t input_digest)
{
    struct observed *observed = NEW(struct observed);

    observed->references = 1;
    observed->input_digest = input_digest;
    return observed;
}

struct observed *observed_ref(struct observed *observed)
{
    observed->references++;
    return observed;
}

void observed_unref(struct observed *observed)
{
    if (!observed || --observed->references > 0)
        return;
    shape_done(&observed->root);
    free(observed);
}

static int mix(const char *buffer, size_t size, void *ctx)
{
    uint64_t *digest = ctx;

    for (size_t i = 0; i < size; i++)
        *digest = (*digest ^ (unsigned char)buffer[i]) * DIGEST_PRIME;
    return 0;
}

uint64_t observed_digest(const json_t *input_schema)
{
    uint64_t digest = DIGEST_START;

    json_dump_callback(input_schema, mix, &digest, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    return digest;
}

bool observed_of_tool(const struct tool *tool)
{
    return !tool->output && tool->observed && tool->observed->replies > 0;
}

bool observed_in_catalogue(const struct catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->server_count; i++) {
        const struct catalogue_server *server = catalogue->servers[i];

        for (size_t k = 0; k < server->tool_count; k++) {
            if (observed_of_tool(&server->tools[k]))
                return true;
        }
    }
    return false;
}

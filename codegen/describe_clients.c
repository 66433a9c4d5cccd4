/*
 * Clients whose limits are known.
 */
#include <string.h>
#include <strings.h>

#include "codegen/describe.h"

/* By clientInfo.name.  0: known to keep descriptions whole. */
static const struct client {
    const char *name;
    size_t description_characters;
} clients[] = {
    /* Cuts tool descriptions and server instructions without a word or a setting. */
    { "claude-code", 2048 },
};

const char *const describe_clients[] = { "claude-code", NULL };

size_t describe_client_limit(const char *client_name, bool *ret_known)
{
    bool known = false;
    size_t limit = 0;

    for (size_t i = 0; client_name && i < sizeof(clients) / sizeof(clients[0]); i++) {
        if (strcasecmp(client_name, clients[i].name) == 0) {
            known = true;
            limit = clients[i].description_characters;
        }
    }
    if (ret_known)
        *ret_known = known;
    return limit;
}

#include "proxy/config/config_foreign.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"

/* Gemini and opencode write milliseconds, 5000 and more; Cline writes seconds, up to 3600. */
#define MILLISECONDS_FROM 5000

struct foreign_key {
    const char *name, *mend;
};

static const char no_asking[] = "; a script may call every tool of the server without being asked";
static const char no_sign_in[] = "; give the server a token by its headers";

static const struct foreign_key foreign_keys[] = {
    { "alwaysAllow", no_asking },
    { "autoApprove", no_asking },
    { "trust", no_asking },
    { "oauth", no_sign_in },
    { "auth", no_sign_in },
    { "headersHelper", no_sign_in },
    { "authProviderType", no_sign_in },
};

void foreign_key_ignored(struct reader *r, const struct yaml_node *key)
{
    const char *mend = "";

    for (size_t i = 0; i < ARRAY_COUNT(foreign_keys); i++) {
        if (strcmp(foreign_keys[i].name, key->text) == 0)
            mend = foreign_keys[i].mend;
    }
    reader_warn(r, key, "'%s' of a client's configuration is ignored%s", key->text, mend);
}

bool foreign_timeout(struct reader *r,
                     const struct yaml_node *node,
                     const char *place,
                     uint64_t *ret_ms)
{
    uint64_t number;

    if (!parse_count(node->text, &number) || number == 0 || number > UINT64_MAX / 1000)
        return false;
    *ret_ms = number < MILLISECONDS_FROM ? number * 1000 : number;
    reader_warn(r, node, "%s.timeout has no unit; %" PRIu64 " is read as %s", place, number,
                number < MILLISECONDS_FROM ? "seconds" : "milliseconds");
    return true;
}

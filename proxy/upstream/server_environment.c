#include "proxy/upstream/server_environment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SECRET_MIN_BYTES 6 /* shorter values ("1", "info") are no secrets, and stand everywhere */

static const char *const inherited[] = { "HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER" };

static bool is_configured(const struct server_config *server, const char *name)
{
    for (size_t i = 0; i < server->env_count; i++) {
        if (strcmp(server->env[i].name, name) == 0)
            return true;
    }
    return false;
}

struct server_environment server_environment_of(const struct server_config *server)
{
    char **pairs = xcalloc(ARRAY_COUNT(inherited) + server->env_count + 1, sizeof(*pairs));
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_COUNT(inherited); i++) {
        const char *value = getenv(inherited[i]);

        if (value && !is_configured(server, inherited[i]))
            pairs[count++] = xasprintf("%s=%s", inherited[i], value);
    }
    for (size_t i = 0; i < server->env_count; i++)
        pairs[count++] = xasprintf("%s=%s", server->env[i].name, server->env[i].value);
    return (struct server_environment){ .pairs = pairs };
}

void server_environment_done(struct server_environment *environment)
{
    for (char **pair = environment->pairs; pair && *pair; pair++)
        free(*pair);
    free(environment->pairs);
    environment->pairs = NULL;
}

/* The length of the longest secret that `text` begins with; 0 when it begins with none. */
static size_t secret_at(const struct server_config *server, struct span text)
{
    size_t longest = 0;

    for (size_t i = 0; i < server->env_count; i++) {
        struct span secret = span_of(server->env[i].value);

        if (secret.len >= SECRET_MIN_BYTES && secret.len > longest &&
            span_starts_with(text, secret))
            longest = secret.len;
    }
    return longest;
}

void server_environment_hide_secrets(const struct server_config *server,
                                     struct span text,
                                     struct buf *out)
{
    while (text.len) {
        size_t len = secret_at(server, text);

        if (len)
            buf_add_str(out, "***");
        else
            buf_add_char(out, text.data[0]);
        text = span_skip(text, len ? len : 1);
    }
}

#include "proxy/config/config_pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/mem.h"
#include "proxy/config/env_file.h"

#define ENV_FILE_MAX_BYTES 1048576

static int read_pairs(struct reader *r,
                      const struct yaml_node *node,
                      const char *what,
                      struct config_pair **pairs,
                      size_t *count)
{
    if (yaml_is_null(node))
        return 0;
    if (expect_kind(r, node, YAML_KIND_MAP, what) < 0)
        return -1;
    if (!node->count)
        return 0;
    *pairs = xreallocarray(*pairs, *count + node->count, sizeof(**pairs));
    for (size_t i = 0; i < node->count; i++) {
        CLEANUP(str) char *name = xasprintf("%s.%s", what, node->pairs[i].key->text);
        char *value = read_text(r, node->pairs[i].value, name);

        if (!value)
            return -1;
        (*pairs)[*count].name = xstrdup(node->pairs[i].key->text);
        (*pairs)[(*count)++].value = value;
    }
    return 0;
}

int read_env_pairs(struct reader *r,
                   const struct yaml_node *node,
                   const char *place,
                   struct server_config *server)
{
    CLEANUP(str) char *what = xasprintf("%s.env", place);
    size_t first = server->env_count;

    if (server->env)
        return reader_fail(r, node, "%s has both env and environment; keep one", place);
    if (read_pairs(r, node, what, &server->env, &server->env_count) < 0)
        return -1;
    for (size_t i = first; i < server->env_count; i++) {
        if (!env_name_is_valid(server->env[i].name))
            return reader_fail(r, node->pairs[i - first].key, "%s: '%s' is no name of a variable",
                               what, server->env[i].name);
    }
    return 0;
}

static bool has_variable(const struct server_config *server, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(server->env[i].name, name) == 0)
            return true;
    }
    return false;
}

/* Drops those of the pairs from `first` on that an earlier one names. */
static void drop_repeated(struct server_config *server, size_t first)
{
    size_t kept = first;

    for (size_t i = first; i < server->env_count; i++) {
        if (has_variable(server, first, server->env[i].name)) {
            free(server->env[i].name);
            free(server->env[i].value);
        } else {
            server->env[kept++] = server->env[i];
        }
    }
    server->env_count = kept;
}

int read_env_file_pairs(struct reader *r,
                        const struct yaml_node *node,
                        const char *place,
                        struct server_config *server)
{
    CLEANUP(buf) struct buf content = BUF(ENV_FILE_MAX_BYTES);
    CLEANUP(str) char *what = xasprintf("%s.env_file", place);
    CLEANUP(str) char *path = read_text(r, node, what);
    struct err err = ERR_INIT;
    size_t first = server->env_count;

    if (!path)
        return -1;
    if (r->literal)
        return 0;
    if (file_read(path, &content, &err) < 0)
        return reader_fail(r, node, "%s: %s", what, err.text);
    warn_of_exposed_file(r->config, path, true);
    if (env_file_parse(buf_span(&content), path, &server->env, &server->env_count, &err) < 0)
        return reader_fail(r, node, "%s: %s", what, err.text);
    drop_repeated(server, first);
    return 0;
}

/* RFC 9110 section 5.6.2: the characters of a header name. */
static bool is_token(const char *text)
{
    static const char more[] = "!#$%&'*+-.^_`|~";

    if (!*text)
        return false;
    for (; *text; text++) {
        char c = *text;
        bool alphanumeric =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (!alphanumeric && !strchr(more, c))
            return false;
    }
    return true;
}

static int check_header(struct reader *r,
                        const struct yaml_node *key,
                        const struct config_pair *pair,
                        const char *what)
{
    if (!is_token(pair->name))
        return reader_fail(r, key, "%s: '%s' is no header name", what, pair->name);
    if (strpbrk(pair->value, "\r\n"))
        return reader_fail(r, key, "%s.%s: a header's value can't hold a line end", what,
                           pair->name);
    return 0;
}

int read_header_pairs(struct reader *r,
                      const struct yaml_node *node,
                      const char *place,
                      struct server_config *server)
{
    CLEANUP(str) char *what = xasprintf("%s.headers", place);

    if (read_pairs(r, node, what, &server->headers, &server->header_count) < 0)
        return -1;
    for (size_t i = 0; i < server->header_count; i++) {
        if (check_header(r, node->pairs[i].key, &server->headers[i], what) < 0)
            return -1;
        note_secret(r, node->pairs[i].value);
    }
    return 0;
}

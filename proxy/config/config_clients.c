/*
 * `clients:`: what is known of clients, by a pattern of their names.
 */
#include "proxy/config/config_clients.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The lead of the description must not be cut. */
#define LIMIT_LEAST 2048

static int read_limit(struct reader *r, const struct yaml_node *node, void *object)
{
    struct client_config *client = object;
    CLEANUP(str) char *text = read_text(r, node, "description_limit");

    if (!text)
        return -1;
    client->description_whole = strcmp(text, "none") == 0;
    if (client->description_whole)
        return 0;
    if (!parse_count(text, &client->description_limit) || client->description_limit < LIMIT_LEAST)
        return reader_fail(r, node,
                           "clients.%s.description_limit is '%s'; write a number of characters, "
                           "%d or more, or none",
                           client->pattern, text, LIMIT_LEAST);
    return 0;
}

static int read_mode(struct reader *r, const struct yaml_node *node, void *object)
{
    struct client_config *client = object;
    CLEANUP(str) char *word = read_text(r, node, "mode");

    if (!word)
        return -1;
    client->has_mode = true;
    client->mode = strcmp(word, "direct") == 0 ? OFFER_DIRECT : OFFER_CODE;
    if (client->mode == OFFER_CODE && strcmp(word, "code") != 0)
        return reader_fail(r, node, "clients.%s.mode is '%s'; it must be code or direct",
                           client->pattern, word);
    return 0;
}

static const struct key client_keys[] = {
    { "mode", KEY_CUSTOM, 0, NULL, read_mode },
    { "description_limit", KEY_CUSTOM, 0, NULL, read_limit },
    { "budget", KEY_COUNT, offsetof(struct client_config, description_budget), NULL, NULL },
    { 0 },
};

static int read_client(struct reader *r, const struct yaml_pair *pair, struct config *config)
{
    CLEANUP(str) char *place = xasprintf("clients.%s", pair->key->text);
    struct client_config *client;

    config->clients =
        xreallocarray(config->clients, config->client_count + 1, sizeof(*config->clients));
    client = &config->clients[config->client_count++];
    *client = (struct client_config){ .pattern = xstrdup(pair->key->text) };
    return read_map(r, pair->value, client_keys, client, place);
}

int read_clients(struct reader *r, const struct yaml_node *node, void *object)
{
    if (yaml_is_null(node))
        return 0;
    if (expect_kind(r, node, YAML_KIND_MAP, "clients") < 0)
        return -1;
    for (size_t i = 0; i < node->count; i++) {
        if (read_client(r, &node->pairs[i], object) < 0)
            return -1;
    }
    return 0;
}

void free_clients(struct config *config)
{
    for (size_t i = 0; i < config->client_count; i++)
        free(config->clients[i].pattern);
    free(config->clients);
}

const struct client_config *config_find_client(const struct config *config, const char *name)
{
    for (size_t i = 0; name && i < config->client_count; i++) {
        if (fnmatch(config->clients[i].pattern, name, FNM_CASEFOLD) == 0)
            return &config->clients[i];
    }
    return NULL;
}

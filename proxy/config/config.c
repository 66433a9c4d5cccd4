#include "proxy/config/config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "proxy/config/config_clients.h"
#include "proxy/config/config_server.h"
#include "proxy/config/jsonc.h"
#include "proxy/config/reader.h"

#define LISTEN_PORT        8787
#define STARTUP_TIMEOUT_MS 10000
#define POOL_MIN           2
#define POOL_SPARE         8
#define POOL_IDLE_MS       10000
#define POOL_MAX           72          /* limits.executions and the spare ones */
#define MEMORY_LEAST       (16u << 20) /* the engine does not start with less */

static int read_listen(struct reader *r, const struct yaml_node *node, void *object)
{
    CLEANUP(str) char *text = read_text(r, node, "listen");
    struct err err = ERR_INIT;

    if (!text)
        return -1;
    if (config_set_listen(object, text, &err) < 0)
        return reader_fail(r, node, "%s", err.text);
    return 0;
}

static int read_tokens(struct reader *r, const struct yaml_node *node, void *object)
{
    struct config *config = object;

    config->tokens = read_texts(r, node, "auth.tokens");
    if (!config->tokens)
        return -1;
    for (char **token = config->tokens; *token; token++) {
        if (!**token)
            return reader_fail(r, node,
                               "auth.tokens holds an empty token, which would open the "
                               "door to everybody; is its variable or file empty?");
    }
    return 0;
}

static const struct key auth_keys[] = {
    { "tokens", KEY_CUSTOM, 0, NULL, read_tokens },
    { 0 },
};

static int read_auth(struct reader *r, const struct yaml_node *node, void *object)
{
    if (yaml_is_null(node))
        return 0;
    if (read_map(r, node, auth_keys, object, "auth") < 0)
        return -1;
    for (size_t i = 0; i < node->count; i++)
        note_secret(r, node->pairs[i].value);
    return 0;
}

static int
read_server_map(struct reader *r, const struct yaml_node *node, const char *what, bool pasted)
{
    if (yaml_is_null(node))
        return 0;
    if (expect_kind(r, node, YAML_KIND_MAP, what) < 0)
        return -1;
    for (size_t i = 0; i < node->count; i++) {
        if (read_server(r, &node->pairs[i], pasted) < 0)
            return -1;
    }
    return 0;
}

static int read_servers(struct reader *r, const struct yaml_node *node, void *object)
{
    (void)object;
    return read_server_map(r, node, "servers", false);
}

static int read_pasted(struct reader *r, const struct yaml_node *node, void *object)
{
    (void)object;
    return read_server_map(r, node, "mcpServers", true);
}

static enum key_kind limit_kind(enum limit_unit unit)
{
    switch (unit) {
    case LIMIT_UNIT_MS:
        return KEY_DURATION;
    case LIMIT_UNIT_BYTES:
        return KEY_SIZE;
    case LIMIT_UNIT_COUNT:
        return KEY_COUNT;
    }
    return KEY_COUNT;
}

static int check_limits(struct reader *r, const struct yaml_node *node)
{
    if (r->config->limits.memory_bytes < MEMORY_LEAST)
        return reader_fail(r, node, "limits.memory must be at least 16MiB");
    return 0;
}

static int read_limits(struct reader *r, const struct yaml_node *node, void *object)
{
    struct config *config = object;
    struct key keys[64] = { { 0 } };
    size_t count = 0;

    if (yaml_is_null(node))
        return 0;
    for (const struct limit_setting *row = limit_settings; row->key; row++) {
        BUG_ON(count + 1 == ARRAY_COUNT(keys));
        keys[count++] = (struct key){ row->key, limit_kind(row->unit), row->offset, NULL, NULL };
    }
    if (read_map(r, node, keys, &config->limits, "limits") < 0)
        return -1;
    return check_limits(r, node);
}

static const struct key description_keys[] = {
    { "budget", KEY_COUNT, offsetof(struct config, description_budget), NULL, NULL },
    { 0 },
};

static int read_description(struct reader *r, const struct yaml_node *node, void *object)
{
    return yaml_is_null(node) ? 0 : read_map(r, node, description_keys, object, "description");
}

static const char *const level_words[] = { "debug", "info", "warn", "error", "off", NULL };
static const char *const format_words[] = { "json", "text", NULL };

static const struct key log_keys[] = {
    { "level", KEY_WORD, offsetof(struct config, log_level), level_words, NULL },
    { "format", KEY_WORD, offsetof(struct config, log_format), format_words, NULL },
    { 0 },
};

static int read_log(struct reader *r, const struct yaml_node *node, void *object)
{
    return yaml_is_null(node) ? 0 : read_map(r, node, log_keys, object, "log");
}

static const struct key pool_keys[] = {
    { "min", KEY_COUNT, offsetof(struct pool_config, min), NULL, NULL },
    { "max", KEY_COUNT, offsetof(struct pool_config, max), NULL, NULL },
    { "spare", KEY_COUNT, offsetof(struct pool_config, spare), NULL, NULL },
    { "idle", KEY_DURATION, offsetof(struct pool_config, idle_ms), NULL, NULL },
    { 0 },
};

static int
check_pool(struct reader *r, const struct yaml_node *node, const struct pool_config *pool)
{
    if (pool->min <= pool->spare && pool->spare <= pool->max && pool->max <= CONFIG_WORKERS_MAX)
        return 0;
    return reader_fail(r, node,
                       "pool must hold min <= spare <= max <= %d; here min is %" PRIu64
                       ", spare %" PRIu64 ", max %" PRIu64,
                       CONFIG_WORKERS_MAX, pool->min, pool->spare, pool->max);
}

static int read_pool(struct reader *r, const struct yaml_node *node, void *object)
{
    struct pool_config *pool = &((struct config *)object)->pool;

    if (yaml_is_null(node))
        return 0;
    if (read_map(r, node, pool_keys, pool, "pool") < 0)
        return -1;
    return check_pool(r, node, pool);
}

static int read_sandbox(struct reader *r, const struct yaml_node *node, void *object)
{
    struct config *config = object;
    CLEANUP(str) char *word = read_text(r, node, "sandbox");

    if (!word)
        return -1;
    config->sandbox_required = strcmp(word, "require") == 0;
    if (!config->sandbox_required && strcmp(word, "best-effort") != 0)
        return reader_fail(r, node, "sandbox is '%s'; it must be require or best-effort", word);
    return 0;
}

static const struct key store_keys[] = {
    { "path", KEY_TEXT, offsetof(struct config, store_path), NULL, NULL },
    { 0 },
};

static int read_store(struct reader *r, const struct yaml_node *node, void *object)
{
    struct config *config = object;

    if (yaml_is_null(node))
        return 0;
    if (read_map(r, node, store_keys, object, "store") < 0)
        return -1;
    if (config->store_path && config->store_path[0] != '/')
        return reader_fail(r, node, "store.path is '%s'; it must be an absolute path",
                           config->store_path);
    return 0;
}

static const struct key expose_keys[] = {
    { "prompts", KEY_BOOL, offsetof(struct expose_config, prompts), NULL, NULL },
    { "resources", KEY_BOOL, offsetof(struct expose_config, resources), NULL, NULL },
    { "tools", KEY_LIST, offsetof(struct expose_config, tools), NULL, NULL },
    { 0 },
};

static int read_expose(struct reader *r, const struct yaml_node *node, void *object)
{
    struct expose_config *expose = &((struct config *)object)->expose;

    return yaml_is_null(node) ? 0 : read_map(r, node, expose_keys, expose, "expose");
}

static const struct yaml_node *value_of(const struct yaml_node *map, const char *key)
{
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->pairs[i].key->text, key) == 0)
            return map->pairs[i].value;
    }
    return map;
}

static int check_exposed(struct reader *r, const struct yaml_node *root)
{
    for (char **tool = r->config->expose.tools; tool && *tool; tool++) {
        if (!config_exposed_server(r->config, *tool, NULL))
            return reader_fail(r, value_of(root, "expose"),
                               "expose.tools holds '%s'; write server.tool, with the key of one "
                               "of the servers",
                               *tool);
    }
    return 0;
}

static size_t count_enabled(const struct config *config)
{
    size_t count = 0;

    for (size_t i = 0; i < config->server_count; i++)
        count += !config->servers[i].disabled;
    return count;
}

static int check_mode(struct reader *r, const struct yaml_node *root)
{
    const struct config *config = r->config;

    if (config->mode != OFFER_PASSTHROUGH || count_enabled(config) == 1)
        return 0;
    return reader_fail(r, value_of(root, "mode"),
                       "mode: passthrough mirrors exactly one server, and here are %zu that are "
                       "not disabled",
                       count_enabled(config));
}

/* What can be said only when all has been read. */
static int check_whole(struct reader *r, const struct yaml_node *root)
{
    return check_mode(r, root) < 0 || check_exposed(r, root) < 0 ? -1 : 0;
}

static const char *const mode_words[] = { "code", "direct", "passthrough", NULL };
static const char *const typecheck_words[] = { "error", "warn", "off", NULL };

/* Of other programs' files: what to write instead. */
static const char *const inputs_mend[] = {
    "nobody is asked for ${input:...}: write ${VAR} or ${file:PATH} where it stands, and take "
    "'inputs' out"
};
static const char *const map_mend[] = { "name the map of servers 'mcpServers'" };

static const struct key top_keys[] = {
    { "listen", KEY_CUSTOM, 0, NULL, read_listen },
    { "allowed_hosts", KEY_LIST, offsetof(struct config, allowed_hosts), NULL, NULL },
    { "auth", KEY_CUSTOM, 0, NULL, read_auth },
    { "servers", KEY_CUSTOM, 0, NULL, read_servers },
    { "mcpServers", KEY_CUSTOM, 0, NULL, read_pasted },
    { "limits", KEY_CUSTOM, 0, NULL, read_limits },
    { "description", KEY_CUSTOM, 0, NULL, read_description },
    { "clients", KEY_CUSTOM, 0, NULL, read_clients },
    { "mode", KEY_WORD, offsetof(struct config, mode), mode_words, NULL },
    { "expose", KEY_CUSTOM, 0, NULL, read_expose },
    { "typecheck", KEY_WORD, offsetof(struct config, typecheck), typecheck_words, NULL },
    { "log", KEY_CUSTOM, 0, NULL, read_log },
    { "startup_timeout", KEY_DURATION, offsetof(struct config, startup_timeout_ms), NULL, NULL },
    { "jit", KEY_BOOL, offsetof(struct config, jit), NULL, NULL },
    { "sandbox", KEY_CUSTOM, 0, NULL, read_sandbox },
    { "store", KEY_CUSTOM, 0, NULL, read_store },
    { "learn_outputs", KEY_BOOL, offsetof(struct config, learn_outputs), NULL, NULL },
    { "pool", KEY_CUSTOM, 0, NULL, read_pool },
    { "inputs", KEY_FOREIGN, 0, inputs_mend, NULL },
    { "mcp", KEY_FOREIGN, 0, map_mend, NULL },
    { "mcp_servers", KEY_FOREIGN, 0, map_mend, NULL },
    { 0 },
};

static struct config *config_new(void)
{
    struct config *config = NEW(struct config);

    config->listen_host = xstrdup("127.0.0.1");
    config->listen_port = LISTEN_PORT;
    config->limits = limits_default();
    config->description_budget = CONFIG_DESCRIPTION_BUDGET;
    config->log_level = LOG_INFO;
    config->startup_timeout_ms = STARTUP_TIMEOUT_MS;
    config->jit = true;
    config->learn_outputs = true;
    config->expose = (struct expose_config){ .prompts = true, .resources = true };
    config->sandbox_required = true;
    config->pool = (struct pool_config){
        .min = POOL_MIN, .spare = POOL_SPARE, .max = POOL_MAX, .idle_ms = POOL_IDLE_MS
    };
    return config;
}

/* YAML reads JSON, but neither comments in it nor all of its escapes. */
static struct yaml_node *parse_text(struct span text, const char *name, struct err *err)
{
    CLEANUP(buf) struct buf yaml = BUF(LIMIT_CONFIG_BYTES);

    if (!jsonc_is_object(text))
        return yaml_tree_parse(text, name, err);
    if (jsonc_to_yaml(text, &yaml, err) < 0)
        return NULL;
    return yaml_tree_parse(buf_span(&yaml), name, err);
}

struct config *config_parse(struct span text, const char *name, struct err *err)
{
    struct yaml_node *root = parse_text(text, name, err);
    struct config *config;
    struct reader reader;

    if (!root)
        return NULL;
    config = config_new();
    reader = (struct reader){ .name = name, .config = config, .err = err };
    if (read_map(&reader, root, top_keys, config, "") < 0 || check_whole(&reader, root) < 0) {
        config_free(config);
        config = NULL;
    }
    yaml_tree_free(root);
    return config;
}

static struct config *load_file(const char *path, struct err *err)
{
    CLEANUP(buf) struct buf text = BUF(LIMIT_CONFIG_BYTES);
    struct config *config;

    if (file_read(path, &text, err) < 0)
        return NULL;
    config = config_parse(buf_span(&text), path, err);
    if (!config)
        return NULL;
    config->path = xstrdup(path);
    warn_of_exposed_file(config, path, config->holds_secrets);
    return config;
}

/* The file of XDG_CONFIG_HOME (~/.config without it), to free. */
static char *xdg_path(void)
{
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");

    if (base && *base)
        return xasprintf("%s/mcpfold/config.yaml", base);
    return xasprintf("%s/.config/mcpfold/config.yaml", home ? home : "");
}

struct config *config_load(const char *path, struct err *err)
{
    static const char here[] = "mcpfold.yaml", everywhere[] = "/etc/mcpfold/config.yaml";
    const char *named = getenv("MCPFOLD_CONFIG");
    CLEANUP(str) char *personal = xdg_path();

    if (path)
        return load_file(path, err);
    if (named && *named)
        return load_file(named, err);
    if (access(here, F_OK) == 0)
        return load_file(here, err);
    if (access(personal, F_OK) == 0)
        return load_file(personal, err);
    if (access(everywhere, F_OK) == 0)
        return load_file(everywhere, err);
    err_set(err, ERR_NOT_FOUND,
            "no configuration found: looked at $MCPFOLD_CONFIG (not set), ./%s, %s and %s; "
            "write one of them or name a file with -c",
            here, personal, everywhere);
    return NULL;
}

const struct server_config *config_find_server(const struct config *config, const char *key)
{
    for (size_t i = 0; i < config->server_count; i++) {
        if (strcmp(config->servers[i].key, key) == 0)
            return &config->servers[i];
    }
    return NULL;
}

/* Keys may hold dots, so the longest key that fits is the one. */
const struct server_config *
config_exposed_server(const struct config *config, const char *path, const char **ret_tool)
{
    const struct server_config *found = NULL;
    size_t longest = 0;

    for (size_t i = 0; i < config->server_count; i++) {
        size_t len = strlen(config->servers[i].key);

        if (len < longest || strncmp(path, config->servers[i].key, len) != 0 || path[len] != '.' ||
            !path[len + 1])
            continue;
        found = &config->servers[i];
        longest = len;
    }
    if (found && ret_tool)
        *ret_tool = path + longest + 1;
    return found;
}

void config_free_texts(char **texts)
{
    for (size_t i = 0; texts && texts[i]; i++)
        free(texts[i]);
    free(texts);
}

static void free_pairs(struct config_pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(pairs[i].name);
        free(pairs[i].value);
    }
    free(pairs);
}

static void free_server(struct server_config *server)
{
    free(server->key);
    config_free_texts(server->argv);
    free_pairs(server->env, server->env_count);
    free(server->cwd);
    free(server->url);
    free_pairs(server->headers, server->header_count);
    config_free_texts(server->roots);
    config_free_texts(server->include_tools);
    config_free_texts(server->exclude_tools);
}

void config_free(struct config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < config->server_count; i++)
        free_server(&config->servers[i]);
    free(config->servers);
    free_clients(config);
    free(config->path);
    free(config->listen_host);
    free(config->store_path);
    config_free_texts(config->allowed_hosts);
    config_free_texts(config->tokens);
    config_free_texts(config->warnings);
    config_free_texts(config->expose.tools);
    free(config);
}

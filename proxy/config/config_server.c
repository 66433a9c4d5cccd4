/*
 * One entry of `servers:` (ours) or `mcpServers:` (pasted from a client).
 */
#include "proxy/config/config_server.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proxy/config/config_foreign.h"
#include "proxy/config/config_pairs.h"

#define SERVER_KEY_MAX_BYTES 64

/* What one entry may hold, before it is known whether it is a program or an address. */
struct entry {
    struct server_config *server;
    const struct yaml_node *command, *args;
    const struct yaml_node *type;
    const struct yaml_node *timeout;
    const struct yaml_node *env_file;
    char **include_tools, **exclude_tools; /* moved to the server at the end */
    enum isolation isolation;
    enum era_choice era;
    bool enabled;
    bool pasted;
    char *place; /* "servers.github" */
};

static int read_command(struct reader *r, const struct yaml_node *node, void *object)
{
    struct entry *entry = object;

    (void)r;
    entry->command = node;
    return 0;
}

static int read_args(struct reader *r, const struct yaml_node *node, void *object)
{
    struct entry *entry = object;

    entry->args = node;
    return yaml_is_null(node) ? 0 : expect_kind(r, node, YAML_KIND_LIST, "args");
}

static int read_type(struct reader *r, const struct yaml_node *node, void *object)
{
    struct entry *entry = object;

    entry->type = node;
    return expect_kind(r, node, YAML_KIND_SCALAR, "type");
}

static int read_timeout(struct reader *r, const struct yaml_node *node, void *object)
{
    struct entry *entry = object;

    entry->timeout = node;
    return expect_kind(r, node, YAML_KIND_SCALAR, "timeout");
}

static int read_env(struct reader *r, const struct yaml_node *node, void *object)
{
    struct entry *entry = object;

    return read_env_pairs(r, node, entry->place, entry->server);
}

static int read_env_file(struct reader *r, const struct yaml_node *node, void *object)
{
    struct entry *entry = object;

    (void)r;
    entry->env_file = node;
    return 0;
}

static int read_headers(struct reader *r, const struct yaml_node *node, void *object)
{
    struct entry *entry = object;

    return read_header_pairs(r, node, entry->place, entry->server);
}

static int read_cwd(struct reader *r, const struct yaml_node *node, void *object)
{
    struct entry *entry = object;

    entry->server->cwd = read_text(r, node, "cwd");
    return entry->server->cwd ? 0 : -1;
}

static int read_url(struct reader *r, const struct yaml_node *node, void *object)
{
    struct entry *entry = object;
    CLEANUP(str) char *what = xasprintf("%s.url", entry->place);

    if (entry->server->url)
        return reader_fail(r, node, "%s has two addresses; keep one", entry->place);
    entry->server->url = read_text(r, node, what);
    return entry->server->url ? 0 : -1;
}

static int read_disabled(struct reader *r, const struct yaml_node *node, void *object)
{
    struct entry *entry = object;

    if (expect_kind(r, node, YAML_KIND_SCALAR, "disabled") < 0)
        return -1;
    if (!parse_switch(node->text, &entry->server->disabled))
        return reader_fail(r, node, "disabled is '%s'; write true or false", node->text);
    return 0;
}

static bool *find_ask(struct ask_config *ask, const char *word)
{
    if (strcmp(word, "elicitation") == 0)
        return &ask->elicitation;
    if (strcmp(word, "sampling") == 0)
        return &ask->sampling;
    return strcmp(word, "roots") == 0 ? &ask->roots : NULL;
}

static int read_ask(struct reader *r, const struct yaml_node *node, void *object)
{
    struct entry *entry = object;
    char **words = read_texts(r, node, "ask");
    int result = words ? 0 : -1;

    entry->server->ask = (struct ask_config){ 0 };
    for (char **word = words; result == 0 && *word; word++) {
        bool *field = find_ask(&entry->server->ask, *word);

        if (field)
            *field = true;
        else
            result = reader_fail(r, node,
                                 "%s.ask holds '%s'; it may hold elicitation, sampling and roots",
                                 entry->place, *word);
    }
    config_free_texts(words);
    return result;
}

static int read_roots(struct reader *r, const struct yaml_node *node, void *object)
{
    struct entry *entry = object;

    entry->server->roots = read_texts(r, node, "roots");
    if (!entry->server->roots)
        return -1;
    for (char **root = entry->server->roots; *root; root++) {
        if (strncmp(*root, "file://", 7) != 0)
            return reader_fail(r, node, "%s.roots holds '%s'; a root is a URI: file:///folder",
                               entry->place, *root);
    }
    return 0;
}

/* What clients call our keys. */
static const char *const alias_env[] = { "env" }, *const alias_env_file[] = { "env_file" },
                         *const alias_url[] = { "url" },
                         *const alias_include[] = { "include_tools" },
                         *const alias_exclude[] = { "exclude_tools" },
                         *const alias_era[] = { "era" };

static const char *const isolation_words[] = { "shared", "session", NULL };
static const char *const era_words[] = { "auto", "legacy", "modern", NULL };

static const struct key entry_keys[] = {
    { "command", KEY_CUSTOM, 0, NULL, read_command },
    { "args", KEY_CUSTOM, 0, NULL, read_args },
    { "env", KEY_CUSTOM, 0, NULL, read_env },
    { "environment", KEY_ALIAS, 0, alias_env, NULL },
    { "env_file", KEY_CUSTOM, 0, NULL, read_env_file },
    { "envFile", KEY_ALIAS, 0, alias_env_file, NULL },
    { "cwd", KEY_CUSTOM, 0, NULL, read_cwd },
    { "url", KEY_CUSTOM, 0, NULL, read_url },
    { "serverUrl", KEY_ALIAS, 0, alias_url, NULL },
    { "httpUrl", KEY_ALIAS, 0, alias_url, NULL },
    { "type", KEY_CUSTOM, 0, NULL, read_type },
    { "headers", KEY_CUSTOM, 0, NULL, read_headers },
    { "timeout", KEY_CUSTOM, 0, NULL, read_timeout },
    { "disabled", KEY_CUSTOM, 0, NULL, read_disabled },
    { "enabled", KEY_BOOL, offsetof(struct entry, enabled), NULL, NULL },
    { "include_tools", KEY_LIST, offsetof(struct entry, include_tools), NULL, NULL },
    { "includeTools", KEY_ALIAS, 0, alias_include, NULL },
    { "enabled_tools", KEY_ALIAS, 0, alias_include, NULL },
    { "tools", KEY_ALIAS, 0, alias_include, NULL },
    { "exclude_tools", KEY_LIST, offsetof(struct entry, exclude_tools), NULL, NULL },
    { "excludeTools", KEY_ALIAS, 0, alias_exclude, NULL },
    { "disabled_tools", KEY_ALIAS, 0, alias_exclude, NULL },
    { "isolation", KEY_WORD, offsetof(struct entry, isolation), isolation_words, NULL },
    { "era", KEY_WORD, offsetof(struct entry, era), era_words, NULL },
    { "protocolEra", KEY_ALIAS, 0, alias_era, NULL },
    { "ask", KEY_CUSTOM, 0, NULL, read_ask },
    { "roots", KEY_CUSTOM, 0, NULL, read_roots },
    { 0 },
};

struct transport_name {
    const char *name;
    enum transport_kind kind;
};

static const struct transport_name transport_names[] = {
    { "stdio", TRANSPORT_STDIO },         { "local", TRANSPORT_STDIO },
    { "http", TRANSPORT_HTTP },           { "streamable-http", TRANSPORT_HTTP },
    { "streamableHttp", TRANSPORT_HTTP }, { "streamable_http", TRANSPORT_HTTP },
    { "remote", TRANSPORT_HTTP },         { "sse", TRANSPORT_SSE },
};

static int find_transport(struct reader *r, const struct entry *entry, enum transport_kind *ret)
{
    if (!entry->type) {
        *ret = entry->command ? TRANSPORT_STDIO : TRANSPORT_HTTP;
        return 0;
    }
    for (size_t i = 0; i < ARRAY_COUNT(transport_names); i++) {
        if (strcmp(entry->type->text, transport_names[i].name) == 0) {
            *ret = transport_names[i].kind;
            return 0;
        }
    }
    return reader_fail(r, entry->type, "%s.type is '%s'; it must be stdio, http or sse%s",
                       entry->place, entry->type->text,
                       strcmp(entry->type->text, "ws") == 0
                           ? ": WebSocket is no transport of MCP, see whether the server has an "
                             "address that begins with http"
                           : "");
}

/* command and args as one NULL-terminated list. */
static char **join_command(char **command, char **args)
{
    size_t count = 0, more = 0;

    while (command[count])
        count++;
    while (args && args[more])
        more++;
    command = xreallocarray(command, count + more + 1, sizeof(char *));
    for (size_t i = 0; i < more; i++)
        command[count + i] = args[i];
    command[count + more] = NULL;
    free(args);
    return command;
}

static char **read_member_texts(struct reader *r,
                                const struct entry *entry,
                                const struct yaml_node *node,
                                const char *member)
{
    CLEANUP(str) char *what = xasprintf("%s.%s", entry->place, member);

    return read_texts(r, node, what);
}

static int finish_stdio(struct reader *r, const struct yaml_node *at, struct entry *entry)
{
    struct server_config *server = entry->server;
    char **args = NULL;

    if (!entry->command)
        return reader_fail(r, at, "%s needs a command, or a url", entry->place);
    if (server->url)
        return reader_fail(r, at, "%s has both a command and a url; keep one", entry->place);
    server->argv = read_member_texts(r, entry, entry->command, "command");
    if (!server->argv)
        return -1;
    if (!server->argv[0] || !*server->argv[0])
        return reader_fail(r, entry->command, "%s.command is empty", entry->place);
    if (entry->command->kind == YAML_KIND_SCALAR && !entry->args && strchr(server->argv[0], ' ') &&
        !strchr(server->argv[0], '/'))
        return reader_fail(r, entry->command,
                           "%s.command is one program name, not a shell line; write it as a list: "
                           "[npx, -y, ...]",
                           entry->place);
    if (entry->args && !yaml_is_null(entry->args)) {
        args = read_member_texts(r, entry, entry->args, "args");
        if (!args)
            return -1;
    }
    server->argv = join_command(server->argv, args);
    return entry->env_file ? read_env_file_pairs(r, entry->env_file, entry->place, server) : 0;
}

static int finish_http(struct reader *r, const struct yaml_node *at, struct entry *entry)
{
    struct server_config *server = entry->server;

    if (entry->command)
        return reader_fail(r, at, "%s has a command, but its type is for a url", entry->place);
    if (!server->url)
        return reader_fail(r, at, "%s needs a command, or a url", entry->place);
    if (strncmp(server->url, "http://", 7) != 0 && strncmp(server->url, "https://", 8) != 0)
        return reader_fail(r, at, "%s.url must begin with http:// or https://", entry->place);
    return 0;
}

/* Clients write numbers; ours has a unit. */
static int finish_timeout(struct reader *r, struct entry *entry)
{
    const struct yaml_node *node = entry->timeout;
    uint64_t *field = &entry->server->timeout_ms;

    if (!node || yaml_is_null(node))
        return 0;
    if (parse_duration(node->text, field) && *field > 0)
        return 0;
    if (entry->pasted && foreign_timeout(r, node, entry->place, field))
        return 0;
    return reader_fail(r, node, "%s.timeout is '%s'; write a time with its unit: 500ms, 30s, 2m",
                       entry->place, node->text);
}

static int finish_entry(struct reader *r, const struct yaml_node *at, struct entry *entry)
{
    if (!entry->enabled)
        entry->server->disabled = true;
    entry->server->include_tools = TAKE(entry->include_tools);
    entry->server->exclude_tools = TAKE(entry->exclude_tools);
    entry->server->isolation = entry->isolation;
    entry->server->era = entry->era;
    if (find_transport(r, entry, &entry->server->transport) < 0)
        return -1;
    if (finish_timeout(r, entry) < 0)
        return -1;
    return entry->server->transport == TRANSPORT_STDIO ? finish_stdio(r, at, entry)
                                                       : finish_http(r, at, entry);
}

/* Names of clients' keys that mean nothing here are dropped with a warning, not refused; so is a
 * null, which some clients write for what is not set. */
static struct yaml_node *without_unknown(struct reader *r, const struct yaml_node *map)
{
    struct yaml_node *known = NEW(struct yaml_node);

    *known = *map;
    known->count = 0;
    known->pairs = xcalloc(map->count, sizeof(known->pairs[0]));
    for (size_t i = 0; i < map->count; i++) {
        const struct key *key = entry_keys;

        while (key->name && strcmp(key->name, map->pairs[i].key->text) != 0)
            key++;
        if (!key->name)
            foreign_key_ignored(r, map->pairs[i].key);
        else if (!yaml_is_null(map->pairs[i].value))
            known->pairs[known->count++] = map->pairs[i];
    }
    return known;
}

static int read_entry(struct reader *r, const struct yaml_node *map, struct entry *entry)
{
    struct yaml_node *known;
    int result;

    if (!entry->pasted || map->kind != YAML_KIND_MAP)
        return read_map(r, map, entry_keys, entry, entry->place);
    known = without_unknown(r, map);
    result = read_map(r, known, entry_keys, entry, entry->place);
    free(known->pairs);
    free(known);
    return result;
}

static bool has_control(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return true;
    }
    return false;
}

static int check_key(struct reader *r, const struct yaml_node *key)
{
    if (!key->text[0])
        return reader_fail(r, key, "a server needs a name");
    if (strlen(key->text) > SERVER_KEY_MAX_BYTES)
        return reader_fail(r, key, "a server's name has at most %d bytes", SERVER_KEY_MAX_BYTES);
    if (has_control(key->text))
        return reader_fail(r, key, "a server's name can't hold control characters");
    if (config_find_server(r->config, key->text))
        return reader_fail(r, key, "there is already a server '%s'", key->text);
    return 0;
}

static struct server_config *add_server(struct config *config)
{
    config->servers =
        xreallocarray(config->servers, config->server_count + 1, sizeof(config->servers[0]));
    config->servers[config->server_count] = (struct server_config){
        .ask = { .elicitation = true, .sampling = true, .roots = true },
    };
    return &config->servers[config->server_count++];
}

/* True when the entry says that it is switched off. */
static bool is_disabled(const struct yaml_node *map)
{
    bool on = false;

    for (size_t i = 0; map->kind == YAML_KIND_MAP && i < map->count; i++) {
        const char *name = map->pairs[i].key->text;
        const struct yaml_node *value = map->pairs[i].value;

        if (value->kind != YAML_KIND_SCALAR || !parse_switch(value->text, &on))
            continue;
        if ((on && strcmp(name, "disabled") == 0) || (!on && strcmp(name, "enabled") == 0))
            return true;
    }
    return false;
}

static bool fits_any(char **patterns, const char *name)
{
    for (size_t i = 0; patterns && patterns[i]; i++) {
        if (fnmatch(patterns[i], name, 0) == 0)
            return true;
    }
    return false;
}

const char *config_hides_tool(const struct server_config *server, const char *tool)
{
    if (fits_any(server->exclude_tools, tool))
        return "exclude_tools";
    if (server->include_tools && !fits_any(server->include_tools, tool))
        return "include_tools";
    return NULL;
}

int read_server(struct reader *r, const struct yaml_pair *pair, bool pasted)
{
    struct entry entry = { .pasted = pasted, .enabled = true };
    int result;

    if (check_key(r, pair->key) < 0)
        return -1;
    entry.server = add_server(r->config);
    entry.server->key = xstrdup(pair->key->text);
    entry.server->line = pair->key->line;
    entry.place = xasprintf("%s.%s", pasted ? "mcpServers" : "servers", pair->key->text);
    r->literal = is_disabled(pair->value);
    r->pasted = pasted;
    result = read_entry(r, pair->value, &entry);
    if (result == 0)
        result = finish_entry(r, pair->key, &entry);
    r->literal = r->pasted = false;
    config_free_texts(entry.include_tools);
    config_free_texts(entry.exclude_tools);
    free(entry.place);
    return result;
}

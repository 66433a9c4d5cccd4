/*
 * The configuration: YAML read into plain structs by one key table, with file,
 * line, column and the nearest valid key in each error.
 */
#ifndef PROXY_CONFIG_CONFIG_H
#define PROXY_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/span.h"

/* The budget of the description when no configuration says one. */
#define CONFIG_DESCRIPTION_BUDGET 8000

#define CONFIG_WORKERS_MAX 4096

enum transport_kind {
    TRANSPORT_STDIO,
    TRANSPORT_HTTP, /* Streamable HTTP, falling back to HTTP+SSE */
    TRANSPORT_SSE   /* HTTP+SSE of 2024-11-05 only */
};

struct config_pair {
    char *name, *value;
};

/* Who shares one connection to a server. */
enum isolation {
    ISOLATION_SHARED, /* all clients */
    ISOLATION_SESSION /* the requests of one client: a legacy session, a bearer token */
};

/* Which era a server is spoken to in. */
enum era_choice { ERA_CHOICE_AUTO, ERA_CHOICE_LEGACY, ERA_CHOICE_MODERN };

/* What a server may ask of clients. */
struct ask_config {
    bool elicitation, sampling, roots;
};

/* What clients are offered. */
enum offer_mode {
    OFFER_CODE,       /* execute_code */
    OFFER_DIRECT,     /* each tool as server__tool */
    OFFER_PASSTHROUGH /* the one server as it is, all primitives, names unchanged */
};

struct server_config {
    char *key;
    enum transport_kind transport;
    char **argv; /* stdio: NULL-terminated */
    struct config_pair *env;
    size_t env_count;
    char *cwd;                   /* NULL: ours */
    char *url;                   /* http, sse */
    struct config_pair *headers; /* values are secrets: never logged */
    size_t header_count;
    uint64_t timeout_ms; /* of one call; 0: limits.call_ms */
    /* Patterns as fnmatch(3) has them of the names of tools, NULL-terminated: only those that one
     * of the first fits (NULL: all), and of these none that one of the second fits. */
    char **include_tools, **exclude_tools;
    bool disabled;
    enum isolation isolation;
    enum era_choice era;
    struct ask_config ask;
    char **roots; /* file:// URIs that it is told when no client can be asked; NULL-terminated,
                   * may be NULL */
    int line;     /* where it stands, for messages */
};

/* What is offered to clients beside execute_code. */
struct expose_config {
    bool prompts, resources;
    char **tools; /* "server.tool", by key and the tool's own name; NULL-terminated, may be NULL */
};

/* What is known of clients whose name fits a pattern. */
struct client_config {
    char *pattern;               /* of clientInfo.name, as fnmatch(3) has them, in either case */
    uint64_t description_limit;  /* UTF-16 units that it keeps; 0: not said here */
    bool description_whole;      /* it keeps all of a description */
    uint64_t description_budget; /* tokens; 0: not said here */
    bool has_mode;
    enum offer_mode mode; /* code or direct */
};

enum typecheck_mode { TYPECHECK_ERROR, TYPECHECK_WARN, TYPECHECK_OFF };

/* Workers; 1 <= min <= spare <= max <= CONFIG_WORKERS_MAX. */
struct pool_config {
    uint64_t min;     /* kept ready, always */
    uint64_t spare;   /* kept ready at most, when many executions come */
    uint64_t max;     /* at work and ready together */
    uint64_t idle_ms; /* after so long half of those that were not needed end */
};

struct config {
    char *path;           /* of the file; NULL when there was none */
    char *listen_host;    /* "127.0.0.1" by default */
    uint16_t listen_port; /* 8787 by default */
    char **allowed_hosts; /* further Host and Origin names, NULL-terminated */
    char **tokens;        /* bearer tokens that open the door, NULL-terminated; may be empty */
    struct server_config *servers;
    size_t server_count;
    struct limits limits;
    size_t description_budget; /* tokens */
    struct client_config *clients;
    size_t client_count;
    enum offer_mode mode; /* of clients whose entry says none */
    struct expose_config expose;
    enum typecheck_mode typecheck;
    enum log_level log_level;
    enum log_format log_format;
    uint64_t startup_timeout_ms; /* how long the first tools/list waits for upstreams */
    bool jit;
    bool sandbox_required;
    struct pool_config pool;
    char *store_path; /* folder of the store; NULL: config_store_folder names the usual one */
    bool learn_outputs;
    bool holds_secrets; /* a token or a header's value stands in the file itself */
    char **warnings;    /* of the reader, for whoever shows them; NULL-terminated, may be NULL */
};

/*
 * Reads a file (or, with `path` NULL, the first of $MCPFOLD_CONFIG,
 * ./mcpfold.yaml, $XDG_CONFIG_HOME/mcpfold/config.yaml,
 * /etc/mcpfold/config.yaml; ERR_NOT_FOUND names them when there is none).
 * ${VAR}, ${VAR:-default} and ${file:PATH} are expanded in values.  A server
 * whose variable is unset is an error that names server, key and variable.
 * NULL with err: "file:line:column: what is wrong; the mend".
 */
struct config *config_load(const char *path, struct err *err);

/* As config_load from memory; `name` stands for the file in errors. */
struct config *config_parse(struct span text, const char *name, struct err *err);

/* Sets listen_host and listen_port from HOST:PORT ([::1]:80 too). */
int config_set_listen(struct config *config, const char *text, struct err *err);

/* The server of that key; NULL when there is none. */
const struct server_config *config_find_server(const struct config *config, const char *key);

/* The setting of the server that keeps a tool of that name from scripts, a constant; NULL when none
 * does. */
const char *config_hides_tool(const struct server_config *server, const char *tool);

/* The server that a path of expose.tools begins with, and the tool's name behind it; NULL when it
 * names none. */
const struct server_config *
config_exposed_server(const struct config *config, const char *path, const char **ret_tool);

/* The first entry of `clients` whose pattern fits the name; NULL when none does. */
const struct client_config *config_find_client(const struct config *config, const char *name);

/* The folder of the store: store.path, else $XDG_STATE_HOME/mcpfold, ~/.local/state/mcpfold or
 * /var/lib/mcpfold, the first that the environment names.  The caller frees it. */
char *config_store_folder(const struct config *config);

void config_free(struct config *config); /* takes NULL */

/* -1 with ERR_DENIED when the address to listen on is not loopback and no token guards it. */
int config_check_listen(const struct config *config, struct err *err);

/* True when the host is a loopback address or "localhost". */
bool config_is_loopback(const char *host);

/* Frees a NULL-terminated list of strings; takes NULL. */
void config_free_texts(char **texts);

#endif

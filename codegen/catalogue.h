/*
 * The catalogue: what the upstream servers offer, as plain immutable data.
 *
 * A `catalogue_server` holds one server's tools, resources and prompts as one
 * refresh saw them; a `catalogue` is a set of those with a change number.  Both
 * are reference-counted and never change once built, so that an execution
 * keeps the catalogue it was checked against.  `proxy/upstream` builds them
 * from live lists, `mcpfold types --catalogue` from files; the rest of codegen/
 * only reads.  Not thread-safe, like everything here.
 */
#ifndef CODEGEN_CATALOGUE_H
#define CODEGEN_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "base/span.h"

/* A hint that was given, or not (tool annotations are hints of an untrusted server). */
enum hint { HINT_UNKNOWN, HINT_FALSE, HINT_TRUE };

struct observed;

struct tool {
    char *name;        /* as the server calls it */
    char *identifier;  /* as the script calls it, by codegen/names; unique in its server */
    char *title;       /* NULL when none */
    char *description; /* NULL when none */
    json_t *input;     /* inputSchema; never NULL */
    json_t *output;    /* outputSchema; NULL when none */
    enum hint read_only, destructive, idempotent, open_world;
    char *definition; /* the tool object as it was sent, as JSON text */
    /* What was seen of its replies, shared with whoever learns: grows while the catalogue lives.
     * NULL when nothing is learned. */
    struct observed *observed;
};

struct prompt_argument {
    char *name, *description;
    bool required;
};

struct prompt {
    char *name, *title, *description;
    struct prompt_argument *arguments;
    size_t argument_count;
    char *definition;
};

struct resource {
    char *uri; /* the uriTemplate of a template */
    char *name, *title, *description, *mime_type;
    char *definition;
};

enum server_state { SERVER_CONNECTING, SERVER_READY, SERVER_DOWN, SERVER_DISABLED };

/* What there is to say when a tool of an isolated server is not known. */
#define CATALOGUE_ISOLATED_HINT                                                                  \
    "(scripts have the tools that the server lists to all; those that it adds for one session, " \
    "isolation: session, can't be called from them)"

struct catalogue_server {
    unsigned references;
    char *key;        /* the configuration key, its name everywhere */
    char *identifier; /* the global in a script; unique in the catalogue */
    enum server_state state;
    char *problem; /* for people: why it is down, or what is missing of the
                    * lists of one that is ready; NULL when nothing is */
    bool isolated; /* sessions have connections of their own to it, over which it may list tools
                    * that are not here */
    char *title, *version, *instructions; /* what it says of itself; NULL when it does not */
    struct tool *tools;                   /* in the order of the server */
    size_t tool_count;
    struct tool *code_tool; /* runs code against other servers, and so is no function for scripts;
                             * NULL when there is none */
    struct resource *resources, *templates;
    size_t resource_count, template_count;
    struct prompt *prompts;
    size_t prompt_count;
    void *derived; /* codegen's own cache of what it made of this server (declarations, index) */
    void (*derived_free)(void *derived);
};

struct catalogue {
    unsigned references;
    uint64_t change;                   /* greater with each change */
    struct catalogue_server **servers; /* referenced; in the order of the configuration */
    size_t server_count;
};

/*
 * A server from the raw arrays of list results (each `[...]` as JSON text, or
 * SPAN_NONE).  Items that can't be used (no name, a control character in the
 * name, a name given twice, an input schema that is no object) are left out,
 * each with one call of `on_skip` (may be NULL) naming it and why.  A faulty
 * outputSchema alone is dropped, with a call too.  The result has one
 * reference.  NULL with ERR_INVALID when an array is not JSON.
 */
typedef void catalogue_skip_fn(void *ctx, const char *item, const char *why);
struct catalogue_lists {
    struct span tools, resources, templates, prompts;
};
struct catalogue_server *catalogue_server_new(const char *key,
                                              const struct catalogue_lists *lists,
                                              catalogue_skip_fn *on_skip,
                                              void *ctx,
                                              struct err *err);

/* A server without anything in a state other than ready; `problem` may be NULL. */
struct catalogue_server *
catalogue_server_absent(const char *key, enum server_state state, const char *problem);

/*
 * Takes a tool like our own execute_code out of the tools, to code_tool: that of
 * a server called mcpfold, or the only tool of another.  False when there is
 * none.  For a server that nobody has seen yet.
 */
bool catalogue_server_set_code_tool_apart(struct catalogue_server *server);

/* A server from a saved file of the form {server, initialize, tools, prompts, resources,
 * resourceTemplates}; the key is made of its "server" member unless `key` is given. */
struct catalogue_server *catalogue_server_load(const char *path, const char *key, struct err *err);

struct catalogue_server *catalogue_server_ref(struct catalogue_server *server);
void catalogue_server_unref(struct catalogue_server *server); /* takes NULL */

/*
 * A catalogue of referenced servers (it takes references of its own); gives each its identifier, by
 * the rule of codegen/names.  Catalogues that share a server must hold the same keys in the same
 * order, as those of one configuration do: a server has one identifier.
 */
struct catalogue *
catalogue_new(struct catalogue_server *const *servers, size_t count, uint64_t change);
struct catalogue *catalogue_ref(struct catalogue *catalogue);
void catalogue_unref(struct catalogue *catalogue); /* takes NULL */

/* By configuration key; NULL when there is none. */
const struct catalogue_server *catalogue_find(const struct catalogue *catalogue, struct span key);
/* By the server's own name first, then by identifier; NULL when there is none. */
const struct tool *catalogue_find_tool(const struct catalogue_server *server, struct span name);

#endif

/*
 * A server from a saved catalogue file, for `mcpfold types --catalogue` and
 * the tests.
 */
#include <stdlib.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "codegen/catalogue.h"

#define SAVED_FILE_MAX_BYTES (4 * (size_t)LIMIT_RPC_MESSAGE_BYTES)

/* The array of `key`, of itself or within an object with a member of the same name (a whole list
 * result); none when it is null or absent. */
static struct span saved_list(struct span file, const char *key)
{
    struct span value, inner;

    if (!json_get(file, key, &value))
        return SPAN_NONE;
    if (json_kind(value) == JSON_KIND_OBJECT && json_get(value, key, &inner))
        value = inner;
    return json_kind(value) == JSON_KIND_ARRAY ? value : SPAN_NONE;
}

static char *saved_text(struct span file, const char *const *path)
{
    struct span value;

    return json_get_path(file, path, &value) ? json_dup_string(value, LIMIT_CODE_BYTES) : NULL;
}

/* The part behind the last `/` or `:`. */
static struct span last_part(struct span package)
{
    for (size_t i = package.len; i > 0; i--) {
        if (package.data[i - 1] == '/' || package.data[i - 1] == ':')
            return span_skip(package, i);
    }
    return package;
}

static bool is_plain(struct span name)
{
    return span_is(name, "mcp") || span_is(name, "server") || span_is(name, "mcp-server") ||
           span_is(name, "cli");
}

static struct span without_prefix(struct span name, struct span prefix)
{
    return name.len > prefix.len && span_starts_with(name, prefix) ? span_skip(name, prefix.len)
                                                                   : name;
}

static struct span without_suffix(struct span name, struct span suffix)
{
    if (name.len > suffix.len && span_equal(span_skip(name, name.len - suffix.len), suffix))
        name.len -= suffix.len;
    return name;
}

/* What people would call a package in a configuration: "@scope/server-name" becomes "name",
 * "@scope/mcp" becomes "scope". */
static char *key_of_package(struct span package)
{
    struct span name = last_part(package);

    if (is_plain(name) && name.len + 1 < package.len) {
        name = span_make(package.data, package.len - name.len - 1);
        return span_dup(name.data[0] == '@' && name.len > 1 ? span_skip(name, 1) : name);
    }
    name = without_prefix(name, SPAN("mcp-server-"));
    name = without_prefix(name, SPAN("server-"));
    name = without_suffix(name, SPAN("-mcp-server"));
    return span_dup(without_suffix(name, SPAN("-mcp")));
}

static char *saved_key(struct span file, const char *path, const char *key, struct err *err)
{
    char *package, *made;

    if (key)
        return xstrdup(key);
    package = saved_text(file, (const char *[]){ "server", NULL });
    if (!package || !*package) {
        free(package);
        err_set(err, ERR_INVALID, "%s: no member \"server\" names the server", path);
        return NULL;
    }
    made = key_of_package(span_of(package));
    free(package);
    return made;
}

static void load_about(struct span file, struct catalogue_server *server)
{
    server->title = saved_text(file, (const char *[]){ "initialize", "serverInfo", "title", NULL });
    server->version =
        saved_text(file, (const char *[]){ "initialize", "serverInfo", "version", NULL });
    server->instructions = saved_text(file, (const char *[]){ "initialize", "instructions", NULL });
}

struct catalogue_server *catalogue_server_load(const char *path, const char *key, struct err *err)
{
    CLEANUP(buf) struct buf text = BUF(SAVED_FILE_MAX_BYTES);
    CLEANUP(str) char *name = NULL;
    struct catalogue_lists lists;
    struct catalogue_server *server;
    struct span file;

    if (file_read(path, &text, err) < 0)
        return NULL;
    file = buf_span(&text);
    if (json_check(file, 0, err) < 0) {
        err_in(err, "%s", path);
        return NULL;
    }
    name = saved_key(file, path, key, err);
    if (!name)
        return NULL;
    lists = (struct catalogue_lists){ .tools = saved_list(file, "tools"),
                                      .resources = saved_list(file, "resources"),
                                      .templates = saved_list(file, "resourceTemplates"),
                                      .prompts = saved_list(file, "prompts") };
    server = catalogue_server_new(name, &lists, NULL, NULL, err);
    if (!server) {
        err_in(err, "%s", path);
        return NULL;
    }
    load_about(file, server);
    return server;
}

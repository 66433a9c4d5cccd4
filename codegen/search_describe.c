/*
 * mcp.describe, mcp.servers, and the nearest names to one that does not exist.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "codegen/declarations.h"
#include "codegen/documentation.h"
#include "codegen/example.h"
#include "codegen/names.h"
#include "codegen/search.h"
#include "codegen/server_text.h"
#include "codegen/typescript_text.h"

/* A server whose full documentation is longer is described in short. */
#define SERVER_FULL_MAX_BYTES ((size_t)48 * 1024)
#define TEXT_MAX_BYTES        ((size_t)32 * 1024 * 1024)
#define NEAREST_MAX           5
#define NEAREST_DISTANCE      4
#define FOUND_MAX             3
#define POLICY_MAX_BYTES      4096

static const struct catalogue_server *find_server(const struct catalogue *catalogue,
                                                  struct span name)
{
    const struct catalogue_server *server = catalogue_find(catalogue, name);

    for (size_t i = 0; !server && i < catalogue->server_count; i++) {
        if (span_is(name, catalogue->servers[i]->identifier))
            server = catalogue->servers[i];
    }
    return server;
}

/* `"a.b"]` or `'a.b']` behind an opening bracket: what is between the quotes. */
static bool unquote(struct span *name)
{
    if (name->len < 3 || name->data[name->len - 1] != ']' ||
        (name->data[0] != '"' && name->data[0] != '\'') ||
        name->data[name->len - 2] != name->data[0])
        return false;
    *name = span_make(name->data + 1, name->len - 3);
    return true;
}

/* Splits a path at the first dot or bracket where a server's name ends. */
static bool split_path(const struct catalogue *catalogue,
                       struct span path,
                       const struct catalogue_server **ret_server,
                       struct span *ret_tool)
{
    for (size_t i = 0; i < path.len; i++) {
        struct span tool = span_skip(path, i + 1);

        if (path.data[i] != '.' && path.data[i] != '[')
            continue;
        if (path.data[i] == '[' && !unquote(&tool))
            continue;
        *ret_server = find_server(catalogue, span_make(path.data, i));
        if (*ret_server) {
            *ret_tool = tool;
            return true;
        }
    }
    return false;
}

static void add_policy(const struct describe_policy *policy,
                       const struct catalogue_server *server,
                       const struct tool *tool,
                       struct buf *out)
{
    CLEANUP(buf) struct buf said = BUF(POLICY_MAX_BYTES);

    if (!policy)
        return;
    policy->say(policy->ctx, server->key, span_of(tool->name), &said);
    buf_add_str(out, "// Policy: ");
    typescript_comment_line(out, buf_span(&said));
    buf_add_str(out, "\n\n");
}

static int describe_tool(const struct catalogue_server *server,
                         const struct tool *tool,
                         const struct describe_policy *policy,
                         struct buf *out,
                         struct err *err)
{
    const struct server_text *text = server_text_of(server);

    buf_printf(out, "interface %s {\n", text->type_name);
    if (declarations_of_tool(server, tool, DECLARATION_FULL, out, err) < 0)
        return -1;
    buf_add_str(out, "}\n");
    if (declarations_types_of_tool(server, tool, out, err) < 0)
        return -1;
    buf_printf(out, "declare const %s: %s;\n\n", server->identifier, text->type_name);
    add_policy(policy, server, tool, out);
    buf_add_str(out, "// Example:\n");
    example_call(out, server, tool);
    buf_add_char(out, '\n');
    return buf_check(out, "the description of a tool", err);
}

static const char *state_name(enum server_state state)
{
    static const char *const names[] = {
        [SERVER_CONNECTING] = "connecting",
        [SERVER_READY] = "ready",
        [SERVER_DOWN] = "down",
        [SERVER_DISABLED] = "disabled",
    };

    return names[state];
}

static void add_state(const struct catalogue_server *server, struct buf *out)
{
    if (server->state == SERVER_READY && !server->problem)
        return;
    if (server->state == SERVER_READY)
        buf_add_str(out, "// What is listed here is not all");
    else
        buf_printf(out, "// This server is %s", state_name(server->state));
    if (server->problem) {
        buf_add_str(out, ": ");
        typescript_comment_line(out, span_of(server->problem));
    }
    buf_add_char(out, '\n');
}

static int describe_server(const struct catalogue_server *server, struct buf *out, struct err *err)
{
    CLEANUP(buf) struct buf full = BUF(SERVER_FULL_MAX_BYTES);

    add_state(server, out);
    if (server->instructions) {
        buf_add_str(out, "/**\n");
        typescript_comment_block(out, span_of(server->instructions), " ");
        buf_add_str(out, " */\n");
    }
    if (declarations_of_server(server, DECLARATION_FULL, &full, NULL) == 0)
        return buf_add_span(out, buf_span(&full));
    buf_printf(out, "// %zu tools, in short; mcp.describe(\"%s.<tool>\") has the whole of one.\n",
               server->tool_count, server->identifier);
    return declarations_of_server(server, DECLARATION_COMPACT, out, err);
}

/* How far a name may be off: a third of its length. */
static unsigned allowed_distance(struct span name)
{
    unsigned allowed = (unsigned)(name.len / 3);

    return allowed > NEAREST_DISTANCE ? NEAREST_DISTANCE : allowed;
}

/* Servers whose name is near to a path without a dot. */
static void add_near_servers(struct buf *out, const struct catalogue *catalogue, struct span name)
{
    unsigned allowed = allowed_distance(name);

    for (size_t i = 0; i < catalogue->server_count; i++) {
        const struct catalogue_server *server = catalogue->servers[i];

        if (name_distance(name, span_of(server->identifier), allowed) <= allowed)
            buf_printf(out, "%s%s", out->len ? ", " : "", server->identifier);
    }
}

/* The paths that are found by the words of one that names nothing. */
static void add_found(struct buf *out, const struct catalogue *catalogue, struct span words)
{
    CLEANUP(buf) struct buf found = BUF(TEXT_MAX_BYTES);
    CLEANUP(buf) struct buf text = BUF(ERR_TEXT_BYTES);
    struct span path;

    if (search_tools(catalogue, words, FOUND_MAX, &found, NULL) < 0)
        return;
    for (struct json_iter it = json_iter(buf_span(&found)); json_next(&it);) {
        buf_clear(&text);
        if (json_get(it.value, "path", &path) && json_decode_string(path, &text) == 0)
            buf_printf(out, "%s%s", out->len ? ", " : "", buf_str(&text));
    }
}

static int not_found(const struct catalogue *catalogue, struct span path, struct err *err)
{
    CLEANUP(buf) struct buf nearest = BUF(ERR_TEXT_BYTES / 2);
    const char *dot = path.len ? memchr(path.data, '.', path.len) : NULL;
    struct span server = span_make(path.data, dot ? (size_t)(dot - path.data) : 0);
    struct span tool = dot ? span_skip(path, server.len + 1) : path;

    if (path.len > 200)
        path.len = 200;
    if (!dot)
        add_near_servers(&nearest, catalogue, path);
    if (nearest.len == 0)
        search_nearest(catalogue, server, tool, NEAREST_MAX, &nearest);
    if (nearest.len)
        return err_set(err, ERR_NOT_FOUND, "nothing is called '%.*s'; the nearest: %s",
                       SPAN_ARG(path), buf_str(&nearest));
    add_found(&nearest, catalogue, tool);
    if (nearest.len)
        return err_set(err, ERR_NOT_FOUND, "nothing is called '%.*s'; its words find: %s",
                       SPAN_ARG(path), buf_str(&nearest));
    return err_set(
        err, ERR_NOT_FOUND,
        "nothing is called '%.*s'; mcp.servers() lists the servers, mcp.search(\"words\") "
        "finds tools",
        SPAN_ARG(path));
}

/* -1 with an error when the policy keeps a tool of that name from scripts. */
static int check_policy(const struct describe_policy *policy,
                        const struct catalogue_server *server,
                        struct span tool,
                        struct err *err)
{
    CLEANUP(buf) struct buf said = BUF(POLICY_MAX_BYTES);

    if (!policy || policy->say(policy->ctx, server->key, tool, &said))
        return 0;
    return err_set(err, ERR_DENIED, "%s.%.*s: %s", server->key, SPAN_ARG(tool), buf_str(&said));
}

/* The only tool of that name in all servers; NULL when there is none or are several. */
static const struct tool *sole_tool(const struct catalogue *catalogue,
                                    struct span name,
                                    const struct catalogue_server **ret_server)
{
    const struct tool *found = NULL;

    for (size_t i = 0; i < catalogue->server_count; i++) {
        const struct tool *tool = catalogue_find_tool(catalogue->servers[i], name);

        if (tool && found)
            return NULL;
        if (tool) {
            found = tool;
            *ret_server = catalogue->servers[i];
        }
    }
    return found;
}

int search_describe(const struct catalogue *catalogue,
                    struct span path,
                    const struct describe_policy *policy,
                    struct buf *out,
                    struct err *err)
{
    CLEANUP(buf) struct buf text = BUF(TEXT_MAX_BYTES);
    const struct catalogue_server *server;
    const struct tool *tool = NULL;
    struct span name = SPAN_NONE;
    int result;

    path = span_trim(path);
    server = find_server(catalogue, path);
    if (!server && split_path(catalogue, path, &server, &name))
        tool = catalogue_find_tool(server, name);
    else if (!server)
        tool = sole_tool(catalogue, path, &server);
    if (!server)
        return not_found(catalogue, path, err);
    if (!tool && name.len)
        return check_policy(policy, server, name, err) < 0 ? -1 : not_found(catalogue, path, err);
    result = tool ? describe_tool(server, tool, policy, &text, err)
                  : describe_server(server, &text, err);
    if (result < 0)
        return -1;
    json_write_string(out, buf_span(&text));
    return buf_check(out, "a description", err);
}

static void write_optional(struct buf *out, const char *name, const char *text)
{
    if (text)
        json_write_member_string(out, name, span_of(text));
    else
        json_write_member_raw(out, name, SPAN("null"));
}

static void write_server(const struct catalogue_server *server, struct buf *out)
{
    json_write_comma(out);
    buf_add_char(out, '{');
    json_write_member_string(out, "name", span_of(server->key));
    json_write_member_string(out, "identifier", span_of(server->identifier));
    write_optional(out, "title", server->title);
    write_optional(out, "description", server->instructions);
    json_write_member_int(out, "tools", (int64_t)server->tool_count);
    json_write_member_int(out, "resources", (int64_t)server->resource_count);
    json_write_member_int(out, "templates", (int64_t)server->template_count);
    json_write_member_int(out, "prompts", (int64_t)server->prompt_count);
    json_write_member_string(out, "state", span_of(state_name(server->state)));
    write_optional(out, "problem", server->problem);
    buf_add_char(out, '}');
}

int search_servers(const struct catalogue *catalogue, struct buf *out, struct err *err)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < catalogue->server_count; i++)
        write_server(catalogue->servers[i], out);
    buf_add_char(out, ']');
    return buf_check(out, "the list of servers", err);
}

struct near {
    const struct catalogue_server *server;
    const struct tool *tool;
    unsigned distance;
};

/* Inserts into a short list sorted by distance; earlier ones stay before later ones. */
static void insert_near(struct near *list, size_t *count, size_t max, struct near item)
{
    size_t at = *count;

    while (at > 0 && list[at - 1].distance > item.distance)
        at--;
    if (at >= max)
        return;
    if (*count < max)
        ++*count;
    memmove(&list[at + 1], &list[at], (*count - at - 1) * sizeof(*list));
    list[at] = item;
}

static void near_in_server(const struct catalogue_server *server,
                           struct span tool,
                           unsigned penalty,
                           struct near *list,
                           size_t *count,
                           size_t max)
{
    unsigned allowed = allowed_distance(tool);

    for (size_t i = 0; i < server->tool_count; i++) {
        unsigned distance = name_distance(tool, span_of(server->tools[i].name), allowed);

        if (distance <= allowed)
            insert_near(list, count, max,
                        (struct near){ .server = server,
                                       .tool = &server->tools[i],
                                       .distance = distance + penalty });
    }
}

int search_nearest(const struct catalogue *catalogue,
                   struct span server_key,
                   struct span tool,
                   size_t max,
                   struct buf *out)
{
    struct near list[NEAREST_MAX * 2];
    size_t count = 0;

    if (max > ARRAY_COUNT(list))
        max = ARRAY_COUNT(list);
    for (size_t i = 0; i < catalogue->server_count; i++) {
        const struct catalogue_server *server = catalogue->servers[i];
        unsigned penalty =
            server_key.len == 0 ? 0 : name_distance(server_key, span_of(server->key), 3);

        near_in_server(server, tool, penalty, list, &count, max);
    }
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s%s.%s", i ? ", " : "", list[i].server->identifier,
                   list[i].tool->identifier);
    return buf_failed(out) ? -1 : 0;
}

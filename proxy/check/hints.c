/*
 * What helps against the mistakes models make most.  Each hint looks at the
 * compiler's code and message, at the words around the place, and at the
 * catalogue.
 */
#include "proxy/check/report.h"

#include <string.h>

#include "base/json.h"
#include "codegen/search.h"

#define SERVERS_NAMED_MAX 12
#define MEMBERS_NAMED_MAX 6
#define FORGOTTEN_AWAIT   2773 /* "Did you forget to use 'await'?" */

static const char *const network_names[] = {
    "fetch",   "XMLHttpRequest", "WebSocket",   "axios",   "http", "https",
    "Request", "Response",       "EventSource", "Headers", "net"
};
static const char *const node_names[] = { "require",     "module",    "exports",       "process",
                                          "Buffer",      "__dirname", "__filename",    "fs",
                                          "path",        "os",        "child_process", "global",
                                          "setImmediate" };
static const char *const browser_names[] = { "document",       "window", "localStorage",
                                             "sessionStorage", "alert",  "navigator",
                                             "location",       "self" };
static const char *const array_members[] = { "map",   "filter", "forEach", "find",    "length",
                                             "slice", "some",   "every",   "reduce",  "sort",
                                             "join",  "at",     "flatMap", "entries", "includes" };

static bool is_one_of(struct span name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (span_is(name, names[i]))
            return true;
    }
    return false;
}
#define IS_ONE_OF(name, names) is_one_of((name), (names), ARRAY_COUNT(names))

/* The nth name in single quotes in a message, from 0; empty when there are fewer.  A quote within a
 * type ends a name early, which loses a hint, no more. */
static struct span quoted(struct span message, unsigned nth)
{
    for (;;) {
        const char *open = message.len ? memchr(message.data, '\'', message.len) : NULL;
        const char *close;
        struct span name;

        if (!open)
            return SPAN_NONE;
        name = span_skip(message, (size_t)(open + 1 - message.data));
        close = name.len ? memchr(name.data, '\'', name.len) : NULL;
        if (!close)
            return SPAN_NONE;
        message = span_skip(name, (size_t)(close + 1 - name.data));
        name.len = (size_t)(close - name.data);
        if (nth-- == 0)
            return name;
    }
}

static bool contains(struct span text, const char *word)
{
    return text.len && memmem(text.data, text.len, word, strlen(word));
}

static void write_servers(const struct catalogue *catalogue, struct buf *out)
{
    size_t count = catalogue ? catalogue->server_count : 0;

    if (count == 0) {
        buf_add_str(out, "no server is configured");
        return;
    }
    buf_add_str(out, count == 1 ? "the only server is " : "the servers are ");
    for (size_t i = 0; i < count && i < SERVERS_NAMED_MAX; i++)
        buf_printf(out, "%s%s", i ? ", " : "", catalogue->servers[i]->identifier);
    if (count > SERVERS_NAMED_MAX)
        buf_printf(out, " and %zu more", count - SERVERS_NAMED_MAX);
}

static void write_instead(const struct hint_source *source, const char *what, struct buf *out)
{
    buf_printf(out, "%s; call a tool instead: ", what);
    write_servers(source->catalogue, out);
    buf_add_str(out, "; await mcp.search(\"...\") finds tools");
}

/* Appends `server.tool` for each server other than `but` that has a tool of this name. */
static bool write_owners(const struct hint_source *source,
                         struct span tool,
                         const struct catalogue_server *but,
                         struct buf *out)
{
    const char *lead = but ? "it is a tool of another server: " : "tools belong to servers: write ";
    size_t found = 0;

    for (size_t i = 0; source->catalogue && i < source->catalogue->server_count; i++) {
        const struct catalogue_server *server = source->catalogue->servers[i];
        const struct tool *owned = server == but ? NULL : catalogue_find_tool(server, tool);

        if (!owned || found == 3)
            continue;
        buf_printf(out, "%s%s.%s", found++ ? ", or " : lead, server->identifier, owned->identifier);
    }
    return found > 0;
}

static void write_nearest(const struct hint_source *source,
                          const struct catalogue_server *server,
                          struct span name,
                          struct buf *out)
{
    CLEANUP(buf) struct buf nearest = BUF(1024);

    if (contains(source->message, "Did you mean"))
        return;
    search_nearest(source->catalogue, server ? span_of(server->key) : SPAN_NONE, name, 3, &nearest);
    if (nearest.len)
        buf_printf(out, "did you mean %s?", buf_str(&nearest));
}

/* A name that nothing here is near to; before a dot it was meant for a server. */
static void hint_other_name(const struct hint_source *source, struct span name, struct buf *out)
{
    size_t end = source->at + name.len;

    write_nearest(source, NULL, name, out);
    if (out->len == 0 && !contains(source->message, "Did you mean") && end < source->text.len &&
        source->text.data[end] == '.')
        write_servers(source->catalogue, out);
}

static void hint_unknown_name(const struct hint_source *source, struct buf *out)
{
    struct span name = quoted(source->message, 0);

    if (IS_ONE_OF(name, network_names))
        write_instead(source, "a script has no network", out);
    else if (IS_ONE_OF(name, node_names))
        write_instead(source, "this is not Node.js: no modules, files or processes", out);
    else if (IS_ONE_OF(name, browser_names))
        write_instead(source, "this is no browser", out);
    else if (!write_owners(source, name, NULL, out))
        hint_other_name(source, name, out);
}

static int nesting(char c)
{
    if (c == '{' || c == '(' || c == '[' || c == '<')
        return 1;
    if (c == '}' || c == ')' || c == ']' || c == '>')
        return -1;
    return 0;
}

/* The member at the head of the text of an object type's members, up to its semicolon. */
static struct span first_member(struct span members)
{
    int depth = 0;

    for (size_t at = 0; at < members.len; at++) {
        depth += nesting(members.data[at]);
        if (members.data[at] == ';' && depth == 0)
            return span_make(members.data, at);
    }
    return members;
}

static bool ends_with_list(struct span member)
{
    member = span_trim(member);
    return member.len > 2 && memcmp(member.data + member.len - 2, "[]", 2) == 0;
}

/* True when a member of an object type, given as text, is a list; *ret_name is its name. */
static bool find_list_member(struct span type, struct span *ret_name)
{
    struct span rest = span_trim(type);

    if (rest.len < 2 || rest.data[0] != '{')
        return false;
    rest = span_make(rest.data + 1, rest.len - 2);
    while (rest.len) {
        struct span member = first_member(rest), name = span_trim(member);

        rest = span_skip(rest, member.len + 1);
        if (!ends_with_list(member))
            continue;
        *ret_name = identifier_at(name, 0);
        return ret_name->len > 0;
    }
    return false;
}

/* The server whose member the place names: `server.name` with the place at `name`. */
static const struct catalogue_server *server_before(const struct hint_source *source)
{
    size_t at = source->at;

    if (at == 0)
        return NULL;
    at--;
    if (source->text.data[at] != '.')
        return NULL;
    if (at > 0 && source->text.data[at - 1] == '?')
        at--;
    return server_by_identifier(source->catalogue, identifier_before(source->text, at));
}

static void hint_unknown_member(const struct hint_source *source, struct buf *out)
{
    struct span name = quoted(source->message, 0), type = quoted(source->message, 1), list;
    const struct catalogue_server *server = server_before(source);

    if (server) {
        if (!write_owners(source, name, server, out))
            write_nearest(source, server, name, out);
    } else if (span_starts_with(type, SPAN("Promise<"))) {
        buf_printf(out, "await it first: (await ...).%.*s", SPAN_ARG(name));
    } else if (IS_ONE_OF(name, array_members) && find_list_member(type, &list)) {
        buf_printf(out, "this is an object; its list is .%.*s: use .%.*s.%.*s", SPAN_ARG(list),
                   SPAN_ARG(list), SPAN_ARG(name));
    } else if (span_is(type, "McpApi")) {
        buf_add_str(
            out,
            "mcp has search, describe, servers, call, resources, prompts, open, emit, progress");
    } else if (span_is(type, "string")) {
        buf_add_str(out, "this is text; if it holds JSON, use JSON.parse on it first");
    }
}

/* Appends `server.tool({ a, b })` with the names of its required members, or of the first ones. */
static void write_call(struct tool_use use, struct buf *out)
{
    const json_t *required = json_object_get(use.tool->input, "required");
    const json_t *properties = json_object_get(use.tool->input, "properties");
    size_t count = json_is_array(required) ? json_array_size(required) : 0;
    void *member =
        json_object_iter(json_is_object(properties) ? (json_t *)(uintptr_t)properties : NULL);

    buf_printf(out, "%s.%s({", use.server->identifier, use.tool->identifier);
    for (size_t i = 0; i < (count ? count : MEMBERS_NAMED_MAX) && i < MEMBERS_NAMED_MAX; i++) {
        const char *name = count    ? json_string_value(json_array_get(required, i))
                           : member ? json_object_iter_key(member)
                                    : NULL;

        if (name)
            buf_printf(out, "%s %s: ...", i ? "," : "", name);
        if (member && !count)
            member = json_object_iter_next((json_t *)(uintptr_t)properties, member);
    }
    buf_add_str(out, " })");
}

static void hint_positional(const struct hint_source *source, struct buf *out)
{
    struct tool_use use = tool_near(source->text, source->at, source->catalogue);

    if (!use.tool)
        return;
    buf_add_str(out, "a tool takes one object with named members: ");
    write_call(use, out);
}

static bool behind_word(const struct hint_source *source, const char *word)
{
    size_t len = strlen(word);

    return source->at >= len && memcmp(source->text.data + source->at - len, word, len) == 0;
}

static bool is_plain_type(struct span type)
{
    return type.len && (type.data[0] == '"' || span_is(type, "string") || span_is(type, "number") ||
                        span_is(type, "boolean") || (type.data[0] >= '0' && type.data[0] <= '9'));
}

static void hint_argument(const struct hint_source *source, struct buf *out)
{
    struct span given = quoted(source->message, 0);

    if (behind_word(source, "JSON.parse("))
        buf_add_str(out, "results are parsed already: use the value without JSON.parse");
    else if (span_starts_with(given, SPAN("Promise<")))
        buf_add_str(out, "await it first");
    else if (is_plain_type(given) && behind_word(source, "("))
        hint_positional(source, out);
}

static void hint_not_callable(const struct hint_source *source, struct buf *out)
{
    struct span name = identifier_at(source->text, source->at);
    const struct catalogue_server *server = server_by_identifier(source->catalogue, name);

    if (!server) {
        return;
    }
    buf_printf(out, "%s is a server: call one of its tools", server->identifier);
    for (size_t i = 0; i < server->tool_count && i < MEMBERS_NAMED_MAX; i++)
        buf_printf(out, "%s%s.%s", i ? ", " : ", such as ", server->identifier,
                   server->tools[i].identifier);
}

static void hint_async(const struct hint_source *source, struct buf *out)
{
    (void)source;
    buf_add_str(out, "make the function around it async");
}

static void hint_module(const struct hint_source *source, struct buf *out)
{
    write_instead(source, "there are no modules here", out);
}

static void hint_object(const struct hint_source *source, struct buf *out)
{
    (void)source;
    buf_add_str(out, "to give back an object, write return { ... } or ({ ... })");
}

static void hint_nothing(const struct hint_source *source, struct buf *out)
{
    (void)source;
    buf_add_str(out, "it may be missing: check it first, or use ?. or ??");
}

static void hint_unknown_value(const struct hint_source *source, struct buf *out)
{
    (void)source;
    buf_add_str(out, "its type is not known: write (value as any), or check it first");
}

static const struct {
    int code;
    void (*write)(const struct hint_source *source, struct buf *out);
} hints[] = {
    { 2304, hint_unknown_name },   { 2552, hint_unknown_name },   { 2580, hint_unknown_name },
    { 2581, hint_unknown_name },   { 2582, hint_unknown_name },   { 2584, hint_unknown_name },
    { 2591, hint_unknown_name },   { 2592, hint_unknown_name },   { 2593, hint_unknown_name },
    { 2339, hint_unknown_member }, { 2551, hint_unknown_member }, { 2550, hint_unknown_member },
    { 2554, hint_positional },     { 2555, hint_positional },     { 2345, hint_argument },
    { 2349, hint_not_callable },   { 1308, hint_async },          { 2307, hint_module },
    { 2792, hint_module },         { 2695, hint_object },         { 2531, hint_nothing },
    { 2532, hint_nothing },        { 18047, hint_nothing },       { 18048, hint_nothing },
    { 18049, hint_nothing },       { 2571, hint_unknown_value },  { 18046, hint_unknown_value },
};

static bool forgot_await(struct span related)
{
    for (struct json_iter it = json_iter(related); json_next(&it);) {
        struct span value;
        int64_t code;

        if (json_get(it.value, "code", &value) && json_int64(value, &code) &&
            code == FORGOTTEN_AWAIT)
            return true;
    }
    return false;
}

void hint_write(const struct hint_source *source, struct buf *out)
{
    if (forgot_await(source->related)) {
        buf_add_str(out, "did you forget await?");
        return;
    }
    for (size_t i = 0; i < ARRAY_COUNT(hints); i++) {
        if (hints[i].code == source->code) {
            hints[i].write(source, out);
            return;
        }
    }
}

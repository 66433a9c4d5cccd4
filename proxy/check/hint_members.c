/*
 * Members that are not there: what the value has instead.
 */
#include <string.h>

#include "proxy/check/hints.h"

#define MEMBERS_NAMED_MAX 10

/* What is called otherwise elsewhere. */
static const struct {
    const char *name, *ours;
} other_names[] = {
    { "contains", "includes" }, { "has", "includes" },
    { "append", "push" },       { "add", "push" },
    { "size", "length" },       { "count", "length" },
    { "len", "length" },        { "each", "forEach" },
    { "collect", "map" },       { "select", "filter" },
    { "strip", "trim" },        { "upper", "toUpperCase" },
    { "lower", "toLowerCase" }, { "startswith", "startsWith" },
    { "endswith", "endsWith" }, { "isEmpty", "length === 0" },
    { "first", "at(0)" },       { "last", "at(-1)" },
};

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

/* True when a type, given as text, is a list. */
static bool is_list(struct span type)
{
    return ends_with_list(type) && type.data[0] != '{';
}

static bool is_list_of_objects(struct span type)
{
    return ends_with_list(type) && type.data[0] == '{';
}

/* Appends the names of an object type's members. */
static void write_members(struct span type, struct buf *out)
{
    struct span rest = span_make(type.data + 1, type.len - 2);
    size_t count = 0;

    while (rest.len) {
        struct span member = first_member(rest);
        struct span name = identifier_at(span_trim(member), 0);

        rest = span_skip(rest, member.len + 1);
        if (!name.len)
            continue;
        if (++count > MEMBERS_NAMED_MAX)
            break;
        buf_printf(out, "%s%.*s", count == 1 ? "" : ", ", SPAN_ARG(name));
    }
    if (count > MEMBERS_NAMED_MAX)
        buf_add_str(out, ", ...");
}

static bool is_object(struct span type)
{
    return type.len > 2 && type.data[0] == '{' && type.data[type.len - 1] == '}';
}

/* Of objects: a list in it that was meant, or what it has. */
static void
hint_object(const struct hint_source *source, struct span name, struct span type, struct buf *out)
{
    struct span list;
    static const char *const list_members[] = { "map",       "filter",  "forEach",  "find",
                                                "length",    "slice",   "some",     "every",
                                                "reduce",    "sort",    "join",     "at",
                                                "flatMap",   "entries", "includes", "push",
                                                "findIndex", NULL };

    if (is_one_of(name, list_members) && find_list_member(type, &list))
        buf_printf(out, "this is an object; its list is .%.*s: use .%.*s.%.*s", SPAN_ARG(list),
                   SPAN_ARG(list), SPAN_ARG(name));
    else if (contains(source->message, "Did you mean"))
        return;
    else if (is_one_of(name, NAMES("data", "content", "structuredContent", "result", "results",
                                   "response", "body", "json", "text", "output", "value")))
        buf_printf(out, "a call gives the value itself, without .%.*s; it has ", SPAN_ARG(name));
    else
        buf_add_str(out, "it has ");
    if (out->len && !is_one_of(name, list_members))
        write_members(type, out);
}

static bool write_other_name(struct span name, struct buf *out)
{
    for (size_t i = 0; i < ARRAY_COUNT(other_names); i++) {
        if (!span_is(name, other_names[i].name))
            continue;
        buf_printf(out, "in JavaScript this is .%s", other_names[i].ours);
        return true;
    }
    return false;
}

/* `server.some-tool`, which reads as a subtraction. */
static bool write_dashed(const struct hint_source *source,
                         const struct catalogue_server *server,
                         struct span name,
                         struct buf *out)
{
    size_t end = source->at + name.len;
    const struct tool *tool;
    struct span whole;

    while (end < source->text.len &&
           (source->text.data[end] == '-' || identifier_at(source->text, end).len))
        end++;
    whole = span_make(source->text.data + source->at, end - source->at);
    tool = whole.len > name.len ? catalogue_find_tool(server, whole) : NULL;
    if (tool)
        buf_printf(out, "a dash is a minus here: write %s.%s", server->identifier,
                   tool->identifier);
    return tool != NULL;
}

static void hint_member_of_server(const struct hint_source *source,
                                  const struct catalogue_server *server,
                                  struct span name,
                                  struct buf *out)
{
    if (write_dashed(source, server, name, out) || write_owners(source, name, server, out))
        return;
    write_nearest(source, server, name, out);
    if (server->isolated)
        buf_printf(out, "%s" CATALOGUE_ISOLATED_HINT, out->len ? " " : "");
}

static void hint_member_of_mcp(const struct hint_source *source, struct span name, struct buf *out)
{
    if (source->at > 0 && write_own_path(source, source->at - 1, out))
        return;
    if (is_one_of(name, NAMES("callTool", "call_tool", "invoke", "callMCPTool", "run", "execute")))
        buf_add_str(out,
                    "write await server.tool({ ... }), or await mcp.call(\"server\", \"tool\", { "
                    "... })");
    else if (is_one_of(name, NAMES("listTools", "list_tools", "tools", "getTools", "find",
                                   "searchTools")))
        buf_add_str(out, "write await mcp.search(\"words\") to find tools, await "
                         "mcp.describe(\"server\") for all of a server");
    else
        buf_add_str(
            out,
            "mcp has search, describe, servers, call, resources, prompts, open, emit, progress");
}

void hint_unknown_member(const struct hint_source *source, struct buf *out)
{
    struct span name = quoted(source->message, 0), type = quoted(source->message, 1);
    const struct catalogue_server *server = server_before(source);

    if (server)
        hint_member_of_server(source, server, name, out);
    else if (span_is(type, "McpApi"))
        hint_member_of_mcp(source, name, out);
    else if (span_is(type, "McpConsole"))
        buf_add_str(out,
                    "console has log, info, warn, error, debug, table, dir, group, count, time");
    else if (contains(type, "randomUUID()"))
        buf_add_str(out, "crypto has randomUUID() and getRandomValues(array) alone");
    else if (span_starts_with(type, SPAN("Promise<")))
        buf_printf(out, "await it first: (await ...).%.*s", SPAN_ARG(name));
    else if ((is_list(type) || span_is(type, "string")) && write_other_name(name, out))
        return;
    else if (is_list(type) || is_list_of_objects(type))
        buf_printf(out,
                   "this is a list: take one, as in list[0].%.*s, or list.map((one) => one.%.*s)",
                   SPAN_ARG(name), SPAN_ARG(name));
    else if (span_is(type, "string"))
        buf_add_str(out, "this is text; if it holds JSON, use JSON.parse on it first");
    else if (is_object(type))
        hint_object(source, name, type, out);
}

void hint_no_list(const struct hint_source *source, struct buf *out)
{
    struct span type = quoted(source->message, 0), list;

    if (find_list_member(type, &list))
        buf_printf(out, "this is an object; its list is .%.*s: use that", SPAN_ARG(list));
    else if (is_object(type))
        buf_add_str(out, "this is an object: use Object.entries(value) or Object.values(value)");
}

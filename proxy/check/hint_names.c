/*
 * Names that mean nothing here: those of Node.js, browsers, Python, and of
 * other systems that offer tools to scripts.
 */
#include <string.h>

#include "codegen/search.h"
#include "proxy/check/hints.h"

#define SERVERS_NAMED_MAX 12

/* What a script has instead of what else is called by these names. */
struct advice {
    const char *text;
    bool tools; /* a tool may do it */
    const char *const *names;
};

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
bool write_owners(const struct hint_source *source,
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

void write_nearest(const struct hint_source *source,
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

static const struct advice advices[] = {
    { "a script has no network", true,
      NAMES("fetch",
            "XMLHttpRequest",
            "WebSocket",
            "axios",
            "http",
            "https",
            "Request",
            "Response",
            "EventSource",
            "Headers",
            "FormData",
            "net",
            "got",
            "undici") },
    { "this is not Node.js: no modules, files or processes", true,
      NAMES("require",
            "module",
            "exports",
            "process",
            "__dirname",
            "__filename",
            "fs",
            "path",
            "os",
            "child_process",
            "global",
            "Deno",
            "Bun",
            "exec",
            "execSync",
            "spawn",
            "readFile",
            "readFileSync",
            "writeFile",
            "writeFileSync") },
    { "this is no browser", true,
      NAMES("document",
            "window",
            "localStorage",
            "sessionStorage",
            "alert",
            "navigator",
            "location",
            "self",
            "DOMParser") },
    { "there is no Buffer: use TextEncoder and TextDecoder for UTF-8, atob and btoa for base64",
      false, NAMES("Buffer") },
    { "there are no files or streams: use a string or a Uint8Array; mcp.emit({ type: \"image\", "
      "data, "
      "mimeType }) shows an image",
      false,
      NAMES("Blob", "File", "FileReader", "ReadableStream", "WritableStream", "TransformStream") },
    { "a script has one thread; calls run at the same time by await Promise.all([...])", false,
      NAMES("Worker", "SharedWorker", "MessageChannel", "worker_threads") },
    { "write console.log(...) to show something on the way; return the result", false,
      NAMES("print", "println", "echo", "puts", "printf", "log") },
    { "this is JavaScript: write null", false, NAMES("None", "nil", "NULL") },
    { "this is JavaScript: write true", false, NAMES("True") },
    { "this is JavaScript: write false", false, NAMES("False") },
    { "this is JavaScript: write value.length", false, NAMES("len", "count", "sizeof") },
    { "this is JavaScript: write String(value) or Number(value)", false,
      NAMES("str", "int", "float") },
    { "tools are called as functions of their server: await server.tool({ ... }), or by name: "
      "await "
      "mcp.call(\"server\", \"tool\", { ... })",
      false,
      NAMES("callTool",
            "call_tool",
            "callMCPTool",
            "callMcpTool",
            "call_mcp_tool",
            "use_mcp_tool",
            "invokeTool",
            "useTool",
            "runTool",
            "executeTool",
            "call",
            "invoke") },
    { "write await mcp.search(\"words\") to find tools, await mcp.describe(\"server.tool\") to see "
      "one, "
      "await mcp.servers() for the servers",
      false,
      NAMES("searchTools",
            "search_tools",
            "listTools",
            "list_tools",
            "getTools",
            "findTools",
            "tool_search",
            "describeTool",
            "describe_tool",
            "search",
            "describe",
            "servers") },
};

void write_waiting(struct buf *out)
{
    buf_add_str(out, "to wait a second: await new Promise((done) => setTimeout(done, 1000))");
}

static bool write_advice(const struct hint_source *source, struct span name, struct buf *out)
{
    if (is_one_of(name, NAMES("sleep", "delay", "wait", "pause"))) {
        write_waiting(out);
        return true;
    }
    for (size_t i = 0; i < ARRAY_COUNT(advices); i++) {
        if (!is_one_of(name, advices[i].names))
            continue;
        if (advices[i].tools)
            write_instead(source, advices[i].text, out);
        else
            buf_add_str(out, advices[i].text);
        return true;
    }
    return false;
}

static const struct catalogue_server *server_by_any_name(const struct catalogue *catalogue,
                                                         struct span name)
{
    const struct catalogue_server *server = server_by_identifier(catalogue, name);

    return server || !catalogue ? server : catalogue_find(catalogue, name);
}

bool write_own_path(const struct hint_source *source, size_t end, struct buf *out)
{
    struct span first = member_behind(source->text, end), second;
    const struct catalogue_server *server = server_by_any_name(source->catalogue, first);
    const struct tool *tool;

    if (!first.len)
        return false;
    if (!server)
        return write_owners(source, first, NULL, out);
    end = (size_t)(first.data + first.len - source->text.data);
    if (end < source->text.len && (source->text.data[end] == '"' || source->text.data[end] == '\''))
        end += 2;
    second = member_behind(source->text, end);
    tool = second.len ? catalogue_find_tool(server, second) : NULL;
    if (tool)
        buf_printf(out, "servers are global variables: write %s.%s", server->identifier,
                   tool->identifier);
    else
        buf_printf(out, "servers are global variables: write %s", server->identifier);
    return true;
}

/* `name` without `prefix` and the underscores behind it; empty when it has no such prefix. */
static struct span behind_prefix(struct span name, struct span prefix)
{
    if (!prefix.len || !span_starts_with(name, prefix))
        return SPAN_NONE;
    name = span_skip(name, prefix.len);
    if (!name.len || name.data[0] != '_')
        return SPAN_NONE;
    while (name.len && name.data[0] == '_')
        name = span_skip(name, 1);
    return name;
}

/* mcp__server__tool, server__tool, server_tool: how clients name tools. */
static bool write_joined(const struct hint_source *source, struct span name, struct buf *out)
{
    struct span bare = behind_prefix(name, SPAN("mcp"));

    name = bare.len ? bare : name;
    for (size_t i = 0; source->catalogue && i < source->catalogue->server_count; i++) {
        const struct catalogue_server *server = source->catalogue->servers[i];
        struct span rest = behind_prefix(name, span_of(server->identifier));
        const struct tool *tool;

        if (!rest.len)
            rest = behind_prefix(name, span_of(server->key));
        tool = rest.len ? catalogue_find_tool(server, rest) : NULL;
        if (!tool)
            continue;
        buf_printf(out, "tools are functions of their server: write %s.%s", server->identifier,
                   tool->identifier);
        return true;
    }
    return false;
}

/* True when a type was meant: behind a colon or an angle, with an initial capital. */
static bool is_type_name(const struct hint_source *source, struct span name)
{
    size_t before = source->at, behind = source->at + name.len;
    char c;

    if (!name.len || name.data[0] < 'A' || name.data[0] > 'Z')
        return false;
    while (before > 0 && source->text.data[before - 1] == ' ')
        before--;
    while (behind < source->text.len && source->text.data[behind] == ' ')
        behind++;
    c = behind < source->text.len ? source->text.data[behind] : '\0';
    if (before > 2 && memcmp(source->text.data + before - 3, " as", 3) == 0)
        return true;
    return before > 0 && ((source->text.data[before - 1] == ':' && strchr("=[|;>", c)) ||
                          source->text.data[before - 1] == '<');
}

static bool is_index(const struct hint_source *source, size_t end)
{
    return end < source->text.len &&
           (source->text.data[end] == '.' || source->text.data[end] == '[');
}

/* A name that nothing here is near to; before a dot it was meant for a server. */
static void hint_other_name(const struct hint_source *source, struct span name, struct buf *out)
{
    size_t end = source->at + name.len;

    if (is_type_name(source, name)) {
        buf_add_str(out, "no type has this name: leave it out, types of results are known");
        return;
    }
    write_nearest(source, NULL, name, out);
    if (out->len == 0 && !contains(source->message, "Did you mean") && is_index(source, end))
        write_servers(source->catalogue, out);
}

void hint_unknown_name(const struct hint_source *source, struct buf *out)
{
    struct span name = quoted(source->message, 0);
    size_t end = source->at + name.len;

    if (is_index(source, end) && write_own_path(source, end, out))
        return;
    if (!write_owners(source, name, NULL, out) && !write_joined(source, name, out) &&
        !write_advice(source, name, out))
        hint_other_name(source, name, out);
}

/*
 * A server's lists as it sent them into the catalogue's structs: checks each
 * item by itself, so that a faulty one costs only itself.
 */
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "codegen/catalogue.h"
#include "codegen/names.h"

/* Texts of people and models: longer ones are of no use to either. */
#define TEXT_MAX_BYTES (256 * 1024)
#define WHY_BYTES      256

/* Why an item is left out, on the reader's stack. */
struct reader {
    catalogue_skip_fn *on_skip;
    void *ctx;
    const char *kind; /* "tool", "resource", ... */
};

static void skip(const struct reader *reader, const char *item, const char *why)
{
    if (reader->on_skip)
        reader->on_skip(reader->ctx, item ? item : reader->kind, why);
}

/* A member, SPAN_NONE when it is absent. */
static struct span member(struct span object, const char *key)
{
    struct span value = SPAN_NONE;

    json_get(object, key, &value);
    return value;
}

/* A string, NULL when it is absent, no string or longer than `max`. */
static char *dup_string(struct span value, size_t max)
{
    return value.len ? json_dup_string(value, max) : NULL;
}

/* A text, NULL when it is absent or empty. */
static char *dup_text(struct span value)
{
    char *text = dup_string(value, TEXT_MAX_BYTES);

    if (text && !*text) {
        free(text);
        return NULL;
    }
    return text;
}

/* The members of a tool that are read, found by one walk: tools can be large. */
struct tool_members {
    struct span name, title, description, annotations, input, output;
};

static struct tool_members tool_members(struct span item)
{
    struct tool_members found = { .name = SPAN_NONE };
    const struct {
        const char *key;
        struct span *value;
    } members[] = {
        { "name", &found.name },
        { "title", &found.title },
        { "description", &found.description },
        { "annotations", &found.annotations },
        { "inputSchema", &found.input },
        { "outputSchema", &found.output },
    };
    struct json_iter it = json_iter(item);

    while (it.object && json_next(&it)) {
        for (size_t i = 0; i < ARRAY_COUNT(members); i++) {
            if (json_key_is(it.key, members[i].key))
                *members[i].value = it.value;
        }
    }
    return found;
}

static bool is_printable(const char *name)
{
    for (; *name; name++) {
        if ((unsigned char)*name < 0x20 || *name == 0x7F)
            return false;
    }
    return true;
}

/* The name of an item, or NULL after a call of skip(). */
static char *read_name(const struct reader *reader, struct span value)
{
    char *name = dup_string(value, LIMIT_TOOL_NAME_BYTES);

    if (!name || !*name) {
        skip(reader, NULL, "it has no usable name");
        free(name);
        return NULL;
    }
    if (!is_printable(name)) {
        skip(reader, NULL, "its name has a control character");
        free(name);
        return NULL;
    }
    return name;
}

/* A schema as a tree; NULL with *ret_why when it can't be used.  A boolean is a schema too. */
static json_t *read_schema(struct span text, char ret_why[WHY_BYTES])
{
    json_error_t fault;
    json_t *schema;

    if (text.len > LIMIT_SCHEMA_BYTES) {
        snprintf(ret_why, WHY_BYTES, "its schema is over %d bytes", LIMIT_SCHEMA_BYTES);
        return NULL;
    }
    schema = json_loadb(text.data, text.len,
                        JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &fault);
    if (!schema)
        snprintf(ret_why, WHY_BYTES, "its schema can't be read: %s", fault.text);
    return schema;
}

static enum hint read_hint(struct span annotations, const char *key)
{
    struct span value;
    bool set;

    if (!json_get(annotations, key, &value) || !json_bool(value, &set))
        return HINT_UNKNOWN;
    return set ? HINT_TRUE : HINT_FALSE;
}

static void read_hints(struct span annotations, struct tool *tool)
{
    if (annotations.len == 0)
        return;
    tool->read_only = read_hint(annotations, "readOnlyHint");
    tool->destructive = read_hint(annotations, "destructiveHint");
    tool->idempotent = read_hint(annotations, "idempotentHint");
    tool->open_world = read_hint(annotations, "openWorldHint");
    if (!tool->title)
        tool->title = dup_text(member(annotations, "title"));
}

static void read_output(const struct reader *reader, struct span text, struct tool *tool)
{
    char why[WHY_BYTES];

    if (text.len == 0 || json_kind(text) == JSON_KIND_NULL)
        return;
    if (json_kind(text) != JSON_KIND_OBJECT) {
        skip(reader, tool->name, "its outputSchema is no object and is left out");
        return;
    }
    tool->output = read_schema(text, why);
    if (!tool->output)
        skip(reader, tool->name, why);
}

/* False after a call of skip(), with nothing left in *tool. */
static bool read_tool(const struct reader *reader,
                      struct span item,
                      const struct tool_members *members,
                      struct tool *ret_tool)
{
    char why[WHY_BYTES] = "its inputSchema is missing or no object";
    struct tool tool = { .name = read_name(reader, members->name) };

    if (!tool.name)
        return false;
    if (members->input.len && json_kind(members->input) == JSON_KIND_OBJECT)
        tool.input = read_schema(members->input, why);
    if (!tool.input) {
        skip(reader, tool.name, why);
        free(tool.name);
        return false;
    }
    tool.title = dup_text(members->title);
    tool.description = dup_text(members->description);
    read_hints(members->annotations, &tool);
    read_output(reader, members->output, &tool);
    tool.definition = span_dup(span_trim(item));
    *ret_tool = tool;
    return true;
}

/* A name that an item of a list has already. */
struct seen {
    UT_hash_handle hh;
    char name[];
};

/* True the second time it is asked about a name. */
static bool seen_before(struct seen **table, const char *name)
{
    struct seen *found;

    HASH_FIND_STR(*table, name, found);
    if (found)
        return true;
    found = xcalloc(1, sizeof(*found) + strlen(name) + 1);
    memcpy(found->name, name, strlen(name) + 1);
    HASH_ADD_STR(*table, name, found);
    return false;
}

static void free_seen(struct seen **table)
{
    struct seen *entry, *next;

    HASH_ITER(hh, *table, entry, next)
    {
        HASH_DEL(*table, entry);
        free(entry);
    }
}

static bool is_given_twice(const struct reader *reader, struct span value, struct seen **table)
{
    char *name = dup_string(value, LIMIT_TOOL_NAME_BYTES);
    bool twice = name && *name && seen_before(table, name);

    if (twice)
        skip(reader, name, "another one before it has the same name");
    free(name);
    return twice;
}

static void name_tools(struct catalogue_server *server)
{
    const char **names = xcalloc(server->tool_count + 1, sizeof(*names));
    char **identifiers = xcalloc(server->tool_count + 1, sizeof(*identifiers));

    for (size_t i = 0; i < server->tool_count; i++)
        names[i] = server->tools[i].name;
    name_identifiers(names, server->tool_count, NULL, identifiers);
    for (size_t i = 0; i < server->tool_count; i++)
        server->tools[i].identifier = identifiers[i];
    free(identifiers);
    free(names);
}

static void
read_tools(const struct reader *reader, struct span list, struct catalogue_server *server)
{
    struct json_iter it = json_iter(list);
    struct seen *names = NULL;

    server->tools = xcalloc(json_count(list) + 1, sizeof(*server->tools));
    while (json_next(&it)) {
        struct tool_members members = tool_members(it.value);

        if (server->tool_count == LIMIT_CATALOGUE_TOOLS) {
            skip(reader, NULL, "the server has more tools than the limit");
            break;
        }
        if (!is_given_twice(reader, members.name, &names) &&
            read_tool(reader, it.value, &members, &server->tools[server->tool_count]))
            server->tool_count++;
    }
    free_seen(&names);
    name_tools(server);
}

static void read_arguments(struct span list, struct prompt *prompt)
{
    struct json_iter it = json_iter(list);

    prompt->arguments = xcalloc(json_count(list) + 1, sizeof(*prompt->arguments));
    while (json_next(&it)) {
        struct prompt_argument *argument = &prompt->arguments[prompt->argument_count];
        struct span required;

        argument->name = dup_string(member(it.value, "name"), LIMIT_TOOL_NAME_BYTES);
        if (!argument->name)
            continue;
        argument->description = dup_text(member(it.value, "description"));
        if (json_get(it.value, "required", &required))
            json_bool(required, &argument->required);
        prompt->argument_count++;
    }
}

static void
read_prompts(const struct reader *reader, struct span list, struct catalogue_server *server)
{
    struct json_iter it = json_iter(list);
    struct seen *names = NULL;

    server->prompts = xcalloc(json_count(list) + 1, sizeof(*server->prompts));
    while (json_next(&it) && server->prompt_count < LIMIT_CATALOGUE_TOOLS) {
        struct prompt *prompt = &server->prompts[server->prompt_count];
        struct span arguments;

        if (is_given_twice(reader, member(it.value, "name"), &names))
            continue;
        prompt->name = read_name(reader, member(it.value, "name"));
        if (!prompt->name)
            continue;
        prompt->title = dup_text(member(it.value, "title"));
        prompt->description = dup_text(member(it.value, "description"));
        prompt->definition = span_dup(span_trim(it.value));
        if (json_get(it.value, "arguments", &arguments))
            read_arguments(arguments, prompt);
        server->prompt_count++;
    }
    free_seen(&names);
}

static size_t read_resources(const struct reader *reader,
                             struct span list,
                             const char *uri_key,
                             struct resource **ret_resources)
{
    struct resource *resources = xcalloc(json_count(list) + 1, sizeof(*resources));
    struct json_iter it = json_iter(list);
    size_t count = 0;

    while (json_next(&it) && count < LIMIT_CATALOGUE_TOOLS) {
        struct resource *resource = &resources[count];

        resource->uri = dup_text(member(it.value, uri_key));
        if (!resource->uri) {
            skip(reader, NULL, "it has no usable URI");
            continue;
        }
        resource->name = dup_text(member(it.value, "name"));
        if (!resource->name)
            resource->name = xstrdup(resource->uri);
        resource->title = dup_text(member(it.value, "title"));
        resource->description = dup_text(member(it.value, "description"));
        resource->mime_type = dup_text(member(it.value, "mimeType"));
        resource->definition = span_dup(span_trim(it.value));
        count++;
    }
    *ret_resources = resources;
    return count;
}

static int check_list(struct span list, const char *what, struct err *err)
{
    if (list.len == 0)
        return 0;
    if (json_check(list, LIMIT_RPC_DEPTH, err) < 0)
        return err_in(err, "the list of %s", what);
    if (json_kind(list) != JSON_KIND_ARRAY)
        return err_set(err, ERR_INVALID, "the list of %s is no array", what);
    return 0;
}

static int check_lists(const struct catalogue_lists *lists, struct err *err)
{
    if (check_list(lists->tools, "tools", err) < 0 ||
        check_list(lists->resources, "resources", err) < 0 ||
        check_list(lists->templates, "resource templates", err) < 0)
        return -1;
    return check_list(lists->prompts, "prompts", err);
}

struct catalogue_server *catalogue_server_new(const char *key,
                                              const struct catalogue_lists *lists,
                                              catalogue_skip_fn *on_skip,
                                              void *ctx,
                                              struct err *err)
{
    struct reader reader = { .on_skip = on_skip, .ctx = ctx, .kind = "tool" };
    struct catalogue_server *server;

    if (check_lists(lists, err) < 0)
        return NULL;
    server = catalogue_server_absent(key, SERVER_READY, NULL);
    read_tools(&reader, lists->tools, server);
    reader.kind = "prompt";
    read_prompts(&reader, lists->prompts, server);
    reader.kind = "resource";
    server->resource_count = read_resources(&reader, lists->resources, "uri", &server->resources);
    reader.kind = "resource template";
    server->template_count =
        read_resources(&reader, lists->templates, "uriTemplate", &server->templates);
    return server;
}

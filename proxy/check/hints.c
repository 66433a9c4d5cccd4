/*
 * What helps against the mistakes models make most.  Each hint looks at the
 * compiler's code and message, at the words around the place, and at the
 * catalogue.
 */
#include "proxy/check/hints.h"

#include <string.h>

#include "base/json.h"

#define MEMBERS_NAMED_MAX 6
#define FORGOTTEN_AWAIT   2773 /* "Did you forget to use 'await'?" */

struct span quoted(struct span message, unsigned nth)
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

bool contains(struct span text, const char *word)
{
    return text.len && memmem(text.data, text.len, word, strlen(word));
}

bool is_one_of(struct span name, const char *const *names)
{
    while (*names && !span_is(name, *names))
        names++;
    return *names != NULL;
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

static bool behind_word(const struct hint_source *source, const char *word)
{
    size_t len = strlen(word);

    return source->at >= len && memcmp(source->text.data + source->at - len, word, len) == 0;
}

static void hint_positional(const struct hint_source *source, struct buf *out)
{
    struct tool_use use = tool_near(source->text, source->at, source->catalogue);

    if (behind_word(source, "mcp."))
        buf_add_str(out, "mcp.call takes the server, the tool and its arguments: await "
                         "mcp.call(\"server\", \"tool\", { ... })");
    if (!use.tool || out->len)
        return;
    buf_add_str(out, "a tool takes one object with named members: ");
    write_call(use, out);
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
    else if (behind_word(source, "setTimeout("))
        write_waiting(out);
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
        buf_add_str(out, "it is no function; to read its value, leave out the parentheses");
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
    (void)source;
    buf_add_str(
        out, "there are no modules here; tools are global variables, such as server.tool({ ... })");
}

static void hint_block(const struct hint_source *source, struct buf *out)
{
    (void)source;
    buf_add_str(out, "to give back an object, write return { ... } or ({ ... })");
}

static void hint_nothing(const struct hint_source *source, struct buf *out)
{
    (void)source;
    buf_add_str(out, "it may be missing: check it first, or use ?. or ??");
}

/* Names that other systems wrap arguments in. */
static void hint_unknown_argument(const struct hint_source *source, struct buf *out)
{
    struct tool_use use = tool_near(source->text, source->at, source->catalogue);

    if (!use.tool || !is_one_of(quoted(source->message, 0),
                                NAMES("arguments", "args", "input", "params", "parameters", "body",
                                      "data", "payload", "json")))
        return;
    buf_add_str(out, "a tool takes its members directly: ");
    write_call(use, out);
}

static void hint_arithmetic(const struct hint_source *source, struct buf *out)
{
    (void)source;
    buf_add_str(out, "make a number of it first: Number(value), or date.getTime()");
}

static void hint_declared_twice(const struct hint_source *source, struct buf *out)
{
    (void)source;
    buf_add_str(out, "give one of them another name, or assign without const");
}

static void hint_shorthand(const struct hint_source *source, struct buf *out)
{
    struct span name = quoted(source->message, 0);

    buf_printf(out, "declare %.*s before, or write %.*s: ...", SPAN_ARG(name), SPAN_ARG(name));
}

/* `name = value` where name has the type of its first value. */
static void hint_assigned(const struct hint_source *source, struct buf *out)
{
    size_t at = source->at + identifier_at(source->text, source->at).len;

    while (at < source->text.len && source->text.data[at] == ' ')
        at++;
    if (at > source->at && span_starts_with(span_skip(source->text, at), SPAN("= ")) &&
        !behind_word(source, "const ") && !behind_word(source, "let ") && !behind_word(source, "."))
        buf_add_str(out, "a variable keeps the type of its first value: use another variable");
}

/* The line of the text that a byte is in. */
static struct span line_around(struct span text, size_t at)
{
    size_t start = at, end = at;

    while (start > 0 && text.data[start - 1] != '\n')
        start--;
    while (end < text.len && text.data[end] != '\n')
        end++;
    return span_make(text.data + start, end - start);
}

static void hint_syntax(const struct hint_source *source, struct buf *out)
{
    struct span line = line_around(source->text, source->at);
    struct span rest = span_skip(source->text, source->at);

    if (contains(line, "</") && contains(line, ">"))
        buf_add_str(out, "if this is JSX: it is not supported; build text by template strings");
    else if (contains(line, " if ") && contains(line, " else "))
        buf_add_str(out, "this is TypeScript: write condition ? value : other");
    else if (contains(line, "def ") || contains(line, "lambda "))
        buf_add_str(out, "this is TypeScript: write (x) => value, or function name(x) { ... }");
    else if (contains(line, " and ") || contains(line, " or ") || contains(line, "not "))
        buf_add_str(out, "this is TypeScript: write && for and, || for or, ! for not");
    else if (contains(line, "f\"") || contains(line, "f'"))
        buf_add_str(out, "this is TypeScript: write `text ${value}`");
    else if (rest.len && strchr(")]}", rest.data[0]))
        buf_printf(
            out, "this %c does not match: a bracket before it is not closed, or it is one too many",
            rest.data[0]);
    else if (rest.len && rest.data[0] == ';' && contains(source->message, "',' expected"))
        buf_add_str(out, "a bracket before this is not closed");
}

static const struct {
    int code;
    void (*write)(const struct hint_source *source, struct buf *out);
} hints[] = {
    { 2304, hint_unknown_name },     { 2552, hint_unknown_name },   { 2580, hint_unknown_name },
    { 2581, hint_unknown_name },     { 2582, hint_unknown_name },   { 2584, hint_unknown_name },
    { 2591, hint_unknown_name },     { 2592, hint_unknown_name },   { 2593, hint_unknown_name },
    { 2339, hint_unknown_member },   { 2551, hint_unknown_member }, { 2550, hint_unknown_member },
    { 2554, hint_positional },       { 2555, hint_positional },     { 2345, hint_argument },
    { 2349, hint_not_callable },     { 1308, hint_async },          { 2307, hint_module },
    { 2792, hint_module },           { 2695, hint_block },          { 2531, hint_nothing },
    { 2532, hint_nothing },          { 18047, hint_nothing },       { 18048, hint_nothing },
    { 18049, hint_nothing },         { 2488, hint_no_list },        { 2461, hint_no_list },
    { 2495, hint_no_list },          { 2548, hint_no_list },        { 2353, hint_unknown_argument },
    { 2561, hint_unknown_argument }, { 2362, hint_arithmetic },     { 2363, hint_arithmetic },
    { 2451, hint_declared_twice },   { 18004, hint_shorthand },     { 2322, hint_assigned },
    { 1005, hint_syntax },           { 1109, hint_syntax },         { 1128, hint_syntax },
    { 1003, hint_syntax },           { 1434, hint_syntax },
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

/* True when the place is a member of what an arrow function on the same line takes. */
static bool is_of_parameter(const struct hint_source *source)
{
    struct span name = source->at > 0 ? identifier_before(source->text, source->at - 1) : SPAN_NONE;
    CLEANUP(str) char *bare = xasprintf("%.*s =>", SPAN_ARG(name));
    CLEANUP(str) char *listed = xasprintf("(%.*s) =>", SPAN_ARG(name));
    struct span line = line_around(source->text, source->at);

    return name.len && (contains(line, bare) || contains(line, listed));
}

static void hint_await(const struct hint_source *source, struct buf *out)
{
    if (is_of_parameter(source))
        buf_add_str(out,
                    "this is a list of promises: const values = await Promise.all(list) first");
    else
        buf_add_str(out, "did you forget await?");
}

void hint_write(const struct hint_source *source, struct buf *out)
{
    if (forgot_await(source->related)) {
        hint_await(source, out);
        return;
    }
    for (size_t i = 0; i < ARRAY_COUNT(hints); i++) {
        if (hints[i].code == source->code) {
            hints[i].write(source, out);
            return;
        }
    }
}

#include "codegen/server_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codegen/derived.h"
#include "codegen/names.h"
#include "codegen/type_names.h"
#include "codegen/typescript_text.h"

/* The types of one tool as text; what is larger is `any`. */
#define CALL_MAX_BYTES ((size_t)256 * 1024)
/* The declarations of one server; tools beyond it are declared without types. */
#define SERVER_MAX_BYTES ((size_t)16 * 1024 * 1024)
/* Their own bound: names alone, for as many tools as a server can have. */
#define HARD_MAX_BYTES ((size_t)64 * 1024 * 1024)

#define SENTENCE_MAX_CHARACTERS 120
#define COMPACT_LITERALS        24
#define COMPACT_DEPTH           4
/* An observed output in a short form; mcp.describe tells the whole of it. */
#define OBSERVED_SHORT_BYTES 400

static const struct type_style check_style = { .document = NULL };
static const struct type_style compact_style = {
    .document = NULL, .brief = true, .literal_max = COMPACT_LITERALS, .depth_max = COMPACT_DEPTH
};

static struct definition_text *find_definition(const struct server_text *text, const char *name)
{
    struct definition_text *found;

    HASH_FIND_STR(text->definitions, name, found);
    return found;
}

static char *printed(const struct type *type, const struct type_style *style)
{
    struct buf out = BUF(CALL_MAX_BYTES);

    type_print(&out, type, style, "", 4);
    if (buf_failed(&out)) {
        buf_done(&out);
        return xstrdup("any");
    }
    return buf_take(&out);
}

/* The name of a definition at a level of effort: its base, then with the tool's name, then with a
 * number. */
static char *
candidate(const struct tool *tool, const struct type_definition *definition, size_t level)
{
    CLEANUP(str) char *base = type_name_from(definition->base_name);

    if (level == 0)
        return TAKE(base);
    if (level == 1)
        return xasprintf("%s_%s", base, tool->identifier);
    return xasprintf("%s_%s_%zu", base, tool->identifier, level);
}

static bool named_before(const struct tool_types *types, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(types->named[i]->name, name) == 0)
            return true;
    }
    return false;
}

/* Names for a tool's definitions.  At first two may get the same (input and output often have the
 * same type); when those are not alike, each gets its own. */
static void
try_names(struct tool_types *types, const struct tool *tool, size_t attempt, char **names)
{
    for (size_t i = 0; i < types->named_count; i++) {
        size_t level = attempt ? attempt - 1 : 0;

        names[i] = candidate(tool, types->named[i], level);
        while (attempt && named_before(types, i, names[i])) {
            free(names[i]);
            names[i] = candidate(tool, types->named[i], ++level);
        }
        types->named[i]->name = names[i];
    }
}

/* True when nothing before has the definition's name, or what has it is the very same type. */
static bool name_fits(const struct server_text *text, const struct tool_types *types, size_t index)
{
    const char *name = types->named[index]->name;
    const struct definition_text *known = find_definition(text, name);
    CLEANUP(str) char *body = NULL;

    if (!known && !named_before(types, index, name))
        return true;
    body = printed(types->named[index]->type, &check_style);
    if (known)
        return strcmp(known->check, body) == 0;
    for (size_t i = 0; i < index; i++) {
        CLEANUP(str) char *other = NULL;

        if (strcmp(types->named[i]->name, name) != 0)
            continue;
        other = printed(types->named[i]->type, &check_style);
        if (strcmp(other, body) != 0)
            return false;
    }
    return true;
}

static bool names_fit(const struct server_text *text, const struct tool_types *types)
{
    for (size_t i = 0; i < types->named_count; i++) {
        if (!name_fits(text, types, i))
            return false;
    }
    return true;
}

static void
add_definitions(struct server_text *text, const struct tool_types *types, size_t tool_index)
{
    for (size_t i = 0; i < types->named_count; i++) {
        const struct type_definition *definition = types->named[i];
        struct definition_text *entry;

        if (find_definition(text, definition->name))
            continue;
        entry = NEW(struct definition_text);
        entry->name = xstrdup(definition->name);
        entry->tool_index = tool_index;
        entry->named_index = i;
        entry->check = printed(definition->type, &check_style);
        entry->compact = printed(definition->type, &compact_style);
        HASH_ADD_KEYPTR(hh, text->definitions, entry->name, strlen(entry->name), entry);
    }
}

static void free_names(struct tool_text *tool)
{
    for (size_t i = 0; i < tool->name_count; i++)
        free(tool->names[i]);
    free(tool->names);
}

static void name_definitions(struct server_text *text,
                             struct tool_types *types,
                             const struct tool *tool,
                             struct tool_text *tool_text)
{
    for (size_t attempt = 0; types->named_count; attempt++) {
        tool_text->names = xcalloc(types->named_count, sizeof(char *));
        tool_text->name_count = types->named_count;
        try_names(types, tool, attempt, tool_text->names);
        if (names_fit(text, types))
            break;
        free_names(tool_text);
    }
    add_definitions(text, types, (size_t)(tool_text - text->tools));
}

/* An observed output in a short form: as deep as fits. */
static void add_observed_in_short(struct buf *out, const struct type *output)
{
    struct type_style style = compact_style;

    for (style.depth_max = COMPACT_DEPTH; style.depth_max > 0; style.depth_max--) {
        CLEANUP(buf) struct buf text = BUF(OBSERVED_SHORT_BYTES);

        type_print(&text, output, &style, "", 2);
        if (!buf_failed(&text)) {
            buf_add_span(out, buf_span(&text));
            return;
        }
    }
    buf_add_str(out, "any");
}

static void add_output(struct buf *out,
                       const struct tool_types *types,
                       const struct type_style *style,
                       const char *prefix,
                       unsigned indent_columns)
{
    struct type_style of_output = *style;

    of_output.root = types->output_schema;
    if (!types->observed) {
        type_print(out, types->output, &of_output, prefix, indent_columns);
        return;
    }
    buf_add_str(out, "Observed<");
    if (style == &compact_style)
        add_observed_in_short(out, types->output);
    else
        type_print(out, types->output, style, prefix, indent_columns);
    buf_add_char(out, '>');
}

void server_text_call(struct buf *out,
                      const struct tool_types *types,
                      const struct type_style *style,
                      const char *prefix,
                      unsigned indent_columns)
{
    struct type_style of_input = *style;

    of_input.root = types->input_schema;
    buf_add_str(out, types->input_optional ? "(input?: " : "(input: ");
    type_print(out, types->input, &of_input, prefix, indent_columns);
    buf_add_str(out, "): Promise<");
    add_output(out, types, style, prefix, indent_columns);
    buf_add_char(out, '>');
}

/* A tool's call in a style, in `scratch`; without types when there is no room for them behind the
 * declarations so far. */
static struct span call_text(struct buf *scratch,
                             const struct server_text *text,
                             const struct tool_types *types,
                             const struct type_style *style,
                             size_t declared_bytes)
{
    buf_clear(scratch);
    if (style == &compact_style && types->input_empty) {
        buf_add_str(scratch, "(): Promise<");
        add_output(scratch, types, style, text->prefix, 2);
        buf_add_char(scratch, '>');
    } else {
        server_text_call(scratch, types, style, text->prefix, 2);
    }
    if (buf_failed(scratch) || declared_bytes + scratch->len > SERVER_MAX_BYTES)
        return SPAN("(input?: any): Promise<any>");
    return buf_span(scratch);
}

void server_text_sentence(struct buf *out, const struct tool *tool)
{
    const char *text = tool->description ? tool->description : tool->title;

    typescript_first_sentence(out, span_of(text), SENTENCE_MAX_CHARACTERS);
}

static void add_check_line(struct server_text *text, const struct tool *tool, struct span call)
{
    struct buf *out = &text->check;

    buf_add_str(out, "  ");
    buf_add_str(out, tool->identifier);
    buf_add_span(out, call);
    buf_add_str(out, ";\n");
    if (strcmp(tool->identifier, tool->name) == 0)
        return;
    buf_add_str(out, "  ");
    typescript_property(out, span_of(tool->name));
    buf_printf(out, ": %s[\"%s\"];\n", text->type_name, tool->identifier);
}

static void add_compact_line(struct server_text *text, const struct tool *tool, struct span call)
{
    struct buf *out = &text->compact;
    size_t before;

    buf_add_str(out, "  ");
    buf_add_str(out, tool->identifier);
    buf_add_span(out, call);
    buf_add_char(out, ';');
    before = out->len;
    buf_add_str(out, " // ");
    server_text_sentence(out, tool);
    if (out->len == before + strlen(" // "))
        buf_truncate(out, before);
    buf_add_char(out, '\n');
}

static void add_tool(struct server_text *text, const struct tool *tool, struct buf *scratch)
{
    struct tool_text *made = &text->tools[text->tool_count++];
    struct tool_types types;
    struct span call;

    tool_types_init(&types, tool);
    text->observed |= types.observed;
    name_definitions(text, &types, tool, made);
    call = call_text(scratch, text, &types, &compact_style, 0);
    made->call = span_dup(call);
    add_compact_line(text, tool, call);
    call = call_text(scratch, text, &types, &check_style, text->check.len);
    add_check_line(text, tool, call);
    tool_types_done(&types);
}

static void add_namespace(struct buf *out, const struct server_text *text, bool compact)
{
    const struct definition_text *definition;

    if (!text->definitions)
        return;
    buf_printf(out, "declare namespace %s {\n", text->type_name);
    for (definition = text->definitions; definition; definition = definition->hh.next)
        buf_printf(out, "  type %s = %s;\n", definition->name,
                   compact ? definition->compact : definition->check);
    buf_add_str(out, "}\n");
}

static void finish(struct buf *out,
                   const struct server_text *text,
                   const struct catalogue_server *server,
                   bool compact)
{
    buf_add_str(out, "}\n");
    add_namespace(out, text, compact);
    buf_printf(out, "declare const %s: %s;\n", server->identifier, text->type_name);
}

static struct server_text *make_text(const struct catalogue_server *server)
{
    CLEANUP(buf) struct buf scratch = BUF(CALL_MAX_BYTES);
    struct server_text *text = NEW(struct server_text);

    text->type_name = type_name_of_server(server->identifier);
    text->prefix = xasprintf("%s.", text->type_name);
    text->tools = xcalloc(server->tool_count + 1, sizeof(*text->tools));
    buf_init(&text->check, HARD_MAX_BYTES);
    buf_init(&text->compact, HARD_MAX_BYTES);
    buf_printf(&text->check, "interface %s {\n", text->type_name);
    buf_printf(&text->compact, "interface %s {\n", text->type_name);
    for (size_t i = 0; i < server->tool_count; i++)
        add_tool(text, &server->tools[i], &scratch);
    finish(&text->check, text, server, false);
    finish(&text->compact, text, server, true);
    return text;
}

const struct server_text *server_text_of(const struct catalogue_server *server)
{
    struct derived *derived = derived_of(server);

    if (!derived->text)
        derived->text = make_text(server);
    return derived->text;
}

void server_text_free(struct server_text *text)
{
    struct definition_text *definition, *next;

    if (!text)
        return;
    for (size_t i = 0; i < text->tool_count; i++) {
        free(text->tools[i].call);
        free_names(&text->tools[i]);
    }
    HASH_ITER(hh, text->definitions, definition, next)
    {
        HASH_DEL(text->definitions, definition);
        free(definition->name);
        free(definition->check);
        free(definition->compact);
        free(definition);
    }
    free(text->tools);
    free(text->type_name);
    free(text->prefix);
    buf_done(&text->check);
    buf_done(&text->compact);
    free(text);
}

void server_text_types(const struct server_text *text,
                       const struct catalogue_server *server,
                       size_t tool_index,
                       struct tool_types *ret_types)
{
    const struct tool_text *tool = &text->tools[tool_index];

    tool_types_init(ret_types, &server->tools[tool_index]);
    /* The same schemas give the same definitions in the same order. */
    BUG_ON(ret_types->named_count != tool->name_count);
    for (size_t i = 0; i < tool->name_count; i++)
        ret_types->named[i]->name = tool->names[i];
}

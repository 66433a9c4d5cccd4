#include "codegen/declarations.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codegen/documentation.h"
#include "codegen/schema_internal.h"
#include "codegen/server_text.h"
#include "codegen/tool_types.h"
#include "codegen/type_print.h"
#include "codegen/typescript_text.h"

/* The types of one tool with their documentation; what is larger is written in short. */
#define FULL_MAX_BYTES ((size_t)512 * 1024)

extern const unsigned char codegen_prelude[];
extern const size_t codegen_prelude_len;

struct span declarations_prelude(void)
{
    return span_make((const char *)codegen_prelude, codegen_prelude_len);
}

static void document_property(void *ctx,
                              const json_t *root,
                              const struct type_property *property,
                              const char *indent,
                              struct buf *out)
{
    size_t *search_left = ctx;
    struct schema_document document = { root, *search_left };

    documentation_of_schema(out, &document, property->schema, indent);
    *search_left = document.search_left;
}

static size_t index_of(const struct catalogue_server *server, const struct tool *tool)
{
    return (size_t)(tool - server->tools);
}

static void
add_full_tool(const struct catalogue_server *server, const struct tool *tool, struct buf *out)
{
    const struct server_text *text = server_text_of(server);
    CLEANUP(buf) struct buf call = BUF(FULL_MAX_BYTES);
    size_t search_left = SCHEMA_SEARCH_MAX;
    struct type_style style = { .document = document_property, .ctx = &search_left };
    const char *note;
    struct tool_types types;

    server_text_types(text, server, index_of(server, tool), &types);
    server_text_call(&call, &types, &style, text->prefix, 2);
    note = buf_failed(&call) ? "its types are too large to be written in full"
                             : tool_types_note(&types);
    documentation_of_tool(out, server, tool, note, "  ");
    buf_printf(out, "  %s", tool->identifier);
    if (buf_failed(&call))
        buf_add_str(out, text->tools[index_of(server, tool)].call);
    else
        buf_add_span(out, buf_span(&call));
    buf_add_str(out, ";\n");
    tool_types_done(&types);
}

static void add_short_tool(const struct catalogue_server *server,
                           const struct tool *tool,
                           enum declaration_style style,
                           struct buf *out)
{
    const struct server_text *text = server_text_of(server);
    CLEANUP(buf) struct buf sentence = BUF(4096);

    if (style == DECLARATION_COMPACT)
        server_text_sentence(&sentence, tool);
    buf_printf(out, "  %s%s;", tool->identifier, text->tools[index_of(server, tool)].call);
    if (sentence.len)
        buf_printf(out, " // %s", buf_str(&sentence));
    buf_add_char(out, '\n');
}

int declarations_of_tool(const struct catalogue_server *server,
                         const struct tool *tool,
                         enum declaration_style style,
                         struct buf *out,
                         struct err *err)
{
    if (style == DECLARATION_FULL)
        add_full_tool(server, tool, out);
    else
        add_short_tool(server, tool, style, out);
    return buf_check(out, "a tool's declaration", err);
}

static void add_full_definition(const struct type_definition *definition, struct buf *out)
{
    CLEANUP(buf) struct buf body = BUF(FULL_MAX_BYTES);
    struct schema_document document = { definition->document, SCHEMA_SEARCH_MAX };
    struct type_style style = { .document = document_property,
                                .ctx = &document.search_left,
                                .root = definition->document };

    documentation_of_schema(out, &document, definition->target, "  ");
    buf_printf(out, "  type %s = ", definition->name);
    type_print(&body, definition->type, &style, "", 2);
    if (buf_failed(&body))
        buf_add_str(out, "any");
    else
        buf_add_span(out, buf_span(&body));
    buf_add_str(out, ";\n");
}

/* The definitions that one tool brought, which follow each other; returns the first of the next. */
static const struct definition_text *add_full_group(const struct catalogue_server *server,
                                                    const struct definition_text *definition,
                                                    struct buf *out)
{
    size_t tool_index = definition->tool_index;
    struct tool_types types;

    server_text_types(server_text_of(server), server, tool_index, &types);
    for (; definition && definition->tool_index == tool_index; definition = definition->hh.next)
        add_full_definition(types.named[definition->named_index], out);
    tool_types_done(&types);
    return definition;
}

/* All named types of a server, each as the tool that has it first describes it. */
static void add_full_namespace(const struct catalogue_server *server, struct buf *out)
{
    const struct server_text *text = server_text_of(server);
    const struct definition_text *definition = text->definitions;

    if (!definition)
        return;
    buf_printf(out, "declare namespace %s {\n", text->type_name);
    while (definition)
        definition = add_full_group(server, definition, out);
    buf_add_str(out, "}\n");
}

static void add_full_server(const struct catalogue_server *server, struct buf *out)
{
    const struct server_text *text = server_text_of(server);

    buf_printf(out, "interface %s {\n", text->type_name);
    for (size_t i = 0; i < server->tool_count && !buf_failed(out); i++)
        add_full_tool(server, &server->tools[i], out);
    buf_add_str(out, "}\n");
    add_full_namespace(server, out);
    buf_printf(out, "declare const %s: %s;\n", server->identifier, text->type_name);
}

int declarations_of_server(const struct catalogue_server *server,
                           enum declaration_style style,
                           struct buf *out,
                           struct err *err)
{
    const struct server_text *text = server_text_of(server);

    if (style == DECLARATION_FULL)
        add_full_server(server, out);
    else
        buf_add_span(out, buf_span(style == DECLARATION_CHECK ? &text->check : &text->compact));
    if (buf_check(out, "the declarations", err) < 0)
        return err_in(err, "server '%s'", server->key);
    return 0;
}

int declarations_types_of_tool(const struct catalogue_server *server,
                               const struct tool *tool,
                               struct buf *out,
                               struct err *err)
{
    const struct server_text *text = server_text_of(server);
    struct tool_types types;

    server_text_types(text, server, index_of(server, tool), &types);
    if (types.named_count) {
        buf_printf(out, "declare namespace %s {\n", text->type_name);
        for (size_t i = 0; i < types.named_count; i++)
            add_full_definition(types.named[i], out);
        buf_add_str(out, "}\n");
    }
    tool_types_done(&types);
    return buf_check(out, "a tool's types", err);
}

int declarations_signature(const struct catalogue_server *server,
                           const struct tool *tool,
                           struct buf *out,
                           struct err *err)
{
    const struct server_text *text = server_text_of(server);

    buf_printf(out, "%s.%s%s", server->identifier, tool->identifier,
               text->tools[index_of(server, tool)].call);
    return buf_check(out, "a tool's signature", err);
}

/*
 * The declarations of one server as text, made once and kept with it.
 */
#ifndef CODEGEN_SERVER_TEXT_H
#define CODEGEN_SERVER_TEXT_H

#include "base/buf.h"
#include "codegen/catalogue.h"
#include "codegen/tool_types.h"
#include "codegen/type_print.h"

struct tool_text {
    char *call;   /* "(input: {...}): Promise<...>", compact */
    char **names; /* of the definitions it uses, in the order of tool_types.named */
    size_t name_count;
};

/* A named type of the server's namespace; `hh.next` leads to the next one. */
struct definition_text {
    UT_hash_handle hh;
    char *name; /* the key */
    char *check, *compact;
    size_t tool_index, named_index; /* the tool that has it first, and where in tool_types.named */
};

struct server_text {
    char *type_name; /* "Github" */
    char *prefix;    /* "Github." */
    struct tool_text *tools;
    size_t tool_count;
    bool observed; /* an output is what was seen of replies */
    struct definition_text *definitions;
    struct buf check, compact; /* whole declarations */
};

/* Never NULL; owned by the server's cache. */
const struct server_text *server_text_of(const struct catalogue_server *server);

void server_text_free(struct server_text *text); /* takes NULL */

/* The types of one tool with the names its definitions have in the server's namespace; call
 * tool_types_done afterwards. */
void server_text_types(const struct server_text *text,
                       const struct catalogue_server *server,
                       size_t tool_index,
                       struct tool_types *ret_types);

/* Appends "(input: ...): Promise<...>". */
void server_text_call(struct buf *out,
                      const struct tool_types *types,
                      const struct type_style *style,
                      const char *prefix,
                      unsigned indent_columns);

/* Appends the first sentence of a tool's documentation; nothing when it has none. */
void server_text_sentence(struct buf *out, const struct tool *tool);

#endif

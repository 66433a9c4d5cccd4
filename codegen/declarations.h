/*
 * The TypeScript declarations of servers: what the checker sees, and what a
 * model is shown.
 *
 * One interface per server with inline types:
 *
 *     interface Github { create_issue(input: {...}): Promise<{...}>; }
 *     declare const github: Github;
 *
 * All text of upstreams ends up in comments or quoted names only, escaped so
 * that nothing of it can become code.
 */
#ifndef CODEGEN_DECLARATIONS_H
#define CODEGEN_DECLARATIONS_H

#include "base/buf.h"
#include "codegen/catalogue.h"

enum declaration_style {
    DECLARATION_CHECK,   /* for the checker: no documentation */
    DECLARATION_COMPACT, /* one line a tool, first sentence of its documentation */
    DECLARATION_FULL     /* all documentation and constraints as JSDoc */
};

/* Appends the declarations of one server.  Cached per server for DECLARATION_CHECK and _COMPACT.
 * 0, or -1 with ERR_LIMIT. */
int declarations_of_server(const struct catalogue_server *server,
                           enum declaration_style style,
                           struct buf *out,
                           struct err *err);

/* Appends one tool in a style, as a member of its server's interface (indented by two). */
int declarations_of_tool(const struct catalogue_server *server,
                         const struct tool *tool,
                         enum declaration_style style,
                         struct buf *out,
                         struct err *err);

/* Appends the named types that a tool's declaration refers to, as a namespace with documentation;
 * nothing when it refers to none. */
int declarations_types_of_tool(const struct catalogue_server *server,
                               const struct tool *tool,
                               struct buf *out,
                               struct err *err);

/* `github.create_issue(input: {...}): Promise<{...}>` on one line, for errors and search. */
int declarations_signature(const struct catalogue_server *server,
                           const struct tool *tool,
                           struct buf *out,
                           struct err *err);

/* The fixed prelude for the checker: mcp, input, console, timers, ToolError, what V8 lacks. */
struct span declarations_prelude(void);

#endif

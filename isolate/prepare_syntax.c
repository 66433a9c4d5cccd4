/*
 * Faults of a script: syntax errors, too deep nesting, modules asked for at
 * run time.
 */
#include "isolate/preparation.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void fault_at(struct preparation *p, size_t at, const char *format, ...)
{
    va_list args;

    if (p->fault.found)
        return;
    p->fault.found = true;
    p->fault.at = at;
    va_start(args, format);
    vsnprintf(p->fault.message, sizeof(p->fault.message), format, args);
    va_end(args);
}

static void syntax_fault(struct preparation *p, size_t at, const char *message)
{
    fault_at(p, at, "%s", message);
    p->fault.syntax = true;
}

/* The last leaf of a node: where the parser gave up. */
static struct node last_leaf(struct node node)
{
    uint32_t count;

    while ((count = node_child_count(node)) > 0)
        node = node_child_at(node, count - 1);
    return node;
}

/* The word or sign at the head of `rest`, for a message. */
static struct span token_at(struct span rest)
{
    size_t len = 0;

    while (len < rest.len && len < 24 && (unsigned char)rest.data[len] > ' ' &&
           (len == 0 || !strchr("()[]{};,.", rest.data[len])))
        len++;
    while (len > 0 && len < rest.len && ((unsigned char)rest.data[len] & 0xC0) == 0x80)
        len--;
    return span_make(rest.data, len);
}

static bool looks_like_jsx(struct span text)
{
    return memmem(text.data, text.len, "</", 2) || memmem(text.data, text.len, "/>", 2);
}

static void explain_error(struct preparation *p, struct node node)
{
    struct node leaf = last_leaf(node);
    struct span token = token_at(span_skip(p->code, node_start(leaf)));
    char message[128];

    if (looks_like_jsx(node_text(node, p->code))) {
        syntax_fault(p, node_start(node), "the syntax is wrong here (JSX is not supported)");
    } else if (node_end(node) >= p->code.len && node_start(node) < node_end(node)) {
        syntax_fault(p, node_start(leaf), "the code ends too early: a bracket or a quote is open");
    } else {
        snprintf(message, sizeof(message), "the syntax is wrong near `%.*s`", SPAN_ARG(token));
        syntax_fault(p, node_start(leaf), message);
    }
}

static void explain_missing(struct preparation *p, struct node node)
{
    char message[128];

    snprintf(message, sizeof(message), "`%s` is missing here", node_type(node));
    syntax_fault(p, node_start(node), message);
}

static int nesting_of(enum kind kind)
{
    if (kind == KIND_BRACE_OPEN || kind == KIND_BRACKET_OPEN || kind == KIND_PAREN_OPEN ||
        kind == KIND_SUBSTITUTION_OPEN)
        return 1;
    if (kind == KIND_BRACE_CLOSE || kind == KIND_BRACKET_CLOSE || kind == KIND_PAREN_CLOSE)
        return -1;
    return 0;
}

/* import("x"), which nothing could answer. */
static void refuse_dynamic_import(struct preparation *p, struct node call)
{
    struct node function = node_field(call, "function");

    if (node_exists(function) && node_kind(function) == KIND_IMPORT_WORD)
        fault_at(p, node_start(call),
                 "import() is not available here: there are no modules. Tools "
                 "are global variables; mcp.servers() lists the servers");
}

void find_faults(struct preparation *p)
{
    CLEANUP(walk) struct walk walk = walk_of(p->root);
    int depth = 0;

    while (!p->fault.found && walk_next(&walk)) {
        depth += nesting_of(walk.kind);
        if (depth > LIMIT_CODE_NESTING || walk.depth > LIMIT_CODE_DEPTH)
            fault_at(p, node_start(walk.node),
                     "brackets or operators are nested too deeply here "
                     "(CODE_NESTING is %d brackets, CODE_DEPTH %d operators)",
                     LIMIT_CODE_NESTING, LIMIT_CODE_DEPTH);
        else if (walk.kind == KIND_ERROR)
            explain_error(p, walk.node);
        else if (node_is_missing(walk.node))
            explain_missing(p, walk.node);
        else if (walk.kind == KIND_CALL)
            refuse_dynamic_import(p, walk.node);
    }
}

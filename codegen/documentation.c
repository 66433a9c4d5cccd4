#include "codegen/documentation.h"

#include <inttypes.h>
#include <string.h>

#include "codegen/constraints.h"
#include "codegen/observed.h"
#include "codegen/typescript_text.h"

#define BLOCK_MAX_BYTES (512 * 1024)
#define LINE_MAX_BYTES  100

static bool is_one_line(struct span text)
{
    return text.len <= LINE_MAX_BYTES && !memchr(text.data ? text.data : "", '\n', text.len);
}

/* Tag lines are ours and escaped already. */
static void add_tag_lines(struct buf *out, struct span lines, const char *indent)
{
    while (lines.len) {
        const char *end = memchr(lines.data, '\n', lines.len);
        size_t len = end ? (size_t)(end - lines.data) : lines.len;

        buf_printf(out, "%s * %.*s\n", indent, (int)len, lines.data);
        lines = span_skip(lines, len + 1);
    }
}

static void add_comment(struct buf *out, struct span text, struct span lines, const char *indent)
{
    CLEANUP(str) char *inner = xasprintf("%s ", indent);

    if (text.len == 0 && lines.len == 0)
        return;
    if (text.len && lines.len == 0 && is_one_line(text)) {
        buf_printf(out, "%s/** ", indent);
        typescript_comment_line(out, text);
        buf_add_str(out, " */\n");
        return;
    }
    if (text.len == 0 && is_one_line(lines)) {
        buf_printf(out, "%s/** %.*s */\n", indent, SPAN_ARG(lines));
        return;
    }
    buf_printf(out, "%s/**\n", indent);
    typescript_comment_block(out, text, inner);
    add_tag_lines(out, lines, indent);
    buf_printf(out, "%s */\n", indent);
}

void documentation_of_schema(struct buf *out,
                             struct schema_document *document,
                             const json_t *schema,
                             const char *indent)
{
    CLEANUP(buf) struct buf lines = BUF(BLOCK_MAX_BYTES);
    struct span text;

    if (!json_is_object(schema))
        return;
    text = constraints_tags(&lines, document, schema);
    add_comment(out, text, buf_span(&lines), indent);
}

static void add_hint(struct buf *out, enum hint hint, const char *yes, const char *no)
{
    const char *word = hint == HINT_TRUE ? yes : hint == HINT_FALSE ? no : NULL;

    if (word)
        buf_printf(out, "%s%s", out->len ? ", " : "", word);
}

void documentation_hints(struct buf *out, const struct tool *tool)
{
    CLEANUP(buf) struct buf hints = BUF(256);

    add_hint(&hints, tool->read_only, "read-only", "changes things");
    if (tool->read_only != HINT_TRUE) {
        add_hint(&hints, tool->destructive, "may destroy", "destroys nothing");
        add_hint(&hints, tool->idempotent, "idempotent", "not idempotent");
    }
    add_hint(&hints, tool->open_world, "open world", "closed world");
    buf_add_span(out, buf_span(&hints));
}

static void add_line(struct buf *lines, const char *what)
{
    buf_printf(lines, "%s%s", lines->len ? "\n" : "", what);
}

static bool has_own_title(const struct tool *tool)
{
    return tool->title && tool->description && strcmp(tool->title, tool->name) != 0;
}

static void
add_names(struct buf *lines, const struct catalogue_server *server, const struct tool *tool)
{
    if (has_own_title(tool)) {
        add_line(lines, "@title ");
        typescript_comment_line(lines, span_of(tool->title));
    }
    if (strcmp(tool->identifier, tool->name) != 0) {
        CLEANUP(buf) struct buf quoted = BUF(BLOCK_MAX_BYTES);

        typescript_string(&quoted, span_of(tool->name));
        add_line(lines, "@alias ");
        buf_printf(lines, "%s[", server->identifier);
        typescript_comment_line(lines, buf_span(&quoted));
        buf_add_char(lines, ']');
    }
}

static void add_observed(struct buf *lines, const struct observed *observed)
{
    add_line(lines, "@observed ");
    buf_printf(lines,
               "from %" PRIu64 " repl%s: the output below is what was seen, not promised; what was "
               "not in all is optional, other properties may be read",
               observed->replies, observed->replies == 1 ? "y" : "ies");
}

void documentation_of_tool(struct buf *out,
                           const struct catalogue_server *server,
                           const struct tool *tool,
                           const char *note,
                           const char *indent)
{
    CLEANUP(buf) struct buf lines = BUF(BLOCK_MAX_BYTES);
    CLEANUP(buf) struct buf hints = BUF(256);
    struct span text = span_trim(span_of(tool->description ? tool->description : tool->title));

    add_names(&lines, server, tool);
    documentation_hints(&hints, tool);
    if (hints.len) {
        add_line(&lines, "@hints ");
        buf_add_span(&lines, buf_span(&hints));
    }
    constraints_of_whole(&lines, "input", tool->input);
    constraints_of_whole(&lines, "output", tool->output);
    if (observed_of_tool(tool))
        add_observed(&lines, tool->observed);
    if (note) {
        add_line(&lines, "@note ");
        buf_add_str(&lines, note);
    }
    add_comment(out, text, buf_span(&lines), indent);
}

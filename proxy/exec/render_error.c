#include "proxy/exec/render_error.h"

#include "base/json.h"
#include "codegen/declarations.h"
#include "proxy/check/checker.h"
#include "proxy/exec/shorten.h"

static void end_line(struct buf *out)
{
    if (out->len && out->data[out->len - 1] != '\n')
        buf_add_char(out, '\n');
}

static void write_headline(const struct error_view *view, struct buf *out)
{
    const struct failure *failure = view->failure;
    const char *kind = kind_row(failure->kind)->name, *name = buf_str(&failure->name);

    buf_printf(out, "%s: ", kind);
    if (*name && strcmp(name, kind) != 0 && strcmp(name, "Error") != 0)
        buf_printf(out, "%s: ", name);
    shorten_text(failure->message.len ? buf_span(&failure->message) : SPAN("(no message)"),
                 view->budget / 2, out);
    end_line(out);
}

static void write_place(const struct error_view *view, struct buf *out)
{
    const struct failure *failure = view->failure;

    if (failure->line == 0)
        return;
    buf_printf(out, "at line %u, column %u:\n", failure->line, failure->column);
    code_frame(view->code, failure->line, failure->column, failure->column + 1, out);
    end_line(out);
    buf_add_span(out, buf_span(&failure->frames));
}

/* What the server said in a failure of the protocol beside its message. */
static void write_code(const struct error_view *view, struct buf *out)
{
    CLEANUP(buf) struct buf details = BUF(view->failure->details.max + 2);
    struct span code, data;

    if (!view->failure->details.len)
        return;
    buf_printf(&details, "{%s}", buf_str(&view->failure->details) + 1);
    if (!json_get(buf_span(&details), "code", &code) || json_kind(code) != JSON_KIND_NUMBER)
        return;
    buf_printf(out, "The server's error code: %.*s", SPAN_ARG(code));
    if (json_get(buf_span(&details), "data", &data)) {
        buf_add_str(out, "; data: ");
        shorten_json(data, view->budget / 8, out);
    }
    end_line(out);
}

/* The signature of the tool concerned, when the catalogue has it. */
static void write_signature(const struct error_view *view, struct buf *out)
{
    const struct failure *failure = view->failure;
    const struct catalogue_server *server;
    const struct tool *tool;
    struct err err = ERR_INIT;

    if (!view->catalogue || !failure->server || !failure->tool)
        return;
    server = catalogue_find(view->catalogue, span_of(failure->server));
    tool = server ? catalogue_find_tool(server, span_of(failure->tool)) : NULL;
    if (!tool)
        return;
    buf_add_str(out, "The tool: ");
    /* What does not fit in the text is left out; the limit is the reader's, no fault. */
    declarations_signature(server, tool, out, &err);
    end_line(out);
}

static void write_console(const struct error_view *view, struct buf *out)
{
    const struct output *output = view->output;

    if (!output->lines.len)
        return;
    buf_add_str(out, "Console before it:\n");
    shorten_text(buf_span(&output->lines), view->budget / 4, out);
    end_line(out);
}

static void write_done(const struct error_view *view, struct buf *out)
{
    if (!view->ledger || !kind_row(view->failure->kind)->ran)
        buf_add_str(out, "Nothing has run.\n");
    else
        ledger_write_report(view->ledger, out);
}

void render_error(const struct error_view *view, struct buf *out)
{
    const struct failure *failure = view->failure;
    const char *advice = kind_row(failure->kind)->advice;

    if (failure->report.len) {
        buf_printf(out, "%s:\n", kind_row(failure->kind)->name);
        shorten_text(buf_span(&failure->report), view->budget, out);
        end_line(out);
    } else {
        write_headline(view, out);
        write_place(view, out);
        write_code(view, out);
        write_signature(view, out);
    }
    if (advice)
        buf_printf(out, "%s\n", advice);
    write_console(view, out);
    write_done(view, out);
    if (out->len && out->data[out->len - 1] == '\n')
        buf_truncate(out, out->len - 1);
}

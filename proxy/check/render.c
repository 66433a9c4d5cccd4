/*
 * A report as text for a model.
 */
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "codegen/declarations.h"
#include "proxy/check/report.h"

/* Tools whose signature was shown already. */
struct shown {
    const struct tool *tools[LIMIT_CHECK_FINDINGS];
    size_t count;
};

static bool is_shown(struct shown *shown, const struct tool *tool)
{
    for (size_t i = 0; i < shown->count; i++) {
        if (shown->tools[i] == tool)
            return true;
    }
    shown->tools[shown->count++] = tool;
    return false;
}

/* True when a place is part of what a call is given, which says more of that call than of one in
 * it. */
static bool is_given(struct span code, size_t at)
{
    while (at > 0 && (code.data[at - 1] == ' ' || code.data[at - 1] == '\n'))
        at--;
    return at > 0 && strchr("(,:{[", code.data[at - 1]);
}

/* The tool that a finding is about. */
static struct tool_use
tool_of(const struct diagnostic *finding, struct span code, const struct catalogue *catalogue)
{
    size_t at = text_offset(code, finding->line, finding->column);
    size_t end = text_offset(code, finding->end_line, finding->end_column);
    struct tool_use use = tool_proposed(code, at, span_of(finding->message), catalogue);

    if (!use.tool && !is_given(code, at))
        use = tool_within(code, at, end, catalogue);
    if (!use.tool)
        use = tool_near(code, at, catalogue);
    return use.tool ? use : tool_within(code, at, end, catalogue);
}

static int write_signature(const struct diagnostic *finding,
                           struct span code,
                           const struct catalogue *catalogue,
                           struct shown *shown,
                           struct buf *out,
                           struct err *err)
{
    struct tool_use use = tool_of(finding, code, catalogue);

    if (!use.tool || is_shown(shown, use.tool))
        return 0;
    buf_add_str(out, "signature: ");
    if (declarations_signature(use.server, use.tool, out, err) < 0)
        return -1;
    buf_add_char(out, '\n');
    return 0;
}

static int write_finding(const struct diagnostic *finding,
                         struct span code,
                         const struct catalogue *catalogue,
                         struct shown *shown,
                         struct buf *out,
                         struct err *err)
{
    unsigned end_column = finding->end_line == finding->line ? finding->end_column : UINT32_MAX;

    buf_printf(out, "line %u, column %u: %s", finding->line, finding->column, finding->message);
    if (finding->code)
        buf_printf(out, " (TS%d)", finding->code);
    buf_add_char(out, '\n');
    code_frame(code, finding->line, finding->column, end_column, out);
    if (finding->hint)
        buf_printf(out, "hint: %s\n", finding->hint);
    return write_signature(finding, code, catalogue, shown, out, err);
}

int checker_render(const struct check_report *report,
                   struct span code,
                   const struct catalogue *catalogue,
                   struct buf *out,
                   struct err *err)
{
    struct shown shown = { .count = 0 };

    for (size_t i = 0; i < report->count; i++) {
        if (i)
            buf_add_char(out, '\n');
        if (write_finding(&report->diagnostics[i], code, catalogue, &shown, out, err) < 0)
            return -1;
    }
    if (report->more)
        buf_printf(out, "\n%zu more errors are not shown.\n", report->more);
    return buf_check(out, "the report of a type check", err);
}

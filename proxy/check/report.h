/*
 * From what the compiler says to findings for a model: which count, where
 * they are in the code as it was sent, what they are called, what helps.
 */
#ifndef PROXY_CHECK_REPORT_H
#define PROXY_CHECK_REPORT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"
#include "codegen/catalogue.h"
#include "proxy/check/checker.h"

/* What a report is made with. */
struct report_source {
    struct span text;                  /* what was checked: the code between the wrapper's lines */
    const struct catalogue *catalogue; /* borrowed */
    struct span notes;                 /* of isolate/prepare; may be empty */
};

void report_init(struct check_report *report);
void report_done(struct check_report *report);

/* Adds the compiler's diagnostics (its JSON array).  Of syntax errors only the first counts: the
 * rest follow from it.  Returns whether there was an error at all, shown or not. */
bool report_add_diagnostics(struct check_report *report,
                            const struct report_source *source,
                            struct span diagnostics,
                            bool syntax);

/* True when there is an error among the compiler's diagnostics that counts here. */
bool report_finds(struct span diagnostics);

/*
 * As report_add_diagnostics for what the compiler finds of types.  `strict`
 * are its diagnostics where observed outputs were held against the script:
 * those that remain when an observed output is any (`diagnostics`) count, and
 * that something may be missing that was not in all replies.
 */
void report_add_types(struct check_report *report,
                      const struct report_source *source,
                      struct span strict,
                      struct span diagnostics);

/* Adds the lints of isolate/prepare's notes that concern the catalogue. */
void report_add_lints(struct check_report *report, const struct report_source *source);

/* One finding that needs a hint. */
struct hint_source {
    int code;
    struct span message;
    struct span text;                  /* what was checked */
    size_t at;                         /* the byte in it */
    const struct catalogue *catalogue; /* borrowed */
    struct span related;               /* raw relatedInformation; may be empty */
};

/* Appends what helps against a finding; nothing when nothing is known to. */
void hint_write(const struct hint_source *source, struct buf *out);

/* The tool whose call stands around or before the byte `at` of a text, on the same statement as far
 * as that can be told without a parser; NULL when there is none. */
struct tool_use {
    const struct catalogue_server *server;
    const struct tool *tool;
};
struct tool_use tool_near(struct span text, size_t at, const struct catalogue *catalogue);

/* The first tool that is used from byte `at` on and before `end`; NULL when none is. */
struct tool_use
tool_within(struct span text, size_t at, size_t end, const struct catalogue *catalogue);

/* The tool that a compiler's message proposes ("Did you mean 'name'?") for the member at byte `at`
 * of a server; NULL when it proposes none. */
struct tool_use
tool_proposed(struct span text, size_t at, struct span message, const struct catalogue *catalogue);

/* The identifier that ends right before byte `at`. */
struct span identifier_before(struct span text, size_t at);
/* The identifier that begins at byte `at`. */
struct span identifier_at(struct span text, size_t at);

/* The name of the member that stands behind byte `at`: `.name` or `["name"]`; empty when none. */
struct span member_behind(struct span text, size_t at);

/* The server with this identifier in a script; NULL when there is none. */
const struct catalogue_server *server_by_identifier(const struct catalogue *catalogue,
                                                    struct span identifier);

/* The byte at a line and column (from 1, UTF-16 units) of a text; its length when it is behind. */
size_t text_offset(struct span text, unsigned line, unsigned column);
unsigned text_lines(struct span text);

#endif

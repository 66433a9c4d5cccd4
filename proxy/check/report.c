#include "proxy/check/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"

/* Of a diagnostic of the compiler. */
#define CATEGORY_ERROR 1

/*
 * Left out: what is implied by values nobody declared a type for (they may be
 * anything here), and what only the wrapper makes wrong.
 */
static const int ignored_codes[] = {
    7005, 7006,  7008, 7010, 7011, 7013, 7015, 7017, 7018, 7019, 7022,
    7023, 7024,  7025, 7031, 7033, 7034, 7041, 7052, 7053, 2683, /* implicit any */
    2571, 18046,                                                 /* what has type unknown */
    1184, 1232,  1235, 2669, 2670, /* modifiers, import aliases, namespaces, globals in a function
                                    */
};

void report_init(struct check_report *report)
{
    *report = (struct check_report){ .diagnostics = NULL };
    report->diagnostics = xcalloc(LIMIT_CHECK_FINDINGS, sizeof(*report->diagnostics));
}

void report_done(struct check_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        free(report->diagnostics[i].message);
        free(report->diagnostics[i].hint);
    }
    free(report->diagnostics);
    *report = (struct check_report){ .diagnostics = NULL };
}

static bool is_ignored(int64_t code)
{
    for (size_t i = 0; i < ARRAY_COUNT(ignored_codes); i++) {
        if (ignored_codes[i] == code)
            return true;
    }
    return false;
}

/* Room for one more finding; NULL when there are enough already, and it is only counted. */
static struct diagnostic *add_finding(struct check_report *report)
{
    if (report->count == LIMIT_CHECK_FINDINGS) {
        report->more++;
        return NULL;
    }
    return &report->diagnostics[report->count++];
}

struct place {
    unsigned line, column; /* from 1 */
    size_t at;             /* byte */
};

/* The place of a position in UTF-16 units. */
static struct place place_of(struct span text, int64_t units)
{
    struct place place = { .line = 1, .column = 1 };
    int64_t seen = 0;

    while (seen < units && place.at < text.len) {
        struct span rest = span_skip(text, place.at);
        uint32_t point = 0;
        size_t len = utf8_decode(rest.data, rest.len, &point);
        bool line_end = point == '\n' || (point == '\r' && !span_starts_with(rest, SPAN("\r\n"))) ||
                        point == 0x2028 || point == 0x2029;
        unsigned width = point > 0xFFFF ? 2 : 1;

        place.at += len ? len : 1;
        seen += width;
        place.column = line_end ? 1 : place.column + width;
        place.line += line_end;
    }
    return place;
}

/* From lines of the text that was checked to lines of the code: the wrapper's first line goes, and
 * what is said of its lines is said of the nearest of the code. */
static struct place in_code(struct place place, unsigned last_line)
{
    if (place.line <= 1)
        return (struct place){ .line = 1, .column = 1, .at = place.at };
    place.line--;
    if (place.line > last_line)
        return (struct place){ .line = last_line, .column = 1, .at = place.at };
    return place;
}

static unsigned member_number(struct span object, const char *name)
{
    struct span value;
    int64_t number;

    if (!json_get(object, name, &value) || !json_int64(value, &number) || number < 1 ||
        number > LIMIT_CODE_BYTES + 1)
        return 1;
    return (unsigned)number;
}

static void set_places(struct diagnostic *finding,
                       const struct report_source *source,
                       struct place start,
                       int64_t end)
{
    unsigned lines = text_lines(source->text);
    unsigned last_line = lines > 2 ? lines - 2 : 1;
    struct place from = in_code(start, last_line);
    struct place to = in_code(place_of(source->text, end), last_line);
    struct span line;

    /* A brace too many ends the wrapper, and the compiler complains behind it: preparing knows. */
    if (start.line > last_line + 1 && json_get(source->notes, "line", &line)) {
        from.line = member_number(source->notes, "line");
        from.column = member_number(source->notes, "column");
    }
    finding->line = from.line;
    finding->column = from.column;
    finding->end_line = to.line < from.line ? from.line : to.line;
    finding->end_column = to.column;
    if (finding->end_line == from.line && to.column <= from.column)
        finding->end_column = from.column + 1;
}

/* Appends a message with those chained to it, each on a line of its own. */
static void write_message(struct span diagnostic, struct buf *out, unsigned depth)
{
    struct span text, chain;

    if (!json_get(diagnostic, "text", &text))
        return;
    if (depth) {
        buf_add_char(out, '\n');
        for (unsigned i = 0; i < depth; i++)
            buf_add_str(out, "  ");
    }
    json_decode_string(text, out);
    if (depth > 8 || !json_get(diagnostic, "messageChain", &chain))
        return;
    for (struct json_iter it = json_iter(chain); json_next(&it);)
        write_message(it.value, out, depth + 1);
}

/* The text cut at a character boundary, with a sign when something was cut. */
static char *cut_text(struct span text, size_t max_bytes)
{
    if (text.len <= max_bytes)
        return span_dup(text);
    while (max_bytes > 0 && ((unsigned char)text.data[max_bytes] & 0xC0) == 0x80)
        max_bytes--;
    return xasprintf("%.*s…", (int)max_bytes, text.data);
}

/* Behind the first sentence these messages advise on a project that a script has not. */
static const int first_sentence_codes[] = { 2580, 2581, 2582, 2583, 2584, 2591, 2592, 2593, 2868 };

static void drop_advice(int64_t code, struct buf *message)
{
    const char *end = strstr(buf_str(message), ". ");

    for (size_t i = 0; end && i < ARRAY_COUNT(first_sentence_codes); i++) {
        if (first_sentence_codes[i] == code)
            buf_truncate(message, (size_t)(end + 1 - message->data));
    }
}

/* `const all = {}; all.name = 1`: nobody declared what the object holds. */
static bool is_of_open_object(int64_t code, struct span diagnostic)
{
    static const char words[] = "does not exist on type '{}'";
    struct span text;

    return code == 2339 && json_get(diagnostic, "text", &text) &&
           memmem(text.data, text.len, words, sizeof(words) - 1);
}

static int64_t number_of(struct span diagnostic, const char *name)
{
    struct span value;
    int64_t number = 0;

    if (json_get(diagnostic, name, &value))
        json_int64(value, &number);
    return number;
}

static void fill_finding(struct diagnostic *finding,
                         const struct report_source *source,
                         struct span diagnostic,
                         int64_t code)
{
    CLEANUP(buf) struct buf message = BUF(LIMIT_CHECK_MESSAGE_BYTES);
    CLEANUP(buf) struct buf hint = BUF(LIMIT_CHECK_FINDING_BYTES);
    struct span related = SPAN_NONE;
    struct place place = place_of(source->text, number_of(diagnostic, "pos"));

    write_message(diagnostic, &message, 0);
    drop_advice(code, &message);
    json_get(diagnostic, "relatedInformation", &related);
    hint_write(&(struct hint_source){ .code = (int)code,
                                      .message = buf_span(&message),
                                      .text = source->text,
                                      .at = place.at,
                                      .catalogue = source->catalogue,
                                      .related = related },
               &hint);
    finding->code = (int)code;
    set_places(finding, source, place, number_of(diagnostic, "end"));
    finding->message = cut_text(buf_span(&message), LIMIT_CHECK_FINDING_BYTES);
    finding->hint = hint.len ? buf_take(&hint) : NULL;
}

/* True for an error that is one here as well. */
static bool counts(struct span diagnostic)
{
    int64_t code = number_of(diagnostic, "code");

    return number_of(diagnostic, "category") == CATEGORY_ERROR && !is_ignored(code) &&
           !is_of_open_object(code, diagnostic);
}

bool report_finds(struct span diagnostics)
{
    for (struct json_iter it = json_iter(diagnostics); json_next(&it);) {
        if (counts(it.value))
            return true;
    }
    return false;
}

bool report_add_diagnostics(struct check_report *report,
                            const struct report_source *source,
                            struct span diagnostics,
                            bool syntax)
{
    bool any = false;
    int64_t last = -1; /* a second one at the same place says the same */

    for (struct json_iter it = json_iter(diagnostics); json_next(&it);) {
        struct diagnostic *finding;

        if (!counts(it.value) || (syntax && any) || number_of(it.value, "pos") == last)
            continue;
        last = number_of(it.value, "pos");
        any = true;
        finding = add_finding(report);
        if (finding)
            fill_finding(finding, source, it.value, number_of(it.value, "code"));
    }
    return any;
}

/* That something may be null or undefined. */
static bool is_of_absence(int64_t code)
{
    static const int codes[] = { 2531, 2532, 2533, 2721, 2722, 2723, 18047, 18048, 18049 };

    for (size_t i = 0; i < ARRAY_COUNT(codes); i++) {
        if (codes[i] == code)
            return true;
    }
    return false;
}

/* True when something counts among the diagnostics at the same place. */
static bool is_among(struct span diagnostics, int64_t position)
{
    for (struct json_iter it = json_iter(diagnostics); json_next(&it);) {
        if (number_of(it.value, "pos") == position && counts(it.value))
            return true;
    }
    return false;
}

static int by_place(const void *a, const void *b)
{
    const struct diagnostic *left = a, *right = b;

    if (left->line != right->line)
        return left->line < right->line ? -1 : 1;
    return (left->column > right->column) - (left->column < right->column);
}

void report_add_types(struct check_report *report,
                      const struct report_source *source,
                      struct span strict,
                      struct span diagnostics)
{
    report_add_diagnostics(report, source, diagnostics, false);
    for (struct json_iter it = json_iter(strict); json_next(&it);) {
        struct diagnostic *finding;

        if (!is_of_absence(number_of(it.value, "code")) ||
            is_among(diagnostics, number_of(it.value, "pos")))
            continue;
        finding = add_finding(report);
        if (!finding)
            continue;
        fill_finding(finding, source, it.value, number_of(it.value, "code"));
        free(finding->hint);
        finding->hint = xstrdup("it was not in all replies seen so far: check it first, or use ?. "
                                "or ??");
    }
    qsort(report->diagnostics, report->count, sizeof(*report->diagnostics), by_place);
}

/* True for the members of `mcp` that do something later. */
static bool is_promise_of_mcp(struct span name)
{
    static const char *const names[] = { "mcp.call", "mcp.search",    "mcp.describe", "mcp.servers",
                                         "mcp.open", "mcp.resources", "mcp.prompts" };

    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (span_is(name, names[i]))
            return true;
    }
    return false;
}

/* True when a lint is about something that exists: any call in the script may look like one of a
 * server. */
static bool concerns(struct span lint, const struct catalogue *catalogue)
{
    CLEANUP(buf) struct buf name = BUF(1024);
    struct span value;

    if (json_get(lint, "rule", &value) && !json_string_is(value, "floating-call"))
        return true;
    if (!json_get(lint, "name", &value) || json_decode_string(value, &name) < 0)
        return false;
    if (is_promise_of_mcp(buf_span(&name)))
        return true;
    return tool_near(buf_span(&name), 0, catalogue).tool != NULL;
}

void report_add_lints(struct check_report *report, const struct report_source *source)
{
    struct span lints;

    if (!json_get(source->notes, "lints", &lints))
        return;
    for (struct json_iter it = json_iter(lints); json_next(&it);) {
        struct diagnostic *finding;
        struct span message;

        if (!json_get(it.value, "message", &message) || !concerns(it.value, source->catalogue))
            continue;
        finding = add_finding(report);
        if (!finding)
            continue;
        finding->line = finding->end_line = member_number(it.value, "line");
        finding->column = member_number(it.value, "column");
        finding->end_column = member_number(it.value, "end_column");
        finding->message = json_dup_string(message, LIMIT_CHECK_FINDING_BYTES);
        if (!finding->message)
            finding->message = xstrdup("a call is not awaited");
    }
}

/*
 * A tool object of a hostile server: whatever it says, its declarations are
 * well formed.  They parse as TypeScript; outside of comments and string
 * literals brackets balance, both end, and no character that hides or turns
 * text comes through.
 */
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "codegen/catalogue.h"
#include "codegen/declarations.h"
#include "codegen/describe.h"
#include "codegen/search.h"
#include "isolate/syntax.h"

#define OUTPUT_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define NESTING_MAX      4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where a reader of TypeScript is. */
struct reader {
    const char *at, *end;
    char open[NESTING_MAX];
    size_t depth;
};

/* A string or a template literal. */
static void skip_quoted(struct reader *reader)
{
    char quote = *reader->at;

    for (reader->at++; reader->at < reader->end && *reader->at != quote; reader->at++) {
        BUG_ON(*reader->at == '\n');
        if (*reader->at == '\\')
            reader->at++;
    }
    BUG_ON(reader->at >= reader->end);
    reader->at++;
}

/* True when a comment was skipped. */
static bool skip_comment(struct reader *reader)
{
    size_t left = (size_t)(reader->end - reader->at);
    const char *end;

    if (left < 2 || reader->at[0] != '/')
        return false;
    if (reader->at[1] == '/') {
        end = memchr(reader->at, '\n', left);
        BUG_ON(!end);
        reader->at = end;
        return true;
    }
    BUG_ON(reader->at[1] != '*');
    end = memmem(reader->at + 2, left - 2, "*/", 2);
    BUG_ON(!end);
    reader->at = end + 2;
    return true;
}

static void read_bracket(struct reader *reader, char c)
{
    static const char opening[] = "({[", closing[] = ")}]";
    const char *found = strchr(closing, c);

    if (strchr(opening, c)) {
        BUG_ON(reader->depth == NESTING_MAX);
        reader->open[reader->depth++] = c;
    } else if (found) {
        BUG_ON(reader->depth == 0);
        BUG_ON(reader->open[--reader->depth] != opening[found - closing]);
    }
}

static void check_balance(struct span text)
{
    static struct reader reader;

    reader = (struct reader){ .at = text.data, .end = text.data + text.len };
    while (reader.at < reader.end) {
        if (*reader.at == '"' || *reader.at == '`') {
            skip_quoted(&reader);
        } else if (!skip_comment(&reader)) {
            BUG_ON(*reader.at == '\0' || *reader.at == '\'');
            read_bracket(&reader, *reader.at++);
        }
    }
    BUG_ON(reader.depth != 0);
}

/* Balanced text can still be no TypeScript: the grammar has the last word. */
static void check_grammar(struct span text)
{
    struct syntax_tree *tree = syntax_parse(text, NULL);

    /* NULL: it takes longer to parse than a script may. */
    if (!tree)
        return;
    BUG_ON(node_has_error(syntax_root(tree)));
    syntax_free(tree);
}

static void check_characters(struct span text)
{
    size_t at = 0;

    while (at < text.len) {
        uint32_t c = 0;
        size_t len = utf8_decode(text.data + at, text.len - at, &c);

        BUG_ON(len == 0);
        BUG_ON((c < 0x20 && c != '\n') || (c >= 0x7F && c < 0xA0));
        BUG_ON(c == 0x2028 || c == 0x2029 || (c >= 0x202A && c <= 0x202E));
        BUG_ON(c >= 0x2066 && c <= 0x2069);
        at += len;
    }
}

static void check_styles(const struct catalogue_server *server)
{
    for (int style = 0; style <= DECLARATION_FULL; style++) {
        CLEANUP(buf) struct buf out = BUF(OUTPUT_MAX_BYTES);
        struct err err = ERR_INIT;

        if (declarations_of_server(server, (enum declaration_style)style, &out, &err) < 0) {
            BUG_ON(err.code != ERR_LIMIT);
            continue;
        }
        check_balance(buf_span(&out));
        check_characters(buf_span(&out));
        check_grammar(buf_span(&out));
    }
}

static void check_search(const struct catalogue *catalogue, struct span query)
{
    static const struct describe_options options = { .budget_tokens = 2000 };
    CLEANUP(buf) struct buf out = BUF(OUTPUT_MAX_BYTES);

    BUG_ON(search_tools(catalogue, query, 5, &out, NULL) < 0);
    BUG_ON(json_check(buf_span(&out), 0, NULL) < 0);
    buf_clear(&out);
    if (search_describe(catalogue, SPAN("server.tool"), NULL, &out, NULL) == 0)
        BUG_ON(json_check(buf_span(&out), 0, NULL) < 0);
    buf_clear(&out);
    BUG_ON(describe_catalogue(catalogue, &options, &out, NULL) < 0);
    check_characters(buf_span(&out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(buf) struct buf list = BUF(size + 2);
    struct catalogue_lists lists = { 0 };
    struct catalogue_server *server;
    struct catalogue *catalogue;

    buf_add_char(&list, '[');
    buf_add(&list, data, size);
    buf_add_char(&list, ']');
    lists.tools = buf_span(&list);
    lists.prompts = buf_span(&list);
    lists.resources = buf_span(&list);
    lists.templates = buf_span(&list);
    server = catalogue_server_new("server", &lists, NULL, NULL, NULL);
    if (!server)
        return 0;
    check_styles(server);
    catalogue = catalogue_new(&server, 1, 1);
    check_search(catalogue, span_make((const char *)data, size));
    catalogue_unref(catalogue);
    catalogue_server_unref(server);
    return 0;
}

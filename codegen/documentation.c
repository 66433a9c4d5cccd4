#include "codegen/documentation.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "codegen/observed.h"
#include "codegen/schema_internal.h"
#include "codegen/typescript_text.h"

/* A value of a tag longer than this says nothing at a glance. */
#define TAG_MAX_CHARACTERS 200
#define BLOCK_MAX_BYTES    (512 * 1024)
#define LINE_MAX_BYTES     100
#define REFERENCES_MAX     8

static struct span text_of(const json_t *value)
{
    return json_is_string(value)
               ? span_trim(span_make(json_string_value(value), json_string_length(value)))
               : SPAN_NONE;
}

/* The only member of a union that is not null; NULL when there are several or none. */
static const json_t *sole_member(const json_t *schema)
{
    static const char *const keywords[] = { "anyOf", "oneOf", "allOf" };
    const json_t *sole = NULL, *member;
    size_t i;

    for (size_t k = 0; k < sizeof(keywords) / sizeof(keywords[0]); k++) {
        json_array_foreach(json_object_get(schema, keywords[k]), i, member)
        {
            const char *type = json_string_value(json_object_get(member, "type"));

            if (type && strcmp(type, "null") == 0)
                continue;
            if (sole)
                return NULL;
            sole = member;
        }
    }
    return sole;
}

/* What stands behind a schema that only refers or only adds null; NULL when nothing does. */
static const json_t *behind(const json_t *root, const json_t *schema)
{
    const char *reference = json_string_value(json_object_get(schema, "$ref"));

    return reference ? schema_find(root, reference) : sole_member(schema);
}

/* A keyword of a schema, or of what stands behind it. */
static const json_t *keyword(const json_t *root, const json_t *schema, const char *name)
{
    for (int i = 0; i < REFERENCES_MAX && json_is_object(schema); i++) {
        const json_t *value = json_object_get(schema, name);

        if (value)
            return value;
        schema = behind(root, schema);
    }
    return NULL;
}

/* Appends a value as JSON, cut when it is long. */
static void add_value(struct buf *out, const json_t *value)
{
    char *text;

    if (json_is_string(value)) {
        struct buf quoted = BUF(BLOCK_MAX_BYTES);

        typescript_string(&quoted, text_of(value));
        if (typescript_characters(buf_span(&quoted)) <= TAG_MAX_CHARACTERS)
            typescript_comment_line(out, buf_span(&quoted));
        else
            buf_add_str(out, "(long)");
        buf_done(&quoted);
        return;
    }
    text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
    if (text && strlen(text) <= TAG_MAX_CHARACTERS)
        typescript_comment_line(out, span_of(text));
    else
        buf_add_str(out, "(long)");
    free(text);
}

/* True for the limits that zod writes for every integer: they say nothing. */
static bool is_safe_integer_limit(const json_t *value)
{
    json_int_t number = json_integer_value(value);

    return json_is_integer(value) && (number >= 9007199254740991 || number <= -9007199254740991);
}

/* Tags by keyword, in the order they are written. */
static const struct tag {
    const char *keyword;
    const char *tag;
} tags[] = {
    { "format", "format" },
    { "pattern", "pattern" },
    { "minimum", "minimum" },
    { "maximum", "maximum" },
    { "exclusiveMinimum", "exclusiveMinimum" },
    { "exclusiveMaximum", "exclusiveMaximum" },
    { "multipleOf", "multipleOf" },
    { "minLength", "minLength" },
    { "maxLength", "maxLength" },
    { "minItems", "minItems" },
    { "maxItems", "maxItems" },
    { "uniqueItems", "uniqueItems" },
    { "minProperties", "minProperties" },
    { "maxProperties", "maxProperties" },
    { "contentEncoding", "contentEncoding" },
    { "contentMediaType", "contentMediaType" },
    { "default", "default" },
    { "deprecated", "deprecated" },
    { "readOnly", "readonly" },
    { "writeOnly", "writeonly" },
};

static bool says_nothing(const struct tag *tag, const json_t *value)
{
    if (json_is_false(value) && strcmp(tag->keyword, "default") != 0)
        return true;
    return strstr(tag->keyword, "imum") && is_safe_integer_limit(value);
}

/* One tag a line, each behind a line end but the first. */
static void add_tag(struct buf *out, const char *tag, const json_t *value)
{
    if (out->len)
        buf_add_char(out, '\n');
    buf_printf(out, "@%s", tag);
    if (json_is_true(value) && strcmp(tag, "default") != 0)
        return;
    buf_add_char(out, ' ');
    if (json_is_string(value) && (strcmp(tag, "format") == 0 || strcmp(tag, "pattern") == 0))
        typescript_comment_line(out, text_of(value));
    else
        add_value(out, value);
}

static bool is_integer(const json_t *root, const json_t *schema)
{
    const char *type = json_string_value(keyword(root, schema, "type"));

    return type && strcmp(type, "integer") == 0;
}

static void add_tags(struct buf *out, const json_t *root, const json_t *schema)
{
    const json_t *examples = keyword(root, schema, "examples");
    const json_t *example = json_array_get(examples, 0);

    if (is_integer(root, schema))
        buf_add_str(out, "@integer");
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        const json_t *value = keyword(root, schema, tags[i].keyword);

        if (value && !says_nothing(&tags[i], value))
            add_tag(out, tags[i].tag, value);
    }
    if (!example)
        example = keyword(root, schema, "example");
    if (example)
        add_tag(out, "example", example);
}

static struct span description_of(const json_t *root, const json_t *schema)
{
    struct span text = text_of(keyword(root, schema, "description"));

    return text.len ? text : text_of(keyword(root, schema, "title"));
}

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
                             const json_t *root,
                             const json_t *schema,
                             const char *indent)
{
    CLEANUP(buf) struct buf lines = BUF(BLOCK_MAX_BYTES);

    if (!json_is_object(schema))
        return;
    add_tags(&lines, root, schema);
    add_comment(out, description_of(root, schema), buf_span(&lines), indent);
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
    if (observed_of_tool(tool))
        add_observed(&lines, tool->observed);
    if (note) {
        add_line(&lines, "@note ");
        buf_add_str(&lines, note);
    }
    add_comment(out, text, buf_span(&lines), indent);
}

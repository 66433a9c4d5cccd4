#include "codegen/example.h"

#include <string.h>

#include "codegen/schema_internal.h"
#include "codegen/typescript_text.h"

#define EXAMPLE_DEPTH 6
/* Values that are looked at for one reference. */
#define EXAMPLE_SEARCH_MAX 10000
#define JSON_MAX_BYTES     2000

static void add_value(struct buf *out, const json_t *root, const json_t *schema, unsigned depth);

/* A value of the schema's own; NULL when it has none. */
static const json_t *own_value(const json_t *schema)
{
    const json_t *value = json_object_get(schema, "const");

    if (!value)
        value = json_array_get(json_object_get(schema, "examples"), 0);
    if (!value)
        value = json_object_get(schema, "example");
    if (!value)
        value = json_object_get(schema, "default");
    if (!value)
        value = json_array_get(json_object_get(schema, "enum"), 0);
    return json_is_null(value) ? NULL : value;
}

static void add_json(struct buf *out, const json_t *value)
{
    char *text;

    if (json_is_string(value)) {
        typescript_string(out, span_make(json_string_value(value), json_string_length(value)));
        return;
    }
    text = json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15));
    if (text && strlen(text) <= JSON_MAX_BYTES)
        buf_add_str(out, text);
    else
        buf_add_str(out, "undefined");
    free(text);
}

static bool is_required(const json_t *schema, const char *name, const json_t *property)
{
    const json_t *item;
    size_t i;

    if (json_object_get(property, "default"))
        return false;
    json_array_foreach(json_object_get(schema, "required"), i, item)
    {
        const char *text = json_string_value(item);

        if (text && strcmp(text, name) == 0)
            return true;
    }
    return false;
}

static void add_object(struct buf *out, const json_t *root, const json_t *schema, unsigned depth)
{
    const json_t *properties = json_object_get(schema, "properties");
    const char *name;
    json_t *property;
    bool any = false;

    buf_add_char(out, '{');
    json_object_foreach((json_t *)(uintptr_t)properties, name, property)
    {
        if (!is_required(schema, name, property))
            continue;
        buf_add_str(out, any ? ", " : " ");
        typescript_property(out, span_of(name));
        buf_add_str(out, ": ");
        add_value(out, root, property, depth + 1);
        any = true;
    }
    buf_add_str(out, any ? " }" : "}");
}

static void add_string(struct buf *out, const json_t *schema)
{
    static const struct {
        const char *format, *example;
    } formats[] = {
        { "date-time", "\"2026-01-31T12:00:00Z\"" },
        { "date", "\"2026-01-31\"" },
        { "time", "\"12:00:00Z\"" },
        { "email", "\"someone@example.com\"" },
        { "uri", "\"https://example.com/\"" },
        { "url", "\"https://example.com/\"" },
        { "uuid", "\"123e4567-e89b-12d3-a456-426614174000\"" },
    };
    const char *format = json_string_value(json_object_get(schema, "format"));

    for (size_t i = 0; format && i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (strcmp(format, formats[i].format) == 0) {
            buf_add_str(out, formats[i].example);
            return;
        }
    }
    buf_add_str(out, "\"...\"");
}

static void add_number(struct buf *out, const json_t *schema)
{
    const json_t *least = json_object_get(schema, "minimum");

    if (json_is_number(least) && json_number_value(least) > 1 && json_number_value(least) < 1e9)
        add_json(out, least);
    else
        buf_add_char(out, '1');
}

static void add_array(struct buf *out, const json_t *root, const json_t *schema, unsigned depth)
{
    const json_t *items = json_object_get(schema, "items");

    buf_add_char(out, '[');
    if (json_is_object(items))
        add_value(out, root, items, depth + 1);
    buf_add_char(out, ']');
}

static void add_by_kind(struct buf *out, const json_t *root, const json_t *schema, unsigned depth)
{
    static const struct schema_options options = { .direction = SCHEMA_INPUT };
    const struct schema_reader reader = { .options = &options };
    unsigned kinds = schema_kinds(&reader, schema);

    if (kinds == KIND_ALL)
        buf_add_str(out, "\"...\"");
    else if (kinds & KIND_STRING)
        add_string(out, schema);
    else if (kinds & KIND_NUMBER)
        add_number(out, schema);
    else if (kinds & KIND_BOOLEAN)
        buf_add_str(out, "true");
    else if (kinds & KIND_ARRAY)
        add_array(out, root, schema, depth);
    else if (kinds & KIND_OBJECT)
        add_object(out, root, schema, depth);
    else
        buf_add_str(out, "null");
}

/* The schema that says what a value is: behind a reference, or the first of a choice. */
static const json_t *deciding(const json_t *root, const json_t *schema)
{
    static const char *const choices[] = { "anyOf", "oneOf", "allOf" };
    const char *reference = json_string_value(json_object_get(schema, "$ref"));

    if (reference)
        return schema_find(&(struct schema_document){ root, EXAMPLE_SEARCH_MAX }, reference);
    if (json_object_get(schema, "type") || json_object_get(schema, "properties"))
        return NULL;
    for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
        const json_t *first = json_array_get(json_object_get(schema, choices[i]), 0);

        if (first)
            return first;
    }
    return NULL;
}

static void add_value(struct buf *out, const json_t *root, const json_t *schema, unsigned depth)
{
    const json_t *value = own_value(schema);
    const json_t *other;

    if (value) {
        add_json(out, value);
        return;
    }
    if (depth >= EXAMPLE_DEPTH) {
        buf_add_str(out, "undefined");
        return;
    }
    other = deciding(root, schema);
    if (other)
        add_value(out, root, other, depth + 1);
    else
        add_by_kind(out, root, schema, depth);
}

static bool has_required(const json_t *schema)
{
    const char *name;
    json_t *property;

    json_object_foreach(json_object_get(schema, "properties"), name, property)
    {
        if (is_required(schema, name, property))
            return true;
    }
    return false;
}

void example_call(struct buf *out, const struct catalogue_server *server, const struct tool *tool)
{
    buf_printf(out, "await %s.%s(", server->identifier, tool->identifier);
    if (has_required(tool->input))
        add_object(out, tool->input, tool->input, 0);
    buf_add_char(out, ')');
}

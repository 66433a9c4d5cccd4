#include "codegen/schema.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "codegen/schema_internal.h"

static unsigned kind_named(const char *name)
{
    static const struct {
        const char *name;
        unsigned kind;
    } kinds[] = {
        { "string", KIND_STRING }, { "number", KIND_NUMBER },   { "integer", KIND_NUMBER },
        { "object", KIND_OBJECT }, { "boolean", KIND_BOOLEAN }, { "array", KIND_ARRAY },
        { "null", KIND_NULL },
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(name, kinds[i].name) == 0)
            return kinds[i].kind;
    }
    return 0;
}

unsigned schema_kinds_named(const json_t *type)
{
    unsigned kinds = 0;
    const json_t *name;
    size_t i;

    if (json_is_string(type))
        return kind_named(json_string_value(type));
    json_array_foreach(type, i, name)
    {
        if (json_is_string(name))
            kinds |= kind_named(json_string_value(name));
    }
    return kinds;
}

bool schema_names_type(const json_t *type, const char *name)
{
    const json_t *item;
    size_t i;

    if (json_is_string(type))
        return strcmp(json_string_value(type), name) == 0;
    json_array_foreach(type, i, item)
    {
        if (json_is_string(item) && strcmp(json_string_value(item), name) == 0)
            return true;
    }
    return false;
}

/* By keywords that speak of one kind only. */
static unsigned implied_kinds(const json_t *schema)
{
    static const struct {
        const char *keyword;
        unsigned kind;
    } keywords[] = {
        { "properties", KIND_OBJECT },
        { "required", KIND_OBJECT },
        { "additionalProperties", KIND_OBJECT },
        { "patternProperties", KIND_OBJECT },
        { "propertyNames", KIND_OBJECT },
        { "minProperties", KIND_OBJECT },
        { "maxProperties", KIND_OBJECT },
        { "dependentRequired", KIND_OBJECT },
        { "dependentSchemas", KIND_OBJECT },
        { "dependencies", KIND_OBJECT },
        { "unevaluatedProperties", KIND_OBJECT },
        { "items", KIND_ARRAY },
        { "prefixItems", KIND_ARRAY },
        { "additionalItems", KIND_ARRAY },
        { "contains", KIND_ARRAY },
        { "minItems", KIND_ARRAY },
        { "maxItems", KIND_ARRAY },
        { "uniqueItems", KIND_ARRAY },
        { "unevaluatedItems", KIND_ARRAY },
        { "minLength", KIND_STRING },
        { "maxLength", KIND_STRING },
        { "pattern", KIND_STRING },
        { "minimum", KIND_NUMBER },
        { "maximum", KIND_NUMBER },
        { "exclusiveMinimum", KIND_NUMBER },
        { "exclusiveMaximum", KIND_NUMBER },
        { "multipleOf", KIND_NUMBER },
    };
    const char *keyword;
    json_t *value;
    unsigned kinds = 0;

    json_object_foreach((json_t *)(uintptr_t)schema, keyword, value)
    {
        for (size_t i = 0; i < ARRAY_COUNT(keywords); i++) {
            if (strcmp(keyword, keywords[i].keyword) == 0)
                kinds |= keywords[i].kind;
        }
    }
    return kinds;
}

/* Python servers write `default: null` without saying that null is allowed. */
static bool allows_null(const json_t *schema)
{
    return json_is_true(json_object_get(schema, "nullable")) ||
           json_is_null(json_object_get(schema, "default"));
}

/* By `type`, which may be NULL, or by the schema's other keywords; without what allows null beside.
 */
static unsigned
declared_kinds(const struct schema_reader *reader, const json_t *schema, const json_t *type)
{
    unsigned kinds = schema_kinds_named(type);

    if (!kinds && !reader->options->exact)
        kinds = implied_kinds(schema);
    return kinds ? kinds : KIND_ALL;
}

unsigned schema_kinds(const struct schema_reader *reader, const json_t *schema)
{
    unsigned kinds = declared_kinds(reader, schema, json_object_get(schema, "type"));

    return allows_null(schema) ? kinds | KIND_NULL : kinds;
}

/* Groups of keywords: most schemas have none of them, which is worth knowing before each keyword is
 * looked for. */
enum {
    GROUP_COMBINES = 1, /* combine others with the schema */
    GROUP_VALUES = 2,   /* list values */
    GROUP_NULL = 4,     /* may allow null */
    GROUP_NAME = 8      /* the schema's identifier */
};

/* What one walk through a schema tells. */
struct keywords {
    const json_t *type; /* NULL without that keyword */
    unsigned groups;
};

#define KEYWORDS_OF_LETTER 3

/* The group of a keyword, or of all that begin like it. */
static unsigned group_of(const char *keyword)
{
    static const struct {
        struct span start;
        unsigned group;
    } starts[128][KEYWORDS_OF_LETTER] = {
        ['$'] = { { SPAN("$id"), GROUP_NAME },
                  { SPAN("$ref"), GROUP_COMBINES },
                  { SPAN("$dyn"), GROUP_COMBINES } },
        ['a'] = { { SPAN("all"), GROUP_COMBINES }, { SPAN("any"), GROUP_COMBINES } },
        ['c'] = { { SPAN("const"), GROUP_VALUES } },
        ['d'] = { { SPAN("def"), GROUP_NULL }, { SPAN("dep"), GROUP_COMBINES } },
        ['e'] = { { SPAN("enum"), GROUP_VALUES }, { SPAN("els"), GROUP_COMBINES } },
        ['i'] = { { SPAN("if"), GROUP_COMBINES } },
        ['n'] = { { SPAN("nul"), GROUP_NULL }, { SPAN("not"), GROUP_COMBINES } },
        ['o'] = { { SPAN("one"), GROUP_COMBINES } },
        ['t'] = { { SPAN("then"), GROUP_COMBINES } },
        ['u'] = { { SPAN("une"), GROUP_COMBINES } },
    };
    unsigned char letter = (unsigned char)keyword[0];

    if (letter >= ARRAY_COUNT(starts))
        return 0;
    for (size_t i = 0; i < KEYWORDS_OF_LETTER && starts[letter][i].group; i++) {
        struct span start = starts[letter][i].start;

        if (strncmp(keyword, start.data, start.len) == 0)
            return starts[letter][i].group;
    }
    return 0;
}

static struct keywords keywords_of(const json_t *schema)
{
    json_t *object = (json_t *)(uintptr_t)schema;
    struct keywords found = { .type = NULL };

    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        const char *keyword = json_object_iter_key(at);

        if (keyword[0] == 't' && strcmp(keyword, "type") == 0)
            found.type = json_object_iter_value(at);
        else
            found.groups |= group_of(keyword);
    }
    return found;
}

bool schema_has_combinations(const json_t *schema)
{
    return keywords_of(schema).groups & GROUP_COMBINES;
}

/* True when a keyword narrows a kind that KIND_ALL would leave open. */
static bool narrows(const json_t *schema)
{
    return (implied_kinds(schema) & (KIND_OBJECT | KIND_ARRAY)) != 0;
}

static const struct type *
kinds_type(struct schema_reader *reader, const json_t *schema, unsigned kinds)
{
    static const struct {
        unsigned kind;
        enum type_kind type;
    } simple[] = {
        { KIND_STRING, TYPE_STRING },
        { KIND_NUMBER, TYPE_NUMBER },
        { KIND_BOOLEAN, TYPE_BOOLEAN },
        { KIND_NULL, TYPE_NULL },
    };
    const struct type *types[6];
    size_t count = 0;

    if (kinds == KIND_ALL && !narrows(schema))
        return type_simple(TYPE_ANY);
    if (kinds & KIND_OBJECT)
        types[count++] = schema_object(reader, schema);
    if (kinds & KIND_ARRAY)
        types[count++] = schema_array(reader, schema);
    for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++) {
        if (kinds & simple[i].kind)
            types[count++] = type_simple(simple[i].type);
    }
    return type_join(reader->set, types, count);
}

/* A schema's own keywords, without references and combinations. */
static const struct type *
own_type(struct schema_reader *reader, const json_t *schema, const struct keywords *keywords)
{
    unsigned kinds = declared_kinds(reader, schema, keywords->type);
    const struct type *values =
        keywords->groups & GROUP_VALUES ? schema_enumeration(reader, schema) : NULL;
    const struct type *fitting;

    if (keywords->groups & GROUP_NULL && allows_null(schema))
        kinds |= KIND_NULL;
    if (!values)
        return kinds_type(reader, schema, kinds);
    if (kinds == KIND_ALL)
        return values;
    if (kinds & KIND_NULL && !reader->options->exact)
        values =
            type_join(reader->set, (const struct type *[]){ values, type_simple(TYPE_NULL) }, 2);
    fitting = type_meet(reader->set, kinds_type(reader, schema, kinds), values);
    /* Values that all break the declared type: the server's list is the better witness. */
    if (fitting->kind == TYPE_NEVER && !reader->options->exact)
        return values;
    return fitting;
}

static bool is_nullable(const json_t *schema)
{
    return json_is_true(json_object_get(schema, "nullable"));
}

static const struct type *
combined_type(struct schema_reader *reader, const json_t *schema, const struct keywords *keywords)
{
    const struct type *target = schema_reference(reader, schema);
    const struct type *type;

    if (target && reader->lone_references)
        return target;
    type = own_type(reader, schema, keywords);
    if (target)
        type = type_meet(reader->set, target, type);
    return schema_combine(reader, schema, type);
}

static const struct type *object_schema_type(struct schema_reader *reader,
                                             const json_t *schema,
                                             const struct keywords *keywords)
{
    const struct type *type = keywords->groups & GROUP_COMBINES
                                  ? combined_type(reader, schema, keywords)
                                  : own_type(reader, schema, keywords);

    if (keywords->groups & GROUP_NULL && is_nullable(schema) && type->kind != TYPE_NEVER)
        type = type_join(reader->set, (const struct type *[]){ type, type_simple(TYPE_NULL) }, 2);
    return type;
}

/* True for a schema with an identifier of its own; a mere anchor begins with a hash sign. */
static bool is_resource(const json_t *schema)
{
    const char *id = json_string_value(json_object_get(schema, "$id"));

    return id && id[0] != '#';
}

const struct type *schema_read(struct schema_reader *reader, const json_t *schema)
{
    const json_t *around = reader->resource;
    struct keywords keywords;
    const struct type *type;

    if (json_is_false(schema))
        return type_simple(TYPE_NEVER);
    if (!json_is_object(schema) || !type_set_spend(reader->set, 1))
        return type_simple(TYPE_ANY);
    if (reader->depth >= LIMIT_SCHEMA_DEPTH) {
        reader->notes.too_deep = true;
        return type_simple(TYPE_ANY);
    }
    keywords = keywords_of(schema);
    if (keywords.groups & GROUP_NAME && is_resource(schema))
        reader->resource = schema;
    reader->depth++;
    type = object_schema_type(reader, schema, &keywords);
    reader->depth--;
    reader->resource = around;
    return type;
}

/* Drafts up to 7 ignore what stands beside a $ref. */
static bool has_lone_references(const json_t *root)
{
    const char *dialect = json_string_value(json_object_get(root, "$schema"));

    return dialect && strstr(dialect, "json-schema.org/draft-0") != NULL;
}

const struct type *schema_type(struct type_set *set,
                               const json_t *schema,
                               const struct schema_options *options,
                               struct schema_notes *ret_notes)
{
    struct schema_reader reader = { .set = set,
                                    .document = { schema, SCHEMA_SEARCH_MAX },
                                    .resource = schema,
                                    .options = options,
                                    .lone_references = has_lone_references(schema) };
    const struct type *type;

    set->exact = options->exact;
    type = schema_read(&reader, schema);
    *ret_notes = reader.notes;
    return type;
}

static const struct type *free_form(struct type_set *set)
{
    struct type *type = type_object(set, 0);

    return type ? type : type_simple(TYPE_ANY);
}

const struct type *schema_input_type(struct type_set *set,
                                     const json_t *schema,
                                     const char *root_name,
                                     struct schema_notes *ret_notes)
{
    struct schema_options options = { .direction = SCHEMA_INPUT, .root_name = root_name };
    const struct type *type = schema_type(set, schema, &options, ret_notes);
    const struct type *object = type_meet(set, type, free_form(set));

    /* The protocol wants an object; a schema that allows none is a mistake of the server. */
    return object->kind == TYPE_NEVER ? free_form(set) : object;
}

static bool object_is_optional(const struct type *type)
{
    for (size_t i = 0; i < type->object.count; i++) {
        if (!type->object.properties[i].optional)
            return false;
    }
    return true;
}

bool schema_input_is_optional(const struct type *type)
{
    bool any = false, all = true;

    if (type->kind == TYPE_REFERENCE && type->definition->type)
        type = type->definition->type;
    if (type->kind == TYPE_OBJECT)
        return object_is_optional(type);
    if (type->kind != TYPE_UNION && type->kind != TYPE_INTERSECTION)
        return type->kind == TYPE_ANY || type->kind == TYPE_REMOTE;
    for (size_t i = 0; i < type->list.count; i++) {
        bool optional = schema_input_is_optional(type->list.items[i]);

        any |= optional;
        all &= optional;
    }
    return type->kind == TYPE_UNION ? any : all;
}

/*
 * What a schema refuses, as a type that holds at least every such value: for
 * `not`, and for the other side of conditions.
 */
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "codegen/schema_internal.h"

static const struct type *any_object(struct schema_reader *reader)
{
    struct type *type = type_object(reader->set, 0);

    if (!type)
        return type_simple(TYPE_ANY);
    type->object.index = type_simple(TYPE_ANY);
    return type;
}

const struct type *schema_of_kinds(struct schema_reader *reader, unsigned kinds)
{
    const struct type *types[6];
    size_t count = 0;

    if (kinds == KIND_ALL)
        return type_simple(TYPE_ANY);
    if (kinds & KIND_OBJECT)
        types[count++] = any_object(reader);
    if (kinds & KIND_ARRAY)
        types[count++] = type_array(reader->set, type_simple(TYPE_ANY));
    if (kinds & KIND_STRING)
        types[count++] = type_simple(TYPE_STRING);
    if (kinds & KIND_NUMBER)
        types[count++] = type_simple(TYPE_NUMBER);
    if (kinds & KIND_BOOLEAN)
        types[count++] = type_simple(TYPE_BOOLEAN);
    if (kinds & KIND_NULL)
        types[count++] = type_simple(TYPE_NULL);
    return type_join(reader->set, types, count);
}

const struct type *schema_with_property(struct schema_reader *reader,
                                        const char *name,
                                        const struct type *type,
                                        bool optional)
{
    struct type *object = type_object(reader->set, 1);

    if (!object)
        return type_simple(TYPE_ANY);
    object->object.index = type_simple(TYPE_ANY);
    object->object.properties[object->object.count++] = (struct type_property){
        .name = name, .name_len = strlen(name), .type = type, .optional = optional
    };
    return object;
}

static const struct type *
joined(struct schema_reader *reader, const struct type *a, const struct type *b)
{
    return type_join(reader->set, (const struct type *[]){ a, b }, 2);
}

/* Of `type`: the other kinds; a number that is no integer is a number still. */
static const struct type *outside_type(struct schema_reader *reader, const json_t *value)
{
    unsigned kinds = schema_kinds_named(value);

    if (kinds & KIND_NUMBER && !schema_names_type(value, "number"))
        kinds &= ~(unsigned)KIND_NUMBER;
    return schema_of_kinds(reader, KIND_ALL & ~kinds);
}

/* An object that lacks one of the names. */
static const struct type *outside_required(struct schema_reader *reader, const json_t *names)
{
    const struct type *type = type_simple(TYPE_NEVER);
    const json_t *name;
    size_t i;

    json_array_foreach(names, i, name)
    {
        if (json_is_string(name))
            type = joined(reader, type,
                          schema_with_property(reader, json_string_value(name),
                                               type_simple(TYPE_NEVER), true));
    }
    return type;
}

/* An object with one property that its schema refuses. */
static const struct type *outside_properties(struct schema_reader *reader, const json_t *properties)
{
    const struct type *type = type_simple(TYPE_NEVER);
    const char *name;
    json_t *schema;

    json_object_foreach((json_t *)(uintptr_t)properties, name, schema)
    {
        const struct type *refused = schema_complement(reader, schema);

        if (refused->kind != TYPE_NEVER)
            type = joined(reader, type, schema_with_property(reader, name, refused, false));
    }
    return type;
}

/* Of `const` and `enum`: only of the values that TypeScript can take away from a type. */
static const struct type *outside_values(struct schema_reader *reader, const json_t *value)
{
    const struct type *type = type_simple(TYPE_ANY);

    if (json_is_null(value))
        return schema_of_kinds(reader, KIND_ALL & ~(unsigned)KIND_NULL);
    if (json_is_boolean(value))
        type = joined(reader, schema_of_kinds(reader, KIND_ALL & ~(unsigned)KIND_BOOLEAN),
                      type_literal(reader->set, json_is_true(value) ? json_false() : json_true()));
    return type;
}

static const struct type *outside_not(struct schema_reader *reader, const json_t *schema)
{
    return schema_read(reader, schema);
}

static const struct type *outside_any_of(struct schema_reader *reader, const json_t *members)
{
    const struct type *type = type_simple(TYPE_ANY);
    const json_t *member;
    size_t i;

    json_array_foreach(members, i, member) type =
        type_meet(reader->set, type, schema_complement(reader, member));
    return type;
}

static const struct type *outside_all_of(struct schema_reader *reader, const json_t *members)
{
    const struct type *type = type_simple(TYPE_NEVER);
    const json_t *member;
    size_t i;

    json_array_foreach(members, i, member) type =
        joined(reader, type, schema_complement(reader, member));
    return type;
}

/* What a keyword can refuse: told by `outside`, else any value of `kinds`. */
struct refusal {
    const char *keyword;
    unsigned kinds;
    const struct type *(*outside)(struct schema_reader *reader, const json_t *value);
};

static const struct refusal refusals[] = {
    { "type", 0, outside_type },
    { "required", 0, outside_required },
    { "properties", 0, outside_properties },
    { "const", 0, outside_values },
    { "not", 0, outside_not },
    { "anyOf", 0, outside_any_of },
    { "allOf", 0, outside_all_of },
    { "minimum", KIND_NUMBER, NULL },
    { "maximum", KIND_NUMBER, NULL },
    { "exclusiveMinimum", KIND_NUMBER, NULL },
    { "exclusiveMaximum", KIND_NUMBER, NULL },
    { "multipleOf", KIND_NUMBER, NULL },
    { "minLength", KIND_STRING, NULL },
    { "maxLength", KIND_STRING, NULL },
    { "pattern", KIND_STRING, NULL },
    { "minItems", KIND_ARRAY, NULL },
    { "maxItems", KIND_ARRAY, NULL },
    { "uniqueItems", KIND_ARRAY, NULL },
    { "items", KIND_ARRAY, NULL },
    { "prefixItems", KIND_ARRAY, NULL },
    { "additionalItems", KIND_ARRAY, NULL },
    { "contains", KIND_ARRAY, NULL },
    { "minContains", KIND_ARRAY, NULL },
    { "maxContains", KIND_ARRAY, NULL },
    { "unevaluatedItems", KIND_ARRAY, NULL },
    { "additionalProperties", KIND_OBJECT, NULL },
    { "patternProperties", KIND_OBJECT, NULL },
    { "propertyNames", KIND_OBJECT, NULL },
    { "minProperties", KIND_OBJECT, NULL },
    { "maxProperties", KIND_OBJECT, NULL },
    { "dependentRequired", KIND_OBJECT, NULL },
    { "dependentSchemas", KIND_OBJECT, NULL },
    { "unevaluatedProperties", KIND_OBJECT, NULL },
    /* Words about a value, which refuse none. */
    { "title", 0, NULL },
    { "description", 0, NULL },
    { "default", 0, NULL },
    { "examples", 0, NULL },
    { "format", 0, NULL },
    { "$comment", 0, NULL },
    { "$schema", 0, NULL },
    { "$defs", 0, NULL },
    { "definitions", 0, NULL },
};

static const struct type *
outside_keyword(struct schema_reader *reader, const char *keyword, const json_t *value)
{
    for (size_t i = 0; i < ARRAY_COUNT(refusals); i++) {
        const struct refusal *refusal = &refusals[i];

        if (strcmp(refusal->keyword, keyword) != 0)
            continue;
        if (refusal->outside)
            return refusal->outside(reader, value);
        return refusal->kinds ? schema_of_kinds(reader, refusal->kinds) : type_simple(TYPE_NEVER);
    }
    /* Not known here, so it may refuse anything. */
    return type_simple(TYPE_ANY);
}

static const struct type *outside_keywords(struct schema_reader *reader, const json_t *schema)
{
    const struct type *type = type_simple(TYPE_NEVER);
    const char *keyword;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)schema, keyword, value) type =
        joined(reader, type, outside_keyword(reader, keyword, value));
    return type;
}

const struct type *schema_complement(struct schema_reader *reader, const json_t *schema)
{
    const struct type *type;

    if (json_is_true(schema))
        return type_simple(TYPE_NEVER);
    if (!json_is_object(schema) || !type_set_spend(reader->set, 1) ||
        reader->depth >= LIMIT_SCHEMA_DEPTH)
        return type_simple(TYPE_ANY);
    reader->depth++;
    type = outside_keywords(reader, schema);
    reader->depth--;
    return type;
}

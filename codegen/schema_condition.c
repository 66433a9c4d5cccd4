/*
 * What holds under a condition: if, then, else, and what depends on a
 * property.  By the letter it is a union of both cases; declared are the
 * properties that a case describes, since unions of cases are hard to read.
 */
#include <string.h>

#include "codegen/schema_internal.h"

/* Unions of more cases than this, multiplied out, say less than they cost. */
#define EXACT_DEPENDENTS_MAX 4

/* The properties of an object, all optional and weak; of any type when they are `names` alone. */
static const struct type *
weakened(struct schema_reader *reader, const struct type *object, bool names)
{
    struct type *type = type_object(reader->set, object->object.count);

    if (!type)
        return type_simple(TYPE_ANY);
    for (size_t i = 0; i < object->object.count; i++) {
        struct type_property property = object->object.properties[i];

        /* Required only: the property is described elsewhere, or not at all. */
        if (property.type->kind == TYPE_UNKNOWN)
            continue;
        property.optional = property.weak = true;
        if (names)
            property.type = type_simple(TYPE_ANY);
        type->object.properties[type->object.count++] = property;
    }
    return type->object.count ? type : type_simple(TYPE_ANY);
}

/* The properties that a conditional schema describes are known to exist, though maybe not there. */
static const struct type *add_conditional(struct schema_reader *reader,
                                          const json_t *schema,
                                          const struct type *type,
                                          bool names)
{
    const struct type *extra;

    if (!json_is_object(schema))
        return type;
    extra = type_resolve(schema_read(reader, schema));
    if (extra->kind != TYPE_OBJECT)
        return type;
    return type_meet(reader->set, type, weakened(reader, extra, names));
}

static bool may_be_object(const struct type *type)
{
    const struct type *seen = type_resolve(type);

    return seen->kind == TYPE_ANY || seen->kind == TYPE_REMOTE || seen->kind == TYPE_OBJECT ||
           seen->kind == TYPE_INTERSECTION;
}

static const struct type *
add_dependents(struct schema_reader *reader, const json_t *dependents, const struct type *type)
{
    const char *name;
    json_t *schema;

    json_object_foreach((json_t *)(uintptr_t)dependents, name, schema) type =
        add_conditional(reader, schema, type, false);
    return type;
}

static const struct type *
declared_conditions(struct schema_reader *reader, const json_t *schema, const struct type *type)
{
    if (!may_be_object(type))
        return type;
    type = add_conditional(reader, json_object_get(schema, "if"), type, true);
    type = add_conditional(reader, json_object_get(schema, "then"), type, false);
    type = add_conditional(reader, json_object_get(schema, "else"), type, false);
    type = add_dependents(reader, json_object_get(schema, "dependentSchemas"), type);
    return add_dependents(reader, json_object_get(schema, "dependencies"), type);
}

/* A schema, or anything when there is none. */
static const struct type *read_or_any(struct schema_reader *reader, const json_t *schema)
{
    return schema ? schema_read(reader, schema) : type_simple(TYPE_ANY);
}

static const struct type *
exact_cases(struct schema_reader *reader, const json_t *schema, const struct type *type)
{
    const json_t *condition = json_object_get(schema, "if");
    const json_t *then = json_object_get(schema, "then");
    const json_t *otherwise = json_object_get(schema, "else");
    const struct type *cases[2];

    if (!condition || (!then && !otherwise))
        return type;
    cases[0] = type_meet(reader->set, schema_read(reader, condition), read_or_any(reader, then));
    cases[1] = type_meet(reader->set, schema_complement(reader, condition),
                         read_or_any(reader, otherwise));
    return type_meet(reader->set, type, type_join(reader->set, cases, 2));
}

/* A list of names that are required, or a schema. */
static const struct type *dependent_type(struct schema_reader *reader, const json_t *dependent)
{
    const struct type *type = type_simple(TYPE_ANY);
    const json_t *name;
    size_t i;

    if (!json_is_array(dependent))
        return schema_read(reader, dependent);
    json_array_foreach(dependent, i, name)
    {
        if (json_is_string(name))
            type = type_meet(reader->set, type,
                             schema_with_property(reader, json_string_value(name),
                                                  type_simple(TYPE_ANY), false));
    }
    return type;
}

/* Without the property, or with it and with what depends on it. */
static const struct type *
exact_dependent(struct schema_reader *reader, const char *name, const json_t *dependent)
{
    const struct type *without = schema_with_property(reader, name, type_simple(TYPE_NEVER), true);
    const struct type *with = schema_with_property(reader, name, type_simple(TYPE_ANY), false);
    const struct type *others = schema_of_kinds(reader, KIND_ALL & ~(unsigned)KIND_OBJECT);

    with = type_meet(reader->set, with, dependent_type(reader, dependent));
    return type_join(reader->set, (const struct type *[]){ without, with, others }, 3);
}

static const struct type *
exact_dependents(struct schema_reader *reader, const json_t *dependents, const struct type *type)
{
    const char *name;
    json_t *dependent;

    if (json_object_size(dependents) > EXACT_DEPENDENTS_MAX)
        return type;
    json_object_foreach((json_t *)(uintptr_t)dependents, name, dependent) type =
        type_meet(reader->set, type, exact_dependent(reader, name, dependent));
    return type;
}

static const struct type *
exact_conditions(struct schema_reader *reader, const json_t *schema, const struct type *type)
{
    type = exact_cases(reader, schema, type);
    type = exact_dependents(reader, json_object_get(schema, "dependentRequired"), type);
    type = exact_dependents(reader, json_object_get(schema, "dependentSchemas"), type);
    return exact_dependents(reader, json_object_get(schema, "dependencies"), type);
}

const struct type *
schema_conditions(struct schema_reader *reader, const json_t *schema, const struct type *type)
{
    return reader->options->exact ? exact_conditions(reader, schema, type)
                                  : declared_conditions(reader, schema, type);
}

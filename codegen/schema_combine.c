/*
 * allOf, anyOf, oneOf, not, and what holds under conditions.
 */
#include "codegen/schema_internal.h"

static const struct type *
union_of(struct schema_reader *reader, const json_t *members, const struct type *type)
{
    size_t count = json_array_size(members);
    const struct type **types;

    if (count == 0 || !type_set_spend(reader->set, count))
        return type;
    types = arena_take(&reader->set->arena, count * sizeof(*types));
    for (size_t i = 0; i < count; i++)
        types[i] = schema_read(reader, json_array_get(members, i));
    return type_meet(reader->set, type, type_join(reader->set, types, count));
}

static const struct type *
all_of(struct schema_reader *reader, const json_t *members, const struct type *type)
{
    const json_t *member;
    size_t i;

    json_array_foreach(members, i, member) type =
        type_meet(reader->set, type, schema_read(reader, member));
    return type;
}

/* The properties of an object, all optional and weak. */
static const struct type *weakened(struct schema_reader *reader, const struct type *object)
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
        type->object.properties[type->object.count++] = property;
    }
    return type->object.count ? type : type_simple(TYPE_ANY);
}

/* The properties that a conditional schema describes are known to exist, though maybe not there. */
static const struct type *
add_conditional(struct schema_reader *reader, const json_t *schema, const struct type *type)
{
    const struct type *extra;

    if (!json_is_object(schema))
        return type;
    extra = type_resolve(schema_read(reader, schema));
    if (extra->kind != TYPE_OBJECT)
        return type;
    return type_meet(reader->set, type, weakened(reader, extra));
}

static bool may_be_object(const struct type *type)
{
    const struct type *seen = type_resolve(type);

    return seen->kind == TYPE_ANY || seen->kind == TYPE_OBJECT || seen->kind == TYPE_INTERSECTION;
}

static const struct type *
add_dependents(struct schema_reader *reader, const json_t *dependents, const struct type *type)
{
    const char *name;
    json_t *schema;

    json_object_foreach((json_t *)(uintptr_t)dependents, name, schema) type =
        add_conditional(reader, schema, type);
    return type;
}

static const struct type *
add_conditions(struct schema_reader *reader, const json_t *schema, const struct type *type)
{
    if (reader->options->exact || !may_be_object(type))
        return type;
    type = add_conditional(reader, json_object_get(schema, "then"), type);
    type = add_conditional(reader, json_object_get(schema, "else"), type);
    type = add_dependents(reader, json_object_get(schema, "dependentSchemas"), type);
    return add_dependents(reader, json_object_get(schema, "dependencies"), type);
}

/* `not` of everything allows nothing; any other negation TypeScript can't say. */
static bool refuses_all(const json_t *negated)
{
    return json_is_true(negated) || (json_is_object(negated) && json_object_size(negated) == 0);
}

const struct type *
schema_combine(struct schema_reader *reader, const json_t *schema, const struct type *type)
{
    const struct type *before;

    if (refuses_all(json_object_get(schema, "not")))
        return type_simple(TYPE_NEVER);
    type = add_conditions(reader, schema, type);
    before = type;
    type = all_of(reader, json_object_get(schema, "allOf"), type);
    type = union_of(reader, json_object_get(schema, "anyOf"), type);
    type = union_of(reader, json_object_get(schema, "oneOf"), type);
    /* Descriptions that exclude each other: a server's mistake must not forbid every call. */
    if (type->kind == TYPE_NEVER && !reader->options->exact)
        return before;
    return type;
}

/*
 * allOf, anyOf, oneOf and not.
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

/* More members than this are not held against each other. */
#define EXCLUSIVE_MAX 4

/* By the letter, a value of one member is of no other. */
static const struct type *
exclusive_member(struct schema_reader *reader, const json_t *members, size_t index)
{
    const struct type *type = schema_read(reader, json_array_get(members, index));
    const json_t *other;
    size_t i;

    json_array_foreach(members, i, other)
    {
        if (i != index)
            type = type_meet(reader->set, type, schema_complement(reader, other));
    }
    return type;
}

static const struct type *
one_of(struct schema_reader *reader, const json_t *members, const struct type *type)
{
    const struct type *types[EXCLUSIVE_MAX];
    size_t count = json_array_size(members);

    if (!reader->options->exact || count == 0 || count > EXCLUSIVE_MAX)
        return union_of(reader, members, type);
    for (size_t i = 0; i < count; i++)
        types[i] = exclusive_member(reader, members, i);
    return type_meet(reader->set, type, type_join(reader->set, types, count));
}

static const struct type *
negation(struct schema_reader *reader, const json_t *negated, const struct type *type)
{
    if (!negated || !reader->options->exact)
        return type;
    return type_meet(reader->set, type, schema_complement(reader, negated));
}

/* `not` of everything allows nothing. */
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
    type = schema_conditions(reader, schema, type);
    before = type;
    type = all_of(reader, json_object_get(schema, "allOf"), type);
    type = union_of(reader, json_object_get(schema, "anyOf"), type);
    type = one_of(reader, json_object_get(schema, "oneOf"), type);
    type = negation(reader, json_object_get(schema, "not"), type);
    type = schema_unevaluated(reader, schema, type);
    /* Descriptions that exclude each other: a server's mistake must not forbid every call. */
    if (type->kind == TYPE_NEVER && !reader->options->exact)
        return before;
    return type;
}

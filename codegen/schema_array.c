/*
 * The keywords for arrays.
 */
#include "codegen/schema_internal.h"

/* Longer tuples are written as arrays of what they hold. */
#define TUPLE_MAX 32

/* The schemas of the first elements; NULL when all are described alike. */
static const json_t *leading_items(const json_t *schema)
{
    const json_t *leading = json_object_get(schema, "prefixItems");

    if (json_is_array(leading))
        return leading;
    leading = json_object_get(schema, "items"); /* the older spelling */
    return json_is_array(leading) ? leading : NULL;
}

/* The schema of the elements behind the leading ones; NULL when they may be anything. */
static const json_t *following_items(const json_t *schema)
{
    const json_t *items = json_object_get(schema, "items");

    if (!json_is_array(items))
        return items;
    return json_object_get(schema, "additionalItems");
}

static size_t size_keyword(const json_t *schema, const char *keyword, size_t otherwise)
{
    const json_t *value = json_object_get(schema, keyword);
    double number = json_number_value(value);

    return json_is_number(value) && number >= 0 && number < 1e9 ? (size_t)number : otherwise;
}

static const struct type *rest_type(struct schema_reader *reader, const json_t *schema)
{
    const json_t *following = following_items(schema);

    return following ? schema_read(reader, following) : type_simple(TYPE_ANY);
}

/* How many of the leading elements are there for sure.  What a server reads or writes as a tuple
 * is whole, though few say so by minItems. */
static size_t required_count(const struct schema_reader *reader, const json_t *schema, size_t count)
{
    size_t least =
        size_keyword(schema, "minItems", reader->options->direction == SCHEMA_OUTPUT ? count : 0);

    return least < count ? least : count;
}

static const struct type *
tuple_type(struct schema_reader *reader, const json_t *schema, const json_t *leading)
{
    size_t count = json_array_size(leading);
    struct type *type = type_new(reader->set, TYPE_TUPLE);
    const struct type *rest = rest_type(reader, schema);

    if (!type || !type_set_spend(reader->set, count))
        return type_simple(TYPE_ANY);
    type->array.list.items = arena_take(&reader->set->arena, (count + 1) * sizeof(struct type *));
    for (size_t i = 0; i < count; i++)
        type->array.list.items[i] = schema_read(reader, json_array_get(leading, i));
    type->array.list.count = count;
    type->array.required = required_count(reader, schema, count);
    if (rest->kind != TYPE_NEVER && size_keyword(schema, "maxItems", SIZE_MAX) > count)
        type->array.rest = rest;
    return type;
}

/* A tuple too long to write: an array of anything in it. */
static const struct type *
joined_array(struct schema_reader *reader, const json_t *schema, const json_t *leading)
{
    size_t count = json_array_size(leading);
    const struct type **types;

    if (!type_set_spend(reader->set, count))
        return type_simple(TYPE_ANY);
    types = arena_take(&reader->set->arena, (count + 1) * sizeof(*types));
    for (size_t i = 0; i < count; i++)
        types[i] = schema_read(reader, json_array_get(leading, i));
    types[count] = rest_type(reader, schema);
    return type_array(reader->set, type_join(reader->set, types, count + 1));
}

const struct type *schema_array(struct schema_reader *reader, const json_t *schema)
{
    const json_t *leading = leading_items(schema);
    size_t count = json_array_size(leading);

    if (count > TUPLE_MAX)
        return joined_array(reader, schema, leading);
    if (count > 0)
        return tuple_type(reader, schema, leading);
    return type_array(reader->set, rest_type(reader, schema));
}

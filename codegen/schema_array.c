/*
 * The keywords for arrays.
 */
#include "codegen/schema_internal.h"

/* Longer tuples are written as arrays of what they hold. */
#define TUPLE_MAX 32
/* Lengths up to this are written by the letter. */
#define EXACT_MAX 8

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

/* How long an array is.  By the letter that counts for every array; declared are only tuples that
 * way, since the compiler knows no length of an array that a script builds. */
struct length {
    size_t written;  /* elements that are written one by one */
    size_t required; /* of them */
    bool bounded;    /* no others */
};

/* `contains` wants one element at least, unless minContains says otherwise. */
static size_t least_contained(const json_t *schema)
{
    return json_object_get(schema, "contains") ? size_keyword(schema, "minContains", 1) : 0;
}

static struct length exact_length(const json_t *schema, size_t leading)
{
    size_t least = size_keyword(schema, "minItems", 0);
    size_t most = size_keyword(schema, "maxItems", SIZE_MAX);
    size_t contained = least_contained(schema);
    struct length length = { .written = leading };

    if (contained > least)
        least = contained;
    if (least > leading && least <= EXACT_MAX)
        length.written = least;
    length.required = least < length.written ? least : length.written;
    length.bounded = most <= (leading > EXACT_MAX ? leading : EXACT_MAX);
    if (length.bounded)
        length.written = most;
    return length;
}

/* What a server reads or writes as a tuple is whole, though few say so by minItems. */
static struct length
length_of(const struct schema_reader *reader, const json_t *schema, size_t leading)
{
    size_t least = reader->options->direction == SCHEMA_OUTPUT ? leading : 0;
    struct length length = { .written = leading };

    if (reader->options->exact)
        return exact_length(schema, leading);
    least = size_keyword(schema, "minItems", least);
    length.required = least < leading ? least : leading;
    length.bounded = size_keyword(schema, "maxItems", SIZE_MAX) <= leading;
    return length;
}

static const struct type *tuple_type(struct schema_reader *reader,
                                     const json_t *schema,
                                     const json_t *leading,
                                     struct length length)
{
    size_t count = json_array_size(leading);
    struct type *type = type_new(reader->set, TYPE_TUPLE);
    const struct type *rest = rest_type(reader, schema);

    if (!type || !type_set_spend(reader->set, length.written))
        return type_simple(TYPE_ANY);
    type->array.list.items =
        arena_take(&reader->set->arena, (length.written + 1) * sizeof(struct type *));
    for (size_t i = 0; i < length.written; i++)
        type->array.list.items[i] =
            i < count ? schema_read(reader, json_array_get(leading, i)) : rest;
    type->array.list.count = length.written;
    type->array.required = length.required;
    if (rest->kind != TYPE_NEVER && !length.bounded)
        type->array.rest = rest;
    return type_tuple_is_impossible(type) ? type_simple(TYPE_NEVER) : type;
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

/* By the letter: no array has an element that nothing can be. */
static bool contains_nothing(const struct schema_reader *reader, const json_t *schema)
{
    return reader->options->exact && json_is_false(json_object_get(schema, "contains")) &&
           least_contained(schema) > 0;
}

const struct type *schema_array(struct schema_reader *reader, const json_t *schema)
{
    const json_t *leading = leading_items(schema);
    size_t count = json_array_size(leading);
    struct length length = length_of(reader, schema, count);

    if (contains_nothing(reader, schema))
        return type_simple(TYPE_NEVER);
    if (count > TUPLE_MAX)
        return joined_array(reader, schema, leading);
    if (length.written > 0 || (length.bounded && reader->options->exact))
        return tuple_type(reader, schema, leading, length);
    return type_array(reader->set, rest_type(reader, schema));
}

/*
 * Types of the values in `const` and `enum`: any JSON.
 */
#include <string.h>

#include "base/limits.h"
#include "codegen/schema_internal.h"

static const struct type *object_literal(struct schema_reader *reader, const json_t *value)
{
    struct type *type = type_object(reader->set, json_object_size(value));
    const char *key;
    json_t *member;

    if (!type)
        return type_simple(TYPE_ANY);
    type->object.closed = true;
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        type->object.properties[type->object.count++] = (struct type_property){
            .name = key, .name_len = strlen(key), .type = schema_literal(reader, member)
        };
    }
    return type;
}

static const struct type *array_literal(struct schema_reader *reader, const json_t *value)
{
    struct type *type = type_new(reader->set, TYPE_TUPLE);
    size_t count = json_array_size(value);

    if (!type || !type_set_spend(reader->set, count))
        return type_simple(TYPE_ANY);
    type->array.list.items = arena_take(&reader->set->arena, (count + 1) * sizeof(struct type *));
    for (size_t i = 0; i < count; i++)
        type->array.list.items[i] = schema_literal(reader, json_array_get(value, i));
    type->array.list.count = type->array.required = count;
    return type;
}

const struct type *schema_literal(struct schema_reader *reader, const json_t *value)
{
    const struct type *type;

    if (!json_is_object(value) && !json_is_array(value))
        return type_literal(reader->set, value);
    if (reader->depth >= LIMIT_SCHEMA_DEPTH) {
        reader->notes.too_deep = true;
        return type_simple(TYPE_ANY);
    }
    reader->depth++;
    type = json_is_object(value) ? object_literal(reader, value) : array_literal(reader, value);
    reader->depth--;
    return type;
}

const struct type *schema_enumeration(struct schema_reader *reader, const json_t *schema)
{
    const json_t *constant = json_object_get(schema, "const");
    const json_t *values = json_object_get(schema, "enum");
    size_t count = json_array_size(values);
    const struct type **types;

    if (constant)
        return schema_literal(reader, constant);
    /* An empty list allows nothing; what a server means by it is that it has no list. */
    if (count == 0)
        return values && reader->options->exact ? type_simple(TYPE_NEVER) : NULL;
    if (!type_set_spend(reader->set, count))
        return type_simple(TYPE_ANY);
    types = arena_take(&reader->set->arena, count * sizeof(*types));
    for (size_t i = 0; i < count; i++)
        types[i] = schema_literal(reader, json_array_get(values, i));
    return type_join(reader->set, types, count);
}

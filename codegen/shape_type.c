/*
 * Shapes as types.
 */
#include "codegen/shape_internal.h"

#define KINDS_MAX 6

static const struct type *array_type(struct type_set *set, const struct shape *shape)
{
    return type_array(set,
                      shape->elements ? shape_type(set, shape->elements) : type_simple(TYPE_ANY));
}

/* Names of the shape are copied: a type may outlive the next look. */
static const char *kept_name(struct type_set *set, const char *name)
{
    size_t size = strlen(name) + 1;
    char *copy = arena_take(&set->arena, size);

    memcpy(copy, name, size);
    return copy;
}

static void add_properties(struct type_set *set, const struct shape *shape, struct type *object)
{
    for (size_t i = 0; i < shape->name_count; i++) {
        const struct shape_property *property = &shape->names[i];

        object->object.properties[object->object.count++] = (struct type_property){
            .name = kept_name(set, property->name),
            .name_len = strlen(property->name),
            .type = shape_type(set, &property->shape),
            .optional = property->optional,
        };
    }
}

static const struct type *object_type(struct type_set *set, const struct shape *shape)
{
    struct type *object = type_object(set, shape->name_count);

    if (!object)
        return type_simple(TYPE_ANY);
    add_properties(set, shape, object);
    if (shape->others)
        object->object.index = shape_type(set, shape->others);
    return object;
}

static const struct type *
kind_type(struct type_set *set, const struct shape *shape, enum json_kind kind)
{
    switch (kind) {
    case JSON_KIND_NULL:
        return type_simple(TYPE_NULL);
    case JSON_KIND_BOOL:
        return type_simple(TYPE_BOOLEAN);
    case JSON_KIND_NUMBER:
        return type_simple(TYPE_NUMBER);
    case JSON_KIND_STRING:
        return type_simple(TYPE_STRING);
    case JSON_KIND_ARRAY:
        return array_type(set, shape);
    case JSON_KIND_OBJECT:
        return object_type(set, shape);
    case JSON_KIND_NONE:
        break;
    }
    return type_simple(TYPE_ANY);
}

const struct type *shape_type(struct type_set *set, const struct shape *shape)
{
    /* What is null when it is not something else is told last, as people write it. */
    static const enum json_kind order[KINDS_MAX] = { JSON_KIND_STRING, JSON_KIND_NUMBER,
                                                     JSON_KIND_BOOL,   JSON_KIND_ARRAY,
                                                     JSON_KIND_OBJECT, JSON_KIND_NULL };
    const struct type *members[KINDS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < KINDS_MAX; i++) {
        if (shape->kinds & shape_bit(order[i]))
            members[count++] = kind_type(set, shape, order[i]);
    }
    return count ? type_join(set, members, count) : type_simple(TYPE_ANY);
}

/*
 * The intersection of types.  Where TypeScript can't say it, the wider of two
 * answers is given, so that no valid value is refused.
 */
#include <string.h>

#include "codegen/type.h"

/* A union of unions is multiplied out only up to this many members. */
#define PRODUCT_MAX 64

static bool is_object_like(const struct type *type)
{
    return type->kind == TYPE_OBJECT || type->kind == TYPE_INTERSECTION;
}

static bool is_unbounded(const struct type *type)
{
    return type->kind == TYPE_ANY || type->kind == TYPE_UNKNOWN || type->kind == TYPE_REMOTE;
}

static bool is_bare_object(const struct type *type)
{
    return type->kind == TYPE_OBJECT && type->object.count == 0 && !type->object.index &&
           type->object.pattern_count == 0 && !type->object.closed;
}

static const struct type *object_members(struct type_set *set, const struct type *the_union);

/* What two descriptions of the same property come to. */
static struct type_property
meet_property(struct type_set *set, const struct type_property *a, const struct type_property *b)
{
    struct type_property both = a->weak && !b->weak ? *b : *a;

    if (a->weak && b->weak)
        both.type = type_join(set, (const struct type *[]){ a->type, b->type }, 2);
    else if (!a->weak && !b->weak)
        both.type = type_meet(set, a->type, b->type);
    both.optional = a->optional && b->optional;
    if (!both.schema || a->type->kind == TYPE_UNKNOWN)
        both.schema = b->schema ? b->schema : a->schema;
    return both;
}

static const struct type *
meet_optional(struct type_set *set, const struct type *a, const struct type *b)
{
    if (!a || !b)
        return a ? a : b;
    return type_meet(set, a, b);
}

/* A property of one object that `other` doesn't name: by the letter, it is one of the other keys
 * there. */
static struct type_property
lone_property(struct type_set *set, const struct type_property *property, const struct type *other)
{
    struct type_property lone = *property;
    const struct type *there;

    if (!set->exact)
        return lone;
    there = type_of_other_key(set, other, property->name, property->name_len);
    if (there)
        lone.type = type_meet(set, property->type, there);
    else if (other->object.closed)
        lone.type = type_simple(TYPE_NEVER);
    return lone;
}

/* The patterns of `object`; by the letter their keys are other keys of an object without patterns.
 */
static void add_patterns(struct type_set *set,
                         struct type_pattern *patterns,
                         size_t *count,
                         const struct type *object,
                         const struct type *other)
{
    for (size_t i = 0; i < object->object.pattern_count; i++) {
        struct type_pattern pattern = object->object.patterns[i];

        if (set->exact && other->object.pattern_count == 0 && other->object.index)
            pattern.type = type_meet(set, pattern.type, other->object.index);
        else if (set->exact && other->object.pattern_count == 0 && other->object.closed)
            pattern.type = type_simple(TYPE_NEVER);
        patterns[(*count)++] = pattern;
    }
}

static void
merge_patterns(struct type_set *set, struct type *type, const struct type *a, const struct type *b)
{
    size_t room = a->object.pattern_count + b->object.pattern_count;
    struct type_pattern *patterns;

    if (room == 0)
        return;
    if (!type_set_spend(set, room)) {
        type->object.index = type_simple(TYPE_ANY);
        return;
    }
    patterns = arena_take(&set->arena, room * sizeof(*patterns));
    add_patterns(set, patterns, &type->object.pattern_count, a, b);
    add_patterns(set, patterns, &type->object.pattern_count, b, a);
    type->object.patterns = patterns;
}

/* True when a property must be there and can't. */
static bool is_impossible(const struct type *object)
{
    for (size_t i = 0; i < object->object.count; i++) {
        const struct type_property *property = &object->object.properties[i];

        if (!property->optional && property->type->kind == TYPE_NEVER)
            return true;
    }
    return false;
}

static const struct type *
merge_objects(struct type_set *set, const struct type *a, const struct type *b)
{
    struct type *type = type_object(set, a->object.count + b->object.count);

    if (!type || !type_set_spend_pairs(set, 2 * a->object.count, b->object.count))
        return type_simple(TYPE_ANY);
    for (size_t i = 0; i < a->object.count; i++) {
        const struct type_property *mine = &a->object.properties[i];
        const struct type_property *other = type_property_find(b, mine->name, mine->name_len);

        type->object.properties[type->object.count++] =
            other ? meet_property(set, mine, other) : lone_property(set, mine, b);
    }
    for (size_t i = 0; i < b->object.count; i++) {
        const struct type_property *other = &b->object.properties[i];

        if (!type_property_find(a, other->name, other->name_len))
            type->object.properties[type->object.count++] = lone_property(set, other, a);
    }
    type->object.closed = a->object.closed || b->object.closed;
    if (!set->exact || !type->object.closed)
        type->object.index = meet_optional(set, a->object.index, b->object.index);
    merge_patterns(set, type, a, b);
    return set->exact && is_impossible(type) ? type_simple(TYPE_NEVER) : type;
}

/* An element of either list, or what follows it; NULL when there is none. */
static const struct type *element_at(const struct type *array, size_t at)
{
    return at < array->array.list.count ? array->array.list.items[at] : array->array.rest;
}

static const struct type *
meet_arrays(struct type_set *set, const struct type *a, const struct type *b)
{
    size_t count =
        a->array.list.count > b->array.list.count ? a->array.list.count : b->array.list.count;
    bool open = a->array.rest && b->array.rest;
    struct type *type = type_new(set, count || !open ? TYPE_TUPLE : TYPE_ARRAY);

    if (!type || !type_set_spend(set, count))
        return type_simple(TYPE_ANY);
    type->array.list.items = arena_take(&set->arena, (count + 1) * sizeof(struct type *));
    for (size_t i = 0; i < count; i++) {
        const struct type *left = element_at(a, i), *right = element_at(b, i);

        if (!left || !right)
            break;
        type->array.list.items[type->array.list.count++] = type_meet(set, left, right);
    }
    type->array.required =
        a->array.required > b->array.required ? a->array.required : b->array.required;
    if (type_tuple_is_impossible(type))
        return type_simple(TYPE_NEVER);
    if (open)
        type->array.rest = type_meet(set, a->array.rest, b->array.rest);
    return type;
}

static enum type_kind kind_of_literal(const json_t *value)
{
    if (json_is_string(value))
        return TYPE_STRING;
    return json_is_boolean(value) ? TYPE_BOOLEAN : TYPE_NUMBER;
}

static const struct type *meet_literal(const struct type *literal, const struct type *other)
{
    if (other->kind == kind_of_literal(literal->literal))
        return literal;
    return type_equal(literal, other) ? literal : type_simple(TYPE_NEVER);
}

/* Each member of a union with each of another type, joined. */
static const struct type *
distribute(struct type_set *set, const struct type *the_union, const struct type *other)
{
    size_t count = the_union->list.count;
    const struct type **met;

    if (!type_set_spend(set, count))
        return type_simple(TYPE_ANY);
    met = arena_take(&set->arena, count * sizeof(*met));
    for (size_t i = 0; i < count; i++)
        met[i] = type_meet(set, the_union->list.items[i], other);
    return type_join(set, met, count);
}

/* The part of a member of a union that can be an object; a union behind a reference has members of
 * its own. */
static const struct type *object_part(struct type_set *set, const struct type *member)
{
    const struct type *resolved = type_resolve(member);

    if (resolved->kind == TYPE_UNION)
        return object_members(set, resolved);
    if (is_object_like(resolved) || resolved->kind == TYPE_REFERENCE || is_unbounded(resolved))
        return member;
    return type_simple(TYPE_NEVER);
}

/* The members of a union that can be objects. */
static const struct type *object_members(struct type_set *set, const struct type *the_union)
{
    const struct type **kept;

    if (!type_set_spend(set, the_union->list.count))
        return type_simple(TYPE_ANY);
    kept = arena_take(&set->arena, the_union->list.count * sizeof(*kept));
    for (size_t i = 0; i < the_union->list.count; i++)
        kept[i] = object_part(set, the_union->list.items[i]);
    return type_join(set, kept, the_union->list.count);
}

/* A described object and a union of objects stay side by side: multiplied out, each member would
 * repeat what they share. */
static const struct type *
meet_union(struct type_set *set, const struct type *the_union, const struct type *other)
{
    const struct type *objects;

    if (other->kind == TYPE_UNION && the_union->list.count * other->list.count > PRODUCT_MAX)
        return type_intersection(set, the_union, other);
    if (!is_object_like(other) || is_bare_object(other) || set->exact)
        return distribute(set, the_union, other);
    objects = object_members(set, the_union);
    if (objects->kind == TYPE_UNION)
        return type_intersection(set, other, objects);
    return type_meet(set, other, objects);
}

/* An object goes into the first object of an intersection. */
static const struct type *
meet_intersection(struct type_set *set, const struct type *intersection, const struct type *other)
{
    const struct type *result = NULL;

    if (other->kind != TYPE_OBJECT)
        return type_intersection(set, intersection, other);
    for (size_t i = 0; i < intersection->list.count; i++) {
        const struct type *operand = intersection->list.items[i];

        if (other && operand->kind == TYPE_OBJECT) {
            operand = merge_objects(set, operand, other);
            other = NULL;
        }
        result = result ? type_intersection(set, result, operand) : operand;
    }
    return other ? type_intersection(set, result, other) : result;
}

static bool is_array_like(const struct type *type)
{
    return type->kind == TYPE_ARRAY || type->kind == TYPE_TUPLE;
}

/* Neither is ANY, UNKNOWN, NEVER, a union or a reference. */
static const struct type *
meet_plain(struct type_set *set, const struct type *a, const struct type *b)
{
    if (a->kind == TYPE_LITERAL)
        return meet_literal(a, b);
    if (b->kind == TYPE_LITERAL)
        return meet_literal(b, a);
    if (is_array_like(a) && is_array_like(b))
        return meet_arrays(set, a, b);
    if (a->kind == TYPE_OBJECT && b->kind == TYPE_OBJECT)
        return merge_objects(set, a, b);
    if (a->kind == TYPE_INTERSECTION && is_object_like(b))
        return meet_intersection(set, a, b);
    if (b->kind == TYPE_INTERSECTION && is_object_like(a))
        return meet_intersection(set, b, a);
    return a->kind == b->kind ? a : type_simple(TYPE_NEVER);
}

static const struct type *opened(struct type_set *set, const struct type *type);

static const struct type *opened_object(struct type_set *set, const struct type *object)
{
    struct type *open = type_new(set, TYPE_OBJECT);

    if (!open)
        return type_simple(TYPE_ANY);
    open->object = object->object;
    open->object.closed = false;
    open->object.index = type_simple(TYPE_ANY);
    return open;
}

static const struct type *opened_union(struct type_set *set, const struct type *the_union)
{
    const struct type **members;

    if (!type_set_spend(set, the_union->list.count))
        return type_simple(TYPE_ANY);
    members = arena_take(&set->arena, the_union->list.count * sizeof(*members));
    for (size_t i = 0; i < the_union->list.count; i++)
        members[i] = opened(set, the_union->list.items[i]);
    return type_join(set, members, the_union->list.count);
}

/* What is described in another document as well, which may describe more properties. */
static const struct type *opened(struct type_set *set, const struct type *type)
{
    const struct type *resolved = type_resolve(type);

    if (resolved->kind == TYPE_OBJECT && !resolved->object.index)
        return opened_object(set, resolved);
    if (resolved->kind == TYPE_UNION)
        return opened_union(set, resolved);
    return resolved->kind == TYPE_ANY ? type_simple(TYPE_REMOTE) : type;
}

const struct type *type_meet(struct type_set *set, const struct type *a, const struct type *b)
{
    const struct type *left = type_resolve(a), *right = type_resolve(b);

    if (left == right)
        return a;
    if (right->kind == TYPE_REMOTE)
        return opened(set, a);
    if (left->kind == TYPE_REMOTE)
        return opened(set, b);
    if (is_unbounded(right))
        return a;
    if (is_unbounded(left))
        return b;
    if (left->kind == TYPE_NEVER || right->kind == TYPE_NEVER)
        return type_simple(TYPE_NEVER);
    if (left->kind == TYPE_REFERENCE)
        return is_bare_object(right) ? a : type_intersection(set, left, right);
    if (right->kind == TYPE_REFERENCE)
        return is_bare_object(left) ? b : type_intersection(set, left, right);
    if (left->kind == TYPE_UNION)
        return meet_union(set, left, right);
    if (right->kind == TYPE_UNION)
        return meet_union(set, right, left);
    return meet_plain(set, left, right);
}

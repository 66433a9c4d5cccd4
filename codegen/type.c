#include "codegen/type.h"

#include <stdint.h>
#include <string.h>

void type_set_init(struct type_set *set, size_t budget)
{
    *set = (struct type_set){ .budget = budget };
}

void type_set_done(struct type_set *set)
{
    HASH_CLEAR(hh, set->definitions);
    arena_done(&set->arena);
}

bool type_set_spend(struct type_set *set, size_t count)
{
    if (set->budget < count) {
        set->budget = 0;
        set->exhausted = true;
        return false;
    }
    set->budget -= count;
    return true;
}

/* Comparisons of names that cost as much as a node. */
#define PAIRS_PER_NODE 256

bool type_set_spend_pairs(struct type_set *set, size_t a, size_t b)
{
    if (b && a > SIZE_MAX / b)
        return type_set_spend(set, SIZE_MAX);
    return type_set_spend(set, a * b / PAIRS_PER_NODE);
}

const struct type *type_simple(enum type_kind kind)
{
    static const struct type simple[] = {
        [TYPE_ANY] = { .kind = TYPE_ANY },       [TYPE_UNKNOWN] = { .kind = TYPE_UNKNOWN },
        [TYPE_REMOTE] = { .kind = TYPE_REMOTE }, [TYPE_NEVER] = { .kind = TYPE_NEVER },
        [TYPE_NULL] = { .kind = TYPE_NULL },     [TYPE_BOOLEAN] = { .kind = TYPE_BOOLEAN },
        [TYPE_NUMBER] = { .kind = TYPE_NUMBER }, [TYPE_STRING] = { .kind = TYPE_STRING },
    };

    BUG_ON(kind > TYPE_STRING);
    return &simple[kind];
}

struct type *type_new(struct type_set *set, enum type_kind kind)
{
    struct type *type;

    if (!type_set_spend(set, 1))
        return NULL;
    type = arena_take(&set->arena, sizeof(*type));
    type->kind = kind;
    return type;
}

const struct type *type_literal(struct type_set *set, const json_t *value)
{
    struct type *type;

    if (json_is_null(value))
        return type_simple(TYPE_NULL);
    type = type_new(set, TYPE_LITERAL);
    if (!type)
        return type_simple(TYPE_ANY);
    type->literal = value;
    return type;
}

const struct type *type_array(struct type_set *set, const struct type *element)
{
    struct type *type = type_new(set, TYPE_ARRAY);

    if (!type)
        return type_simple(TYPE_ANY);
    type->array.rest = element;
    return type;
}

struct type *type_object(struct type_set *set, size_t count)
{
    struct type *type;

    if (!type_set_spend(set, count))
        return NULL;
    type = type_new(set, TYPE_OBJECT);
    if (type && count)
        type->object.properties = arena_take(&set->arena, count * sizeof(struct type_property));
    return type;
}

/* The members of an operand of an intersection, appended. */
static void add_operands(struct type_list *list, const struct type *type)
{
    if (type->kind != TYPE_INTERSECTION) {
        list->items[list->count++] = type;
        return;
    }
    for (size_t i = 0; i < type->list.count; i++)
        list->items[list->count++] = type->list.items[i];
}

static size_t operand_count(const struct type *type)
{
    return type->kind == TYPE_INTERSECTION ? type->list.count : 1;
}

/* How many unions' members the compiler multiplies out for a type. */
static size_t product_of(const struct type *type)
{
    size_t product = 1;

    if (type->kind == TYPE_UNION)
        return type->list.count;
    if (type->kind != TYPE_INTERSECTION)
        return 1;
    for (size_t i = 0; i < type->list.count && product <= TYPE_PRODUCT_MAX; i++)
        product *= product_of(type_resolve(type->list.items[i]));
    return product;
}

const struct type *
type_intersection(struct type_set *set, const struct type *a, const struct type *b)
{
    size_t count = operand_count(a) + operand_count(b);
    struct type *type;

    /* Nothing more is typed then: what is left out might be the names of properties. */
    if (product_of(type_resolve(a)) * product_of(type_resolve(b)) > TYPE_PRODUCT_MAX)
        type_set_spend(set, SIZE_MAX);
    if (!type_set_spend(set, count) || !(type = type_new(set, TYPE_INTERSECTION)))
        return type_simple(TYPE_ANY);
    type->list.items = arena_take(&set->arena, count * sizeof(*type->list.items));
    add_operands(&type->list, a);
    add_operands(&type->list, b);
    return type;
}

const struct type *type_resolve(const struct type *type)
{
    while (type->kind == TYPE_REFERENCE && !type->definition->recursive && type->definition->type)
        type = type->definition->type;
    return type;
}

const struct type_property *
type_property_find(const struct type *object, const char *name, size_t name_len)
{
    for (size_t i = 0; i < object->object.count; i++) {
        const struct type_property *property = &object->object.properties[i];

        if (property->name_len == name_len && memcmp(property->name, name, name_len) == 0)
            return property;
    }
    return NULL;
}

bool type_tuple_is_impossible(const struct type *tuple)
{
    if (tuple->array.required > tuple->array.list.count)
        return true;
    for (size_t i = 0; i < tuple->array.required; i++) {
        if (tuple->array.list.items[i]->kind == TYPE_NEVER)
            return true;
    }
    return false;
}

bool type_pattern_matches(const struct type_pattern *pattern, const char *name, size_t name_len)
{
    size_t len = pattern->literal_len;

    if (name_len < len)
        return false;
    if (pattern->starts)
        return memcmp(name, pattern->literal, len) == 0;
    if (pattern->ends)
        return memcmp(name + name_len - len, pattern->literal, len) == 0;
    return memmem(name, name_len, pattern->literal, len) != NULL;
}

const struct type *type_of_other_key(struct type_set *set,
                                     const struct type *object,
                                     const char *name,
                                     size_t name_len)
{
    const struct type *type = NULL;

    for (size_t i = 0; i < object->object.pattern_count; i++) {
        const struct type_pattern *pattern = &object->object.patterns[i];

        if (type_pattern_matches(pattern, name, name_len))
            type = type ? type_meet(set, type, pattern->type) : pattern->type;
    }
    return type ? type : object->object.index;
}

static bool list_equal(const struct type_list *a, const struct type_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!type_equal(a->items[i], b->items[i]))
            return false;
    }
    return true;
}

static bool optional_equal(const struct type *a, const struct type *b)
{
    return a && b ? type_equal(a, b) : a == b;
}

static bool array_equal(const struct type *a, const struct type *b)
{
    return a->array.required == b->array.required && list_equal(&a->array.list, &b->array.list) &&
           optional_equal(a->array.rest, b->array.rest);
}

static bool property_equal(const struct type_property *a, const struct type_property *b)
{
    return a->optional == b->optional && a->name_len == b->name_len &&
           memcmp(a->name, b->name, a->name_len) == 0 && type_equal(a->type, b->type);
}

static bool pattern_equal(const struct type_pattern *a, const struct type_pattern *b)
{
    return a->starts == b->starts && a->ends == b->ends && a->literal_len == b->literal_len &&
           memcmp(a->literal, b->literal, a->literal_len) == 0 && type_equal(a->type, b->type);
}

static bool patterns_equal(const struct type *a, const struct type *b)
{
    if (a->object.pattern_count != b->object.pattern_count)
        return false;
    for (size_t i = 0; i < a->object.pattern_count; i++) {
        if (!pattern_equal(&a->object.patterns[i], &b->object.patterns[i]))
            return false;
    }
    return true;
}

static bool object_equal(const struct type *a, const struct type *b)
{
    if (!patterns_equal(a, b))
        return false;
    if (a->object.count != b->object.count || a->object.closed != b->object.closed ||
        !optional_equal(a->object.index, b->object.index))
        return false;
    for (size_t i = 0; i < a->object.count; i++) {
        if (!property_equal(&a->object.properties[i], &b->object.properties[i]))
            return false;
    }
    return true;
}

bool type_equal(const struct type *a, const struct type *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case TYPE_ANY:
    case TYPE_UNKNOWN:
    case TYPE_REMOTE:
    case TYPE_NEVER:
    case TYPE_NULL:
    case TYPE_BOOLEAN:
    case TYPE_NUMBER:
    case TYPE_STRING:
        return true;
    case TYPE_LITERAL:
        return json_equal(a->literal, b->literal);
    case TYPE_ARRAY:
    case TYPE_TUPLE:
        return array_equal(a, b);
    case TYPE_OBJECT:
        return object_equal(a, b);
    case TYPE_UNION:
    case TYPE_INTERSECTION:
        return list_equal(&a->list, &b->list);
    case TYPE_REFERENCE:
        return a->definition == b->definition;
    }
    return false;
}

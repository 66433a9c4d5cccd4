/*
 * The union of types, kept as short as it can be without changing its meaning.
 */
#include "codegen/type.h"

/* The members gathered so far; `has` tells the kinds that need no member of their own. */
struct joined {
    const struct type **items;
    size_t count, room;
    bool any, remote, null, yes, no;
    bool has[TYPE_REFERENCE + 1];
};

static enum type_kind kind_of_literal(const json_t *value)
{
    if (json_is_string(value))
        return TYPE_STRING;
    return json_is_boolean(value) ? TYPE_BOOLEAN : TYPE_NUMBER;
}

static bool is_included(const struct joined *joined, const struct type *type)
{
    if (type->kind == TYPE_LITERAL && joined->has[kind_of_literal(type->literal)])
        return true;
    for (size_t i = 0; i < joined->count; i++) {
        if (type_equal(joined->items[i], type))
            return true;
    }
    return false;
}

/* What needs no place in the list: true when `type` is dealt with. */
static bool join_flag(struct joined *joined, const struct type *type)
{
    if (type->kind == TYPE_ANY || type->kind == TYPE_UNKNOWN)
        joined->any = true;
    else if (type->kind == TYPE_REMOTE)
        joined->remote = true;
    else if (type->kind == TYPE_NULL)
        joined->null = true;
    else
        return type->kind == TYPE_NEVER;
    return true;
}

static void join_one(struct joined *joined, const struct type *type)
{
    if (join_flag(joined, type))
        return;
    if (type->kind == TYPE_UNION) {
        for (size_t i = 0; i < type->list.count; i++)
            join_one(joined, type->list.items[i]);
        return;
    }
    if (joined->count == joined->room || is_included(joined, type))
        return;
    if (type->kind == TYPE_LITERAL && json_is_boolean(type->literal)) {
        joined->yes |= json_is_true(type->literal);
        joined->no |= json_is_false(type->literal);
    }
    joined->items[joined->count++] = type;
    joined->has[type->kind] = true;
}

static size_t member_count(const struct type *type)
{
    return type->kind == TYPE_UNION ? type->list.count : 1;
}

/* Drops the literals that a member of their whole kind includes; true|false becomes boolean. */
static void absorb_literals(struct joined *joined)
{
    size_t kept = 0;
    bool both = joined->yes && joined->no;

    for (size_t i = 0; i < joined->count; i++) {
        const struct type *type = joined->items[i];

        if (type->kind == TYPE_LITERAL) {
            enum type_kind kind = kind_of_literal(type->literal);

            if (joined->has[kind])
                continue;
            if (kind == TYPE_BOOLEAN && both) {
                joined->has[kind] = true;
                type = type_simple(kind);
            }
        }
        joined->items[kept++] = type;
    }
    joined->count = kept;
}

/* A union of too many literals becomes the kinds they are of. */
static void widen_literals(struct joined *joined)
{
    size_t kept = 0;

    for (size_t i = 0; i < joined->count; i++) {
        const struct type *type = joined->items[i];

        if (type->kind == TYPE_LITERAL) {
            enum type_kind kind = kind_of_literal(type->literal);

            if (joined->has[kind])
                continue;
            joined->has[kind] = true;
            type = type_simple(kind);
        }
        joined->items[kept++] = type;
    }
    joined->count = kept;
}

static const struct type *finish(struct type_set *set, struct joined *joined)
{
    struct type *type;

    if (joined->null)
        joined->items[joined->count++] = type_simple(TYPE_NULL);
    if (joined->count == 0)
        return type_simple(TYPE_NEVER);
    if (joined->count == 1)
        return joined->items[0];
    type = type_new(set, TYPE_UNION);
    if (!type)
        return type_simple(TYPE_ANY);
    type->list = (struct type_list){ .items = joined->items, .count = joined->count };
    return type;
}

/* True for what is its own union. */
static bool stands_alone(const struct type *type)
{
    return type->kind != TYPE_UNION && type->kind != TYPE_UNKNOWN;
}

const struct type *type_join(struct type_set *set, const struct type *const *types, size_t count)
{
    struct joined joined = { 0 };

    if (count == 1 && stands_alone(types[0]))
        return type_set_spend(set, 1) ? types[0] : type_simple(TYPE_ANY);
    for (size_t i = 0; i < count; i++)
        joined.room += member_count(types[i]);
    if (!type_set_spend(set, joined.room))
        return type_simple(TYPE_ANY);
    joined.items = arena_take(&set->arena, (joined.room + 1) * sizeof(*joined.items));
    for (size_t i = 0; i < count && !joined.any; i++) {
        join_one(&joined, types[i]);
        if (joined.count > TYPE_UNION_MAX)
            widen_literals(&joined);
        if (joined.count > TYPE_UNION_MAX)
            return type_simple(TYPE_ANY);
    }
    if (joined.any)
        return type_simple(TYPE_ANY);
    if (joined.remote)
        return type_simple(TYPE_REMOTE);
    absorb_literals(&joined);
    return finish(set, &joined);
}

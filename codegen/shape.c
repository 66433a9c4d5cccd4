#include "codegen/shape.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codegen/shape_internal.h"

/* An object of this many names or more whose values are all objects or arrays of one shape, is a
 * map: its names are keys. */
#define MAP_OF_ALIKE 4
/* The same where the values are anything, when no name was in all objects. */
#define MAP_OF_OPTIONAL 8

/* One look at a reply. */
struct look {
    struct shape_root *root;
    size_t bytes; /* that may still be walked over */
    bool changed;
};

static void see(struct look *look, struct shape *shape, struct span value, unsigned depth);

/* --- nodes ---------------------------------------------------------------- */

bool shape_grow(struct shape_root *root)
{
    if (root->nodes >= SHAPE_NODES_MAX)
        return false;
    root->nodes++;
    return true;
}

struct shape_property *shape_find(const struct shape *shape, struct span name)
{
    for (size_t i = 0; i < shape->name_count; i++) {
        if (span_is(name, shape->names[i].name))
            return &shape->names[i];
    }
    return NULL;
}

struct shape_property *
shape_add(struct shape_root *root, struct shape *shape, struct span name, bool optional)
{
    struct shape_property *property;

    if (!shape_grow(root))
        return NULL;
    shape->names = xreallocarray(shape->names, shape->name_count + 1, sizeof(*shape->names));
    property = &shape->names[shape->name_count++];
    *property = (struct shape_property){ .name = span_dup(name), .optional = optional };
    return property;
}

struct shape *shape_under(struct shape_root *root, struct shape **slot)
{
    if (!*slot && shape_grow(root))
        *slot = NEW(struct shape);
    return *slot;
}

static void drop_under(struct shape_root *root, struct shape **slot)
{
    if (!*slot)
        return;
    shape_drop(root, *slot);
    free(*slot);
    *slot = NULL;
    root->nodes--;
}

static void drop_names(struct shape_root *root, struct shape *shape)
{
    for (size_t i = 0; i < shape->name_count; i++) {
        shape_drop(root, &shape->names[i].shape);
        free(shape->names[i].name);
        root->nodes--;
    }
    free(shape->names);
    shape->names = NULL;
    shape->name_count = 0;
}

void shape_drop(struct shape_root *root, struct shape *shape)
{
    drop_names(root, shape);
    drop_under(root, &shape->others);
    drop_under(root, &shape->elements);
    shape->kinds = 0;
}

void shape_done(struct shape_root *root)
{
    shape_drop(root, &root->shape);
}

/* --- comparing and merging ------------------------------------------------ */

static bool under_equal(const struct shape *a, const struct shape *b)
{
    return a && b ? shape_equal(a, b) : a == b;
}

static bool names_equal(const struct shape *a, const struct shape *b)
{
    for (size_t i = 0; i < a->name_count; i++) {
        const struct shape_property *one = &a->names[i];
        const struct shape_property *other = shape_find(b, span_of(one->name));

        if (!other || one->optional != other->optional || !shape_equal(&one->shape, &other->shape))
            return false;
    }
    return true;
}

bool shape_equal(const struct shape *a, const struct shape *b)
{
    return a->kinds == b->kinds && a->name_count == b->name_count &&
           under_equal(a->others, b->others) && under_equal(a->elements, b->elements) &&
           names_equal(a, b);
}

static void merge(struct shape_root *root, struct shape *to, const struct shape *from);

static void merge_under(struct shape_root *root, struct shape **to, const struct shape *from)
{
    if (from && shape_under(root, to))
        merge(root, *to, from);
}

static void merge_names(struct shape_root *root, struct shape *to, const struct shape *from)
{
    bool first = !(to->kinds & shape_bit(JSON_KIND_OBJECT));

    for (size_t i = 0; i < to->name_count; i++) {
        if (!shape_find(from, span_of(to->names[i].name)))
            to->names[i].optional = true;
    }
    for (size_t i = 0; i < from->name_count; i++) {
        const struct shape_property *property = &from->names[i];
        struct shape_property *known = shape_find(to, span_of(property->name));

        if (!known && to->name_count < SHAPE_NAMES_MAX)
            known = shape_add(root, to, span_of(property->name), !first);
        if (!known)
            continue;
        known->optional |= property->optional;
        merge(root, &known->shape, &property->shape);
    }
}

/* Makes `to` describe what `from` does as well. */
static void merge(struct shape_root *root, struct shape *to, const struct shape *from)
{
    if (from->kinds & shape_bit(JSON_KIND_OBJECT))
        merge_names(root, to, from);
    to->kinds |= from->kinds;
    merge_under(root, &to->others, from->others);
    merge_under(root, &to->elements, from->elements);
}

/* --- maps ----------------------------------------------------------------- */

static bool all_optional(const struct shape *shape)
{
    for (size_t i = 0; i < shape->name_count; i++) {
        if (!shape->names[i].optional)
            return false;
    }
    return true;
}

static bool all_alike(const struct shape *shape)
{
    const unsigned containers = shape_bit(JSON_KIND_OBJECT) | shape_bit(JSON_KIND_ARRAY);
    const struct shape *first = &shape->names[0].shape;

    if (first->kinds & ~containers || (!first->name_count && !first->elements))
        return false;
    for (size_t i = 1; i < shape->name_count; i++) {
        if (!shape_equal(first, &shape->names[i].shape))
            return false;
    }
    return true;
}

static bool is_map(const struct shape *shape)
{
    if (shape->name_count >= SHAPE_NAMES_MAX)
        return true;
    if (shape->name_count >= MAP_OF_OPTIONAL && all_optional(shape))
        return true;
    return shape->name_count >= MAP_OF_ALIKE && all_alike(shape);
}

/* Forgets the names of an object whose names are keys; what stood under them stays. */
static void fold(struct shape_root *root, struct shape *shape)
{
    struct shape all = { 0 };

    for (size_t i = 0; i < shape->name_count; i++)
        merge(root, &all, &shape->names[i].shape);
    drop_names(root, shape);
    if (shape_under(root, &shape->others))
        merge(root, shape->others, &all);
    shape_drop(root, &all);
}

/* --- looking -------------------------------------------------------------- */

/* False when the look is over: enough bytes were walked over. */
static bool spend(struct look *look, size_t bytes)
{
    if (look->bytes < bytes) {
        look->bytes = 0;
        return false;
    }
    look->bytes -= bytes;
    return true;
}

static void see_under(struct look *look, struct shape **slot, struct span value, unsigned depth)
{
    bool known = *slot != NULL;

    if (!shape_under(look->root, slot))
        return;
    look->changed |= !known;
    see(look, *slot, value, depth);
}

static void see_array(struct look *look, struct shape *shape, struct span array, unsigned depth)
{
    struct json_iter it = json_iter(array);

    for (size_t i = 0; i < SHAPE_ELEMENTS_MAX && json_next(&it) && spend(look, it.value.len); i++)
        see_under(look, &shape->elements, it.value, depth + 1);
}

/* The decoded name of a member, when it is one to be kept. */
static bool name_of(struct span raw_key, struct buf *name)
{
    CLEANUP(buf) struct buf quoted = BUF(SHAPE_NAME_BYTES + 2);

    buf_clear(name);
    if (!memchr(raw_key.data ? raw_key.data : "", '\\', raw_key.len))
        return buf_add_span(name, raw_key) == 0;
    buf_add_char(&quoted, '"');
    buf_add_span(&quoted, raw_key);
    return buf_add_char(&quoted, '"') == 0 && !buf_failed(&quoted) &&
           json_decode_string(buf_span(&quoted), name) == 0;
}

/* True when objects of this shape have been folded into a map. */
static bool is_folded(const struct shape *shape)
{
    return shape->others && shape->name_count == 0;
}

static struct shape_property *
known_property(struct look *look, struct shape *shape, struct span name, bool first)
{
    struct shape_property *property = shape_find(shape, name);

    if (!property && shape->name_count < SHAPE_NAMES_MAX) {
        property = shape_add(look->root, shape, name, !first);
        look->changed |= property != NULL;
    }
    return property;
}

static void see_member(
    struct look *look, struct shape *shape, const struct json_iter *it, bool first, unsigned depth)
{
    CLEANUP(buf) struct buf name = BUF(SHAPE_NAME_BYTES);
    struct shape_property *property;

    if (is_folded(shape) || !name_of(it->key, &name) || shape_name_is_data(buf_span(&name))) {
        see_under(look, &shape->others, it->value, depth + 1);
        return;
    }
    property = known_property(look, shape, buf_span(&name), first);
    if (!property)
        return;
    property->present = true;
    see(look, &property->shape, it->value, depth + 1);
}

/* What was not looked at is not known to be absent. */
static void note_absent(struct look *look, struct shape *shape, bool whole)
{
    for (size_t i = 0; i < shape->name_count; i++) {
        struct shape_property *property = &shape->names[i];

        if (whole && !property->present && !property->optional) {
            property->optional = true;
            look->changed = true;
        }
        property->present = false;
    }
}

static void
see_object(struct look *look, struct shape *shape, struct span object, bool first, unsigned depth)
{
    struct json_iter it = json_iter(object);

    while (json_next(&it) && spend(look, it.value.len))
        see_member(look, shape, &it, first, depth);
    note_absent(look, shape, look->bytes > 0);
    if (is_map(shape)) {
        fold(look->root, shape);
        look->changed = true;
    }
}

static void see(struct look *look, struct shape *shape, struct span value, unsigned depth)
{
    enum json_kind kind = json_kind(value);
    bool first = !(shape->kinds & shape_bit(kind));

    if (kind == JSON_KIND_NONE)
        return;
    look->changed |= first;
    shape->kinds |= shape_bit(kind);
    if (depth >= SHAPE_DEPTH_MAX)
        return;
    if (kind == JSON_KIND_ARRAY)
        see_array(look, shape, value, depth);
    else if (kind == JSON_KIND_OBJECT)
        see_object(look, shape, value, first, depth);
}

bool shape_see(struct shape_root *root, struct span value)
{
    struct look look = { .root = root, .bytes = SHAPE_LOOK_BYTES };

    see(&look, &root->shape, value, 0);
    return look.changed;
}

/*
 * Shapes as JSON text, for the store:
 *     {"kinds":64,"names":{"id":{"kinds":8}},"others":{...},"elements":{...}}
 * `kinds` are the bits of struct shape; a property that was not always there has
 * "optional":true.
 */
#include "base/json.h"
#include "codegen/shape_internal.h"

#define KIND_BITS_ALL 0x7Eu /* JSON_KIND_NULL to JSON_KIND_OBJECT */
/* Each level of a shape nests twice: the node and its names. */
#define TEXT_DEPTH (2 * SHAPE_DEPTH_MAX + 4)

static void write_node(const struct shape *shape, bool optional, struct buf *out)
{
    buf_add_char(out, '{');
    json_write_member_int(out, "kinds", shape->kinds);
    if (optional)
        json_write_member_bool(out, "optional", true);
    if (shape->name_count) {
        json_write_key(out, "names");
        buf_add_char(out, '{');
        for (size_t i = 0; i < shape->name_count; i++) {
            json_write_key(out, shape->names[i].name);
            write_node(&shape->names[i].shape, shape->names[i].optional, out);
        }
        buf_add_char(out, '}');
    }
    if (shape->others) {
        json_write_key(out, "others");
        write_node(shape->others, false, out);
    }
    if (shape->elements) {
        json_write_key(out, "elements");
        write_node(shape->elements, false, out);
    }
    buf_add_char(out, '}');
}

int shape_write(const struct shape *shape, struct buf *out, struct err *err)
{
    write_node(shape, false, out);
    return buf_check(out, "a learned shape", err);
}

static bool read_node(struct shape_root *root, struct shape *shape, struct span text);

static bool read_under(struct shape_root *root, struct shape **slot, struct span text)
{
    return shape_under(root, slot) && read_node(root, *slot, text);
}

static bool is_optional(struct span node)
{
    struct span value;
    bool optional = false;

    return json_get(node, "optional", &value) && json_bool(value, &optional) && optional;
}

static bool read_names(struct shape_root *root, struct shape *shape, struct span names)
{
    struct json_iter it = json_iter(names);

    while (json_next(&it)) {
        struct shape_property *property;

        /* Names that are kept need no escapes. */
        if (shape_name_is_data(it.key) || shape->name_count >= SHAPE_NAMES_MAX ||
            shape_find(shape, it.key))
            return false;
        property = shape_add(root, shape, it.key, is_optional(it.value));
        if (!property || !read_node(root, &property->shape, it.value))
            return false;
    }
    return true;
}

static bool read_node(struct shape_root *root, struct shape *shape, struct span text)
{
    struct span value;
    int64_t kinds;

    if (!json_get(text, "kinds", &value) || !json_int64(value, &kinds) || kinds < 0 ||
        (uint64_t)kinds & ~(uint64_t)KIND_BITS_ALL)
        return false;
    shape->kinds = (unsigned)kinds;
    if (json_get(text, "names", &value) && !read_names(root, shape, value))
        return false;
    if (json_get(text, "others", &value) && !read_under(root, &shape->others, value))
        return false;
    return !json_get(text, "elements", &value) || read_under(root, &shape->elements, value);
}

int shape_read(struct span text, struct shape_root *root, struct err *err)
{
    if (json_check(text, TEXT_DEPTH, err) < 0)
        return err_in(err, "a learned shape");
    if (read_node(root, &root->shape, text))
        return 0;
    shape_done(root);
    return err_set(err, ERR_INVALID, "this is no learned shape");
}

#include "isolate/wire.h"

#include "base/limits.h"
#include "base/mem.h"

#define PART_HEADER_BYTES 4

/* One row of wire_frames.def; rows of unused numbers have no name. */
struct frame_rule {
    const char *name;
    enum wire_direction direction;
    unsigned states;
    uint32_t max_bytes; /* of the body */
};

static const struct frame_rule rules[] = {
#define FRAME(name, number, direction, states, bytes, meaning) \
    [(number)] = { #name, direction, states, bytes },
#include "isolate/wire_frames.def"
#undef FRAME
};

static const struct frame_rule *rule_of(unsigned type)
{
    return type < ARRAY_COUNT(rules) && rules[type].name ? &rules[type] : NULL;
}

static void put_u32(unsigned char *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (unsigned char)(value >> (8 * i));
}

static uint32_t get_u32(const char *bytes)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++)
        value |= (uint32_t)(unsigned char)bytes[i] << (8 * i);
    return value;
}

const char *wire_type_name(enum wire_type type)
{
    const struct frame_rule *rule = rule_of((unsigned)type);

    return rule ? rule->name : "UNKNOWN";
}

void wire_header(unsigned char ret_header[WIRE_HEADER_BYTES],
                 enum wire_type type,
                 uint32_t id,
                 uint32_t len)
{
    put_u32(ret_header, len);
    put_u32(ret_header + 4, (uint32_t)type);
    put_u32(ret_header + 8, id);
}

int wire_write(struct buf *out, enum wire_type type, uint32_t id, struct span body, struct err *err)
{
    const struct frame_rule *rule = rule_of((unsigned)type);
    unsigned char header[WIRE_HEADER_BYTES];
    size_t before = out->len;

    BUG_ON(!rule);
    if (body.len > rule->max_bytes)
        return err_set(err, ERR_LIMIT, "a %s frame of %zu bytes, the limit is %u", rule->name,
                       body.len, rule->max_bytes);
    wire_header(header, type, id, (uint32_t)body.len);
    if (buf_add(out, header, sizeof(header)) < 0 || buf_add_span(out, body) < 0) {
        buf_truncate(out, before);
        return err_set(err, ERR_LIMIT, "a %s frame of %zu bytes finds no room in a queue of %zu",
                       wire_type_name(type), body.len, out->max);
    }
    return 0;
}

/* Only a call and its reply belong to one of several; a number elsewhere is a forgery. */
static bool has_id(enum wire_type type)
{
    return type == WIRE_CALL || type == WIRE_REPLY;
}

/* Checks all of a header but whether the body is there. */
static int check_header(uint32_t len,
                        uint32_t type,
                        uint32_t id,
                        enum wire_direction direction,
                        enum wire_state state,
                        struct err *err)
{
    /* The three zero bytes are the upper ones of `type`: with one of them set no rule is found. */
    const struct frame_rule *rule = rule_of(type);

    if (!rule || rule->direction != direction)
        return err_set(err, ERR_PROTOCOL, "a frame of unknown type %u", type);
    if (!(rule->states & (unsigned)state))
        return err_set(err, ERR_PROTOCOL, "a %s frame that is not permitted now", rule->name);
    if (len > rule->max_bytes)
        return err_set(err, ERR_PROTOCOL, "a %s frame of %u bytes, the limit is %u", rule->name,
                       len, rule->max_bytes);
    if (has_id((enum wire_type)type) != (id != 0))
        return err_set(err, ERR_PROTOCOL, "a %s frame with id %u", rule->name, id);
    return 0;
}

long wire_read(struct span bytes,
               enum wire_direction direction,
               enum wire_state state,
               struct wire_frame *ret_frame,
               struct err *err)
{
    uint32_t len, type, id;

    if (bytes.len < WIRE_HEADER_BYTES)
        return 0;
    len = get_u32(bytes.data);
    type = get_u32(bytes.data + 4);
    id = get_u32(bytes.data + 8);
    if (check_header(len, type, id, direction, state, err) < 0)
        return -1;
    if (bytes.len - WIRE_HEADER_BYTES < len)
        return 0;
    *ret_frame = (struct wire_frame){ .type = (enum wire_type)type,
                                      .id = id,
                                      .body = { bytes.data + WIRE_HEADER_BYTES, len } };
    return (long)(WIRE_HEADER_BYTES + len);
}

int wire_add_part(struct buf *body, struct span part)
{
    unsigned char header[PART_HEADER_BYTES];

    if (part.len > LIMIT_WIRE_FRAME_BYTES) {
        body->failed = true;
        return -1;
    }
    put_u32(header, (uint32_t)part.len);
    if (buf_add(body, header, sizeof(header)) < 0)
        return -1;
    return buf_add_span(body, part);
}

int wire_parts(struct span body, struct span *ret_parts, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        size_t len;

        if (body.len < PART_HEADER_BYTES)
            return err_set(err, ERR_PROTOCOL, "a body with %zu of %zu parts", i, count);
        len = get_u32(body.data);
        body = span_skip(body, PART_HEADER_BYTES);
        if (body.len < len)
            return err_set(err, ERR_PROTOCOL, "part %zu of %zu has %zu bytes, %zu are there", i + 1,
                           count, len, body.len);
        ret_parts[i] = span_make(body.data, len);
        body = span_skip(body, len);
    }
    if (body.len)
        return err_set(err, ERR_PROTOCOL, "%zu bytes behind the last part", body.len);
    return 0;
}

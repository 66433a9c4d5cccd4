#include "proxy/rpc/mirrored_params.h"

#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

#include "base/json.h"
#include "base/limits.h"

#define ANNOTATION  "x-mcp-header"
#define INTEGER_MAX 9007199254740991

static bool has_annotation(struct span text)
{
    return text.len && memmem(text.data, text.len, ANNOTATION, sizeof(ANNOTATION) - 1);
}

static bool is_token(struct span name)
{
    if (!name.len || name.len > MIRRORED_NAME_BYTES)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool alphanumeric =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!alphanumeric && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return true;
}

static int check_type(struct span property, struct err *err)
{
    struct span type = SPAN_NONE;

    json_get(property, "type", &type);
    if (json_string_is(type, "string") || json_string_is(type, "integer") ||
        json_string_is(type, "boolean"))
        return 0;
    return err_set(err, ERR_INVALID,
                   ANNOTATION " stands on a property whose type is not string, integer or boolean");
}

static int
add_param(struct mirrored_params *params, struct span property, struct span value, struct err *err)
{
    CLEANUP(buf) struct buf name = BUF(MIRRORED_NAME_BYTES);
    struct span annotation;
    struct mirrored_param *param = &params->items[params->count];

    if (!json_get(property, ANNOTATION, &annotation))
        return 0;
    if (json_decode_string(annotation, &name) < 0 || !is_token(buf_span(&name)))
        return err_set(err, ERR_INVALID, ANNOTATION " is no usable name of a header");
    if (check_type(property, err) < 0)
        return -1;
    if (params->count == MIRRORED_MAX)
        return err_set(err, ERR_LIMIT, "more than %d properties with " ANNOTATION, MIRRORED_MAX);
    snprintf(param->header, sizeof(param->header), MIRRORED_PREFIX "%s", buf_str(&name));
    for (size_t i = 0; i < params->count; i++) {
        if (strcasecmp(params->items[i].header, param->header) == 0)
            return err_set(err, ERR_INVALID, ANNOTATION " names %s twice", buf_str(&name));
    }
    param->value = value;
    params->count++;
    return 0;
}

static int collect(struct mirrored_params *params,
                   struct span schema,
                   struct span arguments,
                   int depth,
                   struct err *err);

static int collect_properties(struct mirrored_params *params,
                              struct span properties,
                              struct span arguments,
                              int depth,
                              struct err *err)
{
    struct json_iter it = json_iter(properties);

    while (json_next(&it)) {
        CLEANUP(buf) struct buf key = BUF(MIRRORED_VALUE_BYTES);
        struct span value = SPAN_NONE;

        if (!has_annotation(it.value))
            continue;
        buf_add_char(&key, '"');
        buf_add_span(&key, it.key);
        buf_add_char(&key, '"');
        if (arguments.len && !buf_failed(&key)) {
            CLEANUP(str) char *name = json_dup_string(buf_span(&key), MIRRORED_VALUE_BYTES);

            if (name)
                json_get(arguments, name, &value);
        }
        if (add_param(params, it.value, value, err) < 0 ||
            collect(params, it.value, value, depth + 1, err) < 0)
            return -1;
    }
    return 0;
}

static int collect(struct mirrored_params *params,
                   struct span schema,
                   struct span arguments,
                   int depth,
                   struct err *err)
{
    struct json_iter it = json_iter(schema);

    if (depth > LIMIT_SCHEMA_DEPTH)
        return err_set(err, ERR_LIMIT, "schema nested deeper than %d", LIMIT_SCHEMA_DEPTH);
    while (json_next(&it)) {
        if (json_key_is(it.key, "properties")) {
            if (collect_properties(params, it.value, arguments, depth, err) < 0)
                return -1;
        } else if (!json_key_is(it.key, ANNOTATION) && json_kind(it.value) != JSON_KIND_STRING &&
                   has_annotation(it.value)) {
            return err_set(
                err, ERR_INVALID,
                ANNOTATION " stands where arguments can't be found by properties alone "
                           "(under \"%.*s\")",
                (int)(it.key.len < MIRRORED_NAME_BYTES ? it.key.len : MIRRORED_NAME_BYTES),
                it.key.data);
        }
    }
    return 0;
}

int mirrored_params_read(struct mirrored_params *ret,
                         struct span schema,
                         struct span arguments,
                         struct err *err)
{
    ret->count = 0;
    return has_annotation(schema) ? collect(ret, schema, arguments, 0, err) : 0;
}

int mirrored_param_text(const struct mirrored_param *param, struct buf *out, struct err *err)
{
    enum json_kind kind = json_kind(param->value);
    int64_t number;

    if (!param->value.len || kind == JSON_KIND_NULL)
        return 0;
    if (kind == JSON_KIND_STRING) {
        if (json_decode_string(param->value, out) < 0)
            return err_set(err, ERR_LIMIT, "the argument behind header %s is over %d bytes",
                           param->header, MIRRORED_VALUE_BYTES);
    } else if (kind == JSON_KIND_BOOL) {
        buf_add_span(out, param->value);
    } else if (json_int64(param->value, &number) && number >= -INTEGER_MAX &&
               number <= INTEGER_MAX) {
        buf_printf(out, "%" PRId64, number);
    } else {
        return err_set(err, ERR_INVALID,
                       "the argument behind header %s is no string, integer or boolean",
                       param->header);
    }
    return 1;
}

#include "proxy/exec/content_block.h"

#include <ctype.h>
#include <stdbool.h>

#include "base/json.h"

static bool has_string(struct span object, const char *key, struct span *ret_value)
{
    return json_get(object, key, ret_value) && json_kind(*ret_value) == JSON_KIND_STRING;
}

static int want_string(struct span block, const char *type, const char *key, struct err *err)
{
    struct span value;

    if (has_string(block, key, &value))
        return 0;
    return err_set(err, ERR_INVALID, "a block of type \"%s\" needs the string \"%s\"", type, key);
}

/* `value` is a raw JSON string.  Base64 has no character that needs an escape but "/", which may
 * have one; such text is refused, as no encoder writes it. */
static bool is_base64(struct span value)
{
    struct span text = span_make(value.data + 1, value.len - 2);
    size_t padding = 0;

    if (text.len % 4 != 0)
        return false;
    while (padding < 2 && text.len > 0 && text.data[text.len - 1] == '=') {
        text.len--;
        padding++;
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if (!(c < 0x80 && isalnum(c)) && c != '+' && c != '/')
            return false;
    }
    return true;
}

static int want_base64(struct span block, const char *type, const char *key, struct err *err)
{
    struct span value;

    if (want_string(block, type, key, err) < 0)
        return -1;
    json_get(block, key, &value);
    if (is_base64(value))
        return 0;
    return err_set(err, ERR_INVALID, "\"%s\" of a block of type \"%s\" must be base64", key, type);
}

static int check_text(struct span block, struct err *err)
{
    return want_string(block, "text", "text", err);
}

static int check_image(struct span block, struct err *err)
{
    return want_base64(block, "image", "data", err) < 0 ||
                   want_string(block, "image", "mimeType", err) < 0
               ? -1
               : 0;
}

static int check_audio(struct span block, struct err *err)
{
    return want_base64(block, "audio", "data", err) < 0 ||
                   want_string(block, "audio", "mimeType", err) < 0
               ? -1
               : 0;
}

static int check_resource_link(struct span block, struct err *err)
{
    return want_string(block, "resource_link", "uri", err) < 0 ||
                   want_string(block, "resource_link", "name", err) < 0
               ? -1
               : 0;
}

static int check_resource(struct span block, struct err *err)
{
    struct span resource, text;

    if (!json_get(block, "resource", &resource) || json_kind(resource) != JSON_KIND_OBJECT)
        return err_set(err, ERR_INVALID,
                       "a block of type \"resource\" needs the object "
                       "\"resource\" with \"uri\" and \"text\" or \"blob\"");
    if (want_string(resource, "resource", "uri", err) < 0)
        return -1;
    if (has_string(resource, "text", &text))
        return 0;
    return want_base64(resource, "resource", "blob", err);
}

static const struct {
    const char *type;
    int (*check)(struct span block, struct err *err);
} types[] = {
    { "text", check_text },
    { "image", check_image },
    { "audio", check_audio },
    { "resource", check_resource },
    { "resource_link", check_resource_link },
};

int content_block_check(struct span block, struct err *err)
{
    struct span type;

    if (json_kind(block) != JSON_KIND_OBJECT || !json_get(block, "type", &type))
        return err_set(err, ERR_INVALID, "a content block is an object with a \"type\"");
    for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
        if (json_string_is(type, types[i].type))
            return types[i].check(block, err);
    }
    return err_set(err, ERR_INVALID,
                   "the \"type\" of a content block is text, image, audio, resource or "
                   "resource_link");
}

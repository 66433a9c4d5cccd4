#include "proxy/upstream/headers.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"

#define VALUE_MAX_BYTES 65536
#define MARKER_START    "=?base64?"
#define MARKER_END      "?="

void header_list_done(struct header_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->lines[i]);
    free(list->lines);
    *list = (struct header_list){ 0 };
}

static bool is_visible(char c)
{
    return c > 0x20 && c < 0x7f;
}

static bool is_name(const char *name)
{
    if (!*name)
        return false;
    for (; *name; name++) {
        if (!is_visible(*name) || strchr("()<>@,;:\\\"/[]?={}", *name))
            return false;
    }
    return true;
}

static bool is_value(struct span value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.data[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

int header_list_add(struct header_list *list, const char *name, struct span value, struct err *err)
{
    if (!is_name(name))
        return err_set(err, ERR_INVALID, "'%s' is no name of an HTTP header", name);
    if (!is_value(value) || value.len > VALUE_MAX_BYTES)
        return err_set(err, ERR_INVALID,
                       "the value of header %s can't be sent: it holds a line "
                       "end or control character, or is too long",
                       name);
    list->lines = xreallocarray(list->lines, list->count + 1, sizeof(*list->lines));
    list->lines[list->count++] = xasprintf("%s: %.*s", name, SPAN_ARG(value));
    return 0;
}

/* True when `value` can go as it is and means itself. */
static bool is_plain(struct span value)
{
    if (!value.len)
        return true;
    if (!is_visible(value.data[0]) || !is_visible(value.data[value.len - 1]))
        return false;
    if (span_starts_with(value, SPAN(MARKER_START)))
        return false;
    for (size_t i = 0; i < value.len; i++) {
        if (!is_visible(value.data[i]) && value.data[i] != ' ' && value.data[i] != '\t')
            return false;
    }
    return true;
}

static void add_base64(struct buf *out, struct span bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *b = (const unsigned char *)bytes.data;

    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        unsigned group = (unsigned)b[i] << 16 | (left > 1 ? (unsigned)b[i + 1] << 8 : 0u) |
                         (left > 2 ? (unsigned)b[i + 2] : 0u);

        buf_add_char(out, digits[group >> 18 & 63]);
        buf_add_char(out, digits[group >> 12 & 63]);
        buf_add_char(out, left > 1 ? digits[group >> 6 & 63] : '=');
        buf_add_char(out, left > 2 ? digits[group & 63] : '=');
    }
}

int header_list_add_encoded(struct header_list *list,
                            const char *name,
                            struct span value,
                            struct err *err)
{
    CLEANUP(buf) struct buf encoded = BUF(VALUE_MAX_BYTES);

    if (is_plain(value))
        return header_list_add(list, name, value, err);
    buf_add_str(&encoded, MARKER_START);
    add_base64(&encoded, value);
    buf_add_str(&encoded, MARKER_END);
    if (buf_check(&encoded, "an HTTP header", err) < 0)
        return err_in(err, "header %s", name);
    return header_list_add(list, name, buf_span(&encoded), err);
}

void header_list_add_all(struct header_list *list, const struct header_list *from)
{
    if (!from || !from->count)
        return;
    list->lines = xreallocarray(list->lines, list->count + from->count, sizeof(*list->lines));
    for (size_t i = 0; i < from->count; i++)
        list->lines[list->count++] = xstrdup(from->lines[i]);
}

int header_list_add_configured(struct header_list *list,
                               const struct server_config *server,
                               struct err *err)
{
    for (size_t i = 0; i < server->header_count; i++) {
        const struct config_pair *header = &server->headers[i];

        if (header_list_add(list, header->name, span_of(header->value), err) < 0)
            return -1;
    }
    return 0;
}

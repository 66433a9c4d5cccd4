#include "proxy/exec/shorten.h"

#include "base/json.h"
#include "base/utf8.h"

/* Below this a container or string is told rather than begun. */
#define SHARE_MIN 48
/* A container that fits stands on one line up to here. */
#define LINE_CHARACTERS 100
/* Room for `"... 123456 more of 1234567"` and the brackets. */
#define MARKER_CHARACTERS 64

static bool fits(struct span value, size_t budget)
{
    if (value.len <= budget)
        return true;
    return value.len / 4 <= budget && utf8_count(value) <= budget;
}

/* The length of the escape or character at the start of a JSON string's inside, a pair of
 * surrogates as one. */
static size_t unit_len(struct span rest)
{
    size_t len = 1;

    if (rest.data[0] == '\\')
        len = rest.len > 1 && rest.data[1] == 'u' ? 6 : 2;
    if (len == 6 && rest.len >= 12 && (rest.data[2] | 0x20) == 'd' &&
        strchr("89abAB", rest.data[3]) && rest.data[6] == '\\')
        len = 12;
    if (len == 1)
        len = utf8_prefix(rest, 1).len;
    return len < rest.len ? len : rest.len;
}

static void cut_string(struct span value, size_t budget, struct buf *out)
{
    struct span inside = value.len >= 2 ? span_make(value.data + 1, value.len - 2) : SPAN_NONE;
    size_t used = MARKER_CHARACTERS / 2, taken = 0;

    while (taken < inside.len) {
        size_t len = unit_len(span_skip(inside, taken));
        size_t characters = inside.data[taken] == '\\' ? len : 1;

        if (used + characters > budget)
            break;
        used += characters;
        taken += len;
    }
    buf_add_char(out, '"');
    buf_add(out, inside.data, taken);
    buf_printf(out, "... %zu more characters\"", utf8_count(span_skip(inside, taken)));
}

static void tell_container(struct span value, struct buf *out)
{
    bool object = json_kind(value) == JSON_KIND_OBJECT;

    buf_printf(out, object ? "\"{... %zu members}\"" : "\"[... %zu elements]\"", json_count(value));
}

static bool write_value(struct span value, size_t budget, unsigned depth, struct buf *out);

static void
write_marker(bool object, size_t left_out, size_t count, unsigned depth, struct buf *out)
{
    json_write_comma(out);
    if (depth == 0)
        buf_add_char(out, '\n');
    if (object)
        buf_add_str(out, "\"...\":");
    buf_printf(out, "\"... %zu more of %zu\"", left_out, count);
}

static bool write_member(const struct json_iter *it, size_t share, unsigned depth, struct buf *out)
{
    json_write_comma(out);
    if (depth == 0)
        buf_add_char(out, '\n');
    if (it->object) {
        buf_add_char(out, '"');
        buf_add_span(out, it->key);
        buf_add_str(out, "\":");
    }
    return write_value(it->value, share, depth + 1, out);
}

/* What a member costs beside its value: comma, line feed, key, quotes and colon. */
static size_t overhead(const struct json_iter *it)
{
    return 2 + (it->object ? it->key.len + 3 : 0);
}

static bool write_members(struct span container, size_t budget, unsigned depth, struct buf *out)
{
    size_t count = json_count(container), shown = 0, left = budget - MARKER_CHARACTERS;
    struct json_iter it = json_iter(container);
    bool shortened = false;

    while (json_next(&it)) {
        size_t share = left / (count - shown), start = out->len, used;

        if (share < SHARE_MIN + overhead(&it))
            share = SHARE_MIN + overhead(&it);
        if (share > left)
            break;
        shortened |= write_member(&it, share - overhead(&it), depth, out);
        used = utf8_count(span_make(out->data + start, out->len - start));
        left -= used < left ? used : left;
        shown++;
    }
    if (shown < count)
        write_marker(it.object, count - shown, count, depth, out);
    return shortened || shown < count;
}

static bool write_container(struct span value, size_t budget, unsigned depth, struct buf *out)
{
    bool object = json_kind(value) == JSON_KIND_OBJECT, shortened;

    if (depth > SHORTEN_DEPTH || budget < 2 * MARKER_CHARACTERS) {
        tell_container(value, out);
        return true;
    }
    buf_add_char(out, object ? '{' : '[');
    shortened = write_members(value, budget, depth, out);
    buf_add_str(out, depth == 0 ? "\n" : "");
    buf_add_char(out, object ? '}' : ']');
    return shortened;
}

static bool is_container(struct span value)
{
    enum json_kind kind = json_kind(value);

    return kind == JSON_KIND_ARRAY || kind == JSON_KIND_OBJECT;
}

static bool write_value(struct span value, size_t budget, unsigned depth, struct buf *out)
{
    if (fits(value, budget)) {
        buf_add_span(out, value);
        return false;
    }
    if (is_container(value))
        return write_container(value, budget, depth, out);
    if (json_kind(value) == JSON_KIND_STRING)
        cut_string(value, budget, out);
    else
        buf_printf(out, "\"... a number of %zu digits\"", value.len);
    return true;
}

/* Every member whole, each on a line. */
static void write_lines(struct span value, struct buf *out)
{
    struct json_iter it = json_iter(value);
    bool object = json_kind(value) == JSON_KIND_OBJECT;

    buf_add_char(out, object ? '{' : '[');
    while (json_next(&it))
        write_member(&it, it.value.len, 0, out);
    buf_add_str(out, object ? "\n}" : "\n]");
}

bool shorten_json(struct span value, size_t budget, struct buf *out)
{
    value = span_trim(value);
    if (!is_container(value) || fits(value, LINE_CHARACTERS))
        return write_value(value, budget, 0, out);
    if (!fits(value, budget) || !fits(value, budget - json_count(value) - 1))
        return write_container(value, budget, 0, out);
    write_lines(value, out);
    return false;
}

bool shorten_text(struct span text, size_t budget, struct buf *out)
{
    size_t head, tail, total;

    if (fits(text, budget)) {
        buf_add_span(out, text);
        return false;
    }
    total = utf8_count(text);
    budget = budget > 2 * MARKER_CHARACTERS ? budget - MARKER_CHARACTERS : MARKER_CHARACTERS;
    head = budget / 4 * 3;
    tail = budget - head;
    buf_add_span(out, utf8_prefix(text, head));
    buf_printf(out, "\n[... %zu characters left out ...]\n", total - head - tail);
    buf_add_span(out, utf8_suffix(text, tail));
    return true;
}

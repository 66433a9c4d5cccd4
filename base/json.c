/*
 * The scanner and the readers.  One loop without recursion checks a value;
 * which containers are open is one bit each.
 */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define DUPLICATES_MEMBERS_MAX 256

struct scan {
    const char *at, *end;
    uint64_t is_object[JSON_DEPTH_MAX / 64]; /* bit n: the container at depth n is an object */
    unsigned depth, max_depth;
    bool too_deep;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static void skip_space(struct scan *s)
{
    while (s->at < s->end && is_space(*s->at))
        s->at++;
}

static bool scan_char(struct scan *s, char c)
{
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

static bool scan_escape(struct scan *s)
{
    if (s->at == s->end)
        return false;
    switch (*s->at++) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return true;
    case 'u':
        for (int i = 0; i < 4; i++) {
            if (s->at == s->end || !is_hex(*s->at++))
                return false;
        }
        return true;
    default:
        return false;
    }
}

/* One character of a string that is neither quote nor backslash. */
static bool scan_plain_character(struct scan *s)
{
    unsigned char c = (unsigned char)*s->at;
    uint32_t point;
    size_t len;

    if (c < 0x20)
        return false;
    if (c < 0x80) {
        s->at++;
        return true;
    }
    len = utf8_decode(s->at, (size_t)(s->end - s->at), &point);
    s->at += len;
    return len > 0;
}

/* True when none of eight bytes needs a closer look: all are ASCII, and no quote, backslash or
 * control character. */
static bool is_plain_run(const char *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    uint64_t run, quote, backslash;

    memcpy(&run, at, sizeof(run));
    quote = run ^ (ones * '"');
    backslash = run ^ (ones * '\\');
    return ((run | (run - ones * 0x20) | (quote - ones) | (backslash - ones)) & high) == 0;
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Behind what needs no closer look; false at the end of the text. */
static bool skip_plain(struct scan *s)
{
    while (s->end - s->at >= 8 && is_plain_run(s->at))
        s->at += 8;
    while (s->at < s->end && is_plain((unsigned char)*s->at))
        s->at++;
    return s->at < s->end;
}

static bool scan_string(struct scan *s)
{
    if (!scan_char(s, '"'))
        return false;
    while (skip_plain(s)) {
        if (*s->at == '"') {
            s->at++;
            return true;
        }
        if (*s->at == '\\') {
            s->at++;
            if (!scan_escape(s))
                return false;
        } else if (!scan_plain_character(s)) {
            return false;
        }
    }
    return false;
}

static bool scan_digits(struct scan *s)
{
    const char *start = s->at;

    while (s->at < s->end && is_digit(*s->at))
        s->at++;
    return s->at > start;
}

static bool scan_number(struct scan *s)
{
    scan_char(s, '-');
    if (!scan_char(s, '0') && !scan_digits(s))
        return false;
    if (scan_char(s, '.') && !scan_digits(s))
        return false;
    if (scan_char(s, 'e') || scan_char(s, 'E')) {
        if (!scan_char(s, '+'))
            scan_char(s, '-');
        return scan_digits(s);
    }
    return true;
}

static bool scan_word(struct scan *s, struct span word)
{
    if (!span_starts_with(span_make(s->at, (size_t)(s->end - s->at)), word))
        return false;
    s->at += word.len;
    return true;
}

static bool scan_scalar(struct scan *s)
{
    switch (*s->at) {
    case '"':
        return scan_string(s);
    case 't':
        return scan_word(s, SPAN("true"));
    case 'f':
        return scan_word(s, SPAN("false"));
    case 'n':
        return scan_word(s, SPAN("null"));
    default:
        return scan_number(s);
    }
}

static bool in_object(const struct scan *s)
{
    unsigned top = s->depth - 1;

    return s->is_object[top / 64] >> (top % 64) & 1;
}

static bool push(struct scan *s, bool object)
{
    uint64_t bit = (uint64_t)1 << (s->depth % 64);

    if (s->depth >= s->max_depth) {
        s->too_deep = true;
        return false;
    }
    if (object)
        s->is_object[s->depth / 64] |= bit;
    else
        s->is_object[s->depth / 64] &= ~bit;
    s->depth++;
    return true;
}

static bool scan_key(struct scan *s)
{
    skip_space(s);
    if (!scan_string(s))
        return false;
    skip_space(s);
    return scan_char(s, ':');
}

enum step { STEP_VALUE, STEP_AFTER, STEP_END, STEP_BAD };

/* At a value: a scalar is taken whole, of a container the beginning. */
static enum step step_value(struct scan *s)
{
    bool object;

    skip_space(s);
    if (s->at == s->end)
        return STEP_BAD;
    if (*s->at != '{' && *s->at != '[')
        return scan_scalar(s) ? STEP_AFTER : STEP_BAD;
    object = *s->at == '{';
    if (!push(s, object))
        return STEP_BAD;
    s->at++;
    skip_space(s);
    if (scan_char(s, object ? '}' : ']')) {
        s->depth--;
        return STEP_AFTER;
    }
    return !object || scan_key(s) ? STEP_VALUE : STEP_BAD;
}

/* Behind a value: on to the next one of its container, or out of it. */
static enum step step_after(struct scan *s)
{
    if (s->depth == 0)
        return STEP_END;
    skip_space(s);
    if (scan_char(s, ','))
        return !in_object(s) || scan_key(s) ? STEP_VALUE : STEP_BAD;
    if (!scan_char(s, in_object(s) ? '}' : ']'))
        return STEP_BAD;
    s->depth--;
    return STEP_AFTER;
}

static struct scan scan_start(struct span text, unsigned max_depth)
{
    if (max_depth == 0 || max_depth > JSON_DEPTH_MAX)
        max_depth = JSON_DEPTH_MAX;
    if (!text.data)
        text = SPAN("");
    return (struct scan){ .at = text.data, .end = text.data + text.len, .max_depth = max_depth };
}

static bool scan_value(struct scan *s)
{
    enum step step = STEP_VALUE;

    while (step != STEP_END && step != STEP_BAD)
        step = step == STEP_VALUE ? step_value(s) : step_after(s);
    return step == STEP_END;
}

int json_check(struct span text, unsigned max_depth, struct err *err)
{
    struct scan s;

    if (text.len == 0)
        return err_set(err, ERR_INVALID, "empty text where JSON is expected");
    s = scan_start(text, max_depth);
    if (scan_value(&s)) {
        skip_space(&s);
        if (s.at == s.end)
            return 0;
    }
    if (s.too_deep)
        return err_set(err, ERR_LIMIT, "JSON nested deeper than %u levels", s.max_depth);
    return err_set(err, ERR_INVALID, "not JSON at byte %zu", (size_t)(s.at - text.data));
}

size_t json_value_len(struct span text, unsigned max_depth)
{
    struct scan s;

    if (text.len == 0)
        return 0;
    s = scan_start(text, max_depth);
    return scan_value(&s) ? (size_t)(s.at - text.data) : 0;
}

enum json_kind json_kind(struct span value)
{
    struct scan s = scan_start(value, 0);

    skip_space(&s);
    if (s.at == s.end)
        return JSON_KIND_NONE;
    switch (*s.at) {
    case '{':
        return JSON_KIND_OBJECT;
    case '[':
        return JSON_KIND_ARRAY;
    case '"':
        return JSON_KIND_STRING;
    case 't':
    case 'f':
        return JSON_KIND_BOOL;
    case 'n':
        return JSON_KIND_NULL;
    default:
        return *s.at == '-' || is_digit(*s.at) ? JSON_KIND_NUMBER : JSON_KIND_NONE;
    }
}

struct json_iter json_iter(struct span container)
{
    enum json_kind kind = json_kind(container);
    struct scan s = scan_start(container, 0);

    if (kind != JSON_KIND_OBJECT && kind != JSON_KIND_ARRAY)
        return (struct json_iter){ .started = false };
    skip_space(&s);
    return (struct json_iter){ .rest = span_make(s.at + 1, (size_t)(s.end - s.at - 1)),
                               .object = kind == JSON_KIND_OBJECT };
}

/* The key before a value, with its colon. */
static bool next_key(struct json_iter *it, struct scan *s)
{
    const char *start;

    skip_space(s);
    start = s->at;
    if (!scan_string(s))
        return false;
    it->key = span_make(start + 1, (size_t)(s->at - start - 2));
    skip_space(s);
    return scan_char(s, ':');
}

bool json_next(struct json_iter *it)
{
    struct scan s = scan_start(it->rest, 0);
    const char *start;

    if (it->rest.len == 0)
        return false;
    if (it->started) {
        skip_space(&s);
        if (!scan_char(&s, ','))
            return false;
    }
    it->started = true;
    if (it->object && !next_key(it, &s))
        return false;
    skip_space(&s);
    start = s.at;
    if (!scan_value(&s))
        return false;
    it->value = span_make(start, (size_t)(s.at - start));
    it->rest = span_make(s.at, (size_t)(s.end - s.at));
    return true;
}

bool json_get(struct span object, const char *key, struct span *ret_value)
{
    struct json_iter it = json_iter(object);
    bool found = false;

    if (!it.object)
        return false;
    while (json_next(&it)) {
        if (!json_key_is(it.key, key))
            continue;
        *ret_value = it.value;
        found = true;
    }
    return found;
}

bool json_get_path(struct span object, const char *const *path, struct span *ret_value)
{
    for (; *path; path++) {
        if (!json_get(object, *path, &object))
            return false;
    }
    *ret_value = object;
    return true;
}

static bool same_key(struct span a, struct span b)
{
    CLEANUP(buf) struct buf text_a = BUF(a.len + 1), text_b = BUF(b.len + 1);

    if (span_equal(a, b))
        return true;
    if (!memchr(a.data, '\\', a.len) && !memchr(b.data, '\\', b.len))
        return false;
    json_decode_string(span_make(a.data - 1, a.len + 2), &text_a);
    json_decode_string(span_make(b.data - 1, b.len + 2), &text_b);
    return span_equal(buf_span(&text_a), buf_span(&text_b));
}

int json_no_duplicates(struct span object, struct err *err)
{
    struct json_iter it = json_iter(object);
    struct span keys[DUPLICATES_MEMBERS_MAX];
    size_t count = 0;

    while (json_next(&it)) {
        if (count == DUPLICATES_MEMBERS_MAX)
            return err_set(err, ERR_LIMIT, "object with more than %d members",
                           DUPLICATES_MEMBERS_MAX);
        for (size_t i = 0; i < count; i++) {
            if (same_key(keys[i], it.key))
                return err_set(err, ERR_INVALID, "member \"%.*s\" stands twice", SPAN_ARG(it.key));
        }
        keys[count++] = it.key;
    }
    return 0;
}

size_t json_count(struct span container)
{
    struct json_iter it = json_iter(container);
    size_t count = 0;

    while (json_next(&it))
        count++;
    return count;
}

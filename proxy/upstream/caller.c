#include "proxy/upstream/caller.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/random.h"

#define KEY_MAX_BYTES     1024
#define TRACEPARENT_BYTES 55 /* version 00: "00-", 32 digits, "-", 16 digits, "-", 2 digits */
#define TRACE_ID_AT       3
#define TRACE_ID_DIGITS   32
#define SPAN_ID_AT        36
#define SPAN_ID_DIGITS    16
#define FLAGS_AT          53

static char *dup_or_null(struct span text)
{
    return text.len ? span_dup(text) : NULL;
}

void caller_init(struct caller *caller, const struct upstream_caller *from)
{
    static const struct upstream_caller nobody;

    if (!from)
        from = &nobody;
    *caller = (struct caller){
        .owner = from->owner,
        .session = dup_or_null(from->session),
        .capabilities = dup_or_null(from->capabilities),
        .meta = dup_or_null(from->meta),
        .log_level = from->log_level,
        .takes_input_required = from->takes_input_required,
    };
}

void caller_done(struct caller *caller)
{
    free(caller->session);
    free(caller->capabilities);
    free(caller->meta);
    *caller = (struct caller){ 0 };
}

/* --- keys --- */

/* A prefix whose second label is MCP's is reserved (2025-11-25 and 2026-07-28, basic/index). */
static bool is_reserved(const char *key)
{
    size_t prefix = strcspn(key, "/");
    const char *dot = memchr(key, '.', prefix);
    size_t label;

    if (!key[prefix] || !dot)
        return false;
    label = strcspn(dot + 1, "./");
    return (label == 3 && strncmp(dot + 1, "mcp", label) == 0) ||
           (label == 20 && strncmp(dot + 1, "modelcontextprotocol", label) == 0);
}

static bool travels(struct span raw_key, bool traced)
{
    CLEANUP(str) char *quoted = xasprintf("\"%.*s\"", SPAN_ARG(raw_key));
    CLEANUP(str) char *key = json_dup_string(span_of(quoted), KEY_MAX_BYTES);

    if (!key || is_reserved(key))
        return false;
    return strcmp(key, "progressToken") != 0 && strcmp(key, "traceparent") != 0 &&
           (traced || strcmp(key, "tracestate") != 0);
}

/* --- traces --- */

static bool are_digits(const char *text, size_t count)
{
    return strspn(text, "0123456789abcdef") >= count;
}

static bool is_zero(const char *text, size_t count)
{
    return strspn(text, "0") >= count;
}

/* A version above 00 may have more behind what this one has (W3C Trace Context, 3.2.2.4). */
static bool is_traceparent(const char *text)
{
    size_t len = strlen(text);

    if (len < TRACEPARENT_BYTES || !are_digits(text, 2) || strncmp(text, "ff", 2) == 0)
        return false;
    if (len > TRACEPARENT_BYTES && (strncmp(text, "00", 2) == 0 || text[TRACEPARENT_BYTES] != '-'))
        return false;
    if (text[TRACE_ID_AT - 1] != '-' || text[SPAN_ID_AT - 1] != '-' || text[FLAGS_AT - 1] != '-')
        return false;
    return are_digits(text + TRACE_ID_AT, TRACE_ID_DIGITS) &&
           !is_zero(text + TRACE_ID_AT, TRACE_ID_DIGITS) &&
           are_digits(text + SPAN_ID_AT, SPAN_ID_DIGITS) &&
           !is_zero(text + SPAN_ID_AT, SPAN_ID_DIGITS) && are_digits(text + FLAGS_AT, 2);
}

/* Appends the member, or gives false when there is no valid one. */
static bool write_traceparent(struct buf *out, struct span meta)
{
    CLEANUP(str) char *text = NULL;
    char span_id[SPAN_ID_DIGITS + 1];
    CLEANUP(buf) struct buf child = BUF(TRACEPARENT_BYTES + 1);
    struct span value;

    if (json_get(meta, "traceparent", &value))
        text = json_dup_string(value, KEY_MAX_BYTES);
    if (!text || !is_traceparent(text))
        return false;
    do {
        random_hex(span_id, SPAN_ID_DIGITS / 2);
    } while (is_zero(span_id, SPAN_ID_DIGITS));
    buf_add_str(&child, "00");
    buf_add(&child, text + 2, SPAN_ID_AT - 2);
    buf_add(&child, span_id, SPAN_ID_DIGITS);
    buf_add(&child, text + SPAN_ID_AT + SPAN_ID_DIGITS,
            TRACEPARENT_BYTES - SPAN_ID_AT - SPAN_ID_DIGITS);
    json_write_member_string(out, "traceparent", buf_span(&child));
    return true;
}

int caller_write_meta(struct buf *out, struct span meta)
{
    struct json_iter it = json_iter(meta);
    bool traced;

    if (json_kind(meta) != JSON_KIND_OBJECT)
        it = json_iter(SPAN_NONE);
    buf_add_char(out, '{');
    traced = write_traceparent(out, meta);
    while (json_next(&it)) {
        if (travels(it.key, traced))
            json_write_member_at(out, &it);
    }
    buf_add_char(out, '}');
    return buf_failed(out) ? -1 : 0;
}

#include "proxy/rpc/sse.h"

#include <stdbool.h>

/* An id or a type longer than this is no honest one. */
#define FIELD_MAX_BYTES 8192
#define RETRY_MAX_MS    86400000

struct sse_reader {
    sse_event_fn *fn;
    void *ctx;
    size_t max_event_bytes;
    struct buf line; /* the part of a line that came without its end */
    struct buf data, type, id;
    int64_t retry_ms;
    bool has_data, has_id;
    bool at_start;     /* nothing read yet: a BOM may follow */
    bool after_return; /* the last line ended in \r: a \n belongs to it */
    bool failed;
};

struct sse_reader *sse_reader_new(size_t max_event_bytes, sse_event_fn *fn, void *ctx)
{
    struct sse_reader *reader = NEW(struct sse_reader);

    reader->fn = fn;
    reader->ctx = ctx;
    reader->max_event_bytes = max_event_bytes;
    buf_init(&reader->line, max_event_bytes);
    buf_init(&reader->data, max_event_bytes);
    buf_init(&reader->type, FIELD_MAX_BYTES);
    buf_init(&reader->id, FIELD_MAX_BYTES);
    reader->retry_ms = -1;
    reader->at_start = true;
    return reader;
}

void sse_reader_free(struct sse_reader *reader)
{
    if (!reader)
        return;
    buf_done(&reader->line);
    buf_done(&reader->data);
    buf_done(&reader->type);
    buf_done(&reader->id);
    free(reader);
}

static void dispatch(struct sse_reader *reader)
{
    struct sse_event event = {
        .type = reader->type.len ? buf_span(&reader->type) : SPAN("message"),
        .data = buf_span(&reader->data),
        .id = buf_span(&reader->id),
        .retry_ms = reader->retry_ms,
    };

    if (reader->has_data || reader->has_id || reader->retry_ms >= 0)
        reader->fn(reader->ctx, &event);
    buf_clear(&reader->data);
    buf_clear(&reader->type);
    reader->retry_ms = -1;
    reader->has_data = reader->has_id = false;
}

static void take_data(struct sse_reader *reader, struct span value)
{
    if (reader->has_data)
        buf_add_char(&reader->data, '\n');
    buf_add_span(&reader->data, value);
    reader->has_data = true;
}

static void take_id(struct sse_reader *reader, struct span value)
{
    if (value.len && memchr(value.data, '\0', value.len))
        return;
    buf_clear(&reader->id);
    buf_add_span(&reader->id, value);
    reader->has_id = true;
}

static void take_retry(struct sse_reader *reader, struct span value)
{
    int64_t retry_ms = 0;

    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9')
            return;
        retry_ms = retry_ms * 10 + (value.data[i] - '0');
        if (retry_ms > RETRY_MAX_MS)
            retry_ms = RETRY_MAX_MS;
    }
    if (value.len)
        reader->retry_ms = retry_ms;
}

static void take_field(struct sse_reader *reader, struct span name, struct span value)
{
    if (span_is(name, "data")) {
        take_data(reader, value);
    } else if (span_is(name, "event")) {
        buf_clear(&reader->type);
        buf_add_span(&reader->type, value);
    } else if (span_is(name, "id")) {
        take_id(reader, value);
    } else if (span_is(name, "retry")) {
        take_retry(reader, value);
    }
}

static void take_line(struct sse_reader *reader, struct span line)
{
    const char *colon;
    struct span name = line, value = SPAN_NONE;

    if (line.len > reader->max_event_bytes) {
        reader->failed = true;
        return;
    }
    if (reader->at_start && span_starts_with(line, SPAN("\xef\xbb\xbf")))
        line = name = span_skip(line, 3);
    reader->at_start = false;
    if (line.len == 0) {
        dispatch(reader);
        return;
    }
    colon = memchr(line.data, ':', line.len);
    if (colon) {
        name.len = (size_t)(colon - line.data);
        value = span_skip(line, name.len + 1);
        if (value.len && value.data[0] == ' ')
            value = span_skip(value, 1);
    }
    take_field(reader, name, value);
}

/* The length of `bytes` up to its first line end; bytes.len when there is none. */
static size_t line_len(struct span bytes)
{
    const char *feed = memchr(bytes.data, '\n', bytes.len);
    size_t len = feed ? (size_t)(feed - bytes.data) : bytes.len;
    const char *ret = memchr(bytes.data, '\r', len);

    return ret ? (size_t)(ret - bytes.data) : len;
}

static void end_line(struct sse_reader *reader, struct span rest)
{
    if (reader->line.len) {
        buf_add_span(&reader->line, rest);
        if (!buf_failed(&reader->line))
            take_line(reader, buf_span(&reader->line));
        buf_truncate(&reader->line, 0);
    } else {
        take_line(reader, rest);
    }
}

static bool over_limit(const struct sse_reader *reader)
{
    return buf_failed(&reader->line) || buf_failed(&reader->data) || buf_failed(&reader->type) ||
           buf_failed(&reader->id);
}

int sse_reader_feed(struct sse_reader *reader, struct span bytes, struct err *err)
{
    while (bytes.len && !reader->failed) {
        size_t len;

        if (reader->after_return && bytes.data[0] == '\n')
            bytes = span_skip(bytes, 1);
        reader->after_return = false;
        if (!bytes.len)
            break;
        len = line_len(bytes);
        if (len == bytes.len) {
            buf_add_span(&reader->line, bytes);
        } else {
            reader->after_return = bytes.data[len] == '\r';
            end_line(reader, span_make(bytes.data, len));
            len++;
        }
        bytes = span_skip(bytes, len);
        reader->failed = reader->failed || over_limit(reader);
    }
    if (reader->failed)
        return err_set(err, ERR_LIMIT, "server-sent event over %zu bytes", reader->max_event_bytes);
    return 0;
}

static bool is_one_line(struct span text)
{
    return !text.len || (!memchr(text.data, '\n', text.len) && !memchr(text.data, '\r', text.len));
}

static void write_field(struct buf *out, const char *name, struct span value)
{
    buf_add_str(out, name);
    buf_add_str(out, ": ");
    buf_add_span(out, value);
    buf_add_char(out, '\n');
}

int sse_write_event(struct buf *out, struct span id, struct span type, struct span data)
{
    BUG_ON(!is_one_line(id) || !is_one_line(type) || !is_one_line(data));
    if (id.len)
        write_field(out, "id", id);
    if (type.len)
        write_field(out, "event", type);
    write_field(out, "data", data);
    return buf_add_char(out, '\n') < 0 || buf_failed(out) ? -1 : 0;
}

int sse_write_priming(struct buf *out, struct span id, int retry_ms)
{
    buf_printf(out, "retry: %d\n", retry_ms);
    return sse_write_event(out, id, SPAN_NONE, SPAN_NONE);
}

int sse_write_comment(struct buf *out, const char *text)
{
    BUG_ON(!is_one_line(span_of(text)));
    buf_add_char(out, ':');
    buf_add_str(out, text);
    return buf_add_str(out, "\n\n") < 0 || buf_failed(out) ? -1 : 0;
}

#include "proxy/check/frames.h"

#include <string.h>
#include <strings.h>

#define HEAD_MAX 1024

void frame_reader_init(struct frame_reader *reader, size_t max_bytes)
{
    *reader = (struct frame_reader){ .used = 0 };
    buf_init(&reader->in, max_bytes + HEAD_MAX);
}

void frame_reader_done(struct frame_reader *reader)
{
    buf_done(&reader->in);
    reader->used = 0;
}

int frame_feed(struct frame_reader *reader, struct span data, struct err *err)
{
    buf_drop(&reader->in, reader->used);
    reader->used = 0;
    buf_add_span(&reader->in, data);
    return buf_check(&reader->in, "a message of the compiler", err);
}

/* The length that a header line gives; -1 when it is another header or no length. */
static int64_t length_of(struct span line)
{
    static const char name[] = "content-length:";
    int64_t length = 0;

    if (line.len < sizeof(name) - 1 || strncasecmp(line.data, name, sizeof(name) - 1) != 0)
        return -1;
    line = span_trim(span_skip(line, sizeof(name) - 1));
    if (line.len == 0 || line.len > 10)
        return -1;
    for (size_t i = 0; i < line.len; i++) {
        if (line.data[i] < '0' || line.data[i] > '9')
            return -1;
        length = length * 10 + (line.data[i] - '0');
    }
    return length;
}

/* The body's length from the lines of a head, or -1. */
static int64_t read_head(struct span head)
{
    int64_t length = -1;

    while (head.len) {
        const char *end = memmem(head.data, head.len, "\r\n", 2);
        size_t len = end ? (size_t)(end - head.data) : head.len;
        int64_t found = length_of(span_make(head.data, len));

        if (found >= 0)
            length = found;
        head = span_skip(head, len + 2);
    }
    return length;
}

int frame_next(struct frame_reader *reader, struct span *ret_body, struct err *err)
{
    struct span in;
    const char *end;
    size_t head_len;
    int64_t length;

    buf_drop(&reader->in, reader->used);
    reader->used = 0;
    in = buf_span(&reader->in);
    end = in.len ? memmem(in.data, in.len, "\r\n\r\n", 4) : NULL;
    head_len = end ? (size_t)(end - in.data) : in.len;
    if (head_len > HEAD_MAX)
        return err_set(err, ERR_PROTOCOL, "a message's head has no end");
    if (!end)
        return 0;
    length = read_head(span_make(in.data, head_len));
    if (length < 0)
        return err_set(err, ERR_PROTOCOL, "a message has no valid Content-Length");
    if ((uint64_t)length > reader->in.max - HEAD_MAX)
        return err_set(err, ERR_LIMIT, "a message of %lld bytes, the limit is %zu",
                       (long long)length, reader->in.max - HEAD_MAX);
    if (in.len - head_len - 4 < (size_t)length)
        return 0;
    *ret_body = span_make(in.data + head_len + 4, (size_t)length);
    reader->used = head_len + 4 + (size_t)length;
    return 1;
}

int frame_write(struct buf *out, struct span body)
{
    if (buf_printf(out, "Content-Length: %zu\r\n\r\n", body.len) < 0)
        return -1;
    return buf_add_span(out, body);
}

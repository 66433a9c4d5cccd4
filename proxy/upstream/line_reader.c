#include "proxy/upstream/line_reader.h"

#include <string.h>

void line_reader_init(struct line_reader *reader, size_t max_bytes, line_fn *fn, void *ctx)
{
    BUG_ON(max_bytes < LINE_HEAD_BYTES);
    *reader = (struct line_reader){ .fn = fn, .ctx = ctx, .max_bytes = max_bytes };
    buf_init(&reader->line, max_bytes + LINE_TAIL_BYTES);
}

void line_reader_done(struct line_reader *reader)
{
    buf_done(&reader->line);
}

static void keep_tail(struct line_reader *reader, struct span bytes)
{
    size_t keep;

    if (bytes.len >= LINE_TAIL_BYTES) {
        memcpy(reader->tail, bytes.data + bytes.len - LINE_TAIL_BYTES, LINE_TAIL_BYTES);
        reader->tail_len = LINE_TAIL_BYTES;
        return;
    }
    if (!bytes.len)
        return;
    keep = LINE_TAIL_BYTES - bytes.len;
    if (keep > reader->tail_len)
        keep = reader->tail_len;
    memmove(reader->tail, reader->tail + reader->tail_len - keep, keep);
    memcpy(reader->tail + keep, bytes.data, bytes.len);
    reader->tail_len = keep + bytes.len;
}

/* From here on only the head and the last bytes of this line are kept. */
static void cut_line(struct line_reader *reader)
{
    struct span all = buf_span(&reader->line);

    reader->cut = true;
    keep_tail(reader, span_skip(all, LINE_HEAD_BYTES));
    buf_truncate(&reader->line, LINE_HEAD_BYTES);
}

static void add_part(struct line_reader *reader, struct span part)
{
    if (!reader->cut && part.len > reader->max_bytes - reader->line.len) {
        size_t head = reader->line.len < LINE_HEAD_BYTES ? LINE_HEAD_BYTES - reader->line.len : 0;

        buf_add_span(&reader->line, span_make(part.data, head));
        part = span_skip(part, head);
        cut_line(reader);
    }
    if (reader->cut)
        keep_tail(reader, part);
    else
        buf_add_span(&reader->line, part);
}

static struct span without_return(struct span line)
{
    if (line.len && line.data[line.len - 1] == '\r')
        line.len--;
    return line;
}

static void give_line(struct line_reader *reader)
{
    bool cut = reader->cut;

    if (cut)
        buf_add(&reader->line, reader->tail, reader->tail_len);
    reader->cut = false;
    reader->tail_len = 0;
    reader->fn(reader->ctx, without_return(buf_span(&reader->line)), cut);
    if (reader->line.cap > LINE_HEAD_BYTES * 64)
        buf_done(&reader->line);
    else
        buf_clear(&reader->line);
}

void line_reader_feed(struct line_reader *reader, struct span bytes)
{
    while (bytes.len) {
        const char *feed = memchr(bytes.data, '\n', bytes.len);
        size_t len = feed ? (size_t)(feed - bytes.data) : bytes.len;
        struct span part = span_make(bytes.data, len);

        if (feed && !reader->line.len && !reader->cut && len <= reader->max_bytes) {
            reader->fn(reader->ctx, without_return(part), false);
        } else {
            add_part(reader, part);
            if (feed)
                give_line(reader);
        }
        bytes = span_skip(bytes, len + (feed ? 1 : 0));
    }
}

void line_reader_end(struct line_reader *reader)
{
    if (reader->line.len)
        give_line(reader);
}

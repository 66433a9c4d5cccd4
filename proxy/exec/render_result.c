#include "proxy/exec/render_result.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "proxy/exec/shorten.h"

#define TAIL_MAX_BYTES      (LIMIT_LOG_BYTES + 65536)
#define REJECTIONS_SHOWN    3
#define REJECTION_MAX_BYTES 1024
/* Room for the line that says the value was shortened. */
#define HEAD_CHARACTERS 400

/* The members of a DONE frame, read in one pass: it may be large. */
struct done {
    struct span kind, value, unawaited, rejections;
};

static struct done read_done(struct span json)
{
    struct done done = { .kind = SPAN_NONE };
    struct json_iter it = json_iter(json);

    while (it.object && json_next(&it)) {
        if (json_key_is(it.key, "kind"))
            done.kind = it.value;
        else if (json_key_is(it.key, "value"))
            done.value = it.value;
        else if (json_key_is(it.key, "unawaited"))
            done.unawaited = it.value;
        else if (json_key_is(it.key, "rejections"))
            done.rejections = it.value;
    }
    if (json_string_is(done.kind, "undefined"))
        done.value = SPAN_NONE;
    return done;
}

static void write_unawaited(const struct done *done, struct buf *out)
{
    int64_t count;

    if (!json_int64(done->unawaited, &count) || count < 1)
        return;
    buf_printf(out,
               "Note: %lld %s not awaited and cut off when the script ended; whether the work was "
               "done is not known. Await every call.\n",
               (long long)count, count == 1 ? "call was" : "calls were");
}

static void write_rejections(const struct done *done, struct buf *out)
{
    struct json_iter it = json_iter(done->rejections);
    struct span message;

    for (int i = 0; i < REJECTIONS_SHOWN && json_next(&it); i++) {
        CLEANUP(buf) struct buf text = BUF(TAIL_MAX_BYTES);

        if (!json_get(it.value, "message", &message))
            message = it.value;
        if (json_decode_string(message, &text) < 0)
            continue;
        buf_add_str(out, "Note: an error that nothing caught: ");
        shorten_text(buf_span(&text), REJECTION_MAX_BYTES, out);
        buf_add_char(out, '\n');
    }
}

static void write_console(const struct output *output, struct buf *out)
{
    if (output->lines.len) {
        buf_add_str(out, "Console:\n");
        buf_add_span(out, buf_span(&output->lines));
    }
    if (output->lines_left_out)
        buf_printf(out, "Note: %zu console lines were left out (limit %d bytes).\n",
                   output->lines_left_out, LIMIT_LOG_BYTES);
    buf_add_span(out, buf_span(&output->notes));
}

/* Everything behind the value. */
static void write_tail(const struct result_view *view, const struct done *done, struct buf *out)
{
    write_console(view->output, out);
    write_unawaited(done, out);
    write_rejections(done, out);
    if (view->warnings.len) {
        buf_add_str(out, "Type check warnings:\n");
        buf_add_span(out, view->warnings);
    }
    while (out->len && out->data[out->len - 1] == '\n')
        buf_truncate(out, out->len - 1);
}

/* A string that spells a JSON container is shortened by that structure. */
static void shorten_string(struct span text, size_t budget, struct buf *out)
{
    struct span trimmed = span_trim(text);
    enum json_kind kind = json_kind(trimmed);

    if ((kind == JSON_KIND_OBJECT || kind == JSON_KIND_ARRAY) && json_check(trimmed, 0, NULL) == 0)
        shorten_json(trimmed, budget, out);
    else
        shorten_text(text, budget, out);
}

static void write_head(const struct result_view *view,
                       struct span value,
                       size_t characters,
                       struct result_parts *parts,
                       struct buf *out)
{
    struct err err = ERR_INIT;

    buf_printf(out, "[Shortened: the whole value has %zu characters. ", characters);
    if (kept_add(view->kept, value, parts->kept_uri, &err) < 0)
        buf_printf(out, "It was not kept: %s. Return less.]\n", err.text);
    else
        buf_printf(out,
                   "It is kept for a while: `await mcp.open(\"%s\")` in a script gives the whole "
                   "value, the resource of that address its pages.]\n",
                   parts->kept_uri);
}

static void write_value(const struct result_view *view,
                        struct span text,
                        bool is_string,
                        size_t budget,
                        struct result_parts *parts,
                        struct buf *out)
{
    size_t characters = utf8_count(text);

    if (characters <= budget && is_string) {
        buf_add_span(out, text);
        return;
    }
    if (characters <= budget && characters + json_count(text) + 1 <= budget) {
        shorten_json(text, budget, out);
        return;
    }
    write_head(view, parts->value, characters, parts, out);
    budget = budget > 2 * HEAD_CHARACTERS ? budget - HEAD_CHARACTERS : HEAD_CHARACTERS;
    if (is_string)
        shorten_string(text, budget, out);
    else
        shorten_json(text, budget, out);
}

void render_result(const struct result_view *view, struct buf *out, struct result_parts *ret)
{
    CLEANUP(buf) struct buf tail = BUF(TAIL_MAX_BYTES), short_tail = BUF(TAIL_MAX_BYTES);
    CLEANUP(buf) struct buf decoded = BUF(LIMIT_WIRE_FRAME_BYTES);
    struct done done = read_done(view->done);
    struct span text;
    size_t used;
    bool is_string;

    *ret = (struct result_parts){ 0 };
    write_tail(view, &done, &tail);
    ret->value = done.value;
    text = ret->value.len ? ret->value : SPAN("(the script returned no value)");
    is_string = json_decode_string(ret->value, &decoded) == 0;
    if (is_string)
        text = buf_span(&decoded);
    used = utf8_count(text) + utf8_count(buf_span(&tail));
    shorten_text(buf_span(&tail), used <= view->budget ? tail.len : view->budget / 4, &short_tail);
    used = short_tail.len ? utf8_count(buf_span(&short_tail)) + 1 : 0; /* and a line feed */
    write_value(view, text, is_string || !ret->value.len,
                view->budget > used ? view->budget - used : 0, ret, out);
    if (short_tail.len) {
        if (out->len && out->data[out->len - 1] != '\n')
            buf_add_char(out, '\n');
        buf_add_span(out, buf_span(&short_tail));
    }
}

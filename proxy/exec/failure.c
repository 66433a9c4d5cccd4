#include "proxy/exec/failure.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "isolate/shifts.h"

#define MESSAGE_MAX_BYTES 65536
#define DETAIL_MAX_BYTES  65536
#define NAME_MAX_BYTES    128
#define FRAMES_SHOWN      5

void failure_init(struct failure *failure)
{
    *failure = (struct failure){ 0 };
    buf_init(&failure->name, NAME_MAX_BYTES);
    buf_init(&failure->message, MESSAGE_MAX_BYTES);
    buf_init(&failure->report, MESSAGE_MAX_BYTES);
    buf_init(&failure->details, (size_t)4 * DETAIL_MAX_BYTES);
    buf_init(&failure->frames, MESSAGE_MAX_BYTES);
}

void failure_done(struct failure *failure)
{
    buf_done(&failure->name);
    buf_done(&failure->message);
    buf_done(&failure->report);
    buf_done(&failure->details);
    buf_done(&failure->frames);
    free(failure->server);
    free(failure->tool);
}

void failure_vset(struct failure *failure, enum exec_kind kind, const char *format, va_list args)
{
    if (failure->set)
        return;
    failure->set = true;
    failure->kind = kind;
    buf_vprintf(&failure->message, format, args);
}

void failure_set(struct failure *failure, enum exec_kind kind, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    failure_vset(failure, kind, format, args);
    va_end(args);
}

static unsigned position_member(struct span json, const char *name)
{
    struct span value;
    int64_t number;

    if (!json_get(json, name, &value) || !json_int64(value, &number) || number < 1 ||
        number > LIMIT_CODE_BYTES)
        return 0;
    return (unsigned)number;
}

static void read_place(struct failure *failure, struct span json)
{
    failure->line = position_member(json, "line");
    failure->column = failure->line ? position_member(json, "column") : 0;
}

/* The decoded text of a string member; what is too long is cut. */
static void read_text(struct span json, const char *name, struct buf *out)
{
    CLEANUP(buf) struct buf whole = BUF(LIMIT_WIRE_FRAME_BYTES);
    struct span value;

    if (!json_get(json, name, &value) || json_decode_string(value, &whole) < 0)
        return;
    if (whole.len > out->max)
        buf_add_span(out, utf8_prefix(buf_span(&whole), out->max / 4));
    else
        buf_add_span(out, buf_span(&whole));
}

static char *read_name(struct span json, const char *name)
{
    struct span value;

    return json_get(json, name, &value) ? json_dup_string(value, LIMIT_TOOL_NAME_BYTES) : NULL;
}

/* Keeps members of the script's error as they came, unless they are very large. */
static void read_details(struct failure *failure, struct span json)
{
    static const char *const members[] = { "code", "data", "content", "rejections" };
    struct span value;

    for (size_t i = 0; i < ARRAY_COUNT(members); i++) {
        if (json_get(json, members[i], &value) && value.len <= DETAIL_MAX_BYTES)
            buf_printf(&failure->details, ",\"%s\":%.*s", members[i], SPAN_ARG(value));
    }
}

static void read_frame(struct failure *failure, struct span frame, struct span notes)
{
    CLEANUP(buf) struct buf name = BUF(NAME_MAX_BYTES);
    unsigned line = position_member(frame, "line");
    unsigned column = shifts_column(notes, line, position_member(frame, "column"));

    if (line == 0 || (line == failure->line && column == failure->column))
        return;
    read_text(frame, "function", &name);
    buf_printf(&failure->frames, "  from %s%sline %u, column %u\n", buf_str(&name),
               name.len ? ", " : "", line, column);
}

static void read_frames(struct failure *failure, struct span json, struct span notes)
{
    struct span frames;
    struct json_iter it;

    if (!json_get(json, "frames", &frames))
        return;
    it = json_iter(frames);
    for (size_t i = 0; i <= FRAMES_SHOWN && json_next(&it); i++)
        read_frame(failure, it.value, notes);
}

static enum exec_kind read_kind(struct span json)
{
    CLEANUP(buf) struct buf kind = BUF(NAME_MAX_BYTES);

    read_text(json, "kind", &kind);
    return kind_parse(buf_span(&kind));
}

void failure_from_done(struct failure *failure, struct span json, struct span notes)
{
    if (failure->set)
        return;
    failure->set = true;
    failure->kind = read_kind(json);
    read_text(json, "name", &failure->name);
    read_text(json, "message", &failure->message);
    read_place(failure, json);
    if (failure->line)
        failure->column = shifts_column(notes, failure->line, failure->column);
    read_frames(failure, json, notes);
    failure->server = read_name(json, "server");
    failure->tool = read_name(json, "tool");
    read_details(failure, json);
}

void failure_from_notes(struct failure *failure, struct span notes)
{
    if (failure->set)
        return;
    failure->set = true;
    failure->kind = KIND_SYNTAX;
    read_text(notes, "message", &failure->message);
    read_place(failure, notes);
}

void failure_from_check(struct failure *failure, enum exec_kind kind, const struct checked *checked)
{
    struct json_iter it = json_iter(span_of(checked->diagnostics));

    if (failure->set)
        return;
    failure->set = true;
    failure->kind = kind;
    if (json_next(&it)) {
        read_text(it.value, "message", &failure->message);
        read_place(failure, it.value);
    }
    buf_add_str(&failure->report, checked->report);
    buf_printf(&failure->details, ",\"diagnostics\":%s", checked->diagnostics);
}

void failure_write_json(const struct failure *failure, struct buf *out)
{
    buf_add_char(out, '{');
    json_write_member_string(out, "kind", span_of(kind_row(failure->kind)->name));
    if (failure->name.len)
        json_write_member_string(out, "name", buf_span(&failure->name));
    json_write_member_string(out, "message", buf_span(&failure->message));
    if (failure->line) {
        json_write_member_int(out, "line", failure->line);
        json_write_member_int(out, "column", failure->column);
    }
    if (failure->server)
        json_write_member_string(out, "server", span_of(failure->server));
    if (failure->tool)
        json_write_member_string(out, "tool", span_of(failure->tool));
    buf_add_span(out, buf_span(&failure->details));
    buf_add_char(out, '}');
}

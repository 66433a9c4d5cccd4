/*
 * Where an error happened, in lines and columns of the code as it was sent.
 *
 * Taken from the stack that V8 captured when the error was made, never from
 * the property `stack`, which is the script's to forge.  Frames count by the
 * id of their script: the runtime's own and the wrapper's are left out.
 */
#include "isolate/engine_v8.h"

extern "C" {
#include "base/buf.h"
#include "base/json.h"
}

namespace engine_v8
{

/* Enough to find the way, few enough to read. */
constexpr int frames_max = 8;
constexpr size_t place_max_bytes = 16384;
constexpr size_t name_max_bytes = 200;

static bool InCode(const struct engine *engine, int script_id, int line)
{
    return script_id == engine->script_id && line >= 1 && line <= engine->script_lines;
}

static void WriteFrame(struct engine *engine, struct buf *out, v8::Local<v8::StackFrame> frame)
{
    v8::String::Utf8Value name(engine->isolate, frame->GetFunctionName());
    size_t len = *name ? static_cast<size_t>(name.length()) : 0;

    if (len > name_max_bytes)
        len = name_max_bytes;
    json_write_comma(out);
    buf_add_char(out, '{');
    json_write_member_string(out, "function", span_make(*name, len));
    json_write_member_int(out, "line", frame->GetLineNumber());
    json_write_member_int(out, "column", frame->GetColumn());
    buf_add_char(out, '}');
}

/* "\n    at name (script.ts:1:2)" for each frame of the code. */
static void AddFrames(struct engine *engine, v8::Local<v8::StackTrace> stack, std::string *out)
{
    for (int i = 0; i < stack->GetFrameCount(); i++) {
        v8::Local<v8::StackFrame> frame =
            stack->GetFrame(engine->isolate, static_cast<uint32_t>(i));
        v8::String::Utf8Value name(engine->isolate, frame->GetFunctionName());
        std::string place = "script.ts:" + std::to_string(frame->GetLineNumber()) + ":" +
                            std::to_string(frame->GetColumn());

        if (!InCode(engine, frame->GetScriptId(), frame->GetLineNumber()))
            continue;
        out->append("\n    at ");
        if (*name && name.length() > 0)
            out->append(*name).append(" (").append(place).append(")");
        else
            out->append(place);
    }
}

static void WritePosition(struct buf *out, int line, int column)
{
    buf_printf(out, "\"line\":%d,\"column\":%d", line, column);
}

static void WriteStack(struct engine *engine, struct buf *out, v8::Local<v8::StackTrace> stack)
{
    int count = 0;

    for (int i = 0; i < stack->GetFrameCount() && count < frames_max; i++) {
        v8::Local<v8::StackFrame> frame =
            stack->GetFrame(engine->isolate, static_cast<uint32_t>(i));

        if (!InCode(engine, frame->GetScriptId(), frame->GetLineNumber()))
            continue;
        if (count++ == 0) {
            WritePosition(out, frame->GetLineNumber(), frame->GetColumn());
            buf_add_str(out, ",\"frames\":[");
        }
        WriteFrame(engine, out, frame);
    }
    if (count > 0)
        buf_add_char(out, ']');
}

/* Where an error without a captured stack was made, such as that of a stack that overflowed. */
static void WriteLocation(struct engine *engine, struct buf *out, v8::Local<v8::Value> error)
{
    v8::Local<v8::Context> context = engine->isolate->GetCurrentContext();
    v8::Local<v8::Message> message = v8::Exception::CreateMessage(engine->isolate, error);
    int line = message->GetLineNumber(context).FromMaybe(0);

    if (InCode(engine, message->GetScriptOrigin().ScriptId(), line))
        WritePosition(out, line, message->GetStartColumn(context).FromMaybe(0) + 1);
}

static std::string Taken(struct buf *out)
{
    std::string text;

    if (!buf_failed(out))
        text.assign(buf_str(out), out->len);
    buf_done(out);
    return text;
}

std::string PlaceOfError(struct engine *engine, v8::Local<v8::Value> error)
{
    struct buf out;
    v8::Local<v8::StackTrace> stack;

    buf_init(&out, place_max_bytes);
    /* A proxy would be asked for its properties, which runs its traps. */
    if (error->IsNativeError())
        stack = v8::Exception::GetStackTrace(error);
    if (!stack.IsEmpty())
        WriteStack(engine, &out, stack);
    if (out.len == 0 && error->IsNativeError())
        WriteLocation(engine, &out, error);
    return Taken(&out);
}

/* What a script reads as `stack` of an error: its own frames alone, whatever
 * Error.prepareStackTrace is.  The first line may run code of the script, which asked for it. */
static v8::MaybeLocal<v8::Value>
PrepareStack(v8::Local<v8::Context> context, v8::Local<v8::Value> error, v8::Local<v8::Array>)
{
    v8::Isolate *isolate = context->GetIsolate();
    v8::Local<v8::StackTrace> stack = v8::Exception::GetStackTrace(error);
    v8::Local<v8::String> head;

    if (!error->ToString(context).ToLocal(&head))
        return {};
    v8::String::Utf8Value text(isolate, head);
    std::string out(*text ? *text : "", *text ? static_cast<size_t>(text.length()) : 0);
    if (!stack.IsEmpty())
        AddFrames(EngineOf(isolate), stack, &out);
    /* V8 11.3 converts a Local of a string, but no MaybeLocal. */
    if (!TextValue(isolate, out).ToLocal(&head))
        return {};
    return head;
}

void SetStackText(v8::Isolate *isolate)
{
    isolate->SetPrepareStackTraceCallback(PrepareStack);
}

std::string PlaceOfMessage(struct engine *engine,
                           v8::Local<v8::Context> context,
                           v8::Local<v8::Message> message)
{
    struct buf out;
    int line = message->GetLineNumber(context).FromMaybe(0);
    int column = message->GetStartColumn(context).FromMaybe(0) + 1;

    buf_init(&out, place_max_bytes);
    if (line > engine->script_lines) {
        line = engine->script_lines;
        column = 1;
    }
    if (line >= 1)
        WritePosition(&out, line, column);
    return Taken(&out);
}

} // namespace engine_v8

/*
 * The functions that the runtime calls: the frames it sends, and what
 * ECMAScript alone can't do or can't do safely.  No policy here: which names,
 * limits and texts there are is decided in isolate/runtime.
 */
#include "isolate/engine_v8.h"

#include <cstring>
#include <ctime>

extern "C" {
#include "base/json.h"
#include "base/limits.h"
#include "base/random.h"
#include "isolate/wire.h"
}

namespace engine_v8
{

using Info = v8::FunctionCallbackInfo<v8::Value>;

v8::Local<v8::String> Text(v8::Isolate *isolate, const char *text)
{
    return v8::String::NewFromUtf8(isolate, text).ToLocalChecked();
}

v8::MaybeLocal<v8::String> TextValue(v8::Isolate *isolate, const std::string &text)
{
    return v8::String::NewFromUtf8(isolate, text.data(), v8::NewStringType::kNormal,
                                   static_cast<int>(text.size()));
}

/* True when all arguments are as they must be; else throws.  The runtime keeps to it, whatever a
 * script does; were it not so, this is no place to find out by a crash. */
static bool Expect(const Info &info, bool holds)
{
    if (!holds)
        info.GetIsolate()->ThrowException(
            v8::Exception::TypeError(Text(info.GetIsolate(), "wrong argument")));
    return holds;
}

static void ReturnText(const Info &info, const std::string &text)
{
    v8::Local<v8::String> string;

    if (TextValue(info.GetIsolate(), text).ToLocal(&string))
        info.GetReturnValue().Set(string);
}

/* What send() answers, as isolate/runtime/native.js names it. */
enum SendResult { SEND_OK, SEND_FULL, SEND_TOO_DEEP };

static SendResult SendText(struct engine *engine, int type, uint32_t id, struct span body)
{
    /* The proxy refuses what is nested deeper, and kills the worker for it. */
    if (type != WIRE_DONE && json_check(body, LIMIT_RPC_DEPTH, nullptr) < 0)
        return SEND_TOO_DEEP;
    if (!engine->host->send(engine->host->ctx, type, id, body))
        return SEND_FULL;
    return SEND_OK;
}

/* send(type, id, json): queues a frame. */
static void Send(const Info &info)
{
    struct engine *engine = EngineOf(info.GetIsolate());

    if (!Expect(info, info[0]->IsInt32() && info[1]->IsUint32() && info[2]->IsString()))
        return;
    v8::String::Utf8Value body(info.GetIsolate(), info[2]);
    SendResult result =
        SendText(engine, info[0].As<v8::Int32>()->Value(), info[1].As<v8::Uint32>()->Value(),
                 span_make(*body, static_cast<size_t>(body.length())));

    info.GetReturnValue().Set(static_cast<int>(result));
}

/* done(ok, json): sends the last frame; the script is over. */
static void Done(const Info &info)
{
    struct engine *engine = EngineOf(info.GetIsolate());

    if (!Expect(info, info[1]->IsString()))
        return;
    v8::String::Utf8Value json(info.GetIsolate(), info[1]);
    bool ok = info[0]->BooleanValue(info.GetIsolate());
    struct buf body = BUF(LIMIT_WIRE_FRAME_BYTES);

    wire_add_part(&body, ok ? SPAN("ok") : SPAN("error"));
    wire_add_part(&body, span_make(*json, static_cast<size_t>(json.length())));
    if (buf_failed(&body) || SendText(engine, WIRE_DONE, 0, buf_span(&body)) != SEND_OK)
        engine->host->fatal(engine->host->ctx, "engine", "the result does not fit in a frame");
    buf_done(&body);
    engine->done = true;
}

/* now(): milliseconds of a clock that only goes forward. */
static void Now(const Info &info)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    info.GetReturnValue().Set(static_cast<double>(time.tv_sec) * 1000.0 +
                              static_cast<double>(time.tv_nsec / 1000000));
}

static struct span BytesOf(v8::Local<v8::Value> value, std::vector<char> *copy)
{
    v8::Local<v8::ArrayBufferView> view = value.As<v8::ArrayBufferView>();

    copy->resize(view->ByteLength());
    view->CopyContents(copy->data(), copy->size());
    return span_make(copy->data(), copy->size());
}

/* randomWord(): 32 bits from the kernel's random source, as a signed integer. */
static void RandomWord(const Info &info)
{
    int32_t word;

    random_bytes(&word, sizeof(word));
    info.GetReturnValue().Set(word);
}

/* fillRandom(view): fills it from the kernel's random source. */
static void FillRandom(const Info &info)
{
    if (!Expect(info, info[0]->IsArrayBufferView()))
        return;
    v8::Local<v8::ArrayBufferView> view = info[0].As<v8::ArrayBufferView>();
    size_t len = view->ByteLength();

    if (len > 0)
        random_bytes(static_cast<char *>(view->Buffer()->GetBackingStore()->Data()) +
                         view->ByteOffset(),
                     len);
}

/* utf8Encode(string): its bytes as an ArrayBuffer; lone surrogates become U+FFFD. */
static void Utf8Encode(const Info &info)
{
    v8::Isolate *isolate = info.GetIsolate();

    if (!Expect(info, info[0]->IsString()))
        return;
    v8::String::Utf8Value text(isolate, info[0]);
    size_t len = static_cast<size_t>(text.length());
    struct engine *engine = EngineOf(isolate);

    if (len > engine->allocator.max_bytes - engine->allocator.used_bytes) {
        isolate->ThrowException(
            v8::Exception::RangeError(Text(isolate, "Array buffer allocation failed")));
        return;
    }
    v8::Local<v8::ArrayBuffer> bytes = v8::ArrayBuffer::New(isolate, len);
    if (len > 0)
        memcpy(bytes->GetBackingStore()->Data(), *text, len);
    info.GetReturnValue().Set(bytes);
}

/* utf8Decode(view): its text, what is not UTF-8 as U+FFFD. */
static void Utf8Decode(const Info &info)
{
    std::vector<char> copy;

    if (!Expect(info, info[0]->IsArrayBufferView()))
        return;
    struct span bytes = BytesOf(info[0], &copy);
    v8::Local<v8::String> text;

    if (bytes.len > static_cast<size_t>(v8::String::kMaxLength) ||
        !v8::String::NewFromUtf8(info.GetIsolate(), bytes.data, v8::NewStringType::kNormal,
                                 static_cast<int>(bytes.len))
             .ToLocal(&text))
        info.GetIsolate()->ThrowException(v8::Exception::RangeError(
            Text(info.GetIsolate(), "the text is too long for a string")));
    else
        info.GetReturnValue().Set(text);
}

/* utf8Length(string): the bytes that it takes. */
static void Utf8Length(const Info &info)
{
    if (!Expect(info, info[0]->IsString()))
        return;
#if V8_MAJOR_VERSION >= 13
    size_t len = info[0].As<v8::String>()->Utf8LengthV2(info.GetIsolate());
#else
    int len = info[0].As<v8::String>()->Utf8Length(info.GetIsolate());
#endif

    info.GetReturnValue().Set(static_cast<double>(len));
}

/* Words what can't be cloned as a DataCloneError of the runtime would. */
class CloneDelegate final : public v8::ValueSerializer::Delegate
{
  public:
    explicit CloneDelegate(v8::Isolate *isolate) : isolate_(isolate)
    {
    }

    void ThrowDataCloneError(v8::Local<v8::String> message) override
    {
        v8::Local<v8::Object> error = v8::Exception::Error(message).As<v8::Object>();

        error
            ->DefineOwnProperty(isolate_->GetCurrentContext(), Text(isolate_, "name"),
                                Text(isolate_, "DataCloneError"), v8::DontEnum)
            .Check();
        isolate_->ThrowException(error);
    }

  private:
    v8::Isolate *isolate_;
};

/* clone(value): the structured clone; throws what the value's getters throw. */
static void Clone(const Info &info)
{
    v8::Isolate *isolate = info.GetIsolate();
    v8::Local<v8::Context> context = isolate->GetCurrentContext();
    CloneDelegate delegate(isolate);
    v8::ValueSerializer writer(isolate, &delegate);

    writer.WriteHeader();
    bool written = writer.WriteValue(context, info[0]).FromMaybe(false);
    std::pair<uint8_t *, size_t> bytes = writer.Release();

    if (written) {
        v8::ValueDeserializer reader(isolate, bytes.first, bytes.second);
        v8::Local<v8::Value> value;

        if (reader.ReadHeader(context).FromMaybe(false) &&
            reader.ReadValue(context).ToLocal(&value))
            info.GetReturnValue().Set(value);
    }
    free(bytes.first);
}

struct Kind {
    bool (v8::Value::*is)() const;
    const char *name;
};

/* The first that holds counts: a proxy before what it stands for. */
static const Kind kinds[] = {
    { &v8::Value::IsProxy, "proxy" },
    { &v8::Value::IsArray, "array" },
    { &v8::Value::IsFunction, "function" },
    { &v8::Value::IsNativeError, "error" },
    { &v8::Value::IsPromise, "promise" },
    { &v8::Value::IsDate, "date" },
    { &v8::Value::IsMap, "map" },
    { &v8::Value::IsSet, "set" },
    { &v8::Value::IsRegExp, "regexp" },
    { &v8::Value::IsTypedArray, "typedarray" },
    { &v8::Value::IsArrayBuffer, "arraybuffer" },
    { &v8::Value::IsDataView, "dataview" },
    { &v8::Value::IsWeakMap, "weakmap" },
    { &v8::Value::IsWeakSet, "weakset" },
    { &v8::Value::IsMapIterator, "iterator" },
    { &v8::Value::IsSetIterator, "iterator" },
    { &v8::Value::IsGeneratorObject, "generator" },
    { &v8::Value::IsBooleanObject, "boxed" },
    { &v8::Value::IsNumberObject, "boxed" },
    { &v8::Value::IsStringObject, "boxed" },
    { &v8::Value::IsBigIntObject, "boxed" },
    { &v8::Value::IsSymbolObject, "boxed" },
};

/* kindOf(object): what it is inside, whatever its prototype says. */
static void KindOf(const Info &info)
{
    for (const Kind &kind : kinds)
        if (((*info[0])->*kind.is)()) {
            info.GetReturnValue().Set(v8::String::NewFromUtf8(info.GetIsolate(), kind.name,
                                                              v8::NewStringType::kInternalized)
                                          .ToLocalChecked());
            return;
        }
    info.GetReturnValue().Set(Text(info.GetIsolate(), "object"));
}

/* placeOf(error): where it happened, as members of a JSON object. */
static void PlaceOf(const Info &info)
{
    ReturnText(info, PlaceOfError(EngineOf(info.GetIsolate()), info[0]));
}

/* rejections(): the reasons of promises that were rejected while nobody listened. */
static void Rejections(const Info &info)
{
    struct engine *engine = EngineOf(info.GetIsolate());
    std::vector<v8::Local<v8::Value>> reasons;

    for (Rejection &rejection : engine->rejections)
        if (rejection.promise != engine->result)
            reasons.push_back(rejection.reason.Get(engine->isolate));
    info.GetReturnValue().Set(v8::Array::New(engine->isolate, reasons.data(), reasons.size()));
}

struct Native {
    const char *name;
    v8::FunctionCallback function;
};

static const Native natives[] = {
    { "send", Send },
    { "done", Done },
    { "now", Now },
    { "randomWord", RandomWord },
    { "fillRandom", FillRandom },
    { "utf8Encode", Utf8Encode },
    { "utf8Decode", Utf8Decode },
    { "utf8Length", Utf8Length },
    { "clone", Clone },
    { "kindOf", KindOf },
    { "placeOf", PlaceOf },
    { "rejections", Rejections },
};

v8::Local<v8::Object> MakeNatives(v8::Isolate *isolate, v8::Local<v8::Context> context)
{
    v8::Local<v8::Object> object = v8::Object::New(isolate);

    for (const Native &native : natives) {
        v8::Local<v8::Function> function =
            v8::Function::New(context, native.function, v8::Local<v8::Value>(), 0,
                              v8::ConstructorBehavior::kThrow)
                .ToLocalChecked();

        object->CreateDataProperty(context, Text(isolate, native.name), function).Check();
    }
    return object;
}

static void Remove(v8::Local<v8::Context> context, v8::Local<v8::Object> object, const char *name)
{
    object->Delete(context, Text(context->GetIsolate(), name)).Check();
}

void RemoveGlobals(v8::Isolate *isolate, v8::Local<v8::Context> context)
{
    v8::Local<v8::Object> global = context->Global();
    v8::Local<v8::Value> atomics;

    if (global->Get(context, Text(isolate, "Atomics")).ToLocal(&atomics) && atomics->IsObject()) {
        Remove(context, atomics.As<v8::Object>(), "wait");
        Remove(context, atomics.As<v8::Object>(), "waitAsync");
    }
    Remove(context, global, "SharedArrayBuffer");
    Remove(context, global, "WebAssembly");
    Remove(context, global, "console");
}

} // namespace engine_v8

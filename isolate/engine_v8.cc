/*
 * The life of the engine: started in the zygote, used once in a worker.
 *
 * V8 runs with one thread (the platform and the flag must both say so, or a
 * forked child waits for a thread it has not got).  What a script sees is made
 * by isolate/runtime; this file only carries values to and fro, drives
 * microtasks and timers, and tells when the script is over.
 */
#include "isolate/engine_v8.h"

#include <libplatform/libplatform.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

extern "C" {
#include "base/json.h"
#include "base/limits.h"
#include "base/random.h"
#include "isolate/runtime_files.h"
#include "isolate/wire.h"
}

namespace engine_v8
{

constexpr size_t code_range_bytes = 32U << 20; /* counts against RLIMIT_DATA */
constexpr uint64_t memory_min_bytes = 16U << 20;
constexpr size_t runtime_max_bytes = 16U << 20; /* of the heap; it has a quarter of that */
constexpr size_t young_spaces = 3;              /* of equal size, one of them in use */

/* Never freed: the process ends by _exit. */
static v8::Platform *platform;

struct engine *EngineOf(v8::Isolate *isolate)
{
    return static_cast<struct engine *>(isolate->GetData(0));
}

v8::ScriptOrigin
Origin(v8::Isolate *isolate, v8::Local<v8::String> name, int first_line, bool is_module)
{
    v8::Local<v8::Value> no_map;

#if V8_MAJOR_VERSION >= 13
    (void)isolate;
    return v8::ScriptOrigin(name, first_line, 0, false, -1, no_map, false, false, is_module);
#else
    return v8::ScriptOrigin(isolate, name, first_line, 0, false, -1, no_map, false, false,
                            is_module);
#endif
}

static bool Entropy(unsigned char *out, size_t len)
{
    random_bytes(out, len);
    return true;
}

static void SetFlags(bool jit)
{
    v8::V8::SetFlagsFromString("--single-threaded --disallow-code-generation-from-strings "
                               "--enable-experimental-regexp-engine-on-excessive-backtracks");
    v8::V8::SetFlagsFromString(("--stack-size=" + std::to_string(LIMIT_STACK_KIB)).c_str());
    /* Else the lines of a stack that overflowed are lost: they can't be computed without stack. */
    v8::V8::SetFlagsFromString("--no-enable-lazy-source-positions");
#if V8_MAJOR_VERSION < 13
    /* Without worker threads it takes the process down there. */
    v8::V8::SetFlagsFromString("--no-expose-wasm");
#endif
    if (!jit)
        v8::V8::SetFlagsFromString("--jitless");
}

static void StartPlatform(bool jit)
{
    if (platform)
        return;
    /* The host's time zone is none of a script's business. */
    (void)setenv("TZ", "UTC", 1);
    SetFlags(jit);
    v8::V8::SetEntropySource(Entropy);
    platform = v8::platform::NewSingleThreadedDefaultPlatform().release();
    v8::V8::InitializePlatform(platform);
    v8::V8::Initialize();
}

/* Remembers promises that are rejected while nobody listens, until somebody does. */
static void OnPromiseReject(v8::PromiseRejectMessage message)
{
    v8::Isolate *isolate = message.GetPromise()->GetIsolate();
    struct engine *engine = EngineOf(isolate);
    std::vector<Rejection> &list = engine->rejections;

    if (message.GetEvent() == v8::kPromiseRejectWithNoHandler && list.size() < rejections_max) {
        list.push_back({ v8::Global<v8::Promise>(isolate, message.GetPromise()),
                         v8::Global<v8::Value>(isolate, message.GetValue()) });
    } else if (message.GetEvent() == v8::kPromiseHandlerAddedAfterReject) {
        for (size_t i = 0; i < list.size(); i++)
            if (list[i].promise == message.GetPromise()) {
                list.erase(list.begin() + static_cast<long>(i));
                return;
            }
    }
}

/* import() has nowhere to load from. */
static v8::MaybeLocal<v8::Promise> OnImport(v8::Local<v8::Context> context,
                                            v8::Local<v8::Data>,
                                            v8::Local<v8::Value>,
                                            v8::Local<v8::String> specifier,
                                            v8::Local<v8::FixedArray>)
{
    v8::Isolate *isolate = context->GetIsolate();
    v8::Local<v8::Promise::Resolver> resolver;
    v8::String::Utf8Value name(isolate, specifier);
    std::string text = std::string("cannot import '") + *name +
                       "': a script has no modules; its servers are global variables "
                       "(mcp.servers() lists them)";

    if (!v8::Promise::Resolver::New(context).ToLocal(&resolver) ||
        resolver->Reject(context, v8::Exception::TypeError(Text(isolate, text.c_str())))
            .IsNothing())
        return {};
    return resolver->GetPromise();
}

static v8::Isolate *NewIsolate(struct engine *engine, const struct engine_options *options)
{
    v8::Isolate::CreateParams params;

    params.array_buffer_allocator = &engine->allocator;
    params.constraints.ConfigureDefaultsFromHeapSize(0, options->heap_max_bytes);
    engine->young_bytes = params.constraints.max_young_generation_size_in_bytes() / young_spaces;
    params.constraints.set_max_old_generation_size_in_bytes(
        options->heap_max_bytes + engine->young_bytes + runtime_max_bytes);
    if (options->jit)
        params.constraints.set_code_range_size_in_bytes(code_range_bytes);
    return v8::Isolate::New(params);
}

static void SetIsolateUp(struct engine *engine)
{
    v8::Isolate *isolate = engine->isolate;

    isolate->SetData(0, engine);
    isolate->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
    isolate->SetCaptureStackTraceForUncaughtExceptions(true, 10);
    isolate->SetPromiseRejectCallback(OnPromiseReject);
    isolate->SetHostImportModuleDynamicallyCallback(OnImport);
    SetStackText(isolate);
    SetMemoryHandlers(engine);
}

/* The script is over or can't go on: tells the host when it was stopped from outside. */
static void AfterCall(struct engine *engine, const v8::TryCatch &caught)
{
    const struct engine_host *host = engine->host;

    if (caught.HasTerminated() || engine->isolate->IsExecutionTerminating())
        host->fatal(host->ctx, "cpu", "the script used up its processor time");
    if (caught.HasCaught()) {
        v8::String::Utf8Value text(engine->isolate, caught.Exception());

        host->fatal(host->ctx, "engine", *text ? *text : "the runtime failed");
    }
}

static v8::Local<v8::Value>
Call(struct engine *engine, Entry entry, int count, v8::Local<v8::Value> *arguments)
{
    v8::Isolate *isolate = engine->isolate;
    v8::TryCatch caught(isolate);
    v8::Local<v8::Value> value = v8::Undefined(isolate);

    if (!engine->entries[entry]
             .Get(isolate)
             ->Call(isolate->GetCurrentContext(), v8::Undefined(isolate), count, arguments)
             .ToLocal(&value)) {
        AfterCall(engine, caught);
        value = v8::Undefined(isolate);
    }
    return value;
}

/* Runs what is queued, then lets the runtime see whether the script is over. */
static void Settle(struct engine *engine)
{
    v8::Isolate *isolate = engine->isolate;
    v8::TryCatch caught(isolate);

    isolate->PerformMicrotaskCheckpoint();
    AfterCall(engine, caught);

    v8::Local<v8::Value> result = engine->result.Get(isolate);
    v8::Local<v8::Value> arguments[] = { v8::Integer::New(isolate, v8::Promise::kFulfilled),
                                         result };
    if (result->IsPromise()) {
        v8::Local<v8::Promise> promise = result.As<v8::Promise>();

        arguments[0] = v8::Integer::New(isolate, promise->State());
        arguments[1] = v8::Undefined(isolate);
        if (promise->State() != v8::Promise::kPending)
            arguments[1] = promise->Result();
    }
    (void)Call(engine, ENTRY_SETTLE, 2, arguments);
}

static int CountLines(struct span text)
{
    int lines = 0;

    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    return lines;
}

/* The lines of the code: what stands between the wrapper's first and last line. */
static int CodeLines(struct span run_text)
{
    while (run_text.len > 0 && run_text.data[run_text.len - 1] == '\n')
        run_text.len--;

    int lines = CountLines(run_text) - 1;
    return lines > 0 ? lines : 1;
}

static v8::MaybeLocal<v8::Value>
Evaluate(struct engine *engine, v8::Local<v8::Context> context, struct span run_text)
{
    v8::Isolate *isolate = engine->isolate;
    v8::Local<v8::String> text;
    v8::Local<v8::Script> script;

    if (!v8::String::NewFromUtf8(isolate, run_text.data, v8::NewStringType::kNormal,
                                 static_cast<int>(run_text.len))
             .ToLocal(&text))
        return {};
    v8::ScriptOrigin origin = Origin(isolate, Text(isolate, "script.ts"), -1, false);
    v8::ScriptCompiler::Source source(text, origin);

    /* Nearly all functions of such a script are called: compiled at once they are read once. */
    if (!v8::ScriptCompiler::Compile(context, &source, v8::ScriptCompiler::kEagerCompile)
             .ToLocal(&script))
        return {};
    engine->script_id = script->GetUnboundScript()->GetId();
    return script->Run(context);
}

/* The script has no value since it does not compile, or threw outside of its promise. */
static void
FailToStart(struct engine *engine, v8::Local<v8::Context> context, const v8::TryCatch &caught)
{
    v8::Isolate *isolate = engine->isolate;
    std::string place = PlaceOfMessage(engine, context, caught.Message());
    v8::Local<v8::Value> arguments[] = {
        v8::Integer::New(isolate, v8::Promise::kRejected),
        caught.Exception(),
        v8::String::NewFromUtf8(isolate, place.c_str()).ToLocalChecked(),
    };

    (void)Call(engine, ENTRY_SETTLE, 3, arguments);
}

static void RunScript(struct engine *engine, v8::Local<v8::Context> context, struct span run_text)
{
    v8::TryCatch caught(engine->isolate);
    v8::Local<v8::Value> result;

    engine->script_id = 0;
    engine->script_lines = CodeLines(run_text);
    if (Evaluate(engine, context, run_text).ToLocal(&result)) {
        engine->result.Reset(engine->isolate, result);
        Settle(engine);
    } else if (caught.HasTerminated()) {
        AfterCall(engine, caught);
    } else {
        FailToStart(engine, context, caught);
    }
}

static uint64_t MemoryLimit(struct span environment)
{
    static const char *const path[] = { "limits", "memory_bytes", nullptr };
    struct span value;
    int64_t bytes;

    if (!json_get_path(environment, path, &value) || !json_int64(value, &bytes) ||
        bytes < static_cast<int64_t>(memory_min_bytes))
        return memory_min_bytes;
    return static_cast<uint64_t>(bytes);
}

static v8::MaybeLocal<v8::Value>
ParseJson(v8::Isolate *isolate, v8::Local<v8::Context> context, struct span json)
{
    v8::Local<v8::String> text;

    if (!v8::String::NewFromUtf8(isolate, json.data, v8::NewStringType::kNormal,
                                 static_cast<int>(json.len))
             .ToLocal(&text))
        return {};
    return v8::JSON::Parse(context, text);
}

/* The fields of an error beside its message, as they came, each after a comma. */
static std::string ErrorMembers(struct span reply)
{
    static const char *const fields[] = { "server", "tool", "content", "code", "data" };
    std::string members;

    for (const char *field : fields) {
        struct span value;

        if (json_get(reply, field, &value))
            members.append(",\"").append(field).append("\":").append(value.data, value.len);
    }
    return members;
}

} // namespace engine_v8

using namespace engine_v8;

/* Everything that touches the engine stands in these scopes. */
#define ENGINE_SCOPES(engine)                                        \
    v8::Isolate *isolate = (engine)->isolate;                        \
    v8::Isolate::Scope isolate_scope(isolate);                       \
    v8::HandleScope handle_scope(isolate);                           \
    v8::Local<v8::Context> context = (engine)->context.Get(isolate); \
    v8::Context::Scope context_scope(context)

struct engine *engine_start(const struct engine_options *options, struct err *err)
{
    StartPlatform(options->jit);

    struct engine *engine = new struct engine();
    engine->heap_max_bytes = options->heap_max_bytes;
    engine->allocator.max_bytes = options->heap_max_bytes;
    engine->isolate = NewIsolate(engine, options);
    SetIsolateUp(engine);

    v8::Isolate *isolate = engine->isolate;
    v8::Isolate::Scope isolate_scope(isolate);
    v8::HandleScope handle_scope(isolate);
    v8::Local<v8::Context> context = v8::Context::New(isolate);
    v8::Context::Scope context_scope(context);
    engine->context.Reset(isolate, context);
    context->AllowCodeGenerationFromStrings(false);
    context->SetErrorMessageForCodeGenerationFromStrings(
        Text(isolate, "code can't be made from strings here"));
    RemoveGlobals(isolate, context);
    /* An isolate without its runtime is of no use; the process that failed to start ends. */
    if (LoadRuntime(engine, context, err) < 0)
        return nullptr;
    return engine;
}

const char *engine_version(void)
{
    static char version[64];

    (void)snprintf(version, sizeof(version), "V8 %s", v8::V8::GetVersion());
    return version;
}

void engine_equip(struct engine *engine, const struct engine_host *host, struct span environment)
{
    ENGINE_SCOPES(engine);
    v8::TryCatch caught(isolate);
    v8::Local<v8::Value> argument;

    engine->host = host;
    if (!ParseJson(isolate, context, environment).ToLocal(&argument))
        host->fatal(host->ctx, "engine", "the environment is not JSON");
    LimitMemory(engine, MemoryLimit(environment));
    (void)Call(engine, ENTRY_EQUIP, 1, &argument);
}

void engine_run(struct engine *engine,
                const struct engine_host *host,
                const struct engine_script *script)
{
    ENGINE_SCOPES(engine);
    v8::TryCatch caught(isolate);
    v8::Local<v8::Value> input = v8::Undefined(isolate);

    engine->host = host;
    engine->done = false;
    engine->rejections.clear();
    if (script->input.len && !ParseJson(isolate, context, script->input).ToLocal(&input))
        host->fatal(host->ctx, "engine", "the input is not JSON");
    (void)Call(engine, ENTRY_BEGIN, 1, &input);
    RunScript(engine, context, script->run_text);
}

void engine_reply(struct engine *engine, uint32_t id, bool ok, struct span json)
{
    ENGINE_SCOPES(engine);
    v8::TryCatch caught(isolate);
    v8::Local<v8::Value> value;

    if (!ParseJson(isolate, context, json).ToLocal(&value))
        engine->host->fatal(engine->host->ctx, "engine", "a reply is not JSON");

    v8::Local<v8::Value> arguments[] = {
        v8::Integer::NewFromUnsigned(isolate, id),
        v8::Boolean::New(isolate, ok),
        value,
        TextValue(isolate, ok ? std::string() : ErrorMembers(json)).ToLocalChecked(),
    };
    (void)Call(engine, ENTRY_REPLY, 4, arguments);
    Settle(engine);
}

int64_t engine_next_ms(struct engine *engine)
{
    ENGINE_SCOPES(engine);
    v8::Local<v8::Value> value = Call(engine, ENTRY_NEXT_MS, 0, nullptr);

    return value->IntegerValue(context).FromMaybe(-1);
}

void engine_tick(struct engine *engine)
{
    ENGINE_SCOPES(engine);

    /* One timer a turn: microtasks run between two of them. */
    while (!engine->done && Call(engine, ENTRY_TICK, 0, nullptr)->IsTrue())
        Settle(engine);
}

bool engine_done(const struct engine *engine)
{
    return engine->done;
}

void engine_terminate(struct engine *engine)
{
    engine->isolate->TerminateExecution();
}

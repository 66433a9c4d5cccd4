/*
 * A worker that was taken over: the real program, with a global `hostile`
 * through which a script does what native code in the worker could do.  The
 * engine's start is wrapped by the linker, so the program that is installed
 * holds nothing of this.
 */
#include "isolate/engine_v8.h"

#include <vector>

extern "C" {
#include "tests/escape/worker/attacks.h"

struct engine *__real_engine_start(const struct engine_options *options, struct err *err);
struct engine *__wrap_engine_start(const struct engine_options *options, struct err *err);
}

using Info = v8::FunctionCallbackInfo<v8::Value>;

static long Number(const Info &info, int index)
{
    return info[index]->IntegerValue(info.GetIsolate()->GetCurrentContext()).FromMaybe(0);
}

static void Return(const Info &info, long result)
{
    info.GetReturnValue().Set(static_cast<double>(result));
}

/* attack(name): a row of attacks.def; its result, or minus the error number. */
static void Attack(const Info &info)
{
    v8::String::Utf8Value name(info.GetIsolate(), info[0]);

    Return(info, attack_run(*name));
}

/* call(number, ...arguments): a system call with arguments that are numbers. */
static void Call(const Info &info)
{
    long arguments[ATTACK_ARGUMENTS];

    for (int i = 0; i < ATTACK_ARGUMENTS; i++)
        arguments[i] = Number(info, i + 1);
    Return(info, attack_call(Number(info, 0), arguments));
}

/* listed(): the numbers that sandbox_calls.def has for workers. */
static void Listed(const Info &info)
{
    v8::Isolate *isolate = info.GetIsolate();
    std::vector<v8::Local<v8::Value>> numbers;

    for (unsigned i = 0; attack_listed(i) >= 0; i++)
        numbers.push_back(v8::Number::New(isolate, static_cast<double>(attack_listed(i))));
    info.GetReturnValue().Set(v8::Array::New(isolate, numbers.data(), numbers.size()));
}

/* send(hex, times): bytes on the socket, so often. */
static void Send(const Info &info)
{
    v8::String::Utf8Value hex(info.GetIsolate(), info[0]);
    long times = Number(info, 1);

    Return(info, attack_send(*hex, times > 0 ? times : 1));
}

static void Define(v8::Local<v8::Context> context,
                   v8::Local<v8::Object> object,
                   const char *name,
                   v8::FunctionCallback callback)
{
    object
        ->CreateDataProperty(context, engine_v8::Text(context->GetIsolate(), name),
                             v8::Function::New(context, callback).ToLocalChecked())
        .Check();
}

struct engine *__wrap_engine_start(const struct engine_options *options, struct err *err)
{
    struct engine *engine = __real_engine_start(options, err);

    if (!engine || attack_look_around(err) < 0)
        return nullptr;
    v8::Isolate *isolate = engine->isolate;
    v8::Isolate::Scope isolate_scope(isolate);
    v8::HandleScope handle_scope(isolate);
    v8::Local<v8::Context> context = engine->context.Get(isolate);
    v8::Context::Scope context_scope(context);
    v8::Local<v8::Object> hostile = v8::Object::New(isolate);

    Define(context, hostile, "attack", Attack);
    Define(context, hostile, "call", Call);
    Define(context, hostile, "listed", Listed);
    Define(context, hostile, "send", Send);
    context->Global()
        ->CreateDataProperty(context, engine_v8::Text(isolate, "hostile"), hostile)
        .Check();
    return engine;
}

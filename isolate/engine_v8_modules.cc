/*
 * Loads the runtime: ECMAScript modules that were embedded at build time.
 */
#include "isolate/engine_v8.h"

#include <cstring>

extern "C" {
#include "isolate/runtime_files.h"
}

namespace engine_v8
{

const char *const entry_names[ENTRY_COUNT] = {
    "equip", "begin", "reply", "settle", "tick", "nextMs"
};

/* Only while the runtime is loaded; modules refer to each other by file name. */
struct LoadedModule {
    const struct runtime_file *file;
    v8::Global<v8::Module> module;
};
static std::vector<LoadedModule> *loaded;

static v8::MaybeLocal<v8::Module> Compile(v8::Isolate *isolate, const struct runtime_file *file)
{
    std::string name = std::string("mcpfold:") + file->name;
    v8::Local<v8::String> text =
        v8::String::NewFromUtf8(isolate, reinterpret_cast<const char *>(file->data),
                                v8::NewStringType::kNormal, static_cast<int>(file->len))
            .ToLocalChecked();
    v8::ScriptCompiler::Source source(text, Origin(isolate, Text(isolate, name.c_str()), 0, true));
    v8::Local<v8::Module> module;

    if (!v8::ScriptCompiler::CompileModule(isolate, &source).ToLocal(&module))
        return {};
    loaded->push_back({ file, v8::Global<v8::Module>(isolate, module) });
    return module;
}

static v8::MaybeLocal<v8::Module> Find(v8::Isolate *isolate, const char *name)
{
    for (LoadedModule &entry : *loaded)
        if (strcmp(entry.file->name, name) == 0)
            return entry.module.Get(isolate);
    for (size_t i = 0; i < runtime_files_count; i++)
        if (strcmp(runtime_files[i].name, name) == 0)
            return Compile(isolate, &runtime_files[i]);
    isolate->ThrowException(v8::Exception::Error(Text(isolate, name)));
    return {};
}

static v8::MaybeLocal<v8::Module> Resolve(v8::Local<v8::Context> context,
                                          v8::Local<v8::String> specifier,
                                          v8::Local<v8::FixedArray>,
                                          v8::Local<v8::Module>)
{
    v8::Isolate *isolate = context->GetIsolate();
    v8::String::Utf8Value name(isolate, specifier);

    return Find(isolate, strncmp(*name, "./", 2) == 0 ? *name + 2 : *name);
}

/* Runs main.js and calls its `start` with the natives: the result holds the entries. */
static v8::MaybeLocal<v8::Object> Start(v8::Isolate *isolate, v8::Local<v8::Context> context)
{
    v8::Local<v8::Module> main;
    v8::Local<v8::Value> value;

    if (!Find(isolate, "main.js").ToLocal(&main) ||
        !main->InstantiateModule(context, Resolve).FromMaybe(false) ||
        !main->Evaluate(context).ToLocal(&value))
        return {};
    if (main->GetStatus() == v8::Module::kErrored) {
        isolate->ThrowException(main->GetException());
        return {};
    }
    if (!main->GetModuleNamespace()
             .As<v8::Object>()
             ->Get(context, Text(isolate, "start"))
             .ToLocal(&value) ||
        !value->IsFunction())
        return {};

    v8::Local<v8::Value> natives = MakeNatives(isolate, context);
    if (!value.As<v8::Function>()
             ->Call(context, v8::Undefined(isolate), 1, &natives)
             .ToLocal(&value) ||
        !value->IsObject())
        return {};
    return value.As<v8::Object>();
}

static int FailWith(struct engine *engine,
                    v8::Local<v8::Context> context,
                    const v8::TryCatch &caught,
                    struct err *err)
{
    if (!caught.HasCaught())
        return err_set(err, ERR_IO, "the runtime has no function 'start'");

    v8::String::Utf8Value text(engine->isolate, caught.Exception());
    v8::String::Utf8Value file(engine->isolate, caught.Message()->GetScriptResourceName());
    return err_set(err, ERR_IO, "the runtime does not load: %s:%d: %s", *file ? *file : "?",
                   caught.Message()->GetLineNumber(context).FromMaybe(0), *text ? *text : "?");
}

int LoadRuntime(struct engine *engine, v8::Local<v8::Context> context, struct err *err)
{
    v8::Isolate *isolate = engine->isolate;
    v8::TryCatch caught(isolate);
    std::vector<LoadedModule> modules;
    v8::Local<v8::Object> entries;

    loaded = &modules;
    bool started = Start(isolate, context).ToLocal(&entries);
    loaded = nullptr;
    if (!started)
        return FailWith(engine, context, caught, err);

    for (int i = 0; i < ENTRY_COUNT; i++) {
        v8::Local<v8::Value> value;

        if (!entries->Get(context, Text(isolate, entry_names[i])).ToLocal(&value) ||
            !value->IsFunction())
            return err_set(err, ERR_IO, "the runtime has no function '%s'", entry_names[i]);
        engine->entries[i].Reset(isolate, value.As<v8::Function>());
    }
    return 0;
}

} // namespace engine_v8

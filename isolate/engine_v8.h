/*
 * The V8 engine's own parts among each other; nobody else includes this.
 *
 *   engine_v8.cc          the life of the engine: start, run, reply, timers
 *   engine_v8_modules.cc  loads the runtime's modules (isolate/runtime)
 *   engine_v8_natives.cc  the functions that the runtime calls
 *   engine_v8_places.cc   lines, columns and frames of errors
 *   engine_v8_memory.cc   memory limits and what happens at them
 */
#ifndef ISOLATE_ENGINE_V8_H
#define ISOLATE_ENGINE_V8_H

#include <cstdint>
#include <string>
#include <vector>

#include <v8.h>

#include "isolate/engine.h"

namespace engine_v8
{

/* Bytes outside the heap, and the most there may be. */
class CappedAllocator final : public v8::ArrayBuffer::Allocator
{
  public:
    void *Allocate(size_t length) override;
    void *AllocateUninitialized(size_t length) override;
    void Free(void *data, size_t length) override;

    size_t used_bytes = 0;
    size_t max_bytes = 0;

  private:
    bool Take(size_t length);
};

/* A promise that was rejected while nobody listened. */
struct Rejection {
    v8::Global<v8::Promise> promise;
    v8::Global<v8::Value> reason;
};

/* The runtime's functions, in the order of entry_names. */
enum Entry {
    ENTRY_EQUIP,
    ENTRY_BEGIN,
    ENTRY_REPLY,
    ENTRY_SETTLE,
    ENTRY_TICK,
    ENTRY_NEXT_MS,
    ENTRY_COUNT
};
extern const char *const entry_names[ENTRY_COUNT];

} // namespace engine_v8

struct engine {
    v8::Isolate *isolate;
    engine_v8::CappedAllocator allocator;
    v8::Global<v8::Context> context;
    v8::Global<v8::Function> entries[engine_v8::ENTRY_COUNT];
    v8::Global<v8::Value> result; /* the script's completion value, a promise */
    std::vector<engine_v8::Rejection> rejections;
    const struct engine_host *host; /* borrowed for one execution; NULL between */
    uint64_t heap_max_bytes;
    size_t young_bytes;    /* what the engine lets be young */
    size_t heap_end_bytes; /* in use, the runtime included, at the script's limit */
    int script_id;
    int script_lines; /* lines of the code as it was sent */
    bool done;
};

namespace engine_v8
{

constexpr size_t rejections_max = 20;

/* A string of the engine; for names and texts of our own, which always fit. */
v8::Local<v8::String> Text(v8::Isolate *isolate, const char *text);

/* The same of any length; empty when it is too long for a string. */
v8::MaybeLocal<v8::String> TextValue(v8::Isolate *isolate, const std::string &text);

/* How an origin is written differs between the versions of V8. */
v8::ScriptOrigin
Origin(v8::Isolate *isolate, v8::Local<v8::String> name, int first_line, bool is_module);

/* The engine that an isolate belongs to. */
struct engine *EngineOf(v8::Isolate *isolate);

/* Loads the runtime's modules and fills engine->entries.  -1 with err. */
int LoadRuntime(struct engine *engine, v8::Local<v8::Context> context, struct err *err);

/* The object with the functions that the runtime calls. */
v8::Local<v8::Object> MakeNatives(v8::Isolate *isolate, v8::Local<v8::Context> context);

/* Takes away what no script may have: shared memory, waiting, WebAssembly. */
void RemoveGlobals(v8::Isolate *isolate, v8::Local<v8::Context> context);

/*
 * Where an error happened in the code as it was sent, as members of a JSON
 * object: "line":3,"column":5,"frames":[{"function","line","column"}].
 * Empty when it is unknown.  Runs no code of the script.
 */
std::string PlaceOfError(struct engine *engine, v8::Local<v8::Value> error);
/* The same of a message of the compiler. */
std::string PlaceOfMessage(struct engine *engine,
                           v8::Local<v8::Context> context,
                           v8::Local<v8::Message> message);

/* Makes the text of an error's stack ours: no file or line of the runtime, no call sites. */
void SetStackText(v8::Isolate *isolate);

/* Sets the handlers of a heap that is full and of faults of the engine. */
void SetMemoryHandlers(struct engine *engine);
/* Lowers the heap's limit, and that of what is outside the heap, for one execution. */
void LimitMemory(struct engine *engine, uint64_t memory_bytes);

} // namespace engine_v8

#endif

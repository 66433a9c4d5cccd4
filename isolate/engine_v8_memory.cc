/*
 * Memory of the engine: how much a script may take, and what happens when it
 * wants more.  A heap that is full can't be handed back to the script, so each
 * of these ends the worker through host.fatal, which writes the reason and
 * exits.
 */
#include "isolate/engine_v8.h"

#include <cstdio>
#include <cstdlib>
#include <new>

namespace engine_v8
{

constexpr size_t heap_step_bytes = 4U << 20;

/* Handlers of the whole process get no argument of ours. */
static struct engine *handlers_engine;

[[noreturn]] static void Fatal(const char *kind, const char *message)
{
    const struct engine *engine = handlers_engine;

    if (engine && engine->host)
        engine->host->fatal(engine->host->ctx, kind, message);
    (void)fprintf(stderr, "engine: %s\n", message);
    _Exit(70);
}

[[noreturn]] static void FatalMemory()
{
    Fatal("memory", "the script needs more memory than it may have");
}

bool CappedAllocator::Take(size_t length)
{
    if (length > max_bytes || used_bytes > max_bytes - length)
        return false;
    used_bytes += length;
    return true;
}

void *CappedAllocator::Allocate(size_t length)
{
    void *data = Take(length) ? calloc(1, length ? length : 1) : nullptr;

    return data;
}

void *CappedAllocator::AllocateUninitialized(size_t length)
{
    return Allocate(length);
}

void CappedAllocator::Free(void *data, size_t length)
{
    used_bytes -= length;
    free(data);
}

static size_t UsedHeap(v8::Isolate *isolate)
{
    v8::HeapStatistics statistics;

    isolate->GetHeapStatistics(&statistics);
    return statistics.used_heap_size();
}

/*
 * Called by the collector when the last collection did not free enough.  It
 * counts whole pages, so it may call before a script has what it may have: only
 * what is in use counts, up to a heap of which a quarter is waste, as with
 * blocks of 64 KiB in the engine's pages of 256.  RLIMIT_DATA is behind both.
 */
static size_t OnHeapNearLimit(void *data, size_t limit, size_t)
{
    const struct engine *engine = static_cast<struct engine *>(data);

    if (!engine->host)
        return limit + limit / 2;

    size_t used = UsedHeap(engine->isolate);

    if (used > engine->heap_end_bytes ||
        limit > engine->heap_end_bytes + engine->heap_end_bytes / 3 + engine->young_bytes)
        FatalMemory();
    return limit + heap_step_bytes + engine->heap_end_bytes - used;
}

#if V8_MAJOR_VERSION >= 11
static void OnOutOfMemory(const char *, const v8::OOMDetails &)
#else
static void OnOutOfMemory(const char *, bool)
#endif
{
    FatalMemory();
}

static void OnMisuse(const char *location, const char *message)
{
    char text[256];

    (void)snprintf(text, sizeof(text), "%s: %s", location ? location : "?", message);
    Fatal("engine", text);
}

#if V8_MAJOR_VERSION >= 13
static void OnFailedCheck(const char *file, int line, const char *message)
{
    char text[256];

    (void)snprintf(text, sizeof(text), "%s:%d: %s", file, line, message);
    Fatal("engine", text);
}
#endif

void SetMemoryHandlers(struct engine *engine)
{
    handlers_engine = engine;
    engine->isolate->SetOOMErrorHandler(OnOutOfMemory);
    engine->isolate->SetFatalErrorHandler(OnMisuse);
    engine->isolate->AddNearHeapLimitCallback(OnHeapNearLimit, engine);
    std::set_new_handler(FatalMemory);
#if V8_MAJOR_VERSION >= 13
    v8::V8::SetFatalErrorHandler(OnFailedCheck);
#endif
}

void LimitMemory(struct engine *engine, uint64_t memory_bytes)
{
    engine->allocator.max_bytes = memory_bytes;
    engine->heap_end_bytes = UsedHeap(engine->isolate) + memory_bytes;
    /* The collector wants room for all that is young besides. */
    engine->isolate->RemoveNearHeapLimitCallback(OnHeapNearLimit,
                                                 engine->heap_end_bytes + engine->young_bytes);
    engine->isolate->AddNearHeapLimitCallback(OnHeapNearLimit, engine);
}

} // namespace engine_v8

/*
 * Runs runtime/warm_up.js as an execution of its own, with a host that answers
 * each call with the same value.
 */
#include "isolate/engine_v8.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

extern "C" {
#include "base/buf.h"
#include "base/mem.h"
#include "isolate/prepare.h"
#include "isolate/runtime_files.h"
#include "isolate/wire.h"
}

namespace engine_v8
{

constexpr uint32_t calls_max = 16;

/* The calls of one warm-up, to be answered. */
struct WarmHost {
    uint32_t last_id;
    uint32_t answered;
    bool failed;
};

static bool OnSend(void *ctx, int type, uint32_t id, struct span body)
{
    struct WarmHost *host = static_cast<struct WarmHost *>(ctx);
    struct span parts[2];

    if (type == WIRE_CALL)
        host->last_id = id;
    if (type == WIRE_DONE)
        host->failed = wire_parts(body, parts, 2, nullptr) < 0 || !span_is(parts[0], "ok");
    return true;
}

[[noreturn]] static void OnFatal(void *, const char *kind, const char *message)
{
    (void)fprintf(stderr, "engine: the warm-up failed: %s: %s\n", kind, message);
    _Exit(70);
}

static struct span WarmUpText()
{
    for (size_t i = 0; i < runtime_files_count; i++)
        if (strcmp(runtime_files[i].name, "warm_up.js") == 0)
            return span_make(reinterpret_cast<const char *>(runtime_files[i].data),
                             runtime_files[i].len);
    return SPAN_NONE;
}

static struct span Environment(const struct engine *engine)
{
    static char json[512];
    int len = snprintf(
        json, sizeof(json),
        "{\"servers\":[{\"key\":\"warm\",\"identifier\":\"warm\","
        "\"tools\":\",up,up_2=up.2,\"}],\"limits\":{\"memory_bytes\":%llu,\"cpu_ms\":5000,"
        "\"stack_kib\":984,\"result_bytes\":65536,\"log_bytes\":65536,\"emit_bytes\":65536,"
        "\"timers\":10,\"calls\":%u,\"concurrent_calls\":%u,\"argument_bytes\":65536}}",
        static_cast<unsigned long long>(engine->heap_max_bytes), calls_max, calls_max);

    return span_make(json, static_cast<size_t>(len));
}

/* As a worker does: it asks how long it may wait before it takes each reply. */
static void Answer(struct engine *engine, struct span json, struct WarmHost *host)
{
    while (host->answered < host->last_id) {
        (void)engine_next_ms(engine);
        engine_reply(engine, ++host->answered, true, json);
    }
}

} // namespace engine_v8

using namespace engine_v8;

const void *engine_text(void)
{
    return reinterpret_cast<const void *>(&v8::V8::GetVersion);
}

const char *engine_probe_text(void)
{
    return PREPARE_RUN_HEAD "\nreturn 1 + 1\n" PREPARE_RUN_FOOT;
}

void engine_sample(const struct engine *engine, struct engine_sample *ret)
{
    ret->environment = Environment(engine);
    ret->script.run_text = WarmUpText();
    ret->script.input = SPAN("{\"n\":1}");
    ret->reply = span_of("{\"items\":[{\"id\":1,\"name\":\"a\"}]}");
    ret->calls = 2;
}

void engine_warm_up(struct engine *engine)
{
    struct WarmHost warm = { 0, 0, false };
    const struct engine_host host = { OnSend, OnFatal, &warm };
    struct engine_sample sample;
    /* Another text each time: else the engine finds it compiled. */
    static unsigned count;

    engine_sample(engine, &sample);
    std::string text(sample.script.run_text.data, sample.script.run_text.len);
    text.append("// ").append(std::to_string(++count)).append("\n");
    sample.script.run_text = span_make(text.data(), text.size());
    engine_equip(engine, &host, sample.environment);
    engine_run(engine, &host, &sample.script);
    /* Each turn answers calls or is the last. */
    while (!engine_done(engine) && warm.answered < warm.last_id)
        Answer(engine, sample.reply, &warm);
    BUG_ON(!engine_done(engine) || warm.failed);
    engine->host = nullptr;
}

/*
 * Host calls of a hostile worker, one JSON text a line, against the broker.
 * Upstreams answer each request with the last line.  Each call gets exactly
 * one answer, which is JSON, and its line as progress before it; nothing is left over.
 */
#include <stdint.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/exec/broker.h"
#include "proxy/exec/output.h"
#include "tests/unit/proxy/fake_ask.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct upstream_call {
    struct upstream_call_events events;
    void *ctx;
    struct loop_task task;
};

static struct loop *loop;
static struct span answer_json;
static size_t answers;

static void answer(void *ctx)
{
    struct upstream_call *call = ctx;

    call->events.on_progress(call->ctx, answer_json);
    call->events.on_log(call->ctx, answer_json);
    call->events.on_ask(call->ctx, fake_ask_new("files", ASK_ROOTS, SPAN_NONE));
    call->events.on_result(call->ctx, answer_json);
    free(call);
}

struct upstream_call *upstreams_call(struct upstreams *upstreams,
                                     struct span server_key,
                                     const char *method,
                                     struct span params,
                                     uint64_t timeout_ms,
                                     const struct upstream_caller *caller,
                                     const struct upstream_call_events *events,
                                     void *ctx)
{
    struct upstream_call *call = NEW(struct upstream_call);

    (void)upstreams;
    (void)method;
    BUG_ON(!caller || json_check(caller->meta, 0, NULL) < 0 ||
           json_kind(caller->meta) != JSON_KIND_OBJECT);
    BUG_ON(!span_is(server_key, "files") || timeout_ms == 0);
    BUG_ON(json_check(params, 0, NULL) < 0 || json_kind(params) != JSON_KIND_OBJECT);
    call->events = *events;
    call->ctx = ctx;
    loop_post(loop, &call->task, answer, call);
    return call;
}

void upstream_call_cancel(struct upstream_call *call)
{
    (void)call;
}

static void on_reply(void *ctx, uint32_t id, bool ok, struct span json)
{
    (void)ctx;
    (void)id;
    (void)ok;
    BUG_ON(json_check(json, 0, NULL) < 0);
    answers++;
}

static void on_progress(void *ctx, const char *server, const char *tool, struct span params)
{
    CLEANUP(buf) struct buf message = BUF(LIMIT_LOG_BYTES);
    struct output output;
    double progress, total;

    (void)ctx;
    output_init(&output);
    if (output_tool_progress(&output, server, tool, params, &progress, &total, &message))
        BUG_ON(message.len == 0 || !(progress >= 0));
    output_done(&output);
}

static void on_stopped(void *ctx)
{
    *(bool *)ctx = true;
}

static struct catalogue *make_catalogue(void)
{
    struct catalogue_lists lists = {
        .tools = SPAN("[{\"name\":\"read\",\"inputSchema\":{\"type\":\"object\"}},"
                      "{\"name\":\"odd.name\",\"inputSchema\":{\"type\":\"object\"}}]"),
        .resources = SPAN("[{\"uri\":\"a:b\",\"name\":\"r\"}]"),
        .prompts = SPAN("[{\"name\":\"ask\"}]"),
    };
    struct catalogue_server *server = catalogue_server_new("files", &lists, NULL, NULL, NULL);
    struct catalogue *catalogue;

    server->state = SERVER_READY;
    catalogue = catalogue_new(&server, 1, 1);
    catalogue_server_unref(server);
    return catalogue;
}

/* Sends each line that is JSON, as the client of the workers would let it through. */
static size_t send_lines(struct broker *broker, struct span text)
{
    size_t sent = 0;

    while (text.len > 0) {
        const char *end = memchr(text.data, '\n', text.len);
        size_t len = end ? (size_t)(end - text.data) : text.len;
        struct span line = span_make(text.data, len);

        if (json_check(line, LIMIT_RPC_DEPTH, NULL) == 0) {
            answer_json = line;
            broker_call(broker, (uint32_t)++sent, line);
        }
        text = span_skip(text, len + 1);
    }
    return sent;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct upstream_caller caller = { .meta = { .data = "{\"a\":1}", .len = 7 } };
    static const struct broker_events events = { .on_reply = on_reply,
                                                 .on_progress = on_progress,
                                                 .on_stopped = on_stopped };
    static struct config config;
    static struct catalogue *catalogue;
    struct kept *kept = kept_new(1 << 16, 100);
    bool stopped = false;
    struct broker *broker;
    size_t sent;

    if (!catalogue) {
        log_setup(LOG_OFF, LOG_FORMAT_TEXT);
        loop = loop_new(NULL);
        catalogue = make_catalogue();
        config.limits = limits_default();
        config.limits.calls = 20;
        config.limits.concurrent_calls = 2;
        config.limits.argument_bytes = 100;
        config.limits.reply_bytes = 1000;
    }
    broker = broker_new(&(struct broker_parts){ .loop = loop,
                                                .config = &config,
                                                .catalogue = catalogue,
                                                .kept = kept,
                                                .caller = &caller },
                        &events, &stopped);
    buf_clear(&fake_ask_log);
    answers = 0;
    sent = send_lines(broker, span_make((const char *)data, size));
    loop_drain(loop, 1000);
    BUG_ON(answers != sent);
    broker_stop(broker);
    loop_drain(loop, 1000);
    BUG_ON(!stopped);
    broker_free(broker);
    kept_free(kept);
    return 0;
}

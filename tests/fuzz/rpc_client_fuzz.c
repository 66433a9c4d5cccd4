/*
 * What a hostile server may send: any lines are taken without a fault, and
 * each waiting call ends at most once.
 */
#include <stdint.h>

#include "base/json.h"
#include "base/log.h"
#include "proxy/upstream/line_reader.h"
#include "proxy/upstream/rpc_client.h"

#define CALLS          4
#define LINE_MAX_BYTES 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int send_request(void *ctx, uint64_t id, const struct rpc_request *request, struct err *err)
{
    (void)ctx;
    (void)id;
    (void)request;
    (void)err;
    return 0;
}

static void cancel(void *ctx, uint64_t id, const char *method, const char *reason)
{
    (void)ctx;
    (void)id;
    (void)method;
    (void)reason;
}

static enum rpc_result check_result(void *ctx, struct span result, struct err *err)
{
    (void)ctx;
    (void)err;
    BUG_ON(json_kind(result) == JSON_KIND_NONE);
    return RPC_RESULT_COMPLETE;
}

static void on_message(void *ctx, const struct rpc_message *message, uint64_t request_id)
{
    (void)ctx;
    (void)request_id;
    BUG_ON(!message->method.len);
}

static void count_end(unsigned *ended)
{
    BUG_ON(++*ended != 1);
}

static void on_result(void *ctx, struct span result)
{
    (void)result;
    count_end(ctx);
}

static void on_error(void *ctx, const struct rpc_failure *failure)
{
    BUG_ON(failure->err->code == ERR_NONE);
    count_end(ctx);
}

static void on_progress(void *ctx, struct span params)
{
    (void)params;
    BUG_ON(*(unsigned *)ctx != 0);
}

static void on_line(void *ctx, struct span line, bool cut)
{
    if (cut)
        rpc_client_oversized(ctx, line);
    else
        rpc_client_receive(ctx, line, 0);
}

static void end_all(struct rpc_client *client)
{
    static const struct err over = { .code = ERR_CLOSED, .text = "over" };

    rpc_client_fail_all(client, &over);
    rpc_client_free(client);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct rpc_wire wire = { send_request, cancel, check_result, on_message,
                                          on_message };
    static const struct rpc_call_events events = { .on_result = on_result,
                                                   .on_error = on_error,
                                                   .on_progress = on_progress };
    struct rpc_request request = { .method = "tools/call", .timeout_ms = 1000, .progress = true };
    unsigned ended[CALLS] = { 0 };
    struct line_reader reader;
    struct loop *loop = loop_new(NULL);
    struct rpc_client *client = rpc_client_new(loop, "fuzz", &wire, NULL);

    log_setup(LOG_OFF, LOG_FORMAT_TEXT);
    for (size_t i = 0; i < CALLS; i++)
        rpc_client_call(client, &request, &events, &ended[i]);
    line_reader_init(&reader, LINE_MAX_BYTES, on_line, client);
    line_reader_feed(&reader, span_make((const char *)data, size));
    line_reader_end(&reader);
    line_reader_done(&reader);
    end_all(client);
    for (size_t i = 0; i < CALLS; i++)
        BUG_ON(ended[i] != 1);
    loop_drain(loop, 100);
    loop_free(loop);
    return 0;
}

/*
 * Foreign retries of a modern request that is suspended.  The first line stands for
 * inputResponses, the second for requestState, where `@` is the one that was given out.  Whatever
 * comes, the execution runs once, each request is answered once, and nothing is left over.
 */
#include <stdint.h>

#include "base/json.h"
#include "base/log.h"
#include "proxy/mcp/server_private.h"
#include "tests/unit/proxy/fake_ask.h"
#include "tests/unit/proxy/mcp/fakes.h"

#define TEXT_MAX_BYTES 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned answers;
static struct buf state = BUF(1024); /* the requestState that was given out, raw */

static void on_message(void *ctx, struct span message)
{
    (void)ctx;
    BUG_ON(json_check(message, 0, NULL) < 0);
}

static void on_answer(void *ctx, int http_status, struct span message)
{
    const char *const path[] = { "result", "requestState", NULL };
    struct span raw;

    on_message(ctx, message);
    BUG_ON(http_status != 200);
    answers++;
    if (!json_get_path(message, path, &raw))
        return;
    buf_clear(&state);
    buf_add_span(&state, raw);
}

static void on_drop(void *ctx)
{
    (void)ctx;
}

static void request(struct mcp_server *server, struct span more)
{
    CLEANUP(buf) struct buf text = BUF(4 * TEXT_MAX_BYTES);
    struct envelope envelope;
    struct fault fault = FAULT_INIT;
    struct inbound in = { .era = ERA_MODERN,
                          .envelope = &envelope,
                          .channel = { .notify = on_message,
                                       .request = on_message,
                                       .answer = on_answer,
                                       .drop = on_drop,
                                       .streams = true } };
    int code;

    buf_printf(&text,
               "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":"
               "\"execute_code\",\"arguments\":{\"code\":\"ask form,url,sample,roots;form\"},"
               "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
               "\"io.modelcontextprotocol/clientCapabilities\":{\"elicitation\":{\"form\":{},"
               "\"url\":{}},\"sampling\":{},\"roots\":{}}}%.*s}}",
               SPAN_ARG(more));
    in.text = buf_span(&text);
    if (buf_failed(&text) || rpc_read(in.text, &in.message, &code, NULL) < 0 ||
        envelope_read_modern(&in.message, &envelope, &fault) < 0)
        return;
    answers = 0;
    server_request(server, &in);
    loop_drain(server->parts.loop, 60);
    BUG_ON(answers != 1);
}

static void write_state(struct span line, struct buf *out)
{
    CLEANUP(buf) struct buf text = BUF(TEXT_MAX_BYTES);
    CLEANUP(buf) struct buf given = BUF(TEXT_MAX_BYTES);

    json_decode_string(buf_span(&state), &given);
    for (size_t i = 0; i < line.len; i++) {
        if (line.data[i] == '@')
            buf_add_span(&text, buf_span(&given));
        else
            buf_add_char(&text, line.data[i]);
    }
    json_write_member_string(out, "requestState", buf_span(&text));
}

static void retry(struct mcp_server *server, struct span *input)
{
    CLEANUP(buf) struct buf more = BUF(TEXT_MAX_BYTES);
    struct span lines[2];

    for (int i = 0; i < 2; i++) {
        const char *end = input->len ? memchr(input->data, '\n', input->len) : NULL;

        lines[i] = span_make(input->data, end ? (size_t)(end - input->data) : input->len);
        *input = span_skip(*input, lines[i].len + 1);
    }
    buf_add_str(&more, ",\"inputResponses\":");
    buf_add_span(&more, lines[0].len ? lines[0] : SPAN("{}"));
    write_state(lines[1], &more);
    request(server, buf_span(&more));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_make((const char *)data, size);
    struct fake_world world;

    log_setup(LOG_OFF, LOG_FORMAT_JSON);
    fake_world_init(&world);
    request(world.server, SPAN_NONE);
    for (int i = 0; input.len && i < 4; i++)
        retry(world.server, &input);
    BUG_ON(world.exec.started != 1);
    fake_world_done(&world);
    buf_done(&state);
    return 0;
}

/*
 * POST: a message is classified (body claim, initialize, header) and goes to
 * the server.
 */
#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/asking.h"
#include "proxy/mcp/batch.h"
#include "proxy/mcp/http_guard.h"
#include "proxy/mcp/http_mirror.h"
#include "proxy/mcp/http_params.h"
#include "proxy/mcp/http_private.h"
#include "proxy/mcp/mode.h"

static struct inbound make_inbound(const struct mcp_http *http,
                                   struct exchange *exchange,
                                   const struct rpc_message *message,
                                   struct span text,
                                   const struct envelope *envelope,
                                   struct mcp_session *session)
{
    return (struct inbound){ .message = *message,
                             .text = text,
                             .era = exchange->era,
                             .envelope = envelope,
                             .session = session,
                             .principal = mcp_http_principal(http, exchange->request),
                             .channel = exchange_channel(exchange),
                             .has_mode = exchange->has_mode,
                             .mode = exchange->mode };
}

static void
post_modern(struct mcp_http *http, struct exchange *exchange, const struct rpc_message *message)
{
    struct span text = http_request_body(exchange->request);
    struct envelope envelope;
    struct fault fault = FAULT_INIT;
    struct inbound in;

    if (message->kind == RPC_NOTIFICATION) {
        exchange_answer_empty(exchange, 202);
        return;
    }
    if (message->kind != RPC_REQUEST)
        fault_set(&fault, RPC_INVALID_REQUEST, 400, "A client sends requests, not responses");
    else if (envelope_read_modern(message, &envelope, &fault) == 0 &&
             server_knows(http->server, ERA_MODERN, message->method) &&
             http_mirror_check(exchange->request, message, &fault) == 0)
        http_params_check(http->server, exchange->request, message, &fault);
    if (fault.code) {
        exchange_answer_fault(exchange, &fault, message->id);
        return;
    }
    in = make_inbound(http, exchange, message, text, &envelope, NULL);
    server_request(http->server, &in);
}

static void take_legacy(struct mcp_http *http,
                        struct exchange *exchange,
                        const struct rpc_message *message,
                        struct span text,
                        struct mcp_session *session)
{
    struct envelope envelope;
    struct fault fault;
    struct inbound in;

    if (message->kind == RPC_REQUEST && envelope_read_legacy(message, &envelope, &fault) < 0) {
        exchange_fail_one(exchange, &fault, message->id);
        return;
    }
    in = make_inbound(http, exchange, message, text, &envelope, session);
    if (message->kind == RPC_REQUEST)
        server_request(http->server, &in);
    else if (message->kind == RPC_NOTIFICATION)
        server_notification(http->server, &in);
    else
        asking_answered(http->server, &in);
}

static void
post_legacy(struct mcp_http *http, struct exchange *exchange, const struct rpc_message *message)
{
    struct mcp_session *session = envelope_is_initialize(message)
                                      ? mcp_http_open_session(http, exchange)
                                      : mcp_http_need_session(http, exchange);

    if (!session)
        return;
    if (!exchange->opened)
        exchange->session = session;
    take_legacy(http, exchange, message, http_request_body(exchange->request), session);
    if (message->kind != RPC_REQUEST)
        exchange_answer_empty(exchange, 202);
}

static void take_batch(struct mcp_http *http,
                       struct exchange *exchange,
                       struct mcp_session *session,
                       unsigned requests)
{
    struct json_iter it = json_iter(http_request_body(exchange->request));
    struct rpc_message message;
    struct err err = ERR_INIT;

    exchange->session = session;
    exchange->batch = true;
    exchange->pending = requests;
    while (json_next(&it)) {
        if (rpc_read(it.value, &message, NULL, &err) == 0)
            take_legacy(http, exchange, &message, it.value, session);
    }
    if (requests == 0)
        exchange_answer_empty(exchange, 202);
}

static void post_batch(struct mcp_http *http, struct exchange *exchange)
{
    struct fault fault = FAULT_INIT;
    struct mcp_session *session;
    unsigned requests;

    if (batch_check(http_request_body(exchange->request), &requests, &fault) < 0) {
        exchange_answer_fault(exchange, &fault, SPAN_NONE);
        return;
    }
    session = mcp_http_need_session(http, exchange);
    if (!session)
        return;
    if (!batch_is_in(session->version)) {
        fault_set(&fault, RPC_INVALID_REQUEST, 400, "This revision has no batches");
        exchange_answer_fault(exchange, &fault, SPAN_NONE);
        return;
    }
    take_batch(http, exchange, session, requests);
}

static void post_one(struct mcp_http *http, struct exchange *exchange)
{
    struct span body = http_request_body(exchange->request);
    struct rpc_message message = { .kind = RPC_REQUEST };
    struct fault fault = FAULT_INIT;
    struct err err = ERR_INIT;
    int code = RPC_PARSE_ERROR;

    if (rpc_read(body, &message, &code, &err) < 0)
        fault_set(&fault, code, 400, "%s", err.text);
    else
        envelope_classify_http(&message, mcp_http_header(exchange->request, "mcp-protocol-version"),
                               &exchange->era, &fault);
    if (fault.code)
        exchange_answer_fault(exchange, &fault, message.id);
    else if (exchange->era == ERA_MODERN)
        post_modern(http, exchange, &message);
    else
        post_legacy(http, exchange, &message);
}

void mcp_http_post(struct mcp_http *http, struct exchange *exchange)
{
    struct span accept = mcp_http_header(exchange->request, "accept");
    struct fault fault = FAULT_INIT;

    exchange->accepts_json = guard_accepts(accept, "application/json");
    exchange->accepts_stream = guard_accepts(accept, "text/event-stream");
    if (mode_read_query(http->server, http_request_query(exchange->request), &exchange->has_mode,
                        &exchange->mode, &fault) < 0)
        exchange_answer_fault(exchange, &fault, SPAN_NONE);
    else if (json_kind(span_trim(http_request_body(exchange->request))) == JSON_KIND_ARRAY)
        post_batch(http, exchange);
    else
        post_one(http, exchange);
}

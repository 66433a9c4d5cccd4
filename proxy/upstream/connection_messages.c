#include "proxy/upstream/connection_private.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "proxy/rpc/message.h"

#define ID_TEXT_BYTES 24

/* --- messages out --- */

static int send_text(struct connection *connection,
                     struct transport_message *message,
                     const char *method,
                     const struct rpc_request *request,
                     struct err *err)
{
    CLEANUP(header_list) struct header_list headers = { 0 };
    int result;

    if (connection->transport->carries_headers && method &&
        connection->speaking->add_headers(&headers, method, request, &connection->info, err) < 0)
        return -1;
    message->headers = &headers;
    result = transport_send(connection->transport, message, err);
    message->headers = NULL;
    return result;
}

static int send_request(void *ctx, uint64_t id, const struct rpc_request *request, struct err *err)
{
    struct connection *connection = ctx;
    CLEANUP(buf) struct buf params = BUF(LIMIT_RPC_MESSAGE_BYTES);
    CLEANUP(buf) struct buf text = BUF(LIMIT_RPC_MESSAGE_BYTES);
    char id_text[ID_TEXT_BYTES];
    struct transport_message message = { .request_id = id };

    snprintf(id_text, sizeof(id_text), "%llu", (unsigned long long)id);
    if (connection->speaking->write_params(&params, request, id) < 0)
        return err_set(err, ERR_LIMIT, "the request is over %d bytes (limit RPC_MESSAGE_BYTES)",
                       LIMIT_RPC_MESSAGE_BYTES);
    rpc_write_request(&text, span_of(id_text), request->method, buf_span(&params));
    if (buf_check(&text, "a request", err) < 0)
        return -1;
    message.text = buf_span(&text);
    message.holds_others = request->holds_others;
    message.opens_session = connection->speaking->has_sessions && !connection->ready;
    message.resumable = connection->speaking->has_sessions && connection->ready;
    return send_text(connection, &message, request->method, request, err);
}

void connection_notify(struct connection *connection,
                       const char *method,
                       struct span params,
                       bool holds_others)
{
    CLEANUP(buf) struct buf text = BUF(CONNECTION_PARAMS_BYTES);
    struct transport_message message = { .holds_others = holds_others };
    struct err err = ERR_INIT;

    if (connection->lost || connection->closing)
        return;
    rpc_write_notification(&text, method, params);
    message.text = buf_span(&text);
    if (buf_check(&text, "a notification", &err) < 0 ||
        send_text(connection, &message, method, NULL, &err) < 0)
        log_info("upstream", "notification_not_sent", LOG_STR("server", connection->server->key),
                 LOG_STR("method", method), LOG_ERR(&err));
}

static void cancel(void *ctx, uint64_t id, const char *method, const char *reason)
{
    struct connection *connection = ctx;
    CLEANUP(buf) struct buf params = BUF(CONNECTION_PARAMS_BYTES);

    if (connection->lost)
        return;
    /* `initialize` must never be cancelled (2025-11-25, basic/utilities/cancellation). */
    if (connection->ready && strcmp(method, era_legacy.handshake) != 0 &&
        connection->speaking->cancels_by_notification(connection->transport)) {
        buf_add_char(&params, '{');
        json_write_member_int(&params, "requestId", (int64_t)id);
        json_write_member_string(&params, "reason", span_of(reason));
        buf_add_char(&params, '}');
        connection_notify(connection, "notifications/cancelled", buf_span(&params), false);
    }
    transport_forget(connection->transport, id);
}

/* --- messages in --- */

static void send_answer(void *ctx, struct span text)
{
    struct connection *connection = ctx;
    struct transport_message message = { .text = text };
    struct err err = ERR_INIT;

    if (connection->lost || connection->closing)
        return;
    if (send_text(connection, &message, "", NULL, &err) < 0)
        log_info("upstream", "answer_not_sent", LOG_STR("server", connection->server->key),
                 LOG_ERR(&err));
}

static void on_ask(void *ctx, struct ask *ask, uint64_t request_id)
{
    struct connection *connection = ctx;

    connection->events.on_ask(connection->ctx, ask, request_id);
}

static void on_ask_gone(void *ctx, struct ask *ask)
{
    struct connection *connection = ctx;

    connection->events.on_ask_gone(connection->ctx, ask);
}

const struct questions_events connection_questions = { .send = send_answer,
                                                       .on_ask = on_ask,
                                                       .on_ask_gone = on_ask_gone };

/* A modern server must not send requests, and a client must not answer them. */
static void on_request(void *ctx, const struct rpc_message *request, uint64_t request_id)
{
    struct connection *connection = ctx;

    if (connection->speaking->answers_requests)
        questions_take(connection->questions, request, request_id);
    else
        log_debug("upstream", "server_request_ignored", LOG_STR("server", connection->server->key),
                  LOG_SPAN("method", request->method));
}

static enum rpc_result check_result(void *ctx, struct span result, struct err *err)
{
    struct connection *connection = ctx;

    if (connection->ready)
        connection->fresh = false;
    return connection->speaking->check_result(result, err);
}

static void on_notification(void *ctx, const struct rpc_message *message, uint64_t request_id)
{
    struct connection *connection = ctx;

    if (span_is(message->method, "notifications/cancelled"))
        questions_cancelled(connection->questions, message->params);
    else
        connection->events.on_notification(connection->ctx, message->method, message->params,
                                           request_id);
}

const struct rpc_wire connection_wire = {
    .send_request = send_request,
    .cancel = cancel,
    .check_result = check_result,
    .on_request = on_request,
    .on_notification = on_notification,
};

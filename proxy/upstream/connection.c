#include "proxy/upstream/connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/rpc/message.h"
#include "proxy/upstream/questions.h"
#include "proxy/upstream/transport.h"

/* Programs that npx must fetch first answer late. */
#define HANDSHAKE_TIMEOUT_MS 60000
/* Servers of the legacy era that ignore what comes before `initialize` get it after this silence.
 */
#define PROBE_SILENCE_MS       5000
#define SUBSCRIBE_AGAIN_MS     1000
#define SUBSCRIBE_AGAIN_MAX_MS 60000
#define PARAMS_MAX_BYTES       4096
#define ID_TEXT_BYTES          24

/* A handshake of one era, as far as it has come. */
struct handshake {
    struct connection *connection; /* borrowed */
    const struct era_ops *ops;
    bool sent, ended;
    bool repeated;           /* after an error that offered our version */
    bool taken;              /* the server is of this era; waits for what the other says */
    struct server_info info; /* owned */
    struct err err;          /* why it was of no use */
};

struct connection {
    struct loop *loop;                  /* borrowed */
    const struct server_config *server; /* borrowed */
    struct http_client *http;           /* borrowed */
    struct connection_events events;
    void *ctx;
    struct connection_hint hint;
    struct transport *transport; /* owned */
    struct rpc_client *rpc;      /* owned */
    struct questions *questions; /* owned: of a legacy server */
    struct handshake modern, legacy;
    const struct era_ops *speaking; /* the era of what is being sent */
    struct server_info info;        /* owned; filled when ready */
    struct loop_timer *timer;       /* owned: the probe's silence, then the next subscription */
    struct loop_task task;          /* moves on to HTTP+SSE outside the old transport's callback */
    struct rpc_call *subscription;
    uint64_t subscribe_again_ms;
    bool ready, lost, closing;
    bool renewing; /* its session was lost, and the next is being opened */
    bool fresh;    /* nothing has been answered yet in a session that follows a lost one */
};

static void lose(struct connection *connection, const struct err *err, bool repeat)
{
    static const struct err closed = { .code = ERR_CANCELLED, .text = "the connection was closed" };

    if (connection->lost)
        return;
    connection->lost = true;
    loop_timer_stop(connection->timer);
    rpc_client_fail_all(connection->rpc, err ? err : &closed);
    questions_end(connection->questions);
    connection->events.on_lost(connection->ctx, err, repeat);
}

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
    message.opens_session = connection->speaking->has_sessions && !connection->ready;
    message.resumable = connection->speaking->has_sessions && connection->ready;
    return send_text(connection, &message, request->method, request, err);
}

static void send_notification(struct connection *connection,
                              const char *method,
                              struct span params,
                              bool holds_others)
{
    CLEANUP(buf) struct buf text = BUF(PARAMS_MAX_BYTES);
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
    CLEANUP(buf) struct buf params = BUF(PARAMS_MAX_BYTES);

    if (connection->lost)
        return;
    /* `initialize` must never be cancelled (2025-11-25, basic/utilities/cancellation). */
    if (connection->ready && strcmp(method, era_legacy.handshake) != 0 &&
        connection->speaking->cancels_by_notification(connection->transport)) {
        buf_add_char(&params, '{');
        json_write_member_int(&params, "requestId", (int64_t)id);
        json_write_member_string(&params, "reason", span_of(reason));
        buf_add_char(&params, '}');
        send_notification(connection, "notifications/cancelled", buf_span(&params), false);
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

static const struct questions_events questions_events = { .send = send_answer,
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

/* --- the handshake --- */

static void start_handshake(struct handshake *handshake);

static void take(struct connection *connection, struct handshake *handshake)
{
    loop_timer_stop(connection->timer);
    connection->speaking = handshake->ops;
    connection->hint.era = handshake->ops->era;
    connection->info = handshake->info;
    handshake->info = (struct server_info){ 0 };
    connection->ready = true;
    connection->renewing = false;
    if (handshake->ops->handshake_end)
        send_notification(connection, handshake->ops->handshake_end, SPAN_NONE, true);
    connection->events.on_ready(connection->ctx);
}

static void move_to_sse(void *ctx);

/* Streamable HTTP refused: 2024-11-05 servers speak HTTP+SSE under the same URL. */
static bool should_try_sse(const struct connection *connection, const struct rpc_failure *failure)
{
    int status = failure ? failure->http_status : 0;

    return connection->server->transport == TRANSPORT_HTTP && !connection->hint.http_sse &&
           !connection->renewing && (status == 400 || status == 404 || status == 405);
}

static void decide(struct connection *connection)
{
    struct handshake *modern = &connection->modern, *legacy = &connection->legacy;

    if (connection->ready || connection->lost)
        return;
    if (legacy->taken)
        take(connection, legacy);
    else if (modern->taken && (!legacy->sent || legacy->ended))
        take(connection, modern);
    else if (legacy->ended)
        lose(connection, &legacy->err, false);
    else if (modern->ended && !legacy->sent)
        lose(connection, &modern->err, false);
}

static void settle(struct handshake *handshake, enum era_verdict verdict)
{
    struct connection *connection = handshake->connection;

    handshake->ended = true;
    handshake->taken = verdict == ERA_VERDICT_TAKEN;
    if (handshake == &connection->modern && verdict == ERA_VERDICT_OTHER &&
        !connection->legacy.sent)
        start_handshake(&connection->legacy);
    else
        decide(connection);
}

static void on_handshake_result(void *ctx, struct span result)
{
    struct handshake *handshake = ctx;

    settle(handshake, handshake->ops->read_handshake(&handshake->info, result, &handshake->err));
}

static void on_handshake_error(void *ctx, const struct rpc_failure *failure)
{
    struct handshake *handshake = ctx;
    struct connection *connection = handshake->connection;
    enum era_verdict verdict;

    if (connection->ready || connection->lost)
        return;
    verdict = handshake->ops->judge_failure(failure, &handshake->err);
    if (handshake == &connection->legacy && should_try_sse(connection, failure)) {
        loop_post(connection->loop, &connection->task, move_to_sse, connection);
        return;
    }
    /* An error can't confirm an era: there is no description of the server in it.  One that offers
     * our version is followed by another try (2026-07-28, basic/versioning). */
    if (verdict == ERA_VERDICT_TAKEN && !handshake->repeated) {
        handshake->repeated = true;
        start_handshake(handshake);
        return;
    }
    settle(handshake, verdict == ERA_VERDICT_TAKEN ? ERA_VERDICT_FAILED : verdict);
}

static void start_handshake(struct handshake *handshake)
{
    static const struct rpc_call_events events = { .on_result = on_handshake_result,
                                                   .on_error = on_handshake_error };
    struct connection *connection = handshake->connection;
    CLEANUP(buf) struct buf params = BUF(PARAMS_MAX_BYTES);
    struct rpc_request request = { .method = handshake->ops->handshake,
                                   .timeout_ms = HANDSHAKE_TIMEOUT_MS };

    handshake->ops->write_handshake_params(&params, connection->server);
    BUG_ON(buf_failed(&params));
    request.params = buf_span(&params);
    handshake->sent = true;
    connection->speaking = handshake->ops;
    rpc_client_call(connection->rpc, &request, &events, handshake);
}

static void on_open(void *ctx)
{
    struct connection *connection = ctx;

    if (connection->hint.era == ERA_LEGACY || connection->hint.http_sse) {
        start_handshake(&connection->legacy);
        return;
    }
    start_handshake(&connection->modern);
    loop_timer_start(connection->timer, PROBE_SILENCE_MS);
}

/* --- subscriptions --- */

static void subscribe_again(struct connection *connection)
{
    connection->subscription = NULL;
    if (connection->lost || connection->closing)
        return;
    loop_timer_start(connection->timer, connection->subscribe_again_ms);
    connection->subscribe_again_ms *= 2;
    if (connection->subscribe_again_ms > SUBSCRIBE_AGAIN_MAX_MS)
        connection->subscribe_again_ms = SUBSCRIBE_AGAIN_MAX_MS;
}

static void on_subscription_end(void *ctx, struct span result)
{
    (void)result;
    subscribe_again(ctx);
}

static void on_subscription_error(void *ctx, const struct rpc_failure *failure)
{
    struct connection *connection = ctx;

    connection->subscription = NULL;
    if (failure->err->code == ERR_REMOTE) {
        log_info("upstream", "subscription_refused", LOG_STR("server", connection->server->key),
                 LOG_ERR(failure->err));
        return;
    }
    subscribe_again(connection);
}

void connection_subscribe(struct connection *connection)
{
    static const struct rpc_call_events events = { .on_result = on_subscription_end,
                                                   .on_error = on_subscription_error };
    const struct server_info *info = &connection->info;
    CLEANUP(buf) struct buf params = BUF(PARAMS_MAX_BYTES);
    CLEANUP(header_list) struct header_list headers = { 0 };
    struct rpc_request request = { .method = connection->speaking->subscribe };
    struct err err = ERR_INIT;

    if (connection->speaking->has_sessions && connection->transport->carries_headers) {
        if (connection->speaking->add_headers(&headers, "", NULL, info, &err) == 0)
            transport_listen(connection->transport, &headers);
        return;
    }
    if (!request.method || connection->subscription ||
        !(info->tools.tells_changes || info->resources.tells_changes ||
          info->prompts.tells_changes))
        return;
    connection->speaking->write_subscribe_params(&params, info);
    request.params = buf_span(&params);
    connection->subscription = rpc_client_call(connection->rpc, &request, &events, connection);
}

static void on_timer(void *ctx)
{
    struct connection *connection = ctx;

    if (connection->ready)
        connection_subscribe(connection);
    else if (!connection->legacy.sent)
        start_handshake(&connection->legacy);
}

/* --- the transport --- */

static void on_message(void *ctx, struct span text, uint64_t request_id)
{
    rpc_client_receive(((struct connection *)ctx)->rpc, text, request_id);
}

static void on_oversized(void *ctx, struct span part)
{
    rpc_client_oversized(((struct connection *)ctx)->rpc, part);
}

static bool is_awaited(void *ctx, uint64_t id)
{
    return rpc_client_awaits(((struct connection *)ctx)->rpc, id);
}

static void on_request_failed(void *ctx, uint64_t id, const struct transport_failure *failure)
{
    rpc_client_fail(((struct connection *)ctx)->rpc, id, failure);
}

/* "It MUST start a new session by sending a new InitializeRequest without a session ID attached"
 * (2025-11-25, basic/transports "Session Management").  Not again and again, when the server
 * forgets each at once. */
static void on_session_lost(void *ctx, const struct err *err)
{
    struct connection *connection = ctx;

    if (connection->lost || connection->closing)
        return;
    if (!connection->ready || connection->fresh) {
        lose(connection, err, false);
        return;
    }
    connection->ready = false;
    connection->renewing = connection->fresh = true;
    server_info_done(&connection->info);
    server_info_done(&connection->legacy.info);
    connection->legacy = (struct handshake){ .connection = connection, .ops = &era_legacy };
    connection->events.on_renewing(connection->ctx, err);
    start_handshake(&connection->legacy);
}

static void on_closed(void *ctx, const struct err *err)
{
    struct connection *connection = ctx;
    bool repeat = false;
    bool probing = connection->modern.sent && !connection->modern.ended && !connection->legacy.sent;

    /* Some servers end themselves at anything before `initialize`. */
    if (err && probing && err->code == ERR_CLOSED &&
        connection->server->transport == TRANSPORT_STDIO) {
        connection->hint.era = ERA_LEGACY;
        repeat = true;
    }
    lose(connection, err, repeat);
}

static struct transport *open_transport(struct connection *connection, struct err *err)
{
    static const struct transport_events events = {
        .on_open = on_open,
        .on_message = on_message,
        .on_oversized = on_oversized,
        .is_awaited = is_awaited,
        .on_request_failed = on_request_failed,
        .on_session_lost = on_session_lost,
        .on_closed = on_closed,
    };
    struct transport_options options = {
        .loop = connection->loop,
        .server = connection->server,
        .http = connection->http,
        .events = &events,
        .ctx = connection,
    };

    if (connection->server->transport == TRANSPORT_STDIO)
        return transport_stdio_new(&options, err);
    return connection->hint.http_sse ? transport_sse_new(&options, err)
                                     : transport_http_new(&options, err);
}

static void move_to_sse(void *ctx)
{
    struct connection *connection = ctx;
    struct err err = ERR_INIT;

    if (connection->lost)
        return;
    transport_free(TAKE(connection->transport));
    connection->hint = (struct connection_hint){ .era = ERA_LEGACY, .http_sse = true };
    connection->transport = open_transport(connection, &err);
    if (!connection->transport)
        lose(connection, &err, false);
}

/* --- the connection --- */

struct connection *connection_new(const struct connection_options *options, struct err *err)
{
    static const struct rpc_wire wire = {
        .send_request = send_request,
        .cancel = cancel,
        .check_result = check_result,
        .on_request = on_request,
        .on_notification = on_notification,
    };
    struct connection *connection = NEW(struct connection);

    connection->loop = options->loop;
    connection->server = options->server;
    connection->http = options->http;
    connection->events = *options->events;
    connection->ctx = options->ctx;
    connection->hint = options->hint;
    connection->hint.http_sse |= options->server->transport == TRANSPORT_SSE;
    connection->modern = (struct handshake){ .connection = connection, .ops = &era_modern };
    connection->legacy = (struct handshake){ .connection = connection, .ops = &era_legacy };
    connection->speaking = &era_legacy;
    connection->subscribe_again_ms = SUBSCRIBE_AGAIN_MS;
    connection->timer = loop_timer_new(options->loop, on_timer, connection);
    connection->questions = questions_new(options->server, &questions_events, connection);
    connection->rpc = rpc_client_new(options->loop, options->server->key, &wire, connection);
    connection->transport = open_transport(connection, err);
    if (!connection->transport) {
        connection_free(connection);
        return NULL;
    }
    return connection;
}

const struct server_info *connection_info(const struct connection *connection)
{
    return &connection->info;
}

enum era connection_era(const struct connection *connection)
{
    return connection->ready ? connection->speaking->era : ERA_UNKNOWN;
}

struct connection_hint connection_hint(const struct connection *connection)
{
    return connection->hint;
}

bool connection_mirrors_params(const struct connection *connection)
{
    return connection->transport->carries_headers && connection_era(connection) == ERA_MODERN;
}

int connection_pid(const struct connection *connection)
{
    return connection->transport ? transport_pid(connection->transport) : 0;
}

struct rpc_call *connection_call(struct connection *connection,
                                 const struct rpc_request *request,
                                 const struct rpc_call_events *events,
                                 void *ctx)
{
    return rpc_client_call(connection->rpc, request, events, ctx);
}

void connection_close(struct connection *connection, const struct err *why)
{
    if (connection->closing || connection->lost)
        return;
    connection->closing = true;
    loop_timer_stop(connection->timer);
    rpc_client_fail_all(connection->rpc, why);
    questions_end(connection->questions);
    transport_close(connection->transport);
}

static void free_connection(void *object)
{
    struct connection *connection = object;

    questions_free(connection->questions);
    server_info_done(&connection->info);
    server_info_done(&connection->modern.info);
    server_info_done(&connection->legacy.info);
    free(connection);
}

void connection_free(struct connection *connection)
{
    if (!connection)
        return;
    connection->lost = true;
    loop_unpost(connection->loop, &connection->task);
    loop_timer_free(connection->timer);
    transport_free(connection->transport);
    rpc_client_free(connection->rpc);
    loop_reap(connection->loop, connection, free_connection);
}

#include "proxy/upstream/connection_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

/* Programs that npx must fetch first answer late. */
#define HANDSHAKE_TIMEOUT_MS 60000
/* Servers of the legacy era that ignore what comes before `initialize` get it after this silence.
 */
#define PROBE_SILENCE_MS     5000
#define LOG_LEVEL_TIMEOUT_MS 5000

static void lose(struct connection *connection, const struct err *err, bool repeat)
{
    static const struct err closed = { .code = ERR_CANCELLED, .text = "the connection was closed" };

    if (connection->lost)
        return;
    connection->lost = true;
    loop_timer_stop(connection->timer);
    subscription_stop(connection->subscription);
    rpc_client_fail_all(connection->rpc, err ? err : &closed);
    questions_end(connection->questions);
    connection->events.on_lost(connection->ctx, err, repeat);
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
        connection_notify(connection, handshake->ops->handshake_end, SPAN_NONE, true);
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
    else if (legacy->ended && !(legacy->other && modern->sent && !modern->ended))
        lose(connection, &legacy->err, false);
    else if (modern->ended && !legacy->sent)
        lose(connection, &modern->err, false);
}

static bool goes_on_with_legacy(struct handshake *handshake, enum era_verdict verdict)
{
    struct connection *connection = handshake->connection;

    if (handshake != &connection->modern || verdict != ERA_VERDICT_OTHER || connection->legacy.sent)
        return false;
    if (connection->server->era != ERA_CHOICE_MODERN)
        return true;
    err_set(&handshake->err, ERR_UNSUPPORTED,
            "it does not speak " PROTOCOL_MODERN ", and servers.%s.era: modern allows no other",
            connection->server->key);
    return false;
}

static void settle(struct handshake *handshake, enum era_verdict verdict)
{
    struct connection *connection = handshake->connection;

    handshake->ended = true;
    handshake->taken = verdict == ERA_VERDICT_TAKEN;
    handshake->other = verdict == ERA_VERDICT_OTHER;
    if (goes_on_with_legacy(handshake, verdict))
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
    CLEANUP(buf) struct buf params = BUF(CONNECTION_PARAMS_BYTES);
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

    if (connection->server->era == ERA_CHOICE_LEGACY || connection->hint.era == ERA_LEGACY ||
        connection->hint.http_sse) {
        start_handshake(&connection->legacy);
        return;
    }
    start_handshake(&connection->modern);
    if (connection->server->era == ERA_CHOICE_AUTO)
        loop_timer_start(connection->timer, PROBE_SILENCE_MS);
}

/* The probe gets no answer. */
static void on_silence(void *ctx)
{
    struct connection *connection = ctx;

    if (!connection->legacy.sent)
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
    connection->log_level = MESSAGE_NONE;
    subscription_stop(connection->subscription);
    questions_end(connection->questions);
    connection->events.on_renewing(connection->ctx, err);
    start_handshake(&connection->legacy);
}

static void on_closed(void *ctx, const struct err *err)
{
    struct connection *connection = ctx;
    bool repeat = false;
    bool probing = connection->modern.sent && !connection->modern.ended && !connection->legacy.sent;

    /* Some servers end themselves at anything before `initialize`. */
    if (err && probing && err->code == ERR_CLOSED && connection->server->era == ERA_CHOICE_AUTO &&
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
    if (connection->hint.http_sse && connection->server->era == ERA_CHOICE_MODERN) {
        err_set(err, ERR_UNSUPPORTED,
                "HTTP+SSE is of the legacy era, which servers.%s.era: modern rules out",
                connection->server->key);
        return NULL;
    }
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
    connection->log_level = MESSAGE_NONE;
    connection->timer = loop_timer_new(options->loop, on_silence, connection);
    connection->questions = questions_new(options->server, &connection_questions, connection);
    connection->rpc =
        rpc_client_new(options->loop, options->server->key, &connection_wire, connection);
    connection->subscription =
        subscription_new(&(const struct subscription_options){ .loop = options->loop,
                                                               .server = options->server->key,
                                                               .rpc = connection->rpc,
                                                               .watches = options->watches });
    connection->transport = open_transport(connection, err);
    if (!connection->transport) {
        connection_free(connection);
        return NULL;
    }
    return connection;
}

static void open_stream(struct connection *connection)
{
    CLEANUP(header_list) struct header_list headers = { 0 };
    const struct era_ops *ops = connection->speaking;
    struct err err = ERR_INIT;

    if (ops->has_sessions && connection->transport->carries_headers &&
        ops->add_headers(&headers, "", NULL, &connection->info, &err) == 0)
        transport_listen(connection->transport, &headers);
}

void connection_subscribe(struct connection *connection)
{
    open_stream(connection);
    subscription_begin(connection->subscription, connection->speaking, &connection->info);
}

void connection_watch(struct connection *connection, struct span uri, bool watched)
{
    subscription_watch(connection->subscription, uri, watched);
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

static void on_level_set(void *ctx, struct span result)
{
    (void)ctx;
    (void)result;
}

static void on_level_not_set(void *ctx, const struct rpc_failure *failure)
{
    struct connection *connection = ctx;

    if (failure->err->code != ERR_CANCELLED)
        log_info("upstream", "log_level_not_set", LOG_STR("server", connection->server->key),
                 LOG_ERR(failure->err));
}

/* One level holds for all: the most that anybody has asked for. */
static void set_log_level(struct connection *connection, const char *name)
{
    static const struct rpc_call_events events = { .on_result = on_level_set,
                                                   .on_error = on_level_not_set };
    enum message_level level = message_level_named(name);
    CLEANUP(buf) struct buf params = BUF(CONNECTION_PARAMS_BYTES);
    struct rpc_request request = { .method = connection->speaking->set_log_level,
                                   .timeout_ms = LOG_LEVEL_TIMEOUT_MS,
                                   .holds_others = true };

    if (!request.method || !connection->info.logs || level >= connection->log_level)
        return;
    connection->log_level = level;
    buf_add_char(&params, '{');
    json_write_member_string(&params, "level", span_of(message_level_name(level)));
    buf_add_char(&params, '}');
    request.params = buf_span(&params);
    rpc_client_call(connection->rpc, &request, &events, connection);
}

struct rpc_call *connection_call(struct connection *connection,
                                 const struct rpc_request *request,
                                 const struct rpc_call_events *events,
                                 void *ctx)
{
    if (request->log_level)
        set_log_level(connection, request->log_level);
    return rpc_client_call(connection->rpc, request, events, ctx);
}

void connection_close(struct connection *connection, const struct err *why)
{
    if (connection->closing || connection->lost)
        return;
    connection->closing = true;
    loop_timer_stop(connection->timer);
    subscription_stop(connection->subscription);
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
    subscription_free(connection->subscription);
    rpc_client_free(connection->rpc);
    loop_reap(connection->loop, connection, free_connection);
}

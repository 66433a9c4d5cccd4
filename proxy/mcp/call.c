/*
 * Answers in the form of their era: a modern result carries resultType, who
 * answered, and how long it may be kept; a legacy one nothing of that.
 */
#include "proxy/mcp/call.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "proxy/mcp/asking.h"
#include "proxy/mcp/server_private.h"

static void free_call(void *object)
{
    struct mcp_call *call = object;

    asking_free(call->asking);
    free(call->progress.token);
    free(call->relayed_to);
    free(call->text);
    free(call);
}

/* A session whose `initialize` was refused is forgotten with that: nobody knows its id. */
static void leave_session(struct mcp_server *server, struct mcp_session *session)
{
    session->calls--;
    if (session->on_call_end)
        session->on_call_end(session);
    if (session->calls || session->version || !session->id[0])
        return;
    session_store_detach(&server->sessions, session);
    loop_reap(server->parts.loop, session, session_free);
}

/* The request, if there is one, is not the call's any more. */
static void leave_lists(struct mcp_call *call)
{
    struct mcp_server *server = call->server;

    if (call->aside)
        TAILQ_REMOVE(&server->suspended, call, link);
    else
        TAILQ_REMOVE(&server->calls, call, link);
    if (call->waiting)
        TAILQ_REMOVE(&server->waiting, call, waiting_link);
    call->waiting = false;
    if (call->session)
        leave_session(server, TAKE(call->session));
}

void call_end(struct mcp_call *call)
{
    asking_end(call);
    subscription_clear(call->server, &call->subscriptions);
    leave_lists(call);
    loop_reap(call->server->parts.loop, call, free_call);
}

static void write_modern_members(struct buf *out, const struct call_result *result)
{
    json_write_member_string(out, "resultType",
                             result->input_required ? SPAN("input_required") : SPAN("complete"));
    if (result->ttl_ms == CALL_TTL_NONE)
        return;
    json_write_member_int(out, "ttlMs", result->ttl_ms);
    json_write_member_string(out, "cacheScope",
                             result->per_client ? SPAN("private") : SPAN("public"));
}

static void
write_meta(struct buf *out, const struct mcp_call *call, const struct call_result *result)
{
    bool modern = call->era == ERA_MODERN;

    if (!modern && result->meta.len == 0)
        return;
    json_write_key(out, "_meta");
    buf_add_char(out, '{');
    buf_add_span(out, buf_span(&result->meta));
    if (modern)
        json_write_member_raw(out, META_SERVER_INFO, span_of(call->server->info));
    buf_add_char(out, '}');
}

static int
write_result(struct buf *out, const struct mcp_call *call, const struct call_result *result)
{
    buf_add_char(out, '{');
    buf_add_span(out, buf_span(&result->members));
    if (call->era == ERA_MODERN)
        write_modern_members(out, result);
    write_meta(out, call, result);
    buf_add_char(out, '}');
    return buf_failed(out) || buf_failed(&result->members) || buf_failed(&result->meta) ? -1 : 0;
}

/* ---- answers ---- */

static void fault_too_large(struct fault *fault)
{
    fault_set(fault, RPC_INTERNAL_ERROR, 200, "The answer is over RPC_MESSAGE_BYTES (%d)",
              LIMIT_RPC_MESSAGE_BYTES);
}

static void send(struct mcp_call *call, int http_status, const struct buf *message)
{
    if (!call->detached)
        call->channel.answer(call->channel.ctx, http_status, buf_span(message));
}

void call_answer_raw(struct mcp_call *call, struct span result)
{
    CLEANUP(buf) struct buf message = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct fault fault;

    if (asking_holds_answer(call, result, NULL))
        return;
    if (rpc_write_result(&message, call->message.id, result) < 0) {
        fault_too_large(&fault);
        call_answer_fault(call, &fault);
        return;
    }
    send(call, 200, &message);
    if (!asking_keeps_answer(call, result, NULL))
        call_end(call);
}

void call_answer(struct mcp_call *call, const struct call_result *result)
{
    CLEANUP(buf) struct buf body = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct fault fault;

    if (write_result(&body, call, result) == 0) {
        call_answer_raw(call, buf_span(&body));
        return;
    }
    fault_too_large(&fault);
    call_answer_fault(call, &fault);
}

void call_answer_fault(struct mcp_call *call, const struct fault *fault)
{
    CLEANUP(buf) struct buf message = BUF(LIMIT_RPC_MESSAGE_BYTES);

    if (asking_holds_answer(call, SPAN_NONE, fault))
        return;
    fault_write(fault, call->message.id, &message);
    send(call, call->era == ERA_MODERN ? fault->http_status : 200, &message);
    if (!asking_keeps_answer(call, SPAN_NONE, fault))
        call_end(call);
}

void call_answer_error(
    struct mcp_call *call, int http_status, int code, struct span text, struct span data)
{
    CLEANUP(buf) struct buf message = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct fault kept;

    fault_set(&kept, code, http_status, "%.*s", SPAN_ARG(text));
    fault_set_data(&kept, data);
    if (asking_holds_answer(call, SPAN_NONE, &kept))
        return;
    if (rpc_write_error(&message, call->message.id, code, text, data) < 0) {
        buf_clear(&message);
        rpc_write_error(&message, call->message.id, code, text, SPAN_NONE);
    }
    send(call, call->era == ERA_MODERN ? http_status : 200, &message);
    if (!asking_keeps_answer(call, SPAN_NONE, &kept))
        call_end(call);
}

bool call_refuse_cursor(struct mcp_call *call)
{
    struct fault fault;
    struct span cursor;

    if (!call_param(call, "cursor", &cursor))
        return false;
    fault_set(&fault, RPC_INVALID_PARAMS, 200, "Invalid cursor");
    call_answer_fault(call, &fault);
    return true;
}

/* ---- calls that outlive their request ---- */

void call_set_aside(struct mcp_call *call)
{
    leave_lists(call);
    call->aside = true;
    call->detached = true;
    call->channel = (struct mcp_channel){ .ctx = NULL };
    TAILQ_INSERT_TAIL(&call->server->suspended, call, link);
}

void call_suspend(struct mcp_call *call, const struct call_result *result)
{
    CLEANUP(buf) struct buf body = BUF(LIMIT_RPC_MESSAGE_BYTES);
    CLEANUP(buf) struct buf message = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct fault fault;

    if (write_result(&body, call, result) < 0 ||
        rpc_write_result(&message, call->message.id, buf_span(&body)) < 0) {
        fault_too_large(&fault);
        fault_write(&fault, call->message.id, &message);
    }
    send(call, 200, &message);
    call_set_aside(call);
}

/* Two requests can't wait for one call: the newer one does. */
static void answer_superseded(struct mcp_call *call)
{
    CLEANUP(buf) struct buf message = BUF(LIMIT_RPC_MESSAGE_BYTES);
    struct fault fault;

    fault_set(&fault, RPC_INVALID_REQUEST, 200,
              "The same retry has come again, in another request: that one gets the answer");
    fault_write(&fault, call->message.id, &message);
    send(call, 200, &message);
}

static void take_request(struct mcp_call *call, struct mcp_call *retry)
{
    free(call->text);
    free(call->progress.token);
    call->text = TAKE(retry->text);
    call->message = retry->message;
    call->progress = (struct progress){ .any = false };
    call->progress.token = TAKE(retry->progress.token);
    call->session = TAKE(retry->session); /* which counts one request, as before */
    call->channel = retry->channel;
    call->detached = retry->detached;
    call->log_level = retry->log_level;
}

void call_resume(struct mcp_call *call, struct mcp_call *retry)
{
    if (!call->aside)
        answer_superseded(call);
    leave_lists(call);
    take_request(call, retry);
    call->aside = false;
    TAILQ_INSERT_TAIL(&call->server->calls, call, link);
    leave_lists(retry);
    loop_reap(call->server->parts.loop, retry, free_call);
}

void call_notify(struct mcp_call *call, const char *method, struct span params)
{
    CLEANUP(buf) struct buf message = BUF(LIMIT_RPC_MESSAGE_BYTES);

    if (call->detached || !call->channel.streams)
        return;
    if (rpc_write_notification(&message, method, params) == 0)
        call->channel.notify(call->channel.ctx, buf_span(&message));
}

bool call_param(const struct mcp_call *call, const char *name, struct span *ret_value)
{
    return json_get(call->message.params, name, ret_value);
}

char *call_client_name(const struct mcp_call *call)
{
    struct span meta, info, name;

    if (call->era == ERA_LEGACY)
        return call->session ? xstrdup(call->session->client) : NULL;
    if (!call_param(call, "_meta", &meta) || !json_get(meta, META_CLIENT_INFO, &info) ||
        !json_get(info, "name", &name))
        return NULL;
    return json_dup_string(name, CLIENT_NAME_BYTES);
}

void call_session_name(const struct mcp_call *call, struct buf *out)
{
    if (call->session)
        buf_add_str(out, server_session_name(call->session));
    else
        buf_printf(out, "principal-%d", call->principal);
}

struct span call_capabilities(const struct mcp_call *call)
{
    struct span meta, capabilities = SPAN_NONE;

    if (call->era == ERA_LEGACY)
        return call->session && call->session->capabilities ? span_of(call->session->capabilities)
                                                            : SPAN_NONE;
    if (call_param(call, "_meta", &meta))
        json_get(meta, META_CLIENT_CAPABILITIES, &capabilities);
    return capabilities;
}

void call_caller(const struct mcp_call *call,
                 struct buf *ret_session,
                 struct upstream_caller *ret_caller)
{
    enum message_level level =
        call->era == ERA_LEGACY && call->session ? call->session->log_level : call->log_level;

    call_session_name(call, ret_session);
    *ret_caller = (struct upstream_caller){
        .owner = call,
        .session = buf_span(ret_session),
        .capabilities = call_capabilities(call),
        .log_level = level == MESSAGE_NONE ? NULL : message_level_name(level),
    };
    call_param(call, "_meta", &ret_caller->meta);
}

void call_drop(struct mcp_call *call)
{
    if (!call->detached)
        call->channel.drop(call->channel.ctx);
    call->detached = true;
    call->listening = false;
    if (!call_stop(call, "the client took the call back"))
        call_end(call);
}

bool call_stop(struct mcp_call *call, const char *why)
{
    if (call->exec)
        exec_cancel(call->exec, why);
    else if (call->relayed)
        upstream_call_cancel(call->relayed);
    return call->exec || call->relayed;
}

bool call_version_at_least(const struct mcp_call *call, const char *version)
{
    if (call->era == ERA_MODERN)
        return true;
    return call->session && session_version_at_least(call->session, version);
}

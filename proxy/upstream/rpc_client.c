#include "proxy/upstream/rpc_client.h"

#include <inttypes.h>
#include <stdlib.h>

#include <uthash.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"

#define ERROR_TEXT_MAX_BYTES 900

struct rpc_call {
    UT_hash_handle hh;
    struct rpc_client *client; /* borrowed */
    uint64_t id;
    char *method; /* owned */
    struct rpc_call_events events;
    void *ctx;
    uint64_t timeout_ms;
    uint64_t started_ms; /* later by as long as it has been held */
    uint64_t due_ms;     /* of the timer; while held, as it was at the beginning of that */
    uint64_t held_ms;    /* when it was held */
    unsigned holds;
    struct loop_timer *timer; /* owned; NULL without a timeout */
    struct loop_task task;    /* the end that a start or a cancel must not tell itself */
    struct err err;           /* what the task tells */
    bool not_done;
};

struct rpc_client {
    struct loop *loop;  /* borrowed */
    const char *server; /* borrowed */
    struct rpc_wire wire;
    void *ctx;
    uint64_t last_id;
    struct rpc_call *calls;   /* owned; waiting for an answer, by id */
    struct rpc_call *ending;  /* owned; their task will tell the end */
    struct rpc_call *failing; /* owned; rpc_client_fail_all is about to tell them */
    bool warned_junk, warned_stray;
};

struct rpc_client *
rpc_client_new(struct loop *loop, const char *server, const struct rpc_wire *wire, void *ctx)
{
    struct rpc_client *client = NEW(struct rpc_client);

    client->loop = loop;
    client->server = server;
    client->wire = *wire;
    client->ctx = ctx;
    return client;
}

static void free_call(void *object)
{
    struct rpc_call *call = object;

    free(call->method);
    free(call);
}

static void drop_call(struct rpc_call *call)
{
    loop_timer_free(TAKE(call->timer));
    loop_unpost(call->client->loop, &call->task);
    loop_reap(call->client->loop, call, free_call);
}

static void free_client(void *object)
{
    free(object);
}

static void drop_all(struct rpc_call **calls)
{
    while (*calls) {
        struct rpc_call *call = *calls;

        HASH_DEL(*calls, call);
        drop_call(call);
    }
}

void rpc_client_free(struct rpc_client *client)
{
    if (!client)
        return;
    drop_all(&client->calls);
    drop_all(&client->ending);
    drop_all(&client->failing);
    loop_reap(client->loop, client, free_client);
}

/* The only place that tells an error. */
static void end_with_failure(struct rpc_call *call, const struct rpc_failure *failure)
{
    drop_call(call);
    call->events.on_error(call->ctx, failure);
}

static void tell_end(void *object)
{
    struct rpc_call *call = object;
    struct rpc_failure failure = { .err = &call->err, .not_done = call->not_done };

    HASH_DEL(call->client->ending, call);
    end_with_failure(call, &failure);
}

/* Ends a call at the next turn. */
static void end_later(struct rpc_call *call)
{
    struct rpc_client *client = call->client;

    loop_timer_free(TAKE(call->timer));
    HASH_ADD(hh, client->ending, id, sizeof(call->id), call);
    loop_post(client->loop, &call->task, tell_end, call);
}

/* While the call is held, the time counts from the beginning of that. */
static void set_deadline(struct rpc_call *call, uint64_t left_ms)
{
    call->due_ms = (call->holds ? call->held_ms : loop_now_ms(call->client->loop)) + left_ms;
    if (!call->holds)
        loop_timer_start(call->timer, left_ms);
}

static void fail_call(struct rpc_call *call, const struct err *err)
{
    struct rpc_failure failure = { .err = err };

    HASH_DEL(call->client->calls, call);
    end_with_failure(call, &failure);
}

static void on_timeout(void *ctx)
{
    struct rpc_call *call = ctx;
    struct rpc_client *client = call->client;
    struct err err = ERR_INIT;

    client->wire.cancel(client->ctx, call->id, call->method, "timed out");
    err_set(&err, ERR_TIMEOUT, "server '%s' did not answer %s in %" PRIu64 " ms", client->server,
            call->method, loop_now_ms(client->loop) - call->started_ms);
    fail_call(call, &err);
}

struct rpc_call *rpc_client_call(struct rpc_client *client,
                                 const struct rpc_request *request,
                                 const struct rpc_call_events *events,
                                 void *ctx)
{
    struct rpc_call *call = NEW(struct rpc_call);

    call->client = client;
    call->id = ++client->last_id;
    call->method = xstrdup(request->method);
    call->events = *events;
    call->ctx = ctx;
    call->timeout_ms = request->timeout_ms;
    call->started_ms = loop_now_ms(client->loop);
    if (client->wire.send_request(client->ctx, call->id, request, &call->err) < 0) {
        call->not_done = true;
        end_later(call);
        return call;
    }
    HASH_ADD(hh, client->calls, id, sizeof(call->id), call);
    if (call->timeout_ms) {
        call->timer = loop_timer_new(client->loop, on_timeout, call);
        set_deadline(call, call->timeout_ms);
    }
    return call;
}

uint64_t rpc_call_id(const struct rpc_call *call)
{
    return call->id;
}

void rpc_call_hold(struct rpc_call *call)
{
    if (call->holds++)
        return;
    call->held_ms = loop_now_ms(call->client->loop);
    if (call->timer)
        loop_timer_stop(call->timer);
}

void rpc_call_go_on(struct rpc_call *call)
{
    uint64_t held_ms = loop_now_ms(call->client->loop) - call->held_ms;

    BUG_ON(!call->holds);
    if (--call->holds)
        return;
    call->started_ms += held_ms;
    if (call->timer)
        set_deadline(call, call->due_ms > call->held_ms ? call->due_ms - call->held_ms : 0);
}

static struct rpc_call *find_in(struct rpc_call *calls, uint64_t id)
{
    struct rpc_call *call;

    HASH_FIND(hh, calls, &id, sizeof(id), call);
    return call;
}

static struct rpc_call *find_call(const struct rpc_client *client, uint64_t id)
{
    return find_in(client->calls, id);
}

bool rpc_client_awaits(const struct rpc_client *client, uint64_t id)
{
    return find_call(client, id) != NULL;
}

/* Takes a call out of those that wait, and tells the server.  False when it does not wait. */
static bool withdraw(struct rpc_call *call)
{
    struct rpc_client *client = call->client;

    if (find_call(client, call->id) != call)
        return false;
    HASH_DEL(client->calls, call);
    client->wire.cancel(client->ctx, call->id, call->method, "cancelled by the client");
    return true;
}

void rpc_call_abandon(struct rpc_call *call)
{
    struct rpc_client *client = call->client;

    if (!withdraw(call)) {
        if (find_in(client->ending, call->id) == call)
            HASH_DEL(client->ending, call);
        else if (find_in(client->failing, call->id) == call)
            HASH_DEL(client->failing, call);
    }
    drop_call(call);
}

void rpc_call_cancel(struct rpc_call *call)
{
    struct rpc_client *client = call->client;

    if (withdraw(call))
        end_later(call);
    err_set(&call->err, ERR_CANCELLED, "%s of server '%s' was cancelled", call->method,
            client->server);
}

/* Our ids are numbers; some servers send them back as strings. */
static bool read_id(struct span raw, uint64_t *ret_id)
{
    int64_t number;

    if (raw.len > 2 && raw.data[0] == '"')
        raw = span_make(raw.data + 1, raw.len - 2);
    if (!json_int64(raw, &number) || number <= 0)
        return false;
    *ret_id = (uint64_t)number;
    return true;
}

static void warn_stray(struct rpc_client *client, const struct rpc_message *message)
{
    if (client->warned_stray)
        return;
    client->warned_stray = true;
    log_info("upstream", "answer_without_request", LOG_STR("server", client->server),
             LOG_INT("id_bytes", message->id.len));
}

static void take_error(struct rpc_call *call, const struct rpc_message *message, int http_status)
{
    CLEANUP(buf) struct buf text = BUF(ERROR_TEXT_MAX_BYTES * 4);
    struct rpc_failure failure = { .code = message->error_code, .http_status = http_status };
    struct err err = ERR_INIT;

    rpc_error_text(message, &text);
    err_set(&err, ERR_REMOTE, "%s", buf_str(&text));
    json_get(message->error, "data", &failure.data);
    failure.err = &err;
    HASH_DEL(call->client->calls, call);
    end_with_failure(call, &failure);
}

static void take_result(struct rpc_call *call, struct span result)
{
    struct rpc_client *client = call->client;
    struct err err = ERR_INIT;
    enum rpc_result kind = client->wire.check_result(client->ctx, result, &err);

    if ((kind == RPC_RESULT_INPUT_REQUIRED && !call->events.on_input_required) ||
        (kind == RPC_RESULT_TASK && !call->events.on_task)) {
        err_set(&err, ERR_PROTOCOL, "server '%s' answers %s with a %s, which it must not",
                client->server, call->method, kind == RPC_RESULT_TASK ? "task" : "question");
        kind = RPC_RESULT_UNUSABLE;
    }
    if (kind == RPC_RESULT_UNUSABLE) {
        fail_call(call, &err);
        return;
    }
    HASH_DEL(client->calls, call);
    drop_call(call);
    if (kind == RPC_RESULT_INPUT_REQUIRED)
        call->events.on_input_required(call->ctx, result);
    else if (kind == RPC_RESULT_TASK)
        call->events.on_task(call->ctx, result);
    else
        call->events.on_result(call->ctx, result);
}

static void take_answer(struct rpc_client *client, const struct rpc_message *message)
{
    uint64_t id;
    struct rpc_call *call = read_id(message->id, &id) ? find_call(client, id) : NULL;

    if (!call) {
        warn_stray(client, message);
        return;
    }
    if (message->kind == RPC_ERROR) {
        take_error(call, message, 0);
        return;
    }
    take_result(call, message->result);
}

/* Progress puts the deadline off, but not for ever (2026-07-28, basic/patterns/cancellation). */
static void put_off(struct rpc_call *call)
{
    uint64_t now_ms = call->holds ? call->held_ms : loop_now_ms(call->client->loop);
    uint64_t spent_ms = now_ms - call->started_ms;
    uint64_t max_ms = call->timeout_ms * RPC_TIMEOUT_MAX_FACTOR;
    uint64_t left_ms = spent_ms < max_ms ? max_ms - spent_ms : 0;

    if (call->timer)
        set_deadline(call, left_ms < call->timeout_ms ? left_ms : call->timeout_ms);
}

static void take_progress(struct rpc_client *client, struct span params)
{
    struct span token;
    uint64_t id;
    struct rpc_call *call;

    if (!json_get(params, "progressToken", &token) || !read_id(token, &id))
        return;
    call = find_call(client, id);
    if (!call)
        return;
    put_off(call);
    if (call->events.on_progress)
        call->events.on_progress(call->ctx, params);
}

static void warn_junk(struct rpc_client *client, const struct err *err)
{
    if (client->warned_junk)
        return;
    client->warned_junk = true;
    log_warn("upstream", "invalid_message_skipped", LOG_STR("server", client->server),
             LOG_ERR(err));
}

static void receive_one(struct rpc_client *client, struct span text, uint64_t request_id)
{
    struct rpc_message message;
    struct err err = ERR_INIT;

    if (rpc_read(text, &message, NULL, &err) < 0) {
        warn_junk(client, &err);
        return;
    }
    if (message.kind == RPC_REQUEST)
        client->wire.on_request(client->ctx, &message, request_id);
    else if (message.kind != RPC_NOTIFICATION)
        take_answer(client, &message);
    else if (span_is(message.method, "notifications/progress"))
        take_progress(client, message.params);
    else
        client->wire.on_notification(client->ctx, &message, request_id);
}

void rpc_client_receive(struct rpc_client *client, struct span text, uint64_t request_id)
{
    struct json_iter it;
    struct err err = ERR_INIT;

    if (json_kind(text) != JSON_KIND_ARRAY) {
        receive_one(client, text, request_id);
        return;
    }
    if (json_check(text, LIMIT_RPC_DEPTH, &err) < 0) {
        warn_junk(client, &err);
        return;
    }
    it = json_iter(text);
    while (json_next(&it))
        receive_one(client, it.value, request_id);
}

/* The number behind `"id":` at `at`, when it is one of a waiting call. */
static struct rpc_call *call_at(struct rpc_client *client, struct span at)
{
    uint64_t id;
    size_t len = 0;

    at = span_trim(at);
    if (!at.len || at.data[0] != ':')
        return NULL;
    at = span_trim(span_skip(at, 1));
    while (len < at.len && at.data[len] >= '0' && at.data[len] <= '9')
        len++;
    return len && read_id(span_make(at.data, len), &id) ? find_call(client, id) : NULL;
}

/* Writers put the id first or last, so that it is in the head or in the tail. */
static struct rpc_call *find_answered(struct rpc_client *client, struct span part)
{
    static const char name[] = "\"id\"";
    struct rpc_call *found = NULL;

    while (part.len) {
        const char *at = memmem(part.data, part.len, name, sizeof(name) - 1);
        struct rpc_call *call;

        if (!at)
            break;
        part = span_skip(part, (size_t)(at - part.data) + sizeof(name) - 1);
        call = call_at(client, part);
        found = call ? call : found;
    }
    return found;
}

void rpc_client_oversized(struct rpc_client *client, struct span part)
{
    struct rpc_call *call = find_answered(client, part);
    struct err err = ERR_INIT;

    err_set(&err, ERR_LIMIT,
            "the answer of server '%s' was over %d bytes (limit RPC_MESSAGE_BYTES) and was dropped",
            client->server, LIMIT_RPC_MESSAGE_BYTES);
    log_warn("upstream", "message_too_long", LOG_STR("server", client->server));
    if (call)
        fail_call(call, &err);
    else
        rpc_client_fail_all(client, &err);
}

/* True when an HTTP error's body is itself the answer to a request. */
static bool read_error_body(struct span body, struct rpc_message *ret)
{
    return body.len && rpc_read(body, ret, NULL, NULL) == 0 && ret->kind == RPC_ERROR;
}

void rpc_client_fail(struct rpc_client *client,
                     uint64_t id,
                     const struct transport_failure *failure)
{
    struct rpc_call *call = find_call(client, id);
    struct rpc_failure told = { .err = &failure->err,
                                .http_status = failure->http_status,
                                .not_done = failure->not_done };
    struct rpc_message message;

    if (!call)
        return;
    if (!failure->not_done && read_error_body(failure->body, &message)) {
        take_error(call, &message, failure->http_status);
        return;
    }
    HASH_DEL(client->calls, call);
    end_with_failure(call, &told);
}

static void end_all(struct rpc_call **calls, const struct err *err)
{
    while (*calls) {
        struct rpc_call *call = *calls;
        struct rpc_failure failure = { .err = err ? err : &call->err, .not_done = call->not_done };

        HASH_DEL(*calls, call);
        end_with_failure(call, &failure);
    }
}

void rpc_client_fail_all(struct rpc_client *client, const struct err *err)
{
    struct err copy = *err;

    /* What a callback starts meanwhile is not meant, so that the list is taken first. */
    BUG_ON(client->failing != NULL);
    client->failing = TAKE(client->calls);
    end_all(&client->failing, &copy);
    end_all(&client->ending, NULL);
}

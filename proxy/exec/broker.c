#include "proxy/exec/broker.h"

#include <inttypes.h>

#include "base/json.h"
#include "proxy/exec/broker_internal.h"
#include "proxy/exec/caller.h"
#include "proxy/exec/result_unwrap.h"

/* Names and frame of a reply beside its payload. */
#define REPLY_EXTRA_BYTES 65536

struct broker *
broker_new(const struct broker_parts *parts, const struct broker_events *events, void *ctx)
{
    struct broker *broker = NEW(struct broker);

    broker->loop = parts->loop;
    broker->config = parts->config;
    broker->upstreams = parts->upstreams;
    broker->catalogue = catalogue_ref(parts->catalogue);
    broker->kept = parts->kept;
    broker->learned = parts->learned;
    broker->caller = parts->caller;
    broker->events = *events;
    broker->ctx = ctx;
    ledger_init(&broker->ledger);
    TAILQ_INIT(&broker->waiting);
    TAILQ_INIT(&broker->active);
    TAILQ_INIT(&broker->asks);
    return broker;
}

static void call_free(struct host_call *call)
{
    free(call->server);
    free(call->tool);
    free(call->unanswered);
    buf_done(&call->params);
    buf_done(&call->meta);
    free(call);
}

static void take_from_queue(struct host_call *call)
{
    struct broker *broker = call->broker;

    TAILQ_REMOVE(&broker->waiting, call, link);
    broker->waiting_bytes -= call->params.len;
}

/* Gives the reply to the script, unless nobody waits for it any more. */
static void reply(struct host_call *call, bool ok, struct span json)
{
    struct broker *broker = call->broker;

    if (!broker->stopped)
        broker->events.on_reply(broker->ctx, call->id, ok, json);
}

static void enter_outcome(struct host_call *call, enum call_outcome outcome, size_t bytes)
{
    if (call->has_entry)
        ledger_end(&call->broker->ledger, call->entry, outcome, bytes);
}

void broker_answer(struct host_call *call, struct span json)
{
    enter_outcome(call, OUTCOME_OK, json.len);
    reply(call, true, json);
    call_free(call);
}

static void reply_error(struct host_call *call, const struct host_error *error)
{
    CLEANUP(buf)
    struct buf json = BUF(call->broker->config->limits.reply_bytes + REPLY_EXTRA_BYTES);
    struct host_error bare = *error;

    host_error_write(error, &json);
    if (buf_failed(&json)) {
        buf_clear(&json);
        bare.content = SPAN_NONE;
        bare.data = SPAN_NONE;
        bare.message =
            span_make(error->message.data, error->message.len < 1024 ? error->message.len : 1024);
        host_error_write(&bare, &json);
    }
    reply(call, false, buf_span(&json));
}

void broker_refuse(struct host_call *call,
                   enum call_outcome outcome,
                   const struct host_error *error)
{
    struct host_error named = *error;

    if (call->server && !named.server.len)
        named.server = span_of(call->server);
    if (call->tool && !named.tool.len)
        named.tool = span_of(call->tool);
    enter_outcome(call, outcome, 0);
    reply_error(call, &named);
    call_free(call);
}

void broker_refuse_text(struct host_call *call, enum exec_kind kind, const char *message)
{
    broker_refuse(call, OUTCOME_REFUSED,
                  &(struct host_error){ .kind = kind, .message = span_of(message) });
}

void broker_refuse_limit(struct host_call *call,
                         enum exec_kind kind,
                         const char *what,
                         const char *setting,
                         uint64_t value)
{
    char *text = xasprintf("%s: the limit is %" PRIu64 " (limits.%s in the configuration)", what,
                           value, setting);

    broker_refuse_text(call, kind, text);
    free(text);
}

/* --- requests to upstreams ------------------------------------------------ */

static void start_waiting(struct broker *broker);

/* Takes an ended request out of the active ones and lets the next one go. */
static void leave_active(struct host_call *call)
{
    struct broker *broker = call->broker;

    TAILQ_REMOVE(&broker->active, call, link);
    broker->active_count--;
    call->active = false;
}

static void tell_stopped(void *ctx)
{
    struct broker *broker = ctx;

    broker->events.on_stopped(broker->ctx);
}

/* After an ended call: goes on with the queue, or with the end. */
static void after_call(struct broker *broker)
{
    if (!broker->stopped)
        start_waiting(broker);
    else if (TAILQ_EMPTY(&broker->active))
        loop_post(broker->loop, &broker->stopped_task, tell_stopped, broker);
}

static void refuse_reply(struct host_call *call, const struct err *err)
{
    uint64_t max = call->broker->config->limits.reply_bytes;
    char *text;

    if (err->code != ERR_LIMIT) {
        broker_refuse(call, OUTCOME_ERROR,
                      &(struct host_error){ .kind = KIND_TOOL, .message = span_of(err->text) });
        return;
    }
    text = xasprintf("the reply is larger than %" PRIu64
                     " bytes (limits.reply in the configuration); ask the tool for less",
                     max);
    broker_refuse(call, OUTCOME_OK,
                  &(struct host_error){ .kind = KIND_REPLY_LIMIT, .message = span_of(text) });
    free(text);
}

/* The tool reports an error, and it may well be because a question of its got no answer. */
static void refuse_unanswered(struct host_call *call, struct span result)
{
    CLEANUP(buf) struct buf text = BUF(call->broker->config->limits.reply_bytes);
    struct span content = SPAN_NONE;

    buf_printf(&text, "%s. The tool then reported: ", call->unanswered);
    result_text(result, &text);
    json_get(result, "content", &content);
    broker_refuse(call, OUTCOME_ERROR,
                  &(struct host_error){ .kind = KIND_QUESTION_UNANSWERED,
                                        .message = buf_span(&text),
                                        .content = content });
}

static void finish(struct host_call *call, struct span result)
{
    CLEANUP(buf) struct buf out = BUF(call->broker->config->limits.reply_bytes);
    struct err err = ERR_INIT;
    bool ok = true;

    if (call->op->finish(call, result, &out, &ok, &err) < 0) {
        refuse_reply(call, &err);
        return;
    }
    if (!ok && call->unanswered) {
        refuse_unanswered(call, result);
        return;
    }
    enter_outcome(call, ok && !result_is_error(result) ? OUTCOME_OK : OUTCOME_ERROR, result.len);
    reply(call, ok, buf_span(&out));
    /* After the reply: the script does not wait for it. */
    if (ok && call->learn_from && call->broker->learned)
        learned_see(call->broker->learned, call->learn_from, buf_span(&out));
    call_free(call);
}

static void on_result(void *ctx, struct span result)
{
    struct host_call *call = ctx;
    struct broker *broker = call->broker;

    leave_active(call);
    finish(call, result);
    after_call(broker);
}

/* How a request that failed is told, by the code of its error. */
struct failure_row {
    enum err_code code;
    enum exec_kind kind;
    enum call_outcome outcome;
};

static const struct failure_row *failure_row(enum err_code code)
{
    static const struct failure_row rows[] = {
        { ERR_REMOTE, KIND_TOOL, OUTCOME_ERROR },
        { ERR_TIMEOUT, KIND_TOOL_TIMEOUT, OUTCOME_UNKNOWN },
        { ERR_UNAVAILABLE, KIND_SERVER_UNAVAILABLE, OUTCOME_FAILED },
        { ERR_CLOSED, KIND_CONNECTION_LOST, OUTCOME_UNKNOWN },
        { ERR_LIMIT, KIND_REPLY_LIMIT, OUTCOME_UNKNOWN },
        { ERR_CANCELLED, KIND_CANCELLED, OUTCOME_CANCELLED },
        { ERR_NONE, KIND_TOOL, OUTCOME_UNKNOWN }, /* any other */
    };
    const struct failure_row *row = rows;

    while (row->code != code && row->code != ERR_NONE)
        row++;
    return row;
}

static void say_timeout(const struct host_call *call, struct buf *out)
{
    buf_printf(out, "server \"%s\" did not answer within %" PRIu64 " ms (", call->server,
               call->timeout_ms);
    if (call->timeout_by == TIMEOUT_OF_CALL)
        buf_add_str(out, "the timeout that the call asked for)");
    else if (call->timeout_by == TIMEOUT_OF_SERVER)
        buf_printf(out, "servers.%s.timeout in the configuration)", call->server);
    else
        buf_add_str(out, "limits.call in the configuration)");
}

/* What the script is told of a request that failed. */
static void say_failure(const struct host_call *call,
                        const struct err *err,
                        enum exec_kind kind,
                        struct buf *out)
{
    if (kind == KIND_TOOL_TIMEOUT) {
        say_timeout(call, out);
        return;
    }
    if (kind == KIND_QUESTION_UNANSWERED)
        broker_say_unanswered(call, out);
    if (kind == KIND_CONNECTION_LOST)
        buf_printf(out, "the connection to server \"%s\" was lost during the call: ", call->server);
    buf_add_str(out, err->text);
}

static void on_error(void *ctx, const struct err *err, int64_t code, struct span data)
{
    struct host_call *call = ctx;
    struct broker *broker = call->broker;
    const struct failure_row *row = failure_row(err->code);
    CLEANUP(buf) struct buf text = BUF(2 * ERR_TEXT_BYTES);

    enum exec_kind kind =
        broker_is_unanswered(call, err, code) ? KIND_QUESTION_UNANSWERED : row->kind;

    leave_active(call);
    say_failure(call, err, kind, &text);
    /* Taken back because the script is over: how far it came is not known. */
    broker_refuse(call, broker->stopped ? OUTCOME_IN_FLIGHT : row->outcome,
                  &(struct host_error){ .kind = kind,
                                        .message = buf_span(&text),
                                        .data = data,
                                        .has_code = err->code == ERR_REMOTE,
                                        .code = code });
    after_call(broker);
}

static void on_progress(void *ctx, struct span params)
{
    struct host_call *call = ctx;
    struct broker *broker = call->broker;

    if (!broker->stopped && call->tool)
        broker->events.on_progress(broker->ctx, call->server, call->tool, params);
}

static void on_log(void *ctx, struct span params)
{
    struct host_call *call = ctx;
    struct broker *broker = call->broker;

    if (!broker->stopped && broker->events.on_log)
        broker->events.on_log(broker->ctx, call->server, params);
}

static void send_now(struct host_call *call)
{
    static const struct upstream_call_events events = { .on_result = on_result,
                                                        .on_error = on_error,
                                                        .on_progress = on_progress,
                                                        .on_log = on_log,
                                                        .on_ask = broker_on_ask,
                                                        .on_ask_gone = broker_on_ask_gone };
    struct broker *broker = call->broker;
    struct upstream_caller caller = *broker->caller;
    CLEANUP(buf) struct buf meta = BUF((size_t)2 * LIMIT_META_BYTES);

    exec_caller_write_meta(broker->caller, buf_span(&call->meta), &meta);
    caller.meta = buf_span(&meta);

    TAILQ_INSERT_TAIL(&broker->active, call, link);
    broker->active_count++;
    call->active = true;
    if (call->has_entry)
        ledger_sent(&broker->ledger, call->entry);
    call->upstream =
        upstreams_call(broker->upstreams, span_of(call->server), call->method,
                       buf_span(&call->params), call->timeout_ms, &caller, &events, call);
    buf_done(&call->params);
    buf_done(&call->meta);
}

static void start_waiting(struct broker *broker)
{
    struct host_call *call;

    while (broker->active_count < broker->config->limits.concurrent_calls &&
           (call = TAILQ_FIRST(&broker->waiting))) {
        take_from_queue(call);
        send_now(call);
    }
}

static void refuse_queue(struct host_call *call)
{
    CLEANUP(str)
    char *text = xasprintf("more than %d bytes of arguments would wait for their turn "
                           "(limit CALL_QUEUE_BYTES)",
                           LIMIT_CALL_QUEUE_BYTES);

    broker_refuse_text(call, KIND_QUEUE_LIMIT, text);
}

void broker_enqueue(struct host_call *call, const char *method)
{
    struct broker *broker = call->broker;

    if (buf_failed(&call->params)) {
        broker_refuse_limit(call, KIND_ARGUMENT_LIMIT, "the arguments of this call are too large",
                            "argument", broker->config->limits.argument_bytes);
        return;
    }
    if (broker->waiting_bytes + call->params.len > LIMIT_CALL_QUEUE_BYTES) {
        refuse_queue(call);
        return;
    }
    call->method = method;
    broker->waiting_bytes += call->params.len;
    TAILQ_INSERT_TAIL(&broker->waiting, call, link);
    start_waiting(broker);
}

/* --- admission ------------------------------------------------------------ */

static char *dup_member(struct span json, const char *name)
{
    struct span value;

    return json_get(json, name, &value) ? json_dup_string(value, LIMIT_TOOL_NAME_BYTES) : NULL;
}

static struct host_call *call_new(struct broker *broker, uint32_t id, struct span json)
{
    struct host_call *call = NEW(struct host_call);
    struct span op;

    call->broker = broker;
    call->id = id;
    call->json = json;
    call->op = json_get(json, "op", &op) ? broker_op_find(op) : NULL;
    call->server = dup_member(json, "server");
    call->tool = dup_member(json, "tool");
    buf_init(&call->meta, LIMIT_META_BYTES);
    buf_init(&call->params, broker->config->limits.argument_bytes + REPLY_EXTRA_BYTES);
    return call;
}

static bool within_limits(struct host_call *call)
{
    struct broker *broker = call->broker;
    const struct limits *limits = &broker->config->limits;

    if (broker->calls > limits->calls) {
        broker->ledger.refused++;
        broker_refuse_limit(call, KIND_CALL_LIMIT, "too many calls in one execution", "calls",
                            limits->calls);
        return false;
    }
    if (call->json.len > limits->argument_bytes + REPLY_EXTRA_BYTES) {
        broker_refuse_limit(call, KIND_ARGUMENT_LIMIT, "the arguments of this call are too large",
                            "argument", limits->argument_bytes);
        return false;
    }
    return true;
}

void broker_call(struct broker *broker, uint32_t id, struct span json)
{
    struct host_call *call;

    if (broker->stopped)
        return;
    call = call_new(broker, id, json);
    broker->calls++;
    if (!within_limits(call))
        return;
    call->entry = ledger_add(&broker->ledger, call->op ? call->op->name : "unknown",
                             span_of(call->server), span_of(call->tool), json.len);
    call->has_entry = true;
    if (!call->op) {
        broker_refuse_text(call, KIND_INVALID_CALL, "there is no such operation");
        return;
    }
    call->op->start(call);
}

void broker_stop(struct broker *broker)
{
    struct host_call *call;

    if (broker->stopped)
        return;
    broker->stopped = true;
    broker_drop_asks(broker);
    while ((call = TAILQ_FIRST(&broker->waiting))) {
        take_from_queue(call);
        call_free(call);
    }
    TAILQ_FOREACH(call, &broker->active, link)
    upstream_call_cancel(call->upstream);
    if (TAILQ_EMPTY(&broker->active))
        loop_post(broker->loop, &broker->stopped_task, tell_stopped, broker);
}

const struct ledger *broker_ledger(const struct broker *broker)
{
    return &broker->ledger;
}

unsigned broker_calls(const struct broker *broker)
{
    return broker->calls;
}

void broker_free(struct broker *broker)
{
    if (!broker)
        return;
    BUG_ON(!TAILQ_EMPTY(&broker->active) || !TAILQ_EMPTY(&broker->waiting));
    loop_unpost(broker->loop, &broker->stopped_task);
    ledger_done(&broker->ledger);
    catalogue_unref(broker->catalogue);
    free(broker);
}

/*
 * MCP over a pair of descriptors: one message a line, both eras on one pipe.
 *
 * Requests run side by side and are answered in the order in which they end.
 * Nothing but MCP messages is ever written.
 */
#include "base/io.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "proxy/mcp/asking.h"
#include "proxy/mcp/batch.h"
#include "proxy/mcp/server_private.h"

/* A batch whose answers are gathered. */
struct stdio_batch {
    TAILQ_ENTRY(stdio_batch) link;
    struct mcp_stdio *stdio;
    unsigned pending; /* answers still to come */
    struct buf answers;
};

struct mcp_stdio {
    struct mcp_server *server;
    struct io *in, *out;        /* apart: the end of one is not that of the other */
    struct mcp_session session; /* of the legacy era, and owner of all calls */
    enum era pin;
    struct buf line; /* the part of a line that has come so far */
    TAILQ_HEAD(stdio_batch_list, stdio_batch) batches;
    bool skipping; /* the rest of a line that is too long */
    bool input_ended, gone, told;
    struct loop_task ended;
    loop_fn *on_end;
    void *ctx;
};

static void free_batch(struct stdio_batch *batch)
{
    TAILQ_REMOVE(&batch->stdio->batches, batch, link);
    buf_done(&batch->answers);
    free(batch);
}

/* Nobody waits for an answer any more. */
static void drop_requests(struct mcp_stdio *stdio)
{
    struct stdio_batch *batch;

    server_channel_gone(stdio->server, stdio, true);
    while ((batch = TAILQ_FIRST(&stdio->batches))) {
        server_channel_gone(stdio->server, batch, true);
        free_batch(batch);
    }
}

static void on_all_done(void *ctx)
{
    struct mcp_stdio *stdio = ctx;

    if (stdio->told || (!stdio->gone && io_queued(stdio->out) > 0))
        return; /* on_drained comes back */
    if (stdio->gone)
        drop_requests(stdio);
    stdio->told = true;
    stdio->on_end(stdio->ctx);
}

/* The client has closed its end, and all it asked for is answered. */
static void maybe_end(struct mcp_stdio *stdio)
{
    if (stdio->gone || (stdio->input_ended && stdio->session.calls == 0))
        loop_post(stdio->server->parts.loop, &stdio->ended, on_all_done, stdio);
}

/* The client does not read, or is gone: nothing it asked for is wanted any more.  Its requests end
 * at the next turn, since one of them may be writing now. */
static void give_up(struct mcp_stdio *stdio)
{
    stdio->gone = true;
    maybe_end(stdio);
}

static void write_line(struct mcp_stdio *stdio, struct span message)
{
    CLEANUP(buf) struct buf line = BUF(LIMIT_RPC_MESSAGE_BYTES + 1);
    struct err err = ERR_INIT;

    if (stdio->gone)
        return;
    buf_add_span(&line, message);
    buf_add_char(&line, '\n');
    if (buf_check(&line, "a message", &err) == 0 &&
        io_write(stdio->out, buf_span(&line), &err) == 0)
        return;
    log_warn("mcp", "stdio_write_failed", LOG_ERR(&err));
    give_up(stdio);
}

static void answer_fault(struct mcp_stdio *stdio, const struct fault *fault, struct span id)
{
    CLEANUP(buf) struct buf message = BUF(LIMIT_RPC_MESSAGE_BYTES);

    fault_write(fault, id, &message);
    write_line(stdio, buf_span(&message));
}

static void answer_too_large(struct mcp_stdio *stdio)
{
    struct fault fault;

    fault_set(&fault, RPC_INTERNAL_ERROR, 500,
              "The answers to a batch are over RPC_MESSAGE_BYTES (%d)", LIMIT_RPC_MESSAGE_BYTES);
    answer_fault(stdio, &fault, SPAN_NONE);
}

/* ---- as a channel ---- */

static void on_notify(void *ctx, struct span message)
{
    write_line(ctx, message);
}

static void on_answer(void *ctx, int http_status, struct span message)
{
    (void)http_status;
    write_line(ctx, message);
}

/* A cancelled request has no answer (2025-11-25, basic/utilities/cancellation). */
static void on_drop(void *ctx)
{
    (void)ctx;
}

static struct mcp_channel channel_of(struct mcp_stdio *stdio)
{
    return (struct mcp_channel){
        .notify = on_notify,
        .request = on_notify,
        .answer = on_answer,
        .drop = on_drop,
        .ctx = stdio,
        .streams = true,
    };
}

/* ---- a batch as a channel ---- */

/* One answer is there or will not come; the last one sends them all, in one array (2025-03-26). */
static void one_less(struct stdio_batch *batch)
{
    if (--batch->pending > 0)
        return;
    if (batch_end_answers(&batch->answers) < 0)
        answer_too_large(batch->stdio);
    else if (batch->answers.len)
        write_line(batch->stdio, buf_span(&batch->answers));
    free_batch(batch);
}

static void on_batch_notify(void *ctx, struct span message)
{
    write_line(((struct stdio_batch *)ctx)->stdio, message);
}

static void on_batch_answer(void *ctx, int http_status, struct span message)
{
    struct stdio_batch *batch = ctx;

    (void)http_status;
    batch_add_answer(&batch->answers, message);
    one_less(batch);
}

static void on_batch_drop(void *ctx)
{
    one_less(ctx);
}

static struct mcp_channel batch_channel_of(struct stdio_batch *batch)
{
    return (struct mcp_channel){ .notify = on_batch_notify,
                                 .request = on_batch_notify,
                                 .answer = on_batch_answer,
                                 .drop = on_batch_drop,
                                 .ctx = batch,
                                 .streams = true };
}

/* ---- the session ---- */

static void on_call_end(struct mcp_session *session)
{
    maybe_end(CONTAINER_OF(session, struct mcp_stdio, session));
}

static bool notify_session(void *ctx, struct span message)
{
    write_line(ctx, message);
    return true;
}

/* ---- messages ---- */

static void fail(const struct mcp_channel *channel, const struct fault *fault, struct span id)
{
    CLEANUP(buf) struct buf message = BUF(LIMIT_RPC_MESSAGE_BYTES);

    fault_write(fault, id, &message);
    channel->answer(channel->ctx, fault->http_status, buf_span(&message));
}

static int read_envelope(const struct rpc_message *message,
                         enum era era,
                         struct envelope *ret_envelope,
                         struct fault *fault)
{
    return era == ERA_MODERN ? envelope_read_modern(message, ret_envelope, fault)
                             : envelope_read_legacy(message, ret_envelope, fault);
}

static void take_message(struct mcp_stdio *stdio,
                         struct span text,
                         const struct rpc_message *message,
                         const struct mcp_channel *channel)
{
    struct envelope envelope = { .log_level = MESSAGE_NONE };
    struct fault fault = FAULT_INIT;
    struct inbound in = {
        .message = *message,
        .text = text,
        .envelope = &envelope,
        .session = &stdio->session,
        .channel = *channel,
    };

    if (message->kind == RPC_NOTIFICATION) {
        server_notification(stdio->server, &in);
        return;
    }
    if (message->kind != RPC_REQUEST) {
        asking_answered(stdio->server, &in);
        return;
    }
    if (envelope_classify_stdio(message, &stdio->pin, &in.era, &fault) < 0 ||
        read_envelope(message, in.era, &envelope, &fault) < 0)
        fail(channel, &fault, message->id);
    else
        server_request(stdio->server, &in);
}

static void take_text(struct mcp_stdio *stdio, struct span text)
{
    struct rpc_message message = { .kind = RPC_REQUEST };
    struct mcp_channel channel = channel_of(stdio);
    struct fault fault;
    struct err err = ERR_INIT;
    int code = RPC_PARSE_ERROR;

    if (rpc_read(text, &message, &code, &err) == 0) {
        take_message(stdio, text, &message, &channel);
        return;
    }
    fault_set(&fault, code, 400, "%s", err.text);
    answer_fault(stdio, &fault, message.id);
}

static struct stdio_batch *new_batch(struct mcp_stdio *stdio, unsigned requests)
{
    struct stdio_batch *batch = NEW(struct stdio_batch);

    batch->stdio = stdio;
    batch->pending = requests + 1; /* one of them is ours, until all are taken */
    buf_init(&batch->answers, LIMIT_RPC_MESSAGE_BYTES);
    TAILQ_INSERT_TAIL(&stdio->batches, batch, link);
    return batch;
}

static void take_batch(struct mcp_stdio *stdio, struct span text)
{
    struct json_iter it = json_iter(text);
    struct stdio_batch *batch;
    struct mcp_channel channel;
    struct rpc_message message;
    struct fault fault;
    unsigned requests;

    if (batch_check(text, &requests, &fault) < 0) {
        answer_fault(stdio, &fault, SPAN_NONE);
        return;
    }
    batch = new_batch(stdio, requests);
    channel = batch_channel_of(batch);
    while (json_next(&it)) {
        if (rpc_read(it.value, &message, NULL, NULL) == 0)
            take_message(stdio, it.value, &message, &channel);
    }
    one_less(batch);
}

static void take_line(struct mcp_stdio *stdio, struct span line)
{
    line = span_trim(line);
    if (line.len == 0)
        return;
    if (json_kind(line) == JSON_KIND_ARRAY && batch_is_in(stdio->session.version))
        take_batch(stdio, line);
    else
        take_text(stdio, line);
}

/* ---- lines ---- */

static void answer_too_long(struct mcp_stdio *stdio)
{
    struct fault fault;

    fault_set(&fault, RPC_INVALID_REQUEST, 413, "A message of more than HTTP_BODY_BYTES (%d)",
              LIMIT_HTTP_BODY_BYTES);
    answer_fault(stdio, &fault, SPAN_NONE);
}

/* A line's bytes without its end. */
static void add_to_line(struct mcp_stdio *stdio, struct span part)
{
    if (stdio->skipping || buf_add_span(&stdio->line, part) == 0)
        return;
    answer_too_long(stdio);
    buf_done(&stdio->line);
    stdio->skipping = true;
}

static void end_line(struct mcp_stdio *stdio)
{
    if (!stdio->skipping)
        take_line(stdio, buf_span(&stdio->line));
    stdio->skipping = false;
    buf_clear(&stdio->line);
}

static void on_data(void *ctx, struct span data)
{
    struct mcp_stdio *stdio = ctx;

    while (data.len && !stdio->gone) {
        const char *end = memchr(data.data, '\n', data.len);
        size_t len = end ? (size_t)(end - data.data) : data.len;

        add_to_line(stdio, span_make(data.data, len));
        if (end)
            end_line(stdio);
        data = span_skip(data, end ? len + 1 : len);
    }
}

static void on_output_end(void *ctx, const struct err *err)
{
    if (err)
        log_info("mcp", "stdio_failed", LOG_ERR(err));
    give_up(ctx);
}

static void on_input_end(void *ctx, const struct err *err)
{
    struct mcp_stdio *stdio = ctx;

    if (err)
        log_info("mcp", "stdio_failed", LOG_ERR(err));
    end_line(stdio);
    stdio->input_ended = true;
    asking_silence(stdio->server, &stdio->session);
    maybe_end(stdio);
}

static void on_drained(void *ctx)
{
    maybe_end(ctx);
}

static const struct io_events input_events = { .on_data = on_data, .on_end = on_input_end };
static const struct io_events output_events = { .on_end = on_output_end, .on_drained = on_drained };

static int open_streams(struct mcp_stdio *stdio, int in_fd, int out_fd, struct err *err)
{
    struct loop *loop = stdio->server->parts.loop;
    size_t queue_bytes = LIMIT_STREAM_QUEUE_BYTES + LIMIT_RPC_MESSAGE_BYTES;

    stdio->in = io_new(loop, in_fd, -1, 0, &input_events, stdio, err);
    if (!stdio->in)
        return -1;
    stdio->out = io_new(loop, -1, out_fd, queue_bytes, &output_events, stdio, err);
    return stdio->out ? 0 : -1;
}

struct mcp_stdio *mcp_stdio_new(
    struct mcp_server *server, int in_fd, int out_fd, loop_fn *on_end, void *ctx, struct err *err)
{
    struct mcp_stdio *stdio = NEW(struct mcp_stdio);

    stdio->server = server;
    stdio->on_end = on_end;
    stdio->ctx = ctx;
    buf_init(&stdio->line, LIMIT_HTTP_BODY_BYTES);
    TAILQ_INIT(&stdio->batches);
    session_init(&stdio->session);
    stdio->session.notify = notify_session;
    stdio->session.notify_ctx = stdio;
    stdio->session.on_call_end = on_call_end;
    if (open_streams(stdio, in_fd, out_fd, err) < 0) {
        io_free(stdio->in);
        free(stdio);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&server->unstored, &stdio->session, link);
    return stdio;
}

void mcp_stdio_free(struct mcp_stdio *stdio)
{
    if (!stdio)
        return;
    stdio->gone = true;
    stdio->session.on_call_end = NULL;
    drop_requests(stdio);
    server_session_gone(stdio->server, &stdio->session);
    upstreams_session_gone(stdio->server->parts.upstreams,
                           span_of(server_session_name(&stdio->session)));
    TAILQ_REMOVE(&stdio->server->unstored, &stdio->session, link);
    loop_unpost(stdio->server->parts.loop, &stdio->ended);
    io_free(stdio->in);
    io_free(stdio->out);
    buf_done(&stdio->line);
    session_done(&stdio->session);
    free(stdio);
}

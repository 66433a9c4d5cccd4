#include "proxy/upstream/questions.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/rpc/protocol.h"

#define ID_MAX_BYTES 1024

struct question {
    TAILQ_ENTRY(question) link;
    struct questions *questions; /* borrowed */
    struct ask *ask;             /* owned, until it ends */
    char *id;                    /* owned: raw, of the server's request */
};

struct questions {
    const struct server_config *server; /* borrowed */
    struct questions_events events;
    void *ctx;
    TAILQ_HEAD(, question) open;
    unsigned count;
};

struct questions *
questions_new(const struct server_config *server, const struct questions_events *events, void *ctx)
{
    struct questions *questions = NEW(struct questions);

    questions->server = server;
    questions->events = *events;
    questions->ctx = ctx;
    TAILQ_INIT(&questions->open);
    return questions;
}

/* --- answers --- */

static void send_error(struct questions *questions, struct span id, int code, const char *text)
{
    CLEANUP(buf) struct buf out = BUF(LIMIT_RPC_MESSAGE_BYTES);

    if (rpc_write_error(&out, id, code, span_of(text), SPAN_NONE) == 0)
        questions->events.send(questions->ctx, buf_span(&out));
}

static void send_result(struct questions *questions, struct span id, struct span result)
{
    CLEANUP(buf) struct buf out = BUF(LIMIT_RPC_MESSAGE_BYTES);

    if (rpc_write_result(&out, id, result) == 0)
        questions->events.send(questions->ctx, buf_span(&out));
    else
        send_error(questions, id, RPC_INTERNAL_ERROR,
                   "the answer is over the limit RPC_MESSAGE_BYTES");
}

/* Takes a question out of those that are open; the caller frees its id. */
static char *close_question(struct question *question)
{
    char *id = question->id;

    TAILQ_REMOVE(&question->questions->open, question, link);
    question->questions->count--;
    free(question);
    return id;
}

static void on_answer(struct ask *ask, struct span result)
{
    struct question *question = ask->source_ctx;
    struct questions *questions = question->questions;
    CLEANUP(str) char *id = close_question(question);

    send_result(questions, span_of(id), result);
}

static void on_failure(struct ask *ask, int code, const char *why)
{
    struct question *question = ask->source_ctx;
    struct questions *questions = question->questions;
    CLEANUP(str) char *id = close_question(question);

    send_error(questions, span_of(id), code, why);
}

/* The server waits all the same, in vain: it is told. */
static void on_drop(struct ask *ask)
{
    on_failure(ask, RPC_INTERNAL_ERROR, "the request that this belongs to has ended");
}

static const struct ask_source source = { .on_answer = on_answer,
                                          .on_failure = on_failure,
                                          .on_drop = on_drop };

/* --- requests --- */

static struct question *find(struct questions *questions, struct span id)
{
    struct question *question;

    TAILQ_FOREACH(question, &questions->open, link)
    {
        if (span_is(id, question->id))
            return question;
    }
    return NULL;
}

static int error_code(const struct err *err)
{
    return err->code == ERR_UNSUPPORTED ? RPC_METHOD_NOT_FOUND : RPC_INVALID_PARAMS;
}

static int check_room(struct questions *questions, struct span id, struct err *err)
{
    if (questions->count >= LIMIT_QUESTIONS)
        return err_set(err, ERR_LIMIT, "QUESTIONS (%d) of this server wait for their answers",
                       LIMIT_QUESTIONS);
    if (id.len > ID_MAX_BYTES || find(questions, id))
        return err_set(err, ERR_INVALID, "the id of the request is in use, or too long");
    return 0;
}

static void put(struct questions *questions, struct ask *ask, struct span id, uint64_t request_id)
{
    struct question *question = NEW(struct question);

    question->questions = questions;
    question->ask = ask;
    question->id = span_dup(id);
    ask->source_ctx = question;
    TAILQ_INSERT_TAIL(&questions->open, question, link);
    questions->count++;
    questions->events.on_ask(questions->ctx, ask, request_id);
}

static void
take_question(struct questions *questions, const struct rpc_message *request, uint64_t request_id)
{
    struct err err = ERR_INIT;
    struct ask *ask;

    if (check_room(questions, request->id, &err) < 0) {
        send_error(questions, request->id,
                   err.code == ERR_LIMIT ? RPC_SERVER_ERROR : RPC_INVALID_REQUEST, err.text);
        return;
    }
    ask = ask_new(questions->server, request->method, request->params, &source, NULL, &err);
    if (!ask) {
        send_error(questions, request->id, error_code(&err), err.text);
        return;
    }
    put(questions, ask, request->id, request_id);
}

/* Whether it is one that was not declared in the handshake. */
static bool is_forbidden(const struct questions *questions, struct span method)
{
    for (int kind = 0; kind < ASK_KINDS; kind++) {
        if (span_is(method, ask_method((enum ask_kind)kind)))
            return !ask_permitted(questions->server, (enum ask_kind)kind);
    }
    return true;
}

void questions_take(struct questions *questions,
                    const struct rpc_message *request,
                    uint64_t request_id)
{
    log_debug("upstream", "server_request", LOG_STR("server", questions->server->key),
              LOG_SPAN("method", request->method));
    if (span_is(request->method, "ping"))
        send_result(questions, request->id, SPAN("{}"));
    else if (is_forbidden(questions, request->method))
        send_error(questions, request->id, RPC_METHOD_NOT_FOUND, "this client does not offer that");
    else
        take_question(questions, request, request_id);
}

/* An answer to a cancelled request must not be sent. */
static void withdraw(struct question *question)
{
    struct questions *questions = question->questions;
    struct ask *ask = question->ask;

    free(close_question(question));
    questions->events.on_ask_gone(questions->ctx, ask);
    ask_free(ask);
}

void questions_cancelled(struct questions *questions, struct span params)
{
    struct question *question;
    struct span id;

    if (json_get(params, "requestId", &id) && (question = find(questions, id)))
        withdraw(question);
}

void questions_end(struct questions *questions)
{
    while (!TAILQ_EMPTY(&questions->open))
        withdraw(TAILQ_FIRST(&questions->open));
}

void questions_free(struct questions *questions)
{
    if (!questions)
        return;
    while (!TAILQ_EMPTY(&questions->open)) {
        struct question *question = TAILQ_FIRST(&questions->open);

        ask_free(question->ask);
        free(close_question(question));
    }
    free(questions);
}

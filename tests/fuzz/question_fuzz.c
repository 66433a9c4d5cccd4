/*
 * What a server may ask and a client may say of itself: any JSON is taken
 * without a fault, each question ends once, and what is sent on is JSON.
 */
#include <stdint.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/upstream/caller.h"
#include "proxy/upstream/capabilities.h"
#include "proxy/upstream/questions.h"
#include "proxy/upstream/round.h"

#define EVERYTHING "{\"elicitation\":{\"form\":{},\"url\":{}},\"sampling\":{},\"roots\":{}}"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *roots[] = { (char[]){ "file:///srv" }, NULL };
static const struct server_config server = { .key = (char[]){ "fuzz" },
                                             .ask = { true, true, true },
                                             .roots = roots };

static void check_is_json(const struct buf *text)
{
    BUG_ON(!buf_failed(text) && json_check(buf_span(text), 0, NULL) < 0);
}

static void end_ask(struct ask *ask, size_t size)
{
    BUG_ON(json_kind(ask_params(ask)) != JSON_KIND_OBJECT);
    BUG_ON(json_check(ask_params(ask), 0, NULL) < 0);
    if (size % 2)
        ask_refuse(ask, "no");
    else
        ask_answer(ask, SPAN("{\"action\":\"accept\"}"));
}

/* --- requests of a legacy server --- */

static void on_send(void *ctx, struct span text)
{
    ++*(unsigned *)ctx;
    BUG_ON(json_check(text, 0, NULL) < 0);
}

/* Every third is left open. */
static void on_ask(void *ctx, struct ask *ask, uint64_t request_id)
{
    (void)ctx;
    if (request_id % 3)
        end_ask(ask, request_id);
}

static void on_ask_gone(void *ctx, struct ask *ask)
{
    (void)ctx;
    (void)ask_params(ask);
}

static void take_request(struct span text)
{
    static const struct questions_events events = { on_send, on_ask, on_ask_gone };
    unsigned sent = 0;
    struct questions *questions;
    struct rpc_message message;

    if (rpc_read(text, &message, NULL, NULL) < 0)
        return;
    questions = questions_new(&server, &events, &sent);
    for (uint64_t i = 1; message.kind == RPC_REQUEST && i <= 4; i++)
        questions_take(questions, &message, i);
    if (message.kind == RPC_REQUEST)
        BUG_ON(sent < 2);
    questions_cancelled(questions, message.params);
    questions_end(questions);
    questions_free(questions);
}

/* --- results of a modern one --- */

static void on_answered(void *ctx)
{
    BUG_ON(++*(unsigned *)ctx != 1);
}

static void on_failed(void *ctx, const struct err *err)
{
    (void)ctx;
    BUG_ON(err->code == ERR_NONE);
}

static void take_round(struct round *round, const unsigned *answered)
{
    CLEANUP(buf) struct buf params = BUF(LIMIT_RPC_MESSAGE_BYTES);
    bool all = round && !round_is_empty(round);
    struct ask *ask;

    while (round && (ask = round_next(round))) {
        all = all && ask_kind(ask) != ASK_SAMPLE;
        end_ask(ask, ask_kind(ask) == ASK_SAMPLE);
    }
    if (round && (*answered || round_is_empty(round))) {
        round_write_params(&params, round, SPAN("{\"name\":\"x\",\"requestState\":\"old\"}"));
        check_is_json(&params);
        (void)round_accepted(round);
    }
    BUG_ON(all && !*answered);
    round_free(round);
}

static void take_result(struct span text)
{
    static const struct round_events events = { on_answered, on_failed };
    unsigned answered = 0;
    struct round *round =
        round_of_result(&server, text, SPAN(EVERYTHING), &events, &answered, NULL);

    take_round(round, &answered);
    answered = 0;
    round = round_of_urls(&server, text, &events, &answered, NULL);
    if (round)
        round_complete(round, text);
    take_round(round, &answered);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_make((const char *)data, size);
    CLEANUP(buf) struct buf meta = BUF(LIMIT_RPC_MESSAGE_BYTES);
    CLEANUP(buf) struct buf capabilities = BUF(LIMIT_CAPABILITIES_BYTES);

    log_setup(LOG_OFF, LOG_FORMAT_TEXT);
    if (json_check(text, LIMIT_RPC_DEPTH, NULL) < 0)
        return 0;
    text = span_trim(text);
    take_request(text);
    take_result(text);
    caller_write_meta(&meta, text);
    check_is_json(&meta);
    capabilities_write_of_client(&capabilities, &server, text, true);
    check_is_json(&capabilities);
    return 0;
}

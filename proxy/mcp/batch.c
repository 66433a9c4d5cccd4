/*
 * A batch is taken whole or not at all, so that a client that is told of a
 * mistake knows that nothing was done.
 */
#include "proxy/mcp/batch.h"

#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/envelope.h"

bool batch_is_in(const char *version)
{
    return version && strcmp(version, "2025-03-26") == 0;
}

static int check_count(struct span batch, struct fault *fault)
{
    size_t count = json_count(batch);

    if (count == 0)
        return fault_set(fault, RPC_INVALID_REQUEST, 400, "An empty batch");
    if (count > LIMIT_BATCH_MESSAGES)
        return fault_set(fault, RPC_INVALID_REQUEST, 413,
                         "A batch of %zu messages; the limit BATCH_MESSAGES is %d, and none of "
                         "them was done",
                         count, LIMIT_BATCH_MESSAGES);
    return 0;
}

static int check_message(struct span text, unsigned *requests, struct fault *fault)
{
    struct rpc_message message;
    struct err err = ERR_INIT;

    if (rpc_read(text, &message, NULL, &err) < 0)
        return fault_set(fault, RPC_INVALID_REQUEST, 400, "In a batch: %s", err.text);
    if (envelope_claims(&message) || envelope_is_initialize(&message))
        return fault_set(fault, RPC_INVALID_REQUEST, 400, "This message can't be part of a batch");
    *requests += message.kind == RPC_REQUEST;
    return 0;
}

int batch_check(struct span batch, unsigned *ret_requests, struct fault *fault)
{
    struct json_iter it = json_iter(batch);
    struct err err = ERR_INIT;

    *ret_requests = 0;
    if (json_check(batch, LIMIT_RPC_DEPTH, &err) < 0)
        return fault_set(fault, RPC_PARSE_ERROR, 400, "%s", err.text);
    if (check_count(batch, fault) < 0)
        return -1;
    while (json_next(&it)) {
        if (check_message(it.value, ret_requests, fault) < 0)
            return -1;
    }
    return 0;
}

void batch_add_answer(struct buf *answers, struct span answer)
{
    if (answers->len == 0)
        buf_add_char(answers, '[');
    json_write_comma(answers);
    buf_add_span(answers, answer);
}

int batch_end_answers(struct buf *answers)
{
    if (answers->len)
        buf_add_char(answers, ']');
    return buf_failed(answers) ? -1 : 0;
}

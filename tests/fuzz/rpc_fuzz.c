/*
 * JSON-RPC envelopes from a peer: any bytes are read without a fault, and what
 * is read and written again reads the same.
 */
#include <stdint.h>

#include "base/json.h"
#include "proxy/rpc/message.h"

#define OUT_MAX_BYTES (64 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int write_again(const struct rpc_message *m, struct buf *out)
{
    char method[512];

    switch (m->kind) {
    case RPC_RESULT:
        return rpc_write_result(out, m->id, m->result);
    case RPC_ERROR:
        return rpc_write_error(out, m->id, (int)m->error_code, SPAN("m"), m->error);
    case RPC_REQUEST:
    case RPC_NOTIFICATION:
        BUG_ON(m->method.len >= sizeof(method));
        memcpy(method, m->method.data, m->method.len);
        method[m->method.len] = '\0';
        return rpc_write_request(out, m->id, method, m->params);
    }
    return -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(buf) struct buf out = BUF(OUT_MAX_BYTES);
    CLEANUP(buf) struct buf text = BUF(OUT_MAX_BYTES);
    struct rpc_message message, again;
    struct err err = ERR_INIT;

    if (rpc_read(span_make((const char *)data, size), &message, NULL, &err) < 0)
        return 0;
    if (message.kind == RPC_ERROR)
        rpc_error_text(&message, &text);
    BUG_ON(write_again(&message, &out) < 0);
    BUG_ON(memchr(out.data, '\n', out.len) != NULL);
    /* An error is written with the read one as its data, so a level deeper. */
    BUG_ON(rpc_read(buf_span(&out), &again, NULL, &err) < 0 && err.code != ERR_LIMIT);
    BUG_ON(err.code == ERR_NONE && again.kind != message.kind);
    return 0;
}

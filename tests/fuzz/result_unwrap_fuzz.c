/*
 * Any tool result: what a script gets of it is JSON, or the result is refused.
 */
#include "proxy/exec/result_unwrap.h"

#include <stdint.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span result = span_make((const char *)data, size);
    CLEANUP(buf) struct buf out = BUF(1 << 20);
    struct err err = ERR_INIT;
    bool ok;

    if (json_check(result, LIMIT_RPC_DEPTH, NULL) < 0)
        return 0;
    if (result_unwrap(result, SPAN("server"), SPAN("tool"), &out, &ok, &err) == 0)
        BUG_ON(json_check(buf_span(&out), 0, NULL) < 0);
    else
        BUG_ON(err.code == ERR_NONE);
    return 0;
}

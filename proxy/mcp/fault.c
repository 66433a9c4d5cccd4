/*
 * Errors towards the client, in one shape.
 */
#include "proxy/mcp/fault.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/json.h"
#include "proxy/rpc/message.h"

int fault_set(struct fault *fault, int code, int http_status, const char *format, ...)
{
    va_list args;

    *fault = (struct fault){ .code = code, .http_status = http_status };
    va_start(args, format);
    vsnprintf(fault->text, sizeof(fault->text), format, args);
    va_end(args);
    return -1;
}

void fault_set_data(struct fault *fault, struct span raw)
{
    if (raw.len >= sizeof(fault->data))
        raw.len = 0;
    if (raw.len)
        memcpy(fault->data, raw.data, raw.len);
    fault->data[raw.len] = '\0';
}

int fault_version(struct fault *fault, struct span requested_raw)
{
    CLEANUP(buf) struct buf data = BUF(FAULT_DATA_BYTES);

    fault_set(fault, RPC_UNSUPPORTED_VERSION, 400,
              "Unsupported protocol version; this server speaks %s", PROTOCOL_MODERN);
    buf_add_str(&data, "{\"supported\":[\"" PROTOCOL_MODERN "\"]");
    if (json_kind(requested_raw) == JSON_KIND_STRING)
        json_write_member_raw(&data, "requested", requested_raw);
    buf_add_char(&data, '}');
    if (!buf_failed(&data))
        fault_set_data(fault, buf_span(&data));
    return -1;
}

int fault_write(const struct fault *fault, struct span id, struct buf *out)
{
    return rpc_write_error(out, id, fault->code, span_of(fault->text), span_of(fault->data));
}

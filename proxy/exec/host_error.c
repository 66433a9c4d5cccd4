#include "proxy/exec/host_error.h"

#include "base/json.h"

void host_error_write(const struct host_error *error, struct buf *out)
{
    buf_add_char(out, '{');
    json_write_member_string(out, "name", span_of(kind_row(error->kind)->name));
    json_write_member_string(out, "message", error->message);
    if (error->server.len)
        json_write_member_string(out, "server", error->server);
    if (error->tool.len)
        json_write_member_string(out, "tool", error->tool);
    if (error->content.len)
        json_write_member_raw(out, "content", error->content);
    if (error->has_code)
        json_write_member_int(out, "code", error->code);
    if (error->data.len)
        json_write_member_raw(out, "data", error->data);
    buf_add_char(out, '}');
}

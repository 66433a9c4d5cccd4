#include "proxy/mcp/http_params.h"

#include <ctype.h>

#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/http_mirror.h"
#include "proxy/mcp/mirror.h"
#include "proxy/mcp/mode.h"
#include "proxy/mcp/tools_named.h"
#include "proxy/rpc/mirrored_params.h"

static struct span schema_of(struct mcp_server *server, struct span raw_name)
{
    const struct tool *tool =
        mode_mirrors(server) ? mirror_tool(server, raw_name) : tools_named_find(server, raw_name);
    struct span schema = SPAN_NONE;

    if (tool)
        json_get(span_of(tool->definition), "inputSchema", &schema);
    return schema;
}

static void write_lower(const char *header, struct buf *out)
{
    for (; *header; header++)
        buf_add_char(out, (char)tolower((unsigned char)*header));
}

void http_params_keep(struct mcp_server *server, struct http_request *request)
{
    CLEANUP(buf) struct buf decoded = BUF(LIMIT_HTTP_HEADER_BYTES);
    CLEANUP(buf) struct buf raw_name = BUF(8 * LIMIT_HTTP_HEADER_BYTES);
    struct mirrored_params params;
    struct span value;

    if (!http_request_header(request, "mcp-method", &value) || !span_is(value, "tools/call") ||
        !http_request_header(request, "mcp-name", &value) ||
        http_mirror_decode(value, &decoded) < 0)
        return;
    json_write_string(&raw_name, buf_span(&decoded));
    if (mirrored_params_read(&params, schema_of(server, buf_span(&raw_name)), SPAN_NONE, NULL) < 0)
        return;
    for (size_t i = 0; i < params.count; i++) {
        CLEANUP(buf) struct buf name = BUF(sizeof(params.items[i].header));

        write_lower(params.items[i].header, &name);
        http_request_keep_header(request, buf_str(&name));
    }
}

/* Integers are compared as numbers, all else as text. */
static bool says(struct span header, const struct mirrored_param *param, struct span text)
{
    CLEANUP(buf) struct buf decoded = BUF(LIMIT_HTTP_HEADER_BYTES);
    int64_t a, b;

    if (http_mirror_decode(header, &decoded) < 0)
        return false;
    if (json_kind(param->value) == JSON_KIND_NUMBER)
        return json_int64(buf_span(&decoded), &a) && json_int64(text, &b) && a == b;
    return span_equal(buf_span(&decoded), text);
}

static int check_param(const struct http_request *request,
                       const struct mirrored_param *param,
                       struct fault *fault)
{
    CLEANUP(buf) struct buf text = BUF(MIRRORED_VALUE_BYTES);
    CLEANUP(buf) struct buf name = BUF(sizeof(param->header));
    struct span header;
    int wanted = mirrored_param_text(param, &text, NULL);
    bool found;

    write_lower(param->header, &name);
    found = http_request_header(request, buf_str(&name), &header);
    if (wanted < 0)
        return 0; /* of a type that the tool itself refuses */
    if (wanted && !found)
        return fault_set(fault, RPC_HEADER_MISMATCH, 400, "Header %s is missing", param->header);
    if (found && (!wanted || !says(header, param, buf_span(&text))))
        return fault_set(fault, RPC_HEADER_MISMATCH, 400,
                         "Header %s differs from the argument in the body", param->header);
    return 0;
}

int http_params_check(struct mcp_server *server,
                      const struct http_request *request,
                      const struct rpc_message *message,
                      struct fault *fault)
{
    struct mirrored_params params;
    struct span name = SPAN_NONE, arguments = SPAN_NONE;

    if (!span_is(message->method, "tools/call"))
        return 0;
    json_get(message->params, "name", &name);
    json_get(message->params, "arguments", &arguments);
    if (mirrored_params_read(&params, schema_of(server, name), arguments, NULL) < 0)
        return 0; /* what it asks for can't be known */
    for (size_t i = 0; i < params.count; i++) {
        if (check_param(request, &params.items[i], fault) < 0)
            return -1;
    }
    return 0;
}

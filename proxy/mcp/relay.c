#include "proxy/mcp/relay.h"

#include <limits.h>
#include <math.h>

#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/asking.h"
#include "proxy/mcp/mode.h"
#include "proxy/mcp/rewrite.h"
#include "proxy/mcp/server_private.h"

#define URL_ELICITATION_REQUIRED (-32042)
/* Reserved for MCP; those that it has given out are of a hop (2026-07-28, basic/index). */
#define RESERVED_FIRST (-32020)
#define RESERVED_LAST  (-32099)

/* ---- errors ---- */

/* The code, data and HTTP status of an error towards the client. */
struct told {
    int code, http_status;
    struct span data;
};

static bool is_missing_capability(const struct mcp_call *call, int64_t code)
{
    return code == RPC_MISSING_CAPABILITY && call->era == ERA_MODERN &&
           mode_of(call) == OFFER_PASSTHROUGH;
}

/* What says something of our request to the server and not of the client's to us. */
static bool is_of_hop(int64_t code)
{
    return (code <= RESERVED_FIRST && code >= RESERVED_LAST) || code < INT_MIN || code > INT_MAX;
}

/* The same thing has one code in each era (2026-07-28, server/resources). */
static int code_of_era(const struct mcp_call *call, int code, struct span data)
{
    struct span uri;

    if (!span_is(call->message.method, "resources/read"))
        return call->era == ERA_MODERN && code == RPC_RESOURCE_NOT_FOUND ? RPC_INTERNAL_ERROR
                                                                         : code;
    if (code == RPC_RESOURCE_NOT_FOUND && call->era == ERA_MODERN)
        return RPC_INVALID_PARAMS;
    if (code == RPC_INVALID_PARAMS && call->era == ERA_LEGACY && json_get(data, "uri", &uri))
        return RPC_RESOURCE_NOT_FOUND;
    return code;
}

/* Unknown resources are told with the URI that the client knows. */
static struct span
data_of(const struct mcp_call *call, int code, struct span data, struct buf *place)
{
    struct span uri;
    bool not_found =
        code == RPC_RESOURCE_NOT_FOUND || (code == RPC_INVALID_PARAMS && call->era == ERA_MODERN);

    if (!not_found || !span_is(call->message.method, "resources/read") ||
        !call_param(call, "uri", &uri))
        return data;
    buf_add_char(place, '{');
    json_write_member_raw(place, "uri", uri);
    buf_add_char(place, '}');
    return buf_span(place);
}

static struct told
tell_remote(const struct mcp_call *call, int64_t code, struct span data, struct buf *place)
{
    int own;

    if (is_missing_capability(call, code))
        return (struct told){ (int)code, 400, data };
    if (is_of_hop(code))
        return (struct told){ RPC_INTERNAL_ERROR, 200, SPAN_NONE };
    own = code_of_era(call, (int)code, data);
    return (struct told){ own, own == RPC_METHOD_NOT_FOUND ? 404 : 200,
                          data_of(call, own, data, place) };
}

static void write_hop_text(struct buf *out, const char *server_key, int64_t code, const char *text)
{
    if (code == RPC_MISSING_CAPABILITY)
        buf_printf(out,
                   "Server '%s' needs a capability that the client does not have: ", server_key);
    else
        buf_printf(out, "Server '%s' refused the request of the proxy: ", server_key);
    buf_add_str(out, text);
}

static void answer_error(struct mcp_call *call,
                         const char *server_key,
                         const struct err *err,
                         int64_t code,
                         struct span data)
{
    CLEANUP(buf) struct buf text = BUF(2 * ERR_TEXT_BYTES);
    CLEANUP(buf) struct buf place = BUF(LIMIT_HTTP_BODY_BYTES);
    struct told told = { RPC_INTERNAL_ERROR, 200, SPAN_NONE };

    if (err->code == ERR_REMOTE && code != 0) {
        told = tell_remote(call, code, data, &place);
        if (told.code != code && is_of_hop(code))
            write_hop_text(&text, server_key, code, err->text);
        else
            buf_add_str(&text, err->text);
    } else {
        buf_printf(&text, "Server '%s': %s", server_key, err->text);
    }
    call_answer_error(call, told.http_status, told.code, buf_span(&text), told.data);
}

/* ---- what a server says meanwhile ---- */

static void on_progress(void *ctx, struct span params)
{
    CLEANUP(buf) struct buf message = BUF(LIMIT_LOG_BYTES);
    double progress, total = NAN;
    struct span value;

    if (!json_get(params, "progress", &value) || !json_double(value, &progress))
        return;
    if (json_get(params, "total", &value))
        json_double(value, &total);
    if (json_get(params, "message", &value))
        json_decode_string(value, &message);
    call_progress(ctx, progress, total, buf_span(&message));
}

static void on_log(void *ctx, struct span params)
{
    struct mcp_call *call = ctx;

    call_server_log(call, call->relayed_to, params);
}

static void on_ask(void *ctx, struct ask *ask)
{
    asking_put(ctx, ask);
}

static void on_ask_gone(void *ctx, struct ask *ask)
{
    asking_withdrawn(ctx, ask);
}

/* ---- the end ---- */

static void on_result(void *ctx, struct span result)
{
    struct mcp_call *call = ctx;
    CLEANUP(str) char *key = TAKE(call->relayed_to);

    call->relayed = NULL;
    if (json_kind(result) == JSON_KIND_OBJECT) {
        call->relay_answer(call, key, result);
    } else {
        struct fault fault;

        fault_set(&fault, RPC_INTERNAL_ERROR, 200, "Server '%s': its result is no object", key);
        call_answer_fault(call, &fault);
    }
}

static void on_error(void *ctx, const struct err *err, int64_t code, struct span data)
{
    struct mcp_call *call = ctx;
    CLEANUP(str) char *key = TAKE(call->relayed_to);

    call->relayed = NULL;
    answer_error(call, key, err, code, data);
}

static const struct upstream_call_events events = {
    .on_result = on_result,
    .on_error = on_error,
    .on_progress = on_progress,
    .on_log = on_log,
    .on_ask = on_ask,
    .on_ask_gone = on_ask_gone,
};

static uint64_t timeout_of(const struct config *config, const char *server_key)
{
    const struct server_config *server = config_find_server(config, server_key);

    return server && server->timeout_ms ? server->timeout_ms : config->limits.call_ms;
}

/* The params without the client's `_meta`, of which the caller's is what travels. */
static void write_params(struct buf *out, struct span params)
{
    static const char *const meta[] = { "_meta", NULL };

    buf_add_char(out, '{');
    rewrite_members(out, params, meta);
    buf_add_char(out, '}');
}

void relay_start(struct mcp_call *call,
                 const char *server_key,
                 struct span params,
                 relay_answer_fn *answer)
{
    CLEANUP(buf) struct buf session = BUF(CALL_SESSION_BYTES);
    CLEANUP(buf) struct buf bare = BUF(2 * LIMIT_HTTP_BODY_BYTES);
    const struct mcp_parts *parts = &call->server->parts;
    struct upstream_caller caller;

    write_params(&bare, params);
    call_caller(call, &session, &caller);
    caller.takes_input_required = call->relay_verbatim;
    call->relay_answer = answer;
    call->relayed_to = xstrdup(server_key);
    call->relayed = upstreams_call(parts->upstreams, span_of(server_key),
                                   protocol_method(call->message.method), buf_span(&bare),
                                   timeout_of(parts->config, server_key), &caller, &events, call);
}

/* ---- results ---- */

/* How long a modern client may keep it, as far as the server says. */
static void read_caching(struct call_result *out, struct span result)
{
    struct span value;
    int64_t ttl_ms = 0;

    if (json_get(result, "ttlMs", &value) && json_int64(value, &ttl_ms) && ttl_ms > 0)
        out->ttl_ms = ttl_ms < INT_MAX ? (int)ttl_ms : INT_MAX;
    else
        out->ttl_ms = 0;
    out->per_client = !json_get(result, "cacheScope", &value) || !json_string_is(value, "public");
}

static bool may_be_kept(const struct mcp_call *call)
{
    return !span_is(call->message.method, "tools/call") &&
           !span_is(call->message.method, "prompts/get") &&
           !span_is(call->message.method, "completion/complete");
}

static bool asks_for_input(const struct mcp_call *call, struct span result)
{
    struct span type;

    return call->relay_verbatim && json_get(result, "resultType", &type) &&
           json_string_is(type, "input_required");
}

void relay_answer_with(struct mcp_call *call,
                       struct span result,
                       const char *const *but,
                       struct span members)
{
    CLEANUP(call_result) struct call_result out = CALL_RESULT_INIT;
    struct span meta;

    buf_add_span(&out.members, members);
    rewrite_result(&out.members, result, but);
    if (json_get(result, "_meta", &meta))
        rewrite_meta(&out.meta, meta);
    if (asks_for_input(call, result))
        out.input_required = true;
    else if (may_be_kept(call))
        read_caching(&out, result);
    call_answer(call, &out);
}

void relay_answer(struct mcp_call *call, const char *server_key, struct span result)
{
    static const char *const none[] = { NULL };

    (void)server_key;
    relay_answer_with(call, result, none, SPAN_NONE);
}

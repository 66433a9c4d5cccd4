/*
 * subscriptions/listen (2026-07-28, basic/patterns/subscriptions): a request
 * that stays open.  Its first message says what is honoured.
 */
#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/mode.h"
#include "proxy/mcp/rewrite.h"
#include "proxy/mcp/server_private.h"

/* `"_meta":{"...subscriptionId":<id of the request, same JSON type>}` */
static void write_subscription(struct buf *out, const struct mcp_call *call)
{
    json_write_key(out, "_meta");
    buf_add_char(out, '{');
    json_write_member_raw(out, META_SUBSCRIPTION_ID, call->message.id);
    buf_add_char(out, '}');
}

static const char *const members[CHANGE_KINDS] = {
    [CHANGE_TOOLS] = "toolsListChanged",
    [CHANGE_PROMPTS] = "promptsListChanged",
    [CHANGE_RESOURCES] = "resourcesListChanged",
};

/* ---- the filter ---- */

/* What a mirror's server does not tell of is not honoured. */
static bool is_told(const struct mcp_server *server, enum change_kind kind)
{
    static const char *const capabilities[CHANGE_KINDS] = { "tools", "prompts", "resources" };

    if (mode_mirrors(server))
        return server_upstream_can(server, mode_mirrored(server), capabilities[kind],
                                   "listChanged");
    return kind == CHANGE_TOOLS || (kind == CHANGE_PROMPTS && mode_exposes_prompts(server)) ||
           (kind == CHANGE_RESOURCES && mode_exposes_resources(server));
}

static void read_lists(struct mcp_call *call, struct span filter)
{
    struct span value;

    for (unsigned kind = 0; kind < CHANGE_KINDS; kind++) {
        bool wanted = false;

        if (json_get(filter, members[kind], &value) && json_bool(value, &wanted) && wanted &&
            is_told(call->server, kind))
            call->listens |= 1u << kind;
    }
}

/* Appends the URIs that are honoured; -1 with a fault when there are too many. */
static int
read_resources(struct mcp_call *call, struct span filter, struct buf *out, struct fault *fault)
{
    struct span uris = SPAN_NONE;
    struct json_iter it;

    json_get(filter, "resourceSubscriptions", &uris);
    it = json_iter(uris);
    while (json_next(&it)) {
        int result = subscription_add(call, &call->subscriptions, it.value, fault);

        if (result < 0 && fault->code == RPC_INTERNAL_ERROR)
            return -1;
        if (result <= 0)
            continue; /* not honoured, which the acknowledgement says */
        json_write_comma(out);
        buf_add_span(out, it.value);
    }
    return 0;
}

/* ---- what is sent ---- */

static void acknowledge(struct mcp_call *call, struct span uris)
{
    CLEANUP(buf) struct buf params = BUF(LIMIT_HTTP_BODY_BYTES);

    buf_add_str(&params, "{\"notifications\":{");
    for (unsigned kind = 0; kind < CHANGE_KINDS; kind++) {
        if (call->listens & (1u << kind))
            json_write_member_bool(&params, members[kind], true);
    }
    if (uris.len > 1) {
        json_write_member_raw(&params, "resourceSubscriptions", uris);
        buf_add_char(&params, ']');
    }
    buf_add_char(&params, '}');
    write_subscription(&params, call);
    buf_add_char(&params, '}');
    call_notify(call, "notifications/subscriptions/acknowledged", buf_span(&params));
}

void listen_end(struct mcp_call *call)
{
    CLEANUP(call_result) struct call_result result = CALL_RESULT_INIT;

    call->listening = false;
    json_write_member_raw(&result.meta, META_SUBSCRIPTION_ID, call->message.id);
    call_answer(call, &result);
}

void listen_tell(struct mcp_call *call, const char *method, struct span params)
{
    static const char *const none[] = { NULL };
    CLEANUP(buf) struct buf told = BUF(LIMIT_HTTP_BODY_BYTES);

    buf_add_char(&told, '{');
    rewrite_members(&told, params, none);
    write_subscription(&told, call);
    buf_add_char(&told, '}');
    call_notify(call, method, buf_span(&told));
}

/* ---- the request ---- */

static int check_listen(const struct mcp_call *call, struct span *ret_filter, struct fault *fault)
{
    if (!call->channel.streams)
        return fault_set(fault, RPC_INVALID_REQUEST, 406,
                         "A subscription needs Accept: text/event-stream");
    if (!call_param(call, "notifications", ret_filter) ||
        json_kind(*ret_filter) != JSON_KIND_OBJECT)
        return fault_set(fault, RPC_INVALID_PARAMS, 400, "notifications must be an object");
    return 0;
}

static void begin(struct mcp_call *call)
{
    CLEANUP(buf) struct buf uris = BUF(LIMIT_HTTP_BODY_BYTES);
    struct span filter = SPAN_NONE;
    struct fault fault = FAULT_INIT;

    call_param(call, "notifications", &filter);
    read_lists(call, filter);
    buf_add_char(&uris, '[');
    if (read_resources(call, filter, &uris, &fault) < 0) {
        call_answer_fault(call, &fault);
        return;
    }
    acknowledge(call, buf_span(&uris));
    call->listening = call->listens || !TAILQ_EMPTY(&call->subscriptions);
    if (!call->listening)
        listen_end(call);
}

/* Only servers that have answered can say whether they tell of a resource. */
static bool needs_servers(const struct mcp_call *call, struct span filter)
{
    struct span uris;

    return mode_mirrors(call->server) ||
           (json_get(filter, "resourceSubscriptions", &uris) && json_count(uris) > 0);
}

void listen_start(struct mcp_call *call)
{
    struct fault fault = FAULT_INIT;
    struct span filter = SPAN_NONE;

    if (check_listen(call, &filter, &fault) < 0)
        call_answer_fault(call, &fault);
    else if (needs_servers(call, filter))
        server_when_settled(call, begin);
    else
        begin(call);
}

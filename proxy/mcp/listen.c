/*
 * subscriptions/listen (2026-07-28, basic/patterns/subscriptions): a request
 * that stays open.  Its first message says what is honoured; only the tools'
 * list changes here.
 */
#include "base/json.h"
#include "base/limits.h"
#include "proxy/mcp/server_private.h"

/* `"_meta":{"...subscriptionId":<id of the request, same JSON type>}` */
static void write_subscription(struct buf *out, const struct mcp_call *call)
{
    json_write_key(out, "_meta");
    buf_add_char(out, '{');
    json_write_member_raw(out, META_SUBSCRIPTION_ID, call->message.id);
    buf_add_char(out, '}');
}

static bool wants_tools(const struct mcp_call *call)
{
    struct span filter, value;
    bool wanted = false;

    return call_param(call, "notifications", &filter) &&
           json_get(filter, "toolsListChanged", &value) && json_bool(value, &wanted) && wanted;
}

static void acknowledge(struct mcp_call *call, bool tools)
{
    CLEANUP(buf) struct buf params = BUF(LIMIT_HTTP_BODY_BYTES);

    buf_add_str(&params, "{\"notifications\":{");
    if (tools)
        json_write_member_bool(&params, "toolsListChanged", true);
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

void listen_tools_changed(struct mcp_call *call)
{
    CLEANUP(buf) struct buf params = BUF(LIMIT_HTTP_BODY_BYTES);

    buf_add_char(&params, '{');
    write_subscription(&params, call);
    buf_add_char(&params, '}');
    call_notify(call, "notifications/tools/list_changed", buf_span(&params));
}

static int check_listen(const struct mcp_call *call, struct fault *fault)
{
    struct span filter;

    if (!call->channel.streams)
        return fault_set(fault, RPC_INVALID_REQUEST, 406,
                         "A subscription needs Accept: text/event-stream");
    if (!call_param(call, "notifications", &filter) || json_kind(filter) != JSON_KIND_OBJECT)
        return fault_set(fault, RPC_INVALID_PARAMS, 400, "notifications must be an object");
    return 0;
}

void listen_start(struct mcp_call *call)
{
    struct fault fault = FAULT_INIT;
    bool tools = wants_tools(call);

    if (check_listen(call, &fault) < 0) {
        call_answer_fault(call, &fault);
        return;
    }
    acknowledge(call, tools);
    call->listening = tools;
    if (!tools)
        listen_end(call);
}

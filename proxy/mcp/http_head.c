/*
 * What a request is refused for by its headers, before its body is read.
 */
#include "proxy/mcp/http_guard.h"
#include "proxy/mcp/http_params.h"
#include "proxy/mcp/http_private.h"

struct span mcp_http_header(const struct http_request *request, const char *name)
{
    struct span value = SPAN_NONE;

    http_request_header(request, name, &value);
    return value;
}

int mcp_http_refuse(struct http_request *request,
                    int status,
                    const struct http_header *header,
                    const char *text)
{
    CLEANUP(buf) struct buf body = BUF(1024);
    struct fault fault;

    fault_set(&fault, RPC_SERVER_ERROR, status, "%s", text);
    fault_write(&fault, SPAN_NONE, &body);
    http_respond(request, status, "application/json", header, buf_span(&body));
    return -1;
}

static int check_origin(const struct mcp_http *http, struct http_request *request)
{
    struct span host, origin;

    if (!http_request_header(request, "host", &host))
        return mcp_http_refuse(request, 400, NULL, "The Host header is missing");
    if (!guard_host(http->config, host))
        return mcp_http_refuse(request, 403, NULL, "This Host is not allowed; see allowed_hosts");
    if (http_request_header(request, "origin", &origin) &&
        !guard_origin(http->config, origin, host))
        return mcp_http_refuse(request, 403, NULL, "This Origin is not allowed; see allowed_hosts");
    return 0;
}

static int check_token(const struct mcp_http *http, struct http_request *request)
{
    const struct http_header challenge[] = {
        { "www-authenticate", SPAN("Bearer") },
        { NULL, SPAN_NONE },
    };

    if (guard_principal(http->config, mcp_http_header(request, "authorization")) < 0)
        return mcp_http_refuse(request, 401, challenge, "A bearer token is needed");
    return 0;
}

static int check_post(struct http_request *request)
{
    struct span accept = mcp_http_header(request, "accept");
    struct span encoding = mcp_http_header(request, "content-encoding");

    if (!guard_is_json(mcp_http_header(request, "content-type")))
        return mcp_http_refuse(request, 415, NULL, "Content-Type must be application/json");
    if (encoding.len && !span_is(encoding, "identity"))
        return mcp_http_refuse(request, 415, NULL, "An encoded body is not taken");
    if (!guard_accepts(accept, "application/json") && !guard_accepts(accept, "text/event-stream"))
        return mcp_http_refuse(request, 406, NULL,
                               "Accept must name application/json and text/event-stream");
    return 0;
}

static int check_method(struct http_request *request)
{
    const struct http_header allow[] = {
        { "allow", SPAN("POST, GET, DELETE") },
        { NULL, SPAN_NONE },
    };

    switch (http_request_method(request)) {
    case HTTP_POST:
        return check_post(request);
    case HTTP_GET:
    case HTTP_DELETE:
        return 0;
    case HTTP_OPTIONS:
    case HTTP_HEAD:
    case HTTP_OTHER:
        break;
    }
    return mcp_http_refuse(request, 405, allow, "Method not allowed");
}

static bool is_mcp(const struct http_request *request)
{
    return span_is(http_request_path(request), "/mcp");
}

bool mcp_http_is_health(const struct http_request *request)
{
    struct span path = http_request_path(request);

    return span_is(path, "/healthz") || span_is(path, "/readyz");
}

int mcp_http_on_head(void *ctx, struct http_request *request)
{
    struct mcp_http *http = ctx;
    enum http_method method = http_request_method(request);

    if (mcp_http_is_health(request))
        return method == HTTP_GET || method == HTTP_HEAD ? 0 : 405;
    if (!is_mcp(request))
        return 404;
    if (check_origin(http, request) < 0 || check_token(http, request) < 0)
        return -1;
    http_params_keep(http->server, request);
    return check_method(request);
}

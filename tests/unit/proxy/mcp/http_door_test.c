/*
 * Who and what is let in: hosts, origins, tokens, methods, media types.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"
#include "tests/unit/proxy/mcp/endpoint.h"
#include "tests/unit/test.h"

static const struct {
    const char *request, *answer;
} doors[] = {
    { "GET /healthz HTTP/1.1\r\nHost: anything\r\n\r\n", " 200 OK" },
    { "GET /readyz HTTP/1.1\r\n\r\n", " 503 " },
    { "GET /other HTTP/1.1\r\nHost: localhost\r\n\r\n", " 404 " },
    { "PUT /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n", " 405 " },
    { "GET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n", " 405 " },
    { "DELETE /mcp HTTP/1.1\r\nHost: localhost\r\nMCP-Protocol-Version: 2026-07-28\r\n\r\n",
      " 405 " },
    { "GET /mcp HTTP/1.1\r\n\r\n", " 400 " },
    { "GET /mcp HTTP/1.1\r\nHost: evil.example\r\n\r\n", " 403 " },
    { "GET /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n", " 403 " },
    { "GET /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\n\r\n", " 403 " },
    { "GET /mcp HTTP/1.1\r\nHost: [::1]:99\r\nOrigin: http://127.0.0.1:99\r\n\r\n", " 405 " },
    { "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}", " 415 " },
    { "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n"
      "\r\n{}",
      " 415 " },
    { "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
      " 415 " },
    { "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Accept: text/html\r\nContent-Length: 2\r\n\r\n{}",
      " 406 " },
    { "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 5000000\r\n\r\n{}",
      " 413 " },
};

static void keeps_the_door(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(doors); i++) {
        reconnect();
        socket_client_send(client, span_of(doors[i].request));
        if (!socket_client_wait(client, doors[i].answer))
            fail_msg("%s -> %s", doors[i].request, buf_str(&client->in));
    }
}

static void asks_for_a_token(void **state)
{
    char first[] = "first-token", second[] = "second-token";

    (void)state;
    tokens[0] = first;
    tokens[1] = second;
    post("", "{}");
    expect(" 401 ");
    expect("www-authenticate: Bearer");
    reconnect();
    post("Authorization: Bearer wrong\r\n", "{}");
    expect(" 401 ");
    reconnect();
    post("Authorization: bearer second-token\r\n", "{}");
    expect(" 400 ");
    get("/healthz", "");
    expect(" 200 ");
}

/* A session is its token's: another token that is as good can't use it. */
static void a_session_belongs_to_its_token(void **state)
{
    char first[] = "first-token", second[] = "second-token";
    char id[64];
    const char *at;

    (void)state;
    tokens[0] = first;
    tokens[1] = second;
    post("Authorization: Bearer first-token\r\n",
         "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
         "\"2025-11-25\"}}");
    expect("\"serverInfo\"");
    at = strstr(buf_str(&client->in), "mcp-session-id: ");
    snprintf(id, sizeof(id), "%.*s", (int)strcspn(at, "\r"), at);
    for (int i = 0; i < 2; i++) {
        CLEANUP(str)
        char *headers =
            xasprintf("Authorization: Bearer %s-token\r\n%s\r\n", i ? "first" : "second", id);

        post(headers, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
        expect(i ? " 200 " : " 404 ");
    }
}

static bool ready(void *ctx, const char **ret_why)
{
    *ret_why = "warming up";
    return *(bool *)ctx;
}

static void says_whether_it_is_ready(void **state)
{
    bool is_ready = false;

    (void)state;
    mcp_http_set_ready(http, ready, &is_ready);
    get("/readyz", "");
    expect("503 Service Unavailable");
    expect("warming up");
    is_ready = true;
    reconnect();
    get("/readyz", "");
    expect("200 OK");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENDPOINT_TEST(keeps_the_door),
        ENDPOINT_TEST(asks_for_a_token),
        ENDPOINT_TEST(a_session_belongs_to_its_token),
        ENDPOINT_TEST(says_whether_it_is_ready),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The endpoint on a port of its own, and one client of it.
 */
#include "tests/unit/proxy/mcp/endpoint.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/test.h"

struct fake_world w;
struct mcp_http *http;
struct socket_client *client;
char *tokens[] = { NULL, NULL, NULL };
char session[64];

int endpoint_set_up(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    fake_world_init(&w);
    w.config.tokens = tokens;
    http = mcp_http_new(w.server, &err);
    client = http ? socket_client_new(w.loop, mcp_http_port(http)) : NULL;
    return client ? 0 : -1;
}

int endpoint_tear_down(void **state)
{
    (void)state;
    tokens[0] = tokens[1] = NULL;
    socket_client_free(client);
    mcp_server_stop(w.server);
    run_for(w.loop, 10);
    mcp_http_free(http);
    fake_world_done(&w);
    return 0;
}

/* ---- requests ---- */

void post(const char *headers, const char *body)
{
    socket_client_clear(client);
    socket_client_sendf(client, "POST /mcp HTTP/1.1\r\n" COMMON "%sContent-Length: %zu\r\n\r\n%s",
                        headers, strlen(body), body);
}

void get(const char *path, const char *headers)
{
    socket_client_clear(client);
    socket_client_sendf(client, "GET %s HTTP/1.1\r\n%s\r\n", path, headers);
}

void reconnect(void)
{
    socket_client_free(client);
    client = socket_client_new(w.loop, mcp_http_port(http));
}

void initialize(const char *version)
{
    initialize_with(version, "{}");
}

void initialize_with(const char *version, const char *capabilities)
{
    CLEANUP(str)
    char *body = xasprintf("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{"
                           "\"protocolVersion\":\"%s\",\"capabilities\":%s,"
                           "\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}",
                           version, capabilities);
    const char *at;

    post("", body);
    expect("\"serverInfo\"");
    at = strstr(buf_str(&client->in), "mcp-session-id: ");
    assert_non_null(at);
    snprintf(session, sizeof(session), "%.*s\r\n", (int)strcspn(at, "\r"), at);
}

void expect(const char *text)
{
    if (!socket_client_wait(client, text))
        fail_msg("no '%s' in: %s", text, buf_str(&client->in));
}

void expect_not(const char *text)
{
    run_for(w.loop, 50);
    if (strstr(buf_str(&client->in), text))
        fail_msg("'%s' in: %s", text, buf_str(&client->in));
}

void call_modern(const char *code, const char *meta)
{
    CLEANUP(str)
    char *body =
        xasprintf("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/call\",\"params\":{"
                  "\"name\":\"execute_code\",\"arguments\":{\"code\":\"%s\"}," ENVELOPE "%s}}}",
                  code, meta);

    post(MODERN("tools/call", "Mcp-Name: execute_code\r\n"), body);
}

void post_modern(const char *method, const char *name, const char *params)
{
    CLEANUP(str)
    char *headers =
        xasprintf("MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: %s\r\n%s%s%s", method,
                  name ? "Mcp-Name: " : "", name ? name : "", name ? "\r\n" : "");
    CLEANUP(str)
    char *body =
        xasprintf("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"%s\",\"params\":{%s%s" ENVELOPE
                  ",\"x.org/v\":1}}}",
                  method, params, *params ? "," : "");

    post(headers, body);
}

void wait_for_call(const char *method)
{
    for (int i = 0; i < 200 && TAILQ_EMPTY(&w.upstreams.calls); i++)
        run_for(w.loop, 5);
    assert_string_equal(fake_call(&w, method)->method, method);
}

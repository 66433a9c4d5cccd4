/*
 * The HTTP endpoint over real sockets, with stand-ins for executions and
 * upstreams, and a client on a raw socket.
 */
#ifndef TESTS_UNIT_PROXY_MCP_ENDPOINT_H
#define TESTS_UNIT_PROXY_MCP_ENDPOINT_H

#include "tests/unit/proxy/mcp/fakes.h"
#include "tests/unit/proxy/socket_client.h"

extern struct fake_world w;
extern struct mcp_http *http;
extern struct socket_client *client;
extern char *tokens[3]; /* of the configuration; none at first */

int endpoint_set_up(void **state);
int endpoint_tear_down(void **state);

#define ENDPOINT_TEST(name) \
    cmocka_unit_test_setup_teardown(name, endpoint_set_up, endpoint_tear_down)

#define COMMON                                                               \
    "Host: localhost:1\r\nContent-Type: application/json; charset=utf-8\r\n" \
    "Accept: application/json, text/event-stream\r\n"

#define ENVELOPE                                                             \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"," \
    "\"io.modelcontextprotocol/clientCapabilities\":{}"
#define MODERN_META          "{" ENVELOPE "}}"
#define MODERN(method, name) "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: " method "\r\n" name

/* Sends a POST of `body` with these further header lines. */
void post(const char *headers, const char *body);
void get(const char *path, const char *headers);
/* A modern tools/call of execute_code with id 5; `meta` goes into _meta. */
void call_modern(const char *code, const char *meta);
/* A modern request with id 5 and a member "x.org/v" in _meta; `name` goes into Mcp-Name unless it
 * is NULL, `params` are members without _meta. */
void post_modern(const char *method, const char *name, const char *params);
/* Waits until an upstream has been called; it must be by this method. */
void wait_for_call(const char *method);

/* Begins a legacy session; `session` is then its header line. */
void initialize(const char *version);
void initialize_with(const char *version, const char *capabilities);
extern char session[64];

/* A legacy tools/call of execute_code with id 9 that wants progress. */
#define LEGACY_CALL(code)                                                           \
    "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"tools/call\",\"params\":{\"name\":" \
    "\"execute_code\",\"arguments\":{\"code\":\"" code "\"},\"_meta\":{\"progressToken\":4}}}"

/* Fails unless `text` comes. */
void expect(const char *text);
/* Fails when `text` has come within a little while. */
void expect_not(const char *text);

/* Drops the client's connection and makes a new one. */
void reconnect(void);

#endif

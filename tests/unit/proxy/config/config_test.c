#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "proxy/config/config.h"

static struct config *parse(const char *text)
{
    struct err err = ERR_INIT;
    struct config *config = config_parse(span_of(text), "test.yaml", &err);

    if (!config)
        fail_msg("%s", err.text);
    return config;
}

static void reads_every_key(void **state)
{
    struct config *config;

    (void)state;
    setenv("MCPFOLD_TEST_TOKEN", "s3cret", 1);
    unsetenv("MCPFOLD_TEST_UNSET");
    config = parse("listen: '[::1]:80'\n"
                   "auth: { tokens: [\"${MCPFOLD_TEST_TOKEN}\"] }\n"
                   "servers:\n"
                   "  files:\n"
                   "    command: [npx, -y, server, /data]\n"
                   "    env: { LOG: 1, X: \"a${MCPFOLD_TEST_UNSET:-b}c$${d}\" }\n"
                   "    cwd: /srv\n"
                   "  split: { command: node, args: [a.js, b c] }\n"
                   "  web:\n"
                   "    url: https://example.com/mcp\n"
                   "    headers: { Authorization: \"Bearer ${env:MCPFOLD_TEST_TOKEN}\" }\n"
                   "    timeout: 30s\n"
                   "    isolation: session\n"
                   "    era: legacy\n"
                   "    ask: [elicitation]\n"
                   "    roots: ['file:///srv']\n"
                   "  off: { command: x, disabled: true, env: { A: \"${MCPFOLD_TEST_UNSET}\" } }\n"
                   "limits: { wall: 500ms, memory: 64MiB, calls: 7 }\n"
                   "description: { budget: 100 }\n"
                   "typecheck: warn\n"
                   "log: { level: debug, format: text }\n"
                   "startup_timeout: 2m\n"
                   "jit: off\n"
                   "sandbox: ${MCPFOLD_TEST_UNSET:-best-effort}\n"
                   "pool: { min: 3, spare: 9, max: 20, idle: 3s }\n"
                   "store: { path: /srv/state }\n"
                   "learn_outputs: off\n"
                   "mode: direct\n"
                   "expose: { prompts: off, tools: [files.read, web.a.b] }\n"
                   "clients:\n"
                   "  'my-*': { description_limit: 4000, mode: code }\n"
                   "  'My-Agent': { budget: 1 }\n"
                   "  claude-code: { description_limit: none, budget: 900 }\n");
    assert_int_equal(config_find_client(config, "my-agent")->description_limit, 4000);
    assert_int_equal(config_find_client(config, "Claude-Code")->description_budget, 900);
    assert_true(config_find_client(config, "claude-code")->description_whole);
    assert_true(config_find_client(config, "my-agent")->has_mode);
    assert_int_equal(config_find_client(config, "my-agent")->mode, OFFER_CODE);
    assert_false(config_find_client(config, "claude-code")->has_mode);
    assert_int_equal(config->mode, OFFER_DIRECT);
    assert_false(config->expose.prompts);
    assert_true(config->expose.resources);
    assert_int_equal(config_find_server(config, "web")->isolation, ISOLATION_SESSION);
    assert_int_equal(config_find_server(config, "web")->era, ERA_CHOICE_LEGACY);
    assert_true(config_find_server(config, "web")->ask.elicitation);
    assert_false(config_find_server(config, "web")->ask.roots);
    assert_string_equal(config_find_server(config, "web")->roots[0], "file:///srv");
    assert_true(config_find_server(config, "files")->ask.sampling);
    assert_int_equal(config_find_server(config, "files")->isolation, ISOLATION_SHARED);
    assert_null(config_find_client(config, "mine"));
    assert_null(config_find_client(config, NULL));
    assert_string_equal(config->store_path, "/srv/state");
    assert_false(config->learn_outputs);
    assert_string_equal(config->listen_host, "::1");
    assert_int_equal(config->listen_port, 80);
    assert_string_equal(config->tokens[0], "s3cret");
    assert_int_equal(config->server_count, 4);
    assert_string_equal(config->servers[0].argv[3], "/data");
    assert_null(config->servers[0].argv[4]);
    assert_string_equal(config->servers[0].env[0].value, "1");
    assert_string_equal(config->servers[0].env[1].value, "abc${d}");
    assert_string_equal(config->servers[1].argv[2], "b c");
    assert_int_equal(config->servers[2].transport, TRANSPORT_HTTP);
    assert_string_equal(config->servers[2].headers[0].value, "Bearer s3cret");
    assert_int_equal(config->servers[2].timeout_ms, 30000);
    assert_true(config->servers[3].disabled);
    assert_int_equal(config->limits.wall_ms, 500);
    assert_int_equal(config->limits.memory_bytes, 64 << 20);
    assert_int_equal(config->limits.calls, 7);
    assert_int_equal(config->limits.cpu_ms, limits_default().cpu_ms);
    assert_int_equal(config->description_budget, 100);
    assert_int_equal(config->typecheck, TYPECHECK_WARN);
    assert_int_equal(config->log_level, LOG_DEBUG);
    assert_int_equal(config->log_format, LOG_FORMAT_TEXT);
    assert_int_equal(config->startup_timeout_ms, 120000);
    assert_false(config->jit);
    assert_false(config->sandbox_required);
    assert_int_equal(config->pool.min, 3);
    assert_int_equal(config->pool.spare, 9);
    assert_int_equal(config->pool.max, 20);
    assert_int_equal(config->pool.idle_ms, 3000);
    config_free(config);
}

static void reads_a_pasted_map(void **state)
{
    struct config *config =
        parse("{\"mcpServers\":{\n"
              "  \"fs\":{\"command\":\"npx\",\"args\":[\"-y\",\"srv\"],\"env\":{\"A\":\"1\"}},\n"
              "  \"gh\":{\"type\":\"http\",\"url\":\"https://x/mcp\",\"alwaysAllow\":[\"a\"]},\n"
              "  \"old\":{\"type\":\"sse\",\"url\":\"https://x/sse\",\"timeout\":60000},\n"
              "  \"w\":{\"serverUrl\":\"http://localhost/mcp\",\"disabled\":true}}}");

    (void)state;
    assert_int_equal(config->server_count, 4);
    assert_string_equal(config->servers[0].argv[2], "srv");
    assert_int_equal(config->servers[2].transport, TRANSPORT_SSE);
    assert_int_equal(config->servers[2].timeout_ms, 60000);
    assert_string_equal(config->servers[3].url, "http://localhost/mcp");
    assert_non_null(strstr(config->warnings[0], "'alwaysAllow' of a client's configuration is "
                                                "ignored; a script may call every tool"));
    assert_non_null(strstr(config->warnings[1], "60000 is read as milliseconds"));
    assert_null(config->warnings[2]);
    config_free(config);
}

/* What each client's file says in its own way. */
static void reads_what_clients_write(void **state)
{
    struct config *config;

    (void)state;
    setenv("MCPFOLD_TEST_TOKEN", "s3cret", 1);
    config = parse(
        "{ // a client's file\n"
        "  \"mcpServers\": { /* of\n several */\n"
        "\t\"opencode\": {\"type\":\"local\",\"command\":[\"bun\",\"x\",\"http://a//b\"],\n"
        "      \"environment\":{\"A\":\"{env:MCPFOLD_TEST_TOKEN}{}\"},\"enabled\":true,"
        "\"timeout\":5000},\n"
        "    \"remote\": {\"type\":\"remote\",\"url\":\"https://x/mcp\",\"oauth\":false},\n"
        "    \"gemini\": {\"httpUrl\":\"https://y/mcp\",\"includeTools\":[\"a\"],"
        "\"excludeTools\":[\"b*\"]},\n"
        "    \"cline\": {\"type\":\"streamableHttp\",\"url\":\"https://z/mcp\",\"timeout\":60,"
        "\"disabled\":null,\"protocolEra\":\"legacy\"},\n"
        "    \"copilot\": {\"type\":\"local\",\"command\":\"${userHome}/x\",\"tools\":[\"*\"]},\n"
        "    \"vscode\": {\"type\":\"stdio\",\"command\":\"\\ud83d\\ude00\\/\\u00e9\","
        "\"dev\":{},}, // done\n"
        "  },\n}\n");
    assert_int_equal(config->server_count, 6);
    assert_string_equal(config->servers[0].argv[2], "http://a//b");
    assert_string_equal(config->servers[0].env[0].name, "A");
    assert_string_equal(config->servers[0].env[0].value, "s3cret{}");
    assert_int_equal(config->servers[0].timeout_ms, 5000);
    assert_int_equal(config->servers[1].transport, TRANSPORT_HTTP);
    assert_string_equal(config->servers[2].url, "https://y/mcp");
    assert_string_equal(config->servers[2].include_tools[0], "a");
    assert_string_equal(config->servers[2].exclude_tools[0], "b*");
    assert_int_equal(config->servers[3].timeout_ms, 60000);
    assert_false(config->servers[3].disabled);
    assert_int_equal(config->servers[3].era, ERA_CHOICE_LEGACY);
    assert_string_equal(config->servers[4].include_tools[0], "*");
    assert_string_equal(config->servers[5].argv[0], "\xF0\x9F\x98\x80/\xC3\xA9");
    assert_non_null(strstr(config->warnings[0], "5000 is read as milliseconds"));
    assert_non_null(strstr(config->warnings[1],
                           "test.yaml:6:54: 'oauth' of a client's "
                           "configuration is ignored; give the server a token"));
    assert_non_null(strstr(config->warnings[2], "60 is read as seconds"));
    assert_non_null(strstr(config->warnings[3], "'dev'"));
    assert_null(config->warnings[4]);
    config_free(config);
}

static void reads_a_file_of_variables(void **state)
{
    char path[] = "/tmp/mcpfold-env-XXXXXX";
    CLEANUP(str) char *text = NULL;
    int fd = mkstemp(path);
    struct config *config;

    (void)state;
    fd_write_all(fd, "A=file\nB='of file'\n", 19, NULL);
    fd_close(&fd);
    text = xasprintf("servers: { x: { command: y, envFile: '%s', env: { A: own } } }", path);
    config = parse(text);
    assert_int_equal(config->servers[0].env_count, 2);
    assert_string_equal(config->servers[0].env[0].value, "own");
    assert_string_equal(config->servers[0].env[1].name, "B");
    assert_string_equal(config->servers[0].env[1].value, "of file");
    config_free(config);
    unlink(path);
}

struct fault {
    const char *text, *message;
};

static const struct fault faults[] = {
    { "lisen: x", "test.yaml:1:1: unknown key 'lisen'; did you mean 'listen'?" },
    { "servers:\n  a:\n    comand: [x]",
      "test.yaml:3:5: unknown key 'comand' in servers.a; did you mean 'command'?" },
    { "servers:\n  a: { }", "test.yaml:2:3: servers.a needs a command, or a url" },
    { "pool: { min: 0 }", "pool.min must be greater than 0" },
    { "pool: { spare: 5, min: 6 }", "min is 6, spare 5, max 72" },
    { "pool: { max: 7 }", "test.yaml:1:7: pool must hold min <= spare <= max <= 4096; here min "
                          "is 2, spare 8, max 7" },
    { "pool: { max: 4097 }", "<= 4096; here" },
    { "pool: { sparse: 1 }", "unknown key 'sparse' in pool; did you mean 'spare'?" },
    { "servers:\n  a: { command: x, url: 'http://y' }",
      "test.yaml:2:3: servers.a has both a command and a url; keep one" },
    { "servers:\n  a: { command: npx -y x }", "not a shell line" },
    { "servers:\n  a: { url: 'ftp://x' }", "must begin with http:// or https://" },
    { "servers:\n  a: { type: ws, url: 'http://x' }",
      "it must be stdio, http or sse: WebSocket is no transport of MCP" },
    { "servers:\n  a: { type: stio, command: x }", "servers.a.type is 'stio'; it must be" },
    { "servers:\n  a: { url: 'http://x', serverUrl: 'http://y' }",
      "test.yaml:2:36: servers.a has two addresses; keep one" },
    { "servers:\n  a: { command: x, env: { A: b }, environment: { C: d } }",
      "both env and environment; keep one" },
    { "servers:\n  a: { command: x, env: { 'A=B': c } }",
      "test.yaml:2:27: servers.a.env: 'A=B' is no name of a variable" },
    { "servers:\n  a: { command: x, env_file: /no/such }",
      "test.yaml:2:30: servers.a.env_file: cannot open" },
    { "servers:\n  a: { command: '${MCPFOLD_TEST_UNSET}' }",
      "servers.a.command: the environment variable MCPFOLD_TEST_UNSET is not set" },
    { "servers:\n  a: { command: x, env: { K: '${input:key}' } }",
      "${input:key} is what a client asks its user for" },
    { "servers:\n  a: { command: x, cwd: '${workspaceFolder}/a' }",
      "${workspaceFolder} is known to a client only; write the path" },
    { "{\"inputs\":[], \"servers\":{}}",
      "test.yaml:1:11: 'inputs' is not known here; nobody is asked for ${input:...}" },
    { "{\"mcp\":{}}", "name the map of servers 'mcpServers'" },
    { "{\"servers\": /* a\n */ {\"x\":{\"comand\":\"y\"}}}",
      "test.yaml:2:11: unknown key 'comand' in servers.x; did you mean 'command'? known here: "
      "command, args, env, env_file, cwd, url, type, headers, timeout, disabled, enabled, "
      "include_tools, exclude_tools, isolation, era, ask, roots" },
    { "servers:\n  a: { command: x, timeout: 30 }", "write a time with its unit" },
    { "servers:\n  a: { command: x }\n  a: { command: y }",
      "test.yaml:3:3: this key stands twice" },
    { "servers:\n  a: { url: 'http://x', headers: { 'a b': c } }", "is no header name" },
    { "servers:\n  a: { url: 'http://x', headers: { a: \"b\\nc\" } }", "line end" },
    { "servers:\n  a: { command: x, env: { K: '${MCPFOLD_TEST_UNSET}' } }",
      "servers.a.env.K: the environment variable MCPFOLD_TEST_UNSET is not set" },
    { "servers:\n  a: { command: x, env: { K: '${file:/no/such/file}' } }",
      "${file:/no/such/file}: cannot open" },
    { "servers: [a]", "servers must be a map of keys and values, not a list" },
    { "limits: { wall: 30 }", "limits.wall is '30'; write a time with its unit" },
    { "limits: { wall: 0s }", "limits.wall must be greater than 0" },
    { "limits: { memory: lots }", "limits.memory is 'lots'; write a size" },
    { "limits: { memory: 1MiB }", "limits.memory must be at least 16MiB" },
    { "limits: { calls: -1 }", "limits.calls is '-1'; write a whole number" },
    { "limits: { memory: 99999999999999999999GiB }", "write a size" },
    { "typecheck: maybe", "typecheck is 'maybe'; it must be one of: error, warn, off" },
    { "listen: 8787", "write HOST:PORT" },
    { "listen: '::1:80'", "put an IPv6 address in brackets" },
    { "listen: 'a:99999'", "the port must be 0 to 65535" },
    { "auth: { tokens: [''] }", "empty token" },
    { "store: { path: state }",
      "test.yaml:1:8: store.path is 'state'; it must be an absolute path" },
    { "store: { pth: /x }", "unknown key 'pth' in store; did you mean 'path'?" },
    { "learn_outputs: maybe", "learn_outputs" },
    { "clients: { a: { description_limit: 100 } }",
      "clients.a.description_limit is '100'; write a number of characters, 2048 or more" },
    { "clients: { a: { budgt: 100 } }",
      "unknown key 'budgt' in clients.a; did you mean 'budget'?" },
    { "clients: { a: { mode: passthrough } }", "it must be code or direct" },
    { "mode: both", "mode is 'both'; it must be one of: code, direct, passthrough" },
    { "mode: passthrough", "test.yaml:1:7: mode: passthrough mirrors exactly one server, and "
                           "here are 0" },
    { "expose: { tools: [a.b] }", "test.yaml:1:9: expose.tools holds 'a.b'; write server.tool" },
    { "servers: { a: { command: x, isolation: own } }",
      "servers.a.isolation is 'own'; it must be one of: shared, session" },
    { "servers: { a: { command: x, era: new } }", "it must be one of: auto, legacy, modern" },
    { "servers: { a: { command: x, ask: [samples] } }",
      "servers.a.ask holds 'samples'; it may hold elicitation, sampling and roots" },
    { "servers: { a: { command: x, roots: [/srv] } }", "a root is a URI: file:///folder" },
    { "sandbox: no", "it must be require or best-effort" },
    { "a: [", "test.yaml:2:1: not valid YAML" },
    { "a: 1\n---\nb: 2", "more than one YAML document" },
    { "- a", "the configuration must be a map" },
    { "\xff\xfe\xff", "not UTF-8" },
};

static void names_place_and_mend(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(faults); i++) {
        struct err err = ERR_INIT;
        struct config *config = config_parse(span_of(faults[i].text), "test.yaml", &err);

        if (config || !strstr(err.text, faults[i].message))
            fail_msg("%s\n gave: %s", faults[i].text, config ? "no error" : err.text);
    }
}

static void refuses_a_nest_of_aliases(void **state)
{
    CLEANUP(buf) struct buf text = BUF(10000);
    struct err err = ERR_INIT;

    (void)state;
    buf_add_str(&text, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 9; i++)
        buf_printf(&text, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1,
                   i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    assert_null(config_parse(buf_span(&text), "test.yaml", &err));
    assert_non_null(strstr(err.text, "too many values"));
}

static void guards_the_open_door(void **state)
{
    struct config *config = parse("listen: 0.0.0.0:1");
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(config_check_listen(config, &err), -1);
    assert_int_equal(err.code, ERR_DENIED);
    assert_int_equal(config_set_listen(config, "localhost:0", &err), 0);
    assert_int_equal(config_check_listen(config, &err), 0);
    config_free(config);
    config = parse("listen: 0.0.0.0:1\nauth: {tokens: abc}");
    assert_int_equal(config_check_listen(config, &err), 0);
    config_free(config);
    assert_true(config_is_loopback("127.8.9.1"));
    assert_false(config_is_loopback("127.evil.example"));
    assert_false(config_is_loopback("::"));
}

static void finds_the_folder_of_its_store(void **state)
{
    struct config *config = parse("{}");
    struct config *named = parse("store: { path: /named }");
    CLEANUP(str) char *home = xstrdup(getenv("HOME"));
    CLEANUP(str) char *folder = NULL;

    (void)state;
    setenv("XDG_STATE_HOME", "/state", 1);
    setenv("HOME", "/home/me", 1);
    folder = config_store_folder(named);
    assert_string_equal(folder, "/named");
    free(folder);
    folder = config_store_folder(config);
    assert_string_equal(folder, "/state/mcpfold");
    free(folder);
    setenv("XDG_STATE_HOME", "relative", 1);
    folder = config_store_folder(config);
    assert_string_equal(folder, "/home/me/.local/state/mcpfold");
    free(folder);
    unsetenv("HOME");
    folder = config_store_folder(config);
    assert_string_equal(folder, "/var/lib/mcpfold");
    unsetenv("XDG_STATE_HOME");
    if (home)
        setenv("HOME", home, 1);
    config_free(config);
    config_free(named);
}

static void finds_its_file(void **state)
{
    struct err err = ERR_INIT;
    char path[] = "/tmp/mcpfold-config-XXXXXX";
    int fd = mkstemp(path);
    struct config *config;

    (void)state;
    fd_write_all(fd, "log: {level: off}\n", 18, NULL);
    fd_close(&fd);
    setenv("MCPFOLD_CONFIG", path, 1);
    config = config_load(NULL, &err);
    assert_non_null(config);
    assert_string_equal(config->path, path);
    assert_int_equal(config->log_level, LOG_OFF);
    config_free(config);
    unlink(path);
    assert_null(config_load(NULL, &err));
    assert_non_null(strstr(err.text, path));
    unsetenv("MCPFOLD_CONFIG");
    assert_null(config_load("/no/such.yaml", &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_key),
        cmocka_unit_test(reads_a_pasted_map),
        cmocka_unit_test(reads_what_clients_write),
        cmocka_unit_test(reads_a_file_of_variables),
        cmocka_unit_test(names_place_and_mend),
        cmocka_unit_test(refuses_a_nest_of_aliases),
        cmocka_unit_test(guards_the_open_door),
        cmocka_unit_test(finds_its_file),
        cmocka_unit_test(finds_the_folder_of_its_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

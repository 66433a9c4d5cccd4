#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "codegen/catalogue.h"

static void note_skip(void *ctx, const char *item, const char *why)
{
    struct buf *notes = ctx;

    buf_printf(notes, "%s: %s\n", item, why);
}

static struct catalogue_server *server_of(const char *tools, struct buf *notes)
{
    struct catalogue_lists lists = { .tools = span_of(tools) };
    struct err err = ERR_INIT;
    struct catalogue_server *server =
        catalogue_server_new("server", &lists, note_skip, notes, &err);

    if (!server)
        fail_msg("%s", err.text);
    return server;
}

static void reads_a_tool(void **state)
{
    CLEANUP(buf) struct buf notes = BUF(4096);
    struct catalogue_server *server =
        server_of("[ {\"name\":\"get-it\",\"title\":\"Get\",\"description\":\"Gets it.\","
                  "\"inputSchema\":{\"type\":\"object\"},\"outputSchema\":{\"type\":\"object\"},"
                  "\"annotations\":{\"readOnlyHint\":true,\"destructiveHint\":false,"
                  "\"category\":\"x\",\"openWorldHint\":\"yes\"}} ]",
                  &notes);
    const struct tool *tool = &server->tools[0];

    (void)state;
    assert_int_equal(server->tool_count, 1);
    assert_int_equal(server->state, SERVER_READY);
    assert_string_equal(tool->name, "get-it");
    assert_string_equal(tool->identifier, "get_it");
    assert_string_equal(tool->title, "Get");
    assert_string_equal(tool->description, "Gets it.");
    assert_non_null(tool->output);
    assert_int_equal(tool->read_only, HINT_TRUE);
    assert_int_equal(tool->destructive, HINT_FALSE);
    assert_int_equal(tool->idempotent, HINT_UNKNOWN);
    assert_int_equal(tool->open_world, HINT_UNKNOWN);
    assert_int_equal(tool->definition[0], '{');
    assert_int_equal(tool->definition[strlen(tool->definition) - 1], '}');
    assert_ptr_equal(catalogue_find_tool(server, SPAN("get-it")), tool);
    assert_ptr_equal(catalogue_find_tool(server, SPAN("get_it")), tool);
    assert_null(catalogue_find_tool(server, SPAN("get")));
    assert_int_equal(notes.len, 0);
    catalogue_server_unref(server);
}

static void leaves_out_faulty_items_alone(void **state)
{
    CLEANUP(buf) struct buf notes = BUF(4096);
    struct catalogue_server *server =
        server_of("[{\"name\":\"a\",\"inputSchema\":{}},"
                  "{\"inputSchema\":{}},"
                  "{\"name\":\"\",\"inputSchema\":{}},"
                  "{\"name\":7,\"inputSchema\":{}},"
                  "{\"name\":\"b\\n\",\"inputSchema\":{}},"
                  "{\"name\":\"a\",\"inputSchema\":{}},"
                  "{\"name\":\"c\",\"inputSchema\":[]},"
                  "{\"name\":\"d\"},"
                  "{\"name\":\"e\",\"inputSchema\":{\"a\":1,\"a\":2}},"
                  "{\"name\":\"f\",\"inputSchema\":{},\"outputSchema\":7},"
                  "null, 12]",
                  &notes);

    (void)state;
    assert_int_equal(server->tool_count, 2);
    assert_string_equal(server->tools[0].name, "a");
    assert_string_equal(server->tools[1].name, "f");
    assert_null(server->tools[1].output);
    assert_string_equal(buf_str(&notes),
                        "tool: it has no usable name\n"
                        "tool: it has no usable name\n"
                        "tool: it has no usable name\n"
                        "tool: its name has a control character\n"
                        "a: another one before it has the same name\n"
                        "c: its inputSchema is missing or no object\n"
                        "d: its inputSchema is missing or no object\n"
                        "e: its schema can't be read: duplicate object key near '\"a\"'\n"
                        "f: its outputSchema is no object and is left out\n"
                        "tool: it has no usable name\n"
                        "tool: it has no usable name\n");
    catalogue_server_unref(server);
}

static void refuses_what_is_no_list(void **state)
{
    static const char *const texts[] = { "{}", "[", "[}", "null", "[1]x" };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        struct catalogue_lists lists = { .prompts = span_of(texts[i]) };
        struct err err = ERR_INIT;

        assert_null(catalogue_server_new("s", &lists, NULL, NULL, &err));
        assert_int_equal(err.code, ERR_INVALID);
        assert_non_null(strstr(err.text, "prompts"));
    }
}

static void reads_prompts_and_resources(void **state)
{
    struct catalogue_lists lists = {
        .prompts = SPAN("[{\"name\":\"p\",\"description\":\"P.\",\"arguments\":["
                        "{\"name\":\"x\",\"required\":true},{\"description\":\"nameless\"},"
                        "{\"name\":\"y\",\"description\":\"Y.\"}]}]"),
        .resources = SPAN("[{\"uri\":\"file:///a\",\"mimeType\":\"text/plain\"},{\"name\":\"n\"}]"),
        .templates = SPAN("[{\"uriTemplate\":\"x://{id}\",\"name\":\"X\"}]"),
    };
    struct catalogue_server *server = catalogue_server_new("s", &lists, NULL, NULL, NULL);

    (void)state;
    assert_non_null(server);
    assert_int_equal(server->tool_count, 0);
    assert_int_equal(server->prompt_count, 1);
    assert_int_equal(server->prompts[0].argument_count, 2);
    assert_true(server->prompts[0].arguments[0].required);
    assert_string_equal(server->prompts[0].arguments[1].description, "Y.");
    assert_int_equal(server->resource_count, 1);
    assert_string_equal(server->resources[0].name, "file:///a");
    assert_int_equal(server->template_count, 1);
    assert_string_equal(server->templates[0].uri, "x://{id}");
    catalogue_server_unref(server);
}

static void names_servers_uniquely(void **state)
{
    struct catalogue_server *servers[] = {
        catalogue_server_absent("git-hub", SERVER_DOWN, "no such file"),
        catalogue_server_absent("git_hub", SERVER_CONNECTING, NULL),
        catalogue_server_absent("console", SERVER_DISABLED, NULL),
    };
    struct catalogue *catalogue = catalogue_new(servers, ARRAY_COUNT(servers), 7);
    struct catalogue *again = catalogue_ref(catalogue);

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(servers); i++)
        catalogue_server_unref(servers[i]);
    assert_string_equal(catalogue->servers[0]->identifier, "git_hub_2");
    assert_string_equal(catalogue->servers[1]->identifier, "git_hub");
    assert_string_equal(catalogue->servers[2]->identifier, "console_2");
    assert_int_equal(catalogue->change, 7);
    assert_ptr_equal(catalogue_find(catalogue, SPAN("git-hub")), catalogue->servers[0]);
    assert_null(catalogue_find(catalogue, SPAN("git_hub_2")));
    catalogue_unref(catalogue);
    assert_string_equal(again->servers[0]->problem, "no such file");
    catalogue_unref(again);
    catalogue_unref(NULL);
    catalogue_server_unref(NULL);
}

static void loads_saved_catalogues(void **state)
{
    struct err err = ERR_INIT;
    struct catalogue_server *server = catalogue_server_load(
        "tests/fixtures/catalogues/modelcontextprotocol__server-github.json", NULL, &err);

    (void)state;
    assert_non_null(server);
    assert_string_equal(server->key, "github");
    assert_int_equal(server->tool_count, 26);
    assert_string_equal(server->version, "0.6.2");
    catalogue_server_unref(server);
    assert_null(catalogue_server_load("tests/fixtures/catalogues/none.json", NULL, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void bounds_the_length_of_names(void **state)
{
    CLEANUP(buf) struct buf notes = BUF(4096);
    CLEANUP(buf) struct buf tools = BUF(4096);
    char name[LIMIT_TOOL_NAME_BYTES + 2];
    struct catalogue_server *server;

    (void)state;
    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    buf_printf(&tools,
               "[{\"name\":\"%s\",\"inputSchema\":{}},{\"name\":\"%s\",\"inputSchema\":{}}]", name,
               name + 1);
    server = server_of(buf_str(&tools), &notes);
    assert_int_equal(server->tool_count, 1);
    assert_int_equal(strlen(server->tools[0].name), LIMIT_TOOL_NAME_BYTES);
    catalogue_server_unref(server);
}

#define CODE_TOOL(name)                                                                     \
    "{\"name\":\"" name "\",\"inputSchema\":{\"type\":\"object\",\"properties\":{\"code\":" \
    "{\"type\":\"string\"}},\"required\":[\"code\"]}}"
#define OTHER_TOOL "{\"name\":\"other\",\"inputSchema\":{\"type\":\"object\"}}"

static void sets_tools_that_run_code_apart(void **state)
{
    static const struct {
        const char *tools, *title;
        bool apart;
    } cases[] = {
        { "[" CODE_TOOL("execute_code") "]", NULL, true },
        { "[" CODE_TOOL("codemode") "]", "other", true },
        { "[" OTHER_TOOL "," CODE_TOOL("execute_code") "," OTHER_TOOL "]", "mcpfold", true },
        { "[" OTHER_TOOL "," CODE_TOOL("execute_code") "]", "other", false },
        { "[" CODE_TOOL("run_python") "]", NULL, false },
        { "[{\"name\":\"execute_code\",\"inputSchema\":{\"type\":\"object\"}}]", "mcpfold", false },
        { "[]", "mcpfold", false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        CLEANUP(buf) struct buf notes = BUF(4096);
        struct catalogue_server *server = server_of(cases[i].tools, &notes);
        size_t count = server->tool_count;

        server->title = xstrdup(cases[i].title);
        assert_int_equal(catalogue_server_set_code_tool_apart(server), cases[i].apart);
        assert_int_equal(server->tool_count, count - cases[i].apart);
        assert_int_equal(server->code_tool != NULL, cases[i].apart);
        if (server->tool_count)
            assert_string_equal(server->tools[0].name,
                                cases[i].apart ? "other" : server->tools[0].name);
        catalogue_server_unref(server);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_tool),
        cmocka_unit_test(leaves_out_faulty_items_alone),
        cmocka_unit_test(refuses_what_is_no_list),
        cmocka_unit_test(reads_prompts_and_resources),
        cmocka_unit_test(names_servers_uniquely),
        cmocka_unit_test(loads_saved_catalogues),
        cmocka_unit_test(bounds_the_length_of_names),
        cmocka_unit_test(sets_tools_that_run_code_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

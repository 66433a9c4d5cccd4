/*
 * What is made of a server is kept with it: a change of one server costs that
 * server alone.
 */
#include "tests/unit/test.h"

#include "base/buf.h"
#include "codegen/catalogue.h"
#include "codegen/declarations.h"
#include "codegen/describe.h"
#include "codegen/search.h"
#include "codegen/search_index.h"
#include "codegen/server_text.h"

#define SERVERS 3

static struct catalogue_server *server_with(const char *key, const char *tool)
{
    CLEANUP(buf) struct buf tools = BUF(4096);
    struct catalogue_lists lists = { 0 };
    struct catalogue_server *server;

    buf_printf(&tools, "[{\"name\":\"%s\",\"inputSchema\":{\"type\":\"object\"}}]", tool);
    lists.tools = buf_span(&tools);
    server = catalogue_server_new(key, &lists, NULL, NULL, NULL);
    assert_non_null(server);
    return server;
}

/* Everything that is made of a catalogue. */
static void use(const struct catalogue *catalogue)
{
    static const struct describe_options options = { .budget_tokens = 8000 };
    CLEANUP(buf) struct buf out = BUF(1 << 20);

    assert_int_equal(describe_catalogue(catalogue, &options, &out, NULL), 0);
    assert_int_equal(search_tools(catalogue, SPAN("tool"), 5, &out, NULL), 0);
    for (size_t i = 0; i < catalogue->server_count; i++)
        assert_int_equal(
            declarations_of_server(catalogue->servers[i], DECLARATION_CHECK, &out, NULL), 0);
}

static void makes_a_changed_server_alone_anew(void **state)
{
    struct catalogue_server *servers[SERVERS] = { server_with("a", "one"), server_with("b", "two"),
                                                  server_with("c", "three") };
    struct catalogue *before = catalogue_new(servers, SERVERS, 1), *after;
    const struct server_text *texts[SERVERS];
    const struct search_index *indexes[SERVERS];

    (void)state;
    use(before);
    for (size_t i = 0; i < SERVERS; i++) {
        texts[i] = server_text_of(servers[i]);
        indexes[i] = search_index_of(servers[i]);
    }
    /* `before` keeps the old one, so that its memory is not used again. */
    catalogue_server_unref(servers[1]);
    servers[1] = server_with("b", "changed");
    after = catalogue_new(servers, SERVERS, 2);
    use(after);
    for (size_t i = 0; i < SERVERS; i++) {
        bool changed = i == 1;

        assert_int_equal(server_text_of(after->servers[i]) != texts[i], changed);
        assert_int_equal(search_index_of(after->servers[i]) != indexes[i], changed);
        catalogue_server_unref(servers[i]);
    }
    catalogue_unref(before);
    catalogue_unref(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(makes_a_changed_server_alone_anew) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

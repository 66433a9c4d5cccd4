#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "codegen/declarations.h"
#include "proxy/store/learned.h"
#include "tests/unit/proxy/store/folder.h"

#define TEXT_MAX_BYTES ((size_t)1024 * 1024)

#define SCHEMA_ONE "{\"type\":\"object\",\"properties\":{\"a\":{},\"b\":{}}}"
#define SCHEMA_TWO "{\"type\":\"object\",\"properties\":{\"a\":{},\"c\":{}}}"
/* The first with its members in another order. */
#define SCHEMA_ONE_AGAIN "{\"properties\":{\"b\":{},\"a\":{}},\"type\":\"object\"}"

static struct folder folder;
static struct loop *loop;

static int make(void **state)
{
    (void)state;
    log_setup(LOG_OFF, LOG_FORMAT_JSON);
    folder_init(&folder);
    loop = loop_new(NULL);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    loop_free(loop);
    folder_done(&folder);
    return 0;
}

/* One server "s" with the tool "t" of this input schema and maybe an output schema. */
static struct catalogue *catalogue_with(const char *input, const char *output)
{
    CLEANUP(buf) struct buf tools = BUF(TEXT_MAX_BYTES);
    struct catalogue_lists lists = { 0 };
    struct catalogue_server *server;
    struct catalogue *catalogue;

    buf_printf(&tools, "[{\"name\":\"t\",\"inputSchema\":%s%s%s}]", input,
               output ? ",\"outputSchema\":" : "", output ? output : "");
    lists.tools = buf_span(&tools);
    server = catalogue_server_new("s", &lists, NULL, NULL, NULL);
    catalogue = catalogue_new(&server, 1, 1);
    catalogue_server_unref(server);
    return catalogue;
}

static const struct tool *tool_of(const struct catalogue *catalogue)
{
    return &catalogue->servers[0]->tools[0];
}

static char *declared(const struct catalogue *catalogue, enum declaration_style style)
{
    struct buf out = BUF(TEXT_MAX_BYTES);

    assert_int_equal(
        declarations_of_tool(catalogue->servers[0], tool_of(catalogue), style, &out, NULL), 0);
    return buf_take(&out);
}

static void
assert_declared(const struct catalogue *catalogue, enum declaration_style style, const char *words)
{
    CLEANUP(str) char *text = declared(catalogue, style);

    if (!strstr(text, words))
        fail_msg("no '%s' in: %s", words, text);
}

/* What a new process with this store and this input schema declares in full. */
static void assert_declared_anew(const char *input, const char *words)
{
    struct learned *learned = learned_new(loop, folder.store);
    struct catalogue *catalogue = catalogue_with(input, NULL);

    learned_attach(learned, catalogue);
    assert_declared(catalogue, DECLARATION_FULL, words);
    catalogue_unref(catalogue);
    learned_free(learned);
}

static void learn_some(const char *input)
{
    struct learned *learned = learned_new(loop, folder.store);
    struct catalogue *catalogue = catalogue_with(input, NULL);

    learned_attach(learned, catalogue);
    learned_see(learned, tool_of(catalogue), SPAN("{\"id\":1,\"name\":\"x\"}"));
    learned_see(learned, tool_of(catalogue), SPAN("{\"id\":2}"));
    catalogue_unref(catalogue);
    learned_free(learned);
}

static void tells_at_once_in_full_and_later_in_short(void **state)
{
    struct learned *learned = learned_new(loop, folder.store);
    struct catalogue *catalogue = catalogue_with(SCHEMA_ONE, NULL);

    (void)state;
    learned_attach(learned, catalogue);
    assert_declared(catalogue, DECLARATION_COMPACT, "Promise<any>");
    learned_see(learned, tool_of(catalogue), SPAN("[{\"id\":1}]"));
    assert_declared(catalogue, DECLARATION_FULL, "@observed from 1 reply:");
    assert_declared(catalogue, DECLARATION_FULL, "Promise<Observed<{\n    id: number;\n  }[]>>");
    /* The description is made of this: it stays as it is while the server does. */
    assert_declared(catalogue, DECLARATION_COMPACT, "Promise<any>");
    catalogue_unref(catalogue);
    catalogue = catalogue_with(SCHEMA_ONE, NULL);
    learned_attach(learned, catalogue);
    assert_declared(catalogue, DECLARATION_COMPACT, "Promise<Observed<{ id: number }[]>>");
    catalogue_unref(catalogue);
    learned_free(learned);
}

static void is_declared_to_the_checker_as_observed(void **state)
{
    struct learned *learned = learned_new(loop, folder.store);
    struct catalogue *catalogue = catalogue_with(SCHEMA_ONE, NULL);
    CLEANUP(buf) struct buf out = BUF(TEXT_MAX_BYTES);

    (void)state;
    learned_attach(learned, catalogue);
    learned_see(learned, tool_of(catalogue), SPAN("[{\"id\":1},{}]"));
    assert_int_equal(declarations_of_server(catalogue->servers[0], DECLARATION_CHECK, &out, NULL),
                     0);
    assert_non_null(strstr(buf_str(&out), "Promise<Observed<{ id?: number }[]>>;"));
    catalogue_unref(catalogue);
    learned_free(learned);
}

static void outlives_the_process(void **state)
{
    (void)state;
    learn_some(SCHEMA_ONE);
    assert_declared_anew(SCHEMA_ONE, "@observed from 2 replies:");
    assert_declared_anew(SCHEMA_ONE_AGAIN, "name?: string;");
}

static void is_forgotten_with_the_input_schema(void **state)
{
    (void)state;
    learn_some(SCHEMA_ONE);
    assert_declared_anew(SCHEMA_TWO, "Promise<any>");
    /* For good: the first schema comes back to nothing. */
    assert_declared_anew(SCHEMA_ONE, "Promise<any>");
}

static void is_forgotten_while_running_too(void **state)
{
    struct learned *learned = learned_new(loop, folder.store);
    struct catalogue *old = catalogue_with(SCHEMA_ONE, NULL);
    struct catalogue *new = catalogue_with(SCHEMA_TWO, NULL);

    (void)state;
    learned_attach(learned, old);
    learned_see(learned, tool_of(old), SPAN("[1]"));
    learned_attach(learned, new);
    assert_declared(new, DECLARATION_FULL, "Promise<any>");
    assert_declared(old, DECLARATION_FULL, "Promise<Observed<number[]>>");
    /* A call that was under way: nothing of it reaches the new tool. */
    learned_see(learned, tool_of(old), SPAN("{\"late\":1}"));
    learned_see(learned, tool_of(new), SPAN("\"text\""));
    assert_declared(new, DECLARATION_FULL, "Promise<Observed<string>>");
    catalogue_unref(old);
    catalogue_unref(new);
    learned_free(learned);
}

static void leaves_declared_outputs_alone(void **state)
{
    struct learned *learned = learned_new(loop, folder.store);
    struct catalogue *catalogue = catalogue_with(SCHEMA_ONE, "{\"type\":\"object\"}");

    (void)state;
    learned_attach(learned, catalogue);
    learned_see(learned, tool_of(catalogue), SPAN("[1]"));
    assert_null(tool_of(catalogue)->observed);
    catalogue_unref(catalogue);
    learned_free(learned);
}

static void samples_what_is_well_known(void **state)
{
    struct learned *learned = learned_new(loop, folder.store);
    struct catalogue *catalogue = catalogue_with(SCHEMA_ONE, NULL);

    (void)state;
    learned_attach(learned, catalogue);
    for (int i = 0; i < 40; i++)
        learned_see(learned, tool_of(catalogue), SPAN("[1]"));
    assert_declared(catalogue, DECLARATION_FULL, "@observed from 33 replies:");
    catalogue_unref(catalogue);
    learned_free(learned);
}

static void goes_on_in_memory_without_a_store(void **state)
{
    struct learned *learned = learned_new(loop, "/dev/null/state");
    struct catalogue *catalogue = catalogue_with(SCHEMA_ONE, NULL);

    (void)state;
    learned_attach(learned, catalogue);
    learned_see(learned, tool_of(catalogue), SPAN("[1]"));
    assert_declared(catalogue, DECLARATION_FULL, "Promise<Observed<number[]>>");
    catalogue_unref(catalogue);
    learned_free(learned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tells_at_once_in_full_and_later_in_short, make, drop),
        cmocka_unit_test_setup_teardown(is_declared_to_the_checker_as_observed, make, drop),
        cmocka_unit_test_setup_teardown(outlives_the_process, make, drop),
        cmocka_unit_test_setup_teardown(is_forgotten_with_the_input_schema, make, drop),
        cmocka_unit_test_setup_teardown(is_forgotten_while_running_too, make, drop),
        cmocka_unit_test_setup_teardown(leaves_declared_outputs_alone, make, drop),
        cmocka_unit_test_setup_teardown(samples_what_is_well_known, make, drop),
        cmocka_unit_test_setup_teardown(goes_on_in_memory_without_a_store, make, drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Names of servers' prompts and tools towards clients.
 */
#include "proxy/mcp/exposed.h"

#include <stdio.h>

#include "base/json.h"
#include "tests/unit/test.h"

#define TOOL(name) "{\"name\":\"" name "\",\"inputSchema\":{\"type\":\"object\"}}"

struct made {
    const char *key, *tools, *prompts;
};

static struct catalogue *make(const struct made *made, size_t count)
{
    struct catalogue_server *servers[4];
    struct catalogue *catalogue;
    struct err err = ERR_INIT;

    for (size_t i = 0; i < count; i++) {
        servers[i] = catalogue_server_new(
            made[i].key,
            &(const struct catalogue_lists){ .tools = span_of(made[i].tools),
                                             .prompts = span_of(made[i].prompts) },
            NULL, NULL, &err);
        assert_non_null(servers[i]);
    }
    catalogue = catalogue_new(servers, count, 1);
    for (size_t i = 0; i < count; i++)
        catalogue_server_unref(servers[i]);
    return catalogue;
}

static void assert_names(const struct exposed_list *list, const char *const *names)
{
    size_t count = 0;

    for (; names[count]; count++) {
        CLEANUP(str) char *raw = xasprintf("\"%s\"", names[count]);

        assert_true(count < list->count);
        assert_string_equal(list->items[count].name, names[count]);
        assert_ptr_equal(exposed_find(list, span_of(raw)), &list->items[count]);
    }
    assert_int_equal(list->count, count);
}

static void names_by_server(void **state)
{
    const struct made made[] = {
        { "github", "[" TOOL("search_issues") "," TOOL("issue.create") "]",
          "[{\"name\":\"review\"},{\"name\":\"a b\"}]" },
        { "my files", "[" TOOL("read") "]", "[{\"name\":\"\\u00fcben\"}]" },
    };
    struct catalogue *catalogue = make(made, ARRAY_COUNT(made));
    struct exposed_list list = { .count = 0 };

    (void)state;
    exposed_refresh(&list, catalogue, EXPOSED_TOOLS);
    assert_names(&list, (const char *const[]){ "github__search_issues", "github__issue_create",
                                               "my_files__read", NULL });
    assert_string_equal(exposed_tool(&list.items[1])->name, "issue.create");
    assert_null(exposed_find(&list, SPAN("\"github__issue.create\"")));
    assert_null(exposed_find(&list, SPAN("1")));
    exposed_done(&list);
    exposed_refresh(&list, catalogue, EXPOSED_PROMPTS);
    assert_names(&list,
                 (const char *const[]){ "github.review", "github.a_b", "my_files._ben", NULL });
    exposed_done(&list);
    catalogue_unref(catalogue);
}

/* What needs no change goes first, so that its name does not depend on others. */
static void resolves_clashes(void **state)
{
    const struct made made[] = {
        { "a", "[" TOOL("x.y") "," TOOL("x y") "," TOOL("x_y") "]", "[{\"name\":\"b.c\"}]" },
        { "a.b", "[]", "[{\"name\":\"c\"}]" },
    };
    struct catalogue *catalogue = make(made, ARRAY_COUNT(made));
    struct exposed_list list = { .count = 0 };

    (void)state;
    exposed_refresh(&list, catalogue, EXPOSED_TOOLS);
    assert_names(&list, (const char *const[]){ "a__x_y_2", "a__x_y_3", "a__x_y", NULL });
    exposed_done(&list);
    exposed_refresh(&list, catalogue, EXPOSED_PROMPTS);
    assert_names(&list, (const char *const[]){ "a.b.c", "a.b.c_2", NULL });
    exposed_done(&list);
    catalogue_unref(catalogue);
}

static void cuts_long_names(void **state)
{
    char tools[512];
    struct made made = { "server", tools, "[]" };
    struct catalogue *catalogue;
    struct exposed_list list = { .count = 0 };

    (void)state;
    snprintf(tools, sizeof(tools), "[" TOOL("%0100d") "," TOOL("%0100d") "," TOOL("%056d") "]", 1,
             2, 3);
    catalogue = make(&made, 1);
    exposed_refresh(&list, catalogue, EXPOSED_TOOLS);
    assert_int_equal(list.count, 3);
    assert_int_equal(strlen(list.items[0].name), 64);
    assert_int_equal(strlen(list.items[1].name), 64);
    assert_string_not_equal(list.items[0].name, list.items[1].name);
    assert_memory_equal(list.items[0].name, "server__0000", 12);
    assert_int_equal(strlen(list.items[2].name), 64);
    assert_memory_equal(list.items[2].name + 60, "0003", 4);
    exposed_done(&list);
    catalogue_unref(catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_by_server),
        cmocka_unit_test(resolves_clashes),
        cmocka_unit_test(cuts_long_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

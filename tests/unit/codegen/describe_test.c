#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "codegen/catalogue.h"
#include "codegen/describe.h"
#include "codegen/observed.h"
#include "codegen/typescript_text.h"

#define OUTPUT_MAX_BYTES ((size_t)16 * 1024 * 1024)

static struct catalogue_server *server_of(const char *key, size_t tools)
{
    CLEANUP(buf) struct buf text = BUF(OUTPUT_MAX_BYTES);
    struct catalogue_lists lists = { 0 };

    buf_add_char(&text, '[');
    for (size_t i = 0; i < tools; i++)
        buf_printf(&text,
                   "%s{\"name\":\"tool_%zu\",\"description\":\"Does the thing of number %zu.\","
                   "\"inputSchema\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":"
                   "\"string\"}}}}",
                   i ? "," : "", i, i);
    buf_add_char(&text, ']');
    lists.tools = buf_span(&text);
    return catalogue_server_new(key, &lists, NULL, NULL, NULL);
}

/* `servers` servers of `tools` tools each. */
static struct catalogue *sample(size_t servers, size_t tools)
{
    struct catalogue_server **list = xcalloc(servers + 1, sizeof(struct catalogue_server *));
    struct catalogue *catalogue;

    for (size_t i = 0; i < servers; i++) {
        char *key = xasprintf("server%zu", i);

        list[i] = server_of(key, tools);
        free(key);
    }
    catalogue = catalogue_new(list, servers, 1);
    for (size_t i = 0; i < servers; i++)
        catalogue_server_unref(list[i]);
    free(list);
    return catalogue;
}

static char *described(const struct catalogue *catalogue, size_t budget)
{
    struct describe_options options = { .budget_tokens = budget };
    struct buf out = BUF(OUTPUT_MAX_BYTES);

    assert_int_equal(describe_catalogue(catalogue, &options, &out, NULL), 0);
    return buf_take(&out);
}

/* The length of the lead: up to the empty line before the declarations. */
static size_t lead_characters(const char *text)
{
    const char *end = strstr(text, "\n\n");

    assert_non_null(end);
    return typescript_characters(span_make(text, (size_t)(end - text) + 1));
}

static void keeps_the_lead_short(void **state)
{
    static const size_t counts[] = { 0, 1, 3, 10, 40, 400 };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(counts); i++) {
        struct catalogue *catalogue = sample(counts[i], 3);
        char *text = described(catalogue, 8000);

        assert_true(lead_characters(text) <= DESCRIBE_LEAD_CHARACTERS);
        assert_non_null(strstr(text, "mcp.search"));
        free(text);
        catalogue_unref(catalogue);
    }
}

static void says_complete_or_partial(void **state)
{
    struct catalogue *catalogue = sample(3, 20);
    char *whole = described(catalogue, 8000), *part = described(catalogue, 1000);
    char *none = described(catalogue, 0);

    (void)state;
    assert_non_null(strstr(whole, "COMPLETE: all 60 tools"));
    assert_non_null(strstr(whole, "declare const server2: Server2;"));
    assert_non_null(strstr(part, "PARTIAL: 20 of 60 tools"));
    assert_non_null(strstr(part, "declare const server0: Server0;"));
    assert_null(strstr(part, "declare const server1: Server1;"));
    assert_non_null(strstr(part, "// server1, names only: tool_0 tool_1"));
    assert_non_null(strstr(none, "PARTIAL: 0 of 60 tools"));
    assert_null(strstr(none, "interface"));
    free(whole);
    free(part);
    free(none);
    catalogue_unref(catalogue);
}

static void keeps_within_the_budget(void **state)
{
    static const size_t budgets[] = { 50, 500, 1000, 2500, 8000 };
    struct catalogue *catalogue = sample(9, 30);

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(budgets); i++) {
        char *text = described(catalogue, budgets[i]);
        const char *declarations = strstr(text, "\n\n");

        assert_true(describe_tokens(span_of(declarations)) <= budgets[i]);
        free(text);
    }
    catalogue_unref(catalogue);
}

static void keeps_within_what_a_client_keeps(void **state)
{
    static const size_t limits[] = { 2048, 2100, 3000, 5000, 12000 };
    static const size_t counts[] = { 1, 9, 40 };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(limits) * ARRAY_COUNT(counts); i++) {
        size_t limit = limits[i % ARRAY_COUNT(limits)];
        struct catalogue *catalogue = sample(counts[i / ARRAY_COUNT(limits)], 30);
        struct describe_options options = { .budget_tokens = 8000, .max_characters = limit };
        CLEANUP(buf) struct buf out = BUF(OUTPUT_MAX_BYTES);

        assert_int_equal(describe_catalogue(catalogue, &options, &out, NULL), 0);
        assert_true(typescript_characters(buf_span(&out)) <= limit);
        /* What does not fit is never promised. */
        if (!strstr(buf_str(&out), "declare const server0"))
            assert_non_null(strstr(buf_str(&out), "PARTIAL: 0 of "));
        /* Room behind the lead is used. */
        if (limit >= 5000)
            assert_non_null(strstr(buf_str(&out), "tool_0"));
        catalogue_unref(catalogue);
    }
}

static void explains_observed_outputs(void **state)
{
    struct catalogue *catalogue = sample(2, 30);
    CLEANUP(str) char *before = NULL;
    CLEANUP(str) char *partial = NULL;
    CLEANUP(str) char *text = NULL;
    struct observed *observed = observed_new(0);

    (void)state;
    before = described(catalogue, 8000);
    assert_null(strstr(before, "Observed"));
    catalogue_unref(catalogue);
    catalogue = sample(2, 30);
    shape_see(&observed->root, SPAN("[{\"id\":1},{}]"));
    observed->replies = 1;
    catalogue->servers[1]->tools[0].observed = observed;
    text = described(catalogue, 8000);
    assert_non_null(strstr(text, "\n\n// Observed<T>: as replies were so far, not promised."));
    assert_non_null(strstr(text, "Promise<Observed<{ id?: number }[]>>"));
    /* Not where only others are declared. */
    partial = described(catalogue, 950);
    assert_non_null(strstr(partial, "declare const server0"));
    assert_null(strstr(partial, "Observed"));
    catalogue_unref(catalogue);
}

static void gives_the_same_bytes(void **state)
{
    struct catalogue *one = sample(5, 7), *two = sample(5, 7);
    char *first = described(one, 500), *second = described(two, 500);
    char *again = described(one, 500);

    (void)state;
    assert_string_equal(first, second);
    assert_string_equal(first, again);
    free(first);
    free(second);
    free(again);
    catalogue_unref(one);
    catalogue_unref(two);
}

static void says_which_are_down(void **state)
{
    struct catalogue_server *servers[] = {
        catalogue_server_absent("mail", SERVER_DOWN, "exit status 1\nof \x1b[31mnode"),
        catalogue_server_absent("slow", SERVER_CONNECTING, NULL),
        server_of("good", 1),
    };
    struct catalogue *catalogue = catalogue_new(servers, ARRAY_COUNT(servers), 1);
    char *text = described(catalogue, 8000);

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(servers); i++)
        catalogue_server_unref(servers[i]);
    assert_non_null(strstr(text, "- mail: 0 tools; down: exit status 1 of [31mnode\n"));
    assert_non_null(strstr(text, "- slow: 0 tools; still connecting\n"));
    assert_non_null(strstr(text, "- good: 1 tool\n"));
    free(text);
    catalogue_unref(catalogue);
}

static void knows_clients(void **state)
{
    bool known = false;

    (void)state;
    assert_int_equal(describe_client_limit("Claude-Code", &known), 2048);
    assert_true(known);
    assert_int_equal(describe_client_limit("something", &known), 0);
    assert_false(known);
    assert_int_equal(describe_client_limit(NULL, NULL), 0);
    for (size_t i = 0; describe_clients[i]; i++)
        assert_true(describe_client_limit(describe_clients[i], NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_within_what_a_client_keeps),
        cmocka_unit_test(keeps_the_lead_short),
        cmocka_unit_test(says_complete_or_partial),
        cmocka_unit_test(keeps_within_the_budget),
        cmocka_unit_test(explains_observed_outputs),
        cmocka_unit_test(gives_the_same_bytes),
        cmocka_unit_test(says_which_are_down),
        cmocka_unit_test(knows_clients),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

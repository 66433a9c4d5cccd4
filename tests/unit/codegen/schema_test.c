/*
 * Hostile schemas: bounded time, memory and output.  What ordinary ones give
 * is in tests/golden/codegen.
 */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sys/resource.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "codegen/catalogue.h"
#include "codegen/declarations.h"

#define TEXT_MAX_BYTES ((size_t)48 * 1024 * 1024)
/* Of CPU, sanitizers included. */
#define MOST_SECONDS 10.0
/* For a schema of LIMIT_SCHEMA_BYTES; sanitizers take more. */
#ifdef __SANITIZE_ADDRESS__
#define MOST_MEMORY_MIB 4096
#else
#define MOST_MEMORY_MIB 1024
#endif

/* The declarations of one tool with this input schema; the caller frees them. */
static char *declared(const char *schema, enum declaration_style style)
{
    CLEANUP(buf) struct buf tools = BUF(TEXT_MAX_BYTES);
    struct buf out = BUF(TEXT_MAX_BYTES);
    struct catalogue_lists lists;
    struct catalogue_server *server;
    struct err err = ERR_INIT;
    clock_t start = clock();

    buf_printf(&tools, "[{\"name\":\"use\",\"inputSchema\":%s}]", schema);
    assert_false(buf_failed(&tools));
    lists = (struct catalogue_lists){ .tools = buf_span(&tools) };
    server = catalogue_server_new("s", &lists, NULL, NULL, &err);
    if (!server)
        fail_msg("%s", err.text);
    assert_int_equal(server->tool_count, 1);
    assert_int_equal(declarations_of_server(server, style, &out, &err), 0);
    catalogue_server_unref(server);
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < MOST_SECONDS);
    return buf_take(&out);
}

static void check_bounded(const char *schema, size_t max_bytes)
{
    for (int style = 0; style <= DECLARATION_FULL; style++) {
        char *text = declared(schema, (enum declaration_style)style);

        assert_true(strlen(text) <= max_bytes);
        assert_non_null(strstr(text, "  use("));
        free(text);
    }
}

/* Each definition holds two of the one before: 2^40 places. */
static void bounds_doubling_definitions(void **state)
{
    CLEANUP(buf) struct buf schema = BUF(TEXT_MAX_BYTES);

    (void)state;
    buf_add_str(&schema, "{\"$ref\":\"#/$defs/d40\",\"$defs\":{\"d0\":{\"type\":\"string\"}");
    for (int i = 1; i <= 40; i++)
        buf_printf(&schema,
                   ",\"d%d\":{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/d%d\"},"
                   "\"b\":{\"$ref\":\"#/$defs/d%d\"}}}",
                   i, i - 1, i - 1);
    buf_add_str(&schema, "}}");
    check_bounded(buf_str(&schema), 64 * 1024);
}

/* allOf of unions multiplies out: 3^30 members. */
static void bounds_multiplied_unions(void **state)
{
    CLEANUP(buf) struct buf schema = BUF(TEXT_MAX_BYTES);

    (void)state;
    buf_add_str(&schema, "{\"type\":\"object\",\"allOf\":[");
    for (int i = 0; i < 30; i++)
        buf_printf(&schema,
                   "%s{\"anyOf\":[{\"properties\":{\"a%d\":{\"type\":\"string\"}}},{\"properties\":"
                   "{\"b%d\":{\"type\":\"number\"}}},{\"required\":[\"c%d\"]}]}",
                   i ? "," : "", i, i, i);
    buf_add_str(&schema, "]}");
    check_bounded(buf_str(&schema), 1024 * 1024);
}

static void bounds_circles_of_all_of(void **state)
{
    (void)state;
    check_bounded("{\"$ref\":\"#\"}", 1000);
    check_bounded("{\"allOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}", 1000);
    check_bounded(
        "{\"properties\":{\"a\":{\"allOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#/properties/a\"}]}}}",
        4000);
    check_bounded(
        "{\"$defs\":{\"a\":{\"anyOf\":[{\"$ref\":\"#/$defs/a\"},{\"$ref\":\"#/$defs/b\"}]},"
        "\"b\":{\"anyOf\":[{\"$ref\":\"#/$defs/a\"},{\"$ref\":\"#/$defs/b\"}]}},"
        "\"properties\":{\"x\":{\"$ref\":\"#/$defs/a\"}}}",
        4000);
}

/* Unions of references to all the others: the search for circles must not go all ways. */
static void bounds_circles_of_unions(void **state)
{
    CLEANUP(buf) struct buf schema = BUF(TEXT_MAX_BYTES);

    (void)state;
    buf_add_str(&schema, "{\"properties\":{\"x\":{\"$ref\":\"#/$defs/u0\"}},\"$defs\":{\"z\":{}");
    for (int i = 0; i < 30; i++) {
        buf_printf(&schema, ",\"u%d\":{\"anyOf\":[{\"type\":\"null\"}", i);
        for (int k = 0; k < 30; k++)
            buf_printf(&schema, ",{\"$ref\":\"#/$defs/u%d\"}", k);
        buf_add_str(&schema, "]}");
    }
    buf_add_str(&schema, "}}");
    check_bounded(buf_str(&schema), 1024 * 1024);
}

static void bounds_many_properties(void **state)
{
    CLEANUP(buf) struct buf schema = BUF(TEXT_MAX_BYTES);
    char *text;

    (void)state;
    buf_add_str(&schema, "{\"type\":\"object\",\"properties\":{\"p\":{}");
    for (int i = 0; i < 200000; i++)
        buf_printf(&schema, ",\"property_number_%d\":{\"type\":\"string\"}", i);
    buf_add_str(&schema, "}}");
    assert_true(schema.len < LIMIT_SCHEMA_BYTES);
    check_bounded(buf_str(&schema), 1024 * 1024);
    text = declared(buf_str(&schema), DECLARATION_FULL);
    assert_non_null(strstr(text, "too large to be typed in full"));
    free(text);
}

static void bounds_large_enumerations(void **state)
{
    CLEANUP(buf) struct buf schema = BUF(TEXT_MAX_BYTES);

    (void)state;
    buf_add_str(&schema, "{\"properties\":{\"x\":{\"enum\":[0");
    for (int i = 0; i < 100000; i++)
        buf_printf(&schema, ",\"value %d\"", i);
    buf_add_str(&schema, "]}}}");
    check_bounded(buf_str(&schema), 64 * 1024);
}

/* Each use of a chain of definitions is one level only for the reader, but nests when written. */
static void bounds_chains_of_definitions(void **state)
{
    CLEANUP(buf) struct buf schema = BUF(TEXT_MAX_BYTES);

    (void)state;
    buf_add_str(&schema, "{\"properties\":{\"p0\":{}");
    for (int i = 1; i < 3000; i++)
        buf_printf(&schema, ",\"p%d\":{\"items\":{\"$ref\":\"#/properties/p%d\"}}", i, i - 1);
    buf_add_str(&schema, "}}");
    check_bounded(buf_str(&schema), 4 * 1024 * 1024);
}

/* As many as the budget of a tool's types allows, each looked for among the others. */
static void bounds_many_required_names(void **state)
{
    CLEANUP(buf) struct buf schema = BUF(TEXT_MAX_BYTES);

    (void)state;
    buf_add_str(&schema, "{\"properties\":{\"p\":{}");
    for (int i = 0; i < 12000; i++)
        buf_printf(&schema, ",\"property_number_%d\":{}", i);
    buf_add_str(&schema, "},\"required\":[\"p\"");
    for (int i = 24000; i > 0; i--)
        buf_printf(&schema, ",\"property_number_%d\"", i);
    buf_add_str(&schema, "]}");
    check_bounded(buf_str(&schema), 4 * 1024 * 1024);
}

/* allOf of large objects: each is looked for in the other. */
static void bounds_large_merges(void **state)
{
    CLEANUP(buf) struct buf schema = BUF(TEXT_MAX_BYTES);

    (void)state;
    buf_add_str(&schema, "{\"allOf\":[{}");
    for (int k = 0; k < 4; k++) {
        buf_add_str(&schema, ",{\"properties\":{\"p\":{}");
        for (int i = 0; i < 4000; i++)
            buf_printf(&schema, ",\"property_number_%d_%d\":{}", k, i);
        buf_add_str(&schema, "}}");
    }
    buf_add_str(&schema, "]}");
    check_bounded(buf_str(&schema), 4 * 1024 * 1024);
}

/* Two cases, each of the two of the one before: 2^40 members. */
static void bounds_exponential_unions(void **state)
{
    CLEANUP(buf) struct buf schema = BUF(TEXT_MAX_BYTES);

    (void)state;
    buf_add_str(&schema, "{\"$ref\":\"#/$defs/d40\",\"$defs\":{\"d0\":{\"type\":\"object\"}");
    for (int i = 1; i <= 40; i++)
        buf_printf(&schema,
                   ",\"d%d\":{\"anyOf\":[{\"allOf\":[{\"$ref\":\"#/$defs/d%d\"},{\"properties\":"
                   "{\"a%d\":{}}}]},{\"allOf\":[{\"$ref\":\"#/$defs/d%d\"},{\"properties\":"
                   "{\"b%d\":{}}}]}]}",
                   i, i - 1, i, i - 1, i);
    buf_add_str(&schema, "}}");
    check_bounded(buf_str(&schema), 1024 * 1024);
}

/* Each definition refers to the one before. */
static void bounds_100000_references_in_a_row(void **state)
{
    CLEANUP(buf) struct buf schema = BUF(TEXT_MAX_BYTES);

    (void)state;
    buf_add_str(&schema, "{\"$ref\":\"#/$defs/99999\",\"$defs\":{\"0\":{}");
    for (int i = 1; i < 100000; i++)
        buf_printf(&schema, ",\"%d\":{\"properties\":{\"p\":{\"$ref\":\"#/$defs/%d\"}}}", i, i - 1);
    buf_add_str(&schema, "}}");
    assert_true(schema.len < LIMIT_SCHEMA_BYTES);
    check_bounded(buf_str(&schema), 64 * 1024);
}

/* A list nested deeper than a message may be is refused before anything is made of it. */
static void refuses_a_schema_100000_deep(void **state)
{
    CLEANUP(buf) struct buf tools = BUF(TEXT_MAX_BYTES);
    struct catalogue_lists lists;
    struct err err = ERR_INIT;

    (void)state;
    buf_add_str(&tools, "[{\"name\":\"use\",\"inputSchema\":");
    for (int i = 0; i < 100000; i++)
        buf_add_str(&tools, "{\"items\":");
    buf_add_str(&tools, "{}");
    for (int i = 0; i < 100000; i++)
        buf_add_char(&tools, '}');
    buf_add_str(&tools, "}]");
    lists = (struct catalogue_lists){ .tools = buf_span(&tools) };
    assert_null(catalogue_server_new("s", &lists, NULL, NULL, &err));
    assert_int_equal(err.code, ERR_LIMIT);
}

/* As deep as a message may be: typed down to a bound, with a note. */
static void bounds_the_deepest_schema(void **state)
{
    CLEANUP(buf) struct buf schema = BUF(TEXT_MAX_BYTES);
    char *text;
    int levels = LIMIT_RPC_DEPTH - 4;

    (void)state;
    for (int i = 0; i < levels; i++)
        buf_add_str(&schema, "{\"allOf\":[{}],\"items\":");
    buf_add_str(&schema, "{}");
    for (int i = 0; i < levels; i++)
        buf_add_char(&schema, '}');
    check_bounded(buf_str(&schema), 64 * 1024);
    text = declared(buf_str(&schema), DECLARATION_FULL);
    assert_non_null(strstr(text, "nested too deep to be typed in full"));
    free(text);
}

/* 10 MB in one place: a description, the names of an enumeration, definitions nobody uses. */
static void bounds_schemas_of_ten_megabytes(void **state)
{
    static const char *const forms[][3] = {
        { "{\"description\":\"", "*/ \\u202e `${x}` ", "\"}" },
        { "{\"properties\":{\"x\":{\"enum\":[\"", "a\",\"*/", "\"]}}}" },
        { "{\"properties\":{\"x\":{\"anyOf\":[{}", ",{\"type\":\"string\"}", "]}}}" },
        { "{\"properties\":{\"x\":{\"prefixItems\":[{}", ",{\"$ref\":\"#\"}", "]}}}" },
        { "{\"properties\":{\"x\":{\"const\":[0", ",[1,[2]]", "]}}}" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        CLEANUP(buf) struct buf schema = BUF(TEXT_MAX_BYTES);

        buf_add_str(&schema, forms[i][0]);
        while (schema.len < LIMIT_SCHEMA_BYTES - 100)
            buf_add_str(&schema, forms[i][1]);
        buf_add_str(&schema, forms[i][2]);
        assert_true(schema.len <= LIMIT_SCHEMA_BYTES);
        check_bounded(buf_str(&schema), 4 * 1024 * 1024);
    }
}

/* Each property leads to an anchor that stands behind all else. */
static void bounds_the_search_for_anchors(void **state)
{
    CLEANUP(buf) struct buf schema = BUF(TEXT_MAX_BYTES);

    (void)state;
    buf_add_str(&schema, "{\"properties\":{\"p\":{}");
    for (int i = 0; i < 5000; i++)
        buf_printf(&schema, ",\"p%d\":{\"$ref\":\"#%s\"}", i, i % 2 ? "a" : "b");
    buf_add_str(&schema, "},\"$defs\":{\"f\":{\"allOf\":[{}");
    for (int i = 0; i < 60000; i++)
        buf_add_str(&schema, ",{\"items\":{}}");
    buf_add_str(&schema, "]},\"x\":{\"$anchor\":\"a\",\"type\":\"string\"}}}");
    check_bounded(buf_str(&schema), 1024 * 1024);
}

/* Each property leads to the same large values, which are told in no comment. */
static void bounds_values_told_again_and_again(void **state)
{
    static const char *const keywords[] = { "default", "not", "if", "contains", "examples" };

    (void)state;
    for (size_t k = 0; k < sizeof(keywords) / sizeof(keywords[0]); k++) {
        CLEANUP(buf) struct buf schema = BUF(TEXT_MAX_BYTES);

        buf_add_str(&schema, "{\"properties\":{\"p\":{}");
        for (int i = 0; i < 3000; i++)
            buf_printf(&schema, ",\"p%d\":{\"$ref\":\"#/$defs/x\"}", i);
        buf_printf(&schema, "},\"$defs\":{\"x\":{\"type\":\"array\",\"%s\":[0", keywords[k]);
        for (int i = 0; i < 60000; i++)
            buf_add_str(&schema, ",[1]");
        buf_add_str(&schema, "]}}}");
        check_bounded(buf_str(&schema), 1024 * 1024);
    }
}

/* Of all above together: what parsing ten megabytes takes, and little more. */
static void bounded_memory(void **state)
{
    struct rusage usage;

    (void)state;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    printf("at most %ld MiB of memory\n", usage.ru_maxrss / 1024);
    assert_true(usage.ru_maxrss / 1024 < MOST_MEMORY_MIB);
}

static void leaves_out_schemas_over_the_limit(void **state)
{
    CLEANUP(buf) struct buf tools = BUF(TEXT_MAX_BYTES);
    struct catalogue_lists lists;
    struct catalogue_server *server;
    size_t padding = LIMIT_SCHEMA_BYTES - strlen("{\"a\":\"\"}");

    (void)state;
    for (size_t over = 0; over <= 1; over++) {
        buf_clear(&tools);
        buf_add_str(&tools, "[{\"name\":\"use\",\"inputSchema\":{\"a\":\"");
        for (size_t i = 0; i < padding + over; i++)
            buf_add_char(&tools, 'x');
        buf_add_str(&tools, "\"}}]");
        lists = (struct catalogue_lists){ .tools = buf_span(&tools) };
        server = catalogue_server_new("s", &lists, NULL, NULL, NULL);
        assert_non_null(server);
        assert_int_equal(server->tool_count, 1 - over);
        catalogue_server_unref(server);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_doubling_definitions),
        cmocka_unit_test(bounds_multiplied_unions),
        cmocka_unit_test(bounds_circles_of_all_of),
        cmocka_unit_test(bounds_circles_of_unions),
        cmocka_unit_test(bounds_many_properties),
        cmocka_unit_test(bounds_large_enumerations),
        cmocka_unit_test(bounds_chains_of_definitions),
        cmocka_unit_test(bounds_many_required_names),
        cmocka_unit_test(bounds_large_merges),
        cmocka_unit_test(bounds_exponential_unions),
        cmocka_unit_test(bounds_100000_references_in_a_row),
        cmocka_unit_test(refuses_a_schema_100000_deep),
        cmocka_unit_test(bounds_the_deepest_schema),
        cmocka_unit_test(bounds_schemas_of_ten_megabytes),
        cmocka_unit_test(leaves_out_schemas_over_the_limit),
        cmocka_unit_test(bounds_the_search_for_anchors),
        cmocka_unit_test(bounds_values_told_again_and_again),
        cmocka_unit_test(bounded_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

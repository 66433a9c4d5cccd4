/*
 * What codegen/ makes of one schema, as text: each folder of
 * tests/golden/codegen/ has a schema.json and the expected.ts that a tool with
 * it as input and output schema gives.  UPDATE_GOLDEN=1 writes the files anew.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/mem.h"
#include "codegen/catalogue.h"
#include "codegen/declarations.h"

#define FOLDER    "tests/golden/codegen"
#define MAX_BYTES ((size_t)4 * 1024 * 1024)

static struct catalogue_server *server_with(struct span schema)
{
    CLEANUP(buf) struct buf tools = BUF(MAX_BYTES);
    struct catalogue_lists lists = { 0 };
    struct catalogue_server *server;
    struct err err = ERR_INIT;

    buf_printf(&tools, "[{\"name\":\"use\",\"inputSchema\":%.*s,\"outputSchema\":%.*s}]",
               SPAN_ARG(schema), SPAN_ARG(schema));
    lists.tools = buf_span(&tools);
    server = catalogue_server_new("golden", &lists, NULL, NULL, &err);
    if (!server)
        fail_msg("%s", err.text);
    return server;
}

static void declare(struct span schema, struct buf *out)
{
    struct catalogue_server *server = server_with(schema);
    struct err err = ERR_INIT;

    assert_int_equal(server->tool_count, 1);
    buf_add_str(out, "// check\n");
    assert_int_equal(declarations_of_server(server, DECLARATION_CHECK, out, &err), 0);
    buf_add_str(out, "// compact\n");
    assert_int_equal(declarations_of_server(server, DECLARATION_COMPACT, out, &err), 0);
    buf_add_str(out, "// full\n");
    assert_int_equal(declarations_of_server(server, DECLARATION_FULL, out, &err), 0);
    catalogue_server_unref(server);
}

static void write_golden(const char *path, struct span text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text.data, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
}

static void check_folder(const char *name)
{
    CLEANUP(str) char *schema_path = xasprintf(FOLDER "/%s/schema.json", name);
    CLEANUP(str) char *expected_path = xasprintf(FOLDER "/%s/expected.ts", name);
    CLEANUP(buf) struct buf schema = BUF(MAX_BYTES);
    CLEANUP(buf) struct buf expected = BUF(MAX_BYTES);
    CLEANUP(buf) struct buf made = BUF(MAX_BYTES);
    struct err err = ERR_INIT;

    if (file_read(schema_path, &schema, &err) < 0)
        fail_msg("%s", err.text);
    declare(buf_span(&schema), &made);
    if (getenv("UPDATE_GOLDEN"))
        write_golden(expected_path, buf_span(&made));
    if (file_read(expected_path, &expected, &err) < 0)
        fail_msg("%s", err.text);
    if (strcmp(buf_str(&expected), buf_str(&made)) != 0)
        fail_msg("%s: the text differs from %s:\n%s", name, expected_path, buf_str(&made));
}

static void gives_the_expected_declarations(void **state)
{
    DIR *folder = opendir(FOLDER);
    struct dirent *entry;
    size_t count = 0;

    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        if (entry->d_name[0] == '.')
            continue;
        check_folder(entry->d_name);
        count++;
    }
    closedir(folder);
    assert_true(count > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(gives_the_expected_declarations) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "codegen/catalogue.h"
#include "codegen/search.h"
#include "codegen/search_words.h"

#define OUTPUT_MAX_BYTES (1024 * 1024)

static const char github_tools[] =
    "[{\"name\":\"create_issue\",\"description\":\"Create a new issue in a repository.\","
    "\"inputSchema\":{\"type\":\"object\",\"properties\":{\"title\":{\"type\":\"string\","
    "\"description\":\"Short headline\"},\"labels\":{\"type\":\"array\",\"items\":{\"type\":"
    "\"string\"}}},\"required\":[\"title\"]},\"annotations\":{\"readOnlyHint\":false}},"
    "{\"name\":\"listIssues\",\"description\":\"List issues of a repository.\",\"inputSchema\":"
    "{\"type\":\"object\"}},"
    "{\"name\":\"search.code\",\"description\":\"Search in source files.\",\"inputSchema\":"
    "{\"type\":\"object\",\"properties\":{\"query\":{\"type\":\"string\"}}}}]";

static const char files_tools[] =
    "[{\"name\":\"read_file\",\"description\":\"Read the contents of a file.\",\"inputSchema\":"
    "{\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\"}},\"required\":[\"path\"]}}"
    ","
    "{\"name\":\"delete_directory\",\"description\":\"Remove a folder.\",\"inputSchema\":"
    "{\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\"}}}}]";

static struct catalogue *sample(void)
{
    struct catalogue_lists github = { .tools = span_of(github_tools) };
    struct catalogue_lists files = { .tools = span_of(files_tools) };
    struct catalogue_server *servers[] = {
        catalogue_server_new("github", &github, NULL, NULL, NULL),
        catalogue_server_new("my.files", &files, NULL, NULL, NULL),
        catalogue_server_absent("broken", SERVER_DOWN, "it does not start"),
    };
    struct catalogue *catalogue = catalogue_new(servers, ARRAY_COUNT(servers), 1);

    for (size_t i = 0; i < ARRAY_COUNT(servers); i++)
        catalogue_server_unref(servers[i]);
    return catalogue;
}

static struct catalogue *of_tools(const char *key, const char *tools)
{
    struct catalogue_lists lists = { .tools = span_of(tools) };
    struct catalogue_server *server = catalogue_server_new(key, &lists, NULL, NULL, NULL);
    struct catalogue *catalogue = catalogue_new(&server, 1, 1);

    catalogue_server_unref(server);
    return catalogue;
}

/* The path of the first match; "" when nothing matches.  The caller frees it. */
static char *first_path(const struct catalogue *catalogue, const char *query)
{
    CLEANUP(buf) struct buf out = BUF(OUTPUT_MAX_BYTES);
    struct json_iter it;
    struct span path;

    assert_int_equal(search_tools(catalogue, span_of(query), 0, &out, NULL), 0);
    assert_int_equal(json_check(buf_span(&out), 0, NULL), 0);
    it = json_iter(buf_span(&out));
    if (!json_next(&it))
        return xstrdup("");
    assert_true(json_get(it.value, "path", &path));
    return json_dup_string(path, 1000);
}

static void finds_tools(void **state)
{
    static const char *const cases[][2] = {
        { "create issue", "github.create_issue" },
        { "creating issues", "github.create_issue" },
        { "list issue", "github.listIssues" },
        { "list_issues", "github.listIssues" },
        { "github.listIssues", "github.listIssues" },
        { "craete isue", "github.create_issue" },
        { "headline", "github.create_issue" },
        { "source", "github.search_code" },
        { "how do I read a file?", "my_files.read_file" },
        { "erase folders", "my_files.delete_directory" },
        { "labels", "github.create_issue" },
        { "github", "github.create_issue" },
        { "my.files", "my_files.read_file" },
        { "github[\"search.code\"]", "github.search_code" },
        { "my_files.delete_directory", "my_files.delete_directory" },
        { "zebra", "" },
        { "", "" },
    };
    struct catalogue *catalogue = sample();

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        char *path = first_path(catalogue, cases[i][0]);

        if (strcmp(path, cases[i][1]) != 0)
            fail_msg("'%s' finds '%s', not '%s'", cases[i][0], path, cases[i][1]);
        free(path);
    }
    catalogue_unref(catalogue);
}

/* One rule of forgiveness each, asked of a tool made for it behind another. */
static void forgives(void **state)
{
    static const struct {
        const char *rule, *tool, *other, *query, *matched;
    } cases[] = {
        { "plural", "read_box", "read_fox", "boxes", "boxes (name)" },
        { "singular", "queries", "quarries", "query", "query (name)" },
        { "camelCase", "openHttpProxy", "openhttpproxies", "http_proxy", "http (name)" },
        { "snake_case", "open_http_proxy", "openhttp", "httpProxy", "proxy (name)" },
        { "ending", "deploy", "employ", "deployments", "deployments (name)" },
        { "typo", "calendar", "cylinder", "calender", "calender: calendar (name)" },
        { "swapped letters", "weather", "feather", "waether", "waether: weather (name)" },
        { "two typos", "repository", "response", "rpositry", "rpositry: repository (name)" },
        { "beginning", "configuration", "conference", "confi", "confi: configuration (name)" },
        { "longer", "auth", "arch", "authentication2", "authentication: auth (name)" },
        { "synonym", "remove_it", "create_it", "erase", "erase: remove (name)" },
        { "one word for two", "sales_force", "sell", "salesforce", "salesforce: sales (name)" },
        { "two words for one", "dropdown", "upright", "drop down", "drop: dropdown (name)" },
        { "description", "a1\",\"description\":\"Brews coffee.", "b1", "coffee",
          "coffee (description)" },
        { "title", "a1\",\"title\":\"Brew coffee", "b1", "coffee", "coffee (title)" },
        { "parameter", "a1", "b1", "isbn", "isbn (parameter)" },
        { "text of a parameter", "a1", "b1", "book", "book (parameter)" },
        { "value of a parameter", "a1", "b1", "espresso", "espresso (parameter)" },
        { "filling words", "brew", "how_do_i", "how do I brew", "brew (name)" },
        { "only filling words", "what_to_do", "b1", "what to do", "what (name)" },
        { "no spaces", "a1\",\"description\":\"天气预报", "b1", "天气", "天气 (description)" },
        { "the name in full", "stock_price", "stock_price_change_list", "stock price",
          "stock (name)" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        CLEANUP(buf) struct buf out = BUF(OUTPUT_MAX_BYTES);
        CLEANUP(str)
        char *tools = xasprintf(
            "[{\"name\":\"%s\",\"inputSchema\":{}},{\"name\":\"%s\",\"inputSchema\":{"
            "\"properties\":{\"isbnCode\":{\"description\":\"Of the book\"},\"how\":{\"enum\":["
            "\"espresso\"]}}}}]",
            cases[i].other, cases[i].tool);
        CLEANUP(str)
        char *path =
            xasprintf("\"path\":\"server.%.*s\"", (int)strcspn(cases[i].tool, "\""), cases[i].tool);
        struct catalogue *catalogue = of_tools("server", tools);

        assert_int_equal(search_tools(catalogue, span_of(cases[i].query), 1, &out, NULL), 0);
        if (!strstr(buf_str(&out), cases[i].matched) || !strstr(buf_str(&out), path))
            fail_msg("%s: '%s' finds %s", cases[i].rule, cases[i].query, buf_str(&out));
        catalogue_unref(catalogue);
    }
}

static void answers_odd_queries(void **state)
{
    static const char *const queries[] = {
        "", " ", "?!", "\xF0\x9F\x94\xA5", "\xFF\xFE broken", "a", "the", "\x01\x02", "[\"", "._-",
    };
    struct catalogue *catalogue = sample();
    char *longest = xcalloc(1, 10001);

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(queries); i++)
        free(first_path(catalogue, queries[i]));
    for (size_t i = 0; i < 10000; i++)
        longest[i] = i % 7 ? (char)('a' + i % 26) : ' ';
    free(first_path(catalogue, longest));
    memset(longest, ' ', 10000);
    for (size_t i = 0; i < strlen("create issue"); i++)
        longest[i] = "create issue"[i];
    free(first_path(catalogue, longest));
    free(longest);
    catalogue_unref(catalogue);
}

/* Tools that match alike stay in the order of the configuration. */
static void keeps_the_order_of_equals(void **state)
{
    CLEANUP(buf) struct buf out = BUF(OUTPUT_MAX_BYTES);
    struct catalogue *catalogue =
        of_tools("server", "[{\"name\":\"brew_b\",\"inputSchema\":{}},{\"name\":\"brew_a\","
                           "\"inputSchema\":{}},{\"name\":\"brew_c\",\"inputSchema\":{}}]");
    const char *b, *a, *c;

    (void)state;
    assert_int_equal(search_tools(catalogue, SPAN("brew"), 0, &out, NULL), 0);
    b = strstr(buf_str(&out), "server.brew_b\"");
    a = strstr(buf_str(&out), "server.brew_a\"");
    c = strstr(buf_str(&out), "server.brew_c\"");
    assert_true(b && a && c && b < a && a < c);
    catalogue_unref(catalogue);
}

/* Of a tool with too many words the last are left out; another that says the same has them. */
static void limits_the_words_of_a_tool(void **state)
{
    static const char said[] = "\"inputSchema\":{\"properties\":{\"p\":{\"description\":"
                               "\"one two three four five six seven eight zebra\"}}}";
    CLEANUP(buf) struct buf tools = BUF(OUTPUT_MAX_BYTES);
    struct catalogue *catalogue;
    char *path;

    (void)state;
    buf_add_str(&tools, "[{\"name\":\"long\",\"description\":\"");
    for (size_t i = 0; i < 1992; i++)
        buf_add_str(&tools, "filler ");
    buf_printf(&tools, "\",%s},{\"name\":\"short\",%s}]", said, said);
    catalogue = of_tools("server", buf_str(&tools));
    path = first_path(catalogue, "three");
    assert_string_equal(path, "server.long");
    free(path);
    path = first_path(catalogue, "zebra");
    assert_string_equal(path, "server.short");
    free(path);
    catalogue_unref(catalogue);
}

static void limits_and_repeats_results(void **state)
{
    CLEANUP(buf) struct buf first = BUF(OUTPUT_MAX_BYTES);
    CLEANUP(buf) struct buf second = BUF(OUTPUT_MAX_BYTES);
    struct catalogue *catalogue = sample(), *other = sample();

    (void)state;
    assert_int_equal(search_tools(catalogue, SPAN("path repository"), 2, &first, NULL), 0);
    assert_int_equal(json_count(buf_span(&first)), 2);
    assert_int_equal(search_tools(other, SPAN("path repository"), 2, &second, NULL), 0);
    assert_string_equal(buf_str(&first), buf_str(&second));
    catalogue_unref(catalogue);
    catalogue_unref(other);
}

static void tells_what_matched(void **state)
{
    CLEANUP(buf) struct buf out = BUF(OUTPUT_MAX_BYTES);
    struct catalogue *catalogue = sample();

    (void)state;
    assert_int_equal(search_tools(catalogue, SPAN("read zebra file"), 1, &out, NULL), 0);
    assert_string_equal(buf_str(&out),
                        "[{\"path\":\"my_files.read_file\",\"signature\":\"my_files.read_file("
                        "input: { path: string }): Promise<any>\",\"description\":\"Read the "
                        "contents of a file\",\"matched\":[\"read (name)\",\"file (name)\"]}]");
    catalogue_unref(catalogue);
}

/* The decoded description of a path. */
static char *described(const struct catalogue *catalogue, const char *path)
{
    CLEANUP(buf) struct buf out = BUF(OUTPUT_MAX_BYTES);
    struct err err = ERR_INIT;

    if (search_describe(catalogue, span_of(path), NULL, &out, &err) < 0)
        fail_msg("%s", err.text);
    return json_dup_string(buf_span(&out), OUTPUT_MAX_BYTES);
}

static bool say_policy(const void *ctx, const char *server_key, struct span tool, struct buf *out)
{
    assert_string_equal(ctx, "the policy");
    buf_printf(out, "%s and %.*s */ are watched", server_key, SPAN_ARG(tool));
    return !span_is(tool, "drop_all");
}

static void tells_what_the_policy_says(void **state)
{
    const struct describe_policy policy = { say_policy, "the policy" };
    struct catalogue *catalogue = sample();
    CLEANUP(buf) struct buf out = BUF(OUTPUT_MAX_BYTES);
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(search_describe(catalogue, SPAN("github.create_issue"), &policy, &out, &err),
                     0);
    assert_non_null(strstr(buf_str(&out), "// Policy: github and create_issue"));
    buf_clear(&out);
    assert_int_equal(search_describe(catalogue, SPAN("github.drop_all"), &policy, &out, &err), -1);
    assert_int_equal(err.code, ERR_DENIED);
    assert_non_null(strstr(err.text, "github.drop_all: github and drop_all"));
    assert_int_equal(search_describe(catalogue, SPAN("github.createIsue"), &policy, &out, &err),
                     -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    catalogue_unref(catalogue);
}

static void describes_tools(void **state)
{
    static const char *const paths[] = { "github.create_issue", "create_issue",
                                         "github[\"create_issue\"]", " github.create_issue " };
    struct catalogue *catalogue = sample();

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(paths); i++) {
        char *text = described(catalogue, paths[i]);

        assert_string_equal(text, "interface Github {\n"
                                  "  /**\n"
                                  "   * Create a new issue in a repository.\n"
                                  "   * @hints changes things\n"
                                  "   */\n"
                                  "  create_issue(input: {\n"
                                  "    /** Short headline */\n"
                                  "    title: string;\n"
                                  "    labels?: string[];\n"
                                  "  }): Promise<any>;\n"
                                  "}\n"
                                  "declare const github: Github;\n"
                                  "\n"
                                  "// Example:\n"
                                  "await github.create_issue({ title: \"...\" })\n");
        free(text);
    }
    catalogue_unref(catalogue);
}

static void describes_by_any_name(void **state)
{
    static const char *const cases[][2] = {
        { "github.search.code", "search_code(input?:" },
        { "github.search_code", "@alias github[\"search.code\"]" },
        { "github[\"search.code\"]", "search_code(input?:" },
        { "my.files.read_file", "read_file(input: {" },
        { "my_files.read_file", "read_file(input: {" },
        { "my.files", "interface My_files {" },
        { "github", "listIssues(input?:" },
        { "broken", "// This server is down: it does not start" },
    };
    struct catalogue *catalogue = sample();

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        char *text = described(catalogue, cases[i][0]);

        if (!strstr(text, cases[i][1]))
            fail_msg("'%s' gives no '%s':\n%s", cases[i][0], cases[i][1], text);
        free(text);
    }
    catalogue_unref(catalogue);
}

static void suggests_the_nearest(void **state)
{
    static const char *const cases[][2] = {
        { "github.create_isue", "github.create_issue" },
        { "githb.create_issue", "github.create_issue" },
        { "createIsue", "github.create_issue" },
        { "github.read_file", "my_files.read_file" },
        { "githb", "the nearest: github" },
        { "raise an issue", "its words find: github." },
        { "github.open_new_issue", "github.create_issue" },
        { "nothing.like.it", "mcp.search" },
    };
    struct catalogue *catalogue = sample();

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        CLEANUP(buf) struct buf out = BUF(OUTPUT_MAX_BYTES);
        struct err err = ERR_INIT;

        assert_int_equal(search_describe(catalogue, span_of(cases[i][0]), NULL, &out, &err), -1);
        assert_int_equal(err.code, ERR_NOT_FOUND);
        if (!strstr(err.text, cases[i][1]))
            fail_msg("'%s': %s", cases[i][0], err.text);
    }
    catalogue_unref(catalogue);
}

static void lists_servers(void **state)
{
    CLEANUP(buf) struct buf out = BUF(OUTPUT_MAX_BYTES);
    struct catalogue *catalogue = sample();

    (void)state;
    assert_int_equal(search_servers(catalogue, &out, NULL), 0);
    assert_int_equal(json_check(buf_span(&out), 0, NULL), 0);
    assert_int_equal(json_count(buf_span(&out)), 3);
    assert_non_null(strstr(buf_str(&out), "\"name\":\"my.files\",\"identifier\":\"my_files\""));
    assert_non_null(strstr(buf_str(&out), "\"state\":\"down\",\"problem\":\"it does not start\""));
    catalogue_unref(catalogue);
}

static void join_words(void *ctx, const char *word, size_t len, struct span shown)
{
    (void)shown;
    buf_printf(ctx, "%.*s ", (int)len, word);
}

static void folds_words(void **state)
{
    static const char *const cases[][2] = {
        { "createIssue", "creat issu " },
        { "HTTPServer get_URLs", "http server get url " },
        { "queries boxes classes status", "query box class status " },
        { "running stopped created", "run stop creat " },
        { "translate translations translating", "transl transl transl " },
        { "deployment deployed deploy", "deploy deploy deploy " },
        { "invite invitation", "invit invit " },
        { "create creation", "creat creat " },
        { "attendance attended", "attend attend " },
        { "v2 2fa", "v 2 2 fa " },
        { "日本語 text", "日本 本語 語 text " },
        { "--- ", "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        CLEANUP(buf) struct buf out = BUF(1000);

        search_words(span_of(cases[i][0]), join_words, &out);
        assert_string_equal(buf_str(&out), cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_tools),
        cmocka_unit_test(limits_and_repeats_results),
        cmocka_unit_test(limits_the_words_of_a_tool),
        cmocka_unit_test(tells_what_matched),
        cmocka_unit_test(describes_tools),
        cmocka_unit_test(tells_what_the_policy_says),
        cmocka_unit_test(describes_by_any_name),
        cmocka_unit_test(suggests_the_nearest),
        cmocka_unit_test(lists_servers),
        cmocka_unit_test(folds_words),
        cmocka_unit_test(forgives),
        cmocka_unit_test(answers_odd_queries),
        cmocka_unit_test(keeps_the_order_of_equals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Correct programs, in the styles models write them, find no fault: those of
 * tests/fixtures/programs over the catalogues of tests/fixtures/catalogues.
 * With MCPFOLD_CORPUS, all servers of its folder "public" are there as well.
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

#include "base/fd.h"
#include "base/limits.h"
#include "tests/unit/proxy/check/harness.h"

#define PROGRAMS     "tests/fixtures/programs"
#define CATALOGUES   "tests/fixtures/catalogues"
#define SERVERS_MAX  256
#define PROGRAMS_MIN 200
#define HEAD         "//// "

/* What the programs call the servers of the catalogues. */
static const struct {
    const char *key, *file;
} keys[] = {
    { "asana", "roychri__mcp-server-asana.json" },
    { "brightdata", "brightdata__mcp.json" },
    { "clarity", "microsoft__clarity-mcp-server.json" },
    { "cortex", "temporal-cortex__cortex-mcp-linux-x64.json" },
    { "drawio", "drawio-mcp-server.json" },
    { "github", "modelcontextprotocol__server-github.json" },
    { "gitlab", "modelcontextprotocol__server-gitlab.json" },
    { "hf", "llmindset__hf-mcp-server.json" },
    { "iterable", "iterable__mcp.json" },
    { "mapbox", "mapbox__mcp-devkit-server.json" },
    { "notion", "notionhq__notion-mcp-server.json" },
    { "playwright", "playwright__mcp.json" },
    { "pubmed", "cyanheads__pubmed-mcp-server.json" },
    { "recipes", "howtocook-mcp.json" },
    { "runpod", "runpod__mcp-server.json" },
    { "salesforce", "salesforce__mcp.json" },
    { "semiotic", "semiotic.json" },
    { "time", "snapshot__livemcp__time.json" },
    { "transloadit", "transloadit__mcp-server.json" },
    { "xero", "xeroapi__xero-mcp-server.json" },
};

struct servers {
    struct catalogue_server *list[SERVERS_MAX];
    size_t count;
};

static void
add_server(struct servers *servers, const char *folder, const char *file, const char *key)
{
    CLEANUP(str) char *path = xasprintf("%s/%s", folder, file);
    struct err err = ERR_INIT;
    struct catalogue_server *server = catalogue_server_load(path, key, &err);

    if (!server)
        fail_msg("%s: %s", path, err.text);
    assert_true(servers->count < SERVERS_MAX);
    servers->list[servers->count++] = server;
}

static bool is_fixture(const char *file)
{
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
        if (strcmp(keys[i].file, file) == 0)
            return true;
    }
    return false;
}

/* Adds the servers of a folder that are not among the fixtures, by the names of their files. */
static void add_corpus(struct servers *servers, const char *corpus)
{
    CLEANUP(str) char *folder = xasprintf("%s/public", corpus);
    DIR *entries = opendir(folder);
    struct dirent *entry;

    if (!entries)
        fail_msg("%s cannot be read", folder);
    while ((entry = readdir(entries)) != NULL) {
        size_t len = strlen(entry->d_name);

        if (len < 6 || strcmp(entry->d_name + len - 5, ".json") != 0 || is_fixture(entry->d_name))
            continue;
        CLEANUP(str) char *key = xasprintf("corpus-%.*s", (int)(len - 5), entry->d_name);
        add_server(servers, folder, entry->d_name, key);
    }
    closedir(entries);
}

static int set_up(void **state)
{
    struct servers servers = { .count = 0 };
    const char *corpus = getenv("MCPFOLD_CORPUS");

    for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
        add_server(&servers, CATALOGUES, keys[i].file, keys[i].key);
    if (corpus)
        add_corpus(&servers, corpus);
    *state = fixture_new(catalogue_new(servers.list, servers.count, 1));
    for (size_t i = 0; i < servers.count; i++)
        catalogue_server_unref(servers.list[i]);
    print_message("%zu servers\n", servers.count);
    return 0;
}

static int tear_down(void **state)
{
    fixture_free(*state);
    return 0;
}

/* Prints what is said of a program.  Returns whether anything was. */
static bool is_blamed(struct fixture *fixture, const char *name, const char *code)
{
    struct outcome outcome = refusal(code);
    bool blamed;

    if (outcome.text.len == 0) {
        buf_done(&outcome.text);
        outcome = check_with(fixture, fixture->catalogue, code);
    }
    blamed = outcome.text.len || outcome.code_of_failure != ERR_NONE;
    if (blamed)
        print_message("%s: %d\n%s\n", name, outcome.code_of_failure, buf_str(&outcome.text));
    buf_done(&outcome.text);
    return blamed;
}

struct tally {
    unsigned checked, blamed;
};

/* Checks the programs of a file, each headed by "//// NAME". */
static void check_file(struct fixture *fixture, const char *file, struct tally *tally)
{
    CLEANUP(str) char *path = xasprintf(PROGRAMS "/%s", file);
    CLEANUP(buf) struct buf text = BUF(LIMIT_CODE_BYTES * 16);
    struct err err = ERR_INIT;
    char *at;

    if (file_read(path, &text, &err) < 0)
        fail_msg("%s", err.text);
    at = strstr(text.data, HEAD);
    while (at) {
        char *code = strchr(at, '\n') + 1;
        char *next = strstr(code, "\n" HEAD);
        CLEANUP(str) char *name = xasprintf("%s: %.*s", file, (int)(code - 1 - at), at);

        if (next)
            *next = '\0';
        tally->blamed += is_blamed(fixture, name, code);
        tally->checked++;
        at = next ? next + 1 : NULL;
    }
}

static void right_programs_find_no_fault(void **state)
{
    DIR *folder = opendir(PROGRAMS);
    struct tally tally = { .checked = 0 };
    struct dirent *entry;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        if (strstr(entry->d_name, ".ts"))
            check_file(*state, entry->d_name, &tally);
    }
    closedir(folder);
    print_message("%u programs, %u blamed\n", tally.checked, tally.blamed);
    assert_int_equal(tally.blamed, 0);
    assert_true(tally.checked >= PROGRAMS_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(right_programs_find_no_fault, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * mcp.search and the paths of mcp.describe with any bytes as the query: the
 * answer is JSON, holds no more than asked for, and is the same again.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"
#include "codegen/catalogue.h"
#include "codegen/search.h"

#define OUTPUT_MAX_BYTES ((size_t)1024 * 1024)
#define LIMIT            3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char tools[] =
    "[{\"name\":\"create_issue\",\"title\":\"New issue\",\"description\":\"Create an issue. Labels "
    "too.\",\"inputSchema\":{\"properties\":{\"repoName\":{\"description\":\"owner/name\"}}}},"
    "{\"name\":\"search.code\",\"inputSchema\":{}},{\"name\":\"delete\",\"inputSchema\":{}},"
    "{\"name\":\"天气\",\"description\":\"查询天气预报 ünïcode\",\"inputSchema\":{}},"
    "{\"name\":\"listPullRequests\",\"description\":\"List pull requests\",\"inputSchema\":{}}]";

static struct catalogue *make_catalogue(void)
{
    struct catalogue_lists lists = { .tools = SPAN(tools) };
    struct catalogue_server *servers[] = {
        catalogue_server_new("git.hub", &lists, NULL, NULL, NULL),
        catalogue_server_new("other", &lists, NULL, NULL, NULL),
        catalogue_server_absent("none", SERVER_DOWN, NULL),
    };
    struct catalogue *catalogue = catalogue_new(servers, ARRAY_COUNT(servers), 1);

    for (size_t i = 0; i < ARRAY_COUNT(servers); i++)
        catalogue_server_unref(servers[i]);
    return catalogue;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(buf) struct buf first = BUF(OUTPUT_MAX_BYTES);
    CLEANUP(buf) struct buf second = BUF(OUTPUT_MAX_BYTES);
    CLEANUP(buf) struct buf described = BUF(OUTPUT_MAX_BYTES);
    struct span query = span_make((const char *)data, size);
    struct catalogue *catalogue = make_catalogue();

    BUG_ON(search_tools(catalogue, query, LIMIT, &first, NULL) < 0);
    BUG_ON(search_tools(catalogue, query, LIMIT, &second, NULL) < 0);
    BUG_ON(json_check(buf_span(&first), 0, NULL) < 0 || json_count(buf_span(&first)) > LIMIT);
    BUG_ON(!span_equal(buf_span(&first), buf_span(&second)));
    if (search_describe(catalogue, query, NULL, &described, NULL) == 0)
        BUG_ON(json_check(buf_span(&described), 0, NULL) < 0);
    catalogue_unref(catalogue);
    return 0;
}

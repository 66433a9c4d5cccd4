#include "proxy/upstream/catalogue_builder.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/rpc/protocol.h"
#include "proxy/upstream/param_headers.h"
#include "proxy/upstream/tool_filter.h"

#define LIST_TIMEOUT_MS   60000
#define LIST_MAX_BYTES    (2u * LIMIT_RPC_MESSAGE_BYTES)
#define CURSOR_MAX_BYTES  65536
#define PROBLEM_MAX_BYTES 1024

enum list_kind { LIST_TOOLS, LIST_RESOURCES, LIST_TEMPLATES, LIST_PROMPTS, LIST_COUNT };

static const struct list_row {
    const char *method, *member;
} list_rows[LIST_COUNT] = {
    [LIST_TOOLS] = { "tools/list", "tools" },
    [LIST_RESOURCES] = { "resources/list", "resources" },
    [LIST_TEMPLATES] = { "resources/templates/list", "resourceTemplates" },
    [LIST_PROMPTS] = { "prompts/list", "prompts" },
};

struct list {
    struct catalogue_builder *builder; /* borrowed */
    const struct list_row *row;
    struct rpc_call *call; /* NULL when none is under way */
    struct buf items;      /* "[item,item" */
    struct buf cursors;    /* each cursor that was followed, as raw JSON and a line feed */
    size_t item_count, page_count;
    bool wanted, tells_changes, done;
};

struct catalogue_builder {
    struct loop *loop;             /* borrowed */
    struct connection *connection; /* borrowed */
    const char *key;               /* borrowed */
    bool isolated;                 /* isolation: session */
    struct said *said;             /* borrowed */
    catalogue_built_fn *fn;
    void *ctx;
    struct list lists[LIST_COUNT];
    struct tool_filter filter;
    struct loop_task task; /* tells the end */
    struct buf problem;    /* what is missing of the lists */
    uint64_t ttl_ms;
    bool failed;
    struct err err; /* set when the tools can't be had */
};

static void finish(void *ctx);

static void note_stop(struct list *list, const char *why)
{
    struct buf *problem = &list->builder->problem;

    buf_printf(problem, "%s%s was cut short after %zu item%s on %zu page%s: %s",
               problem->len ? "; " : "", list->row->method, list->item_count,
               list->item_count == 1 ? "" : "s", list->page_count, list->page_count == 1 ? "" : "s",
               why);
}

static void end_list(struct list *list)
{
    struct catalogue_builder *builder = list->builder;

    list->done = true;
    for (size_t i = 0; i < LIST_COUNT; i++) {
        if (builder->lists[i].wanted && !builder->lists[i].done)
            return;
    }
    loop_post(builder->loop, &builder->task, finish, builder);
}

/* MCP Apps: a tool that only the app may call is hidden from the model. */
static bool is_for_apps_only(struct span tool)
{
    struct span visibility;
    struct json_iter it;
    bool app = false;

    if (!json_get_path(tool, (const char *[]){ "_meta", "ui", "visibility", NULL }, &visibility) ||
        json_kind(visibility) != JSON_KIND_ARRAY)
        return false;
    it = json_iter(visibility);
    while (json_next(&it)) {
        if (json_string_is(it.value, "model"))
            return false;
        app = app || json_string_is(it.value, "app");
    }
    return app;
}

static void note_bad_annotation(const struct list *list, struct span tool, const struct err *err)
{
    struct span name = SPAN_NONE;

    json_get(tool, "name", &name);
    if (said_before(list->builder->said, "tool_dropped", name, err->text))
        return;
    log_warn("upstream", "tool_dropped", LOG_STR("server", list->builder->key),
             LOG_SPAN("tool", name), LOG_ERR(err));
}

static bool is_usable(const struct list *list, struct span item)
{
    struct span schema = SPAN_NONE, name = SPAN_NONE;
    struct err err = ERR_INIT;

    if (list->row != &list_rows[LIST_TOOLS])
        return true;
    json_get(item, "name", &name);
    if (is_for_apps_only(item) || !tool_filter_shows(&list->builder->filter, name))
        return false;
    if (!connection_mirrors_params(list->builder->connection))
        return true;
    json_get(item, "inputSchema", &schema);
    if (param_headers_check(schema, &err) == 0)
        return true;
    note_bad_annotation(list, item, &err);
    return false;
}

/* 0, or -1 when there is no room for more. */
static int add_items(struct list *list, struct span array)
{
    struct json_iter it = json_iter(array);

    while (json_next(&it)) {
        size_t len = list->items.len;

        if (!is_usable(list, it.value))
            continue;
        if (list->item_count >= LIMIT_CATALOGUE_TOOLS)
            return -1;
        buf_add_char(&list->items, list->item_count ? ',' : '[');
        buf_add_span(&list->items, it.value);
        if (buf_failed(&list->items)) {
            buf_truncate(&list->items, len);
            return -1;
        }
        list->item_count++;
    }
    return 0;
}

static bool was_followed(const struct list *list, struct span cursor)
{
    struct span rest = buf_span(&list->cursors);

    while (rest.len) {
        const char *end = memchr(rest.data, '\n', rest.len);
        size_t len = (size_t)(end - rest.data);

        if (span_equal(span_make(rest.data, len), cursor))
            return true;
        rest = span_skip(rest, len + 1);
    }
    return false;
}

static void ask(struct list *list, struct span cursor);

/* Follows the cursor of a page, or ends the list. */
static void go_on(struct list *list, struct span page)
{
    struct span cursor;

    if (!json_get(page, "nextCursor", &cursor) || json_kind(cursor) != JSON_KIND_STRING ||
        cursor.len <= 2) {
        end_list(list);
        return;
    }
    if (was_followed(list, cursor)) {
        note_stop(list, "its cursors go in a circle");
    } else if (list->page_count >= LIMIT_CATALOGUE_PAGES) {
        note_stop(list, "too many pages");
    } else {
        buf_add_span(&list->cursors, cursor);
        buf_add_char(&list->cursors, '\n');
        if (!buf_failed(&list->cursors)) {
            ask(list, cursor);
            return;
        }
        note_stop(list, "its cursors are too long");
    }
    end_list(list);
}

/* A time that is not named, or is no time, counts as none; so does 0 where the server tells of
 * changes, which makes asking needless. */
static void note_ttl(const struct list *list, struct span page)
{
    struct catalogue_builder *builder = list->builder;
    struct span value;
    int64_t ttl_ms;

    if (connection_era(builder->connection) != ERA_MODERN || !json_get(page, "ttlMs", &value) ||
        !json_int64(value, &ttl_ms) || ttl_ms < 0 || (ttl_ms == 0 && list->tells_changes))
        return;
    if ((uint64_t)ttl_ms < builder->ttl_ms)
        builder->ttl_ms = (uint64_t)ttl_ms;
}

static void on_page(void *ctx, struct span page)
{
    struct list *list = ctx;
    struct span array = SPAN_NONE;

    list->call = NULL;
    list->page_count++;
    note_ttl(list, page);
    json_get(page, list->row->member, &array);
    if (add_items(list, array) < 0) {
        note_stop(list, "too long");
        end_list(list);
        return;
    }
    go_on(list, page);
}

static void on_page_error(void *ctx, const struct rpc_failure *failure)
{
    struct list *list = ctx;
    bool unknown = failure->err->code == ERR_REMOTE && failure->code == RPC_METHOD_NOT_FOUND;

    list->call = NULL;
    if (list->page_count || !unknown) {
        note_stop(list, failure->err->text);
        list->builder->failed = true;
    }
    if (list->row == &list_rows[LIST_TOOLS] && !unknown && !list->page_count) {
        list->builder->err = *failure->err;
        err_in(&list->builder->err, "%s failed", list->row->method);
    }
    end_list(list);
}

static void ask(struct list *list, struct span cursor)
{
    static const struct rpc_call_events events = { .on_result = on_page,
                                                   .on_error = on_page_error };
    CLEANUP(buf) struct buf params = BUF(CURSOR_MAX_BYTES + 64);
    struct rpc_request request = { .method = list->row->method, .timeout_ms = LIST_TIMEOUT_MS };

    buf_add_char(&params, '{');
    if (cursor.len)
        json_write_member_raw(&params, "cursor", cursor);
    buf_add_char(&params, '}');
    request.params = buf_span(&params);
    list->call = connection_call(list->builder->connection, &request, &events, list);
}

static struct span list_array(struct list *list)
{
    if (!list->item_count)
        return SPAN_NONE;
    buf_add_char(&list->items, ']');
    return buf_span(&list->items);
}

static uint64_t digest_of(const struct catalogue_builder *builder,
                          const struct catalogue_lists *lists,
                          const struct server_info *info)
{
    const struct span texts[] = {
        lists->tools,
        lists->resources,
        lists->templates,
        lists->prompts,
        span_of(info->title),
        span_of(info->version),
        span_of(info->instructions),
        buf_span(&builder->problem),
    };
    uint64_t digest = DIGEST_START;

    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        digest = digest_mix(digest, texts[i]);
    return digest;
}

static void note_skip(void *ctx, const char *item, const char *why)
{
    struct catalogue_builder *builder = ctx;

    if (said_before(builder->said, "item_skipped", span_of(item), why))
        return;
    log_warn("upstream", "item_skipped", LOG_STR("server", builder->key), LOG_STR("item", item),
             LOG_STR("why", why));
}

static void describe(const struct catalogue_builder *builder,
                     struct catalogue_server *server,
                     const struct server_info *info)
{
    server->state = SERVER_READY;
    server->isolated = builder->isolated;
    if (builder->problem.len)
        server->problem = xstrdup(buf_str(&builder->problem));
    server->title = xstrdup(info->title);
    server->version = xstrdup(info->version);
    server->instructions = xstrdup(info->instructions);
    if (catalogue_server_set_code_tool_apart(server))
        log_info("upstream", "code_server", LOG_STR("server", server->key),
                 LOG_STR("tool", server->code_tool->name),
                 LOG_STR("message", "runs code itself: its tool is passed through to clients"));
}

static void finish(void *ctx)
{
    struct catalogue_builder *builder = ctx;
    const struct server_info *info = connection_info(builder->connection);
    struct catalogue_lists lists = {
        .tools = list_array(&builder->lists[LIST_TOOLS]),
        .resources = list_array(&builder->lists[LIST_RESOURCES]),
        .templates = list_array(&builder->lists[LIST_TEMPLATES]),
        .prompts = list_array(&builder->lists[LIST_PROMPTS]),
    };
    struct catalogue_built built = { .ttl_ms = builder->ttl_ms, .failed = builder->failed };

    if (builder->err.code == ERR_NONE)
        built.server =
            catalogue_server_new(builder->key, &lists, note_skip, builder, &builder->err);
    if (built.server) {
        describe(builder, built.server, info);
        tool_filter_warn_of_unused(&builder->filter);
        built.digest = digest_of(builder, &lists, info);
    }
    builder->fn(builder->ctx, &built, built.server ? NULL : &builder->err);
}

struct catalogue_builder *catalogue_builder_new(struct loop *loop,
                                                struct connection *connection,
                                                const struct server_config *server,
                                                struct said *said,
                                                catalogue_built_fn *fn,
                                                void *ctx)
{
    struct catalogue_builder *builder = NEW(struct catalogue_builder);
    const struct server_info *info = connection_info(connection);
    const struct server_list offers[LIST_COUNT] = { info->tools, info->resources, info->resources,
                                                    info->prompts };

    builder->loop = loop;
    builder->connection = connection;
    builder->key = server->key;
    builder->isolated = server->isolation == ISOLATION_SESSION;
    builder->filter = tool_filter_make(server);
    builder->said = said;
    builder->ttl_ms = UINT64_MAX;
    buf_init(&builder->problem, PROBLEM_MAX_BYTES);
    builder->fn = fn;
    builder->ctx = ctx;
    for (size_t i = 0; i < LIST_COUNT; i++) {
        struct list *list = &builder->lists[i];

        list->builder = builder;
        list->row = &list_rows[i];
        list->wanted = offers[i].offered;
        list->tells_changes = offers[i].tells_changes;
        buf_init(&list->items, LIST_MAX_BYTES);
        buf_init(&list->cursors, LIST_MAX_BYTES);
        if (list->wanted)
            ask(list, SPAN_NONE);
    }
    return builder;
}

static void free_builder(void *object)
{
    struct catalogue_builder *builder = object;

    buf_done(&builder->problem);
    for (size_t i = 0; i < LIST_COUNT; i++) {
        buf_done(&builder->lists[i].items);
        buf_done(&builder->lists[i].cursors);
    }
    tool_filter_done(&builder->filter);
    free(builder);
}

void catalogue_builder_free(struct catalogue_builder *builder)
{
    if (!builder)
        return;
    loop_unpost(builder->loop, &builder->task);
    for (size_t i = 0; i < LIST_COUNT; i++) {
        if (builder->lists[i].call)
            rpc_call_abandon(builder->lists[i].call);
    }
    loop_reap(builder->loop, builder, free_builder);
}

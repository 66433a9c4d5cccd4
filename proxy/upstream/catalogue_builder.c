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

#define LIST_TIMEOUT_MS  60000
#define LIST_MAX_BYTES   (2u * LIMIT_RPC_MESSAGE_BYTES)
#define CURSOR_MAX_BYTES 65536
#define FNV_START        0xcbf29ce484222325u
#define FNV_PRIME        0x100000001b3u

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
    bool wanted, done;
};

struct catalogue_builder {
    struct loop *loop;             /* borrowed */
    struct connection *connection; /* borrowed */
    const char *key;               /* borrowed */
    catalogue_built_fn *fn;
    void *ctx;
    struct list lists[LIST_COUNT];
    struct tool_filter filter;
    struct loop_task task; /* tells the end */
    struct err err;        /* set when the tools can't be had */
};

static void finish(void *ctx);

static void note_stop(const struct list *list, const char *why)
{
    log_warn("upstream", "list_cut_short", LOG_STR("server", list->builder->key),
             LOG_STR("method", list->row->method), LOG_STR("why", why),
             LOG_INT("items", list->item_count), LOG_INT("pages", list->page_count));
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

static void on_page(void *ctx, struct span page)
{
    struct list *list = ctx;
    struct span array = SPAN_NONE;

    list->call = NULL;
    list->page_count++;
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
    log_info("upstream", "list_failed", LOG_STR("server", list->builder->key),
             LOG_STR("method", list->row->method), LOG_ERR(failure->err));
    if (list->row == &list_rows[LIST_TOOLS] && !unknown) {
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

static uint64_t mix(uint64_t digest, struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        digest = (digest ^ (unsigned char)text.data[i]) * FNV_PRIME;
    return (digest ^ text.len) * FNV_PRIME;
}

static uint64_t digest_of(const struct catalogue_lists *lists, const struct server_info *info)
{
    const struct span texts[] = {
        lists->tools,
        lists->resources,
        lists->templates,
        lists->prompts,
        span_of(info->title),
        span_of(info->version),
        span_of(info->instructions),
    };
    uint64_t digest = FNV_START;

    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        digest = mix(digest, texts[i]);
    return digest;
}

static void note_skip(void *ctx, const char *item, const char *why)
{
    struct catalogue_builder *builder = ctx;

    log_warn("upstream", "item_skipped", LOG_STR("server", builder->key), LOG_STR("item", item),
             LOG_STR("why", why));
}

static void describe(struct catalogue_server *server, const struct server_info *info)
{
    server->state = SERVER_READY;
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
    struct catalogue_server *server = NULL;

    if (builder->err.code == ERR_NONE)
        server = catalogue_server_new(builder->key, &lists, note_skip, builder, &builder->err);
    if (server) {
        describe(server, info);
        tool_filter_warn_of_unused(&builder->filter);
    }
    builder->fn(builder->ctx, server, digest_of(&lists, info), server ? NULL : &builder->err);
}

struct catalogue_builder *catalogue_builder_new(struct loop *loop,
                                                struct connection *connection,
                                                const struct server_config *server,
                                                catalogue_built_fn *fn,
                                                void *ctx)
{
    struct catalogue_builder *builder = NEW(struct catalogue_builder);
    const struct server_info *info = connection_info(connection);
    const bool wanted[LIST_COUNT] = { info->tools.offered, info->resources.offered,
                                      info->resources.offered, info->prompts.offered };

    builder->loop = loop;
    builder->connection = connection;
    builder->key = server->key;
    builder->filter = tool_filter_make(server);
    builder->fn = fn;
    builder->ctx = ctx;
    for (size_t i = 0; i < LIST_COUNT; i++) {
        struct list *list = &builder->lists[i];

        list->builder = builder;
        list->row = &list_rows[i];
        list->wanted = wanted[i];
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

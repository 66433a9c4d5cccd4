/*
 * The operations that a script may ask for: one row each in the table at the
 * end.  An operation reads its members, looks its names up in the execution's
 * catalogue and answers, or hands a request to the queue.
 *
 * A want_...() that returns nothing has refused the call, which is gone then.
 */
#include "base/json.h"
#include "codegen/search.h"
#include "proxy/exec/broker_internal.h"
#include "proxy/exec/policy.h"
#include "proxy/exec/result_unwrap.h"

#define NEAREST_MAX     3
#define QUERY_MAX_BYTES 2048
#define URI_MAX_BYTES   8192
#define TEXT_MAX_BYTES  4096

static void refuse_err(struct host_call *call, enum exec_kind kind, const struct err *err)
{
    broker_refuse_text(call, kind, err->text);
}

/* --- names ---------------------------------------------------------------- */

static const struct catalogue_server *find_server(const struct catalogue *catalogue,
                                                  const char *name)
{
    const struct catalogue_server *server = catalogue_find(catalogue, span_of(name));

    for (size_t i = 0; !server && i < catalogue->server_count; i++) {
        if (strcmp(catalogue->servers[i]->identifier, name) == 0)
            server = catalogue->servers[i];
    }
    return server;
}

static void refuse_unknown_server(struct host_call *call)
{
    const struct catalogue *catalogue = call->broker->catalogue;
    CLEANUP(buf) struct buf text = BUF(TEXT_MAX_BYTES);

    buf_printf(&text, "there is no server \"%s\"; the servers are: ", call->server);
    for (size_t i = 0; i < catalogue->server_count; i++)
        buf_printf(&text, "%s%s", i ? ", " : "", catalogue->servers[i]->key);
    if (catalogue->server_count == 0)
        buf_add_str(&text, "none");
    broker_refuse_text(call, KIND_UNKNOWN_SERVER, buf_str(&text));
}

static void refuse_down(struct host_call *call, const struct catalogue_server *server)
{
    CLEANUP(buf) struct buf text = BUF(TEXT_MAX_BYTES);

    buf_printf(&text, "server \"%s\" is %s", server->key,
               server->state == SERVER_CONNECTING ? "still connecting" : "not available");
    if (server->problem)
        buf_printf(&text, ": %s", server->problem);
    broker_refuse(
        call, OUTCOME_FAILED,
        &(struct host_error){ .kind = KIND_SERVER_UNAVAILABLE, .message = buf_span(&text) });
}

/* The server that the call names, in a state to be asked; NULL when the call was refused. */
static const struct catalogue_server *want_server(struct host_call *call)
{
    const struct catalogue_server *server;

    if (!call->server) {
        broker_refuse_text(call, KIND_INVALID_CALL, "the name of a server is needed: a string");
        return NULL;
    }
    server = find_server(call->broker->catalogue, call->server);
    if (!server) {
        refuse_unknown_server(call);
        return NULL;
    }
    if (server->state != SERVER_READY) {
        refuse_down(call, server);
        return NULL;
    }
    free(call->server);
    call->server = xstrdup(server->key);
    ledger_name(&call->broker->ledger, call->entry, server->key, call->tool, EFFECT_READS);
    return server;
}

static void refuse_unknown_tool(struct host_call *call, const struct catalogue_server *server)
{
    CLEANUP(buf) struct buf text = BUF(TEXT_MAX_BYTES), near = BUF(TEXT_MAX_BYTES / 2);

    if (!policy_say(call->broker->config, server->key, span_of(call->tool), &text)) {
        broker_refuse_text(call, KIND_POLICY_DENIED, buf_str(&text));
        return;
    }
    buf_clear(&text);
    search_nearest(call->broker->catalogue, span_of(server->key), span_of(call->tool), NEAREST_MAX,
                   &near);
    buf_printf(&text, "server \"%s\" has no tool \"%s\"", server->key, call->tool);
    if (near.len)
        buf_printf(&text, "; did you mean %s?", buf_str(&near));
    else
        buf_printf(&text, "; it has %zu tools", server->tool_count);
    if (server->isolated)
        buf_add_str(&text, " " CATALOGUE_ISOLATED_HINT);
    broker_refuse_text(call, KIND_UNKNOWN_TOOL, buf_str(&text));
}

static const struct tool *want_tool(struct host_call *call, const struct catalogue_server *server)
{
    const struct tool *tool;

    if (!call->tool) {
        broker_refuse_text(call, KIND_INVALID_CALL, "the name of a tool is needed: a string");
        return NULL;
    }
    tool = catalogue_find_tool(server, span_of(call->tool));
    if (!tool) {
        refuse_unknown_tool(call, server);
        return NULL;
    }
    free(call->tool);
    call->tool = xstrdup(tool->name);
    ledger_name(&call->broker->ledger, call->entry, server->key, tool->name, ledger_effect(tool));
    return tool;
}

/* --- members of a call ---------------------------------------------------- */

/* The arguments: one object, `{}` when there are none.  False when the call was refused. */
static bool want_arguments(struct host_call *call, struct span *ret_arguments)
{
    uint64_t max = call->broker->config->limits.argument_bytes;

    if (!json_get(call->json, "args", ret_arguments) || json_kind(*ret_arguments) == JSON_KIND_NULL)
        *ret_arguments = SPAN("{}");
    if (json_kind(*ret_arguments) != JSON_KIND_OBJECT) {
        broker_refuse_text(call, KIND_INVALID_CALL,
                           "a tool takes one object of named arguments, as in "
                           "server.tool({ name: value })");
        return false;
    }
    if (ret_arguments->len <= max)
        return true;
    broker_refuse_limit(call, KIND_ARGUMENT_LIMIT, "the arguments of this call are too large",
                        "argument", max);
    return false;
}

/* The `_meta` that the script gives, if any.  False when the call was refused. */
static bool want_meta(struct host_call *call)
{
    struct span meta;

    if (!json_get(call->json, "meta", &meta))
        return true;
    if (json_kind(meta) != JSON_KIND_OBJECT) {
        broker_refuse_text(call, KIND_INVALID_CALL, "`meta` of a call must be an object");
        return false;
    }
    if (buf_add_span(&call->meta, meta) == 0)
        return true;
    broker_refuse_text(call, KIND_ARGUMENT_LIMIT, "`meta` of a call is larger than META_BYTES");
    return false;
}

/* A string member of the call; NULL when the call was refused. */
static char *want_string(struct host_call *call, const char *name, size_t max_bytes)
{
    struct span value;
    char *text = NULL, *message;

    if (json_get(call->json, name, &value))
        text = json_dup_string(value, max_bytes);
    if (text)
        return text;
    message = xasprintf("`%s` is needed: a string of at most %zu bytes", name, max_bytes);
    broker_refuse_text(call, KIND_INVALID_CALL, message);
    free(message);
    return NULL;
}

/* The server's own deadline or the general one, lowered by what the call asks for. */
static void choose_timeout(struct host_call *call)
{
    const struct config *config = call->broker->config;
    const struct server_config *server = config_find_server(config, call->server);
    bool own = server && server->timeout_ms;
    struct span value;
    double asked;

    call->timeout_ms = own ? server->timeout_ms : config->limits.call_ms;
    call->timeout_by = own ? TIMEOUT_OF_SERVER : TIMEOUT_OF_LIMITS;
    if (json_get(call->json, "timeout_ms", &value) && json_double(value, &asked) && asked >= 1 &&
        asked < (double)call->timeout_ms) {
        call->timeout_ms = (uint64_t)asked;
        call->timeout_by = TIMEOUT_OF_CALL;
    }
}

/* --- tool ----------------------------------------------------------------- */

static void start_tool(struct host_call *call)
{
    const struct catalogue_server *server = want_server(call);
    const struct tool *tool = server ? want_tool(call, server) : NULL;
    struct span arguments, raw;

    if (!tool || !want_arguments(call, &arguments) || !want_meta(call))
        return;
    if (json_get(call->json, "raw", &raw))
        json_bool(raw, &call->raw);
    if (!call->raw)
        call->learn_from = tool;
    choose_timeout(call);
    buf_add_char(&call->params, '{');
    json_write_member_string(&call->params, "name", span_of(tool->name));
    json_write_member_raw(&call->params, "arguments", arguments);
    buf_add_char(&call->params, '}');
    broker_enqueue(call, "tools/call");
}

static int whole_result(struct span result, struct buf *out, struct err *err)
{
    if (json_kind(result) != JSON_KIND_OBJECT)
        return err_set(err, ERR_PROTOCOL, "the server's result is no object");
    buf_add_span(out, result);
    return buf_check(out, "the reply to a host call", err);
}

static int finish_tool(
    struct host_call *call, struct span result, struct buf *out, bool *ret_ok, struct err *err)
{
    if (call->raw)
        return whole_result(result, out, err);
    return result_unwrap(result, span_of(call->server), span_of(call->tool), out, ret_ok, err);
}

/* --- resources and prompts ------------------------------------------------ */

static int finish_whole(
    struct host_call *call, struct span result, struct buf *out, bool *ret_ok, struct err *err)
{
    (void)call;
    *ret_ok = true;
    return whole_result(result, out, err);
}

static void start_resource_read(struct host_call *call)
{
    const struct catalogue_server *server = want_server(call);
    CLEANUP(str) char *uri = server ? want_string(call, "uri", URI_MAX_BYTES) : NULL;

    if (!uri)
        return;
    choose_timeout(call);
    buf_add_char(&call->params, '{');
    json_write_member_string(&call->params, "uri", span_of(uri));
    buf_add_char(&call->params, '}');
    broker_enqueue(call, "resources/read");
}

static void start_prompt_get(struct host_call *call)
{
    const struct catalogue_server *server = want_server(call);
    CLEANUP(str) char *name = server ? want_string(call, "name", LIMIT_TOOL_NAME_BYTES) : NULL;
    struct span arguments;

    if (!name || !want_arguments(call, &arguments))
        return;
    choose_timeout(call);
    buf_add_char(&call->params, '{');
    json_write_member_string(&call->params, "name", span_of(name));
    json_write_member_raw(&call->params, "arguments", arguments);
    buf_add_char(&call->params, '}');
    broker_enqueue(call, "prompts/get");
}

/* --- completion ------------------------------------------------------------ */

/* A member that goes to the server as it is; false when the call was refused. */
static bool want_object(struct host_call *call, const char *name, struct span *ret)
{
    CLEANUP(str) char *message = NULL;

    if (json_get(call->json, name, ret) && json_kind(*ret) == JSON_KIND_OBJECT)
        return true;
    message = xasprintf("`%s` is needed: an object", name);
    broker_refuse_text(call, KIND_INVALID_CALL, message);
    return false;
}

static void start_complete(struct host_call *call)
{
    struct span ref, argument, context;

    if (!want_server(call) || !want_object(call, "ref", &ref) ||
        !want_object(call, "argument", &argument))
        return;
    choose_timeout(call);
    buf_add_char(&call->params, '{');
    json_write_member_raw(&call->params, "ref", ref);
    json_write_member_raw(&call->params, "argument", argument);
    if (json_get(call->json, "context", &context))
        json_write_member_raw(&call->params, "context", context);
    buf_add_char(&call->params, '}');
    broker_enqueue(call, "completion/complete");
}

static int finish_complete(
    struct host_call *call, struct span result, struct buf *out, bool *ret_ok, struct err *err)
{
    struct span completion;

    (void)call;
    *ret_ok = true;
    if (!json_get(result, "completion", &completion) || json_kind(completion) != JSON_KIND_OBJECT)
        return err_set(err, ERR_PROTOCOL, "the server's result has no completion");
    buf_add_span(out, completion);
    return buf_check(out, "the reply to a host call", err);
}

/* --- lists ---------------------------------------------------------------- */

/* One list of a server in the catalogue, which holds all pages of it. */
struct definitions {
    size_t count;
    const char *(*at)(const struct catalogue_server *server, size_t index);
};

typedef struct definitions definitions_fn(const struct catalogue_server *server);

static const char *resource_at(const struct catalogue_server *server, size_t index)
{
    return server->resources[index].definition;
}

static struct definitions resources_of(const struct catalogue_server *server)
{
    return (struct definitions){ server->resource_count, resource_at };
}

static const char *template_at(const struct catalogue_server *server, size_t index)
{
    return server->templates[index].definition;
}

static struct definitions templates_of(const struct catalogue_server *server)
{
    return (struct definitions){ server->template_count, template_at };
}

static const char *prompt_at(const struct catalogue_server *server, size_t index)
{
    return server->prompts[index].definition;
}

static struct definitions prompts_of(const struct catalogue_server *server)
{
    return (struct definitions){ server->prompt_count, prompt_at };
}

/* The objects as the server sent them; with `named`, each says its server as its last member. */
static void write_definitions(const struct catalogue_server *server,
                              definitions_fn *list,
                              bool named,
                              struct buf *out)
{
    struct definitions definitions = list(server);

    for (size_t i = 0; i < definitions.count; i++) {
        struct span object = span_trim(span_of(definitions.at(server, i)));

        json_write_comma(out);
        buf_add(out, object.data, named ? object.len - 1 : object.len);
        if (named) {
            json_write_member_string(out, "server", span_of(server->key));
            buf_add_char(out, '}');
        }
    }
}

/* Answers with a list of the server that the call names, or of all servers when it names none. */
static void answer_list(struct host_call *call, definitions_fn *list)
{
    const struct catalogue *catalogue = call->broker->catalogue;
    CLEANUP(buf) struct buf out = BUF(call->broker->config->limits.reply_bytes);
    struct span named;
    bool one = json_get(call->json, "server", &named);
    const struct catalogue_server *server = one ? want_server(call) : NULL;
    struct err err = ERR_INIT;

    if (one && !server)
        return;
    buf_add_char(&out, '[');
    if (one)
        write_definitions(server, list, false, &out);
    for (size_t i = 0; !one && i < catalogue->server_count; i++)
        write_definitions(catalogue->servers[i], list, true, &out);
    buf_add_char(&out, ']');
    if (buf_check(&out, "the list", &err) < 0)
        refuse_err(call, KIND_REPLY_LIMIT, &err);
    else
        broker_answer(call, buf_span(&out));
}

static void start_resources(struct host_call *call)
{
    answer_list(call, resources_of);
}

static void start_templates(struct host_call *call)
{
    answer_list(call, templates_of);
}

static void start_prompts(struct host_call *call)
{
    answer_list(call, prompts_of);
}

/* --- discovery and kept results ------------------------------------------- */

/* Answers with what was written, or refuses with err. */
static void
answer_or_refuse(struct host_call *call, int result, const struct buf *out, const struct err *err)
{
    if (result == 0)
        broker_answer(call, buf_span(out));
    else
        refuse_err(call,
                   err->code == ERR_LIMIT    ? KIND_REPLY_LIMIT
                   : err->code == ERR_DENIED ? KIND_POLICY_DENIED
                                             : KIND_NOT_FOUND,
                   err);
}

static void start_search(struct host_call *call)
{
    CLEANUP(buf) struct buf out = BUF(call->broker->config->limits.reply_bytes);
    CLEANUP(str) char *query = want_string(call, "query", QUERY_MAX_BYTES);
    struct err err = ERR_INIT;
    int64_t limit = SEARCH_LIMIT_DEFAULT;
    struct span value;

    if (!query)
        return;
    if (json_get(call->json, "limit", &value) && (!json_int64(value, &limit) || limit < 1))
        limit = SEARCH_LIMIT_DEFAULT;
    if (limit > SEARCH_LIMIT_MAX)
        limit = SEARCH_LIMIT_MAX;
    answer_or_refuse(
        call, search_tools(call->broker->catalogue, span_of(query), (size_t)limit, &out, &err),
        &out, &err);
}

static void start_describe(struct host_call *call)
{
    CLEANUP(buf) struct buf out = BUF(call->broker->config->limits.reply_bytes);
    const struct describe_policy policy = { policy_say, call->broker->config };
    CLEANUP(str) char *path = want_string(call, "path", QUERY_MAX_BYTES);
    struct err err = ERR_INIT;

    if (path)
        answer_or_refuse(
            call, search_describe(call->broker->catalogue, span_of(path), &policy, &out, &err),
            &out, &err);
}

static void start_servers(struct host_call *call)
{
    CLEANUP(buf) struct buf out = BUF(call->broker->config->limits.reply_bytes);
    struct err err = ERR_INIT;

    answer_or_refuse(call, search_servers(call->broker->catalogue, &out, &err), &out, &err);
}

static void start_open(struct host_call *call)
{
    CLEANUP(str) char *uri = want_string(call, "uri", KEPT_URI_BYTES + 64);
    struct err err = ERR_INIT;
    struct span value;

    if (!uri)
        return;
    if (kept_value(call->broker->kept, span_of(uri), &value, &err) < 0)
        refuse_err(call, KIND_NOT_FOUND, &err);
    else
        broker_answer(call, value);
}

static const struct broker_op operations[] = {
    { "tool", start_tool, finish_tool },
    { "search", start_search, NULL },
    { "describe", start_describe, NULL },
    { "servers", start_servers, NULL },
    { "resources", start_resources, NULL },
    { "templates", start_templates, NULL },
    { "resource_read", start_resource_read, finish_whole },
    { "prompts", start_prompts, NULL },
    { "prompt_get", start_prompt_get, finish_whole },
    { "complete", start_complete, finish_complete },
    { "open", start_open, NULL },
};

const struct broker_op *broker_op_find(struct span name_json)
{
    for (size_t i = 0; i < ARRAY_COUNT(operations); i++) {
        if (json_string_is(name_json, operations[i].name))
            return &operations[i];
    }
    return NULL;
}

#include "proxy/upstream/ask.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "proxy/rpc/message.h"
#include "proxy/rpc/protocol.h"
#include "proxy/upstream/ask_private.h"

/* What a person is told who did not allow it (2025-11-25, client/sampling "Error Handling"). */
#define USER_REJECTED (-1)

static const char *const methods[ASK_KINDS] = {
    [ASK_ELICIT_FORM] = "elicitation/create",
    [ASK_ELICIT_URL] = "elicitation/create",
    [ASK_SAMPLE] = "sampling/createMessage",
    [ASK_ROOTS] = "roots/list",
};

enum ask_kind ask_kind(const struct ask *ask)
{
    return ask->kind;
}

const char *ask_server(const struct ask *ask)
{
    return ask->server->key;
}

const char *ask_method(enum ask_kind kind)
{
    return methods[kind];
}

struct span ask_params(const struct ask *ask)
{
    return span_make(ask->params, ask->params_len);
}

/* --- reading --- */

static bool has(struct span object, const char *name, enum json_kind kind)
{
    struct span value;

    return json_get(object, name, &value) && json_kind(value) == kind;
}

/* A scheme and something behind it; which schemes are opened is for the client to say. */
static bool is_uri(struct span value)
{
    CLEANUP(str) char *text = json_dup_string(value, LIMIT_QUESTION_BYTES);
    size_t scheme = text ? strcspn(text, ":") : 0;

    if (!text || !isalpha((unsigned char)text[0]) || text[scheme] != ':' || !text[scheme + 1])
        return false;
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c <= ' ' || *c == 0x7f)
            return false;
    }
    return true;
}

static int check_form(struct span params, struct err *err)
{
    struct span schema, type;

    if (!json_get(params, "requestedSchema", &schema) ||
        !has(schema, "properties", JSON_KIND_OBJECT) || !json_get(schema, "type", &type) ||
        !json_string_is(type, "object"))
        return err_set(err, ERR_INVALID,
                       "elicitation/create needs a requestedSchema of type object with properties");
    return 0;
}

static int check_elicitation(struct span params, enum ask_kind *ret_kind, struct err *err)
{
    struct span mode, url;

    if (!has(params, "message", JSON_KIND_STRING))
        return err_set(err, ERR_INVALID, "elicitation/create needs a message");
    *ret_kind = ASK_ELICIT_FORM;
    if (!json_get(params, "mode", &mode) || json_string_is(mode, "form"))
        return check_form(params, err);
    *ret_kind = ASK_ELICIT_URL;
    if (!json_string_is(mode, "url"))
        return err_set(err, ERR_INVALID, "elicitation/create has a mode that is not known");
    if (!json_get(params, "url", &url) || !is_uri(url))
        return err_set(err, ERR_INVALID, "elicitation/create of mode url needs a url");
    return 0;
}

static int check_sampling(struct span params, struct err *err)
{
    if (!has(params, "messages", JSON_KIND_ARRAY) || !has(params, "maxTokens", JSON_KIND_NUMBER))
        return err_set(err, ERR_INVALID, "sampling/createMessage needs messages and maxTokens");
    return 0;
}

static int check_params(struct span method, struct span params, enum ask_kind *ret, struct err *err)
{
    if (params.len > LIMIT_QUESTION_BYTES)
        return err_set(err, ERR_LIMIT, "the params are over %d bytes (limit QUESTION_BYTES)",
                       LIMIT_QUESTION_BYTES);
    if (params.len && json_kind(params) != JSON_KIND_OBJECT)
        return err_set(err, ERR_INVALID, "the params are no object");
    if (span_is(method, methods[ASK_ELICIT_FORM]))
        return check_elicitation(params, ret, err);
    *ret = span_is(method, methods[ASK_SAMPLE]) ? ASK_SAMPLE : ASK_ROOTS;
    if (*ret == ASK_SAMPLE)
        return check_sampling(params, err);
    if (span_is(method, methods[ASK_ROOTS]))
        return 0;
    return err_set(err, ERR_UNSUPPORTED, "this client does not offer that");
}

/* What is of the hop alone: metadata, the era's own id, a task of a kind that was not offered. */
static bool stays_here(struct span key)
{
    return json_key_is(key, "_meta") || json_key_is(key, "elicitationId") ||
           json_key_is(key, "task");
}

static void copy_params(struct ask *ask, struct span params)
{
    struct buf out = BUF(LIMIT_QUESTION_BYTES + 2);
    struct json_iter it = json_iter(params);

    buf_add_char(&out, '{');
    while (json_next(&it)) {
        if (!stays_here(it.key))
            json_write_member_at(&out, &it);
    }
    buf_add_char(&out, '}');
    BUG_ON(buf_failed(&out));
    ask->params_len = out.len;
    ask->params = buf_take(&out);
}

/* One that is too long is none: its end is not told. */
static void copy_elicitation_id(struct ask *ask, struct span params)
{
    struct span id;

    if (ask->kind == ASK_ELICIT_URL && json_get(params, "elicitationId", &id))
        ask->elicitation_id = json_dup_string(id, LIMIT_ELICITATION_ID_BYTES);
}

struct ask *ask_new(const struct server_config *server,
                    struct span method,
                    struct span params,
                    const struct ask_source *source,
                    void *source_ctx,
                    struct err *err)
{
    enum ask_kind kind = ASK_ROOTS;
    struct ask *ask;

    if (check_params(method, params, &kind, err) < 0)
        return NULL;
    ask = NEW(struct ask);
    ask->kind = kind;
    ask->server = server;
    ask->source = source;
    ask->source_ctx = source_ctx;
    copy_params(ask, params);
    copy_elicitation_id(ask, params);
    return ask;
}

bool ask_permitted(const struct server_config *server, enum ask_kind kind)
{
    if (kind == ASK_SAMPLE)
        return server->ask.sampling;
    return kind == ASK_ROOTS ? server->ask.roots : server->ask.elicitation;
}

int ask_write_roots(struct buf *out, const struct server_config *server)
{
    buf_add_str(out, "{\"roots\":[");
    for (char **root = server->roots; root && *root; root++) {
        json_write_comma(out);
        buf_add_char(out, '{');
        json_write_member_string(out, "uri", span_of(*root));
        buf_add_char(out, '}');
    }
    buf_add_str(out, "]}");
    return buf_failed(out) ? -1 : 0;
}

bool ask_accepted(struct span result)
{
    struct span action;

    return json_get(result, "action", &action) && json_string_is(action, "accept");
}

void ask_note_visit(struct ask *ask, uint64_t number)
{
    if (!ask->call || !ask->elicitation_id)
        return;
    ask->visit = number;
    upstream_call_note_visit(ask->call, ask);
}

/* --- the end --- */

void ask_free(struct ask *ask)
{
    free(ask->params);
    free(ask->elicitation_id);
    free(ask);
}

/* The holder goes first, so that the source may end the call. */
static void let_go(struct ask *ask, const char *why)
{
    if (ask->call)
        upstream_call_asked(ask->call, ask, why);
}

static void end_with_result(struct ask *ask, struct span result, const char *why)
{
    if (ask->call && ask->visit && !ask_accepted(result))
        upstream_call_drop_visit(ask->call, ask);
    let_go(ask, why);
    ask->source->on_answer(ask, result);
    ask_free(ask);
}

void ask_answer(struct ask *ask, struct span result)
{
    end_with_result(ask, result, NULL);
}

void ask_fail(struct ask *ask, int code, const char *why)
{
    let_go(ask, why);
    ask->source->on_failure(ask, code, why);
    ask_free(ask);
}

void ask_refuse(struct ask *ask, const char *why)
{
    CLEANUP(buf) struct buf roots = BUF(LIMIT_CONFIG_BYTES * 2);

    if (ask->kind == ASK_SAMPLE)
        ask_fail(ask, USER_REJECTED, why);
    else if (ask->kind != ASK_ROOTS)
        end_with_result(ask, SPAN("{\"action\":\"cancel\"}"), why);
    else if (ask->server->roots && ask_write_roots(&roots, ask->server) == 0)
        end_with_result(ask, buf_span(&roots), NULL);
    else
        ask_fail(ask, RPC_METHOD_NOT_FOUND, why);
}

void ask_drop(struct ask *ask)
{
    ask->source->on_drop(ask);
    ask_free(ask);
}

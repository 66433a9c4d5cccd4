#include "proxy/rpc/message.h"

#include "base/json.h"
#include "base/limits.h"
#include "proxy/rpc/protocol.h"

#define METHOD_MAX_BYTES 256

/* The members of an envelope; empty where absent. */
struct envelope {
    struct span jsonrpc, id, method, params, result, error;
};

static void take_member(struct envelope *e, const struct json_iter *it)
{
    static const struct {
        const char *name;
        size_t offset;
    } members[] = {
        { "jsonrpc", offsetof(struct envelope, jsonrpc) },
        { "id", offsetof(struct envelope, id) },
        { "method", offsetof(struct envelope, method) },
        { "params", offsetof(struct envelope, params) },
        { "result", offsetof(struct envelope, result) },
        { "error", offsetof(struct envelope, error) },
    };

    for (size_t i = 0; i < ARRAY_COUNT(members); i++) {
        if (json_key_is(it->key, members[i].name))
            *(struct span *)(void *)((char *)e + members[i].offset) = it->value;
    }
}

static struct envelope read_envelope(struct span text)
{
    struct envelope e = { 0 };
    struct json_iter it = json_iter(text);

    while (json_next(&it))
        take_member(&e, &it);
    return e;
}

static bool is_id(struct span value)
{
    enum json_kind kind = json_kind(value);

    return kind == JSON_KIND_STRING || kind == JSON_KIND_NUMBER;
}

static bool is_absent(struct span value)
{
    return value.len == 0 || json_kind(value) == JSON_KIND_NULL;
}

/* Some writers escape what needs no escape ("tools\/list"): such a name is
 * looked up among MCP's own and replaced by our copy. */
static int unescape_method(struct span raw, struct span *ret)
{
    CLEANUP(buf) struct buf decoded = BUF(METHOD_MAX_BYTES);
    const char *known;

    if (json_decode_string(raw, &decoded) < 0)
        return -1;
    known = protocol_method(buf_span(&decoded));
    if (!known)
        return -1;
    *ret = span_of(known);
    return 0;
}

static int read_method(struct span raw, struct span *ret, struct err *err)
{
    struct span inner;

    if (json_kind(raw) != JSON_KIND_STRING || raw.len < 3 || raw.len > METHOD_MAX_BYTES)
        return err_set(err, ERR_INVALID, "JSON-RPC \"method\" is no usable string");
    inner = span_make(raw.data + 1, raw.len - 2);
    if (memchr(inner.data, '\\', inner.len)) {
        if (unescape_method(raw, ret) < 0)
            return err_set(err, ERR_INVALID, "JSON-RPC \"method\" holds escapes");
        return 0;
    }
    for (size_t i = 0; i < inner.len; i++) {
        if (inner.data[i] < 0x20 || inner.data[i] > 0x7e)
            return err_set(err, ERR_INVALID, "JSON-RPC \"method\" is not printable ASCII");
    }
    *ret = inner;
    return 0;
}

static int read_call(const struct envelope *e, struct rpc_message *ret, struct err *err)
{
    enum json_kind params = json_kind(e->params);

    ret->kind = e->id.len ? RPC_REQUEST : RPC_NOTIFICATION;
    if (e->id.len && !is_id(e->id))
        return err_set(err, ERR_INVALID, "JSON-RPC \"id\" is neither string nor number");
    if (read_method(e->method, &ret->method, err) < 0)
        return -1;
    if (is_absent(e->params))
        return 0;
    if (params != JSON_KIND_OBJECT && params != JSON_KIND_ARRAY)
        return err_set(err, ERR_INVALID, "JSON-RPC \"params\" is neither object nor array");
    ret->params = e->params;
    return 0;
}

static int read_error(const struct envelope *e, struct rpc_message *ret, struct err *err)
{
    struct span code;

    if (e->result.len && json_kind(e->result) != JSON_KIND_NULL)
        return err_set(err, ERR_INVALID, "JSON-RPC answer with both a result and an error");
    ret->kind = RPC_ERROR;
    ret->error = e->error;
    if (!json_get(e->error, "code", &code) || !json_int64(code, &ret->error_code))
        return err_set(err, ERR_INVALID, "JSON-RPC error without an integer \"code\"");
    return 0;
}

static int read_answer(const struct envelope *e, struct rpc_message *ret, struct err *err)
{
    if (json_kind(e->error) == JSON_KIND_OBJECT)
        return read_error(e, ret, err);
    if (!e->result.len || !is_absent(e->error))
        return err_set(err, ERR_INVALID, "JSON-RPC message without method, result and error");
    if (!is_id(e->id))
        return err_set(err, ERR_INVALID, "JSON-RPC result without an \"id\"");
    ret->kind = RPC_RESULT;
    ret->result = e->result;
    return 0;
}

static int read_message(struct span text, struct rpc_message *ret, struct err *err)
{
    struct envelope e;

    if (json_kind(text) != JSON_KIND_OBJECT)
        return err_set(err, ERR_INVALID, "JSON-RPC message is no object");
    if (json_no_duplicates(text, err) < 0)
        return err_in(err, "JSON-RPC message");
    e = read_envelope(text);
    if (is_id(e.id))
        ret->id = e.id;
    if (!json_string_is(e.jsonrpc, "2.0"))
        return err_set(err, ERR_INVALID, "JSON-RPC message without \"jsonrpc\":\"2.0\"");
    return e.method.len ? read_call(&e, ret, err) : read_answer(&e, ret, err);
}

int rpc_read(struct span text, struct rpc_message *ret, int *ret_code, struct err *err)
{
    int code = RPC_PARSE_ERROR, result;

    *ret = (struct rpc_message){ .kind = RPC_NOTIFICATION };
    text = span_trim(text);
    result = json_check(text, LIMIT_RPC_DEPTH, err);
    if (result == 0) {
        code = RPC_INVALID_REQUEST;
        result = read_message(text, ret, err);
    }
    if (result < 0 && ret_code)
        *ret_code = code;
    return result;
}

int rpc_error_text(const struct rpc_message *message, struct buf *out)
{
    struct span text;

    if (json_get(message->error, "message", &text) && json_kind(text) == JSON_KIND_STRING)
        return json_decode_string(text, out);
    return buf_add_str(out, "error without a message");
}

/* Appends raw JSON with line ends replaced by blanks: they only stand between its tokens. */
static int add_on_one_line(struct buf *out, struct span raw)
{
    size_t start = out->len;

    if (buf_add_span(out, raw) < 0)
        return -1;
    if (!raw.len || (!memchr(raw.data, '\n', raw.len) && !memchr(raw.data, '\r', raw.len)))
        return 0;
    for (size_t i = start; i < out->len; i++) {
        if (out->data[i] == '\n' || out->data[i] == '\r')
            out->data[i] = ' ';
    }
    return 0;
}

static int add_member(struct buf *out, const char *name, struct span raw)
{
    json_write_key(out, name);
    return add_on_one_line(out, raw);
}

static int finish(struct buf *out)
{
    buf_add_char(out, '}');
    return buf_failed(out) ? -1 : 0;
}

int rpc_write_request(struct buf *out, struct span id, const char *method, struct span params)
{
    buf_add_str(out, "{\"jsonrpc\":\"2.0\"");
    if (id.len)
        add_member(out, "id", id);
    json_write_member_string(out, "method", span_of(method));
    if (params.len)
        add_member(out, "params", params);
    return finish(out);
}

int rpc_write_notification(struct buf *out, const char *method, struct span params)
{
    return rpc_write_request(out, SPAN_NONE, method, params);
}

int rpc_write_result(struct buf *out, struct span id, struct span result)
{
    buf_add_str(out, "{\"jsonrpc\":\"2.0\"");
    add_member(out, "id", id);
    add_member(out, "result", result);
    return finish(out);
}

int rpc_write_error(
    struct buf *out, struct span id, int code, struct span message, struct span data)
{
    buf_add_str(out, "{\"jsonrpc\":\"2.0\"");
    if (id.len)
        add_member(out, "id", id);
    buf_add_str(out, ",\"error\":{");
    json_write_member_int(out, "code", code);
    json_write_member_string(out, "message", message);
    if (data.len)
        add_member(out, "data", data);
    buf_add_char(out, '}');
    return finish(out);
}

#include "proxy/exec/result_unwrap.h"

#include "base/json.h"
#include "proxy/exec/host_error.h"

bool result_is_error(struct span result)
{
    struct span flag;
    bool is_error = false;

    return json_get(result, "isError", &flag) && json_bool(flag, &is_error) && is_error;
}

static bool is_text_block(struct span block, struct span *ret_text)
{
    struct span type;

    return json_get(block, "type", &type) && json_string_is(type, "text") &&
           json_get(block, "text", ret_text) && json_kind(*ret_text) == JSON_KIND_STRING;
}

/* Appends the texts of the text blocks, a line feed between.  Returns how many other blocks there
 * are. */
static size_t join_texts(struct span content, struct buf *out, size_t *ret_texts)
{
    struct json_iter it = json_iter(content);
    struct span text;
    size_t others = 0;

    *ret_texts = 0;
    while (json_next(&it)) {
        if (!is_text_block(it.value, &text)) {
            others++;
            continue;
        }
        if ((*ret_texts)++ > 0)
            buf_add_char(out, '\n');
        json_decode_string(text, out);
    }
    return others;
}

void result_text(struct span result, struct buf *out)
{
    struct span content = SPAN_NONE;
    size_t texts;

    json_get(result, "content", &content);
    join_texts(content, out, &texts);
}

static void write_error(
    struct span content, struct span server, struct span tool, struct span text, struct buf *out)
{
    struct host_error error = {
        .kind = KIND_TOOL,
        .message = text.len ? text : SPAN("the tool reported an error without a text"),
        .server = server,
        .tool = tool,
        .content = content.len ? content : SPAN("[]"),
    };

    host_error_write(&error, out);
}

static bool spells_container(struct span text)
{
    enum json_kind kind = json_kind(text);

    return (kind == JSON_KIND_OBJECT || kind == JSON_KIND_ARRAY) && json_check(text, 0, NULL) == 0;
}

static void write_text(struct span text, struct buf *out)
{
    struct span trimmed = span_trim(text);

    if (trimmed.len && spells_container(trimmed))
        buf_add_span(out, trimmed);
    else
        json_write_string(out, text);
}

/* A result that is no final answer: a task, or a question back to the user. */
static int check_complete(struct span result, struct err *err)
{
    struct span type;

    if (json_kind(result) != JSON_KIND_OBJECT)
        return err_set(err, ERR_PROTOCOL, "the result of the tool is no object");
    if (!json_get(result, "resultType", &type) || json_string_is(type, "complete"))
        return 0;
    return err_set(err, ERR_PROTOCOL,
                   "the server answered with something other than a result (resultType %.*s)",
                   (int)(type.len < 60 ? type.len : 60), type.data);
}

static bool has_structured(struct span result, struct span *ret_value)
{
    return json_get(result, "structuredContent", ret_value) &&
           json_kind(*ret_value) != JSON_KIND_NULL;
}

int result_unwrap(struct span result,
                  struct span server,
                  struct span tool,
                  struct buf *out,
                  bool *ret_ok,
                  struct err *err)
{
    CLEANUP(buf) struct buf text = BUF(out->max);
    struct span content = SPAN_NONE, structured;
    size_t texts, others;

    if (check_complete(result, err) < 0)
        return -1;
    if (json_get(result, "content", &content) && json_kind(content) != JSON_KIND_ARRAY)
        content = SPAN_NONE;
    others = join_texts(content, &text, &texts);
    *ret_ok = !result_is_error(result);
    if (!*ret_ok)
        write_error(content, server, tool, buf_span(&text), out);
    else if (has_structured(result, &structured))
        buf_add_span(out, structured);
    else if (texts > 0 && others == 0)
        write_text(buf_span(&text), out);
    else
        buf_add_span(out, content.len ? content : result);
    if (buf_failed(&text) && texts > 0)
        out->failed = true;
    return buf_check(out, "the reply to a host call", err);
}

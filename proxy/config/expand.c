/*
 * Variables and secret files in values.
 */
#include "proxy/config/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/mem.h"

#define VALUE_MAX_BYTES 65536

static int expand_file(const char *path, struct config *config, struct buf *out, struct err *err)
{
    CLEANUP(buf) struct buf content = BUF(VALUE_MAX_BYTES);

    if (file_read(path, &content, err) < 0)
        return err_in(err, "${file:%s}", path);
    warn_of_exposed_file(config, path, true);
    while (content.len &&
           (content.data[content.len - 1] == '\n' || content.data[content.len - 1] == '\r'))
        buf_truncate(&content, content.len - 1);
    return buf_add_span(out, buf_span(&content));
}

/* What a client would put in place of such a name, and what to write here. */
static int no_variable(const char *name, struct err *err)
{
    if (strncmp(name, "input:", 6) == 0)
        return err_set(err, ERR_NOT_FOUND,
                       "${%s} is what a client asks its user for, and nobody is asked here; write "
                       "${VAR} or ${file:PATH}",
                       name);
    if (strncmp(name, "workspaceFolder", 15) == 0)
        return err_set(err, ERR_NOT_FOUND,
                       "${%s} is known to a client only; write the path, or set the environment "
                       "variable workspaceFolder",
                       name);
    return err_set(err, ERR_NOT_FOUND,
                   "the environment variable %s is not set; set it, or write ${%s:-default}", name,
                   name);
}

/* `name` or `name:-default`. */
static int expand_variable(char *name, struct buf *out, struct err *err)
{
    char *fallback = strstr(name, ":-");
    const char *value;

    if (fallback) {
        *fallback = '\0';
        fallback += 2;
    }
    value = getenv(name);
    if (!value && strcmp(name, "userHome") == 0)
        value = getenv("HOME");
    if (fallback && (!value || !*value))
        value = fallback;
    if (!value)
        return no_variable(name, err);
    return buf_add_str(out, value);
}

/* What stands between ${ and }. */
static int expand_one(struct span inside, struct config *config, struct buf *out, struct err *err)
{
    CLEANUP(str) char *name = span_dup(inside);

    if (strncmp(name, "file:", 5) == 0)
        return expand_file(name + 5, config, out, err);
    if (strncmp(name, "env:", 4) == 0)
        return expand_variable(name + 4, out, err);
    return expand_variable(name, out, err);
}

/* Handles the {env:VAR} that may be at the head of `rest`, as expand_dollar does. */
static int expand_brace(struct span rest, struct buf *out, size_t *ret_used, struct err *err)
{
    const char *end = memchr(rest.data, '}', rest.len);
    CLEANUP(str) char *name = NULL;

    if (!end || !span_starts_with(rest, SPAN("{env:"))) {
        *ret_used = 1;
        return buf_add_char(out, '{');
    }
    *ret_used = (size_t)(end - rest.data) + 1;
    name = span_dup(span_make(rest.data + 5, *ret_used - 6));
    return expand_variable(name, out, err);
}

/* Handles the `$` at the head of `rest`; sets how many bytes it took. */
static int expand_dollar(
    struct span rest, struct config *config, struct buf *out, size_t *ret_used, struct err *err)
{
    const char *end;

    if (span_starts_with(rest, SPAN("$${"))) {
        *ret_used = 3;
        return buf_add_str(out, "${");
    }
    if (!span_starts_with(rest, SPAN("${"))) {
        *ret_used = 1;
        return buf_add_char(out, '$');
    }
    end = memchr(rest.data, '}', rest.len);
    if (!end)
        return err_set(err, ERR_INVALID, "`${` without its `}`");
    *ret_used = (size_t)(end - rest.data) + 1;
    return expand_one(span_make(rest.data + 2, *ret_used - 3), config, out, err);
}

char *expand_text(const char *text, bool pasted, struct config *config, struct err *err)
{
    CLEANUP(buf) struct buf out = BUF(VALUE_MAX_BYTES);
    struct span rest = span_of(text);

    while (rest.len) {
        size_t used = strcspn(rest.data, pasted ? "${" : "$");
        int failed = 0;

        if (used > 0)
            buf_add(&out, rest.data, used);
        else if (rest.data[0] == '$')
            failed = expand_dollar(rest, config, &out, &used, err);
        else
            failed = expand_brace(rest, &out, &used, err);
        if (failed < 0 && !buf_failed(&out))
            return NULL;
        rest = span_skip(rest, used);
    }
    if (buf_check(&out, "the expanded value", err) < 0)
        return NULL;
    return buf_take(&out);
}

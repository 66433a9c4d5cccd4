#include "proxy/config/env_file.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define VALUE_MAX_BYTES 65536
#define PAIRS_MAX       1000

struct env_reader {
    const char *name;
    struct span rest;
    unsigned line;
    struct err *err;
};

bool env_name_is_valid(const char *name)
{
    if (!*name)
        return false;
    for (; *name; name++) {
        if (*name == '=' || (unsigned char)*name < 0x20 || *name == 0x7F)
            return false;
    }
    return true;
}

static int fail_at(const struct env_reader *r, const char *what)
{
    return err_set(r->err, ERR_INVALID, "%s:%u: %s", r->name, r->line, what);
}

static void skip(struct env_reader *r, size_t count)
{
    for (size_t i = 0; i < count; i++)
        r->line += r->rest.data[i] == '\n';
    r->rest = span_skip(r->rest, count);
}

/* The bytes up to the line's end, without it. */
static struct span line_of(const struct env_reader *r)
{
    const char *end = r->rest.len ? memchr(r->rest.data, '\n', r->rest.len) : NULL;

    return span_make(r->rest.data, end ? (size_t)(end - r->rest.data) : r->rest.len);
}

static void skip_line(struct env_reader *r)
{
    size_t len = line_of(r).len;

    skip(r, len < r->rest.len ? len + 1 : len);
}

static void skip_spaces(struct env_reader *r)
{
    while (r->rest.len && (r->rest.data[0] == ' ' || r->rest.data[0] == '\t'))
        skip(r, 1);
}

static char unescaped(char c)
{
    static const char names[] = "nrt", values[] = "\n\r\t";
    const char *at = strchr(names, c);

    return at && c ? values[at - names] : c;
}

/* A backslash before anything that is no escape stays. */
static bool is_escape(struct span rest, char quote)
{
    return quote == '"' && rest.len > 1 && rest.data[0] == '\\' && rest.data[1] &&
           strchr("nrt\"\\", rest.data[1]);
}

static int read_quoted(struct env_reader *r, struct buf *value)
{
    char quote = r->rest.data[0];
    struct env_reader start = *r;
    struct span behind;

    skip(r, 1);
    while (r->rest.len && r->rest.data[0] != quote) {
        bool escape = is_escape(r->rest, quote);

        buf_add_char(value, escape ? unescaped(r->rest.data[1]) : r->rest.data[0]);
        skip(r, escape ? 2 : 1);
    }
    if (!r->rest.len)
        return fail_at(&start, "a quote is not closed");
    skip(r, 1);
    behind = span_trim(line_of(r));
    if (behind.len && behind.data[0] != '#')
        return fail_at(r, "text behind a closing quote");
    skip_line(r);
    return 0;
}

static void read_plain(struct env_reader *r, struct buf *value)
{
    struct span line = line_of(r);

    for (size_t i = 0; i < line.len; i++) {
        if (line.data[i] == '#' && (i == 0 || isspace((unsigned char)line.data[i - 1])))
            line.len = i;
    }
    buf_add_span(value, span_trim(line));
    skip_line(r);
}

static int read_env_value(struct env_reader *r, struct buf *value)
{
    skip_spaces(r);
    if (r->rest.len && (r->rest.data[0] == '"' || r->rest.data[0] == '\'')) {
        if (read_quoted(r, value) < 0)
            return -1;
    } else {
        read_plain(r, value);
    }
    if (value->len && memchr(value->data, '\0', value->len))
        return fail_at(r, "a value can't hold a zero byte");
    return buf_check(value, "a value of an environment file", r->err);
}

static void
put_pair(struct config_pair **pairs, size_t *count, size_t first, char *name, char *value)
{
    for (size_t i = first; i < *count; i++) {
        if (strcmp((*pairs)[i].name, name) == 0) {
            free((*pairs)[i].value);
            free(name);
            (*pairs)[i].value = value;
            return;
        }
    }
    *pairs = xreallocarray(*pairs, *count + 1, sizeof(**pairs));
    (*pairs)[(*count)++] = (struct config_pair){ .name = name, .value = value };
}

static int read_pair(struct env_reader *r, struct config_pair **pairs, size_t *count, size_t first)
{
    CLEANUP(buf) struct buf value = BUF(VALUE_MAX_BYTES);
    CLEANUP(str) char *name = NULL;
    struct span line = line_of(r);
    const char *equals = memchr(line.data, '=', line.len);

    if (!equals)
        return fail_at(r, "this is no NAME=VALUE");
    name = span_dup(span_trim(span_make(line.data, (size_t)(equals - line.data))));
    if (!env_name_is_valid(name))
        return fail_at(r, "no name stands before `=`");
    if (*count - first >= PAIRS_MAX)
        return fail_at(r, "too many variables");
    skip(r, (size_t)(equals - line.data) + 1);
    if (read_env_value(r, &value) < 0)
        return -1;
    put_pair(pairs, count, first, TAKE(name), buf_take(&value));
    return 0;
}

int env_file_parse(
    struct span text, const char *name, struct config_pair **pairs, size_t *count, struct err *err)
{
    struct env_reader r = { .name = name, .rest = text, .line = 1, .err = err };
    size_t first = *count;

    if (span_starts_with(r.rest, SPAN("\xEF\xBB\xBF")))
        r.rest = span_skip(r.rest, 3);
    while (r.rest.len) {
        struct span line = span_trim(line_of(&r));

        if (!line.len || line.data[0] == '#') {
            skip_line(&r);
            continue;
        }
        skip_spaces(&r);
        if (span_starts_with(r.rest, SPAN("export ")))
            skip(&r, sizeof("export ") - 1);
        if (read_pair(&r, pairs, count, first) < 0)
            return -1;
    }
    return 0;
}

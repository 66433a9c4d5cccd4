#include "proxy/mcp/owner.h"

#include "base/json.h"
#include "proxy/mcp/wrapped_uri.h"

/* The literal text before the next expression; *rest is what follows that. */
static struct span next_literal(struct span *rest, bool *ret_expression)
{
    const char *brace = rest->len ? memchr(rest->data, '{', rest->len) : NULL;
    size_t len = brace ? (size_t)(brace - rest->data) : rest->len;
    struct span literal = span_make(rest->data, len);
    const char *end;

    *rest = span_skip(*rest, len);
    *ret_expression = brace != NULL;
    if (!brace)
        return literal;
    end = memchr(rest->data, '}', rest->len);
    *rest = span_skip(*rest, end ? (size_t)(end - rest->data) + 1 : rest->len);
    return literal;
}

/* `text` behind the first place of `literal` in it; false when it has none. */
static bool skip_to(struct span *text, struct span literal)
{
    const char *found;

    if (literal.len == 0)
        return true;
    found = text->len ? memmem(text->data, text->len, literal.data, literal.len) : NULL;
    if (!found)
        return false;
    *text = span_skip(*text, (size_t)(found - text->data) + literal.len);
    return true;
}

static bool ends_with(struct span text, struct span end)
{
    return text.len >= end.len &&
           (end.len == 0 || memcmp(text.data + text.len - end.len, end.data, end.len) == 0);
}

bool owner_template_fits(struct span uri_template, struct span uri)
{
    bool expression;
    struct span literal = next_literal(&uri_template, &expression);

    /* A template that begins with an expression fits everything, so it tells nothing. */
    if (literal.len == 0 || !span_starts_with(uri, literal))
        return false;
    uri = span_skip(uri, literal.len);
    while (expression) {
        literal = next_literal(&uri_template, &expression);
        if (!expression)
            return ends_with(uri, literal);
        if (!skip_to(&uri, literal))
            return false;
    }
    return uri.len == 0;
}

static bool lists(const struct catalogue_server *server, struct span uri)
{
    for (size_t i = 0; i < server->resource_count; i++) {
        if (span_is(uri, server->resources[i].uri))
            return true;
    }
    return false;
}

static bool has_template(const struct catalogue_server *server, struct span uri)
{
    for (size_t i = 0; i < server->template_count; i++) {
        if (owner_template_fits(span_of(server->templates[i].uri), uri))
            return true;
    }
    return false;
}

static const char *find_only(const struct catalogue *catalogue,
                             bool (*has)(const struct catalogue_server *server, struct span uri),
                             struct span uri,
                             size_t *ret_count)
{
    const char *key = NULL;

    *ret_count = 0;
    for (size_t i = 0; i < catalogue->server_count; i++) {
        if (!has(catalogue->servers[i], uri))
            continue;
        key = catalogue->servers[i]->key;
        (*ret_count)++;
    }
    return *ret_count == 1 ? key : NULL;
}

const char *owner_of_uri(const struct mcp_server *server, struct span raw_uri)
{
    CLEANUP(buf) struct buf uri = BUF(WRAPPED_INNER_BYTES);
    const struct catalogue *catalogue = upstreams_catalogue(server->parts.upstreams);
    const char *key;
    size_t count;

    if (json_decode_string(raw_uri, &uri) < 0 || uri.len == 0)
        return NULL;
    if (span_starts_with(buf_span(&uri), SPAN("mcpfold:")))
        return NULL; /* ours, or wrapped already */
    key = find_only(catalogue, lists, buf_span(&uri), &count);
    return count ? key : find_only(catalogue, has_template, buf_span(&uri), &count);
}

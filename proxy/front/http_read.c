/*
 * Takes a request's head over from libwebsockets.  The library can't list the
 * headers it does not know by itself, so those that matter are asked for by
 * name, at once: with the first byte of the answer they are gone.
 */
#include "proxy/front/http_read.h"

#include <strings.h>

#include <libwebsockets.h>

#include "base/limits.h"

#define HEADER_NAME_BYTES 256

/* Headers that are always read: those that decide on the framing, and those that two readers must
 * not see differently. */
static const struct {
    const char *name;
    bool single;
} own_headers[] = {
    { "host", true },         { "content-length", true }, { "transfer-encoding", true },
    { "content-type", true }, { "authorization", true },  { "origin", true },
    { "expect", true },       { "connection", false },
};

/* The library's index of a header that it knows by itself; -1 for others. */
static int token_of(const char *name)
{
    size_t len = strlen(name);

    for (int i = 0; i < WSI_TOKEN_COUNT; i++) {
        const char *text = (const char *)lws_token_to_string((enum lws_token_indexes)i);

        if (text && strncmp(text, name, len) == 0 && text[len] == ':' && !text[len + 1])
            return i;
    }
    return -1;
}

static bool has_wanted(const struct http_wanted_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].name, name) == 0)
            return true;
    }
    return false;
}

static void add_wanted(struct http_wanted_list *list, const char *name, bool single)
{
    if (has_wanted(list, name))
        return;
    list->items = xreallocarray(list->items, list->count + 1, sizeof(*list->items));
    list->items[list->count++] =
        (struct http_wanted){ .name = name, .token = token_of(name), .single = single };
}

void http_wanted_init(struct http_wanted_list *list, const char *const *names)
{
    *list = (struct http_wanted_list){ .items = NULL };
    for (size_t i = 0; i < ARRAY_COUNT(own_headers); i++)
        add_wanted(list, own_headers[i].name, own_headers[i].single);
    for (; names && *names; names++)
        add_wanted(list, *names, false);
}

void http_wanted_done(struct http_wanted_list *list)
{
    free(list->items);
    *list = (struct http_wanted_list){ .items = NULL };
}

/* Appends the header's value to `out`; false when there is none. */
static bool read_known(struct lws *wsi, enum lws_token_indexes token, struct buf *out)
{
    int len = lws_hdr_total_length(wsi, token);
    char *room;

    if (len <= 0 || !(room = buf_room(out, (size_t)len + 1)))
        return false;
    len = lws_hdr_copy(wsi, room, len + 1, token);
    if (len < 0)
        return false;
    buf_filled(out, (size_t)len);
    return true;
}

static bool read_custom(struct lws *wsi, const char *name, struct buf *out)
{
    char key[HEADER_NAME_BYTES + 2];
    int key_len = lws_snprintf(key, sizeof(key), "%s:", name);
    int len = lws_hdr_custom_length(wsi, key, key_len);
    char *room;

    if (len < 0 || !(room = buf_room(out, (size_t)len + 1)))
        return false;
    len = lws_hdr_custom_copy(wsi, room, len + 1, key, key_len);
    if (len < 0)
        return false;
    buf_filled(out, (size_t)len);
    return true;
}

static void read_field(struct http_request *request, const struct http_wanted *wanted)
{
    CLEANUP(buf) struct buf value = BUF(2 * LIMIT_HTTP_HEADER_BYTES + 2);
    bool found = wanted->token >= 0
                     ? read_known(request->wsi, (enum lws_token_indexes)wanted->token, &value)
                     : read_custom(request->wsi, wanted->name, &value);

    if (found)
        http_request_add_field(request, wanted->name, buf_span(&value));
}

void http_request_keep_header(struct http_request *request, const char *name)
{
    struct span value;

    if (strlen(name) <= HEADER_NAME_BYTES && !http_request_header(request, name, &value))
        read_field(request, &(const struct http_wanted){ .name = name, .token = token_of(name) });
}

/* The library joins repeated headers by commas; for these that must not pass unseen. */
static bool has_repeated_single(const struct http_request *request,
                                const struct http_wanted_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct http_wanted *w = &list->items[i];

        if (w->single && w->token >= 0 &&
            lws_hdr_fragment_length(request->wsi, (enum lws_token_indexes)w->token, 1) > 0)
            return true;
    }
    return false;
}

/* What can be seen of the headers' size; the library itself closes a connection that sends more
 * than its buffer, twice the limit, holds. */
static size_t count_header_bytes(const struct http_request *request,
                                 const struct http_wanted_list *list)
{
    size_t bytes = 0;

    for (int i = 0; i < WSI_TOKEN_COUNT; i++) {
        int len = lws_hdr_total_length(request->wsi, (enum lws_token_indexes)i);

        bytes += len > 0 ? (size_t)len : 0;
    }
    for (size_t i = 0; i < list->count; i++) {
        struct span value = SPAN_NONE;

        if (list->items[i].token < 0)
            http_request_header(request, list->items[i].name, &value);
        bytes += value.len;
    }
    return bytes;
}

static enum http_method method_of(int lws_method)
{
    switch (lws_method) {
    case LWSHUMETH_GET:
        return HTTP_GET;
    case LWSHUMETH_POST:
        return HTTP_POST;
    case LWSHUMETH_DELETE:
        return HTTP_DELETE;
    case LWSHUMETH_OPTIONS:
        return HTTP_OPTIONS;
    case LWSHUMETH_HEAD:
        return HTTP_HEAD;
    default:
        return HTTP_OTHER;
    }
}

static bool is_version_1_1(struct lws *wsi)
{
    CLEANUP(buf) struct buf version = BUF(64);

    return read_known(wsi, WSI_TOKEN_HTTP, &version) &&
           span_is(span_trim(buf_span(&version)), "HTTP/1.1");
}

static bool wants_close(const struct http_request *request)
{
    struct span value;

    return http_request_header(request, "connection", &value) && value.len >= 5 &&
           strncasecmp(value.data, "close", 5) == 0;
}

/* The library cuts the query at each `&`. */
static void read_query(struct lws *wsi, struct buf *out)
{
    int len;

    for (int i = 0; (len = lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, i)) > 0; i++) {
        char *room;

        if (i > 0)
            buf_add_char(out, '&');
        room = buf_room(out, (size_t)len + 1);
        if (!room || lws_hdr_copy_fragment(wsi, room, len + 1, WSI_TOKEN_HTTP_URI_ARGS, i) < 0)
            return;
        buf_filled(out, (size_t)len);
    }
}

/* Guard: headers are copied now, since the library drops them with the first answer byte. */
static void
read_head(struct http_request *request, const struct http_wanted_list *list, struct span path)
{
    CLEANUP(buf) struct buf query = BUF(2 * LIMIT_HTTP_HEADER_BYTES + 2);
    char *uri = NULL;
    int uri_len = 0;

    request->method = method_of(lws_http_get_uri_and_method(request->wsi, &uri, &uri_len));
    request->path = span_dup(path);
    read_query(request->wsi, &query);
    request->query = buf_take(&query);
    request->version_1_1 = is_version_1_1(request->wsi);
    for (size_t i = 0; i < list->count; i++)
        read_field(request, &list->items[i]);
    request->keep_alive = request->version_1_1 && !wants_close(request);
    lws_get_peer_simple(request->wsi, request->peer, sizeof(request->peer));
}

static struct span field_or_none(const struct http_request *request, const char *name)
{
    struct span value = SPAN_NONE;

    http_request_header(request, name, &value);
    return value;
}

static int plan_request(struct http_request *request,
                        const struct http_wanted_list *list,
                        size_t max_body_bytes,
                        const char **ret_why)
{
    struct http_head head = {
        .method = request->method,
        .version_1_1 = request->version_1_1,
        .content_length = field_or_none(request, "content-length"),
        .transfer_encoding = field_or_none(request, "transfer-encoding"),
        .expect = field_or_none(request, "expect"),
        .header_bytes = count_header_bytes(request, list),
    };

    if (has_repeated_single(request, list)) {
        *ret_why = "a header that must stand once is repeated";
        return 400;
    }
    return http_head_plan(&head, max_body_bytes, &request->plan, ret_why);
}

int http_read_head(struct http_request *request,
                   const struct http_wanted_list *list,
                   struct span path,
                   size_t max_body_bytes,
                   const char **ret_why)
{
    read_head(request, list, path);
    return plan_request(request, list, max_body_bytes, ret_why);
}

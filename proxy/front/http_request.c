/*
 * What is asked and kept of a request; nothing here knows the socket.
 */
#include "proxy/front/http_request.h"

#include "base/fd.h"
#include "base/limits.h"

struct http_request *http_request_new(struct http_server *server, struct lws *wsi)
{
    struct http_request *request = NEW(struct http_request);

    request->server = server;
    request->wsi = wsi;
    request->watched_fd = -1;
    http_out_init(&request->out);
    return request;
}

void http_request_free(struct http_request *request)
{
    if (!request)
        return;
    loop_timer_free(request->deadline);
    loop_watch_free(request->watch);
    fd_close(&request->watched_fd);
    for (size_t i = 0; i < request->field_count; i++) {
        free(request->fields[i].name);
        free(request->fields[i].value);
    }
    free(request->fields);
    free(request->path);
    free(request->query);
    buf_done(&request->body);
    http_out_done(&request->out);
    free(request);
}

void http_request_add_field(struct http_request *request, const char *name, struct span value)
{
    struct http_field *field;

    value = span_trim(value);
    request->fields =
        xreallocarray(request->fields, request->field_count + 1, sizeof(*request->fields));
    field = &request->fields[request->field_count++];
    *field = (struct http_field){ .name = xstrdup(name),
                                  .value = span_dup(value),
                                  .value_len = value.len };
}

static int take_length(struct http_request *request, struct span bytes)
{
    if (bytes.len > request->plan.length - request->body.len)
        return -1;
    if (buf_add_span(&request->body, bytes) < 0)
        return 413;
    return request->body.len == request->plan.length;
}

static int take_chunked(struct http_request *request, struct span bytes)
{
    struct err err = ERR_INIT;
    size_t used = 0;
    int done = http_chunked_feed(&request->chunked, bytes, &request->body, &used, &err);

    if (done < 0)
        return err.code == ERR_LIMIT ? 413 : 400;
    return done && used < bytes.len ? -1 : done;
}

int http_request_take_body(struct http_request *request, struct span bytes)
{
    switch (request->plan.framing) {
    case HTTP_BODY_LENGTH:
        return take_length(request, bytes);
    case HTTP_BODY_CHUNKED:
        return take_chunked(request, bytes);
    case HTTP_BODY_NONE:
        break;
    }
    return bytes.len ? -1 : 1;
}

enum http_method http_request_method(const struct http_request *request)
{
    return request->method;
}

struct span http_request_path(const struct http_request *request)
{
    return span_of(request->path);
}

struct span http_request_query(const struct http_request *request)
{
    return span_of(request->query);
}

bool http_request_header(const struct http_request *request,
                         const char *name,
                         struct span *ret_value)
{
    for (size_t i = 0; i < request->field_count; i++) {
        const struct http_field *field = &request->fields[i];

        if (strcmp(field->name, name) == 0) {
            *ret_value = span_make(field->value, field->value_len);
            return true;
        }
    }
    return false;
}

struct span http_request_body(const struct http_request *request)
{
    return buf_span(&request->body);
}

struct span http_request_peer(const struct http_request *request)
{
    return span_of(request->peer);
}

void http_request_set_user(struct http_request *request, void *user)
{
    request->user = user;
}

void *http_request_user(const struct http_request *request)
{
    return request->user;
}

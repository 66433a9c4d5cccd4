/*
 * One request and its answer, as http_server.c keeps it.  Private to front/.
 */
#ifndef PROXY_FRONT_HTTP_REQUEST_H
#define PROXY_FRONT_HTTP_REQUEST_H

#include <sys/queue.h>

#include "base/buf.h"
#include "base/loop.h"
#include "proxy/front/http_chunked.h"
#include "proxy/front/http_head.h"
#include "proxy/front/http_out.h"
#include "proxy/front/http_server.h"

struct lws;

struct http_field {
    char *name, *value;
    size_t value_len;
};

enum http_phase {
    HTTP_READING,  /* head or body is still to come */
    HTTP_HANDED,   /* on_request has it, or a refusal waits to be sent */
    HTTP_LINGERING /* answered; the rest of a refused body is read and thrown away */
};

struct http_request {
    TAILQ_ENTRY(http_request) link; /* of its server */
    struct http_server *server;
    struct lws *wsi; /* the connection; the library's */
    enum http_phase phase;
    enum http_method method;
    bool version_1_1;
    bool keep_alive;
    bool announced;       /* on_request saw it, so on_close must */
    bool closing;         /* it was asked to be closed; nothing is sent any more */
    bool refused;         /* answered before its body was read */
    bool plan_failed;     /* its head was refused, so where its body ends is unknown */
    bool unread;          /* part of its body was never read: the connection ends with the answer */
    unsigned completions; /* LWS_CALLBACK_HTTP_BODY_COMPLETION seen */
    char *path, *query;
    char peer[48];
    struct http_field *fields;
    size_t field_count;
    struct http_body_plan plan;
    struct http_chunked chunked;
    struct buf body;
    struct http_out out;
    struct loop_timer *deadline; /* for the body, then for a reader that stands still */
    int watched_fd;              /* a duplicate of the socket, or -1 */
    struct loop_watch *watch;    /* on it: sees the client go away while nothing is read */
    struct loop_task close_task;
    void *user;
};

struct http_request *http_request_new(struct http_server *server, struct lws *wsi);
void http_request_free(struct http_request *request);

/* Adds a header field; the value is copied. */
void http_request_add_field(struct http_request *request, const char *name, struct span value);

/*
 * Takes bytes of the body as they come.  1 when it is whole, 0 when more is to
 * come, an HTTP status to refuse with (400, 413) or -1 when there are bytes
 * behind its end.
 */
int http_request_take_body(struct http_request *request, struct span bytes);

#endif

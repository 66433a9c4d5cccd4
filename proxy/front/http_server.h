/*
 * The HTTP/1.1 server: libwebsockets on our loop, behind guards against its
 * faults (each guard names the behaviour it is there for).  Turns bytes into
 * requests and answers into bytes; knows nothing of MCP.
 */
#ifndef PROXY_FRONT_HTTP_SERVER_H
#define PROXY_FRONT_HTTP_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/span.h"

struct http_server;
struct http_request; /* one request and its answer */

enum http_method { HTTP_GET, HTTP_POST, HTTP_DELETE, HTTP_OPTIONS, HTTP_HEAD, HTTP_OTHER };

struct http_server_options {
    const char *host;
    uint16_t port; /* 0: any */
    size_t max_body_bytes;
    /* Headers that will be asked for with http_request_header, lower case, ended by NULL; all
     * others are forgotten. */
    const char *const *headers;
};

struct http_server_events {
    /*
     * Headers are in, the body not yet: return 0 to go on, or an HTTP status to
     * refuse with at once (the body is then not read), or -1 when it has been
     * answered with http_respond.
     */
    int (*on_head)(void *ctx, struct http_request *request);
    /* The request is whole. Answer now or later with one of the functions below. */
    void (*on_request)(void *ctx, struct http_request *request);
    /* The client went away before the answer was finished, or the answer is finished: the request
     * is gone when this returns.  Called exactly once for each request that on_request saw. */
    void (*on_close)(void *ctx, struct http_request *request, bool finished);
};

/* Listens at once.  NULL with ERR_IO naming the address (a port already taken says so). */
struct http_server *http_server_new(struct loop *loop,
                                    const struct http_server_options *options,
                                    const struct http_server_events *events,
                                    void *ctx,
                                    struct err *err);
int http_server_port(const struct http_server *server);
/* No new connections. */
void http_server_stop_listening(struct http_server *server);
/* Stops listening, closes connections (on_close for each request); the loop must then be drained.
 * Takes NULL. */
void http_server_free(struct http_server *server);

enum http_method http_request_method(const struct http_request *request);
struct span http_request_path(const struct http_request *request); /* without the query */
/* Without the `?`, its parts percent-decoded; an empty part ends it. */
struct span http_request_query(const struct http_request *request);
/* A header by its lower-case name without colon, blanks trimmed; false when absent.  Repeated ones
 * are joined by commas, except those that must be single: they make the request be refused (400).
 */
bool http_request_header(const struct http_request *request,
                         const char *name,
                         struct span *ret_value);
/* During on_head alone: keeps one more header (lower case) that options.headers does not name. */
void http_request_keep_header(struct http_request *request, const char *name);
struct span http_request_body(const struct http_request *request);
struct span http_request_peer(const struct http_request *request); /* address text, for logs */
/* A place for the caller's own state. */
void http_request_set_user(struct http_request *request, void *user);
void *http_request_user(const struct http_request *request);

struct http_header {
    const char *name; /* lower case, without colon */
    struct span value;
};

/* A whole answer; `headers` end with a NULL name and may be NULL. The body is copied. */
void http_respond(struct http_request *request,
                  int status,
                  const char *content_type, /* NULL without a body */
                  const struct http_header *headers,
                  struct span body);

/* Begins a streamed answer (text/event-stream and the like).  It may go on as long as it likes: the
 * caller keeps it alive, and is told at once when the client goes away. */
void http_stream_begin(struct http_request *request,
                       int status,
                       const char *content_type,
                       const struct http_header *headers);
/* Appends to the stream; -1 with ERR_LIMIT when the reader is too slow (LIMIT_STREAM_QUEUE_BYTES):
 * the connection is then closed and on_close follows. */
int http_stream_write(struct http_request *request, struct span bytes, struct err *err);
/* Ends the stream when all is written. */
void http_stream_end(struct http_request *request);

/* The version of libwebsockets in use. */
const char *http_server_library_version(void);

#endif

/*
 * libwebsockets as a guest on our loop, and the guards around it.
 *
 * The library is used for connections, request heads and writing.  Where a
 * body ends, when a request is over and whether the client is still there is
 * decided here, because the library (4.1.6 and 4.3.5 were tried) gets each of
 * them wrong in some case; the comment at each guard names the case.
 */
#include "proxy/front/http_server.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libwebsockets.h>

#include "base/limits.h"
#include "base/log.h"
#include "proxy/front/http_accept.h"
#include "proxy/front/http_context.h"
#include "proxy/front/http_read.h"
#include "proxy/front/http_request.h"

#define WRITE_BYTES 65536 /* of one lws_write */
#define LINGER_MS   2000  /* for a refused client to take its answer */

struct http_server {
    struct loop *loop;
    struct http_server_events events;
    void *ctx;
    size_t max_body_bytes;
    struct http_wanted_list wanted;
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct http_acceptor *acceptor; /* NULL when it listens no more */
    int port;
    TAILQ_HEAD(http_request_list, http_request) requests;
    unsigned char *write_buffer; /* LWS_PRE bytes of room, then the piece */
};

/* The library's memory per connection; it is emptied between requests. */
struct session {
    struct http_request *request; /* NULL between requests */
};

/* ---- the life of a request ---- */

static struct session *session_of(struct http_request *request)
{
    return lws_wsi_user(request->wsi);
}

static void forget(struct http_request *request, bool finished)
{
    struct http_server *server = request->server;
    struct session *session = session_of(request);

    TAILQ_REMOVE(&server->requests, request, link);
    if (session)
        session->request = NULL;
    if (request->announced)
        server->events.on_close(server->ctx, request, finished);
    loop_unpost(server->loop, &request->close_task);
    http_request_free(request);
}

static void close_now(void *ctx)
{
    struct http_request *request = ctx;
    struct lws *wsi = request->wsi;

    forget(request, false);
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
}

/* At the next turn, since the caller may stand in the middle of a callback of this request. */
static void close_soon(struct http_request *request)
{
    request->closing = true;
    if (request->watch)
        loop_watch_set(request->watch, 0);
    loop_post(request->server->loop, &request->close_task, close_now, request);
}

static void on_deadline(void *ctx)
{
    struct http_request *request = ctx;

    if (request->phase != HTTP_LINGERING)
        log_info("front", "http_timeout",
                 LOG_STR("phase", request->phase == HTTP_READING ? "body" : "answer"),
                 LOG_STR("peer", request->peer));
    close_soon(request);
}

/* Reads and drops what a refused client still sends, so that closing does not reset the connection
 * before it has read its answer. */
static void drop_input(struct http_request *request)
{
    char scrap[4096];
    ssize_t len = recv(request->watched_fd, scrap, sizeof(scrap), MSG_DONTWAIT);

    if (len == 0 || (len < 0 && errno != EAGAIN && errno != EINTR))
        close_soon(request);
}

/* A byte or the end of the connection where none is due: the client has gone away, or sends a
 * second request before the answer to its first; either way it gets no more of this one. */
static void on_socket_readable(void *ctx, unsigned events)
{
    struct http_request *request = ctx;
    char byte;
    ssize_t len;

    (void)events;
    if (request->closing)
        return;
    if (request->phase == HTTP_LINGERING) {
        drop_input(request);
        return;
    }
    len = recv(request->watched_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    close_soon(request);
}

static int make_watch(struct http_request *request)
{
    struct err err = ERR_INIT;

    if (request->watch)
        return 0;
    request->watched_fd = fcntl(lws_get_socket_fd(request->wsi), F_DUPFD_CLOEXEC, 3);
    if (request->watched_fd < 0 || !http_is_for_clients(request->watched_fd))
        return -1;
    request->watch = loop_watch_new(request->server->loop, request->watched_fd, on_socket_readable,
                                    request, &err);
    if (!request->watch) {
        log_warn("front", "watch_failed", LOG_ERR(&err));
        return -1;
    }
    return 0;
}

/*
 * Guard: while such a request waits, 4.1.6 leaves POLLIN on without reading,
 * so a client that goes away makes it spin.  The library stops looking and our
 * own watch on the socket looks instead.
 */
static void watch_client(struct http_request *request)
{
    if (make_watch(request) < 0) {
        close_soon(request);
        return;
    }
    lws_rx_flow_control(request->wsi, 0);
    lws_http_headers_detach(request->wsi);
    loop_watch_set(request->watch, LOOP_READ);
}

/* Guard: with flow control on, the library never writes and spins, so it is off while we write; our
 * own watch stays. */
static void want_write(struct http_request *request)
{
    if (request->closing)
        return;
    if (request->watch)
        lws_rx_flow_control(request->wsi, 1);
    if (!loop_timer_active(request->deadline))
        loop_timer_start(request->deadline, LIMIT_HTTP_WRITE_MS);
    lws_callback_on_writable(request->wsi);
}

/* Nothing to write for now.  The library looks after the client itself only where there was a
 * body. */
static void wait_for_answer(struct http_request *request)
{
    loop_timer_stop(request->deadline);
    if (request->plan.framing == HTTP_BODY_NONE && !request->closing)
        watch_client(request);
}

static void hand_over(struct http_request *request)
{
    struct http_server *server = request->server;

    request->phase = HTTP_HANDED;
    request->announced = true;
    loop_timer_stop(request->deadline);
    lws_set_timeout(request->wsi, NO_PENDING_TIMEOUT, 0);
    server->events.on_request(server->ctx, request);
    if (http_out_next(&request->out, 1).len == 0)
        wait_for_answer(request);
}

/* The answer comes before the body: what is left of that is not read. */
static void refuse_body(struct http_request *request)
{
    request->phase = HTTP_HANDED;
    request->refused = true;
}

static void refuse(struct http_request *request, int status, const char *why)
{
    CLEANUP(str) char *text = xasprintf("%s\n", why);

    http_respond(request, status, "text/plain; charset=utf-8", NULL, span_of(text));
    refuse_body(request);
}

/* 0, or the status the caller refuses with; -1 when he has answered already. */
static int ask_caller(struct http_request *request)
{
    struct http_server *server = request->server;
    int status = server->events.on_head(server->ctx, request);

    if (status < 0)
        refuse_body(request);
    return status;
}

static int send_continue(struct http_request *request)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    unsigned char *at = request->server->write_buffer + LWS_PRE;
    size_t len = sizeof(text) - 1;

    memcpy(at, text, len);
    return lws_write(request->wsi, at, len, LWS_WRITE_HTTP_HEADERS) == (int)len ? 0 : -1;
}

static int begin_body(struct http_request *request)
{
    buf_init(&request->body, request->server->max_body_bytes);
    loop_timer_start(request->deadline, LIMIT_HTTP_BODY_MS);
    return request->plan.expect_continue ? send_continue(request) : 0;
}

/* ---- callbacks of the library ---- */

static int on_http(struct lws *wsi, struct session *session, struct span path)
{
    struct http_server *server = lws_context_user(lws_get_context(wsi));
    struct http_request *request = http_request_new(server, wsi);
    const char *why = "refused";
    int status;

    BUG_ON(session->request);
    session->request = request;
    lws_set_opaque_user_data(wsi, server); /* marks a connection that has had a request */
    TAILQ_INSERT_TAIL(&server->requests, request, link);
    request->deadline = loop_timer_new(server->loop, on_deadline, request);
    status = http_read_head(request, &server->wanted, path, server->max_body_bytes, &why);
    request->plan_failed = status != 0;
    if (status == 0)
        status = ask_caller(request);
    if (status > 0)
        refuse(request, status, why);
    if (status != 0)
        return 0;
    if (request->plan.framing != HTTP_BODY_NONE)
        return begin_body(request);
    hand_over(request);
    return 0;
}

/* Guard: the end of the body is where our own count says; bytes behind it close the connection
 * (4.3.5 passes them on as body, 4.1.6 repeats the completion without end). */
static int on_body(struct http_request *request, struct span bytes)
{
    int done;

    if (request->refused || bytes.len == 0)
        return 0;
    if (request->phase != HTTP_READING)
        return -1;
    done = http_request_take_body(request, bytes);
    if (done > 1)
        refuse(request, done, done == 413 ? "the body is too large" : "the body is broken");
    else if (done == 1)
        hand_over(request);
    return done < 0 ? -1 : 0;
}

/* Guard: 4.1.6 calls this again and again when the client sends more. */
static int on_body_completion(struct http_request *request)
{
    if (++request->completions > 1)
        return -1;
    return request->phase == HTTP_READING ? -1 : 0;
}

static int linger(struct http_request *request)
{
    request->phase = HTTP_LINGERING;
    if (make_watch(request) < 0)
        return -1;
    shutdown(lws_get_socket_fd(request->wsi), SHUT_WR);
    lws_rx_flow_control(request->wsi, 0);
    loop_watch_set(request->watch, LOOP_READ);
    loop_timer_start(request->deadline, LINGER_MS);
    return 0;
}

/* All is sent: the next request of the connection, or its end. */
static int complete(struct http_request *request)
{
    struct lws *wsi = request->wsi;
    bool keep_alive = request->keep_alive;

    if (request->unread)
        return linger(request);
    forget(request, true);
    if (!keep_alive)
        return -1;
    lws_rx_flow_control(wsi, 1);
    return lws_http_transaction_completed(wsi) ? -1 : 0;
}

/* True when the client may have the whole answer.  Its next request can be here at once, so the
 * transaction must end in the callback that wrote the last byte: the library would take what comes
 * before for more of this request's body. */
static bool is_all_sent(const struct http_request *request)
{
    return request->out.ended && http_out_next(&request->out, 1).len == 0 &&
           !lws_partial_buffered(request->wsi);
}

/* Guard: one write a callback, and all of it or none of the connection. */
static int write_piece(struct http_request *request)
{
    struct span piece = http_out_next(&request->out, WRITE_BYTES);
    unsigned char *at = request->server->write_buffer + LWS_PRE;

    memcpy(at, piece.data, piece.len);
    if (lws_write(request->wsi, at, piece.len, LWS_WRITE_HTTP) != (int)piece.len)
        return -1;
    http_out_sent(&request->out, piece.len);
    if (is_all_sent(request))
        return complete(request);
    loop_timer_start(request->deadline, LIMIT_HTTP_WRITE_MS);
    lws_callback_on_writable(request->wsi);
    return 0;
}

static int on_writeable(struct http_request *request)
{
    if (request->closing || request->phase == HTTP_LINGERING)
        return 0;
    if (http_out_next(&request->out, 1).len > 0)
        return write_piece(request);
    if (request->out.ended)
        return complete(request);
    if (request->phase == HTTP_HANDED)
        wait_for_answer(request);
    return 0;
}

static int
on_request_event(struct http_request *request, enum lws_callback_reasons reason, struct span bytes)
{
    switch ((int)reason) {
    case LWS_CALLBACK_HTTP_BODY:
        return on_body(request, bytes);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return on_body_completion(request);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return on_writeable(request);
    case LWS_CALLBACK_CLOSED_HTTP:
        forget(request, false);
        return 0;
    default:
        return 0;
    }
}

/* No upgrade is offered, and one that is not taken is to be ignored (RFC 9110 section 7.8): Java's
 * client asks for h2c with each first request.  Without its name the library goes on with HTTP/1.1.
 * Guard: one that it does not know it answers itself (403) and ends the connection; but a later
 * request's connection it keeps, and asks here with a `name` in memory that it has freed. */
static int decline_upgrade(struct lws *wsi, char *name)
{
    if (lws_get_opaque_user_data(wsi))
        return -1;
    *name = '\0';
    return 0;
}

static int
on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    struct session *session = user;

    switch ((int)reason) {
    case LWS_CALLBACK_HTTP:
        return on_http(wsi, session, span_make(in, len));
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return decline_upgrade(wsi, in);
    default:
        return session && session->request
                   ? on_request_event(session->request, reason, span_make(in, len))
                   : 0;
    }
}

static const struct lws_protocols protocols[] = {
    { .name = "http", .callback = on_lws, .per_session_data_size = sizeof(struct session) },
    { .name = NULL },
};

/* ---- answers ---- */

static struct http_out_options out_options(struct http_request *request,
                                           int status,
                                           const char *content_type,
                                           const struct http_header *headers)
{
    bool has_body = request->plan_failed || request->plan.framing != HTTP_BODY_NONE;

    if (request->phase == HTTP_READING && has_body)
        request->unread = true;
    /* The library counts no chunks, so it can't tell where a next request would begin.  Guard: what
     * comes behind a request without a body it buffers, and if that is a request with a body, 4.1.6
     * takes the buffer from its start for the body, and reads on in it when it is freed. */
    if (request->unread || request->plan.framing != HTTP_BODY_LENGTH)
        request->keep_alive = false;
    return (struct http_out_options){ .status = status,
                                      .content_type = content_type,
                                      .headers = headers,
                                      .keep_alive = request->keep_alive,
                                      .head_only = request->method == HTTP_HEAD };
}

void http_respond(struct http_request *request,
                  int status,
                  const char *content_type,
                  const struct http_header *headers,
                  struct span body)
{
    struct http_out_options options = out_options(request, status, content_type, headers);

    http_out_whole(&request->out, &options, body);
    want_write(request);
}

void http_stream_begin(struct http_request *request,
                       int status,
                       const char *content_type,
                       const struct http_header *headers)
{
    struct http_out_options options = out_options(request, status, content_type, headers);

    options.chunked = request->version_1_1;
    http_out_begin(&request->out, &options);
    want_write(request);
}

int http_stream_write(struct http_request *request, struct span bytes, struct err *err)
{
    if (request->closing)
        return err_set(err, ERR_CLOSED, "the client is gone");
    if (http_out_add(&request->out, bytes, err) < 0) {
        close_soon(request);
        return -1;
    }
    want_write(request);
    return 0;
}

void http_stream_end(struct http_request *request)
{
    http_out_end(&request->out);
    want_write(request);
}

/* ---- the server ---- */

static int start_library(struct http_server *server, struct err *err)
{
    server->context = http_context_new(server->loop, protocols, server, &server->vhost, err);
    return server->context ? 0 : -1;
}

/* The library takes the descriptor, also when it fails. */
static void on_accept(void *ctx, int fd)
{
    lws_adopt_socket_vhost(((struct http_server *)ctx)->vhost, fd);
}

struct http_server *http_server_new(struct loop *loop,
                                    const struct http_server_options *options,
                                    const struct http_server_events *events,
                                    void *ctx,
                                    struct err *err)
{
    struct http_server *server = NEW(struct http_server);

    server->loop = loop;
    server->events = *events;
    server->ctx = ctx;
    server->max_body_bytes = options->max_body_bytes;
    http_wanted_init(&server->wanted, options->headers);
    server->write_buffer = xcalloc(1, LWS_PRE + WRITE_BYTES);
    TAILQ_INIT(&server->requests);
    server->acceptor =
        http_acceptor_new(loop, options->host, options->port, on_accept, server, err);
    if (!server->acceptor || start_library(server, err) < 0) {
        http_server_free(server);
        return NULL;
    }
    server->port = http_acceptor_port(server->acceptor);
    return server;
}

const char *http_server_library_version(void)
{
    return lws_get_library_version();
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}

void http_server_stop_listening(struct http_server *server)
{
    http_acceptor_free(TAKE(server->acceptor));
}

void http_server_free(struct http_server *server)
{
    if (!server)
        return;
    http_server_stop_listening(server);
    /* The library closes its connections in later turns of the loop; no request is left for it. */
    while (!TAILQ_EMPTY(&server->requests))
        forget(TAILQ_FIRST(&server->requests), false);
    if (server->context)
        http_context_free(server->loop, server->context);
    http_wanted_done(&server->wanted);
    free(server->write_buffer);
    free(server);
}

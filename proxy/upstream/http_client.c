#include "proxy/upstream/http_client.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/mem.h"
#include "proxy/upstream/http_url.h"

#define CONNECT_TIMEOUT_MS 15000L
#define REDIRECTS_MAX      5
#define IDLE_MAX_S         4L /* official servers close idle connections after 5 s */
#define KEEPALIVE_S        30L
#define HEADER_MAX_BYTES   4096
#define TYPE_MAX_BYTES     256

struct http_client {
    struct loop *loop; /* borrowed */
    CURLM *multi;      /* owned */
    struct loop_timer *timer;
    struct loop_task start_task; /* adds what was started inside a callback of libcurl */
    struct http_exchange *starting;
    unsigned depth; /* callbacks of libcurl above us */
};

struct http_exchange {
    struct http_client *client; /* borrowed */
    CURL *easy;                 /* owned */
    struct curl_slist *headers; /* owned */
    struct http_events events;
    void *ctx;
    char *method, *url; /* owned */
    char *body;         /* owned */
    size_t body_len, body_sent;
    char *location; /* owned: of a redirect */
    struct http_head head;
    struct loop_task end_task; /* removes it outside libcurl's callbacks */
    struct http_exchange *next_starting;
    unsigned redirects;
    bool added, head_told, freed, ended;
    char error[CURL_ERROR_SIZE];
};

static void check_ended(struct http_client *client);

/* --- libcurl on the loop --- */

struct socket_watch {
    struct http_client *client;
    struct loop_watch *watch;
    curl_socket_t fd;
};

static void on_socket(void *ctx, unsigned events)
{
    struct socket_watch *socket = ctx;
    struct http_client *client = socket->client;
    int flags = 0, running;

    if (events & LOOP_READ)
        flags |= CURL_CSELECT_IN;
    if (events & LOOP_WRITE)
        flags |= CURL_CSELECT_OUT;
    client->depth++;
    curl_multi_socket_action(client->multi, socket->fd, flags, &running);
    client->depth--;
    check_ended(client);
}

static void free_socket(void *object)
{
    free(object);
}

static void forget_socket(struct http_client *client, struct socket_watch *socket)
{
    if (!socket)
        return;
    loop_watch_free(socket->watch);
    loop_reap(client->loop, socket, free_socket);
}

static struct socket_watch *watch_socket(struct http_client *client, curl_socket_t fd)
{
    struct socket_watch *socket = NEW(struct socket_watch);
    struct err err = ERR_INIT;

    socket->client = client;
    socket->fd = fd;
    socket->watch = loop_watch_new(client->loop, fd, on_socket, socket, &err);
    BUG_ON(!socket->watch);
    curl_multi_assign(client->multi, fd, socket);
    return socket;
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *client_ctx, void *socket_ctx)
{
    struct http_client *client = client_ctx;
    struct socket_watch *socket = socket_ctx;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        curl_multi_assign(client->multi, fd, NULL);
        forget_socket(client, socket);
        return 0;
    }
    if (!socket)
        socket = watch_socket(client, fd);
    loop_watch_set(socket->watch, ((what & CURL_POLL_IN) ? LOOP_READ : 0u) |
                                      ((what & CURL_POLL_OUT) ? LOOP_WRITE : 0u));
    return 0;
}

static void on_timer(void *ctx)
{
    struct http_client *client = ctx;
    int running;

    client->depth++;
    curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    client->depth--;
    check_ended(client);
}

static int set_timer(CURLM *multi, long timeout_ms, void *ctx)
{
    struct http_client *client = ctx;

    (void)multi;
    if (timeout_ms < 0)
        loop_timer_stop(client->timer);
    else
        loop_timer_start(client->timer, (uint64_t)timeout_ms);
    return 0;
}

struct http_client *http_client_new(struct loop *loop)
{
    struct http_client *client = NEW(struct http_client);

    BUG_ON(curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK);
    client->loop = loop;
    client->timer = loop_timer_new(loop, on_timer, client);
    client->multi = curl_multi_init();
    BUG_ON(!client->multi);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    return client;
}

/* Behind the exchanges that were freed in the same turn. */
static void free_client(void *object)
{
    struct http_client *client = object;

    curl_multi_cleanup(client->multi);
    loop_timer_free(client->timer);
    curl_global_cleanup();
    free(client);
}

void http_client_free(struct http_client *client)
{
    if (!client)
        return;
    loop_unpost(client->loop, &client->start_task);
    loop_reap(client->loop, client, free_client);
}

/* --- the head of an answer --- */

static void clear_head(struct http_head *head)
{
    free(head->content_type);
    free(head->session_id);
    free(head->challenge);
    *head = (struct http_head){ 0 };
}

/* The value when the line is this header; NULL with a value that is no plain text. */
static bool header_is(struct span line, const char *name, struct span *ret_value)
{
    size_t len = strlen(name);

    if (line.len <= len || line.data[len] != ':' || strncasecmp(line.data, name, len) != 0)
        return false;
    *ret_value = span_trim(span_skip(line, len + 1));
    return ret_value->len <= HEADER_MAX_BYTES && !memchr(ret_value->data, '\0', ret_value->len);
}

static void keep_header(char **place, struct span value)
{
    free(*place);
    *place = span_dup(value);
}

static void keep_type(struct http_head *head, struct span value)
{
    const char *parameters = memchr(value.data, ';', value.len);

    if (parameters)
        value = span_trim(span_make(value.data, (size_t)(parameters - value.data)));
    if (value.len > TYPE_MAX_BYTES)
        value.len = TYPE_MAX_BYTES;
    keep_header(&head->content_type, value);
    for (char *c = head->content_type; *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    }
}

static size_t on_header(char *data, size_t size, size_t count, void *ctx)
{
    struct http_exchange *exchange = ctx;
    struct span line = span_make(data, size * count), value;

    if (span_starts_with(line, SPAN("HTTP/"))) {
        clear_head(&exchange->head);
        free(TAKE(exchange->location));
    } else if (header_is(line, "content-type", &value)) {
        keep_type(&exchange->head, value);
    } else if (header_is(line, "mcp-session-id", &value)) {
        keep_header(&exchange->head.session_id, value);
    } else if (header_is(line, "www-authenticate", &value)) {
        keep_header(&exchange->head.challenge, value);
    } else if (header_is(line, "location", &value)) {
        keep_header(&exchange->location, value);
    }
    return size * count;
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static int status_of(struct http_exchange *exchange)
{
    long status = 0;

    curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

static bool will_redirect(struct http_exchange *exchange)
{
    return is_redirect(exchange->head.status) && exchange->location;
}

/* Tells the head once; false when there is nobody to tell any more. */
static bool tell_head(struct http_exchange *exchange)
{
    exchange->head.status = status_of(exchange);
    if (!exchange->head.content_type)
        exchange->head.content_type = xstrdup("");
    if (exchange->head_told || will_redirect(exchange))
        return !exchange->freed;
    exchange->head_told = true;
    exchange->events.on_head(exchange->ctx, &exchange->head);
    return !exchange->freed;
}

static size_t on_body(char *data, size_t size, size_t count, void *ctx)
{
    struct http_exchange *exchange = ctx;

    if (exchange->freed || !tell_head(exchange))
        return CURL_WRITEFUNC_ERROR;
    if (will_redirect(exchange))
        return size * count;
    exchange->events.on_body(exchange->ctx, span_make(data, size * count));
    return exchange->freed ? CURL_WRITEFUNC_ERROR : size * count;
}

/* libcurl can't rewind this, so that it never sends a body twice. */
static size_t on_send(char *data, size_t size, size_t count, void *ctx)
{
    struct http_exchange *exchange = ctx;
    size_t len = exchange->body_len - exchange->body_sent;

    if (len > size * count)
        len = size * count;
    if (len)
        memcpy(data, exchange->body + exchange->body_sent, len);
    exchange->body_sent += len;
    return len;
}

/* --- starting and ending --- */

static void set_method(struct http_exchange *exchange)
{
    CURL *easy = exchange->easy;

    if (strcmp(exchange->method, "POST") == 0) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->body_len);
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_send);
        curl_easy_setopt(easy, CURLOPT_READDATA, exchange);
    } else if (strcmp(exchange->method, "GET") == 0) {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    } else {
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, exchange->method);
    }
}

static void set_options(struct http_exchange *exchange, uint64_t timeout_ms)
{
    CURL *easy = exchange->easy;

    curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->error);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, IDLE_MAX_S);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, KEEPALIVE_S);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, KEEPALIVE_S);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "mcpfold/" MCPFOLD_VERSION);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
    set_method(exchange);
}

static void add_header(struct http_exchange *exchange, const char *line)
{
    struct curl_slist *headers = curl_slist_append(exchange->headers, line);

    BUG_ON(!headers);
    exchange->headers = headers;
}

/* Without a value libcurl would leave the header out: it wants "Name;" then. */
static void add_any_header(struct http_exchange *exchange, const char *line)
{
    CLEANUP(str) char *copy = xstrdup(line);
    char *colon = strchr(copy, ':');

    if (colon && colon[1 + strspn(colon + 1, " ")] == '\0') {
        colon[0] = ';';
        colon[1] = '\0';
    }
    add_header(exchange, copy);
}

static void copy_headers(struct http_exchange *exchange, const struct header_list *headers)
{
    for (size_t i = 0; headers && i < headers->count; i++)
        add_any_header(exchange, headers->lines[i]);
    /* Without this libcurl waits for "100 Continue" before it sends a larger body. */
    add_header(exchange, "Expect:");
}

static void add_now(struct http_exchange *exchange)
{
    exchange->added = true;
    curl_multi_add_handle(exchange->client->multi, exchange->easy);
}

static void add_started(void *ctx)
{
    struct http_client *client = ctx;

    while (client->starting) {
        struct http_exchange *exchange = client->starting;

        client->starting = exchange->next_starting;
        add_now(exchange);
    }
}

/* libcurl forbids adding a transfer inside its callbacks. */
static void add(struct http_exchange *exchange)
{
    struct http_client *client = exchange->client;

    if (!client->depth) {
        add_now(exchange);
        return;
    }
    exchange->next_starting = client->starting;
    client->starting = exchange;
    loop_post(client->loop, &client->start_task, add_started, client);
}

struct http_exchange *http_start(struct http_client *client,
                                 const struct http_request *request,
                                 const struct http_events *events,
                                 void *ctx,
                                 struct err *err)
{
    struct http_exchange *exchange = NEW(struct http_exchange);

    exchange->client = client;
    exchange->events = *events;
    exchange->ctx = ctx;
    exchange->method = xstrdup(request->method);
    exchange->url = xstrdup(request->url);
    exchange->body = span_dup(request->body);
    exchange->body_len = request->body.len;
    exchange->easy = curl_easy_init();
    BUG_ON(!exchange->easy);
    copy_headers(exchange, request->headers);
    set_options(exchange, request->timeout_ms);
    if (curl_easy_setopt(exchange->easy, CURLOPT_URL, exchange->url) != CURLE_OK) {
        err_set(err, ERR_INVALID, "the URL can't be used");
        http_exchange_free(exchange);
        return NULL;
    }
    add(exchange);
    return exchange;
}

static enum err_code code_of(CURLcode result, const struct http_exchange *exchange)
{
    switch ((int)result) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return ERR_UNAVAILABLE;
    case CURLE_OPERATION_TIMEDOUT:
        return exchange->body_sent || !exchange->body_len ? ERR_TIMEOUT : ERR_UNAVAILABLE;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
        return ERR_INVALID;
    case CURLE_OUT_OF_MEMORY:
        return ERR_LIMIT;
    default:
        return ERR_CLOSED;
    }
}

static void set_error(struct http_exchange *exchange, CURLcode result, struct err *err)
{
    CLEANUP(str) char *url = http_url_for_people(exchange->url);

    err_set(err, code_of(result, exchange), "%s: %s%s", url,
            exchange->error[0] ? exchange->error : curl_easy_strerror(result),
            result == CURLE_COULDNT_CONNECT ? "; is the server running?" : "");
}

static int refuse_redirect(const struct http_exchange *exchange, const char *why, struct err *err)
{
    CLEANUP(str) char *from = http_url_for_people(exchange->url);
    CLEANUP(str) char *resolved = http_same_origin_url(exchange->url, exchange->location);
    CLEANUP(str)
    char *target = http_url_for_people(resolved ? resolved : exchange->location);

    return err_set(err, ERR_DENIED, "%s: HTTP %d leads to %s: %s; set the new address as `url`",
                   from, exchange->head.status, target, why);
}

/* Follows a redirect.  -1 with err when it leads elsewhere, or would change the method. */
static int follow(struct http_exchange *exchange, struct err *err)
{
    char *url;

    if (exchange->head.status != 307 && exchange->head.status != 308)
        return refuse_redirect(exchange, "only 307 and 308 keep what is sent", err);
    if (++exchange->redirects > REDIRECTS_MAX)
        return refuse_redirect(exchange, "too many redirects", err);
    url = http_same_origin_url(exchange->url, exchange->location);
    if (!url)
        return refuse_redirect(exchange, "only redirects within one origin are followed", err);
    free(exchange->url);
    exchange->url = url;
    exchange->body_sent = 0;
    clear_head(&exchange->head);
    free(TAKE(exchange->location));
    curl_easy_setopt(exchange->easy, CURLOPT_URL, exchange->url);
    add(exchange);
    return 0;
}

static void end(struct http_exchange *exchange, CURLcode result)
{
    struct err err = ERR_INIT;

    curl_multi_remove_handle(exchange->client->multi, exchange->easy);
    exchange->added = false;
    if (exchange->freed)
        return;
    if (result == CURLE_OK && tell_head(exchange) && will_redirect(exchange)) {
        if (follow(exchange, &err) == 0)
            return;
    } else if (result != CURLE_OK) {
        set_error(exchange, result, &err);
    }
    exchange->ended = true;
    if (!exchange->freed)
        exchange->events.on_end(exchange->ctx, err.code ? &err : NULL);
}

static void check_ended(struct http_client *client)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(client->multi, &left))) {
        struct http_exchange *exchange = NULL;
        CURLcode result = message->data.result;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&exchange);
        end(exchange, result);
    }
}

static void unlink_starting(struct http_exchange *exchange)
{
    struct http_exchange **link = &exchange->client->starting;

    while (*link && *link != exchange)
        link = &(*link)->next_starting;
    if (*link)
        *link = exchange->next_starting;
}

static void free_exchange(void *object)
{
    struct http_exchange *exchange = object;

    if (exchange->added)
        curl_multi_remove_handle(exchange->client->multi, exchange->easy);
    curl_easy_cleanup(exchange->easy);
    curl_slist_free_all(exchange->headers);
    clear_head(&exchange->head);
    free(exchange->method);
    free(exchange->url);
    free(exchange->body);
    free(exchange->location);
    free(exchange);
}

void http_exchange_free(struct http_exchange *exchange)
{
    if (!exchange || exchange->freed)
        return;
    exchange->freed = true;
    unlink_starting(exchange);
    if (!exchange->client->depth && exchange->added) {
        curl_multi_remove_handle(exchange->client->multi, exchange->easy);
        exchange->added = false;
    }
    loop_reap(exchange->client->loop, exchange, free_exchange);
}

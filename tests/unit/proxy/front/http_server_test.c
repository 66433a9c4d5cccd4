/*
 * The server against hostile and clumsy clients on raw sockets.  Each guard of
 * http_server.c has a test here that fails when the guard is taken out, so
 * that a new libwebsockets tells which are still needed.
 */
#include "proxy/front/http_server.h"

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "tests/unit/proxy/socket_client.h"
#include "tests/unit/test.h"

#define BODY_MAX 1000

struct world {
    struct loop *loop;
    struct http_server *server;
    struct http_request *waiting; /* the last request to /wait or /stream */
    unsigned requests, finished, lost;
};

static struct world w;

static int on_head(void *ctx, struct http_request *request)
{
    (void)ctx;
    if (span_is(http_request_path(request), "/refused"))
        return 403;
    if (span_is(http_request_path(request), "/answered")) {
        http_respond(request, 401, "text/plain", NULL, SPAN("who are you"));
        return -1;
    }
    return 0;
}

static void on_request(void *ctx, struct http_request *request)
{
    struct span path = http_request_path(request);
    struct span value = SPAN_NONE;

    (void)ctx;
    w.requests++;
    if (span_is(path, "/wait")) {
        w.waiting = request;
    } else if (span_is(path, "/stream")) {
        w.waiting = request;
        http_stream_begin(request, 200, "text/event-stream", NULL);
    } else if (span_is(path, "/header")) {
        http_request_header(request, "x-wanted", &value);
        http_respond(request, 200, "text/plain", NULL, value);
    } else if (span_is(path, "/query")) {
        http_respond(request, 200, "text/plain", NULL, http_request_query(request));
    } else {
        http_respond(request, 200, "text/plain", NULL, http_request_body(request));
    }
}

static void on_close(void *ctx, struct http_request *request, bool finished)
{
    (void)ctx;
    if (w.waiting == request)
        w.waiting = NULL;
    if (finished)
        w.finished++;
    else
        w.lost++;
}

static int set_up(void **state)
{
    static const char *const headers[] = { "x-wanted", "content-type", NULL };
    const struct http_server_options options = { .host = "127.0.0.1",
                                                 .max_body_bytes = BODY_MAX,
                                                 .headers = headers };
    const struct http_server_events events = { on_head, on_request, on_close };
    struct err err = ERR_INIT;

    (void)state;
    w = (struct world){ .loop = loop_new(&err) };
    w.server = http_server_new(w.loop, &options, &events, NULL, &err);
    return w.server ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    http_server_free(w.server);
    loop_drain(w.loop, 2000);
    loop_free(w.loop);
    return 0;
}

static struct socket_client *connect_client(void)
{
    return socket_client_new(w.loop, http_server_port(w.server));
}

#define HOST " HTTP/1.1\r\nHost: localhost\r\n"

/* ---- ordinary use ---- */

static void serves_several_requests_of_a_connection(void **state)
{
    struct socket_client *client = connect_client();

    (void)state;
    for (int i = 0; i < 3; i++) {
        socket_client_sendf(client, "POST /echo" HOST "Content-Length: 6\r\n\r\nhello%d", i);
        assert_true(socket_client_wait(client, "\r\n\r\nhello"));
        socket_client_clear(client);
    }
    assert_int_equal(w.requests, 3);
    assert_int_equal(w.finished, 3);
    assert_false(client->closed);
    socket_client_free(client);
}

/* A client in a process of its own, whose next request follows the answer at once. */
static void hurry(int port)
{
    static const char request[] = "POST /echo" HOST "Content-Length: 5\r\n\r\nhello";
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char answer[512];

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
        _exit(1);
    for (int i = 0; i < 2000; i++) {
        ssize_t n = 0;

        if (write(fd, request, sizeof(request) - 1) != sizeof(request) - 1)
            _exit(2);
        while (n < 5 || memcmp(answer + n - 5, "hello", 5) != 0) {
            ssize_t more = read(fd, answer + n, sizeof(answer) - (size_t)n);

            if (more <= 0)
                _exit(3);
            n += more;
        }
    }
    _exit(0);
}

static void serves_a_client_in_a_hurry(void **state)
{
    pid_t pid = fork();
    int status = 0;

    (void)state;
    if (pid == 0)
        hurry(http_server_port(w.server));
    while (waitpid(pid, &status, WNOHANG) == 0)
        run_for(w.loop, 10);
    assert_int_equal(status, 0);
    assert_int_equal(w.finished, 2000);
}

static void serves_connections_side_by_side(void **state)
{
    struct socket_client *slow = connect_client(), *fast = connect_client();

    (void)state;
    socket_client_sendf(slow, "POST /wait" HOST "Content-Length: 2\r\n\r\nab");
    run_for(w.loop, 20);
    assert_non_null(w.waiting);
    socket_client_sendf(fast, "GET /" HOST "\r\n");
    assert_true(socket_client_wait(fast, "200 OK"));
    http_respond(w.waiting, 200, "text/plain", NULL, SPAN("at last"));
    assert_true(socket_client_wait(slow, "at last"));
    socket_client_free(slow);
    socket_client_free(fast);
}

static void reads_path_query_and_headers(void **state)
{
    struct socket_client *client = connect_client();

    (void)state;
    socket_client_sendf(client, "GET /header" HOST "X-Wanted:   some value  \r\n\r\n");
    assert_true(socket_client_wait(client, "\r\n\r\nsome value"));
    socket_client_free(client);
    client = connect_client();
    socket_client_sendf(client, "GET /query?a=1&b=2" HOST "\r\n");
    assert_true(socket_client_wait(client, "\r\n\r\na=1&b=2"));
    socket_client_free(client);
}

static void takes_chunked_bodies(void **state)
{
    struct socket_client *client = connect_client();

    (void)state;
    socket_client_sendf(client, "POST /echo" HOST "Transfer-Encoding: chunked\r\n\r\n5\r\nhel");
    run_for(w.loop, 10);
    socket_client_sendf(client, "lo\r\n0\r\n\r\n");
    assert_true(socket_client_wait(client, "\r\n\r\nhello"));
    assert_true(socket_client_wait_closed(client));
    assert_int_equal(w.finished, 1);
    socket_client_free(client);
}

static void says_continue_when_asked(void **state)
{
    struct socket_client *client = connect_client();

    (void)state;
    socket_client_sendf(client,
                        "POST /echo" HOST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    assert_true(socket_client_wait(client, "100 Continue\r\n\r\n"));
    socket_client_sendf(client, "hello");
    assert_true(socket_client_wait(client, "\r\n\r\nhello"));
    socket_client_free(client);
}

static void ignores_upgrades(void **state)
{
    struct socket_client *client = connect_client();

    (void)state;
    socket_client_sendf(client,
                        "GET /" HOST "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                        "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
    assert_true(socket_client_wait(client, "HTTP/1.1 200 OK"));
    socket_client_free(client);
    client = connect_client();
    socket_client_sendf(client, "GET /" HOST "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                                "Sec-WebSocket-Version: 13\r\n\r\n");
    assert_true(socket_client_wait(client, "HTTP/1.1 200 OK"));
    socket_client_free(client);
}

/* The library answers these itself, and asks about a later one when its headers are gone. */
static void survives_unknown_upgrades(void **state)
{
    static const char upgrade[] = "GET /" HOST "Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n\r\n";
    struct socket_client *client = connect_client();

    (void)state;
    socket_client_sendf(client, "%s", upgrade);
    assert_true(socket_client_wait_closed(client));
    socket_client_free(client);
    client = connect_client();
    socket_client_sendf(client, "POST /echo" HOST "Content-Length: 5\r\n\r\nhello");
    assert_true(socket_client_wait(client, "\r\n\r\nhello"));
    socket_client_sendf(client, "%s", upgrade);
    assert_true(socket_client_wait_closed(client));
    socket_client_free(client);
    assert_int_equal(w.requests, 1);
}

/* ---- refusals ---- */

static const struct {
    const char *request;
    const char *answer; /* the status, or NULL when the connection is just closed */
} refused[] = {
    { "POST /" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", " 400 " },
    { "POST /" HOST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", " 400 " },
    { "POST /" HOST "Content-Length: -5\r\n\r\nhello", " 400 " },
    { "POST /" HOST "Content-Length : 5\r\n\r\nhello", " 411 " },
    { "POST /" HOST "\r\n", " 411 " },
    { "POST /" HOST "Host: other\r\nContent-Length: 0\r\n\r\n", " 400 " },
    { "POST /" HOST "Content-Length: 1001\r\n\r\nhello", " 413 " },
    { "POST /" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", " 501 " },
    { "POST /" HOST "Transfer-Encoding: chunked\r\n\r\nzz\r\n", " 400 " },
    { "POST /refused" HOST "Content-Length: 5\r\n\r\nhello", " 403 " },
    { "POST /answered" HOST "Content-Length: 5\r\n\r\nhello", " 401 " },
    { "GET /" HOST "Content-Length: 5\r\n\r\nhello", " 400 " },
    { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", " 403 " },
    { "\x16\x03\x01\x02\x01\x01\x01\x01", NULL },
};

static void refuses_what_two_readers_could_read_differently(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(refused); i++) {
        struct socket_client *client = connect_client();

        socket_client_send(client, span_of(refused[i].request));
        if (refused[i].answer && !socket_client_wait(client, refused[i].answer))
            fail_msg("%s -> %s", refused[i].request, buf_str(&client->in));
        if (refused[i].answer)
            assert_true(socket_client_wait_closed(client));
        socket_client_free(client);
    }
    assert_int_equal(w.requests, 0);
}

static void refuses_a_chunked_body_over_the_limit(void **state)
{
    struct socket_client *client = connect_client();

    (void)state;
    socket_client_sendf(client, "POST /" HOST "Transfer-Encoding: chunked\r\n\r\n3e9\r\n%01001d",
                        7);
    assert_true(socket_client_wait(client, " 413 "));
    assert_true(socket_client_wait_closed(client));
    socket_client_free(client);
}

/* The answer arrives although the client goes on sending a body that nobody reads. */
static void lets_a_refused_client_read_its_answer(void **state)
{
    struct socket_client *client = connect_client();
    char *much = xcalloc(1, 512 * 1024);

    (void)state;
    socket_client_sendf(client, "POST /" HOST "Content-Length: 9999999\r\n\r\n");
    socket_client_send(client, span_make(much, 512 * 1024));
    assert_true(socket_client_wait(client, " 413 "));
    assert_true(socket_client_wait_closed(client));
    socket_client_free(client);
    free(much);
}

static void refuses_headers_over_the_limit(void **state)
{
    struct socket_client *client = connect_client();

    (void)state;
    socket_client_sendf(client, "GET /" HOST "User-Agent: %0*d\r\n\r\n", LIMIT_HTTP_HEADER_BYTES,
                        1);
    assert_true(socket_client_wait(client, " 431 "));
    socket_client_free(client);
    client = connect_client();
    socket_client_sendf(client, "GET /" HOST "User-Agent: %0*d\r\n\r\n",
                        4 * LIMIT_HTTP_HEADER_BYTES, 1);
    assert_true(socket_client_wait_closed(client));
    socket_client_free(client);
    assert_int_equal(w.requests, 0);
}

/* ---- bytes and ends where none are due ---- */

static uint64_t cpu_ms(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

/* Runs the loop for half a second, which must cost next to nothing. */
static void assert_idle(void)
{
    uint64_t before = cpu_ms();

    run_for(w.loop, 500);
    assert_in_range(cpu_ms() - before, 0, 150);
}

/* 4.1.6 tells of the completed body again and again; 4.3.5 takes the bytes for body. */
static void closes_on_bytes_behind_a_body(void **state)
{
    static const char *const bodies[] = {
        "Content-Length: 2\r\n\r\nabGET / HTTP/1.1\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(bodies); i++) {
        struct socket_client *client = connect_client();

        socket_client_sendf(client, "POST /wait" HOST "%s", bodies[i]);
        assert_true(socket_client_wait_closed(client));
        assert_idle();
        assert_null(w.waiting);
        socket_client_free(client);
    }
}

/* A second request before the answer to the first closes the connection; of the first nothing is
 * mixed up with it. */
static void closes_on_bytes_while_the_answer_is_due(void **state)
{
    static const char *const requests[] = { "POST /wait" HOST "Content-Length: 2\r\n\r\nab",
                                            "GET /wait" HOST "\r\n", "GET /stream" HOST "\r\n" };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(requests); i++) {
        struct socket_client *client = connect_client();

        socket_client_send(client, span_of(requests[i]));
        run_for(w.loop, 50);
        assert_non_null(w.waiting);
        socket_client_sendf(client, "GET /echo" HOST "\r\n");
        assert_true(socket_client_wait_closed(client));
        assert_idle();
        assert_null(w.waiting);
        socket_client_free(client);
    }
    assert_int_equal(w.requests, 3);
}

static void takes_nothing_behind_a_request_without_body(void **state)
{
    static const char *const firsts[] = { "GET /query?n=1" HOST "\r\n", "GET /refused" HOST "\r\n",
                                          "POST /query" HOST "Content-Length: 0\r\n\r\n" };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(firsts); i++) {
        struct socket_client *client = connect_client();

        socket_client_sendf(client, "%sPOST /echo" HOST "Content-Length: 5\r\n\r\nhello",
                            firsts[i]);
        assert_true(socket_client_wait_closed(client));
        assert_non_null(strstr(buf_str(&client->in), "connection: close"));
        assert_null(strstr(buf_str(&client->in), "hello"));
        socket_client_free(client);
    }
    assert_int_equal(w.requests, 2);
}

/* The library's buffer holds the POST when the stream ends. */
static void takes_nothing_behind_a_stream(void **state)
{
    struct socket_client *client = connect_client();

    (void)state;
    socket_client_sendf(client,
                        "GET /stream" HOST "\r\nPOST /echo" HOST "Content-Length: 5\r\n\r\nhello");
    assert_true(socket_client_wait(client, "text/event-stream"));
    http_stream_end(w.waiting);
    assert_true(socket_client_wait_closed(client));
    socket_client_free(client);
    assert_int_equal(w.requests, 1);
    assert_int_equal(w.finished, 1);
}

/* 4.1.6 spins until the next write when such a client goes away. */
static void sees_at_once_that_a_client_is_gone(void **state)
{
    static const char *const requests[] = {
        "POST /wait" HOST "Content-Length: 2\r\n\r\nab",
        "POST /wait" HOST "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        "GET /wait" HOST "\r\n",
        "GET /stream" HOST "\r\n",
        "POST /stream" HOST "Content-Length: 2\r\n\r\nab",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(requests); i++) {
        struct socket_client *client = connect_client();

        socket_client_send(client, span_of(requests[i]));
        run_for(w.loop, 50);
        assert_non_null(w.waiting);
        socket_client_free(client);
        run_for(w.loop, 50);
        assert_null(w.waiting);
        assert_int_equal(w.lost, i + 1);
        assert_idle();
    }
}

static void costs_nothing_while_a_stream_is_idle(void **state)
{
    struct socket_client *client = connect_client();
    struct err err = ERR_INIT;

    (void)state;
    socket_client_sendf(client, "GET /stream" HOST "\r\n");
    assert_true(socket_client_wait(client, "text/event-stream"));
    assert_idle();
    assert_int_equal(http_stream_write(w.waiting, SPAN("data: 1\n\n"), &err), 0);
    assert_true(socket_client_wait(client, "data: 1"));
    assert_idle();
    http_stream_end(w.waiting);
    assert_true(socket_client_wait(client, "0\r\n\r\n"));
    assert_int_equal(w.finished, 1);
    assert_true(socket_client_wait_closed(client));
    socket_client_free(client);
}

static void drops_a_reader_that_is_too_slow(void **state)
{
    struct socket_client *client = connect_client(), *other = connect_client();
    char *piece = xcalloc(1, 1024 * 1024);
    struct err err = ERR_INIT;
    int pieces = 0;

    (void)state;
    socket_client_sendf(client, "GET /stream" HOST "\r\n");
    assert_true(socket_client_wait(client, "text/event-stream"));
    socket_client_pause(client, true);
    while (pieces < 100 && http_stream_write(w.waiting, span_make(piece, 1024 * 1024), &err) == 0) {
        run_for(w.loop, 2);
        pieces++;
    }
    assert_int_equal(err.code, ERR_LIMIT);
    assert_in_range(pieces, 8, 30);
    run_for(w.loop, 20);
    assert_int_equal(w.lost, 1);
    socket_client_sendf(other, "GET /query?fine" HOST "\r\n");
    assert_true(socket_client_wait(other, "fine"));
    socket_client_free(client);
    socket_client_free(other);
    free(piece);
}

static void sends_large_answers_whole(void **state)
{
    struct socket_client *client = connect_client();
    size_t len = (size_t)20 * 1024 * 1024;
    char *body = xcalloc(1, len);

    (void)state;
    memset(body, 'x', len);
    body[len - 1] = '!';
    socket_client_sendf(client, "GET /wait" HOST "\r\n");
    run_for(w.loop, 20);
    http_respond(w.waiting, 200, "text/plain", NULL, span_make(body, len));
    assert_true(socket_client_wait(client, "x!"));
    assert_in_range(client->in.len, len + 50, len + 200);
    socket_client_free(client);
    free(body);
}

static void a_taken_port_is_named(void **state)
{
    const struct http_server_options options = { .host = "127.0.0.1",
                                                 .port = (uint16_t)http_server_port(w.server),
                                                 .max_body_bytes = 1 };
    const struct http_server_events events = { on_head, on_request, on_close };
    struct err err = ERR_INIT;

    (void)state;
    assert_null(http_server_new(w.loop, &options, &events, NULL, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_non_null(strstr(err.text, "another program has this port"));
}

static void closes_all_when_it_ends(void **state)
{
    struct socket_client *client = connect_client();

    (void)state;
    socket_client_sendf(client, "GET /stream" HOST "\r\n");
    assert_true(socket_client_wait(client, "text/event-stream"));
    http_server_free(w.server);
    w.server = NULL;
    assert_int_equal(w.lost, 1);
    assert_true(socket_client_wait_closed(client));
    socket_client_free(client);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(serves_several_requests_of_a_connection),
        TEST(serves_a_client_in_a_hurry),
        TEST(serves_connections_side_by_side),
        TEST(reads_path_query_and_headers),
        TEST(takes_chunked_bodies),
        TEST(says_continue_when_asked),
        TEST(ignores_upgrades),
        TEST(survives_unknown_upgrades),
        TEST(refuses_what_two_readers_could_read_differently),
        TEST(refuses_a_chunked_body_over_the_limit),
        TEST(lets_a_refused_client_read_its_answer),
        TEST(refuses_headers_over_the_limit),
        TEST(closes_on_bytes_behind_a_body),
        TEST(closes_on_bytes_while_the_answer_is_due),
        TEST(takes_nothing_behind_a_request_without_body),
        TEST(takes_nothing_behind_a_stream),
        TEST(sees_at_once_that_a_client_is_gone),
        TEST(costs_nothing_while_a_stream_is_idle),
        TEST(drops_a_reader_that_is_too_slow),
        TEST(sends_large_answers_whole),
        TEST(a_taken_port_is_named),
        TEST(closes_all_when_it_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

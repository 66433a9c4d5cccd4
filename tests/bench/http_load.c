/*
 * One request over HTTP again and again, on so many connections: a client that
 * takes next to no processor time from what it measures.
 *
 *     http_load PORT SESSION CONNECTIONS SECONDS PAUSE_MS BODY
 *
 * Each connection sends the body, waits for the whole answer, then PAUSE_MS.
 * Prints JSON: the time of each answer in microseconds, in order, and beside
 * it what the proxy says it took inside (`total_us`; 0 where it says nothing).
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/loop.h"
#include "base/mem.h"

#define CONNECTIONS_MAX 256
#define ANSWER_MAX      65536
#define SAMPLES_MAX     1000000
#define NS_A_MS         UINT64_C(1000000)

struct connection {
    int fd;
    uint64_t sent_ns; /* 0 while it pauses */
    uint64_t next_ns; /* when the next request is due */
    size_t len;
    char answer[ANSWER_MAX + 1];
};

static struct {
    struct span request;
    uint64_t pause_ns, end_ns;
    unsigned *took_us, *inside_us;
    size_t count;
} load;

static void __attribute__((noreturn)) fail(const char *what)
{
    fprintf(stderr, "http_load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void connect_to(struct connection *c, uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int on = 1;

    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        fail("cannot connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void send_request(struct connection *c)
{
    struct err err = ERR_INIT;

    c->len = 0;
    c->sent_ns = clock_now_ns();
    if (fd_write_all(c->fd, load.request.data, load.request.len, &err) < 0)
        fail(err.text);
}

/* The bytes of the whole answer, once its head is there; else 0. */
static size_t answer_bytes(const struct connection *c)
{
    const char *end = strstr(c->answer, "\r\n\r\n");
    const char *length = strcasestr(c->answer, "content-length:");

    if (!end)
        return 0;
    if (!length || length > end || !strstr(c->answer, " 200 "))
        fail(c->answer);
    return (size_t)(end + 4 - c->answer) + strtoul(length + strlen("content-length:"), NULL, 10);
}

static void take_sample(struct connection *c)
{
    const char *inside = strstr(c->answer, "\"total_us\":");
    uint64_t now = clock_now_ns();

    if (strstr(c->answer, "\"isError\":true") || strstr(c->answer, "\"error\":"))
        fail(c->answer);
    if (load.count < SAMPLES_MAX) {
        load.took_us[load.count] = (unsigned)((now - c->sent_ns) / 1000);
        load.inside_us[load.count] =
            inside ? (unsigned)strtoul(inside + strlen("\"total_us\":"), NULL, 10) : 0;
        load.count++;
    }
    c->sent_ns = 0;
    c->next_ns = now + load.pause_ns;
}

static void receive(struct connection *c)
{
    ssize_t n = recv(c->fd, c->answer + c->len, ANSWER_MAX - c->len, 0);
    size_t whole;

    if (n <= 0)
        fail("no answer");
    c->len += (size_t)n;
    c->answer[c->len] = '\0';
    whole = answer_bytes(c);
    if (whole > ANSWER_MAX)
        fail("the answer is too long");
    if (whole && c->len >= whole)
        take_sample(c);
}

/* Sends what is due; the milliseconds until the next is. */
static int send_due(struct connection *connections, size_t count)
{
    uint64_t now = clock_now_ns(), next = now + 1000 * NS_A_MS;

    for (size_t i = 0; i < count; i++) {
        struct connection *c = &connections[i];

        if (c->sent_ns == 0 && c->next_ns <= now)
            send_request(c);
        else if (c->sent_ns == 0 && c->next_ns < next)
            next = c->next_ns;
    }
    return (int)((next - now + NS_A_MS - 1) / NS_A_MS);
}

static void turn(struct connection *connections, size_t count)
{
    struct pollfd events[CONNECTIONS_MAX];
    int wait_ms = send_due(connections, count);

    for (size_t i = 0; i < count; i++)
        events[i] = (struct pollfd){ .fd = connections[i].fd, .events = POLLIN };
    if (poll(events, count, wait_ms) < 0 && errno != EINTR)
        fail("poll");
    for (size_t i = 0; i < count; i++) {
        if (events[i].revents)
            receive(&connections[i]);
    }
}

static void print_list(const char *name, const unsigned *list, const char *after)
{
    printf("\"%s\":[", name);
    for (size_t i = 0; i < load.count; i++)
        printf("%s%u", i ? "," : "", list[i]);
    printf("]%s", after);
}

int main(int argc, char **argv)
{
    CLEANUP(buf) struct buf request = BUF(ANSWER_MAX);
    struct connection *connections;
    size_t count;

    if (argc != 7 || (count = strtoul(argv[3], NULL, 10)) == 0 || count > CONNECTIONS_MAX) {
        fprintf(stderr, "usage: http_load PORT SESSION CONNECTIONS SECONDS PAUSE_MS BODY\n");
        return 2;
    }
    buf_printf(&request,
               "POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:%s\r\ncontent-type: application/json\r\n"
               "accept: application/json, text/event-stream\r\nmcp-session-id: %s\r\n"
               "mcp-protocol-version: 2025-11-25\r\ncontent-length: %zu\r\n\r\n%s",
               argv[1], argv[2], strlen(argv[6]), argv[6]);
    load.request = buf_span(&request);
    load.pause_ns = strtoul(argv[5], NULL, 10) * NS_A_MS;
    load.took_us = xcalloc(SAMPLES_MAX, sizeof(*load.took_us));
    load.inside_us = xcalloc(SAMPLES_MAX, sizeof(*load.inside_us));
    connections = xcalloc(count, sizeof(*connections));
    for (size_t i = 0; i < count; i++)
        connect_to(&connections[i], (uint16_t)strtoul(argv[1], NULL, 10));
    load.end_ns = clock_now_ns() + (uint64_t)(strtod(argv[4], NULL) * 1000) * NS_A_MS;
    while (clock_now_ns() < load.end_ns)
        turn(connections, count);
    printf("{");
    print_list("took_us", load.took_us, ",");
    print_list("inside_us", load.inside_us, "}\n");
    return 0;
}

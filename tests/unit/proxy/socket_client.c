/*
 * Every wait turns the loop in small steps and looks again.
 */
#include "tests/unit/proxy/socket_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"

#define STEP_MS 2
#define WAIT_MS 5000

static void stop_loop(void *ctx)
{
    loop_stop(ctx);
}

void run_for(struct loop *loop, unsigned ms)
{
    struct loop_timer *timer = loop_timer_new(loop, stop_loop, loop);

    loop_timer_start(timer, ms);
    loop_run(loop);
    loop_timer_free(timer);
}

static void on_readable(void *ctx, unsigned events)
{
    struct socket_client *client = ctx;
    char *room = buf_room(&client->in, 65536);
    ssize_t len = recv(client->fd, room, 65536, MSG_DONTWAIT);

    (void)events;
    if (len > 0)
        buf_filled(&client->in, (size_t)len);
    if (len == 0 || (len < 0 && errno != EAGAIN)) {
        client->closed = true;
        loop_watch_set(client->watch, 0);
    }
}

struct socket_client *socket_client_new(struct loop *loop, int port)
{
    struct socket_client *client = NEW(struct socket_client);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    struct err err = ERR_INIT;

    client->loop = loop;
    buf_init(&client->in, 64 * 1024 * 1024);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    BUG_ON(connect(client->fd, (struct sockaddr *)&address, sizeof(address)) < 0);
    BUG_ON(fd_set_nonblocking(client->fd, &err) < 0);
    client->watch = loop_watch_new(loop, client->fd, on_readable, client, &err);
    BUG_ON(!client->watch);
    loop_watch_set(client->watch, LOOP_READ);
    return client;
}

void socket_client_free(struct socket_client *client)
{
    loop_watch_free(client->watch);
    fd_close(&client->fd);
    buf_done(&client->in);
    free(client);
}

void socket_client_send(struct socket_client *client, struct span bytes)
{
    for (int tries = 0; bytes.len && tries < WAIT_MS / STEP_MS && !client->closed; tries++) {
        ssize_t len = send(client->fd, bytes.data, bytes.len, MSG_NOSIGNAL);

        if (len > 0)
            bytes = span_skip(bytes, (size_t)len);
        else if (errno != EAGAIN)
            return;
        else
            run_for(client->loop, STEP_MS);
    }
}

void socket_client_sendf(struct socket_client *client, const char *format, ...)
{
    CLEANUP(buf) struct buf text = BUF(64 * 1024 * 1024);
    va_list args;

    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    socket_client_send(client, buf_span(&text));
}

static bool contains(const struct socket_client *client, const char *text)
{
    return client->in.len && memmem(client->in.data, client->in.len, text, strlen(text)) != NULL;
}

bool socket_client_wait(struct socket_client *client, const char *text)
{
    for (int tries = 0; tries < WAIT_MS / STEP_MS; tries++) {
        if (contains(client, text))
            return true;
        if (client->closed)
            return false;
        run_for(client->loop, STEP_MS);
    }
    return false;
}

bool socket_client_wait_closed(struct socket_client *client)
{
    for (int tries = 0; tries < WAIT_MS / STEP_MS && !client->closed; tries++)
        run_for(client->loop, STEP_MS);
    return client->closed;
}

void socket_client_clear(struct socket_client *client)
{
    buf_clear(&client->in);
}

void socket_client_pause(struct socket_client *client, bool paused)
{
    loop_watch_set(client->watch, paused ? 0 : LOOP_READ);
}

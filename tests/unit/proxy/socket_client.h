/*
 * A client on a raw socket that lives on the loop of the server under test, so
 * that one thread plays both ends.
 */
#ifndef TESTS_UNIT_PROXY_SOCKET_CLIENT_H
#define TESTS_UNIT_PROXY_SOCKET_CLIENT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/loop.h"

struct socket_client {
    struct loop *loop;
    int fd;
    struct loop_watch *watch;
    struct buf in; /* all that has come */
    bool closed;   /* by the server */
};

/* Connects to a port of 127.0.0.1. */
struct socket_client *socket_client_new(struct loop *loop, int port);
void socket_client_free(struct socket_client *client); /* closes */

/* Sends all of it, running the loop while the socket is full. */
void socket_client_send(struct socket_client *client, struct span bytes);
void socket_client_sendf(struct socket_client *client, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Runs the loop until what has come contains `text` (true), or the server closes, or 5 s pass. */
bool socket_client_wait(struct socket_client *client, const char *text);

/* Runs the loop until the server closes the connection; false after 5 s. */
bool socket_client_wait_closed(struct socket_client *client);

/* Forgets what has come. */
void socket_client_clear(struct socket_client *client);

/* Stops and resumes reading. */
void socket_client_pause(struct socket_client *client, bool paused);

/* Runs the loop for a time. */
void run_for(struct loop *loop, unsigned ms);

#endif

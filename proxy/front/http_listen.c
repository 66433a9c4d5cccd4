/*
 * Our own listener: libwebsockets would report a port already taken only in
 * its log.
 */
#include "proxy/front/http_listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/fd.h"

#define BACKLOG 1024

static int bound_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);

    if (getsockname(fd, (struct sockaddr *)&address, &len) < 0)
        return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

static int listen_at(const struct addrinfo *at)
{
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, at->ai_addr, at->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0)
        fd_close(&fd);
    return fd;
}

static int explain(const char *host, uint16_t port, int error_number, struct err *err)
{
    const char *mend = "";

    if (error_number == EADDRINUSE)
        mend =
            " (another program has this port: end it, or choose another with listen: or --listen)";
    else if (error_number == EADDRNOTAVAIL)
        mend = " (this machine has no such address)";
    else if (error_number == EACCES)
        mend = " (ports under 1024 need a privilege)";
    err_sys(err, ERR_IO, error_number, "listening on %s port %u%s", host, port, mend);
    return -1;
}

int http_listen(const char *host, uint16_t port, int *ret_port, struct err *err)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
    struct addrinfo *found = NULL;
    char service[8];
    int code, fd = -1, error_number = EADDRNOTAVAIL;

    snprintf(service, sizeof(service), "%u", port);
    code = getaddrinfo(host, service, &hints, &found);
    if (code)
        return err_set(err, ERR_IO, "listening on %s: %s", host, gai_strerror(code));
    for (struct addrinfo *at = found; at && fd < 0; at = at->ai_next) {
        fd = listen_at(at);
        error_number = errno;
    }
    freeaddrinfo(found);
    if (fd < 0)
        return explain(host, port, error_number, err);
    *ret_port = bound_port(fd);
    return fd;
}

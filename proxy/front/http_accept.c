/*
 * Descriptors are given out from the lowest on, so that the number of a new
 * one tells how many are open.
 */
#include "proxy/front/http_accept.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/front/http_listen.h"

#define ACCEPT_AT_ONCE 64  /* connections taken in one turn */
#define PAUSE_MS       100 /* when there is no descriptor for one more */

struct http_acceptor {
    struct loop *loop; /* borrowed */
    http_accept_fn *fn;
    void *ctx;
    int listen_fd; /* owned */
    int port;
    struct loop_watch *watch; /* owned */
    struct loop_timer *timer; /* owned: ends a pause */
    bool short_of_descriptors;
};

bool http_is_for_clients(int fd)
{
    struct rlimit limit;
    rlim_t kept;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return true;
    kept = limit.rlim_cur / 4;
    if (kept > LIMIT_DESCRIPTORS_KEPT)
        kept = LIMIT_DESCRIPTORS_KEPT;
    return (rlim_t)fd < limit.rlim_cur - kept;
}

/* The socket stays readable while connections wait, so it is not looked at for a while. */
static void pause_accepting(struct http_acceptor *acceptor, const char *why)
{
    if (!acceptor->short_of_descriptors)
        log_warn("front", "accept_paused", LOG_STR("why", why),
                 LOG_STR("mend", "raise the limit on open files (ulimit -n)"));
    acceptor->short_of_descriptors = true;
    loop_watch_set(acceptor->watch, 0);
    loop_timer_start(acceptor->timer, PAUSE_MS);
}

static void on_pause_over(void *ctx)
{
    struct http_acceptor *acceptor = ctx;

    loop_watch_set(acceptor->watch, LOOP_READ);
}

/* True when there may be more connections to take. */
static bool accept_one(struct http_acceptor *acceptor)
{
    int fd = accept4(acceptor->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0 && (errno == ECONNABORTED || errno == EINTR))
        return true;
    if (fd < 0) {
        if (errno != EAGAIN)
            pause_accepting(acceptor, strerror(errno));
        return false;
    }
    if (!http_is_for_clients(fd)) {
        fd_close(&fd);
        pause_accepting(acceptor, "nearly all descriptors are in use");
        return false;
    }
    acceptor->short_of_descriptors = false;
    acceptor->fn(acceptor->ctx, fd);
    return true;
}

static void on_readable(void *ctx, unsigned events)
{
    struct http_acceptor *acceptor = ctx;

    (void)events;
    for (int i = 0; i < ACCEPT_AT_ONCE && accept_one(acceptor); i++)
        continue;
}

struct http_acceptor *http_acceptor_new(struct loop *loop,
                                        const char *host,
                                        uint16_t port,
                                        http_accept_fn *fn,
                                        void *ctx,
                                        struct err *err)
{
    struct http_acceptor *acceptor = NEW(struct http_acceptor);

    acceptor->loop = loop;
    acceptor->fn = fn;
    acceptor->ctx = ctx;
    acceptor->timer = loop_timer_new(loop, on_pause_over, acceptor);
    acceptor->listen_fd = http_listen(host, port, &acceptor->port, err);
    if (acceptor->listen_fd >= 0)
        acceptor->watch = loop_watch_new(loop, acceptor->listen_fd, on_readable, acceptor, err);
    if (!acceptor->watch) {
        http_acceptor_free(acceptor);
        return NULL;
    }
    loop_watch_set(acceptor->watch, LOOP_READ);
    return acceptor;
}

int http_acceptor_port(const struct http_acceptor *acceptor)
{
    return acceptor->port;
}

static void free_acceptor(void *object)
{
    free(object);
}

void http_acceptor_free(struct http_acceptor *acceptor)
{
    if (!acceptor)
        return;
    loop_watch_free(acceptor->watch);
    loop_timer_free(acceptor->timer);
    fd_close(&acceptor->listen_fd);
    loop_reap(acceptor->loop, acceptor, free_acceptor);
}

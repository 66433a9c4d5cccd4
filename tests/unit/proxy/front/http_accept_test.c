/*
 * More clients than descriptors.
 */
#include "proxy/front/http_accept.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/proxy/socket_client.h"
#include "tests/unit/test.h"

#define DESCRIPTORS 60
#define CLIENTS     100

struct world {
    struct loop *loop;
    struct http_acceptor *acceptor;
    int accepted[CLIENTS];
    size_t count;
};

static void on_connection(void *ctx, int fd)
{
    struct world *w = ctx;

    assert_true(w->count < CLIENTS);
    w->accepted[w->count++] = fd;
}

static void close_accepted(struct world *w)
{
    while (w->count)
        close(w->accepted[--w->count]);
}

/* Clients in a process of their own, with descriptors of their own. */
static pid_t start_clients(int port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    pid_t pid = fork();

    if (pid)
        return pid;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < CLIENTS; i++) {
        if (connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&to, sizeof(to)) < 0)
            _exit(1);
    }
    pause();
    _exit(0);
}

static void end_clients(pid_t pid)
{
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static struct rlimit set_limit(rlim_t descriptors)
{
    struct rlimit before, limit;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    limit = (struct rlimit){ .rlim_cur = descriptors, .rlim_max = before.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    return before;
}

/* Our own stderr, from here on, goes to a file. */
static int redirect_log(int *ret_before)
{
    int file = memfd_create("log", MFD_CLOEXEC);

    assert_true(file >= 0);
    *ret_before = dup(2);
    dup2(file, 2);
    return file;
}

static void restore_log(int before)
{
    dup2(before, 2);
    close(before);
}

static void keeps_the_last_descriptors(void **state)
{
    struct err err = ERR_INIT;
    struct world w = { .loop = loop_new(&err) };
    struct rlimit before;
    int log_before, log = redirect_log(&log_before);
    char text[4096];
    ssize_t len;
    pid_t clients;

    (void)state;
    w.acceptor = http_acceptor_new(w.loop, "127.0.0.1", 0, on_connection, &w, &err);
    assert_non_null(w.acceptor);
    clients = start_clients(http_acceptor_port(w.acceptor));
    before = set_limit(DESCRIPTORS);
    run_for(w.loop, 500);
    assert_in_range(w.count, 10, DESCRIPTORS * 3 / 4);
    for (int i = 0; i < DESCRIPTORS / 4; i++)
        w.accepted[w.count++] = open("/dev/null", O_RDONLY);
    assert_true(w.accepted[w.count - 1] >= 0);
    run_for(w.loop, 300);
    close_accepted(&w);
    run_for(w.loop, 300);
    assert_in_range(w.count, 10, DESCRIPTORS * 3 / 4);
    setrlimit(RLIMIT_NOFILE, &before);
    restore_log(log_before);

    len = pread(log, text, sizeof(text) - 1, 0);
    assert_in_range(len, 1, sizeof(text) - 2);
    text[len] = '\0';
    assert_non_null(strstr(text, "accept_paused"));

    end_clients(clients);
    close_accepted(&w);
    close(log);
    http_acceptor_free(w.acceptor);
    loop_drain(w.loop, 1000);
    loop_free(w.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_last_descriptors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

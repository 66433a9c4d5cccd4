/*
 * The least that a proxy with a process of its own for each call can cost: a
 * relay between standard input and output and a server, that has every message
 * echoed by a process which was forked ahead and serves one call.  It reads
 * nothing of what it passes on.
 *
 *     relay MEMORY_MIB COMMAND ARGUMENT...
 *
 * The process it forks from has so much memory written to.  One call at a time.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/loop.h"
#include "base/mem.h"

#define MESSAGE_BYTES 65536
#define READY_COUNT   4                 /* processes that wait for a call */
#define QUIET_NS      UINT64_C(2000000) /* after a call, before its process is replaced */

struct relay {
    int server_fd, forker_fd;
    int ready[READY_COUNT];
    unsigned ready_count, requested;
    int current; /* the process of the call under way; -1: none */
    uint64_t refill_at_ns;
    char message[MESSAGE_BYTES];
};

static void __attribute__((noreturn)) fail(const char *what)
{
    fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void make_pair(int fds[2])
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        fail("socketpair");
}

/* Forks; true in the child, whose end is fds[1]. */
static bool fork_with_pair(int fds[2])
{
    pid_t pid;

    make_pair(fds);
    pid = fork();
    if (pid < 0)
        fail("fork");
    return pid == 0;
}

static void write_all(int fd, const char *data, size_t len)
{
    if (fd_write_all(fd, data, len, NULL) < 0)
        fail("write");
}

/* --- the processes that are forked --- */

static void __attribute__((noreturn)) echo(int fd)
{
    char message[MESSAGE_BYTES];
    ssize_t n;

    while ((n = read(fd, message, sizeof(message))) > 0)
        write_all(fd, message, (size_t)n);
    _exit(0);
}

static void hand_over(int to_fd, int fd)
{
    char control[CMSG_SPACE(sizeof(fd))] = { 0 }, byte = 0;
    struct iovec data = { &byte, 1 };
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
    };
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);

    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(fd));
    memcpy(CMSG_DATA(head), &fd, sizeof(fd));
    if (sendmsg(to_fd, &message, MSG_NOSIGNAL) != 1)
        fail("sendmsg");
}

static void fork_one(int forker_fd)
{
    int fds[2];

    if (fork_with_pair(fds)) {
        close(fds[0]);
        close(forker_fd);
        echo(fds[1]);
    }
    close(fds[1]);
    hand_over(forker_fd, fds[0]);
    close(fds[0]);
}

/* Forks at each byte, until there are no more. */
static void __attribute__((noreturn)) serve_forks(int fd, size_t memory_bytes)
{
    char *memory =
        mmap(NULL, memory_bytes + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char byte;

    if (memory == MAP_FAILED)
        fail("mmap");
    memset(memory, 1, memory_bytes);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (read(fd, &byte, 1) == 1)
        fork_one(fd);
    _exit(0);
}

static int start_forker(size_t memory_bytes)
{
    int fds[2];

    if (fork_with_pair(fds)) {
        close(fds[0]);
        serve_forks(fds[1], memory_bytes);
    }
    close(fds[1]);
    return fds[0];
}

/* --- the relay --- */

static int start_server(char *const *argv)
{
    extern char **environ;
    posix_spawn_file_actions_t actions;
    int fds[2], failure;
    pid_t pid;

    make_pair(fds);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fds[1], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
    failure = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failure) {
        errno = failure;
        fail(argv[0]);
    }
    close(fds[1]);
    return fds[0];
}

static void request(struct relay *relay)
{
    while (relay->ready_count + relay->requested < READY_COUNT) {
        write_all(relay->forker_fd, "", 1);
        relay->requested++;
    }
}

static void take_forked(struct relay *relay)
{
    char control[CMSG_SPACE(sizeof(int))], byte;
    struct iovec data = { &byte, 1 };
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
    };

    if (recvmsg(relay->forker_fd, &message, MSG_CMSG_CLOEXEC) != 1 || !CMSG_FIRSTHDR(&message))
        fail("recvmsg");
    memcpy(&relay->ready[relay->ready_count++], CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
    relay->requested--;
}

static void begin_call(struct relay *relay)
{
    if (relay->current >= 0)
        return;
    if (!relay->ready_count) {
        request(relay);
        take_forked(relay);
    }
    relay->current = relay->ready[--relay->ready_count];
}

static void end_call(struct relay *relay)
{
    fd_close(&relay->current);
    relay->refill_at_ns = clock_now_ns() + QUIET_NS;
}

/* Reads a part of a message, has it echoed, and writes it on.  False at the end of `from_fd`. */
static bool pass(struct relay *relay, int from_fd, int to_fd)
{
    ssize_t n = read(from_fd, relay->message, sizeof(relay->message)), back = 0;

    if (n <= 0)
        return false;
    begin_call(relay);
    write_all(relay->current, relay->message, (size_t)n);
    while (back < n) {
        ssize_t got =
            read(relay->current, relay->message + back, sizeof(relay->message) - (size_t)back);

        if (got <= 0)
            fail("no echo");
        back += got;
    }
    write_all(to_fd, relay->message, (size_t)n);
    return true;
}

static int wait_ms(const struct relay *relay)
{
    uint64_t now = clock_now_ns();

    if (!relay->refill_at_ns)
        return -1;
    return now >= relay->refill_at_ns ? 0 : (int)((relay->refill_at_ns - now) / 1000000) + 1;
}

static bool turn(struct relay *relay)
{
    struct pollfd events[] = { { STDIN_FILENO, POLLIN, 0 },
                               { relay->server_fd, POLLIN, 0 },
                               { relay->forker_fd, POLLIN, 0 } };

    if (poll(events, ARRAY_COUNT(events), wait_ms(relay)) < 0 && errno != EINTR)
        fail("poll");
    if (events[0].revents && !pass(relay, STDIN_FILENO, relay->server_fd))
        return false;
    if (events[1].revents) {
        if (!pass(relay, relay->server_fd, STDOUT_FILENO))
            return false;
        end_call(relay);
    }
    if (events[2].revents && relay->requested)
        take_forked(relay);
    if (relay->refill_at_ns && wait_ms(relay) == 0) {
        relay->refill_at_ns = 0;
        request(relay);
    }
    return true;
}

int main(int argc, char **argv)
{
    static struct relay relay = { .current = -1 };

    if (argc < 3) {
        fprintf(stderr, "usage: relay MEMORY_MIB COMMAND ARGUMENT...\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
    relay.forker_fd = start_forker(strtoul(argv[1], NULL, 10) << 20);
    relay.server_fd = start_server(argv + 2);
    request(&relay);
    while (turn(&relay))
        ;
    return 0;
}

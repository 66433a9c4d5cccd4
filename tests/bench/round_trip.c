/*
 * The least that an answer of another process can cost here: a byte over a
 * socket pair to a process that waits, and back.
 *
 *     round_trip SECONDS PAUSE_MS
 *
 * Prints JSON: the time of each round trip in microseconds, and the private
 * memory of the process that waits, in KiB.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/loop.h"
#include "base/mem.h"

#define NS_A_MS UINT64_C(1000000)

static void __attribute__((noreturn)) fail(const char *what)
{
    fprintf(stderr, "round_trip: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void __attribute__((noreturn)) echo(int fd)
{
    struct pollfd ready = { .fd = fd, .events = POLLIN };
    char byte;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (poll(&ready, 1, -1) > 0 && recv(fd, &byte, 1, 0) == 1)
        send(fd, &byte, 1, MSG_NOSIGNAL);
    _exit(0);
}

static unsigned round_trip_us(int fd)
{
    struct pollfd ready = { .fd = fd, .events = POLLIN };
    uint64_t start = clock_now_ns();
    char byte = 0;

    if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1 || poll(&ready, 1, -1) < 0 ||
        recv(fd, &byte, 1, 0) != 1)
        fail("no answer");
    return (unsigned)((clock_now_ns() - start) / 1000);
}

static unsigned long private_kib(pid_t pid)
{
    CLEANUP(str) char *path = xasprintf("/proc/%d/smaps_rollup", (int)pid);
    CLEANUP(buf) struct buf text = BUF(65536);
    struct err err = ERR_INIT;
    unsigned long kib = 0;

    if (file_read(path, &text, &err) < 0)
        fail(err.text);
    for (const char *at = buf_str(&text); (at = strstr(at, "Private_")); at++)
        kib += strtoul(strchr(at, ':') + 1, NULL, 10);
    return kib;
}

int main(int argc, char **argv)
{
    uint64_t end_ns;
    int pair[2];
    pid_t pid;

    if (argc != 3) {
        fprintf(stderr, "usage: round_trip SECONDS PAUSE_MS\n");
        return 2;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 || (pid = fork()) < 0)
        fail("cannot start");
    if (pid == 0)
        echo(pair[1]);
    end_ns = clock_now_ns() + (uint64_t)(strtod(argv[1], NULL) * 1000) * NS_A_MS;
    printf("{\"took_us\":[%u", round_trip_us(pair[0]));
    while (clock_now_ns() < end_ns) {
        poll(NULL, 0, (int)strtol(argv[2], NULL, 10));
        printf(",%u", round_trip_us(pair[0]));
    }
    printf("],\"private_kib\":%lu}\n", private_kib(pid));
    kill(pid, SIGKILL);
    return 0;
}

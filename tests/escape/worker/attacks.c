#include "tests/escape/worker/attacks.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "isolate/mappings.h"

/* Of kernels newer than Debian 12's headers. */
#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif

/* Of x86-64 alone; nobody can make them elsewhere. */
#ifndef SYS_open
#define SYS_open     (-1)
#define SYS_stat     (-1)
#define SYS_access   (-1)
#define SYS_readlink (-1)
#define SYS_poll     (-1)
#define SYS_dup2     (-1)
#endif

#define PAGE_BYTES       4096
#define DESCRIPTORS      1024
#define SEND_BYTES       4096
#define MAP_BYTES        (UINT64_C(1) << 30)
#define MAP_TIMES        64 /* far beyond any limit of an execution */
#define SOCKET_FD        0
#define CONTROL_BYTES    CMSG_SPACE(sizeof(int))
#define MAPS_MAX_BYTES   (1024 * 1024)
#define CODE_BYTES       4096                /* of what is executable */
#define PAGE_TABLE_BYTES (UINT64_C(2) << 20) /* that one page of a page table stands for */

static char zeros[256];
static char buffer[65536];

/* The end of memory that is executable; best of what is writable as well. */
static struct mapping code;

static int prefer_code(const struct mapping *mapping, void *ctx, struct err *err)
{
    (void)ctx;
    (void)err;
    if ((mapping->protection & PROT_EXEC) && mapping->end - mapping->start > CODE_BYTES &&
        mapping->protection >= code.protection)
        code = *mapping;
    return 0;
}

int attack_look_around(struct err *err)
{
    CLEANUP(buf) struct buf maps = BUF(MAPS_MAX_BYTES);

    if (mappings_read(&maps, err) < 0)
        return -1;
    return mappings_each(buf_span(&maps), prefer_code, NULL, err);
}

/* A descriptor for the proxy, which would have to let it in. */
static long attack_pass_descriptor(void)
{
    char control[CONTROL_BYTES] = { 0 };
    struct iovec bytes = { .iov_base = buffer, .iov_len = 1 };
    struct msghdr header = {
        .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CONTROL_BYTES
    };
    struct cmsghdr *item = CMSG_FIRSTHDR(&header);

    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(sizeof(int));
    return syscall(SYS_sendmsg, SOCKET_FD, &header, MSG_NOSIGNAL);
}

static long attack_receive_descriptor(void)
{
    char control[CONTROL_BYTES] = { 0 };
    struct iovec bytes = { .iov_base = buffer, .iov_len = 1 };
    struct msghdr header = {
        .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CONTROL_BYTES
    };

    return syscall(SYS_recvmsg, SOCKET_FD, &header, MSG_DONTWAIT);
}

/* Sends to each descriptor but its own; EBADF when there is none. */
static long attack_guess_descriptors(void)
{
    for (int fd = 1; fd < DESCRIPTORS; fd++) {
        if (syscall(SYS_sendto, fd, buffer, 0, MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0) >= 0 ||
            errno != EBADF)
            return fd;
    }
    errno = EBADF;
    return -1;
}

static long attack_read_process(pid_t pid)
{
    struct iovec mine = { .iov_base = buffer, .iov_len = PAGE_BYTES };
    struct iovec its = { .iov_base = zeros, .iov_len = sizeof(zeros) };

    return syscall(SYS_process_vm_readv, pid, &mine, 1, &its, 1, 0);
}

static long attack_raise_limit(void)
{
    struct rlimit limit = { .rlim_cur = 64, .rlim_max = 64 };

    return syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &limit, 0);
}

/* A process may be deaf to all but SIGKILL. */
static long attack_ignore_signals(void)
{
    sigset_t all;

    sigfillset(&all);
    return sigprocmask(SIG_SETMASK, &all, NULL);
}

static long attack_map(int protection, int flags)
{
    return syscall(SYS_mmap, 0, PAGE_BYTES, protection, flags | MAP_ANONYMOUS, -1, 0) < 0 ? -1 : 0;
}

static long attack_make_executable(void)
{
    void *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return page == MAP_FAILED ? 0 : mprotect(page, PAGE_BYTES, PROT_READ | PROT_EXEC);
}

/* More executable memory, or a second view of what there is, without asking for the right. */
static long attack_remap_code(size_t old_bytes, size_t new_bytes)
{
    /* NOLINTNEXTLINE(performance-no-int-to-ptr) */
    void *last = (void *)(code.end - CODE_BYTES);

    return mremap(last, old_bytes, new_bytes, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0;
}

/* Address space and one page of a page table for each part of it, which no limit of writable
 * memory counts; the last refusal. */
static long attack_map_all(int protection)
{
    for (int i = 0; i < MAP_TIMES; i++) {
        char *map =
            mmap(NULL, MAP_BYTES, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        if (map == MAP_FAILED)
            return -1;
        for (uint64_t at = 0; at < MAP_BYTES; at += PAGE_TABLE_BYTES)
            (void)*(volatile char *)(map + at);
    }
    return 0;
}

static long attack_advise(int advice)
{
    void *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return page == MAP_FAILED ? 0 : madvise(page, PAGE_BYTES, advice);
}

#ifdef __x86_64__
/* The calls of 32-bit programs, which have other numbers. */
static long attack_int80(long number, long a, long b)
{
    long result;

    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b) : "memory");
    return result;
}

/* The kernel looks at the lower half of the number alone, as the filter does: getpid. */
static long attack_wide_number(void)
{
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"((INT64_C(1) << 32) | SYS_getpid)
                     : "rcx", "r11", "memory");
    return result > 0 ? 0 : result;
}
#endif

#define ATTACK(name, outcome, layer, expression) \
    static long run_##name(void)                 \
    {                                            \
        return expression;                       \
    }
#include "tests/escape/worker/attacks.def"
#undef ATTACK

static const struct attack {
    const char *name;
    long (*run)(void);
} attacks[] = {
#define ATTACK(name, outcome, layer, expression) { #name, run_##name },
#include "tests/escape/worker/attacks.def"
#undef ATTACK
};

long attack_run(const char *name)
{
    for (size_t i = 0; i < ARRAY_COUNT(attacks); i++) {
        if (strcmp(attacks[i].name, name) == 0) {
            long result = attacks[i].run();

            return result == -1 ? -errno : result;
        }
    }
    return -ENOSYS;
}

enum { LISTED_WORKER = 1, LISTED_ZYGOTE = 2, LISTED_BOTH = 3 };

static const struct listed {
    int who;
    long number;
} listed[] = {
#define ALLOW(who, call, ...)             { LISTED_##who, SYS_##call },
#define ALLOW_EQUAL(who, call, ...)       { LISTED_##who, SYS_##call },
#define ALLOW_MASKED(who, call, ...)      { LISTED_##who, SYS_##call },
#define ALLOW_MASKED_BOTH(who, call, ...) { LISTED_##who, SYS_##call },
#define REFUSE(who, call, ...)            { LISTED_##who, SYS_##call },
#define REFUSE_MASKED(who, call, ...)     { LISTED_##who, SYS_##call },
#include "isolate/sandbox_calls.def"
};

long attack_listed(unsigned index)
{
    for (size_t i = 0; i < ARRAY_COUNT(listed); i++) {
        if ((listed[i].who & LISTED_WORKER) && index-- == 0)
            return listed[i].number < 0 ? LONG_MAX : listed[i].number;
    }
    return -1;
}

long attack_call(long number, const long a[ATTACK_ARGUMENTS])
{
    long result = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);

    return result == -1 ? -errno : result;
}

static int digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static long send_all(const char *bytes, size_t len)
{
    while (len) {
        struct pollfd room = { .fd = SOCKET_FD, .events = POLLOUT };
        ssize_t n = send(SOCKET_FD, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0 && errno == EAGAIN && poll(&room, 1, -1) >= 0)
            continue;
        if (n < 0)
            return -errno;
        bytes += n;
        len -= (size_t)n;
    }
    return 0;
}

/* One frame many times over: gathered first, so that the flood is as fast as can be. */
long attack_send(const char *hex, long times)
{
    size_t len = strlen(hex) / 2, at = 0;
    long result = 0;

    if (len == 0 || len > SEND_BYTES)
        return -EINVAL;
    for (; times > 0 && result == 0; times--) {
        for (size_t i = 0; i < len; i++)
            buffer[at++] = (char)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
        if (times == 1 || at + len > sizeof(buffer)) {
            result = send_all(buffer, at);
            at = 0;
        }
    }
    return result;
}

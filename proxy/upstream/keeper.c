#include "proxy/upstream/keeper.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_CANNOT_EXEC 127
#define STAT_BYTES       512

struct keeper {
    pid_t server; /* also its process group */
    int signal_fd;
    bool proxy_gone;
    bool server_gone;
    int stage; /* what ending has come to: 0 not begun, 1 wait, 2 SIGTERM sent, 3 SIGKILL */
};

static void say(const char *letter, int a, int b)
{
    char line[64];
    int len = b < 0 ? snprintf(line, sizeof(line), "%s %d\n", letter, a)
                    : snprintf(line, sizeof(line), "%s %d %d\n", letter, a, b);

    /* The proxy may be gone: then nobody has to know. */
    if (write(KEEPER_FD, line, (size_t)len) < 0)
        return;
}

static void run_server(char **argv, const sigset_t *old_mask)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigprocmask(SIG_SETMASK, old_mask, NULL);
    execvp(argv[0], argv);
    say("E", errno, -1);
    _exit(EXIT_CANNOT_EXEC);
}

/* The parent of a process by /proc/PID/stat; -1 when it can't be read. */
static pid_t parent_of(const char *pid)
{
    char path[64], text[STAT_BYTES];
    const char *behind_name;
    ssize_t n;
    int fd;

    snprintf(path, sizeof(path), "/proc/%s/stat", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (n <= 0)
        return -1;
    text[n] = '\0';
    behind_name = strrchr(text, ')');
    /* ") S 123 ...": state, then the parent */
    if (!behind_name || strlen(behind_name) < 5)
        return -1;
    n = 0;
    for (const char *digit = behind_name + 4; isdigit((unsigned char)*digit); digit++)
        n = n * 10 + (*digit - '0');
    return (pid_t)n;
}

static pid_t number_of(const char *name)
{
    pid_t pid = 0;

    for (; isdigit((unsigned char)*name); name++)
        pid = pid * 10 + (*name - '0');
    return *name ? 0 : pid;
}

/* Kills our children.  Theirs become ours then, and the next round finds them. */
static void kill_children(void)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;

    if (!proc)
        return;
    while ((entry = readdir(proc))) {
        if (isdigit((unsigned char)entry->d_name[0]) && parent_of(entry->d_name) == getpid())
            kill(number_of(entry->d_name), SIGKILL);
    }
    closedir(proc);
}

static void note_exit(struct keeper *keeper, pid_t pid, int status)
{
    if (pid != keeper->server)
        return;
    keeper->server_gone = true;
    if (WIFSIGNALED(status))
        say("X", 0, WTERMSIG(status));
    else
        say("X", WEXITSTATUS(status), 0);
}

/* Reaps what has ended; true while any child is left. */
static bool reap(struct keeper *keeper)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        note_exit(keeper, pid, status);
    return pid == 0;
}

/* The next, harder step of the end. */
static void press_on(struct keeper *keeper)
{
    keeper->stage++;
    if (keeper->stage == 2)
        kill(-keeper->server, SIGTERM);
    else if (keeper->stage >= 3)
        kill_children();
}

static void read_order(struct keeper *keeper)
{
    char order;
    ssize_t n = read(KEEPER_FD, &order, 1);

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0) {
        keeper->proxy_gone = true;
        if (keeper->stage < 1)
            keeper->stage = 1;
    } else if (order == KEEPER_TERM && keeper->stage < 2) {
        keeper->stage = 1;
        press_on(keeper);
    } else if (order == KEEPER_KILL) {
        keeper->stage = 2;
        press_on(keeper);
    }
}

static void read_signals(struct keeper *keeper)
{
    struct signalfd_siginfo info;

    while (read(keeper->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo != SIGCHLD && keeper->stage < 1)
            keeper->stage = 1;
    }
}

/* With the server gone, or the proxy, what remains gets little time; with SIGKILL sent, each round
 * is for children that have just become ours. */
static int patience_ms(const struct keeper *keeper)
{
    if (keeper->stage >= 3)
        return 10;
    if (keeper->proxy_gone || keeper->server_gone || keeper->stage == 1)
        return KEEPER_GRACE_MS;
    return -1;
}

static void watch(struct keeper *keeper)
{
    while (reap(keeper)) {
        struct pollfd fds[] = {
            { .fd = keeper->signal_fd, .events = POLLIN },
            { .fd = keeper->proxy_gone ? -1 : KEEPER_FD, .events = POLLIN },
        };
        int ready;

        if (keeper->server_gone && keeper->stage < 1)
            keeper->stage = 1;
        ready = poll(fds, 2, patience_ms(keeper));
        if (ready == 0)
            press_on(keeper);
        if (ready > 0 && fds[0].revents)
            read_signals(keeper);
        if (ready > 0 && fds[1].revents)
            read_order(keeper);
    }
}

/* The server's pipes must close with the server, so the keeper holds none of them. */
static void let_go_of_pipes(void)
{
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int fd = 0; fd < 3; fd++) {
        if (null_fd < 0 || dup2(null_fd, fd) < 0)
            close(fd);
    }
}

static void block_signals(struct keeper *keeper, sigset_t *ret_old)
{
    static const int numbers[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE };
    sigset_t mask;

    sigemptyset(&mask);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaddset(&mask, numbers[i]);
    sigprocmask(SIG_BLOCK, &mask, ret_old);
    sigdelset(&mask, SIGPIPE);
    keeper->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void keep(char **server_argv)
{
    struct keeper keeper = { .server = 0 };
    sigset_t old_mask;

    /* From here on the socket tells when the proxy is gone, and the server is ended with care. */
    prctl(PR_SET_PDEATHSIG, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_NAME, "mcpfold-keeper");
    fcntl(KEEPER_FD, F_SETFD, FD_CLOEXEC);
    block_signals(&keeper, &old_mask);
    keeper.server = fork();
    if (keeper.server == 0)
        run_server(server_argv, &old_mask);
    if (keeper.server < 0) {
        say("E", errno, -1);
        return;
    }
    setpgid(keeper.server, keeper.server);
    say("P", keeper.server, -1);
    let_go_of_pipes();
    watch(&keeper);
}

void keeper_main(int argc, char **argv)
{
    if (argc < 3 || strcmp(argv[1], KEEPER_ARGUMENT) != 0)
        return;
    keep(argv + 2);
    _exit(0);
}

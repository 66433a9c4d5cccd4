/*
 * Child processes: started in a process group of their own, ended with it.
 *
 * Nothing goes through a shell.  The child gets exactly the descriptors and
 * the environment given here, default signal dispositions and an empty signal
 * mask, and is killed by the kernel when the thread that started it dies
 * (PR_SET_PDEATHSIG); a supervisor that also ends grandchildren is
 * proxy/upstream's.
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/loop.h"

struct child;

struct child_limits {
    uint64_t address_space_bytes; /* 0: none */
};

struct sock_fprog;

/* What the program is kept from; it can't take it off again (PR_SET_NO_NEW_PRIVS). */
struct child_barrier {
    int landlock_rules;              /* borrowed (base/landlock.h); -1: none */
    const struct sock_fprog *filter; /* seccomp, has to permit execve; NULL: none */
};

struct child_options {
    const char *const *argv; /* argv[0] is looked up in PATH of `env` when it has no slash */
    const char *const *env;  /* NULL: our own environment */
    const char *cwd;         /* NULL: ours */
    int stdin_fd, stdout_fd, stderr_fd; /* borrowed; -1: /dev/null */
    int extra_fd;                       /* borrowed, becomes descriptor 3; -1: none */
    struct child_limits limits;
    const struct child_barrier *barrier; /* NULL: none */
};

/* How it ended: `signal_number` is 0 when it exited by itself with `exit_status`. */
typedef void child_exit_fn(void *ctx, int exit_status, int signal_number);

/* Starts a child, or returns NULL with err naming the program (ERR_NOT_FOUND when there is none).
 */
struct child *child_start(struct loop *loop,
                          const struct child_options *options,
                          child_exit_fn *on_exit,
                          void *ctx,
                          struct err *err);

pid_t child_pid(const struct child *child);
bool child_running(const struct child *child);

/* Sends a signal to the child's whole process group, when it still runs. */
void child_kill(struct child *child, int signal_number);

/* Kills the group with SIGKILL when it still runs, reaps and frees; on_exit is not called.
 * Takes NULL. */
void child_free(struct child *child);

#endif
